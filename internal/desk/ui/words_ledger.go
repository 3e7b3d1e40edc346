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
	Values    map[string]string // what is bound, by "detail=value"
	Actors    map[string]string // who is no member
	Actions   map[hotline.Action]string
	Documents map[string]string
}

// named is a short name and its words.
type named[K comparable] struct {
	name       K
	en, uk, ru string
}

func ledgerIn(lang string) ledgerTexts {
	return ledgerTexts{
		Acts: wordsIn(lang, ledgerActs), Details: wordsIn(lang, ledgerDetails), Actors: wordsIn(lang, ledgerActors),
		Values:  wordsIn(lang, ledgerValues),
		Actions: wordsIn(lang, ledgerActions), Documents: wordsIn(lang, ledgerDocuments),
	}
}

func wordsIn[K comparable](lang string, list []named[K]) map[K]string {
	m := make(map[K]string, len(list))
	for _, n := range list {
		switch lang {
		case "uk":
			m[n.name] = n.uk
		case "ru":
			m[n.name] = n.ru
		default:
			m[n.name] = n.en
		}
	}
	return m
}

// ledgerActs: the acts of the journal, by the name in an entry. One line for each.
var ledgerActs = []named[string]{
	{"restore.accept", "Accepted that the server was restored from a backup", "Прийнято, що сервер відновили з резервної копії", "Принято, что сервер восстановили из резервной копии"},
	{"case.reseal", "Sealed replies for the person again", "Відповіді для людини запечатано знову", "Ответы для человека запечатаны снова"},
	{"epoch.destroy", "Destroyed a team key", "Знищено ключ команди", "Уничтожен ключ команды"},
	{"epoch.destroyed", "A desk let go of a destroyed key", "Комп’ютер відпустив знищений ключ", "Компьютер отпустил уничтоженный ключ"},
	{"retention.change", "Changed how long things are kept", "Змінено строки зберігання", "Изменены сроки хранения"},
	{"retention.clock", "Confirmed the clock", "Підтверджено годинник", "Подтверждены часы"},
	{"rewrap.allow", "Let many cases take another key", "Дозволено перевести багато справ на інший ключ", "Разрешено перевести много дел на другой ключ"},
	{"case.part", "Sent a part of an attachment", "Надіслано частину вкладення", "Отправлена часть вложения"},
	{"case.file", "Fetched an attachment", "Отримано вкладення", "Получено вложение"},
	{"case.fold", "Folded a case that has ended", "Згорнуто завершену справу", "Свёрнуто завершённое дело"},
	{"case.remove", "Removed a case", "Видалено справу", "Удалено дело"},
	{"case.traces", "Let go that cases were removed", "Стерто сліди видалених справ", "Стёрты следы удалённых дел"},
	{"journal.words", "Let go words of the journal", "Стерто слова журналу", "Стёрты слова журнала"},
	{"proposal.new", "Proposed what takes two persons", "Подано те, для чого треба двох", "Подано то, для чего нужны двое"},
	{"proposal.approve", "Approved a proposal", "Подання схвалено", "Представление одобрено"},
	{"proposal.refuse", "Refused a proposal", "Подання відхилено", "Представление отклонено"},
	{"proposal.withdraw", "Took a proposal back", "Подання відкликано", "Представление отозвано"},
	{"proposal.expire", "The time of a proposal ran out", "Строк подання минув", "Срок представления прошёл"},
	{"proposal.used", "Acted on an approved proposal", "Схвалене подання виконано", "Одобренное представление исполнено"},
	{"case.sync", "Fetched sealed cases", "Отримано запечатані справи", "Получены запечатанные дела"},
	{"case.locate", "Looked for a code", "Шукали за кодом", "Искали по коду"},
	{"case.read", "Read a case", "Прочитано справу", "Прочитано дело"},
	{"case.reply", "Answered", "Відповідь", "Ответ"},
	{"case.statement", "Acted on a case", "Дія у справі", "Действие в деле"},
	{"case.generation", "New key of a case", "Новий ключ справи", "Новый ключ дела"},
	{"case.rewrap", "Passed a case's key on", "Ключ справи передано далі", "Ключ дела передан дальше"},
	{"epoch.new", "New team key", "Новий ключ команди", "Новый ключ команды"},
	{"epoch.wrap", "Gave the team key to a member", "Ключ команди видано учаснику", "Ключ команды выдан участнику"},
	{"invitation.new", "Invited a person", "Запрошено людину", "Приглашён человек"},
	{"invitation.revoke", "Took an invitation back", "Запрошення відкликано", "Приглашение отозвано"},
	{"invitation.expire", "An invitation expired", "Строк запрошення минув", "Срок приглашения истёк"},
	{"enrol.keys", "A newcomer sent keys", "Новачок надіслав ключі", "Новичок прислал ключи"},
	{"enrol.contest", "An invitation was used twice", "Запрошенням скористалися двічі", "Приглашением воспользовались дважды"},
	{"document.publish", "Published a document", "Опубліковано документ", "Опубликован документ"},
	{"recovery.parts", "Laid down the recovery parts", "Закладено частини для відновлення", "Заложены части для восстановления"},
	{"export", "Exported everything, sealed", "Вивезено все, запечатаним", "Вывезено всё, запечатанным"},
	{"tripwire.alarm", "A tripwire gave the alarm", "Сторожа здійняла тривогу", "Сторож поднял тревогу"},
	{"tripwire.calm", "Acknowledged an alarm", "Тривогу розглянуто", "Тревога рассмотрена"},
	{"canary.plant", "Made a case a canary", "Справу зроблено приманкою", "Дело сделано приманкой"},
	{"canary.lift", "Made a canary an ordinary case", "Приманку зроблено звичайною справою", "Приманка сделана обычным делом"},
	{"backup", "Took a backup", "Зроблено резервну копію", "Сделана резервная копия"},
	{"restore", "Restored from a backup", "Відновлено з резервної копії", "Восстановлено из резервной копии"},
}

