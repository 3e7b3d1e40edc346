package ui

import "safeconduct/internal/desk"

// fileTexts is the words of photos and files that go with a message.
type fileTexts struct {
	Kinds, One                                                        map[desk.FileKind]string // alone; in the middle of a line
	Units                                                             [3]string                // bytes, thousands, millions
	Head, Sealed, NotShown, Open, Fetching, Drawing, Closed           string
	Show, Blur, Alt, PictureHint, SoundHint, Refused, Again, Unsigned string
	Page, MorePages, Before, After, Smaller, Larger, Keys, PaperAlt   string // of a document
}

func filesEN() fileTexts {
	return fileTexts{
		Kinds:  map[desk.FileKind]string{desk.FilePhoto: "Photo", desk.FileSound: "Sound", desk.FileDocument: "PDF document", desk.FileOther: "File"},
		One:    map[desk.FileKind]string{desk.FilePhoto: "a photo", desk.FileSound: "a sound", desk.FileDocument: "a PDF document", desk.FileOther: "a file"},
		Units:  [3]string{"bytes", "KB", "MB"},
		Sealed: "Sealed, not opened", NotShown: "This kind is not shown here; it stays sealed.",
		Head: "Attachment", Open: "Open", Fetching: "Fetching and checking: %s of %s", Drawing: "Opening…", Closed: "Nothing is open.",
		Show: "Show the picture", Blur: "Blur it again", Alt: "The picture that was sent",
		PictureHint: "Drawn anew by this desk and kept in memory alone. Closing this window forgets it.",
		SoundHint:   "Kept in memory alone. Use headphones. Closing this window forgets it.", Refused: "This is not shown.", Again: "Try again", Unsigned: "Not opened: nobody known has signed this message.",
		Page: "Page %d of %d", MorePages: "The document has %d pages; the first %d are shown.", Before: "Previous page", After: "Next page", Smaller: "Smaller", Larger: "Larger",
		Keys: "Keys: PgUp and PgDn other pages, + and − the size, arrows move it. Links, forms and scripts in the document do nothing.", PaperAlt: "A page of the document that was sent",
	}
}

func filesUK() fileTexts {
	return fileTexts{
		Kinds:  map[desk.FileKind]string{desk.FilePhoto: "Фото", desk.FileSound: "Звук", desk.FileDocument: "Документ PDF", desk.FileOther: "Файл"},
		One:    map[desk.FileKind]string{desk.FilePhoto: "фото", desk.FileSound: "звук", desk.FileDocument: "документ PDF", desk.FileOther: "файл"},
		Units:  [3]string{"байтів", "кБ", "МБ"},
		Sealed: "Запечатано, не відкрито", NotShown: "Такі файли тут не показують; він лишається запечатаним.",
		Head: "Вкладення", Open: "Відкрити", Fetching: "Отримання і перевірка: %s з %s", Drawing: "Відкривається…", Closed: "Нічого не відкрито.",
		Show: "Показати зображення", Blur: "Знову розмити", Alt: "Надіслане зображення",
		PictureHint: "Програма намалювала його заново і тримає лише в пам’яті. Закриєте вікно, і його забуто.",
		SoundHint:   "Лише в пам’яті. Користуйтеся навушниками. Закриєте вікно, і його забуто.", Refused: "Це не показано.", Again: "Спробувати ще раз", Unsigned: "Не відкривається: цього повідомлення не підписав ніхто відомий.",
		Page: "Сторінка %d з %d", MorePages: "Сторінок у документі: %d; показано перші %d.", Before: "Попередня сторінка", After: "Наступна сторінка", Smaller: "Менше", Larger: "Більше",
		Keys: "Клавіші: PgUp і PgDn інші сторінки, + і − розмір, стрілки рухають. Посилання, форми й сценарії в документі не діють.", PaperAlt: "Сторінка надісланого документа",
	}
}

func filesRU() fileTexts {
	return fileTexts{
		Kinds:  map[desk.FileKind]string{desk.FilePhoto: "Фото", desk.FileSound: "Звук", desk.FileDocument: "Документ PDF", desk.FileOther: "Файл"},
		One:    map[desk.FileKind]string{desk.FilePhoto: "фото", desk.FileSound: "звук", desk.FileDocument: "документ PDF", desk.FileOther: "файл"},
		Units:  [3]string{"байт", "кБ", "МБ"},
		Sealed: "Запечатано, не открыто", NotShown: "Такие файлы здесь не показывают; он остаётся запечатанным.",
		Head: "Вложение", Open: "Открыть", Fetching: "Получение и проверка: %s из %s", Drawing: "Открывается…", Closed: "Ничего не открыто.",
		Show: "Показать изображение", Blur: "Снова размыть", Alt: "Присланное изображение",
		PictureHint: "Программа нарисовала его заново и держит только в памяти. Закроете окно, и оно забыто.",
		SoundHint:   "Только в памяти. Пользуйтесь наушниками. Закроете окно, и он забыт.", Refused: "Это не показано.", Again: "Попробовать ещё раз", Unsigned: "Не открывается: это сообщение не подписал никто известный.",
		Page: "Страница %d из %d", MorePages: "Страниц в документе: %d; показаны первые %d.", Before: "Предыдущая страница", After: "Следующая страница", Smaller: "Меньше", Larger: "Больше",
		Keys: "Клавиши: PgUp и PgDn другие страницы, + и − размер, стрелки двигают. Ссылки, формы и сценарии в документе не действуют.", PaperAlt: "Страница присланного документа",
	}
}
