package ui

import "safeconduct/internal/hotline"

// chatTexts is the words of conversations that pass through a gateway.
type chatTexts struct {
	Events    map[hotline.ChatEvent]string // in the conversation
	Short     map[hotline.ChatEvent]string // in a row of the queue
	Questions map[string]string            // of a registration
	Answers   map[string]string            // "question=answer"
	Reasons   map[hotline.DeliveryReason]string

	OnItsWay, Sent, NotDelivered                                 string
	Forwarded, Edited, Before, NotBefore                         string
	Claim, Find, FindHint                                        string
	Phrase, PhraseHint                                           string
	Blocked, Undelivered, Quiet                                  string // tags
	ReplyBlocked, ReplyQuiet                                     string // beside the box for replies
	Position, Around, Live, Sealed, Locked, Gone, Wrong, Degrees string
}

func chatsEN() chatTexts {
	return chatTexts{
		Events: map[hotline.ChatEvent]string{
			hotline.ChatRegistered: "Registered in advance", hotline.ChatClaim: "Says that the case with this code is theirs too", hotline.ChatPosition: "A position came",
			hotline.ChatBlocked: "The person has blocked the bot. Nothing reaches them there.", hotline.ChatBack: "The person has let the bot in again.",
			hotline.ChatErased: "The person had everything deleted in the chat that could be.", hotline.ChatLost: "A file came that could not be fetched whole. Ask for it again.",
		},
		Short: map[hotline.ChatEvent]string{
			hotline.ChatRegistered: "registered in advance", hotline.ChatClaim: "gave the code of another case", hotline.ChatPosition: "sent a position",
			hotline.ChatBlocked: "blocked the bot", hotline.ChatBack: "let the bot in again", hotline.ChatErased: "had the chat deleted", hotline.ChatLost: "sent a file that did not arrive",
		},
		Questions: map[string]string{"where": "Where", "people": "People", "phone": "Will the phone be taken away", "first": "May we write first"},
		Answers: map[string]string{
			"where=free": "not called up", "where=mobilised": "called up, not yet in the service", "where=serving": "in the service, not at the front", "where=front": "at the front",
			"people=1": "one", "people=2-3": "2 to 3", "people=4-10": "4 to 10", "people=10+": "more than 10",
			"phone=yes": "yes", "phone=maybe": "perhaps", "phone=no": "no", "first=yes": "yes", "first=no": "no",
		},
		Reasons: map[hotline.DeliveryReason]string{
			hotline.ReasonBlocked: "the person has blocked the bot", hotline.ReasonDeleted: "the person's account is gone", hotline.ReasonNoChat: "the chat does not exist any more",
			hotline.ReasonRefused: "the channel does not take it", hotline.ReasonForged: "the gateway could not verify it, so it was not sent", hotline.ReasonGivenUp: "the channel did not answer for days",
		},
		OnItsWay: "On its way", Sent: "Sent to %s", NotDelivered: "Not delivered: %s",
		Forwarded: "Forwarded: these are somebody else's words.", Edited: "Edited, %s", Before: "before:", NotBefore: "What it said before never came.",
		Claim: "Code", Find: "Find the case with this code", FindHint: "A code only finds a case. What links the two is the word.",
		Phrase: "Words of this chat", PhraseHint: "The chat shows the same three. Whoever hears them from you elsewhere knows that you speak of this conversation.",
		Blocked: "blocked the bot", Undelivered: "not delivered", Quiet: "asked us not to write first",
		ReplyBlocked: "The person has blocked the bot: a reply will not arrive.", ReplyQuiet: "The person asked us not to write first. Write only in answer.",
		Position: "Position", Around: "within %d m", Live: "sent by the phone by itself", Sealed: "It is sealed to the field team.", Locked: "This desk does not hold the field team's key yet.",
		Gone: "It was kept for three days, and is not any more.", Wrong: "What the server shows does not verify, so it is not shown.", Degrees: "degrees north, degrees east",
	}
}

