package ui

import "safeconduct/internal/hotline"

// watchTexts is the words of the tripwires.
type watchTexts struct {
	Nav, Head, Intro, OpenHead, Case, When, Count, Leaf, Doubtful, Bound  string
	NoteLabel, NoteHint, Calm, EmptyHead, EmptyText, LoadingHead          string
	LoadingText, CanaryHead, CanaryText, NoCanary, By, Since, Lift, Plant string
	PlantText, CalmedHead, Wire, Who, Times                               string
	Wires                                                                 map[hotline.Wire]string
	What                                                                  map[hotline.Wire]string
}

func watchEN() watchTexts {
	return watchTexts{
		Nav: "Watch", Head: "Who does unusually much", Intro: "Nothing is refused for it, and whoever it is about does not see it. An alarm is a reason to talk, no proof.",
		OpenHead: "To be looked into", Case: "Case", When: "since %s, last %s", Count: "So far: %d.", Leaf: "Entry %d of the journal.",
		Doubtful: "Somebody answered this, but the answer does not verify.", Bound: "Usual: up to %d in %d minutes.",
		NoteLabel: "What you found, what you did", NoteHint: "Signed and journaled. All who watch read it, except the person concerned.", Calm: "Looked into",
		EmptyHead: "Nothing to look into.", EmptyText: "When somebody trips a wire, it is here within seconds.", LoadingHead: "Not known yet", LoadingText: "The server has not told yet. This page draws itself anew.",
		CanaryHead: "Canary cases", CanaryText: "Quiet cases that nobody has a reason to open. Whoever opens one is told of here. To plant one: write as a person would, answer, put it on standby, then press the button on the case.",
		NoCanary: "None is planted.", By: "By", Since: "Since", Lift: "Lift", Plant: "Make it a canary", PlantText: "Whoever opens this case by hand from now on is told of to those who watch. It looks as before to everybody.",
		CalmedHead: "Looked into", Wire: "Wire", Who: "Who", Times: "How often",
		Wires: map[hotline.Wire]string{
			hotline.WireRead: "Many cases opened", hotline.WireBrowse: "Many strange cases opened", hotline.WireLocate: "Many codes looked up", hotline.WireLost: "Many wrong codes",
			hotline.WireOld: "Many old cases fetched", hotline.WireExport: "Export", hotline.WireRefused: "Many refused requests", hotline.WireCanary: "Canary opened",
		},
		What: map[hotline.Wire]string{
			hotline.WireRead: "Opened different cases by hand.", hotline.WireBrowse: "Opened cases in which nobody waits, nothing is new, and which are not his own.", hotline.WireLocate: "Looked up channel codes.",
			hotline.WireLost: "Looked up channel codes that name no case.", hotline.WireOld: "Fetched cases that ended long ago.", hotline.WireExport: "Took everything out, sealed.",
			hotline.WireRefused: "Asked for what his roles or teams do not allow.", hotline.WireCanary: "Opened or changed a canary case.",
		},
	}
}

