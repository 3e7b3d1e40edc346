package ui

// floodTexts are the words about messages that say nearly the same.
type floodTexts struct {
	Head, Hint, More, Calm, Unfounded                 string
	AskCalm, AskUnfounded, EachCalm, EachUnfounded    string
	Yes, No, Running, Stop, Done, Left, Undo, Undoing string
	Undone, Close, BrokeOff                           string
}

func floodEN() floodTexts {
	return floodTexts{
		Head: "%d nearly the same messages", More: "%d more are not drawn. The search finds each of them.",
		Hint: "Read some of them before you decide: one may come from a person in need. Who is opened, answered or raised leaves the group.",
		Calm: "Set all to calm…", Unfounded: "Mark all as unfounded…",
		AskCalm: "Set %d cases to “calm”?", AskUnfounded: "Mark %d cases as “unfounded”?",
		EachCalm:      "Each case gets a statement of its own, signed in your name. They stay in the queue.",
		EachUnfounded: "Each case gets a statement of its own, signed in your name. They leave the queue; you can take it back where nobody has touched them since.",
		Yes:           "Yes, all %d", No: "No", Running: "Signing: %d of %d", Stop: "Stop", Done: "Signed: %d of %d.",
		Left: "Left alone, because somebody has touched them: %d.", Undo: "Take back", Undoing: "Taking back: %d of %d",
		Undone: "Taken back: %d of %d.", Close: "Close", BrokeOff: "It broke off.",
	}
}

func floodRU() floodTexts {
	return floodTexts{
		Head: "%d почти одинаковых сообщений", More: "Ещё %d не показаны. Каждое найдёт поиск.",
		Hint: "Прочитайте несколько, прежде чем решать: одно может быть от человека в беде. Кого открыли, кому ответили или подняли срочность, тот выходит из группы.",
		Calm: "Всем «спокойно»…", Unfounded: "Все необоснованные…",
		AskCalm: "Поставить «спокойно» делам: %d?", AskUnfounded: "Отметить дела как «необоснованно»: %d?",
		EachCalm:      "В каждом деле будет своя запись за вашей подписью. Дела останутся в очереди.",
		EachUnfounded: "В каждом деле будет своя запись за вашей подписью. Дела уйдут из очереди; вернуть можно те, которых после этого никто не трогал.",
		Yes:           "Да, все %d", No: "Нет", Running: "Подписывается: %d из %d", Stop: "Остановить", Done: "Подписано: %d из %d.",
		Left: "Не тронуто, потому что с ними уже кто-то работал: %d.", Undo: "Вернуть", Undoing: "Возвращается: %d из %d",
		Undone: "Возвращено: %d из %d.", Close: "Закрыть", BrokeOff: "Прервалось.",
	}
}

func floodUK() floodTexts {
	return floodTexts{
		Head: "%d майже однакових повідомлень", More: "Ще %d не показано. Кожне знайде пошук.",
		Hint: "Прочитайте кілька, перш ніж вирішувати: одне може бути від людини в біді. Кого відкрили, кому відповіли чи підняли терміновість, той виходить із групи.",
		Calm: "Усім «спокійно»…", Unfounded: "Усі безпідставні…",
		AskCalm: "Поставити «спокійно» справам: %d?", AskUnfounded: "Позначити справи як «безпідставно»: %d?",
		EachCalm:      "У кожній справі буде свій запис за вашим підписом. Справи залишаться в черзі.",
		EachUnfounded: "У кожній справі буде свій запис за вашим підписом. Справи підуть із черги; повернути можна ті, яких після цього ніхто не торкався.",
		Yes:           "Так, усі %d", No: "Ні", Running: "Підписується: %d з %d", Stop: "Зупинити", Done: "Підписано: %d з %d.",
		Left: "Не зачеплено, бо з ними вже хтось працював: %d.", Undo: "Повернути", Undoing: "Повертається: %d з %d",
		Undone: "Повернуто: %d з %d.", Close: "Закрити", BrokeOff: "Перервалося.",
	}
}
