package ui

// trainingTexts is the words of an exercise.
type trainingTexts struct {
	Nav, Banner, BannerText, Head, Intro, State, EndDo, Ended, Again string
	EmptyHead, EmptyText, Tally, OpenCase, Example, Good, Look       string
	Checks                                                           map[string]checkTexts
}

// checkTexts is what a check says when all is well and when not.
type checkTexts struct{ Good, Missed string }

func trainingEN() trainingTexts {
	return trainingTexts{
		Nav: "Training", Banner: "Training.", BannerText: "The people are simulated. Nothing leaves this computer.",
		Head: "Looking back", Intro: "What was done in this exercise and what to look at again. It compares with the script: where you had a good reason, you were right.",
		State: "%d of %d people have nothing more to say.", EndDo: "End the exercise", Ended: "The exercise has ended: nobody writes any more.", Again: "Look again",
		EmptyHead: "Nobody has written yet.", EmptyText: "The first person comes in a few seconds. Go to the queue.",
		Tally: "%d of %d", OpenCase: "Open the case", Example: "What the operator of the script said", Good: "good", Look: "look again",
		Checks: map[string]checkTexts{
			CheckAnswered: {"Everything was answered.", "The person waits for an answer. Left unsaid: %d."},
			CheckOrder:    {"Nobody less urgent was answered first.", "Waited %d s for the first answer; answered before, though less urgent: %d."},
			CheckUrgency:  {"The urgency is set as the situation was.", "Urgency: you have “%s”, the situation was “%s”."},
			CheckPeople:   {"The number of people is noted.", "The number of people is not noted: %d."},
			CheckFact:     {"What the meeting needs is in a note.", "In no note: %s."},
			CheckWord:     {"The word that the person named is set.", "The person named a word that is not set: “%s”."},
			CheckStage:    {"The case came as far as it should.", "Stage: you have “%s”, the script came to “%s”."},
			CheckEarly:    {"No place or time was told before a word was agreed.", "A place or a time was told and no word is agreed: “%s”."},
			CheckAsked:    {"Nothing was asked that identifies.", "You asked for what nobody needs to know yet: “%s”."},
		},
	}
}

func trainingUK() trainingTexts {
	return trainingTexts{
		Nav: "Навчання", Banner: "Навчання.", BannerText: "Людей імітує програма. Із цього комп’ютера нічого не виходить.",
		Head: "Погляд назад", Intro: "Що зроблено в цій вправі і на що глянути ще раз. Порівняно зі сценарієм: якщо ви мали вагому причину, ви мали рацію.",
		State: "Сказали все: %d з %d.", EndDo: "Завершити вправу", Ended: "Вправу завершено: більше ніхто не пише.", Again: "Глянути ще раз",
		EmptyHead: "Ще ніхто не написав.", EmptyText: "Перша людина прийде за кілька секунд. Перейдіть до черги.",
		Tally: "%d з %d", OpenCase: "Відкрити справу", Example: "Що казав оператор у сценарії", Good: "добре", Look: "глянути ще раз",
		Checks: map[string]checkTexts{
			CheckAnswered: {"На все дано відповідь.", "Людина чекає на відповідь. Лишилося несказаним: %d."},
			CheckOrder:    {"Нікому менш терміновому не відповіли раніше.", "Перша відповідь за %d с; раніше відповіли менш терміновим: %d."},
			CheckUrgency:  {"Терміновість відповідає становищу.", "Терміновість: у вас «%s», становище було «%s»."},
			CheckPeople:   {"Кількість осіб записано.", "Кількість осіб не записано: %d."},
			CheckFact:     {"Потрібне для зустрічі є в нотатці.", "Немає в жодній нотатці: %s."},
			CheckWord:     {"Назване людиною слово узгоджено.", "Людина назвала слово, якого не узгоджено: «%s»."},
			CheckStage:    {"Справа дійшла, куди мала.", "Етап: у вас «%s», у сценарії дійшли до «%s»."},
			CheckEarly:    {"До узгодження слова не названо ні місця, ні часу.", "Названо місце або час, а слова не узгоджено: «%s»."},
			CheckAsked:    {"Не питали нічого, що видає особу.", "Ви спитали те, чого поки нікому не треба знати: «%s»."},
		},
	}
}

func trainingRU() trainingTexts {
	return trainingTexts{
		Nav: "Учение", Banner: "Учение.", BannerText: "Людей изображает программа. С этого компьютера ничего не уходит.",
		Head: "Взгляд назад", Intro: "Что сделано в этом упражнении и на что взглянуть ещё раз. Сравнение идёт со сценарием: если у вас была веская причина, вы были правы.",
		State: "Сказали всё: %d из %d.", EndDo: "Завершить упражнение", Ended: "Упражнение завершено: больше никто не пишет.", Again: "Взглянуть ещё раз",
		EmptyHead: "Ещё никто не написал.", EmptyText: "Первый человек придёт через несколько секунд. Перейдите к очереди.",
		Tally: "%d из %d", OpenCase: "Открыть дело", Example: "Что говорил оператор в сценарии", Good: "хорошо", Look: "взглянуть ещё раз",
		Checks: map[string]checkTexts{
			CheckAnswered: {"На всё дан ответ.", "Человек ждёт ответа. Осталось несказанным: %d."},
			CheckOrder:    {"Никому менее срочному не ответили раньше.", "Первый ответ через %d с; раньше ответили менее срочным: %d."},
			CheckUrgency:  {"Срочность соответствует положению.", "Срочность: у вас «%s», положение было «%s»."},
			CheckPeople:   {"Число людей записано.", "Число людей не записано: %d."},
			CheckFact:     {"Нужное для встречи есть в заметке.", "Нет ни в одной заметке: %s."},
			CheckWord:     {"Слово, которое назвал человек, условлено.", "Человек назвал слово, которое не условлено: «%s»."},
			CheckStage:    {"Дело дошло, куда должно.", "Этап: у вас «%s», в сценарии дошли до «%s»."},
			CheckEarly:    {"До условленного слова не названы ни место, ни время.", "Названы место или время, а слово не условлено: «%s»."},
			CheckAsked:    {"Не спрошено ничего, что выдаёт человека.", "Вы спросили то, чего пока никому не нужно знать: «%s»."},
		},
	}
}
