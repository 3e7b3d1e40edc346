package ui

// phrasesOfChats: conversations through a gateway.
var phrasesOfChats = []phrase{
	{
		"What the server says about the delivery of a reply is not signed by the gateway. It does not count.",
		"Те, що сервер каже про доставку відповіді, не підписав шлюз. Це не рахується.", "То, что сервер говорит о доставке ответа, не подписал шлюз. Это не считается.",
	},
	{
		"What the server says about the delivery of a reply speaks of none in this case. It does not count.",
		"Те, що сервер каже про доставку, не стосується жодної відповіді в цій справі. Це не рахується.", "То, что сервер говорит о доставке, не относится ни к одному ответу в этом деле. Это не считается.",
	},
	{
		"The server shows a position that belongs to no message of this case. It does not count.",
		"Сервер показує місце, яке не належить жодному повідомленню цієї справи. Це не рахується.", "Сервер показывает место, которое не относится ни к одному сообщению этого дела. Это не считается.",
	},
	{"A position is damaged, or sealed to another key.", "Місце пошкоджене або запечатане іншим ключем.", "Место повреждено или запечатано другим ключом."},
	{"A position is not signed by the gateway. It is not shown.", "Місце не підписав шлюз. Його не показано.", "Место не подписал шлюз. Оно не показано."},
	{
		"A position belongs to another message than the one beside which the server shows it. It is not shown.",
		"Місце належить іншому повідомленню, ніж те, біля якого його показує сервер. Його не показано.",
		"Место относится к другому сообщению, чем то, возле которого его показывает сервер. Оно не показано.",
	},
	{
		"the published keys name no gateway that could deliver a reply",
		"В опублікованих ключах немає шлюзу, який доставив би відповідь.", "В опубликованных ключах нет шлюза, который доставил бы ответ.",
	},
	{
		"a reply that a gateway delivers has a copy sealed to it",
		"Відповідь, яку доставляє шлюз, має копію, запечатану для нього.", "У ответа, который доставляет шлюз, есть копия, запечатанная для него.",
	},
	{"what is said of the chat is malformed", "Сказане про чат не тієї форми.", "Сказанное о чате не той формы."},
	{"malformed", "Не тієї форми.", "Не той формы."},
	{"this is nowhere on earth", "Такого місця на землі немає.", "Такого места на земле нет."},
	{"the position is not the one that was signed", "Місце не те, яке підписано.", "Место не то, которое подписано."},
	{"the file has another size than was announced", "Файл іншого розміру, ніж оголошено.", "Файл другого размера, чем объявлено."},
	{
		"sealed under another key or for another purpose, or changed",
		"Запечатано іншим ключем, для іншого призначення або змінено.", "Запечатано другим ключом, для другого назначения или изменено.",
	},
}
