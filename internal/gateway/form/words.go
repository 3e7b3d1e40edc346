package form

import "golang.org/x/text/language"

// languages are the languages of the page; the first is shown when nothing
// fits. tags, names and texts have one entry for each.
var (
	languages = []string{"ru", "uk", "be", "en"}
	tags      = []language.Tag{language.Russian, language.Ukrainian, language.Make("be"), language.English}
	names     = map[string]string{"ru": "Русский", "uk": "Українська", "be": "Беларуская", "en": "English"}
)

// words are the texts of the page in one language.
type words struct {
	LanguageLabel string
	Title         string
	Label         string // what our server sees, before anything is typed
	Better        string
	BetterLink    string
	TextLabel     string
	TextHint      string
	PeopleLabel   string
	Send          string
	NotKept       string
	Problems      map[problem]string
	Kept          string
	CodeIs        string
	Remember      string
	Can           []string
	CannotTitle   string
	Cannot        []string
	Close         string
}

var texts = map[string]words{
	"ru": {
		LanguageLabel: "Язык",
		Title:         "Написать нам",
		Label:         "Наш сервер может прочитать этот текст, пока принимает его. Потом он запечатан, и сервер больше не может его открыть.",
		Better:        "Надёжнее страница, которая запечатывает на вашем телефоне и показывает ответы:",
		BetterLink:    "открыть её",
		TextLabel:     "Ваше сообщение",
		TextHint:      "Не пишите имя, номер части и место, где вы находитесь. Об этом спросят позже, если будет нужно.",
		PeopleLabel:   "Сколько вас? Можно не отвечать",
		Send:          "Отправить",
		NotKept:       "Пока не отправлено.",
		Problems: map[problem]string{
			problemForm:    "Эта форма не читается. Напишите ещё раз на этой странице.",
			problemEmpty:   "Сообщение пустое.",
			problemTooLong: "Сообщение слишком длинное. Сократите его или отправьте двумя.",
			problemPeople:  "Число людей напишите цифрами или оставьте пустым.",
			problemBusy:    "Сейчас пишут многие. Текст остался ниже: подождите полминуты и нажмите «Отправить» ещё раз.",
			problemFault:   "На сервере неполадка. Текст остался ниже: попробуйте позже. Дважды он не сохранится.",
		},
		Kept:     "Сообщение сохранено",
		CodeIs:   "Ваш код:",
		Remember: "Запомните его или запишите так, чтобы чужой не понял, что это. Второй раз мы его не покажем.",
		Can: []string{
			"По этому коду оператор найдёт ваше обращение: по телефону, в Telegram или в разговоре.",
			"Код ничего не открывает и ничего не показывает тому, кто его введёт.",
		},
		CannotTitle: "Чего здесь нельзя",
		Cannot: []string{
			"Прочитать ответы на этой странице нельзя. Чтобы получить ответ, позвоните, напишите в Telegram или откройте страницу, которая запечатывает на телефоне.",
			"Здесь нельзя дополнить это сообщение: новое сообщение получит новый код. Назовите оператору оба.",
		},
		Close: "Теперь закройте эту вкладку и удалите её из истории браузера.",
	},
	"uk": {
		LanguageLabel: "Мова",
		Title:         "Написати нам",
		Label:         "Наш сервер може прочитати цей текст, поки приймає його. Потім він запечатаний, і сервер більше не може його відкрити.",
		Better:        "Надійніша сторінка, яка запечатує на вашому телефоні й показує відповіді:",
		BetterLink:    "відкрити її",
		TextLabel:     "Ваше повідомлення",
		TextHint:      "Не пишіть імʼя, номер частини й місце, де ви перебуваєте. Про це запитають пізніше, якщо буде потрібно.",
		PeopleLabel:   "Скільки вас? Можна не відповідати",
		Send:          "Надіслати",
		NotKept:       "Поки не надіслано.",
		Problems: map[problem]string{
			problemForm:    "Ця форма не читається. Напишіть ще раз на цій сторінці.",
			problemEmpty:   "Повідомлення порожнє.",
			problemTooLong: "Повідомлення надто довге. Скоротіть його або надішліть двома.",
			problemPeople:  "Кількість людей напишіть цифрами або залиште порожнім.",
			problemBusy:    "Зараз пишуть багато людей. Текст залишився нижче: зачекайте пів хвилини й натисніть «Надіслати» ще раз.",
			problemFault:   "На сервері несправність. Текст залишився нижче: спробуйте пізніше. Двічі він не збережеться.",
		},
		Kept:     "Повідомлення збережено",
		CodeIs:   "Ваш код:",
		Remember: "Запамʼятайте його або запишіть так, щоб чужий не зрозумів, що це. Вдруге ми його не покажемо.",
		Can: []string{
			"За цим кодом оператор знайде ваше звернення: телефоном, у Telegram або в розмові.",
			"Код нічого не відкриває й нічого не показує тому, хто його введе.",
		},
		CannotTitle: "Чого тут не можна",
		Cannot: []string{
			"Прочитати відповіді на цій сторінці не можна. Щоб отримати відповідь, зателефонуйте, напишіть у Telegram або відкрийте сторінку, яка запечатує на телефоні.",
			"Тут не можна доповнити це повідомлення: нове повідомлення отримає новий код. Назвіть операторові обидва.",
		},
		Close: "Тепер закрийте цю вкладку й видаліть її з історії браузера.",
	},
	"be": {
		LanguageLabel: "Мова",
		Title:         "Напісаць нам",
		Label:         "Наш сервер можа прачытаць гэты тэкст, пакуль прымае яго. Потым ён запячатаны, і сервер больш не можа яго адкрыць.",
		Better:        "Надзейнейшая старонка, якая запячатвае на вашым тэлефоне і паказвае адказы:",
		BetterLink:    "адкрыць яе",
		TextLabel:     "Ваша паведамленне",
		TextHint:      "Не пішыце імя, нумар часці і месца, дзе вы знаходзіцеся. Пра гэта спытаюць пазней, калі будзе трэба.",
		PeopleLabel:   "Колькі вас? Можна не адказваць",
		Send:          "Адправіць",
		NotKept:       "Пакуль не адпраўлена.",
		Problems: map[problem]string{
			problemForm:    "Гэтая форма не чытаецца. Напішыце яшчэ раз на гэтай старонцы.",
			problemEmpty:   "Паведамленне пустое.",
			problemTooLong: "Паведамленне занадта доўгае. Скараціце яго або адпраўце двума.",
			problemPeople:  "Колькасць людзей напішыце лічбамі або пакіньце пустой.",
			problemBusy:    "Зараз пішуць многія. Тэкст застаўся ніжэй: пачакайце паўхвіліны і націсніце «Адправіць» яшчэ раз.",
			problemFault:   "На серверы няспраўнасць. Тэкст застаўся ніжэй: паспрабуйце пазней. Двойчы ён не захаваецца.",
		},
		Kept:     "Паведамленне захавана",
		CodeIs:   "Ваш код:",
		Remember: "Запомніце яго або запішыце так, каб чужы не зразумеў, што гэта. Другі раз мы яго не пакажам.",
		Can: []string{
			"Па гэтым кодзе аператар знойдзе ваш зварот: па тэлефоне, у Telegram або ў размове.",
			"Код нічога не адкрывае і нічога не паказвае таму, хто яго ўвядзе.",
		},
		CannotTitle: "Чаго тут нельга",
		Cannot: []string{
			"Прачытаць адказы на гэтай старонцы нельга. Каб атрымаць адказ, патэлефануйце, напішыце ў Telegram або адкрыйце старонку, якая запячатвае на тэлефоне.",
			"Тут нельга дапоўніць гэтае паведамленне: новае паведамленне атрымае новы код. Назавіце аператару абодва.",
		},
		Close: "Цяпер закрыйце гэтую ўкладку і выдаліце яе з гісторыі браўзера.",
	},
	"en": {
		LanguageLabel: "Language",
		Title:         "Write to us",
		Label:         "Our server can read this while it arrives. Then it is sealed, and the server cannot open it any more.",
		Better:        "Safer is the page that seals on your own phone and shows replies:",
		BetterLink:    "open it",
		TextLabel:     "Your message",
		TextHint:      "Do not write your name, your unit or where you are. You will be asked later if it is needed.",
		PeopleLabel:   "How many are you? You need not answer",
		Send:          "Send",
		NotKept:       "Not sent yet.",
		Problems: map[problem]string{
			problemForm:    "This form cannot be read. Please write again on this page.",
			problemEmpty:   "The message is empty.",
			problemTooLong: "The message is too long. Shorten it, or send it as two.",
			problemPeople:  "Give the number of people in digits, or leave it empty.",
			problemBusy:    "Many people are writing now. Your text is still below: wait half a minute and press “Send” again.",
			problemFault:   "The server has a fault. Your text is still below: try again later. It will not be kept twice.",
		},
		Kept:     "Your message is kept",
		CodeIs:   "Your code:",
		Remember: "Remember it, or write it down so that a stranger does not see what it is. We will not show it again.",
		Can: []string{
			"With this code an operator finds your case: by telephone, by Telegram or when you talk to one.",
			"The code opens nothing and shows nothing to whoever enters it.",
		},
		CannotTitle: "What this page cannot do",
		Cannot: []string{
			"Replies cannot be read here. For an answer, call, write by Telegram, or open the page that seals on your phone.",
			"You cannot add to this message here: a new message gets a new code. Tell the operator both.",
		},
		Close: "Now close this tab and remove it from the browser’s history.",
	},
}
