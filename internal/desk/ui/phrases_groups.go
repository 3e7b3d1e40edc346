package ui

// phrasesOfGroups: acts on messages that say nearly the same.
var phrasesOfGroups = []phrase{
	{"there is no such act on a group", "Такої дії з групою немає.", "Такого действия с группой нет."},
	{"an act on a group is under way: wait until it has ended", "Дія з групою ще триває: дочекайтеся кінця.", "Действие с группой ещё идёт: дождитесь конца."},
	{"nothing is left to do for this group", "Для цієї групи вже нічого робити.", "Для этой группы уже нечего делать."},
	{"this is not what was planned last: look at the group again", "Групу вже змінено: погляньте на неї ще раз.", "Группа уже изменилась: посмотрите на неё ещё раз."},
	{"acts on a group need a connection: nothing was done", "Для дій із групою потрібен зв’язок: нічого не зроблено.", "Для действий с группой нужна связь: ничего не сделано."},
	{
		"The connection was lost. What is kept here goes out by itself; nothing else was changed.",
		"Зв’язок обірвався. Що збережено тут, піде саме; більше нічого не змінено.",
		"Связь оборвалась. Что сохранено здесь, уйдёт само; больше ничего не изменено.",
	},
	{"somebody has touched the case", "Зі справою вже хтось працював.", "С делом уже кто-то работал."},
}
