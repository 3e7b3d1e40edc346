package ui

import (
	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
)

func ukrainian() *texts {
	t := &texts{
		Name: "Українська", Tag: "uk",
		Head: headTexts{
			Skip: "До вмісту", Queue: "Черга", People: "Люди", Journal: "Журнал", Outbox: "Вихідні", Alarms: "Тривоги", Menu: "Сторінки",
			Online: "На зв’язку", Offline: "Без зв’язку", Connecting: "З’єднання", Opening: "Відкриваються справи",
			Lock: "Замкнути", LockTitle: "Замкнути робоче місце", Help: "Клавіші", Language: "Мова", Theme: "Вигляд", Light: "Світлий", Dark: "Темний", Auto: "Як у системі",
			OfflineHead: "Немає зв’язку із сервером.", OfflineSince: "Останній зв’язок: %s.", OfflineNever: "Після відмикання зв’язку ще не було.",
			OfflineKept:    "Можна читати те, що тут відкрито, і писати далі. Усе зберігається на цьому комп’ютері запечатаним і піде саме.",
			OfflineWaiting: "Чекає на відправлення: %d.", OfflineNone: "Нічого не чекає на відправлення.",
			Undecided: "Не надіслано, потрібне ваше рішення: %d.", AlarmHead: "Дещо не проходить перевірку.",
			BlockedHead: "Дещо не проходить перевірку. Нічого не буде надіслано, доки на це не подивляться.", Look: "Подивитися",
			Idle: "Робоче місце замкнеться за %s с.", IdleStay: "Залишитися", Gone: "Програма робочого місця не відповідає.",
			GoneText: "Те, що ви бачите, може бути старим. Перевірте, чи вона працює; сторінка з’єднається сама.",
			Close:    "Закрити", ErrorHead: "Не вийшло", ErrorAct: "На першу сторінку", Outside: "Технічно",
		},
		Times: timeTexts{
			Now: "щойно", Minutes: "%d хв", Hours: "%d год", Days: "%d дн.",
			TodayHour: "сьогодні, %02d год", DayHour: "%02d.%02d, %02d год", YearHour: "%02d.%02d.%d, %02d год", Day: "%02d.%02d, %s",
		},
		Queue: queueTexts{
			Head: "Черга", Search: "Пошук", SearchHint: "Слово, нотатка або код", All: "Усі", Open: "Відкриті", Unread: "Непрочитані", Mine: "Мої",
			Free: "Нічиї", Groups: "Групи", Which: "Які справи", AnyStage: "Будь-який етап", AnyLanguage: "Будь-яка мова", Stage: "Етап", Language: "Мова", Filters: "Фільтри",
			Waits: "чекає", Answered: "є відповідь", New: "нових", Problems: "не проходить перевірку", Draft: "чернетка", People: "ос.",
			Unassigned: "нічия", Me: "я", Sealed: "запечатала сама людина",
			EmptyHead: "Ніхто не чекає.", EmptyText: "Нові повідомлення з’являться тут самі. Оновлювати сторінку не треба.",
			NoneHead: "За цими фільтрами справ немає.", NoneText: "Зніміть один із них або натисніть Esc.",
			NoHitHead: "Нічого не знайдено.", NoHitText: "Пошук читає все, що відкрито на цьому місці: повідомлення, нотатки, назви та коди. Справа, яку не вдалося відкрити, не шукається.",
			CodeHead: "Справи з цим кодом", CodeText: "Код нічого не доводить: його могли знайти. Запитайте слово.",
			NoCodeHead: "Справи з таким кодом немає.", NoCodeText: "Попросіть прочитати ще раз, повільно. Якщо не допомогло, прийміть як нову справу; пов’язати їх можна пізніше.",
			SearchNote: "Знайдено в усьому, що тут відкрито", More: "Ще %d: звузьте фільтри.", Unopened: "не відкрито на цьому місці",
			LoadingHead: "Відкриваються справи", LoadingText: "%d з %d", Total: "Справ: %d",
		},
		Flood: floodUK(),
		Files: filesUK(), Attach: attachUK(),
		Case: caseTexts{
			NoneHead: "Жодну справу не відкрито.", NoneText: "Виберіть її в черзі: j і k пересувають, Enter відкриває. ? показує всі клавіші.",
			Person: "Людина", ByGateway: "Надійшло відкрито", Unknown: "Невідомо хто", Nobody: "ніхто",
			SignedPerson: "підписано ключем людини", SignedGateway: "запечатав наш шлюз: не наскрізно", SignedOperator: "підписав оператор",
			SignedNobody: "підпис недійсний", NotPutAway: "людина ще не прибрала", PutAway: "людина прибрала", AtServer: "на сервері",
			Waits: "збережено на цьому комп’ютері, буде надіслано", Conflict: "не надіслано: хтось був швидший", Refused: "не надіслано: сервер відмовив",
			Retry: "Надіслати все одно", Discard: "Відкликати", Written: "написано", Arrived: "надійшло %s", Says: "каже, осіб: %d",
			Effort: "Надіслано без квитанції: через сторінку людина повернутися не зможе. Повідомте код каналу.", UnreadLine: "Звідси не прочитано",
			Conversation: "Розмова", Empty: "Ще нічого не написано.", Unreadable: "Це повідомлення тут не прочитати.", Sealed: "Наскрізно", NotSealed: "Не наскрізно",
			Facts: "Справа", Urgency: "Терміновість", Stage: "Етап", StepTo: "Перевести в", NoStep: "Далі кроків немає.", Assignee: "Веде", ToMe: "Взяти собі", Release: "Зняти",
			GiveTo: "Передати кому", Give: "Передати", Created: "Початок", Team: "Команда", Generation: "Ключ", Language: "Мова", People: "Осіб", Title: "Назва",
			SaveFacts: "Зберегти", EditFacts: "Мова, кількість осіб, назва", FactsHint: "Порожнє залишиться, як було.", Notes: "Внутрішні нотатки", NoteHint: "Для колег. Людина цього не побачить.",
			SaveNote: "Зберегти нотатку", NoNotes: "Нотаток ще немає.", Handover: "Передати зміну", HandoverHint: "Що має знати наступна зміна", HandoverTo: "Кому",
			SaveHandover: "Передати", LastHandover: "Передано", History: "Історія", NoHistory: "Ще нічого не зроблено.", Code: "Код каналу",
			CodeHint: "Повторіть його лише після слова.", ActBothWords: "Задано слово і слово примусу", Number: "Справа", Back: "До черги",
			Now: "зараз", ConfirmStage: "Це завершує справу.",
		},
		Reply: replyTexts{
			Head: "Відповідь", Hint: "Напишіть людині", Send: "Надіслати", Keys: "Ctrl+Enter надсилає", Templates: "Шаблони",
			DraftKept: "Чернетку збережено", DraftSaving: "Зберігається чернетка…", Cannot: "Тут відповісти не можна:", Label: "Відповідь людині", Sending: "Надсилається…",
		},
		Words: wordTexts{
			Head: "Слово", None: "Слово не узгоджено. Не кажіть ні місця, ні часу.", Set: "Слово узгоджено; слова примусу немає.", BothSet: "Узгоджено слово і слово примусу.",
			SetHead: "Задати слова", Word: "Слово", Duress: "Слово примусу", DuressHint: "Воно означає: мене змушують. Узгодьте обидва, доки вони не знадобилися.",
			Save: "Зберегти слова", Show: "Показати", Hide: "Сховати", CheckHead: "Перевірити слово", Said: "Що було сказано", Check: "Перевірити",
			Match: "Слово правильне.", MatchText: "Той, хто його сказав, його знає. Продовжуйте.", No: "Це не те слово.",
			NoText: "Перепитайте один раз, спокійно. Ні місця, ні часу, доки слово не буде правильним.", Alarm: "Слово примусу. Людина не вільна.",
			AlarmDo: []string{
				"Пишіть далі так, ніби все гаразд. Не змінюйте ні тону, ні темпу.",
				"Не називайте ні місця, ні часу, ні імен. Не питайте того, що потребує правдивої відповіді.",
				"Негайно покличте старшого зміни. Усе домовлене скасовано.",
				"Залиште нотатку. Саме слово ніде не записуйте.",
			},
		},
		Outcomes: outcomeTexts{
			Sent: "Збережено на сервері.", Queued: "Збережено на цьому комп’ютері запечатаним. Піде саме.",
			Conflict: "Не надіслано: хтось був швидший. Ваш текст лишився тут.", Refused: "Не надіслано: сервер відмовив. Збережено у вихідних.",
		},
	}
	ukrainianHouse(t)
	t.Training = trainingUK()
	t.Approvals = approvalsUK()
	t.Together = togetherUK()
	t.Watch, t.Journal = watchUK(), journalUK()
	t.Restore, t.Ties = restoreUK(), tiesUK()
	t.Chats = chatsUK()
	t.Addresses = addressesUK()
	ukrainianDomain(t)
	return t
}

