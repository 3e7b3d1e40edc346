package ui

import (
	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
)

func russian() *texts {
	t := &texts{
		Name: "Русский", Tag: "ru",
		Head: headTexts{
			Skip: "К содержанию", Queue: "Очередь", People: "Люди", Journal: "Журнал", Outbox: "Исходящие", Alarms: "Тревоги", Menu: "Страницы",
			Online: "На связи", Offline: "Без связи", Connecting: "Соединение", Opening: "Открываются дела",
			Lock: "Запереть", LockTitle: "Запереть рабочее место", Help: "Клавиши", Language: "Язык", Theme: "Вид", Light: "Светлый", Dark: "Тёмный", Auto: "Как в системе",
			OfflineHead: "Нет связи с сервером.", OfflineSince: "Последняя связь: %s.", OfflineNever: "После отпирания связи ещё не было.",
			OfflineKept:    "Можно читать то, что здесь открыто, и писать дальше. Всё хранится на этом компьютере запечатанным и уйдёт само.",
			OfflineWaiting: "Ждёт отправки: %d.", OfflineNone: "Отправки ничего не ждёт.",
			Undecided: "Не отправлено, нужно ваше решение: %d.", AlarmHead: "Что-то не проходит проверку.",
			BlockedHead: "Что-то не проходит проверку. Ничего не будет отправлено, пока на это не посмотрят.", Look: "Посмотреть",
			Idle: "Рабочее место запрётся через %s с.", IdleStay: "Остаться", Gone: "Программа рабочего места не отвечает.",
			GoneText: "То, что вы видите, может быть старым. Проверьте, работает ли она; страница соединится сама.",
			Close:    "Закрыть", ErrorHead: "Не получилось", ErrorAct: "На первую страницу", Outside: "Технически",
		},
		Times: timeTexts{
			Now: "только что", Minutes: "%d мин", Hours: "%d ч", Days: "%d дн.",
			TodayHour: "сегодня, %02d ч", DayHour: "%02d.%02d, %02d ч", YearHour: "%02d.%02d.%d, %02d ч", Day: "%02d.%02d, %s",
		},
		Queue: queueTexts{
			Head: "Очередь", Search: "Поиск", SearchHint: "Слово, заметка или код", All: "Все", Open: "Открытые", Unread: "Непрочитанные", Mine: "Мои",
			Free: "Ничьи", Groups: "Группы", Which: "Какие дела", AnyStage: "Любой этап", AnyLanguage: "Любой язык", Stage: "Этап", Language: "Язык", Filters: "Фильтры",
			Waits: "ждёт", Answered: "есть ответ", New: "новых", Problems: "не проходит проверку", Draft: "черновик", People: "чел.",
			Unassigned: "ничьё", Me: "я", Sealed: "запечатал сам человек",
			EmptyHead: "Никто не ждёт.", EmptyText: "Новые сообщения появятся здесь сами. Обновлять страницу не нужно.",
			NoneHead: "По этим фильтрам дел нет.", NoneText: "Снимите один из них или нажмите Esc.",
			NoHitHead: "Ничего не найдено.", NoHitText: "Поиск читает всё, что открыто на этом месте: сообщения, заметки, названия и коды. Дело, которое не удалось открыть, не ищется.",
			CodeHead: "Дела с этим кодом", CodeText: "Код ничего не доказывает: его могли найти. Спросите слово.",
			NoCodeHead: "Дела с таким кодом нет.", NoCodeText: "Попросите прочитать ещё раз, медленно. Если не помогло, примите как новое дело; связать их можно позже.",
			SearchNote: "Найдено во всём, что здесь открыто", More: "Ещё %d: сузьте фильтры.", Unopened: "не открыто на этом месте",
			LoadingHead: "Открываются дела", LoadingText: "%d из %d", Total: "Дел: %d",
		},
		Flood: floodRU(),
		Files: filesRU(), Attach: attachRU(),
		Case: caseTexts{
			NoneHead: "Ни одно дело не открыто.", NoneText: "Выберите его в очереди: j и k передвигают, Enter открывает. ? показывает все клавиши.",
			Person: "Человек", ByGateway: "Пришло открыто", Unknown: "Неизвестно кто", Nobody: "никто",
			SignedPerson: "подписано ключом человека", SignedGateway: "запечатал наш шлюз: не сквозное", SignedOperator: "подписал оператор",
			SignedNobody: "подпись недействительна", NotPutAway: "человек ещё не убрал", PutAway: "человек убрал", AtServer: "на сервере",
			Waits: "хранится на этом компьютере, будет отправлено", Conflict: "не отправлено: кто-то был быстрее", Refused: "не отправлено: сервер отказал",
			Retry: "Отправить всё равно", Discard: "Отозвать", Written: "написано", Arrived: "пришло %s", Says: "говорит, человек: %d",
			Effort: "Отправлено без квитанции: через страницу человек вернуться не сможет. Сообщите код канала.", UnreadLine: "Отсюда не прочитано",
			Conversation: "Разговор", Empty: "Ещё ничего не написано.", Unreadable: "Это сообщение здесь не прочитать.", Sealed: "Сквозное", NotSealed: "Не сквозное",
			Facts: "Дело", Urgency: "Срочность", Stage: "Этап", StepTo: "Перевести в", NoStep: "Дальше шагов нет.", Assignee: "Ведёт", ToMe: "Взять себе", Release: "Снять",
			GiveTo: "Передать кому", Give: "Передать", Created: "Начало", Team: "Команда", Generation: "Ключ", Language: "Язык", People: "Человек", Title: "Название",
			SaveFacts: "Сохранить", EditFacts: "Язык, число людей, название", FactsHint: "Пустое останется, как было.", Notes: "Внутренние заметки", NoteHint: "Для коллег. Человек этого не увидит.",
			SaveNote: "Сохранить заметку", NoNotes: "Заметок ещё нет.", Handover: "Передать смену", HandoverHint: "Что должна знать следующая смена", HandoverTo: "Кому",
			SaveHandover: "Передать", LastHandover: "Передано", History: "История", NoHistory: "Ещё ничего не сделано.", Code: "Код канала",
			CodeHint: "Повторите его только после слова.", ActBothWords: "Заданы слово и слово принуждения", Number: "Дело", Back: "К очереди",
			Now: "сейчас", ConfirmStage: "Это завершает дело.",
		},
		Reply: replyTexts{
			Head: "Ответ", Hint: "Напишите человеку", Send: "Отправить", Keys: "Ctrl+Enter отправляет", Templates: "Шаблоны",
			DraftKept: "Черновик сохранён", DraftSaving: "Сохраняется черновик…", Cannot: "Здесь ответить нельзя:", Label: "Ответ человеку", Sending: "Отправляется…",
		},
		Words: wordTexts{
			Head: "Слово", None: "Слово не условлено. Не называйте ни места, ни времени.", Set: "Слово условлено; слова принуждения нет.", BothSet: "Условлены слово и слово принуждения.",
			SetHead: "Задать слова", Word: "Слово", Duress: "Слово принуждения", DuressHint: "Оно значит: меня заставляют. Условьтесь об обоих, пока они не понадобились.",
			Save: "Сохранить слова", Show: "Показать", Hide: "Скрыть", CheckHead: "Проверить слово", Said: "Что было сказано", Check: "Проверить",
			Match: "Слово верное.", MatchText: "Тот, кто его назвал, его знает. Продолжайте.", No: "Это не то слово.",
			NoText: "Переспросите один раз, спокойно. Ни места, ни времени, пока слово не верное.", Alarm: "Слово принуждения. Человек несвободен.",
			AlarmDo: []string{
				"Пишите дальше так, будто всё хорошо. Не меняйте ни тона, ни темпа.",
				"Не называйте ни места, ни времени, ни имён. Не спрашивайте того, что требует правдивого ответа.",
				"Сейчас же позовите старшего смены. Всё условленное отменено.",
				"Оставьте заметку. Само слово нигде не записывайте.",
			},
		},
		Outcomes: outcomeTexts{
			Sent: "Сохранено на сервере.", Queued: "Хранится на этом компьютере запечатанным. Уйдёт само.",
			Conflict: "Не отправлено: кто-то был быстрее. Ваш текст остался здесь.", Refused: "Не отправлено: сервер отказал. Хранится в исходящих.",
		},
	}
	russianHouse(t)
	t.Training = trainingRU()
	t.Approvals = approvalsRU()
	t.Together = togetherRU()
	t.Watch, t.Journal = watchRU(), journalRU()
	t.Restore, t.Ties = restoreRU(), tiesRU()
	t.Chats = chatsRU()
	t.Addresses = addressesRU()
	russianDomain(t)
	return t
}