func chatsUK() chatTexts {
	return chatTexts{
		Events: map[hotline.ChatEvent]string{
			hotline.ChatRegistered: "Зареєструвалася наперед", hotline.ChatClaim: "Каже, що справа з цим кодом теж її", hotline.ChatPosition: "Надійшло місце",
			hotline.ChatBlocked: "Людина заблокувала бота. Там до неї нічого не доходить.", hotline.ChatBack: "Людина знову впустила бота.",
			hotline.ChatErased: "Людина видалила в чаті все, що можна було видалити.", hotline.ChatLost: "Надійшов файл, якого не вдалося отримати цілим. Попросіть надіслати ще раз.",
		},
		Short: map[hotline.ChatEvent]string{
			hotline.ChatRegistered: "реєстрація наперед", hotline.ChatClaim: "код іншої справи", hotline.ChatPosition: "надіслане місце",
			hotline.ChatBlocked: "бота заблоковано", hotline.ChatBack: "бота знову впущено", hotline.ChatErased: "чат видалено", hotline.ChatLost: "файл, який не дійшов",
		},
		Questions: map[string]string{"where": "Де", "people": "Людей", "phone": "Чи заберуть телефон", "first": "Чи можна писати першими"},
		Answers: map[string]string{
			"where=free": "не призвано", "where=mobilised": "призвано, ще не на службі", "where=serving": "на службі, не на фронті", "where=front": "на фронті",
			"people=1": "одна людина", "people=2-3": "від 2 до 3", "people=4-10": "від 4 до 10", "people=10+": "понад 10",
			"phone=yes": "так", "phone=maybe": "можливо", "phone=no": "ні", "first=yes": "так", "first=no": "ні",
		},
		Reasons: map[hotline.DeliveryReason]string{
			hotline.ReasonBlocked: "людина заблокувала бота", hotline.ReasonDeleted: "облікового запису людини вже немає", hotline.ReasonNoChat: "такого чату вже немає",
			hotline.ReasonRefused: "канал цього не приймає", hotline.ReasonForged: "шлюз не зміг цього перевірити, тож не надіслав", hotline.ReasonGivenUp: "канал не відповідав кілька днів",
		},
		OnItsWay: "У дорозі", Sent: "Передано в %s", NotDelivered: "Не доставлено: %s",
		Forwarded: "Переслане: це чужі слова.", Edited: "Змінено, %s", Before: "було:", NotBefore: "Того, що було раніше, не надходило.",
		Claim: "Код", Find: "Знайти справу з цим кодом", FindHint: "Код лише знаходить справу. Пов’язує їх слово.",
		Phrase: "Слова цього чату", PhraseHint: "Чат показує ті самі три слова. Хто почує їх від вас деінде, знає, що йдеться про цю розмову.",
		Blocked: "бота заблоковано", Undelivered: "не доставлено", Quiet: "просить не писати першими",
		ReplyBlocked: "Людина заблокувала бота: відповідь не дійде.", ReplyQuiet: "Людина просила не писати першими. Пишіть лише у відповідь.",
		Position: "Місце", Around: "у межах %d м", Live: "телефон надсилає сам", Sealed: "Воно запечатане для команди зустрічей.", Locked: "На цьому місці ще немає ключа команди зустрічей.",
		Gone: "Його зберігали три дні, тепер уже ні.", Wrong: "Те, що показує сервер, не проходить перевірки, тож не показано.", Degrees: "градуси північної широти, східної довготи",
	}
}

func chatsRU() chatTexts {
	return chatTexts{
		Events: map[hotline.ChatEvent]string{
			hotline.ChatRegistered: "Регистрация заранее", hotline.ChatClaim: "Говорит, что дело с этим кодом тоже его", hotline.ChatPosition: "Пришло место",
			hotline.ChatBlocked: "Человек заблокировал бота. Там до него ничего не доходит.", hotline.ChatBack: "Человек снова впустил бота.",
			hotline.ChatErased: "Человек удалил в чате всё, что можно было удалить.", hotline.ChatLost: "Пришёл файл, который не удалось получить целиком. Попросите прислать ещё раз.",
		},
		Short: map[hotline.ChatEvent]string{
			hotline.ChatRegistered: "регистрация заранее", hotline.ChatClaim: "код другого дела", hotline.ChatPosition: "присланное место",
			hotline.ChatBlocked: "бот заблокирован", hotline.ChatBack: "бота снова впустили", hotline.ChatErased: "чат удалён", hotline.ChatLost: "файл, который не дошёл",
		},
		Questions: map[string]string{"where": "Где", "people": "Людей", "phone": "Заберут ли телефон", "first": "Можно ли писать первыми"},
		Answers: map[string]string{
			"where=free": "не призван", "where=mobilised": "призван, ещё не на службе", "where=serving": "на службе, не на фронте", "where=front": "на фронте",
			"people=1": "один человек", "people=2-3": "от 2 до 3", "people=4-10": "от 4 до 10", "people=10+": "больше 10",
			"phone=yes": "да", "phone=maybe": "возможно", "phone=no": "нет", "first=yes": "да", "first=no": "нет",
		},
		Reasons: map[hotline.DeliveryReason]string{
			hotline.ReasonBlocked: "человек заблокировал бота", hotline.ReasonDeleted: "учётной записи человека больше нет", hotline.ReasonNoChat: "такого чата больше нет",
			hotline.ReasonRefused: "канал этого не принимает", hotline.ReasonForged: "шлюз не смог это проверить и не отправил", hotline.ReasonGivenUp: "канал не отвечал несколько дней",
		},
		OnItsWay: "В пути", Sent: "Передано в %s", NotDelivered: "Не доставлено: %s",
		Forwarded: "Переслано: это чужие слова.", Edited: "Изменено, %s", Before: "было:", NotBefore: "То, что было раньше, не приходило.",
		Claim: "Код", Find: "Найти дело с этим кодом", FindHint: "Код только находит дело. Связывает их слово.",
		Phrase: "Слова этого чата", PhraseHint: "Чат показывает те же три слова. Кто услышит их от вас в другом месте, знает, что речь об этом разговоре.",
		Blocked: "бот заблокирован", Undelivered: "не доставлено", Quiet: "просит не писать первыми",
		ReplyBlocked: "Человек заблокировал бота: ответ не дойдёт.", ReplyQuiet: "Человек просил не писать первыми. Пишите только в ответ.",
		Position: "Место", Around: "в пределах %d м", Live: "телефон присылает сам", Sealed: "Оно запечатано для команды встреч.", Locked: "На этом месте ещё нет ключа команды встреч.",
		Gone: "Его хранили три дня, теперь уже нет.", Wrong: "То, что показывает сервер, не проходит проверку, поэтому не показано.", Degrees: "градусы северной широты, восточной долготы",
	}
}
