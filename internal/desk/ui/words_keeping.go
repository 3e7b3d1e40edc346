package ui

import "safeconduct/internal/hotline"

// keepingTexts is the words of how long things are kept.
type keepingTexts struct {
	Nav, Head, Intro, FaultHead, FaultText, Again                            string
	PausedHead, PausedText, ClockSure, ClockDo, ClockWho, Failed             string
	ReviewHead, ReviewNone, Keep, Close                                      string
	TableHead, TableText, Days, Change, Now, Scrubbed                        string
	KeysHead, KeysText, NoKeys, Key, InUse, Replaced, Destroyed, Since, Next string
	Left, Rewrap, NotYet, LetGo, LetGoText, LetGoDo, Goes, GoesNone          string
	Confirmed, Silent, ReceiptsHead, ReceiptsText, Receipt, NoReceipts       string
	Forget, ForgetText, ForgetStays, ForgetReach, ForgetDo                   string
	Lines                                                                    map[string]keepingLineTexts
}

type keepingLineTexts struct{ What, Why string }

func keepingEN() keepingTexts {
	t := keepingTexts{
		Nav: "Keeping", Head: "What is kept, and for how long", Intro: "Nothing of a person is kept longer than this. Two people decide what changes here.",
		FaultHead: "This cannot be shown now", FaultText: "Nothing was changed. What is due is let go by the server, also while this page is empty.", Again: "Try again",
		PausedHead: "Nothing is let go: the clock has jumped", PausedText: "The last hour that was believed: %s. Then the server's clock said: %s. Compare it with another clock before you confirm: what is due by it goes for good.",
		ClockSure: "I have compared the server's clock with another one, and it is right.", ClockDo: "The clock is right", ClockWho: "A supervisor or an administrator confirms that the clock is right.",
		Failed:     "The last run could not finish. It tries again within the hour; if this stays, run `safeconduct doctor` on the server.",
		ReviewHead: "Silent for long, on standby", ReviewNone: "Nobody on standby has been silent for so long that you are asked.", Keep: "Keep, ask me again later", Close: "Close the case",
		TableHead: "The table", TableText: "Days after the end of a case. Exact times are in no line: they live only while somebody waits.", Days: "%d days",
		Change: "Propose a change", Now: "%d now, from then on (%d to %d):", Scrubbed: "The database was last rewritten on %s: what is gone is unreadable since.",
		KeysHead: "Keys of teams", KeysText: "A team gets a new key on the schedule. An old one can be let go, and with it everything that only it opens, in every old backup too.", NoKeys: "Your teams have no keys yet.",
		Key: "%s, key %d", InUse: "in use", Replaced: "replaced", Destroyed: "destroyed", Since: "since", Next: "next one from",
		Left: "Open cases that are not wrapped to it yet: %d. A desk wraps them by itself.", Rewrap: "Propose to wrap them all",
		NotYet: "It cannot be let go yet.", LetGo: "Let this key go…", LetGoText: "The wraps go from the database and from the key store. Old backups that hold these cases then open for nobody, with no sheet and no passphrase. This cannot be undone.",
		LetGoDo: "Propose to destroy the key", Goes: "With it go cases: %d. The oldest ended on %s, the newest on %s.", GoesNone: "No case goes with it: nothing needs this key any more.",
		Confirmed: "Desks that say they hold it no more:", Silent: "Desks that have not said so:",
		ReceiptsHead: "Receipts of forgotten cases", ReceiptsText: "For the auditor: the entry of the journal with counts, without a word about the person. `safeconduct verify -receipt FILE` checks it.", Receipt: "Entry %d of the journal", NoReceipts: "This computer has had no case forgotten.",
		Forget: "The person asks to be forgotten", ForgetText: "Propose it only when the person has asked for it in the conversation. Another person agrees, and one of the two is a supervisor. Then these go at once: messages, acts, keys, attachments, words of the journal, copies on all desks. The person's code opens nothing any more.",
		ForgetStays: "What stays: one entry of the journal with counts, and its receipt.", ForgetReach: "Tell the person what is out of reach: old backups hold the case, sealed, until the team's key goes; and what somebody has copied or remembers.", ForgetDo: "Propose to forget",
		Lines: map[string]keepingLineTexts{},
	}
	for _, l := range hotline.DefaultRetention().Lines() {
		t.Lines[l.Key] = keepingLineTexts{l.What, l.Why}
	}
	return t
}

