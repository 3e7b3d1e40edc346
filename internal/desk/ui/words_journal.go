package ui

// journalTexts is the words of the journal's page.
type journalTexts struct {
	Head, Intro, Who, Act, Case, CaseHint, Day, All, Show, Loading     string
	Checked, AllProved, Unproved, Continues, Since, Broken, NotYet     string
	Entries, Proof, Proved, NotProved, FaultHead, EmptyHead, EmptyText string
	ReadersHead, NoReaders, Times, First, Last, ReadsHead, ReadsText   string
	Opened, Openings, Replies, ActsDone, Located, Fetched, AlarmsHead  string
	VerifyHead, VerifyText, Download                                   string
	Older, Newer, Number, Hour, Detail, Checkpoint, Gone               string
}

func journalEN() journalTexts {
	return journalTexts{
		Head: "The journal, checked here", Intro: "This desk reads every entry and checks it against the checkpoint that it keeps itself. The server's word counts nothing here. You see ids, never what people wrote.",
		Who: "Person", Act: "Act", Case: "Case", CaseHint: "The beginning of the number of a case: 4 to 32 of 0-9 and a-f.", Day: "Day", All: "all", Show: "Show", Loading: "Reading and checking",
		Checked: "Entries", AllProved: "%d of %d read, all are in the tree of the checkpoint.", Unproved: "Not in the tree: %d. Speak with the others before you go on.",
		Continues: "History", Since: "Continues what this desk saw before; last shown %s.", Broken: "Was rewritten or shortened: %d times. The old checkpoints are kept.", NotYet: "Not shown yet.",
		Entries: "Entries", Proof: "Checked", Proved: "in the tree", NotProved: "not proved", FaultHead: "It could not be read to the end.", EmptyHead: "Nothing is there.", EmptyText: "No entry passes what you chose.",
		ReadersHead: "Who opened this case", NoReaders: "Nobody opened it by hand.", Times: "How often", First: "First", Last: "Last",
		ReadsHead: "Who did how much", ReadsText: "By day (UTC). Opened: by hand. Fetched: what the desk gets by itself; it says nothing of who looked.",
		Opened: "Cases opened", Openings: "Openings", Replies: "Replies", ActsDone: "Acts", Located: "Codes looked up", Fetched: "Fetched", AlarmsHead: "Alarms",
		VerifyHead: "Trust this desk no more than the server", VerifyText: "Keep the checkpoint elsewhere, on paper or on another machine. With a copy of the installation's folder anybody can check there that nothing before it was changed, taken out or put in:", Download: "Download the checkpoint",
		Older: "Older", Newer: "Newer", Number: "No.", Hour: "Time", Detail: "Details",
		Checkpoint: "Last checkpoint verified", Gone: "The words of this entry have been let go. That it was made stays proven.",
	}
}

func journalUK() journalTexts {
	return journalTexts{
		Head: "Журнал, перевірений тут", Intro: "Це робоче місце читає кожен запис і звіряє його з контрольною точкою, яку зберігає саме. Слово сервера тут нічого не важить. Ви бачите номери, а не те, що люди писали.",
		Who: "Людина", Act: "Дія", Case: "Справа", CaseHint: "Початок номера справи: від 4 до 32 знаків 0-9 та a-f.", Day: "День", All: "усі", Show: "Показати", Loading: "Читання та перевірка",
		Checked: "Записи", AllProved: "Прочитано %d із %d, усі є в дереві контрольної точки.", Unproved: "Немає в дереві: %d. Поговоріть з іншими, перш ніж продовжити.",
		Continues: "Історія", Since: "Продовжує те, що це місце бачило раніше; востаннє доведено %s.", Broken: "Переписано або скорочено: %d разів. Старі контрольні точки збережено.", NotYet: "Ще не доведено.",
		Entries: "Записи", Proof: "Перевірка", Proved: "є в дереві", NotProved: "не доведено", FaultHead: "Дочитати не вдалося.", EmptyHead: "Нічого немає.", EmptyText: "Жоден запис не відповідає вибраному.",
		ReadersHead: "Хто відкривав цю справу", NoReaders: "Ніхто не відкривав.", Times: "Скільки разів", First: "Уперше", Last: "Востаннє",
		ReadsHead: "Хто скільки зробив", ReadsText: "За днями (UTC). Відкрито: руками. Отримано: те, що місце бере саме; воно не каже, хто дивився.",
		Opened: "Відкрито справ", Openings: "Відкривань", Replies: "Відповідей", ActsDone: "Дій", Located: "Пошуків за кодом", Fetched: "Отримано", AlarmsHead: "Тривог",
		VerifyHead: "Не довіряйте цьому місцю більше, ніж серверу", VerifyText: "Зберігайте контрольну точку деінде: на папері або на іншому комп’ютері. З копією теки установки будь-хто перевірить там, що до неї нічого не змінено, не вилучено й не додано:", Download: "Завантажити контрольну точку",
		Older: "Старіші", Newer: "Новіші", Number: "№", Hour: "Час", Detail: "Подробиці",
		Checkpoint: "Остання перевірена контрольна точка", Gone: "Слова цього запису вже стерто. Доведено, що він був.",
	}
}

func journalRU() journalTexts {
	return journalTexts{
		Head: "Журнал, проверенный здесь", Intro: "Это рабочее место читает каждую запись и сверяет её с контрольной точкой, которую хранит само. Слово сервера здесь ничего не весит. Вы видите номера, а не то, что люди писали.",
		Who: "Человек", Act: "Действие", Case: "Дело", CaseHint: "Начало номера дела: от 4 до 32 знаков 0-9 и a-f.", Day: "День", All: "все", Show: "Показать", Loading: "Чтение и проверка",
		Checked: "Записи", AllProved: "Прочитано %d из %d, все есть в дереве контрольной точки.", Unproved: "Нет в дереве: %d. Поговорите с остальными, прежде чем продолжать.",
		Continues: "История", Since: "Продолжает то, что это место видело раньше; в последний раз доказано %s.", Broken: "Переписано или сокращено: %d раз. Старые контрольные точки сохранены.", NotYet: "Ещё не доказано.",
		Entries: "Записи", Proof: "Проверка", Proved: "есть в дереве", NotProved: "не доказано", FaultHead: "Дочитать не удалось.", EmptyHead: "Ничего нет.", EmptyText: "Ни одна запись не подходит под выбранное.",
		ReadersHead: "Кто открывал это дело", NoReaders: "Никто не открывал.", Times: "Сколько раз", First: "Впервые", Last: "В последний раз",
		ReadsHead: "Кто сколько сделал", ReadsText: "По дням (UTC). Открыто: руками. Получено: то, что место берёт само; оно не говорит, кто смотрел.",
		Opened: "Открыто дел", Openings: "Открываний", Replies: "Ответов", ActsDone: "Действий", Located: "Поисков по коду", Fetched: "Получено", AlarmsHead: "Тревог",
		VerifyHead: "Не доверяйте этому месту больше, чем серверу", VerifyText: "Храните контрольную точку в другом месте: на бумаге или на другом компьютере. С копией папки установки любой проверит там, что до неё ничего не изменено, не изъято и не добавлено:", Download: "Скачать контрольную точку",
		Older: "Старее", Newer: "Новее", Number: "№", Hour: "Время", Detail: "Подробности",
		Checkpoint: "Последняя проверенная контрольная точка", Gone: "Слова этой записи уже стёрты. Доказано, что она была.",
	}
}
