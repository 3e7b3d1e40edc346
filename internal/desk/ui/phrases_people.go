package ui

// phrasesOfPeople: enrolment, the roster, and the renewal of keys.
var phrasesOfPeople = []phrase{
	{"this is not an invitation, or a part of it is missing", "Це не запрошення, або його частини бракує.", "Это не приглашение, или его части не хватает."},
	{"this is no invitation", "Це не запрошення.", "Это не приглашение."},
	{"a call-name of up to 64 bytes is needed", "Потрібен позивний, не довший за 32 літери.", "Нужен позывной не длиннее 32 букв."},
	{
		"too short: take at least %d characters, five random words are better",
		"Закоротка: потрібно щонайменше %[1]d %[1]{знак|знаки|знаків}, а краще п’ять випадкових слів.",
		"Слишком короткая: нужно не меньше %[1]d %[1]{знака|знаков|знаков}, а лучше пять случайных слов.",
	},
	{
		"this folder holds keys already. To start anew, close the desk, put the folder aside, and enrol with a new invitation",
		"У цій теці вже є ключі. Щоб почати спочатку, закрийте програму, відкладіть теку й увійдіть за новим запрошенням.",
		"В этой папке уже есть ключи. Чтобы начать заново, закройте программу, отложите папку и войдите по новому приглашению.",
	},
	{
		"the administrator did not confirm these keys; ask for a new invitation",
		"Адміністратор не підтвердив цих ключів. Попросіть нове запрошення.", "Администратор не подтвердил эти ключи. Попросите новое приглашение.",
	},
	{
		"the roster that the server shows does not name this desk's keys",
		"У списку людей, який показує сервер, немає ключів цього місця.", "В списке людей, который показывает сервер, нет ключей этого места.",
	},
	{"this computer has no keys yet", "На цьому комп’ютері ще немає ключів.", "На этом компьютере ещё нет ключей."},
	{
		"this computer has no keys yet: ask an administrator for an invitation",
		"На цьому комп’ютері ще немає ключів: попросіть в адміністратора запрошення.", "На этом компьютере ещё нет ключей: попросите у администратора приглашение.",
	},
	{"the new passphrase is the old one", "Нова парольна фраза та сама, що й теперішня.", "Новая парольная фраза та же, что и нынешняя."},
	{"the key file could not be written: %w", "Файл ключів не вдалося записати.", "Файл ключей не удалось записать."},
	{
		"the disk did not confirm the change: keep both passphrases in mind until one of them has opened this computer after a restart: %w",
		"Диск не підтвердив зміни. Пам’ятайте обидві парольні фрази, доки одна з них не відкриє цей комп’ютер після перезапуску.",
		"Диск не подтвердил изменения. Помните обе парольные фразы, пока одна из них не откроет этот компьютер после перезапуска.",
	},
	{"only an administrator does this", "Це робить лише адміністратор.", "Это делает только администратор."},
	{"this computer does not hold the authority's key", "На цьому комп’ютері немає ключа установи.", "На этом компьютере нет ключа учреждения."},
	{
		"two administrators must sign, and this version cannot collect two signatures yet",
		"Мають підписати двоє адміністраторів, а ця версія ще не вміє збирати два підписи.", "Должны подписать два администратора, а эта версия ещё не умеет собирать две подписи.",
	},
	{
		"a second administrator is not possible yet: two administrators must sign together, and this version cannot collect two signatures. Keep the recovery sheets and a copy of the administrator's key file instead",
		"Другого адміністратора поки бути не може: двоє мають підписувати разом, а ця версія ще не вміє збирати два підписи. Натомість бережіть аркуші відновлення й копію файлу ключів адміністратора.",
		"Второго администратора пока быть не может: двое должны подписывать вместе, а эта версия ещё не умеет собирать две подписи. Вместо этого храните листы восстановления и копию файла ключей администратора.",
	},
	{"a call-name and a time are needed", "Потрібні позивний і строк.", "Нужны позывной и срок."},
	{"at least one role is needed", "Потрібна хоча б одна роль.", "Нужна хотя бы одна роль."},
	{"%q is no role", "Ролі %q немає.", "Роли %q нет."},
	{"an auditor holds no other role", "Аудитор не має інших ролей.", "У аудитора нет других ролей."},
	{
		"this invitation was not made on this computer: what it grants is not known here. Invite again",
		"Це запрошення створено не на цьому комп’ютері: що воно дає, тут невідомо. Запросіть ще раз.",
		"Это приглашение создано не на этом компьютере: что оно даёт, здесь неизвестно. Пригласите ещё раз.",
	},
	{
		"these are not the keys whose fingerprint was compared. Nobody was let in",
		"Це не ті ключі, відбиток яких звіряли. Нікого не впущено.", "Это не те ключи, отпечаток которых сверяли. Никого не впустили.",
	},
	{"the server does not know this invitation", "Сервер не знає цього запрошення.", "Сервер не знает этого приглашения."},
	{"the invitation is %q: there is nothing to confirm", "Стан запрошення: %q. Підтверджувати нічого.", "Состояние приглашения: %q. Подтверждать нечего."},
	{"confirm that this person is to be revoked", "Підтвердьте, що цю людину слід відкликати.", "Подтвердите, что этого человека следует отозвать."},
	{
		"you cannot end your own access: the house would have no administrator",
		"Власний доступ припинити не можна: установа лишилася б без адміністратора.", "Собственный доступ прекратить нельзя: учреждение осталось бы без администратора.",
	},
	{"the roster has no such member", "У списку такої людини немає.", "В списке такого человека нет."},
	{"access was ended before", "Доступ припинено раніше.", "Доступ прекращён раньше."},
	{"ending access", "Припиняється доступ.", "Прекращается доступ."},
	{"new key for team %s", "Новий ключ команди «%s».", "Новый ключ команды «%s»."},
	{"publishing the new keys", "Публікуються нові ключі.", "Публикуются новые ключи."},
	{"new keys for open cases", "Нові ключі для відкритих справ.", "Новые ключи для открытых дел."},
	{"done", "Готово.", "Готово."},
	{
		"team %s needs a new key: one of its own members has to make it",
		"Команді «%s» потрібен новий ключ: створити його має хтось із неї.", "Команде «%s» нужен новый ключ: создать его должен кто-то из неё.",
	},
	{
		"the new keys are made; an administrator's desk has to publish them: %w",
		"Нові ключі створено; опублікувати їх має робоче місце адміністратора.", "Новые ключи созданы; опубликовать их должно рабочее место администратора.",
	},
	{
		"the team's new key is not published, or not on this desk yet",
		"Новий ключ команди ще не опубліковано, або його ще немає на цьому місці.", "Новый ключ команды ещё не опубликован, или его ещё нет на этом месте.",
	},
	{
		"this desk does not hold the team's key yet; a colleague's desk passes it on as soon as it is connected",
		"На цьому місці ще немає ключа команди; місце когось із колег передасть його, щойно буде на зв’язку.",
		"На этом месте ещё нет ключа команды; место кого-то из коллег передаст его, как только будет на связи.",
	},
	{"the roster is of another house", "Список людей належить іншій установі.", "Список людей относится к другому учреждению."},
}
