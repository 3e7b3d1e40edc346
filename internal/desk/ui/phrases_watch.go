package ui

// phrasesOfWatch: tripwires, canaries, and the journal as a desk checks it.
var phrasesOfWatch = []phrase{
	{"somebody has acknowledged this alarm already", "Цю тривогу вже розглянули.", "Эту тревогу уже рассмотрели."},
	{"the answer was lost", "Відповідь загубилася.", "Ответ потерялся."},
	{"Entry %d of the journal is not the one that the checkpoint commits to.", "Запис %d журналу не той, за який ручається контрольна точка.", "Запись %d журнала не та, за которую ручается контрольная точка."},
	{"the server does not hand out entry %d, and has signed that there is one", "Сервер не видає запису %d, хоча підписав, що він є.", "Сервер не выдаёт запись %d, хотя подписал, что она есть."},
	{"a note of 1 to %d bytes is needed", "Потрібна нотатка: від 1 до %d байтів.", "Нужна заметка: от 1 до %d байт."},
	{"a note is needed: what you found, and what you did", "Потрібна нотатка: що ви з’ясували й що зробили.", "Нужна заметка: что вы выяснили и что сделали."},
	{"the note belongs to another answer", "Нотатка належить до іншої відповіді.", "Заметка относится к другому ответу."},
	{"the answer is not signed by you", "Відповідь підписано не вами.", "Ответ подписан не вами."},
	{"a note is sealed to somebody who does not watch", "Нотатку запечатано комусь, хто не наглядає.", "Заметка запечатана кому-то, кто не надзирает."},
	{"the hashes that the server shows do not lead to the checkpoint: %w", "Хеші, які показує сервер, не ведуть до контрольної точки.", "Хеши, которые показывает сервер, не ведут к контрольной точке."},
	{"a field is missing or out of range", "Поля бракує, або воно поза межами.", "Поля не хватает, или оно вне пределов."},
	{"the alarm has grown meanwhile; look at it again, then decide", "Тривога тим часом зросла; погляньте ще раз, потім вирішуйте.", "Тревога тем временем выросла; посмотрите ещё раз, потом решайте."},
	{"the note is missing for %d of those who watch", "Нотатки бракує для тих, хто наглядає: %d.", "Заметки не хватает для тех, кто надзирает: %d."},
	{"the answer is about another alarm", "Відповідь про іншу тривогу.", "Ответ о другой тревоге."},
	{"there is no connection to the server", "Немає зв’язку із сервером.", "Нет связи с сервером."},
	{"somebody waits for an answer in this case: it is no canary", "У цій справі хтось чекає на відповідь: вона не може бути приманкою.", "В этом деле кто-то ждёт ответа: оно не может быть приманкой."},
	{"a person in stage %s is being met or cared for: such a case is no canary", "Людину на етапі «%s» зустрічають, або про неї дбають: така справа не може бути приманкою.", "Человека на этапе «%s» встречают или о нём заботятся: такое дело не может быть приманкой."},
	{"the answer claims to have seen more than there is", "Відповідь стверджує, ніби бачила більше, ніж є.", "Ответ утверждает, будто видел больше, чем есть."},
}
