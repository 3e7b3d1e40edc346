package ui

import "safeconduct/internal/desk"

// fileTexts is the words of photos and files that go with a message.
type fileTexts struct {
	Kinds, One       map[desk.FileKind]string // alone; in the middle of a line
	Units            [3]string                // bytes, thousands, millions
	Sealed, NotShown string
}

func filesEN() fileTexts {
	return fileTexts{
		Kinds:  map[desk.FileKind]string{desk.FilePhoto: "Photo", desk.FileSound: "Sound", desk.FileDocument: "PDF document", desk.FileOther: "File"},
		One:    map[desk.FileKind]string{desk.FilePhoto: "a photo", desk.FileSound: "a sound", desk.FileDocument: "a PDF document", desk.FileOther: "a file"},
		Units:  [3]string{"bytes", "KB", "MB"},
		Sealed: "Sealed, not opened", NotShown: "This kind is not shown here; it stays sealed.",
	}
}

func filesUK() fileTexts {
	return fileTexts{
		Kinds:  map[desk.FileKind]string{desk.FilePhoto: "Фото", desk.FileSound: "Звук", desk.FileDocument: "Документ PDF", desk.FileOther: "Файл"},
		One:    map[desk.FileKind]string{desk.FilePhoto: "фото", desk.FileSound: "звук", desk.FileDocument: "документ PDF", desk.FileOther: "файл"},
		Units:  [3]string{"байтів", "кБ", "МБ"},
		Sealed: "Запечатано, не відкрито", NotShown: "Такі файли тут не показують; він лишається запечатаним.",
	}
}

func filesRU() fileTexts {
	return fileTexts{
		Kinds:  map[desk.FileKind]string{desk.FilePhoto: "Фото", desk.FileSound: "Звук", desk.FileDocument: "Документ PDF", desk.FileOther: "Файл"},
		One:    map[desk.FileKind]string{desk.FilePhoto: "фото", desk.FileSound: "звук", desk.FileDocument: "документ PDF", desk.FileOther: "файл"},
		Units:  [3]string{"байт", "кБ", "МБ"},
		Sealed: "Запечатано, не открыто", NotShown: "Такие файлы здесь не показывают; он остаётся запечатанным.",
	}
}
