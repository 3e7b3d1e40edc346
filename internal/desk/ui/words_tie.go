package ui

import "safeconduct/internal/seal"

// tieTexts is the words of cases that are linked, merged and split.
type tieTexts struct {
	Box, Find, FindLabel, FindHint, FindDo, FoundNone, FoundOne, Look string
	Kinds                                                             map[string]string // by kind; with "-main" and "-part" where there are sides
	How                                                               map[string]string
	States                                                            map[string]string
	Since, Left, LeftOver, Undo, PartOf, PartOfText, Parts, Open      string
	Door, DoorLast, DoorMark, DoorOut, More                           string
	SplitHead, SplitText, SplitPeople, SplitTitle, SplitWhy, SplitDo  string
	PageHead, PageText, This, Other, First, Newest, People, Doors     string
	Word, WordYes, WordNo, Messages                                   string
	WordHead, WordText, WordDo, TwoHead, TwoText, TwoDo               string
	MergeHead, MergeText, MergeMain, MergeThis, MergeOther, MergeDo   string
	UndoHead, UndoMerge, UndoLink, UndoSplit, UndoDo, UndoNot         string
	Back, GoneCase, Together                                          string
}

func tiesEN() tieTexts {
	return tieTexts{
		Box: "Other cases", Find: "Same person as another case…", FindLabel: "Channel code, or words to search for",
		FindHint: "A code in any spacing. It only finds the case: what links the two is the word.", FindDo: "Find", FoundNone: "No other case was found.",
		FoundOne: "Cases found", Look: "Look at both",
		Kinds: map[string]string{
			seal.TieLink: "Same person as", seal.TieMerge + "-main": "Its part", seal.TieMerge + "-part": "Part of",
			seal.TieSplit + "-main": "Left this case", seal.TieSplit + "-part": "Left from",
		},
		How:    map[string]string{seal.HowWord: "the word was said", seal.HowTwo: "two people decided"},
		States: map[string]string{"both": "both cases say so", "waits": "the other case is still being opened", "half": "only one of the two cases says so: it does not count", "gone": "the other case is not kept any more"},
		Since:  "since", Left: "can be undone for %d more hours", LeftOver: "only a supervisor can undo it now", Undo: "Undo",
		PartOf: "This case is a part of", PartOfText: "Stage, people and who has it are decided there; the conversation is shown there.", Parts: "One case with", Open: "Open",
		Door: "The reply goes to", DoorLast: "used last", DoorMark: "came in", DoorOut: "sent by", More: "cases: %d",
		SplitHead: "Some people leave this case…", SplitText: "They get a case of their own, with its own key, stage and number of people. It has no door: you reach them here until they come by a door of theirs and that case is linked.",
		SplitPeople: "How many leave", SplitTitle: "Title of their case", SplitWhy: "Who they are, and why (sealed, for colleagues)", SplitDo: "Make their case",
		PageHead: "Two cases, one person?", PageText: "Nothing is mixed: each case keeps its own key and its own record. What is done here is signed in both.",
		This: "This case", Other: "The other case", First: "Began", Newest: "Newest message", People: "People", Doors: "Door", Word: "Word", WordYes: "agreed", WordNo: "none", Messages: "Messages",
		WordHead: "The word was said", WordText: "Type what the person said. It is compared with the words of both cases on this computer.", WordDo: "Compare and link",
		TwoHead: "The word could not be asked", TwoText: "Then two people decide. A colleague who can read both cases sees this and approves or refuses.", TwoDo: "Ask a second person",
		MergeHead: "Merge", MergeText: "The queue shows one row, and the conversation is one timeline in which each message says where it came from. Stage, people and who has it are those of the main case. Closing or forgetting one takes both.",
		MergeMain: "Which one is the main case?", MergeThis: "This case", MergeOther: "The other case", MergeDo: "Merge",
		UndoHead: "Undo", UndoMerge: "The two become two cases again, still linked. What was written stays where it was written; the part goes back to its own stage.",
		UndoLink: "Nothing will say that they are of one person.", UndoSplit: "The people come back, and their case, in which there is nothing yet, is removed.", UndoDo: "Undo", UndoNot: "It cannot be undone here now.",
		Back: "Back to the case", GoneCase: "a case that is not kept any more", Together: "This case has parts: they are forgotten with it.",
	}
}

