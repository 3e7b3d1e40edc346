package ui

// phrase is a fixed sentence of the desk program in the operator's languages.
type phrase struct{ en, uk, ru string }

func phrasesUK() map[string]string {
	m := map[string]string{}
	for _, p := range phrases() {
		m[p.en] = p.uk
	}
	return m
}

func phrasesRU() map[string]string {
	m := map[string]string{}
	for _, p := range phrases() {
		m[p.en] = p.ru
	}
	return m
}

// phrases is what the desk program says most. A sentence that is not here is
// shown in English.
func phrases() []phrase { return append(append(actPhrases(), problemPhrases()...), alarmPhrases()...) }

func actPhrases() []phrase {
	return []phrase{
		{"there is nothing to send", "Немає що надсилати.", "Отправлять нечего."},
		{"there is nothing to keep", "Немає що зберігати.", "Сохранять нечего."},
		{"the case is not opened on this desk yet: nothing was done", "Справу ще не відкрито на цьому місці: нічого не зроблено.", "Дело ещё не открыто на этом месте: ничего не сделано."},
		{"the case is not opened on this desk yet", "Справу ще не відкрито на цьому місці.", "Дело ещё не открыто на этом месте."},
		{"the case has not been fetched yet", "Справу ще не отримано.", "Дело ещё не получено."},
		{"your roles do not allow this", "Ваші ролі цього не дозволяють.", "Ваши роли этого не позволяют."},
		{"your roles do not allow replies", "Ваші ролі не дозволяють відповідати.", "Ваши роли не позволяют отвечать."},
		{"nobody of that name answers for the case's team", "У команді цієї справи такої людини немає.", "В команде этого дела такого человека нет."},
		{"that is no number of people", "Це не кількість осіб.", "Это не число людей."},
		{"too long", "Задовго.", "Слишком длинно."},
		{"the word is empty", "Слово порожнє.", "Слово пустое."},
		{"the two words must differ", "Два слова мають різнитися.", "Два слова должны различаться."},
		{"no word was agreed in this case", "У цій справі слово не узгоджено.", "В этом деле слово не условлено."},
		{"this desk knows no such case", "Це місце не знає такої справи.", "Это место не знает такого дела."},
		{"no key on this desk opens this case yet", "Жоден ключ на цьому місці ще не відкриває цю справу.", "Ни один ключ на этом месте ещё не открывает это дело."},
		{"the newest key of this case does not verify", "Найновіший ключ цієї справи не проходить перевірку.", "Новейший ключ этого дела не проходит проверку."},
		{"it is not in the outbox any more", "Цього вже немає у вихідних.", "Этого уже нет в исходящих."},
		{"it is on its way already", "Воно вже надсилається.", "Оно уже отправляется."},
		{"there is no such alarm", "Такої тривоги немає.", "Такой тревоги нет."},
		{"the number of digits is wrong", "Кількість цифр неправильна.", "Число цифр неверно."},
		{"only digits, spaces and dashes belong in a code", "У коді бувають лише цифри, пробіли й риски.", "В коде бывают только цифры, пробелы и чёрточки."},
		{"a digit is wrong or two digits are swapped", "Одна цифра неправильна або дві переставлено.", "Одна цифра неверна или две переставлены."},
		{"this is not an invitation, or a part of it is missing", "Це не запрошення, або його частини бракує.", "Это не приглашение, или его части не хватает."},
		{"only an administrator does this", "Це робить лише адміністратор.", "Это делает только администратор."},
		{"this computer does not hold the authority's key", "На цьому комп’ютері немає ключа установи.", "На этом компьютере нет ключа учреждения."},
		{"something does not verify: look at the alarms first", "Дещо не проходить перевірку: спершу перегляньте тривоги.", "Что-то не проходит проверку: сначала просмотрите тревоги."},
		{"a call-name and a time are needed", "Потрібні позивний і строк.", "Нужны позывной и срок."},
		{"at least one role is needed", "Потрібна хоча б одна роль.", "Нужна хотя бы одна роль."},
		{"an auditor holds no other role", "Аудитор не має інших ролей.", "У аудитора нет других ролей."},
		{
			"these are not the keys whose fingerprint was compared. Nobody was let in",
			"Це не ті ключі, відбиток яких звіряли. Нікого не впущено.", "Это не те ключи, отпечаток которых сверяли. Никого не впустили.",
		},
		{"the server does not know this invitation", "Сервер не знає цього запрошення.", "Сервер не знает этого приглашения."},
		{"connecting", "З’єднання.", "Соединение."},
		{"Somebody has answered meanwhile. Nothing was sent; your text is kept as a draft.", "Тим часом хтось відповів. Нічого не надіслано; ваш текст лишився чернеткою.", "Тем временем кто-то ответил. Ничего не отправлено; ваш текст остался черновиком."},
		{"Somebody has answered meanwhile. Read it, then decide whether to send yours.", "Тим часом хтось відповів. Прочитайте й вирішіть, чи надсилати ваше.", "Тем временем кто-то ответил. Прочитайте и решите, отправлять ли ваше."},
		{"Somebody has decided the same thing meanwhile. Look, then decide.", "Тим часом хтось вирішив те саме. Подивіться, потім вирішуйте.", "Тем временем кто-то решил то же самое. Посмотрите, потом решайте."},
		{"Others are changing this case at the same time. Read it, then decide.", "Цю справу водночас змінюють інші. Прочитайте, потім вирішуйте.", "Это дело одновременно меняют другие. Прочитайте, потом решайте."},
		{"The server does not hand out this case any more.", "Сервер більше не видає цю справу.", "Сервер больше не выдаёт это дело."},
		{"ending access", "Припиняється доступ.", "Прекращается доступ."},
		{"publishing the new keys", "Публікуються нові ключі.", "Публикуются новые ключи."},
		{"new keys for open cases", "Нові ключі для відкритих справ.", "Новые ключи для открытых дел."},
		{"done", "Готово.", "Готово."},
	}
}

