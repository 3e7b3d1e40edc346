package ui

// restoreTexts is the words of what administrators accept after a restore.
type restoreTexts struct{ Do, By, Open, Yours string }

func restoreEN() restoreTexts {
	return restoreTexts{
		Do: "I accept it: the house goes on", By: "Accepted by:", Open: "Not accepted yet:",
		Yours: "Your word is given. In a house of several administrators it takes two.",
	}
}

func restoreUK() restoreTexts {
	return restoreTexts{
		Do: "Приймаю: працюємо далі", By: "Прийняли:", Open: "Ще не прийняли:",
		Yours: "Ваше слово дано. Де адміністраторів кілька, потрібно двоє.",
	}
}

func restoreRU() restoreTexts {
	return restoreTexts{
		Do: "Принимаю: работаем дальше", By: "Приняли:", Open: "Ещё не приняли:",
		Yours: "Ваше слово дано. Где администраторов несколько, нужны двое.",
	}
}