func watchUK() watchTexts {
	return watchTexts{
		Nav: "Нагляд", Head: "Хто робить незвично багато", Intro: "Нікому нічого не забороняють, і той, про кого йдеться, цього не бачить. Тривога є приводом поговорити, а не доказом.",
		OpenHead: "Треба з’ясувати", Case: "Справа", When: "від %s, востаннє %s", Count: "Досі: %d.", Leaf: "Запис %d журналу.",
		Doubtful: "Хтось відповів, але відповідь не перевіряється.", Bound: "Зазвичай: до %d за %d хвилин.",
		NoteLabel: "Що з’ясували, що зробили", NoteHint: "Підписується й заноситься до журналу. Читають усі, хто наглядає, крім того, про кого йдеться.", Calm: "З’ясовано",
		EmptyHead: "Нема чого з’ясовувати.", EmptyText: "Коли хтось зачепить сторожу, це буде тут за кілька секунд.", LoadingHead: "Ще невідомо", LoadingText: "Сервер ще не сказав. Ця сторінка оновиться сама.",
		CanaryHead: "Приманки", CanaryText: "Тихі справи, які нікому нема чого відкривати. Про того, хто відкриє, буде сказано тут. Щоб зробити приманку: напишіть, як написала б людина, відповідайте, переведіть на очікування й натисніть кнопку у справі.",
		NoCanary: "Жодної немає.", By: "Хто", Since: "Від", Lift: "Зняти", Plant: "Зробити приманкою", PlantText: "Про кожного, хто відтепер відкриє цю справу, дізнаються ті, хто наглядає. Для всіх вона має той самий вигляд.",
		CalmedHead: "З’ясовано", Wire: "Сторожа", Who: "Хто", Times: "Скільки разів",
		Wires: map[hotline.Wire]string{
			hotline.WireRead: "Відкрито багато справ", hotline.WireBrowse: "Відкрито багато чужих справ", hotline.WireLocate: "Багато пошуків за кодом", hotline.WireLost: "Багато хибних кодів",
			hotline.WireOld: "Отримано багато старих справ", hotline.WireExport: "Вивезення", hotline.WireRefused: "Багато відмов", hotline.WireCanary: "Відкрито приманку",
		},
		What: map[hotline.Wire]string{
			hotline.WireRead: "Відкривав різні справи.", hotline.WireBrowse: "Відкривав справи, де ніхто не чекає, нового немає і які не його.", hotline.WireLocate: "Шукав за кодами.",
			hotline.WireLost: "Шукав за кодами, яких немає в жодній справі.", hotline.WireOld: "Отримував справи, що давно завершилися.", hotline.WireExport: "Вивіз усе, запечатаним.",
			hotline.WireRefused: "Просив те, чого не дозволяють його ролі або команди.", hotline.WireCanary: "Відкрив або змінив приманку.",
		},
	}
}

func watchRU() watchTexts {
	return watchTexts{
		Nav: "Надзор", Head: "Кто делает необычно много", Intro: "Никому ничего не запрещают, и тот, о ком речь, этого не видит. Тревога есть повод поговорить, а не доказательство.",
		OpenHead: "Надо выяснить", Case: "Дело", When: "с %s, в последний раз %s", Count: "Пока: %d.", Leaf: "Запись %d журнала.",
		Doubtful: "Кто-то ответил, но ответ не проверяется.", Bound: "Обычно: до %d за %d минут.",
		NoteLabel: "Что выяснили, что сделали", NoteHint: "Подписывается и заносится в журнал. Читают все, кто надзирает, кроме того, о ком речь.", Calm: "Выяснено",
		EmptyHead: "Выяснять нечего.", EmptyText: "Когда кто-то заденет сторожа, это будет здесь через несколько секунд.", LoadingHead: "Ещё неизвестно", LoadingText: "Сервер ещё не сказал. Эта страница обновится сама.",
		CanaryHead: "Приманки", CanaryText: "Тихие дела, которые никому незачем открывать. О том, кто откроет, будет сказано здесь. Чтобы сделать приманку: напишите, как написал бы человек, ответьте, переведите в ожидание и нажмите кнопку в деле.",
		NoCanary: "Ни одной нет.", By: "Кто", Since: "С", Lift: "Снять", Plant: "Сделать приманкой", PlantText: "О каждом, кто отныне откроет это дело, узнают те, кто надзирает. Для всех оно выглядит по-прежнему.",
		CalmedHead: "Выяснено", Wire: "Сторож", Who: "Кто", Times: "Сколько раз",
		Wires: map[hotline.Wire]string{
			hotline.WireRead: "Открыто много дел", hotline.WireBrowse: "Открыто много чужих дел", hotline.WireLocate: "Много поисков по коду", hotline.WireLost: "Много неверных кодов",
			hotline.WireOld: "Получено много старых дел", hotline.WireExport: "Вывоз", hotline.WireRefused: "Много отказов", hotline.WireCanary: "Открыта приманка",
		},
		What: map[hotline.Wire]string{
			hotline.WireRead: "Открывал разные дела.", hotline.WireBrowse: "Открывал дела, где никто не ждёт, нового нет и которые не его.", hotline.WireLocate: "Искал по кодам.",
			hotline.WireLost: "Искал по кодам, которых нет ни в одном деле.", hotline.WireOld: "Получал дела, которые давно завершились.", hotline.WireExport: "Вывез всё, запечатанным.",
			hotline.WireRefused: "Просил то, чего не разрешают его роли или команды.", hotline.WireCanary: "Открыл или изменил приманку.",
		},
	}
}