// russianHouse is the words of the pages about the house.
func russianHouse(t *texts) {
	t.Outbox = outboxTexts{
		Head: "Исходящие", Intro: "То, что сделано на этом компьютере и чего ещё нет на сервере. Хранится запечатанным.",
		EmptyHead: "Ничего не ждёт.", EmptyText: "Всё, что здесь сделано, уже на сервере.", Case: "Дело",
		Retry: "Отправить всё равно", Discard: "Отозвать", DiscardHint: "Текст ответа станет черновиком.", Open: "Открыть дело",
	}
	t.Alarms = alarmTexts{
		Head: "Тревоги", Intro: "То, что не проходит проверку и касается не одного сообщения. Посоветуйтесь с коллегой, прежде чем отложить.",
		EmptyHead: "Тревог нет.", EmptyText: "Список людей, манифест, ключи и журнал проходят проверку.", Seen: "Я посмотрел на это", Blocking: "Ничего не будет отправлено, пока на это не посмотрят.",
		Acknowledged: "просмотрено", OpenCase: "Открыть дело",
	}
	t.People = peopleTexts{
		Head: "Люди", Roster: "Список", Name: "Позывной", Roles: "Роли", Teams: "Команды", Since: "С", Me: "вы", Active: "действует", Left: "отозван", Until: "отозван %s",
		Revoke: "Отозвать…", RevokeSure: "Да, отозвать этого человека", RevokeText: "Человек сразу теряет весь доступ. Затем обновляются ключи команд и открытых дел; это длится несколько минут и идёт само.", RevokeDo: "Отозвать и обновить ключи",
		InviteHead: "Пригласить человека", InviteText: "Приглашение действует один раз, три дня. Передайте его лично или каналом, которому доверяете оба.", InviteName: "Позывной, не настоящее имя",
		InviteDo: "Создать приглашение", InvitedHead: "Приглашение для %s", InvitedText: "Передайте эту строку. У кого она есть, тот может постучать; впускает только сверка голосом.", InvitedOnce: "Показано только сейчас.", Copy: "Копировать", Copied: "Скопировано",
		Invitations: "Приглашения", NoInvitation: "Открытых приглашений нет.", NoInvitations: "Приглашения сейчас не показать: нет связи с сервером.", Expires: "до %s", Proposed: "называет себя %s",
		TakeBack: "Отозвать", NotOurs: "Создано на другом компьютере: подтвердите там.", Contested: "Приглашением воспользовались два компьютера: оно есть у кого-то ещё. Отзовите его и пригласите снова.",
		CompareHead: "Сверьте голосом", CompareText: "Позвоните человеку по номеру, который знаете. Читайте по три группы, по очереди. Прислушайтесь к голосу.", Same: "Совпадают", Differ: "Различаются",
		KeysHead: "Ключи", KeysRunning: "Ключи обновляются", KeysEnded: "Ключи обновлены.", KeysFault: "Обновление остановилось:", KeysNeeded: "Обновление ключей не завершено.", KeysCases: "Открытых дел со старым ключом: %d", KeysDo: "Обновить ключи", KeysFine: "Все ключи новейшей эпохи.",
	}
	t.Enrol = enrolTexts{
		Head: "Этот компьютер становится рабочим местом", Intro: "Шесть шагов, двое людей: вы и администратор. Ваши ключи создаются здесь и никогда не покидают этот компьютер.", StepsHead: "Шесть шагов",
		Steps: [6]enrolStepTexts{
			{"Создаётся приглашение", "администратор"},
			{"Его передают", "администратор, вам"},
			{"Здесь создаются ключи", "новичок"},
			{"Оба читают отпечаток вслух", "оба, голосом"},
			{"Подписывается список", "администратор"},
			{"Рабочее место открывается", "само"},
		},
		Invitation: "Приглашение", InvitationHint: "Вся строка; она начинается с scinvite1.", CallName: "Позывной", CallNameHint: "Его видят коллеги. Не настоящее имя.",
		Phrase: "Парольная фраза", PhraseHint: "Наименьшая длина в знаках: %d; хорошо подойдут пять случайных слов. Восстановить её не сможет никто.", Again: "Парольная фраза ещё раз", Do: "Создать ключи", Working: "Создаются ключи…", Differ: "Парольные фразы различаются. Ничего не создано.",
		CompareHead: "Сверьте отпечаток", CompareText: "Поговорите с администратором голосом. Читайте по три группы, по очереди. Администратор должен видеть те же цифры.", Same: "Совпадают", Differs: "Различаются",
		WaitHead: "Теперь подписывает администратор.", WaitText: "Как только список будет подписан, эта страница сама откроет рабочее место. Ключи передадут компьютеры коллег; для этого должен работать хотя бы один из них.", WaitHint: "Программу можно закрыть: ничего не потеряется.",
		StopHead: "Стоп.", StopText: "Между вами и администратором кто-то есть, или приглашение не ваше. Скажите администратору нажать «Различаются». Больше не используйте это приглашение. Чтобы начать снова, закройте программу и отложите её папку.",
		StepDone: "сделано", StepNow: "сейчас", StepLater: "потом", Back: "Сверить ещё раз",
	}
	t.Locked = lockedTexts{
		Head: "Рабочее место заперто", Text: "В памяти ничего нет. Неотправленное и черновики хранятся на этом компьютере запечатанными.", Phrase: "Парольная фраза", Do: "Отпереть", Working: "Открываются ключи…",
		Wrong: "Парольная фраза неверна. Ничего не изменено.", Hint: "Это длится около секунды.",
	}
	t.Launch = launchTexts{
		Head: "Этого адреса мало.", Text: "Рабочее место открывается только по адресу, который даёт программа, и только один раз. Попросите у программы новый: safeconduct desk.",
	}
	t.Help = helpTexts{
		Head: "Клавиши", Close: "Закрыть", Typing: "Не действуют, пока вы пишете.", Down: "Следующее дело", Up: "Предыдущее дело", Open: "Открыть дело", Reply: "Ответить", Send: "Отправить ответ", Note: "Внутренняя заметка",
		Urgency: "Срочность, потом 1–4", Stage: "Этап, потом стрелки и Enter", Mine: "Взять себе", Search: "Поиск", Queue: "К очереди", Templates: "Шаблоны ответов", Handover: "Передать смену", Help: "Эти клавиши", Escape: "Закрыть, выйти из поля", Lock: "Запереть", Word: "Проверить слово",
	}
	t.Templates = templateTexts{Head: "Шаблоны ответов", Hint: "Текст встанет там, где курсор. Измените его, прежде чем отправить.", Insert: "Вставить", Language: "Язык человека", Loading: "Загрузка…"}
}

