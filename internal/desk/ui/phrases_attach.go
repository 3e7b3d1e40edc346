package ui

// phrasesOfSending: files that operators send.
var phrasesOfSending = []phrase{
	{"the file is empty. Nothing was taken", "Файл порожній. Нічого не взято.", "Файл пуст. Ничего не взято."},
	{"the file is too large: at most %d MB are sent. Nothing was taken", "Файл завеликий: надсилають щонайбільше %d МБ. Нічого не взято.", "Файл слишком велик: отправляют не больше %d МБ. Ничего не взято."},
	{"the file did not come whole: choose it again", "Файл дійшов не весь: виберіть його ще раз.", "Файл дошёл не весь: выберите его ещё раз."},
	{
		"only JPEG, PNG, PDF and sounds (WAV, OGG, MP3, M4A) are sent. Nothing was taken",
		"Надсилають лише JPEG, PNG, PDF і звук (WAV, OGG, MP3, M4A). Нічого не взято.", "Отправляют только JPEG, PNG, PDF и звук (WAV, OGG, MP3, M4A). Ничего не взято.",
	},
	{"this is no JPEG and no PNG", "Це не JPEG і не PNG.", "Это не JPEG и не PNG."},
	{"the picture is broken", "Зображення пошкоджене.", "Изображение повреждено."},
	{
		"the picture is broken, so hidden data in it cannot be removed. Open it in another program, save it anew, and choose that",
		"Зображення пошкоджене, тож прихованих даних з нього не вилучити. Відкрийте його в іншій програмі, збережіть заново й виберіть той файл.",
		"Изображение повреждено, и скрытые данные из него не удалить. Откройте его в другой программе, сохраните заново и выберите тот файл.",
	},
	{"your roles do not allow sending files", "Ваші ролі не дозволяють надсилати файли.", "Ваши роли не позволяют отправлять файлы."},
	{"this person has no page that could open a file", "Ця людина не має сторінки, яка відкрила б файл.", "У этого человека нет страницы, которая открыла бы файл."},
	{"the file is not here any more: choose it again. Nothing was sent", "Файлу тут уже немає: виберіть його знову. Нічого не надіслано.", "Файла здесь уже нет: выберите его снова. Ничего не отправлено."},
	{
		"The file is kept on this computer, sealed, and goes out by itself. The message follows when all of it is at the server.",
		"Файл збережено на цьому комп’ютері запечатаним, він піде сам. Повідомлення вирушить, коли весь файл буде на сервері.",
		"Файл сохранён на этом компьютере запечатанным и уйдёт сам. Сообщение отправится, когда весь файл будет на сервере.",
	},
	{"the sealed file is gone from this computer: drop this and choose the file again", "Запечатаного файлу на цьому комп’ютері вже немає: відкиньте це й виберіть файл знову.", "Запечатанного файла на этом компьютере уже нет: отбросьте это и выберите файл снова."},
	{"the server does not hand out this case any more", "Сервер більше не видає цієї справи.", "Сервер больше не выдаёт это дело."},
	{"There is no connection. It goes on by itself.", "Зв’язку немає. Далі піде саме.", "Связи нет. Дальше пойдёт само."},
	{"an S3 bucket needs a name, and a prefix is a plain folder", "Кошику S3 потрібна назва, а префікс є простою текою.", "Корзине S3 нужно имя, а префикс это простая папка."},
	{"an S3 endpoint is https://host or https://host:port", "Адреса S3 має вигляд https://host або https://host:port.", "Адрес S3 имеет вид https://host или https://host:port."},
	{"an S3 endpoint without TLS must be on this computer", "Адреса S3 без TLS має бути на цьому комп’ютері.", "Адрес S3 без TLS должен быть на этом компьютере."},
	{"the S3 server is too slow", "Сервер S3 надто повільний.", "Сервер S3 слишком медленный."},
	{"the S3 server cannot be used: %w", "Сервером S3 не можна скористатися.", "Сервером S3 нельзя воспользоваться."},
	{"the S3 server cannot answer now (%s)", "Сервер S3 зараз не відповідає (%s).", "Сервер S3 сейчас не отвечает (%s)."},
	{"there is no S3 bucket %s: make it, or put its name in server.json right", "Кошика S3 %s немає: створіть його або виправте назву в server.json.", "Корзины S3 %s нет: создайте её или исправьте имя в server.json."},
	{
		"the S3 bucket %s keeps old versions: what a person has put away would stay in it. Use a bucket that never had versioning on",
		"Кошик S3 %s зберігає старі версії: прибране людиною лишилося б у ньому. Візьміть кошик, у якому версій ніколи не вмикали.",
		"Корзина S3 %s хранит старые версии: убранное человеком осталось бы в ней. Возьмите корзину, в которой версии никогда не включали.",
	},
	{
		"the S3 server refuses the credentials (%s): look at the file that server.json names, and at the rights of that key on the bucket %s",
		"Сервер S3 не приймає облікових даних (%s): перевірте файл, який називає server.json, і права цього ключа на кошик %s.",
		"Сервер S3 не принимает учётных данных (%s): проверьте файл, который называет server.json, и права этого ключа на корзину %s.",
	},
	{"the file of S3 credentials has two lines: the access key and the secret key", "Файл облікових даних S3 має два рядки: ключ доступу і таємний ключ.", "В файле учётных данных S3 две строки: ключ доступа и секретный ключ."},
	{"this computer's clock and that of the S3 server differ: set the clock", "Годинники цього комп’ютера й сервера S3 розходяться: поставте годинник.", "Часы этого компьютера и сервера S3 расходятся: поставьте часы."},
}