func problemPhrases() []phrase {
	return []phrase{
		{"What the server shows here is not a signed message.", "Те, що тут показує сервер, не є підписаним повідомленням.", "То, что здесь показывает сервер, не подписанное сообщение."},
		{"This message belongs to another case and was moved here.", "Це повідомлення з іншої справи; його перенесено сюди.", "Это сообщение из другого дела; его перенесли сюда."},
		{"The server says that it is from somebody else than who signed it.", "Сервер називає іншого автора, ніж той, хто підписав.", "Сервер называет другого автора, чем тот, кто подписал."},
		{"No key on this desk opens this message yet.", "Жоден ключ на цьому місці ще не відкриває це повідомлення.", "Ни один ключ на этом месте ещё не открывает это сообщение."},
		{"This message is damaged, or sealed to another key.", "Повідомлення пошкоджене або запечатане іншим ключем.", "Сообщение повреждено или запечатано другим ключом."},
		{"What is sealed is another message than the one announced beside it.", "Запечатано не те повідомлення, яке оголошено поруч.", "Запечатано не то сообщение, которое объявлено рядом."},
		{"The signature is not that of who should have written this.", "Підпис не того, хто мав би це написати.", "Подпись не того, кто должен был это написать."},
		{"What the server shows here is not a signed act.", "Те, що тут показує сервер, не є підписаною дією.", "То, что здесь показывает сервер, не подписанное действие."},
		{"Nobody who worked here at that time has signed this act.", "Ніхто з тих, хто тоді тут працював, цієї дії не підписував.", "Никто из тех, кто тогда здесь работал, этого действия не подписывал."},
		{"This act belongs to another case and was moved here.", "Ця дія з іншої справи; її перенесено сюди.", "Это действие из другого дела; его перенесли сюда."},
		{"This act was made earlier and is shown again.", "Цю дію зроблено раніше й показано знову.", "Это действие сделано раньше и показано снова."},
		{"The sealed text of this act is missing.", "Запечатаного тексту цієї дії бракує.", "Запечатанного текста этого действия не хватает."},
		{"This message is shown a second time.", "Це повідомлення показано вдруге.", "Это сообщение показано второй раз."},
		{
			"Two devices wrote under the same number: perhaps somebody else holds the receipt, perhaps the person has two.",
			"Два пристрої писали під одним номером: може, квитанція є ще в когось, може, у людини їх два.",
			"Два устройства писали под одним номером: может быть, квитанция есть ещё у кого-то, может быть, у человека их два.",
		},
		{"The message before this one is missing.", "Бракує повідомлення перед цим.", "Не хватает сообщения перед этим."},
		{
			"This message does not follow the one before it: it was written on another device.",
			"Це повідомлення не продовжує попереднє: його написано на іншому пристрої.", "Это сообщение не продолжает предыдущее: оно написано на другом устройстве.",
		},
		{"This message was written before the one above it.", "Це повідомлення написано раніше за те, що вище.", "Это сообщение написано раньше того, что выше."},
		{"The server left out what arrived before this.", "Сервер пропустив те, що надійшло перед цим.", "Сервер пропустил то, что пришло перед этим."},
		{"The person has seen replies that the server does not show.", "Людина бачила відповіді, яких сервер не показує.", "Человек видел ответы, которых сервер не показывает."},
		{"The server speaks of replies that it does not show.", "Сервер говорить про відповіді, яких не показує.", "Сервер говорит об ответах, которых не показывает."},
		{"A reply answers messages that the server does not show.", "Відповідь стосується повідомлень, яких сервер не показує.", "Ответ относится к сообщениям, которых сервер не показывает."},
		{"The server speaks of acts that it does not show.", "Сервер говорить про дії, яких не показує.", "Сервер говорит о действиях, которых не показывает."},
		{"Something written here was not sent and needs your decision.", "Щось написане тут не надіслано й потребує вашого рішення.", "Что-то написанное здесь не отправлено и требует вашего решения."},
	}
}

