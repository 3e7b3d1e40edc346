package ui

import (
	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
)

// ledgerTexts is the words of the journal: the server names acts and what they
// bind by short names that never change.
type ledgerTexts struct {
	Acts      map[string]string // by the act of an entry
	Details   map[string]string // by the name of what an entry binds
	Actors    map[string]string // who is no member
	Actions   map[hotline.Action]string
	Documents map[string]string
}

func ledgerEN() ledgerTexts {
	return ledgerTexts{
		Acts: map[string]string{ //nolint:gosec // G101 takes a tripwire for a password
			"case.fold": "Folded a case that has ended", "case.remove": "Removed a case", "case.traces": "Let go that cases were removed", "journal.words": "Let go words of the journal",
			"proposal.new": "Proposed what takes two persons", "proposal.approve": "Approved a proposal", "proposal.refuse": "Refused a proposal",
			"proposal.withdraw": "Took a proposal back", "proposal.expire": "The time of a proposal ran out", "proposal.used": "Acted on an approved proposal",
			"case.sync": "Fetched sealed cases", "case.locate": "Looked for a code", "case.read": "Read a case", "case.reply": "Answered",
			"case.statement": "Acted on a case", "case.generation": "New key of a case", "case.rewrap": "Passed a case's key on",
			"epoch.new": "New team key", "epoch.wrap": "Gave the team key to a member", "invitation.new": "Invited a person",
			"invitation.revoke": "Took an invitation back", "invitation.expire": "An invitation expired", "enrol.keys": "A newcomer sent keys",
			"enrol.contest": "An invitation was used twice", "document.publish": "Published a document", "recovery.parts": "Laid down the recovery parts",
			"export": "Exported everything, sealed", "tripwire.alarm": "A tripwire gave the alarm", "tripwire.calm": "Acknowledged an alarm",
			"canary.plant": "Made a case a canary", "canary.lift": "Made a canary an ordinary case",
			"backup": "Took a backup", "restore": "Restored from a backup",
		},
		Details: map[string]string{
			"before": "before day", "fold": "fold", "from": "from", "to": "to", "leaves": "entries", "records": "messages", "statements": "acts", "keys": "keys", "copies": "copies for the person", "why": "why", "stage": "stage",
			"proposal": "proposal", "proposed": "what is proposed", "subject": "subject", "answer": "answer",
			"backup": "backup", "entries": "entries", "hour": "from", "announcement": "announcement", "bundle": "keys", "cases": "cases", "copy": "copy for the person", "document": "document",
			"epoch": "key number", "expires": "until", "gen": "key number", "generation": "key", "grants": "grants", "hash": "fingerprint", "header": "header",
			"holder": "for", "ids": "which", "invitation": "invitation", "kind": "what", "parts": "parts", "record": "message", "sealed": "sealed part", "seq": "number",
			"serial": "number", "statement": "statement", "team": "team", "teams": "teams", "tls": "certificate", "wrap": "wrapped key", "wraps": "wrapped keys",
			"alarm": "alarm", "bound": "usual at most", "count": "how often", "minutes": "within minutes", "who": "who", "wire": "tripwire",
		},
		Actors: map[string]string{"genesis": "at the founding", "server": "the server by itself", api.HolderRecovery: "the recovery key"},
		Actions: map[hotline.Action]string{
			hotline.ActionProposals: "see proposals", hotline.ActionPropose: "propose", hotline.ActionAnswer: "decide on proposals",
			hotline.ActionSelf: "see one's own keys", hotline.ActionQueue: "see the queue", hotline.ActionSync: "fetch sealed cases", hotline.ActionRead: "read a case",
			hotline.ActionReply: "answer a person", hotline.ActionState: "act on a case", hotline.ActionRotate: "renew a case's key", hotline.ActionEpoch: "make a team key",
			hotline.ActionWrapTeam: "pass the team key on", hotline.ActionInvite: "invite a person", hotline.ActionPublish: "publish a document", hotline.ActionExport: "export",
			hotline.ActionJournal: "check the journal", hotline.ActionJournalLeaves: "read the journal", hotline.ActionLive: "the live connection",
			hotline.ActionWatch: "see who trips a wire", hotline.ActionCalm: "acknowledge an alarm", hotline.ActionPlant: "make a case a canary", hotline.ActionLift: "make a canary an ordinary case",
		},
		Documents: map[string]string{api.DocumentRoster: "roster", api.DocumentManifest: "manifest"},
	}
}