func keepingUK() keepingTexts {
	return keepingTexts{
		Nav: "Зберігання", Head: "Що й скільки зберігається", Intro: "Нічого про людину не зберігають довше. Що тут змінити, вирішують двоє.",
		FaultHead: "Зараз цього не показати", FaultText: "Нічого не змінено. Те, чому вийшов строк, сервер прибирає і без цієї сторінки.", Again: "Спробувати ще раз",
		PausedHead: "Нічого не прибирається: годинник стрибнув", PausedText: "Остання година, якій вірили: %s. Потім годинник сервера показав: %s. Порівняйте його з іншим, перш ніж підтвердити: те, чому за ним вийшов строк, зникне назавжди.",
		ClockSure: "Я порівняв годинник сервера з іншим, він правильний.", ClockDo: "Годинник правильний", ClockWho: "Що годинник правильний, підтверджує старший зміни або адміністратор.",
		Failed:     "Останній прохід не завершився. За годину буде ще один; якщо це лишиться, запустіть на сервері `safeconduct doctor`.",
		ReviewHead: "Давно мовчать, на очікуванні", ReviewNone: "На очікуванні ніхто не мовчить так довго, щоб питати вас.", Keep: "Залишити, спитати пізніше", Close: "Закрити справу",
		TableHead: "Таблиця", TableText: "Дні після завершення справи. Точного часу в жодному рядку немає: він живе лише доти, доки хтось чекає.", Days: "днів: %d",
		Change: "Подати зміну", Now: "Зараз %d, відтепер (від %d до %d):", Scrubbed: "Базу востаннє переписано %s: стертого відтоді не прочитати.",
		KeysHead: "Ключі команд", KeysText: "Команда отримує новий ключ за розкладом. Старий можна знищити, а з ним усе, що відкриває лише він, також у кожній старій копії.", NoKeys: "У ваших команд ще немає ключів.",
		Key: "%s, ключ %d", InUse: "у вжитку", Replaced: "замінений", Destroyed: "знищений", Since: "від", Next: "наступний від",
		Left: "Відкритих справ, ще не загорнутих ним: %d. Це робить саме робоче місце.", Rewrap: "Подати загортання всіх",
		NotYet: "Знищити його ще не можна.", LetGo: "Знищити цей ключ…", LetGoText: "Обгортки зникнуть із бази й зі сховища ключів. Старі копії з цими справами вже ніхто не відкриє: ані аркушем, ані фразою. Повернути не можна.",
		LetGoDo: "Подати знищення ключа", Goes: "З ним зникне справ: %d. Найдавніша завершена %s, найновіша %s.", GoesNone: "Жодної справи з ним не зникне: він уже нікому не потрібен.",
		Confirmed: "Робочі місця, що підтвердили знищення:", Silent: "Робочі місця, що ще не підтвердили:",
		ReceiptsHead: "Квитанції про забуті справи", ReceiptsText: "Для аудитора: запис журналу з лічбою, без жодного слова про людину. Перевіряє `safeconduct verify -receipt ФАЙЛ`.", Receipt: "Запис %d журналу", NoReceipts: "Із цього комп’ютера жодної справи не забували.",
		Forget: "Людина просить забути її", ForgetText: "Подавайте, лише якщо людина просила про це в розмові. Погоджується ще хтось, і один із двох — старший зміни. Тоді одразу зникають повідомлення, дії, ключі, вкладення, слова журналу, копії на всіх робочих місцях. Код людини більше нічого не відкриває.",
		ForgetStays: "Лишається один запис журналу з лічбою та його квитанція.", ForgetReach: "Скажіть людині, чого не дістати: старі копії тримають справу запечатаною, доки не знищено ключ команди; і того, що хтось переписав або пам’ятає.", ForgetDo: "Подати забуття",
		Lines: map[string]keepingLineTexts{
			"closed.fold":     {"Закриті: години, вхід людини, слова журналу", "Запитання може прийти й тоді, коли все вирішено; місяця досить."},
			"closed.whole":    {"Закриті: усе, що лишилося", "Пів року на скаргу, розслідування, запит родини; потім немає чого вилучати."},
			"referred.fold":   {"Передані: години, вхід людини, слова журналу", "Якщо інша служба не візьме людину, вона повернеться за кілька тижнів."},
			"referred.whole":  {"Передані: усе, що лишилося", "Справа в іншої служби; наша має лише пережити її запитання."},
			"withdrawn.fold":  {"Відкликані: години, вхід людини, слова журналу", "Страх то росте, то спадає: хто відмовився, часто повертається за кілька місяців."},
			"withdrawn.whole": {"Відкликані: усе, що лишилося", "Після пів року тиші нова справа безпечніша за стару."},
			"unfounded.fold":  {"Необґрунтовані: години, вхід людини, слова журналу", "Нашу помилку можна виправити протягом місяця."},
			"unfounded.whole": {"Необґрунтовані: усе, що лишилося", "Досить, щоб побачити низку спроб; налякану людину могли оцінити хибно, тому не довше."},
			"silence":         {"На очікуванні без жодного знаку: питають старшого зміни", "Люди повертаються за місяці. Само нічого не закривається; за рік хтось має подивитися."},
			"again":           {"Залишено після перегляду: спитати знову", "Двічі на рік досить, щоб подумати про одну людину."},
			"reads":           {"Журнал: слова про читання й стирання", "Вони називають кілька справ разом, тож мають зникнути, коли згортають першу з них."},
			"undo":            {"Справи пов’язано, об’єднано чи розділено: скасувати може кожен оператор", "Помилка видна, коли людина пише знову, здебільшого за кілька днів; далі спершу дивиться старший зміни."},
			"trace":           {"Що справу стерто", "Робоче місце, якого не було квартал, ще дізнається, що стерти, а старий конверт нічого не поверне."},
			"epoch":           {"Ключ команди до наступного", "Зі знищеним ключем зникає щонайбільше квартал роботи, і старі копії разом із ним."},
		},
	}
}

