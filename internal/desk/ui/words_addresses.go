package ui

import "safeconduct/internal/hotline"

// addressTexts is the words of the official addresses.
type addressTexts struct {
	Nav, Head, Intro, List, EmptyHead, EmptyText, Who           string
	Kinds                                                       map[hotline.Channel]string
	Comes, Goes, Waits, DecideFirst, Replace, Done              string
	AddHead, Kind, Address, AddDo, Kept, Keep, Remove, RemoveDo string
	RemoveText                                                  string
	Hints                                                       []string // how an address of each kind is written
}

func addressesEN() addressTexts {
	return addressTexts{
		Nav: "Addresses", Head: "Official addresses",
		Intro: "People compare with this list before they trust a bot, a number or a page. It is signed. The contact page shows it under “Our other doors”, and the bot in Telegram tells people to look there. " +
			"What is not in it, nobody should believe to be ours.",
		List: "The list", EmptyHead: "No address is listed.",
		EmptyText: "The contact page shows no list: nobody can tell a bot or a number of ours from a forged one.",
		Who:       "An administrator changes the list.",
		Kinds:     map[hotline.Channel]string{hotline.ChannelTelegram: "Bot in Telegram", hotline.ChannelPhone: "Telephone", hotline.ChannelWeb: "Page"},
		Comes:     "not shown yet", Goes: "still shown",
		Waits:       "A change waits for a signature. Until then people see the list as it was.",
		DecideFirst: "Approve or refuse it first. Then you can change the list.",
		Replace:     "If you change the list again, that takes the place of what waits.",
		Done:        "Done. This is the list that people see.",
		AddHead:     "Add an address", Kind: "What it is", Address: "Address", AddDo: "Sign and add", Kept: "The list is as it was.",
		Keep: "Keep it", Remove: "Remove", RemoveDo: "Sign and remove",
		RemoveText: "Whoever uses this address and compares will take it for a forged one.",
		Hints: []string{
			"Bot in Telegram: @ and its name, or its address that begins with t.me/",
			"Telephone: + and the digits with the code of the country",
			"Page: https:// and the name of the server, nothing behind it",
		},
	}
}

func addressesUK() addressTexts {
	return addressTexts{
		Nav: "Адреси", Head: "Офіційні адреси",
		Intro: "Із цим списком люди звіряються, перш ніж повірити ботові, номеру чи сторінці. Він підписаний. Контактна сторінка показує його під заголовком «Інші наші контакти», а бот у Telegram радить заглянути туди. " +
			"Чого в ньому немає, того ніхто не має вважати нашим.",
		List: "Список", EmptyHead: "У списку немає жодної адреси.",
		EmptyText: "Контактна сторінка не показує списку: ніхто не відрізнить нашого бота чи номер від підробки.",
		Who:       "Список змінює адміністратор.",
		Kinds:     map[hotline.Channel]string{hotline.ChannelTelegram: "Бот у Telegram", hotline.ChannelPhone: "Телефон", hotline.ChannelWeb: "Сторінка"},
		Comes:     "ще не видно", Goes: "ще видно",
		Waits:       "Зміна чекає підпису. Доти люди бачать попередній список.",
		DecideFirst: "Спершу схваліть її або відхиліть. Тоді зможете змінити список.",
		Replace:     "Якщо зміните список ще раз, ця зміна стане на місце тієї, що чекає.",
		Done:        "Готово. Саме такий список бачать люди.",
		AddHead:     "Додати адресу", Kind: "Що це", Address: "Адреса", AddDo: "Підписати й додати", Kept: "Список не змінився.",
		Keep: "Лишити", Remove: "Прибрати", RemoveDo: "Підписати й прибрати",
		RemoveText: "Хто користується цією адресою і звіриться, вважатиме її підробкою.",
		Hints: []string{
			"Бот у Telegram: @ і його назва або його адреса, що починається з t.me/",
			"Телефон: + і цифри з кодом країни",
			"Сторінка: https:// і назва сервера, далі нічого",
		},
	}
}

func addressesRU() addressTexts {
	return addressTexts{
		Nav: "Адреса", Head: "Официальные адреса",
		Intro: "С этим списком люди сверяются, прежде чем поверить боту, номеру или странице. Он подписан. Контактная страница показывает его под заголовком «Другие наши контакты», а бот в Telegram советует заглянуть туда. " +
			"Чего в нём нет, того никто не должен считать нашим.",
		List: "Список", EmptyHead: "В списке нет ни одного адреса.",
		EmptyText: "Контактная страница не показывает списка: никто не отличит нашего бота или номер от подделки.",
		Who:       "Список меняет администратор.",
		Kinds:     map[hotline.Channel]string{hotline.ChannelTelegram: "Бот в Telegram", hotline.ChannelPhone: "Телефон", hotline.ChannelWeb: "Страница"},
		Comes:     "ещё не виден", Goes: "ещё виден",
		Waits:       "Изменение ждёт подписи. До неё люди видят прежний список.",
		DecideFirst: "Сначала одобрите его или отклоните. Тогда сможете изменить список.",
		Replace:     "Если измените список ещё раз, это изменение встанет на место того, что ждёт.",
		Done:        "Готово. Именно такой список видят люди.",
		AddHead:     "Добавить адрес", Kind: "Что это", Address: "Адрес", AddDo: "Подписать и добавить", Kept: "Список не изменился.",
		Keep: "Оставить", Remove: "Убрать", RemoveDo: "Подписать и убрать",
		RemoveText: "Кто пользуется этим адресом и сверится, примет его за подделку.",
		Hints: []string{
			"Бот в Telegram: @ и его имя или его адрес, который начинается с t.me/",
			"Телефон: + и цифры с кодом страны",
			"Страница: https:// и имя сервера, дальше ничего",
		},
	}
}