// ukrainianHouse is the words of the pages about the house.
func ukrainianHouse(t *texts) {
	t.Outbox = outboxTexts{
		Head: "Вихідні", Intro: "Те, що зроблено на цьому комп’ютері й чого ще немає на сервері. Зберігається запечатаним.",
		EmptyHead: "Нічого не чекає.", EmptyText: "Усе, що тут зроблено, вже на сервері.", Case: "Справа",
		Retry: "Надіслати все одно", Discard: "Відкликати", DiscardHint: "Текст відповіді стане чернеткою.", Open: "Відкрити справу",
	}
	t.Alarms = alarmTexts{
		Head: "Тривоги", Intro: "Те, що не проходить перевірку й стосується не одного повідомлення. Порадьтеся з колегою, перш ніж відкласти.",
		EmptyHead: "Тривог немає.", EmptyText: "Список людей, маніфест, ключі та журнал проходять перевірку.", Seen: "Я подивився на це", Blocking: "Нічого не буде надіслано, доки на це не подивляться.",
		Acknowledged: "переглянуто", OpenCase: "Відкрити справу",
	}
	t.People = peopleTexts{
		Head: "Люди", Roster: "Список", Name: "Позивний", Roles: "Ролі", Teams: "Команди", Since: "Відколи", Me: "ви", Active: "діє", Left: "відкликано", Until: "відкликано %s",
		Revoke: "Відкликати…", RevokeSure: "Так, відкликати цю людину", RevokeText: "Людина одразу втрачає весь доступ. Потім оновлюються ключі команд і відкритих справ; це триває кілька хвилин і йде саме.", RevokeDo: "Відкликати й оновити ключі",
		InviteHead: "Запросити людину", InviteText: "Запрошення діє один раз, три дні. Передайте його особисто або каналом, якому обоє довіряєте.", InviteName: "Позивний, не справжнє ім’я",
		InviteDo: "Створити запрошення", InvitedHead: "Запрошення для %s", InvitedText: "Передайте цей рядок. Хто його має, може постукати; впускає лише звірка голосом.", InvitedOnce: "Показано лише зараз.", Copy: "Копіювати", Copied: "Скопійовано",
		Invitations: "Запрошення", NoInvitation: "Відкритих запрошень немає.", NoInvitations: "Запрошення зараз не показати: немає зв’язку із сервером.", Expires: "до %s", Proposed: "називає себе %s",
		TakeBack: "Відкликати", NotOurs: "Створено на іншому комп’ютері: підтвердіть там.", Contested: "Запрошенням скористалися два комп’ютери: воно є ще в когось. Відкличте його й запросіть знову.",
		CompareHead: "Звірте голосом", CompareText: "Зателефонуйте людині за номером, який знаєте. Читайте по три групи, по черзі. Прислухайтеся до голосу.", Same: "Однакові", Differ: "Різні",
		KeysHead: "Ключі", KeysRunning: "Ключі оновлюються", KeysEnded: "Ключі оновлено.", KeysFault: "Оновлення зупинилося:", KeysNeeded: "Оновлення ключів не завершено.", KeysCases: "Відкритих справ зі старим ключем: %d", KeysDo: "Оновити ключі", KeysFine: "Усі ключі найновішої епохи.",
	}
	t.Enrol = enrolTexts{
		Head: "Цей комп’ютер стає робочим місцем", Intro: "Шість кроків, двоє людей: ви та адміністратор. Ваші ключі створюються тут і ніколи не залишають цей комп’ютер.", StepsHead: "Шість кроків",
		Steps: [6]enrolStepTexts{
			{"Створюється запрошення", "адміністратор"},
			{"Його передають", "адміністратор, вам"},
			{"Тут створюються ключі", "новачок"},
			{"Обоє читають відбиток уголос", "обоє, голосом"},
			{"Підписується список", "адміністратор"},
			{"Робоче місце відкривається", "само"},
		},
		Invitation: "Запрошення", InvitationHint: "Увесь рядок; він починається з scinvite1.", CallName: "Позивний", CallNameHint: "Його бачать колеги. Не справжнє ім’я.",
		Phrase: "Парольна фраза", PhraseHint: "Найменша довжина у знаках: %d; добре підійдуть п’ять випадкових слів. Відновити її не зможе ніхто.", Again: "Парольна фраза ще раз", Do: "Створити ключі", Working: "Створюються ключі…", Differ: "Парольні фрази різні. Нічого не створено.",
		CompareHead: "Звірте відбиток", CompareText: "Поговоріть з адміністратором голосом. Читайте по три групи, по черзі. Адміністратор має бачити ті самі цифри.", Same: "Однакові", Differs: "Різні",
		WaitHead: "Тепер підписує адміністратор.", WaitText: "Щойно список буде підписано, ця сторінка сама відкриє робоче місце. Ключі передадуть комп’ютери колег; для цього має працювати хоча б один із них.", WaitHint: "Програму можна закрити: нічого не загубиться.",
		StopHead: "Стоп.", StopText: "Між вами та адміністратором хтось є, або запрошення не ваше. Скажіть адміністраторові натиснути «Різні». Більше не використовуйте це запрошення. Щоб почати знову, закрийте програму й відкладіть її теку.",
		StepDone: "зроблено", StepNow: "зараз", StepLater: "потім", Back: "Звірити ще раз",
	}
	t.Locked = lockedTexts{
		Head: "Робоче місце замкнено", Text: "У пам’яті нічого немає. Ненадіслане та чернетки зберігаються на цьому комп’ютері запечатаними.", Phrase: "Парольна фраза", Do: "Відімкнути", Working: "Відкриваються ключі…",
		Wrong: "Парольна фраза неправильна. Нічого не змінено.", Hint: "Це триває близько секунди.",
	}
	t.Launch = launchTexts{
		Head: "Цієї адреси замало.", Text: "Робоче місце відкривається лише за адресою, яку дає програма, і лише один раз. Попросіть у програми нову: safeconduct desk.",
	}
	t.Help = helpTexts{
		Head: "Клавіші", Close: "Закрити", Typing: "Не діють, поки ви пишете.", Down: "Наступна справа", Up: "Попередня справа", Open: "Відкрити справу", Reply: "Відповісти", Send: "Надіслати відповідь", Note: "Внутрішня нотатка",
		Urgency: "Терміновість, потім 1–4", Stage: "Етап, потім стрілки та Enter", Mine: "Взяти собі", Search: "Пошук", Queue: "До черги", Templates: "Шаблони відповідей", Handover: "Передати зміну", Help: "Ці клавіші", Escape: "Закрити, вийти з поля", Lock: "Замкнути", Word: "Перевірити слово",
	}
	t.Templates = templateTexts{Head: "Шаблони відповідей", Hint: "Текст стане там, де курсор. Змініть його, перш ніж надіслати.", Insert: "Вставити", Language: "Мова людини", Loading: "Завантаження…"}
}

