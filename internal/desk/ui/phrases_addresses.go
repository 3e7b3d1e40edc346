package ui

// phrasesOfAddresses: the official addresses of the line.
var phrasesOfAddresses = []phrase{
	{"an address has 1 to 128 characters, all of them visible", "В адресі від 1 до 128 знаків, і всі їх видно.", "В адресе от 1 до 128 знаков, и все они видны."},
	{
		"a Telegram address is @ and a name of 5 to 32 letters, digits and underscores, such as @example_bot",
		"Адреса в Telegram — це @ і назва з 5–32 латинських літер, цифр і підкреслень, наприклад @example_bot.",
		"Адрес в Telegram — это @ и имя из 5–32 латинских букв, цифр и подчёркиваний, например @example_bot.",
	},
	{
		"a telephone number is + and 5 to 15 digits, with nothing but spaces between them",
		"Номер телефону — це + і 5–15 цифр, між якими можуть бути лише пробіли.", "Номер телефона — это + и 5–15 цифр, между которыми могут быть только пробелы.",
	},
	{
		"the address of a page is http:// or https:// and the name of its server, without anything behind it, such as https://example.org",
		"Адреса сторінки — це http:// або https:// і назва сервера, без нічого далі, наприклад https://example.org.",
		"Адрес страницы — это http:// или https:// и имя сервера, без ничего дальше, например https://example.org.",
	},
	{
		"an official address is that of a page, of a bot in Telegram or of a telephone",
		"Офіційна адреса — це адреса сторінки, бота в Telegram або телефон.", "Официальный адрес — это адрес страницы, бота в Telegram или телефон.",
	},
	{"the list has room for %d addresses", "Найбільше адрес у списку: %d.", "Адресов в списке не больше: %d."},
	{"the address %s stands in the list already", "Адреса %s у списку вже є.", "Адрес %s в списке уже есть."},
	{
		"the manifest lists an address that is none",
		"У маніфесті є офіційна адреса, яка насправді не адреса.", "В манифесте есть официальный адрес, который на деле не адрес.",
	},
	{"what pages know has not come to this computer yet", "Те, що знають сторінки, ще не надійшло на цей комп’ютер.", "То, что знают страницы, ещё не пришло на этот компьютер."},
	{
		"a change of the addresses by %s waits already: approve or refuse it first",
		"Уже чекає зміна адрес, яку подає %s: спершу схваліть її або відхиліть.", "Уже ждёт изменение адресов, которое подаёт %s: сначала одобрите его или отклоните.",
	},
	{"this address is not in the list any more: look at it again", "Цієї адреси у списку вже немає: гляньте на нього ще раз.", "Этого адреса в списке уже нет: взгляните на него ещё раз."},
	{"it is published already", "Це вже оприлюднено.", "Это уже опубликовано."},
}
