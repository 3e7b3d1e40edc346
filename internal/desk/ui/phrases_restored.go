package ui

// phrasesOfRestore: the server was made from a backup.
var phrasesOfRestore = []phrase{
	{
		"The server was restored from a backup of %s. %d acts that this desk knew of are missing since. Until an administrator accepts this, nothing is sent.",
		"Сервер відновили з резервної копії від %[1]s. Відтоді бракує %[2]d %[2]{дії|дій|дій}, про які це місце знало. Доки адміністратор цього не прийме, нічого не надсилається.",
		"Сервер восстановили из резервной копии от %[1]s. С тех пор не хватает %[2]d %[2]{действия|действий|действий}, о которых это место знало. Пока администратор этого не примет, ничего не отправляется.",
	},
	{
		"an administrator accepts this, for all desks. Yours goes on by itself then",
		"Це приймає адміністратор, за всі робочі місця. Ваше тоді продовжить саме.", "Это принимает администратор, за все рабочие места. Ваше тогда продолжит само.",
	},
	{
		"the acceptance is not signed by you, or is of another house",
		"Згоду підписали не ви, або вона з іншої установи.", "Согласие подписали не вы, или оно из другого учреждения.",
	},
	{
		"the server was not restored, or restored again since",
		"Сервер не відновлювали, або відтоді відновили ще раз.", "Сервер не восстанавливали, или с тех пор восстановили ещё раз.",
	},
	{"it is not there", "Його немає.", "Его нет."},
}