// ukrainianDomain is the words of the field.
func ukrainianDomain(t *texts) {
	t.Urgencies = map[hotline.Urgency]string{
		hotline.UrgencyNow: "Зараз", hotline.UrgencyUrgent: "Терміново", hotline.UrgencySoon: "Скоро", hotline.UrgencyCalm: "Спокійно",
	}
	t.UrgencyHints = map[hotline.Urgency]string{
		hotline.UrgencyNow: "життя в небезпеці", hotline.UrgencyUrgent: "на фронті", hotline.UrgencySoon: "скоро відправлять", hotline.UrgencyCalm: "питає про всяк випадок",
	}
	t.Stages = map[hotline.Stage]string{
		hotline.StageNew: "Нова", hotline.StageRegistered: "Зареєстровано", hotline.StageStandby: "Очікування", hotline.StageMeeting: "Зустріч",
		hotline.StageReceived: "Прийнято", hotline.StageCustody: "Утримання", hotline.StageSettled: "Улаштовано", hotline.StageClosed: "Закрито",
		hotline.StageReferred: "Перенаправлено", hotline.StageWithdrawn: "Відмовився", hotline.StageUnfounded: "Безпідставно",
	}
	t.Channels = map[hotline.Channel]string{
		hotline.ChannelWeb: "сторінка", hotline.ChannelForm: "проста форма", hotline.ChannelTelegram: "Telegram", hotline.ChannelPhone: "телефон", hotline.ChannelDesk: "створено тут",
	}
	t.Teams = map[hotline.Team]string{
		hotline.TeamDesk: "оператори", hotline.TeamField: "зустрічі", hotline.TeamRegistry: "облік", hotline.TeamClaims: "виплати",
	}
	t.Roles = map[hotline.Role]string{
		hotline.RoleOperator: "оператор", hotline.RoleSupervisor: "старший зміни", hotline.RoleAdministrator: "адміністратор", hotline.RoleAuditor: "аудитор",
	}
	t.Acts = map[string]string{
		"stage": "Етап", "urgency": "Терміновість", "assign": "Веде", "note": "Нотатка", "handover": "Передано зміну", "facts": "Відомості",
		"word": "Задано слово", "link": "Пов’язано", "unlink": "Зв’язок знято", "merge": "Об’єднано", "unmerge": "Роз’єднано", "split": "Люди вийшли", "unsplit": "Люди повернулися", "review": "Залишено після перегляду", "reply": "Відповідь", "read": "Прочитано",
	}
	t.Problems = map[desk.ProblemKind]string{
		desk.ProblemForged: "Це не від того, за кого себе видає.", desk.ProblemGap: "Тут бракує повідомлення.", desk.ProblemFork: "Тут писали два пристрої.",
		desk.ProblemUnreadable: "Тут це не прочитати: жоден ключ не відкриває, або пошкоджено.", desk.ProblemSwapped: "Запечатано не те, що стоїть поруч.",
		desk.ProblemReplayed: "Це показано вдруге.", desk.ProblemMoved: "Це належить до іншої справи.", desk.ProblemOrder: "Порядок порушено.",
		desk.ProblemMissing: "Показано менше, ніж має бути.", desk.ProblemRow: "Рядок сервера каже інше, ніж підписано.",
		desk.ProblemRollback: "Справа коротша, ніж була.", desk.ProblemKey: "Ключ цієї справи не проходить перевірку.", desk.ProblemTie: "Про це каже лише одна з двох справ.", desk.ProblemFiles: "Вкладення названо не так, як слід.",
		desk.ProblemPending: "Щось написане тут не надіслано й потребує вашого рішення.",
	}
	t.Invitations = map[string]string{
		"open": "ніхто не скористався", "keys": "ключі надійшли: звірте голосом", "contested": "скористалися два комп’ютери", "signed": "у списку", "revoked": "відкликано", "expired": "строк минув",
	}
	t.LanguageNames = map[string]string{"ru": "російська", "uk": "українська", "be": "білоруська", "en": "англійська"}
	t.Errors = map[hotline.Kind]string{
		hotline.KindInternal: "Збій у програмі. Нічого не змінено.", hotline.KindInvalid: "У такому вигляді прийняти не можна. Нічого не змінено.",
		hotline.KindDenied: "Ваші ролі цього не дозволяють. Нічого не змінено.", hotline.KindNotFound: "Цього тут немає.",
		hotline.KindConflict: "Хтось був швидший. Подивіться ще раз, потім вирішуйте.", hotline.KindBusy: "Сервер зайнятий. Спробуйте за мить.",
		hotline.KindUnavailable: "Сервер недосяжний. Нічого не змінено.", hotline.KindUnknown: "Відповідь загубилася: може, зроблено, а може, ні. Подивіться ще раз.",
		hotline.KindForged: "Те, що надійшло, не проходить перевірку, тому його не використано.", hotline.KindLocked: "Робоче місце замкнено. Нічого не зроблено.",
	}
	t.Topics = map[string]string{
		"received": "Прочитали", "danger": "Небезпека зараз?", "trap": "Чи не пастка?", "treated": "Як поводитимуться?", "home": "В’язниця, родина вдома",
		"phone": "Немає телефону чи зв’язку", "group": "Я не один", "code": "Сховати код", "word": "Узгодити слово", "duress": "Узгодити слово примусу",
		"how": "Як це відбувається", "after": "Що потім", "register": "Зареєстровано заздалегідь", "money": "Гроші", "missing": "Зниклий родич",
	}
	t.Phrases = phrasesUK()
	t.Ledger = ledgerIn("uk")
	t.Computer = computerUK()
	t.Keeping = keepingUK()
}
