package ui

// phrasesOfAlarms: what does not verify and is not about one message.
var phrasesOfAlarms = []phrase{
	{
		"The journal is shorter than it was. Either the server was restored from a backup, or acts were taken out of it. Speak with the others and with an auditor before you go on.",
		"Журнал коротший, ніж був. Або сервер відновили з резервної копії, або з журналу вилучено дії. Поговоріть з іншими та з аудитором, перш ніж працювати далі.",
		"Журнал короче, чем был. Либо сервер восстановили из резервной копии, либо из журнала изъяты действия. Поговорите с другими и с аудитором, прежде чем работать дальше.",
	},
	{
		"The journal was rewritten: it does not continue the one that this desk saw before. Speak with the others and with an auditor before you go on.",
		"Журнал переписано: він не продовжує той, який це місце бачило раніше. Поговоріть з іншими та з аудитором, перш ніж працювати далі.",
		"Журнал переписан: он не продолжает тот, который это место видело раньше. Поговорите с другими и с аудитором, прежде чем работать дальше.",
	},
	{"The server showed a journal that its key has not signed.", "Сервер показав журнал, не підписаний його ключем.", "Сервер показал журнал, не подписанный его ключом."},
	{
		"The server showed a roster that the authority has not signed. The one known before stays in force.",
		"Сервер показав список людей, якого установа не підписувала. Чинним лишається попередній.",
		"Сервер показал список людей, который учреждение не подписывало. В силе остаётся прежний.",
	},
	{
		"The server showed an old roster: number %d after number %d. The newer one stays in force. If the server was restored from a backup, an administrator must publish the roster again.",
		"Сервер показав старий список людей: номер %d після номера %d. Чинним лишається новіший. Якщо сервер відновили з резервної копії, адміністратор має опублікувати список знову.",
		"Сервер показал старый список людей: номер %d после номера %d. В силе остаётся более новый. Если сервер восстановили из резервной копии, администратор должен опубликовать список снова.",
	},
	{
		"Two different rosters bear the same number. The one known before stays in force.",
		"Два різні списки людей мають один номер. Чинним лишається попередній.", "Два разных списка людей имеют один номер. В силе остаётся прежний.",
	},
	{"The server showed the roster of another house.", "Сервер показав список людей іншої установи.", "Сервер показал список людей другого учреждения."},
	{
		"The server showed a manifest that the authority has not signed. The one known before stays in force.",
		"Сервер показав маніфест, якого установа не підписувала. Чинним лишається попередній.", "Сервер показал манифест, который учреждение не подписывало. В силе остаётся прежний.",
	},
	{
		"The server showed an old manifest: number %d after number %d. The newer one stays in force.",
		"Сервер показав старий маніфест: номер %d після номера %d. Чинним лишається новіший.", "Сервер показал старый манифест: номер %d после номера %d. В силе остаётся более новый.",
	},
	{
		"Two different manifests bear the same number. The one known before stays in force.",
		"Два різні маніфести мають один номер. Чинним лишається попередній.", "Два разных манифеста имеют один номер. В силе остаётся прежний.",
	},
	{
		"Team %s, key number %d: %v This desk does not use it.",
		"Команда «%s», ключ номер %d. Це місце ним не користується.", "Команда «%s», ключ номер %d. Это место им не пользуется.",
	},
	{"the announcement is malformed or belongs to another key.", "Оголошення має не ту форму або стосується іншого ключа.", "Объявление не той формы или относится к другому ключу."},
	{"nobody of the roster has announced it.", "Ніхто зі списку людей його не оголошував.", "Никто из списка людей его не объявлял."},
	{"it is not the one in the manifest.", "Він не той, що в маніфесті.", "Он не тот, что в манифесте."},
	{"it is not the one that was announced before under this number.", "Він не той, який раніше оголосили під цим номером.", "Он не тот, который раньше объявили под этим номером."},
	{"the key that the server handed out for it is another one.", "Ключ, який сервер видав під його ім’ям, інший.", "Ключ, который сервер выдал под его именем, другой."},
	{"Case %s is shorter than it was, or was changed afterwards.", "Справа %s коротша, ніж була, або її змінено заднім числом.", "Дело %s короче, чем было, или его изменили задним числом."},
	{"Case %s was open and is no longer in the server's list.", "Справа %s була відкрита, а в списку сервера її вже немає.", "Дело %s было открыто, а в списке сервера его больше нет."},
	{"there is no such alarm", "Такої тривоги немає.", "Такой тревоги нет."},
	{"something does not verify: look at the alarms first", "Дещо не проходить перевірку: спершу перегляньте тривоги.", "Что-то не проходит проверку: сначала просмотрите тревоги."},
	{
		"something does not verify: look at the alarms first. Nothing was sent",
		"Дещо не проходить перевірку: спершу перегляньте тривоги. Нічого не надіслано.", "Что-то не проходит проверку: сначала просмотрите тревоги. Ничего не отправлено.",
	},
}