func alarmPhrases() []phrase {
	return []phrase{
		{
			"The journal is shorter than it was. Either the server was restored from a backup, or acts were taken out of it. Speak with the others and with an auditor before you go on.",
			"Журнал коротший, ніж був. Або сервер відновили з резервної копії, або з журналу вилучено дії. Поговоріть з іншими та з аудитором, перш ніж працювати далі.",
			"Журнал короче, чем был. Либо сервер восстановили из резервной копии, либо из журнала изъяты действия. Поговорите с другими и с аудитором, прежде чем работать дальше.",
		},
		{
			"The journal was rewritten: it does not continue the one that this desk saw before. Speak with the others and with an auditor before you go on.",
			"Журнал переписано: він не продовжує той, який це місце бачило раніше. Поговоріть з іншими та з аудитором, перш ніж працювати далі.",
			"Журнал переписан: он не продолжает тот, который это место видело раньше. Поговорите с другими и с аудитором, прежде чем работать дальше.",
		},
		{"The server showed a journal that its key has not signed.", "Сервер показав журнал, не підписаний його ключем.", "Сервер показал журнал, не подписанный его ключом."},
		{
			"The server showed a roster that the authority has not signed. The one known before stays in force.",
			"Сервер показав список людей, якого установа не підписувала. Чинним лишається попередній.", "Сервер показал список людей, который учреждение не подписывало. В силе остаётся прежний.",
		},
		{
			"Two different rosters bear the same number. The one known before stays in force.",
			"Два різні списки людей мають один номер. Чинним лишається попередній.", "Два разных списка людей имеют один номер. В силе остаётся прежний.",
		},
		{"The server showed the roster of another house.", "Сервер показав список людей іншої установи.", "Сервер показал список людей другого учреждения."},
		{
			"The server showed a manifest that the authority has not signed. The one known before stays in force.",
			"Сервер показав маніфест, якого установа не підписувала. Чинним лишається попередній.", "Сервер показал манифест, который учреждение не подписывало. В силе остаётся прежний.",
		},
		{
			"Two different manifests bear the same number. The one known before stays in force.",
			"Два різні маніфести мають один номер. Чинним лишається попередній.", "Два разных манифеста имеют один номер. В силе остаётся прежний.",
		},
	}
}