// ledgerDetails: what an entry binds, by its name in the entry. One line for each.
var ledgerDetails = []named[string]{
	{"leaf", "entry", "запис", "запись"},
	{"missing", "missing", "бракує", "не хватает"},
	{"line", "line", "рядок", "строка"},
	{"oldest", "oldest", "найдавніша", "самое давнее"},
	{"newest", "newest", "найновіша", "самое новое"},
	{"clock", "clock", "годинник", "часы"},
	{"before", "before day", "до дня", "до дня"},
	{"fold", "fold", "згорток", "свёрток"},
	{"from", "from", "від", "от"},
	{"to", "to", "до", "до"},
	{"leaves", "entries", "записів", "записей"},
	{"proposals", "proposals", "подань", "представлений"},
	{"records", "messages", "повідомлень", "сообщений"},
	{"statements", "acts", "дій", "действий"},
	{"keys", "keys", "ключів", "ключей"},
	{"copies", "copies for the person", "копій для людини", "копий для человека"},
	{"why", "why", "чому", "почему"},
	{"stage", "stage", "етап", "этап"},
	{"proposal", "proposal", "подання", "представление"},
	{"proposed", "what is proposed", "що подано", "что подано"},
	{"subject", "subject", "предмет", "предмет"},
	{"answer", "answer", "відповідь", "ответ"},
	{"backup", "backup", "копія", "копия"},
	{"entries", "entries", "записів", "записей"},
	{"hour", "from", "від", "от"},
	{"announcement", "announcement", "оголошення", "объявление"},
	{"bundle", "keys", "ключі", "ключи"},
	{"cases", "cases", "справ", "дел"},
	{"copy", "copy for the person", "копія для людини", "копия для человека"},
	{"document", "document", "документ", "документ"},
	{"epoch", "key number", "номер ключа", "номер ключа"},
	{"expires", "until", "до", "до"},
	{"gen", "key number", "номер ключа", "номер ключа"},
	{"generation", "key", "ключ", "ключ"},
	{"grants", "grants", "дає", "даёт"},
	{"hash", "fingerprint", "відбиток", "отпечаток"},
	{"header", "header", "заголовок", "заголовок"},
	{"holder", "for", "кому", "кому"},
	{"ids", "which", "які саме", "какие именно"},
	{"invitation", "invitation", "запрошення", "приглашение"},
	{"kind", "what", "що", "что"},
	{"parts", "parts", "частин", "частей"},
	{"object", "attachment", "вкладення", "вложение"},
	{"part", "part", "частина", "часть"},
	{"record", "message", "повідомлення", "сообщение"},
	{"sealed", "sealed part", "запечатана частина", "запечатанная часть"},
	{"seq", "number", "номер", "номер"},
	{"serial", "number", "номер", "номер"},
	{"statement", "statement", "підписана дія", "подписанное действие"},
	{"team", "team", "команда", "команда"},
	{"teams", "teams", "команди", "команды"},
	{"tls", "certificate", "сертифікат", "сертификат"},
	{"wrap", "wrapped key", "загорнутий ключ", "завёрнутый ключ"},
	{"wraps", "wrapped keys", "загорнуті ключі", "завёрнутые ключи"},
	{"alarm", "alarm", "тривога", "тревога"},
	{"bound", "usual at most", "зазвичай не більше", "обычно не больше"},
	{"count", "how often", "скільки разів", "сколько раз"},
	{"minutes", "within minutes", "за хвилин", "за минут"},
	{"who", "who", "хто", "кто"},
	{"wire", "tripwire", "сторожа", "сторож"},
}