func tiesUK() tieTexts {
	return tieTexts{
		Box: "Інші справи", Find: "Та сама людина, що в іншій справі…", FindLabel: "Код каналу або слова для пошуку",
		FindHint: "Код із будь-якими проміжками. Він лише знаходить справу: пов’язує їх слово.", FindDo: "Знайти", FoundNone: "Іншої справи не знайдено.",
		FoundOne: "Знайдені справи", Look: "Глянути на обидві",
		Kinds: map[string]string{
			seal.TieLink: "Та сама людина, що й", seal.TieMerge + "-main": "Її частина", seal.TieMerge + "-part": "Частина справи",
			seal.TieSplit + "-main": "Вийшли з цієї справи", seal.TieSplit + "-part": "Вийшли зі справи",
		},
		How:    map[string]string{seal.HowWord: "слово названо", seal.HowTwo: "вирішили двоє"},
		States: map[string]string{"both": "про це кажуть обидві справи", "waits": "інша справа ще відкривається", "half": "про це каже лише одна справа: не рахується", "gone": "іншої справи вже не зберігають"},
		Since:  "від", Left: "скасувати можна ще %d год", LeftOver: "тепер скасувати може лише старший зміни", Undo: "Скасувати",
		PartOf: "Ця справа — частина справи", PartOfText: "Етап, людей і виконавця визначають там; розмова теж там.", Parts: "Одна справа з", Open: "Відкрити",
		Door: "Відповідь піде сюди", DoorLast: "звідси писали востаннє", DoorMark: "прийшло через", DoorOut: "надіслано через", More: "справ: %d",
		SplitHead: "Частина людей виходить із цієї справи…", SplitText: "Вони отримують власну справу з власним ключем, етапом і кількістю людей. Входу в неї немає: ви пишете їм тут, доки вони не прийдуть власним входом і ту справу не пов’яжуть.",
		SplitPeople: "Скільки виходить", SplitTitle: "Назва їхньої справи", SplitWhy: "Хто вони й чому (запечатано, для колег)", SplitDo: "Створити їхню справу",
		PageHead: "Дві справи, одна людина?", PageText: "Нічого не змішується: кожна справа має власний ключ і власний запис. Зроблене тут підписано в обох.",
		This: "Ця справа", Other: "Інша справа", First: "Початок", Newest: "Останнє повідомлення", People: "Людей", Doors: "Вхід", Word: "Слово", WordYes: "узгоджено", WordNo: "немає", Messages: "Повідомлень",
		WordHead: "Слово названо", WordText: "Введіть, що сказала людина. Це порівнюється зі словами обох справ на цьому комп’ютері.", WordDo: "Порівняти й пов’язати",
		TwoHead: "Спитати слово не вдалося", TwoText: "Тоді вирішують двоє. Колега, який може читати обидві справи, бачить це й схвалює або відхиляє.", TwoDo: "Спитати другу людину",
		MergeHead: "Об’єднати", MergeText: "У черзі буде один рядок, а розмова — одна, і кожне повідомлення каже, звідки воно. Етап, люди й виконавець — головної справи. Закрити чи забути одну — означає обидві.",
		MergeMain: "Котра справа головна?", MergeThis: "Ця справа", MergeOther: "Інша справа", MergeDo: "Об’єднати",
		UndoHead: "Скасувати", UndoMerge: "Знову стане дві справи, і далі пов’язані. Написане лишається там, де написане; частина повертається на власний етап.",
		UndoLink: "Ніщо більше не казатиме, що це одна людина.", UndoSplit: "Люди повертаються, а їхню справу, у якій ще нічого немає, буде видалено.", UndoDo: "Скасувати", UndoNot: "Зараз тут цього скасувати не можна.",
		Back: "Назад до справи", GoneCase: "справа, якої вже не зберігають", Together: "Ця справа має частини: їх забувають разом із нею.",
	}
}