func ledgerUK() ledgerTexts {
	return ledgerTexts{
		Acts: map[string]string{ //nolint:gosec // G101 takes a tripwire for a password
			"case.fold": "Згорнуто завершену справу", "case.remove": "Видалено справу", "case.traces": "Стерто сліди видалених справ", "journal.words": "Стерто слова журналу",
			"proposal.new": "Подано те, для чого треба двох", "proposal.approve": "Подання схвалено", "proposal.refuse": "Подання відхилено",
			"proposal.withdraw": "Подання відкликано", "proposal.expire": "Строк подання минув", "proposal.used": "Схвалене подання виконано",
			"case.sync": "Отримано запечатані справи", "case.locate": "Шукали за кодом", "case.read": "Прочитано справу", "case.reply": "Відповідь",
			"case.statement": "Дія у справі", "case.generation": "Новий ключ справи", "case.rewrap": "Ключ справи передано далі",
			"epoch.new": "Новий ключ команди", "epoch.wrap": "Ключ команди видано учаснику", "invitation.new": "Запрошено людину",
			"invitation.revoke": "Запрошення відкликано", "invitation.expire": "Строк запрошення минув", "enrol.keys": "Новачок надіслав ключі",
			"enrol.contest": "Запрошенням скористалися двічі", "document.publish": "Опубліковано документ", "recovery.parts": "Закладено частини для відновлення",
			"export": "Вивезено все, запечатаним", "tripwire.alarm": "Сторожа здійняла тривогу", "tripwire.calm": "Тривогу розглянуто",
			"canary.plant": "Справу зроблено приманкою", "canary.lift": "Приманку зроблено звичайною справою",
			"backup": "Зроблено резервну копію", "restore": "Відновлено з резервної копії",
		},
		Details: map[string]string{
			"before": "до дня", "fold": "згорток", "from": "від", "to": "до", "leaves": "записів", "records": "повідомлень", "statements": "дій", "keys": "ключів", "copies": "копій для людини", "why": "чому", "stage": "етап",
			"proposal": "подання", "proposed": "що подано", "subject": "предмет", "answer": "відповідь",
			"backup": "копія", "entries": "записів", "hour": "від", "announcement": "оголошення", "bundle": "ключі", "cases": "справ", "copy": "копія для людини", "document": "документ",
			"epoch": "номер ключа", "expires": "до", "gen": "номер ключа", "generation": "ключ", "grants": "дає", "hash": "відбиток", "header": "заголовок",
			"holder": "кому", "ids": "які саме", "invitation": "запрошення", "kind": "що", "parts": "частин", "record": "повідомлення", "sealed": "запечатана частина", "seq": "номер",
			"serial": "номер", "statement": "підписана дія", "team": "команда", "teams": "команди", "tls": "сертифікат", "wrap": "загорнутий ключ", "wraps": "загорнуті ключі",
			"alarm": "тривога", "bound": "зазвичай не більше", "count": "скільки разів", "minutes": "за хвилин", "who": "хто", "wire": "сторожа",
		},
		Actors: map[string]string{"genesis": "під час заснування", "server": "сам сервер", api.HolderRecovery: "ключ відновлення"},
		Actions: map[hotline.Action]string{
			hotline.ActionProposals: "бачити подання", hotline.ActionPropose: "подавати на схвалення", hotline.ActionAnswer: "вирішувати про подання",
			hotline.ActionSelf: "бачити власні ключі", hotline.ActionQueue: "бачити чергу", hotline.ActionSync: "отримувати запечатані справи", hotline.ActionRead: "читати справу",
			hotline.ActionReply: "відповідати людині", hotline.ActionState: "діяти у справі", hotline.ActionRotate: "оновлювати ключ справи", hotline.ActionEpoch: "створювати ключ команди",
			hotline.ActionWrapTeam: "передавати ключ команди", hotline.ActionInvite: "запрошувати людину", hotline.ActionPublish: "публікувати документ", hotline.ActionExport: "вивозити дані",
			hotline.ActionJournal: "перевіряти журнал", hotline.ActionJournalLeaves: "читати журнал", hotline.ActionLive: "живе з’єднання",
			hotline.ActionWatch: "бачити тривоги сторожі", hotline.ActionCalm: "розглядати тривогу", hotline.ActionPlant: "робити справу приманкою", hotline.ActionLift: "робити приманку звичайною справою",
		},
		Documents: map[string]string{api.DocumentRoster: "список людей", api.DocumentManifest: "маніфест"},
	}
}