// ledgerActors: who acts or holds a key and is no member.
var ledgerActors = []named[string]{
	{"genesis", "at the founding", "під час заснування", "при основании"},
	{"server", "the server by itself", "сам сервер", "сам сервер"},
	{api.HolderRecovery, "the recovery key", "ключ відновлення", "ключ восстановления"},
}

// ledgerActions: the actions of the policy, as a refusal names them.
var ledgerActions = []named[hotline.Action]{
	{hotline.ActionAccept, "accept that the server was restored", "приймати, що сервер відновлено", "принимать, что сервер восстановлен"},
	{hotline.ActionRetention, "change how long things are kept", "змінювати строки зберігання", "менять сроки хранения"},
	{hotline.ActionReview, "decide about silent cases", "вирішувати щодо мовчазних справ", "решать о молчащих делах"},
	{hotline.ActionTie, "link, merge and split cases", "пов’язувати, об’єднувати й розділяти справи", "связывать, объединять и разделять дела"},
	{hotline.ActionUntie, "undo that after its time", "скасовувати це після строку", "отменять это после срока"},
	{hotline.ActionForget, "forget a person", "забути людину", "забыть человека"},
	{hotline.ActionDestroy, "destroy a team key", "знищити ключ команди", "уничтожить ключ команды"},
	{hotline.ActionProposals, "see proposals", "бачити подання", "видеть представления"},
	{hotline.ActionPropose, "propose", "подавати на схвалення", "подавать на одобрение"},
	{hotline.ActionAnswer, "decide on proposals", "вирішувати про подання", "решать о представлениях"},
	{hotline.ActionSelf, "see one's own keys", "бачити власні ключі", "видеть собственные ключи"},
	{hotline.ActionQueue, "see the queue", "бачити чергу", "видеть очередь"},
	{hotline.ActionSync, "fetch sealed cases", "отримувати запечатані справи", "получать запечатанные дела"},
	{hotline.ActionRead, "read a case", "читати справу", "читать дело"},
	{hotline.ActionReply, "answer a person", "відповідати людині", "отвечать человеку"},
	{hotline.ActionSendFile, "send a person a file", "надсилати людині файл", "отправлять человеку файл"},
	{hotline.ActionState, "act on a case", "діяти у справі", "действовать в деле"},
	{hotline.ActionRotate, "renew a case's key", "оновлювати ключ справи", "обновлять ключ дела"},
	{hotline.ActionEpoch, "make a team key", "створювати ключ команди", "создавать ключ команды"},
	{hotline.ActionWrapTeam, "pass the team key on", "передавати ключ команди", "передавать ключ команды"},
	{hotline.ActionInvite, "invite a person", "запрошувати людину", "приглашать человека"},
	{hotline.ActionPublish, "publish a document", "публікувати документ", "публиковать документ"},
	{hotline.ActionExport, "export", "вивозити дані", "вывозить данные"},
	{hotline.ActionJournal, "check the journal", "перевіряти журнал", "проверять журнал"},
	{hotline.ActionJournalLeaves, "read the journal", "читати журнал", "читать журнал"},
	{hotline.ActionLive, "the live connection", "живе з’єднання", "живое соединение"},
	{hotline.ActionWatch, "see who trips a wire", "бачити тривоги сторожі", "видеть тревоги сторожа"},
	{hotline.ActionCalm, "acknowledge an alarm", "розглядати тривогу", "рассматривать тревогу"},
	{hotline.ActionPlant, "make a case a canary", "робити справу приманкою", "делать дело приманкой"},
	{hotline.ActionLift, "make a canary an ordinary case", "робити приманку звичайною справою", "делать приманку обычным делом"},
}

