package ui

// phrasesOfKeeping: how long things are kept, and what is let go.
var phrasesOfKeeping = []phrase{
	{"there is no line %q", "Рядка %q у таблиці немає.", "Строки %q в таблице нет."},
	{
		"%s: %d days is out of bounds, %d to %d are allowed; nothing was changed",
		"%s: %d днів — поза межами, дозволено від %d до %d. Нічого не змінено.", "%s: %d дней — вне границ, разрешено от %d до %d. Ничего не изменено.",
	},
	{"not one padded line", "Це не один доповнений рядок.", "Это не одна дополненная строка."},
	{"not a fold of version 1, or incomplete", "Це не згорток версії 1, або він неповний.", "Это не свёрток версии 1, или он неполон."},
	{"its records are out of order", "Повідомлення в ньому не за порядком.", "Сообщения в нём не по порядку."},
	{"it speaks of other keys than the server does", "У ньому інші ключі, ніж показує сервер.", "В нём другие ключи, чем показывает сервер."},
	{"it belongs to another case", "Він з іншої справи.", "Он из другого дела."},
	{"no key on this desk opens it", "Жоден ключ на цьому комп’ютері його не відкриває.", "Ни один ключ на этом компьютере его не открывает."},
	{"the case is folded already", "Справу вже згорнуто.", "Дело уже свёрнуто."},
	{"the case is gone already", "Справи вже немає.", "Дела уже нет."},
	{"somebody waits in this case", "У цій справі хтось чекає.", "В этом деле кто-то ждёт."},
	{
		"this case has ended and is folded: nothing can be added to it. If the person came back, a new case is the place",
		"Справу завершено й згорнуто: додати нічого не можна. Якщо людина повернулася, потрібна нова справа.",
		"Дело завершено и свёрнуто: добавить ничего нельзя. Если человек вернулся, нужно новое дело.",
	},
	{
		"this case has ended and is folded: nothing can be added to it",
		"Справу завершено й згорнуто: додати нічого не можна.", "Дело завершено и свёрнуто: добавить ничего нельзя.",
	},
	{
		"This case has ended and is folded, and no key on this desk opens it.",
		"Справу завершено й згорнуто, і жоден ключ на цьому комп’ютері її не відкриває.",
		"Дело завершено и свёрнуто, и ни один ключ на этом компьютере его не открывает.",
	},
	{
		"This case has ended and is folded, and the fold does not verify.",
		"Справу завершено й згорнуто, але згорток не проходить перевірки.", "Дело завершено и свёрнуто, но свёрток не проходит проверки.",
	},
	{
		"Something written here for case %s was not sent before the case was let go. It is gone too.",
		"Написане тут для справи %s не було надіслано, перш ніж справу стерто. Його теж немає.",
		"Написанное здесь для дела %s не было отправлено до того, как дело было стёрто. Его тоже нет.",
	},
}