func keepingRU() keepingTexts {
	return keepingTexts{
		Nav: "Хранение", Head: "Что и сколько хранится", Intro: "Ничего о человеке не хранят дольше. Что здесь изменить, решают двое.",
		FaultHead: "Сейчас этого не показать", FaultText: "Ничего не изменено. То, чему вышел срок, сервер убирает и без этой страницы.", Again: "Попробовать ещё раз",
		PausedHead: "Ничего не убирается: часы прыгнули", PausedText: "Последний час, которому верили: %s. Потом часы сервера показали: %s. Сравните их с другими, прежде чем подтвердить: то, чему по ним вышел срок, исчезнет навсегда.",
		ClockSure: "Я сравнил часы сервера с другими, они верны.", ClockDo: "Часы верны", ClockWho: "Что часы верны, подтверждает старший смены или администратор.",
		Failed:     "Последний проход не завершился. Через час будет ещё один; если это останется, запустите на сервере `safeconduct doctor`.",
		ReviewHead: "Давно молчат, в ожидании", ReviewNone: "В ожидании никто не молчит так долго, чтобы спрашивать вас.", Keep: "Оставить, спросить позже", Close: "Закрыть дело",
		TableHead: "Таблица", TableText: "Дни после завершения дела. Точного времени нет ни в одной строке: оно живёт только пока кто-то ждёт.", Days: "дней: %d",
		Change: "Подать изменение", Now: "Сейчас %d, впредь (от %d до %d):", Scrubbed: "Базу в последний раз переписали %s: стёртое с тех пор не прочитать.",
		KeysHead: "Ключи команд", KeysText: "Команда получает новый ключ по расписанию. Старый можно уничтожить, а с ним всё, что открывает только он, также в каждой старой копии.", NoKeys: "У ваших команд ещё нет ключей.",
		Key: "%s, ключ %d", InUse: "в ходу", Replaced: "заменён", Destroyed: "уничтожен", Since: "с", Next: "следующий с",
		Left: "Открытых дел, ещё не обёрнутых им: %d. Это делает само рабочее место.", Rewrap: "Подать обёртывание всех",
		NotYet: "Уничтожить его ещё нельзя.", LetGo: "Уничтожить этот ключ…", LetGoText: "Обёртки исчезнут из базы и из хранилища ключей. Старые копии с этими делами уже никто не откроет: ни листом, ни фразой. Вернуть нельзя.",
		LetGoDo: "Подать уничтожение ключа", Goes: "С ним исчезнет дел: %d. Самое давнее завершено %s, самое новое %s.", GoesNone: "Ни одно дело с ним не исчезнет: он уже никому не нужен.",
		Confirmed: "Рабочие места, подтвердившие уничтожение:", Silent: "Рабочие места, ещё не подтвердившие:",
		ReceiptsHead: "Квитанции о забытых делах", ReceiptsText: "Для аудитора: запись журнала с подсчётом, без единого слова о человеке. Проверяет `safeconduct verify -receipt ФАЙЛ`.", Receipt: "Запись %d журнала", NoReceipts: "С этого компьютера ни одного дела не забывали.",
		Forget: "Человек просит забыть его", ForgetText: "Подавайте, только если человек просил об этом в разговоре. Соглашается ещё кто-то, и один из двух — старший смены. Тогда сразу исчезают сообщения, действия, ключи, вложения, слова журнала, копии на всех рабочих местах. Код человека больше ничего не открывает.",
		ForgetStays: "Остаётся одна запись журнала с подсчётом и её квитанция.", ForgetReach: "Скажите человеку, чего не достать: старые копии держат дело запечатанным, пока не уничтожен ключ команды; и того, что кто-то переписал или помнит.", ForgetDo: "Подать забвение",
		Lines: map[string]keepingLineTexts{
			"closed.fold":     {"Закрытые: часы, вход человека, слова журнала", "Вопрос может прийти и тогда, когда всё решено; месяца достаточно."},
			"closed.whole":    {"Закрытые: всё, что осталось", "Полгода на жалобу, расследование, запрос семьи; потом нечего изымать."},
			"referred.fold":   {"Переданные: часы, вход человека, слова журнала", "Если другая служба не возьмёт человека, он вернётся через несколько недель."},
			"referred.whole":  {"Переданные: всё, что осталось", "Дело у другой службы; наше должно лишь пережить её вопросы."},
			"withdrawn.fold":  {"Отозванные: часы, вход человека, слова журнала", "Страх то растёт, то спадает: кто отказался, часто возвращается через несколько месяцев."},
			"withdrawn.whole": {"Отозванные: всё, что осталось", "После полугода тишины новое дело безопаснее старого."},
			"unfounded.fold":  {"Необоснованные: часы, вход человека, слова журнала", "Нашу ошибку можно исправить в течение месяца."},
			"unfounded.whole": {"Необоснованные: всё, что осталось", "Достаточно, чтобы увидеть ряд попыток; испуганного человека могли оценить неверно, поэтому не дольше."},
			"silence":         {"В ожидании без единого знака: спрашивают старшего смены", "Люди возвращаются через месяцы. Само ничего не закрывается; через год кто-то должен посмотреть."},
			"again":           {"Оставлено после просмотра: спросить снова", "Двух раз в год достаточно, чтобы подумать об одном человеке."},
			"reads":           {"Журнал: слова о чтении и стирании", "Они называют несколько дел вместе, поэтому должны исчезнуть, когда сворачивают первое из них."},
			"undo":            {"Дела связаны, объединены или разделены: отменить может каждый оператор", "Ошибка видна, когда человек пишет снова, чаще за несколько дней; дальше сначала смотрит старший смены."},
			"trace":           {"Что дело стёрто", "Рабочее место, которого не было квартал, ещё узнает, что стереть, а старый конверт ничего не вернёт."},
			"epoch":           {"Ключ команды до следующего", "С уничтоженным ключом исчезает не больше квартала работы, и старые копии вместе с ним."},
		},
	}
}