// ledgerDocuments: what the authority signs.
var ledgerDocuments = []named[string]{
	{api.DocumentRoster, "roster", "список людей", "список людей"},
	{api.DocumentManifest, "manifest", "маніфест", "манифест"},
}

// ledgerValues: what an entry binds, where it is a word of the domain.
var ledgerValues = []named[string]{
	{"proposed=roster", "publish a roster", "опублікувати список людей", "опубликовать список людей"},
	{"proposed=manifest", "publish a manifest", "опублікувати маніфест", "опубликовать манифест"},
	{"proposed=export", "take everything out, sealed", "вивезти все, запечатаним", "вывезти всё, запечатанным"},
	{"proposed=retention", "change how long things are kept", "змінити строки зберігання", "изменить сроки хранения"},
	{"proposed=rewrap", "pass on the keys of many cases", "передати ключі багатьох справ", "передать ключи многих дел"},
	{"proposed=link", "say that two cases are of one person", "сказати, що дві справи однієї людини", "сказать, что два дела одного человека"},
	{"why=unsplit", "who had left came back", "хто вийшов, повернувся", "кто вышел, вернулся"},
	{"proposed=destroy", "destroy a team's old key", "знищити старий ключ команди", "уничтожить старый ключ команды"},
	{"proposed=forget", "forget a person who asks for it", "забути людину, яка про це просить", "забыть человека, который об этом просит"},
	{"proposed=protection", "end a person's protection", "припинити захист людини", "прекратить защиту человека"},
	{"wire=read", "many cases opened", "відкрито багато справ", "открыто много дел"},
	{"wire=browse", "many cases opened without a reason to be seen", "відкрито багато справ без видимої причини", "открыто много дел без видимой причины"},
	{"wire=locate", "many codes looked up", "шукали за багатьма кодами", "искали по многим кодам"},
	{"wire=lost", "many codes that name no case", "багато кодів, за якими справ немає", "много кодов, по которым дел нет"},
	{"wire=old", "many old cases fetched", "отримано багато давніх справ", "получено много давних дел"},
	{"wire=export", "everything taken out", "вивезено все", "вывезено всё"},
	{"wire=refused", "many refusals", "багато відмов", "много отказов"},
	{"wire=canary", "a canary opened", "відкрито приманку", "открыта приманка"},
	{"why=due", "past its time", "строк минув", "срок прошёл"},
	{"why=epoch", "its key was destroyed", "ключ знищено", "ключ уничтожен"},
	{"why=forget", "the person asked for it", "так попросила людина", "так попросил человек"},
}