func ledgerRU() ledgerTexts {
	return ledgerTexts{
		Acts: map[string]string{ //nolint:gosec // G101 takes a tripwire for a password
			"case.fold": "Свёрнуто завершённое дело", "case.remove": "Удалено дело", "case.traces": "Стёрты следы удалённых дел", "journal.words": "Стёрты слова журнала",
			"proposal.new": "Подано то, для чего нужны двое", "proposal.approve": "Представление одобрено", "proposal.refuse": "Представление отклонено",
			"proposal.withdraw": "Представление отозвано", "proposal.expire": "Срок представления прошёл", "proposal.used": "Одобренное представление исполнено",
			"case.sync": "Получены запечатанные дела", "case.locate": "Искали по коду", "case.read": "Прочитано дело", "case.reply": "Ответ",
			"case.statement": "Действие в деле", "case.generation": "Новый ключ дела", "case.rewrap": "Ключ дела передан дальше",
			"epoch.new": "Новый ключ команды", "epoch.wrap": "Ключ команды выдан участнику", "invitation.new": "Приглашён человек",
			"invitation.revoke": "Приглашение отозвано", "invitation.expire": "Срок приглашения истёк", "enrol.keys": "Новичок прислал ключи",
			"enrol.contest": "Приглашением воспользовались дважды", "document.publish": "Опубликован документ", "recovery.parts": "Заложены части для восстановления",
			"export": "Вывезено всё, запечатанным", "tripwire.alarm": "Сторож поднял тревогу", "tripwire.calm": "Тревога рассмотрена",
			"canary.plant": "Дело сделано приманкой", "canary.lift": "Приманка сделана обычным делом",
			"backup": "Сделана резервная копия", "restore": "Восстановлено из резервной копии",
		},
		Details: map[string]string{
			"before": "до дня", "fold": "свёрток", "from": "от", "to": "до", "leaves": "записей", "records": "сообщений", "statements": "действий", "keys": "ключей", "copies": "копий для человека", "why": "почему", "stage": "этап",
			"proposal": "представление", "proposed": "что подано", "subject": "предмет", "answer": "ответ",
			"backup": "копия", "entries": "записей", "hour": "от", "announcement": "объявление", "bundle": "ключи", "cases": "дел", "copy": "копия для человека", "document": "документ",
			"epoch": "номер ключа", "expires": "до", "gen": "номер ключа", "generation": "ключ", "grants": "даёт", "hash": "отпечаток", "header": "заголовок",
			"holder": "кому", "ids": "какие именно", "invitation": "приглашение", "kind": "что", "parts": "частей", "record": "сообщение", "sealed": "запечатанная часть", "seq": "номер",
			"serial": "номер", "statement": "подписанное действие", "team": "команда", "teams": "команды", "tls": "сертификат", "wrap": "завёрнутый ключ", "wraps": "завёрнутые ключи",
			"alarm": "тревога", "bound": "обычно не больше", "count": "сколько раз", "minutes": "за минут", "who": "кто", "wire": "сторож",
		},
		Actors: map[string]string{"genesis": "при основании", "server": "сам сервер", api.HolderRecovery: "ключ восстановления"},
		Actions: map[hotline.Action]string{
			hotline.ActionProposals: "видеть представления", hotline.ActionPropose: "подавать на одобрение", hotline.ActionAnswer: "решать о представлениях",
			hotline.ActionSelf: "видеть собственные ключи", hotline.ActionQueue: "видеть очередь", hotline.ActionSync: "получать запечатанные дела", hotline.ActionRead: "читать дело",
			hotline.ActionReply: "отвечать человеку", hotline.ActionState: "действовать в деле", hotline.ActionRotate: "обновлять ключ дела", hotline.ActionEpoch: "создавать ключ команды",
			hotline.ActionWrapTeam: "передавать ключ команды", hotline.ActionInvite: "приглашать человека", hotline.ActionPublish: "публиковать документ", hotline.ActionExport: "вывозить данные",
			hotline.ActionJournal: "проверять журнал", hotline.ActionJournalLeaves: "читать журнал", hotline.ActionLive: "живое соединение",
			hotline.ActionWatch: "видеть тревоги сторожа", hotline.ActionCalm: "рассматривать тревогу", hotline.ActionPlant: "делать дело приманкой", hotline.ActionLift: "делать приманку обычным делом",
		},
		Documents: map[string]string{api.DocumentRoster: "список людей", api.DocumentManifest: "манифест"},
	}
}
