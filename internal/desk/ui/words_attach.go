package ui

// attachTexts is the words of files that an operator sends.
type attachTexts struct {
	Choose, Hint, Taken, Remove, Cleaned, NotCleaned string
	Sending, OnItsWay, Cancel, Again, AgainHint      string
}

func attachEN() attachTexts {
	return attachTexts{
		Choose: "Attach a file", Hint: "JPEG, PNG, PDF or sound, at most 25 MB", Taken: "Goes with the reply", Remove: "Take it away",
		Cleaned:    "Place, device and other hidden data of the picture are removed.",
		NotCleaned: "Hidden data (author, device, place) stays in this kind of file. Send it only if you know what is in it.",
		Sending:    "Sending: %s of %s", OnItsWay: "Sealed, on its way", Cancel: "Stop sending",
		Again: "Choose again", AgainHint: "If the person cannot open it, for example after a restore of the server: takes this file for a new reply.",
	}
}

func attachUK() attachTexts {
	return attachTexts{
		Choose: "Додати файл", Hint: "JPEG, PNG, PDF або звук, не більше 25 МБ", Taken: "Піде з відповіддю", Remove: "Прибрати",
		Cleaned:    "Місце, пристрій та інші приховані дані зображення вилучено.",
		NotCleaned: "У таких файлах лишаються приховані дані (автор, пристрій, місце). Надсилайте, лише якщо знаєте, що в ньому.",
		Sending:    "Надсилається: %s з %s", OnItsWay: "Запечатано, у дорозі", Cancel: "Зупинити",
		Again: "Вибрати знову", AgainHint: "Якщо людина не може його відкрити, наприклад після відновлення сервера: бере цей файл до нової відповіді.",
	}
}

func attachRU() attachTexts {
	return attachTexts{
		Choose: "Приложить файл", Hint: "JPEG, PNG, PDF или звук, не больше 25 МБ", Taken: "Уйдёт с ответом", Remove: "Убрать",
		Cleaned:    "Место, устройство и другие скрытые данные снимка удалены.",
		NotCleaned: "В таких файлах остаются скрытые данные (автор, устройство, место). Отправляйте, только если знаете, что в нём.",
		Sending:    "Отправляется: %s из %s", OnItsWay: "Запечатано, в пути", Cancel: "Остановить",
		Again: "Выбрать снова", AgainHint: "Если человек не может его открыть, например после восстановления сервера: берёт этот файл в новый ответ.",
	}
}