// russianDomain is the words of the field.
func russianDomain(t *texts) {
	t.Urgencies = map[hotline.Urgency]string{
		hotline.UrgencyNow: "Сейчас", hotline.UrgencyUrgent: "Срочно", hotline.UrgencySoon: "Скоро", hotline.UrgencyCalm: "Спокойно",
	}
	t.UrgencyHints = map[hotline.Urgency]string{
		hotline.UrgencyNow: "жизнь в опасности", hotline.UrgencyUrgent: "на фронте", hotline.UrgencySoon: "скоро отправят", hotline.UrgencyCalm: "спрашивает на всякий случай",
	}
	t.Stages = map[hotline.Stage]string{
		hotline.StageNew: "Новое", hotline.StageRegistered: "Зарегистрировано", hotline.StageStandby: "Ожидание", hotline.StageMeeting: "Встреча",
		hotline.StageReceived: "Принят", hotline.StageCustody: "Содержание", hotline.StageSettled: "Устроен", hotline.StageClosed: "Закрыто",
		hotline.StageReferred: "Перенаправлено", hotline.StageWithdrawn: "Отказался", hotline.StageUnfounded: "Необоснованно",
	}
	t.Channels = map[hotline.Channel]string{
		hotline.ChannelWeb: "страница", hotline.ChannelForm: "простая форма", hotline.ChannelTelegram: "Telegram", hotline.ChannelPhone: "телефон", hotline.ChannelDesk: "создано здесь",
	}
	t.Teams = map[hotline.Team]string{
		hotline.TeamDesk: "операторы", hotline.TeamField: "встречи", hotline.TeamRegistry: "учёт", hotline.TeamClaims: "выплаты",
	}
	t.Roles = map[hotline.Role]string{
		hotline.RoleOperator: "оператор", hotline.RoleSupervisor: "старший смены", hotline.RoleAdministrator: "администратор", hotline.RoleAuditor: "аудитор",
	}
	t.Acts = map[string]string{
		"stage": "Этап", "urgency": "Срочность", "assign": "Ведёт", "note": "Заметка", "handover": "Передана смена", "facts": "Сведения",
		"word": "Задано слово", "link": "Связано", "unlink": "Связь снята", "merge": "Объединено", "unmerge": "Разъединено", "split": "Люди вышли", "unsplit": "Люди вернулись", "review": "Оставлено после просмотра", "reply": "Ответ", "read": "Прочитано",
	}
	t.Problems = map[desk.ProblemKind]string{
		desk.ProblemForged: "Это не от того, за кого себя выдаёт.", desk.ProblemGap: "Здесь не хватает сообщения.", desk.ProblemFork: "Здесь писали два устройства.",
		desk.ProblemUnreadable: "Здесь это не прочитать: ни один ключ не открывает, или повреждено.", desk.ProblemSwapped: "Запечатано не то, что стоит рядом.",
		desk.ProblemReplayed: "Это показано второй раз.", desk.ProblemMoved: "Это относится к другому делу.", desk.ProblemOrder: "Порядок нарушен.",
		desk.ProblemMissing: "Показано меньше, чем должно быть.", desk.ProblemRow: "Строка сервера говорит другое, чем подписано.",
		desk.ProblemRollback: "Дело короче, чем было.", desk.ProblemKey: "Ключ этого дела не проходит проверку.", desk.ProblemTie: "Об этом говорит только одно из двух дел.", desk.ProblemFiles: "Вложения названы не так, как следует.",
		desk.ProblemPending: "Что-то написанное здесь не отправлено и требует вашего решения.",
	}
	t.Invitations = map[string]string{
		"open": "никто не воспользовался", "keys": "ключи пришли: сверьте голосом", "contested": "воспользовались два компьютера", "signed": "в списке", "revoked": "отозвано", "expired": "срок истёк",
	}
	t.LanguageNames = map[string]string{"ru": "русский", "uk": "украинский", "be": "белорусский", "en": "английский"}
	t.Errors = map[hotline.Kind]string{
		hotline.KindInternal: "Сбой в программе. Ничего не изменено.", hotline.KindInvalid: "В таком виде принять нельзя. Ничего не изменено.",
		hotline.KindDenied: "Ваши роли этого не позволяют. Ничего не изменено.", hotline.KindNotFound: "Этого здесь нет.",
		hotline.KindConflict: "Кто-то был быстрее. Посмотрите ещё раз, потом решайте.", hotline.KindBusy: "Сервер занят. Попробуйте чуть позже.",
		hotline.KindUnavailable: "Сервер недоступен. Ничего не изменено.", hotline.KindUnknown: "Ответ потерялся: может быть, сделано, а может быть, нет. Посмотрите ещё раз.",
		hotline.KindForged: "То, что пришло, не проходит проверку, поэтому не использовано.", hotline.KindLocked: "Рабочее место заперто. Ничего не сделано.",
	}
	t.Topics = map[string]string{
		"received": "Прочитали", "danger": "Опасность сейчас?", "trap": "Не ловушка ли?", "treated": "Как обойдутся?", "home": "Тюрьма, семья дома",
		"phone": "Нет телефона или связи", "group": "Я не один", "code": "Спрятать код", "word": "Условиться о слове", "duress": "Слово принуждения",
		"how": "Как это происходит", "after": "Что потом", "register": "Зарегистрирован заранее", "money": "Деньги", "missing": "Пропавший родственник",
	}
	t.Phrases = phrasesRU()
	t.Ledger = ledgerIn("ru")
	t.Computer = computerRU()
	t.Keeping = keepingRU()
}