func tiesRU() tieTexts {
	return tieTexts{
		Box: "Другие дела", Find: "Тот же человек, что в другом деле…", FindLabel: "Код канала или слова для поиска",
		FindHint: "Код с любыми промежутками. Он только находит дело: связывает их слово.", FindDo: "Найти", FoundNone: "Другого дела не найдено.",
		FoundOne: "Найденные дела", Look: "Взглянуть на оба",
		Kinds: map[string]string{
			seal.TieLink: "Тот же человек, что и", seal.TieMerge + "-main": "Его часть", seal.TieMerge + "-part": "Часть дела",
			seal.TieSplit + "-main": "Вышли из этого дела", seal.TieSplit + "-part": "Вышли из дела",
		},
		How:    map[string]string{seal.HowWord: "слово названо", seal.HowTwo: "решили двое"},
		States: map[string]string{"both": "об этом говорят оба дела", "waits": "другое дело ещё открывается", "half": "об этом говорит только одно дело: не считается", "gone": "другого дела уже не хранят"},
		Since:  "с", Left: "отменить можно ещё %d ч", LeftOver: "теперь отменить может только старший смены", Undo: "Отменить",
		PartOf: "Это дело — часть дела", PartOfText: "Этап, людей и исполнителя определяют там; разговор тоже там.", Parts: "Одно дело с", Open: "Открыть",
		Door: "Ответ пойдёт сюда", DoorLast: "отсюда писали последний раз", DoorMark: "пришло через", DoorOut: "отправлено через", More: "дел: %d",
		SplitHead: "Часть людей выходит из этого дела…", SplitText: "Они получают своё дело со своим ключом, этапом и числом людей. Входа в него нет: вы пишете им здесь, пока они не придут своим входом и то дело не свяжут.",
		SplitPeople: "Сколько выходит", SplitTitle: "Название их дела", SplitWhy: "Кто они и почему (запечатано, для коллег)", SplitDo: "Создать их дело",
		PageHead: "Два дела, один человек?", PageText: "Ничего не смешивается: у каждого дела свой ключ и своя запись. Сделанное здесь подписано в обоих.",
		This: "Это дело", Other: "Другое дело", First: "Начало", Newest: "Последнее сообщение", People: "Людей", Doors: "Вход", Word: "Слово", WordYes: "согласовано", WordNo: "нет", Messages: "Сообщений",
		WordHead: "Слово названо", WordText: "Введите, что сказал человек. Это сравнивается со словами обоих дел на этом компьютере.", WordDo: "Сравнить и связать",
		TwoHead: "Спросить слово не удалось", TwoText: "Тогда решают двое. Коллега, который может читать оба дела, видит это и одобряет или отклоняет.", TwoDo: "Спросить второго человека",
		MergeHead: "Объединить", MergeText: "В очереди будет одна строка, а разговор — один, и каждое сообщение говорит, откуда оно. Этап, люди и исполнитель — главного дела. Закрыть или забыть одно — значит оба.",
		MergeMain: "Какое дело главное?", MergeThis: "Это дело", MergeOther: "Другое дело", MergeDo: "Объединить",
		UndoHead: "Отменить", UndoMerge: "Снова станет два дела, по-прежнему связанных. Написанное остаётся там, где написано; часть возвращается на свой этап.",
		UndoLink: "Ничто больше не скажет, что это один человек.", UndoSplit: "Люди возвращаются, а их дело, в котором ещё ничего нет, будет удалено.", UndoDo: "Отменить", UndoNot: "Сейчас здесь этого отменить нельзя.",
		Back: "Назад к делу", GoneCase: "дело, которого уже не хранят", Together: "У этого дела есть части: их забывают вместе с ним.",
	}
}
