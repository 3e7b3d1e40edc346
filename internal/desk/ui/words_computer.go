package ui

type computerTexts struct {
	Head, Whose, Me, Roles, Teams, NoTeam, Key, KeyText, Here, HereText, Folder, Server, Authority string
	Files                                                                                          []string
	Locks, LocksNever, LocksNext                                                                   string
	ChangeHead, ChangeText, Old, New, Again, Hint, Do, Working                                     string
	Differ, WrongOld, Kept, Changed, Copies                                                        string
}

func computerEN() computerTexts {
	return computerTexts{
		Head: "This computer", Whose: "Whose it is", Me: "Call-name", Roles: "Roles", Teams: "Teams", NoTeam: "none",
		Key: "Fingerprint of your keys", KeyText: "The same digits that were read aloud at enrolment. A colleague who doubts that it is you can compare them with you by voice.",
		Here: "What is kept here", HereText: "Only sealed files. What was opened is in memory alone and is gone when the desk locks.", Folder: "Folder", Server: "Server",
		Authority: "The authority's key is in your key file too: with it and your passphrase people are let in.",
		Files: []string{
			"Your key file: opened by your passphrase only. Keep a copy in a safe place.",
			"Drafts, and acts that are not at the server yet: sealed to your key.",
			"The newest roster and manifest, the alarms, and how long each case was when it was last seen: sealed to your key.",
		},
		Locks: "When it locks", LocksNever: "This desk does not lock by itself. Lock it whenever you leave.", LocksNext: "Untouched, next at %s.",
		ChangeHead: "Change the passphrase", ChangeText: "The keys stay the same; only the file that holds them is locked anew. Nobody else has to do anything.",
		Old: "The passphrase so far", New: "New passphrase", Again: "New passphrase again", Hint: "At least %d characters; five random words are good. Nobody can restore it.",
		Do: "Change the passphrase", Working: "The key file is being locked anew…",
		Differ: "The two new passphrases differ.", WrongOld: "The passphrase so far is wrong.", Kept: "Nothing was changed: the passphrase so far opens this computer as before.",
		Changed: "The passphrase is changed. From now on only the new one opens this computer.", Copies: "Copies of the key file made earlier still open with the earlier passphrase. Replace them.",
	}
}

func computerUK() computerTexts {
	return computerTexts{
		Head: "Цей комп’ютер", Whose: "Чий він", Me: "Позивний", Roles: "Ролі", Teams: "Команди", NoTeam: "немає",
		Key: "Відбиток ваших ключів", KeyText: "Ті самі цифри, які читали вголос під час входу. Хто з колег сумнівається, що це ви, може звірити їх із вами голосом.",
		Here: "Що тут зберігається", HereText: "Лише запечатані файли. Відкрите є тільки в пам’яті й зникає, щойно робоче місце замикається.", Folder: "Тека", Server: "Сервер",
		Authority: "У вашому файлі ключів є й ключ установи: з ним і вашою парольною фразою впускають людей.",
		Files: []string{
			"Ваш файл ключів: його відкриває лише ваша парольна фраза. Тримайте копію в надійному місці.",
			"Чернетки й дії, яких ще немає на сервері: запечатані вашим ключем.",
			"Найновіші список людей і маніфест, тривоги, довжина кожної справи, коли її бачили востаннє: запечатані вашим ключем.",
		},
		Locks: "Коли замикається", LocksNever: "Це робоче місце саме не замикається. Замикайте його, коли відходите.", LocksNext: "Якщо не чіпати, наступного разу о %s.",
		ChangeHead: "Змінити парольну фразу", ChangeText: "Ключі лишаються тими самими; наново замикається тільки файл, у якому вони лежать. Нікому іншому нічого робити не треба.",
		Old: "Теперішня парольна фраза", New: "Нова парольна фраза", Again: "Нова парольна фраза ще раз", Hint: "Найменша довжина у знаках: %d; добре підійдуть п’ять випадкових слів. Відновити її не зможе ніхто.",
		Do: "Змінити парольну фразу", Working: "Файл ключів замикається наново…",
		Differ: "Дві нові парольні фрази різні.", WrongOld: "Теперішня парольна фраза неправильна.", Kept: "Нічого не змінено: теперішня парольна фраза відкриває цей комп’ютер, як і раніше.",
		Changed: "Парольну фразу змінено. Відтепер цей комп’ютер відкриває лише нова.", Copies: "Копії файлу ключів, зроблені раніше, відкриваються попередньою фразою. Замініть їх.",
	}
}

func computerRU() computerTexts {
	return computerTexts{
		Head: "Этот компьютер", Whose: "Чей он", Me: "Позывной", Roles: "Роли", Teams: "Команды", NoTeam: "нет",
		Key: "Отпечаток ваших ключей", KeyText: "Те же цифры, которые читали вслух при входе. Кто из коллег сомневается, что это вы, может сверить их с вами голосом.",
		Here: "Что здесь хранится", HereText: "Только запечатанные файлы. Открытое есть лишь в памяти и исчезает, как только рабочее место запирается.", Folder: "Папка", Server: "Сервер",
		Authority: "В вашем файле ключей есть и ключ учреждения: с ним и вашей парольной фразой впускают людей.",
		Files: []string{
			"Ваш файл ключей: его открывает только ваша парольная фраза. Держите копию в надёжном месте.",
			"Черновики и действия, которых ещё нет на сервере: запечатаны вашим ключом.",
			"Новейшие список людей и манифест, тревоги, длина каждого дела, когда его видели в последний раз: запечатаны вашим ключом.",
		},
		Locks: "Когда запирается", LocksNever: "Это рабочее место само не запирается. Запирайте его, когда отходите.", LocksNext: "Если не трогать, в следующий раз в %s.",
		ChangeHead: "Сменить парольную фразу", ChangeText: "Ключи остаются теми же; заново запирается только файл, в котором они лежат. Никому другому ничего делать не нужно.",
		Old: "Нынешняя парольная фраза", New: "Новая парольная фраза", Again: "Новая парольная фраза ещё раз", Hint: "Наименьшая длина в знаках: %d; хорошо подойдут пять случайных слов. Восстановить её не сможет никто.",
		Do: "Сменить парольную фразу", Working: "Файл ключей запирается заново…",
		Differ: "Две новые парольные фразы различаются.", WrongOld: "Нынешняя парольная фраза неверна.", Kept: "Ничего не изменено: нынешняя парольная фраза открывает этот компьютер, как и раньше.",
		Changed: "Парольная фраза изменена. Отныне этот компьютер открывает только новая.", Copies: "Копии файла ключей, сделанные раньше, открываются прежней фразой. Замените их.",
	}
}
