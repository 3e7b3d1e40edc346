package ui

// phrasesOfProblems: what does not verify in one case.
var phrasesOfProblems = []phrase{
	{"What the server shows here is not a signed message.", "Те, що тут показує сервер, не є підписаним повідомленням.", "То, что здесь показывает сервер, не подписанное сообщение."},
	{"This message belongs to another case and was moved here.", "Це повідомлення з іншої справи; його перенесено сюди.", "Это сообщение из другого дела; его перенесли сюда."},
	{"The server says that it is from somebody else than who signed it.", "Сервер називає іншого автора, ніж той, хто підписав.", "Сервер называет другого автора, чем тот, кто подписал."},
	{"No key on this desk opens this message yet.", "Жоден ключ на цьому місці ще не відкриває це повідомлення.", "Ни один ключ на этом месте ещё не открывает это сообщение."},
	{"This message is damaged, or sealed to another key.", "Повідомлення пошкоджене або запечатане іншим ключем.", "Сообщение повреждено или запечатано другим ключом."},
	{"What is sealed is another message than the one announced beside it.", "Запечатано не те повідомлення, яке оголошено поруч.", "Запечатано не то сообщение, которое объявлено рядом."},
	{"The signature is not that of who should have written this.", "Підпис не того, хто мав би це написати.", "Подпись не того, кто должен был это написать."},
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
	{
		"The server counts %d messages of the person and shows %d that verify.",
		"Сервер рахує від людини %[1]d %[1]{повідомлення|повідомлення|повідомлень}, а таких, що проходять перевірку, показує %[2]d.",
		"Сервер насчитывает от человека %[1]d %[1]{сообщение|сообщения|сообщений}, а проходящих проверку показывает %[2]d.",
	},
	{"The person has seen replies that the server does not show.", "Людина бачила відповіді, яких сервер не показує.", "Человек видел ответы, которых сервер не показывает."},
	{"The server speaks of replies that it does not show.", "Сервер говорить про відповіді, яких не показує.", "Сервер говорит об ответах, которых не показывает."},
	{"A reply answers messages that the server does not show.", "Відповідь стосується повідомлень, яких сервер не показує.", "Ответ относится к сообщениям, которых сервер не показывает."},
	{"The server speaks of acts that it does not show.", "Сервер говорить про дії, яких не показує.", "Сервер говорит о действиях, которых не показывает."},
	{
		"The server files this case under %q; operators have signed %q.",
		"Сервер відносить цю справу до %q; оператори підписали %q.", "Сервер относит это дело к %q; операторы подписали %q.",
	},
	{
		"The server gives this case another urgency than operators have signed.",
		"Сервер показує іншу терміновість цієї справи, ніж підписали оператори.", "Сервер показывает другую срочность этого дела, чем подписали операторы.",
	},
	{
		"The server gives this case to somebody else than operators have signed.",
		"За словами сервера, справу веде не той, кого підписали оператори.", "По словам сервера, дело ведёт не тот, кого подписали операторы.",
	},
	{"What the server shows here is not a signed act.", "Те, що тут показує сервер, не є підписаною дією.", "То, что здесь показывает сервер, не подписанное действие."},
	{"Nobody who worked here at that time has signed this act.", "Ніхто з тих, хто тоді тут працював, цієї дії не підписував.", "Никто из тех, кто тогда здесь работал, этого действия не подписывал."},
	{"This act belongs to another case and was moved here.", "Ця дія з іншої справи; її перенесено сюди.", "Это действие из другого дела; его перенесли сюда."},
	{"This act was made earlier and is shown again.", "Цю дію зроблено раніше й показано знову.", "Это действие сделано раньше и показано снова."},
	{"No key on this desk opens the text of this act yet.", "Жоден ключ на цьому місці ще не відкриває текст цієї дії.", "Ни один ключ на этом месте ещё не открывает текст этого действия."},
	{"The sealed text of this act is missing.", "Запечатаного тексту цієї дії бракує.", "Запечатанного текста этого действия не хватает."},
	{"The sealed text is damaged or belongs to another act.", "Запечатаний текст пошкоджено, або він належить до іншої дії.", "Запечатанный текст повреждён или относится к другому действию."},
	{"Acts %d to %d are missing before this one.", "Перед цією дією бракує дій з %d по %d.", "Перед этим действием не хватает действий с %d по %d."},
	{"This act does not follow the one before it.", "Ця дія не продовжує попередню.", "Это действие не продолжает предыдущее."},
	{
		"The server shows less of this case than this desk has seen before, or something else in its place.",
		"Сервер показує від цієї справи менше, ніж це місце бачило раніше, або щось інше замість того.",
		"Сервер показывает от этого дела меньше, чем это место видело раньше, или что-то другое вместо того.",
	},
	{
		"The keys of this case do not verify: %v. Nothing new is opened or sealed with them.",
		"Ключі цієї справи не проходять перевірку, тож нічого нового ними не відкривають і не запечатують.",
		"Ключи этого дела не проходят проверку, поэтому ничего нового ими не открывают и не запечатывают.",
	},
	{"The server shows fewer keys of this case than before.", "Сервер показує менше ключів цієї справи, ніж раніше.", "Сервер показывает меньше ключей этого дела, чем раньше."},
	{
		"The server shows other keys of this case than before. The ones known before stay in use.",
		"Сервер показує інші ключі цієї справи, ніж раніше. Користуємося попередніми.", "Сервер показывает другие ключи этого дела, чем раньше. Пользуемся прежними.",
	},
	{
		"A wrapped key of this case (number %d) is not the one that was announced.",
		"Загорнутий ключ цієї справи (номер %d) не той, який оголошено.", "Завёрнутый ключ этого дела (номер %d) не тот, который объявлен.",
	},
	{"they are of another case", "Вони з іншої справи.", "Они из другого дела."},
	{"the person's key changes on the way", "Ключ людини дорогою змінюється.", "Ключ человека по пути меняется."},
	{"Something written here was not sent and needs your decision.", "Щось написане тут не надіслано й потребує вашого рішення.", "Что-то написанное здесь не отправлено и требует вашего решения."},
}
