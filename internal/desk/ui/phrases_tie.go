package ui

// phrasesOfTies: cases that are linked, merged and split.
var phrasesOfTies = []phrase{
	{
		"a file goes by the door of the case that is shown: open the other case to send it there. Nothing was sent",
		"Файл іде входом тієї справи, яку показано: відкрийте іншу справу, щоб надіслати його там. Нічого не надіслано.", "Файл идёт входом того дела, которое показано: откройте другое дело, чтобы отправить его там. Ничего не отправлено.",
	},
	{"this is the same case", "Це та сама справа.", "Это то же самое дело."},
	{"people leave the case of the address, not the other way round", "Люди виходять із цієї справи, а не навпаки.", "Люди выходят из этого дела, а не наоборот."},
	{
		"the main case has ended: take it up again first, or let the other be the main case",
		"Головну справу завершено: спершу поновіть її або зробіть головною іншу.", "Главное дело завершено: сначала возобновите его или сделайте главным другое.",
	},
	{"the new key belongs to another parting", "Новий ключ — з іншого відокремлення.", "Новый ключ — из другого выделения."},
	{"an act on two cases is made on both at once", "Дію над двома справами роблять в обох одразу.", "Действие над двумя делами делают в обоих сразу."},
	{
		"this case has no door of its own: write in the case that its people left",
		"Ця справа не має власного входу: пишіть у справі, з якої вийшли її люди.", "У этого дела нет своего входа: пишите в деле, из которого вышли его люди.",
	},
	{
		"This case has no door of its own: write in the case that its people left.",
		"Ця справа не має власного входу: пишіть у справі, з якої вийшли її люди.", "У этого дела нет своего входа: пишите в деле, из которого вышли его люди.",
	},
	{"a case that leaves another begins with leaving it", "Відокремлена справа починається з відокремлення.", "Выделенное дело начинается с выделения."},
	{
		"this case is a part of case %s: ask to forget that one, both go together",
		"Ця справа — частина справи %s: просіть забути ту, зникнуть обидві.", "Это дело — часть дела %s: просите забыть то, исчезнут оба.",
	},
	{
		"this case is a part of another: ask to forget that one, both go together",
		"Ця справа — частина іншої: просіть забути ту, зникнуть обидві.", "Это дело — часть другого: просите забыть то, исчезнут оба.",
	},
	{"only cases that are linked are merged, and only once", "Об’єднують лише пов’язані справи, і лише раз.", "Объединяют только связанные дела, и только один раз."},
	{"there is such a case already", "Така справа вже є.", "Такое дело уже есть."},
	{"nothing binds these two cases any more", "Ці дві справи вже нічим не пов’язані.", "Эти два дела уже ничем не связаны."},
	{"no word was agreed in either case: two people decide", "У жодній із двох справ немає слова: вирішують двоє.", "Ни в одном из двух дел нет слова: решают двое."},
	{"the new case needs a title, not too long", "Новій справі потрібна назва, не задовга.", "Новому делу нужно название, не слишком длинное."},
	{"this case was removed; make a new one", "Цю справу видалено; створіть нову.", "Это дело удалено; создайте новое."},
	{"%d people cannot leave a case of %d: somebody stays", "Виходить %d, а у справі %d: хтось має лишитися.", "Выходит %d, а в деле %d: кто-то должен остаться."},
	{
		"the first key of a case made at the desk is not signed by an operator of the roster",
		"Перший ключ справи, створеної тут, не підписав оператор зі списку.", "Первый ключ дела, созданного здесь, не подписан оператором из списка.",
	},
	{
		"this case is a part of another: stage, people and who has it are decided there",
		"Ця справа — частина іншої: етап, людей і виконавця визначають там.", "Это дело — часть другого: этап, людей и исполнителя определяют там.",
	},
	{
		"this case is a part of case %s: stage, people and who has it are decided there",
		"Ця справа — частина справи %s: етап, людей і виконавця визначають там.", "Это дело — часть дела %s: этап, людей и исполнителя определяют там.",
	},
	{
		"the time for undoing this is over: a supervisor can still do it",
		"Час на скасування минув: це ще може зробити старший зміни.", "Время на отмену прошло: это ещё может сделать старший смены.",
	},
	{"this is no undoing", "Це не скасування.", "Это не отмена."},
	{
		"The server shows an act on this case and on case %s on this side only. It does not count.",
		"Сервер показує дію над цією справою і справою %s лише з цього боку. Вона не рахується.", "Сервер показывает действие над этим делом и делом %s только с этой стороны. Оно не считается.",
	},
	{"the main case is one of the two", "Головна справа — одна з двох.", "Главное дело — одно из двух."},
	{"who left comes back in the case that they left: undo it there", "Хто вийшов, повертається в ту справу, з якої вийшов: скасуйте там.", "Кто вышел, возвращается в то дело, из которого вышел: отмените там."},
	{
		"something has been added to the case that left: it stays. Close it if it is not needed",
		"До відокремленої справи вже щось додано: вона лишається. Закрийте її, якщо не потрібна.", "К выделенному делу уже что-то добавлено: оно остаётся. Закройте его, если не нужно.",
	},
	{"something has been added to the case that left: it stays", "До відокремленої справи вже щось додано: вона лишається.", "К выделенному делу уже что-то добавлено: оно остаётся."},
	{"which of the two cases goes on is not said rightly", "Неправильно сказано, котра з двох справ головна.", "Неправильно сказано, какое из двух дел главное."},
	{
		"one of the two is a part of a case already: merge with that one, or undo it first",
		"Одна з двох уже є частиною справи: об’єднуйте з тією або спершу скасуйте.", "Одно из двух уже часть дела: объединяйте с тем или сначала отмените.",
	},
	{"the statement is not about two cases", "Ця дія не про дві справи.", "Это действие не о двух делах."},
	{
		"who leaves a case goes on from the stage in which it is; look again, then decide",
		"Хто виходить зі справи, починає з її етапу; гляньте ще раз, тоді вирішуйте.", "Кто выходит из дела, начинает с его этапа; взгляните ещё раз, потом решайте.",
	},
	{"this was done, and undone since: the other case is gone", "Це було зроблено й відтоді скасовано: іншої справи вже немає.", "Это было сделано и с тех пор отменено: другого дела уже нет."},
	{"the case id does not belong to the case that it left", "Номер справи не відповідає справі, з якої вона вийшла.", "Номер дела не соответствует делу, из которого оно вышло."},
	{
		"the two cases belong to different teams: their compartments stay apart",
		"Справи належать різним командам: їх не змішують.", "Дела принадлежат разным командам: их не смешивают.",
	},
	{"the statement names another proposal than the one that was approved", "Дія називає не те подання, яке схвалено.", "Действие называет не то представление, которое одобрено."},
	{"a link names two cases, the lower id first", "Зв’язок називає дві справи, меншу першою.", "Связь называет два дела, меньшее первым."},
	{"the other case is missing, or is this one", "Іншої справи не названо, або це та сама.", "Другое дело не названо, или это то же самое."},
	{
		"An act on this case and another does not fit what was before it. It does not count.",
		"Дія над цією та іншою справою не узгоджується з тим, що було до неї. Вона не рахується.", "Действие над этим и другим делом не согласуется с тем, что было до него. Оно не считается.",
	},
	{"this is not the word of either case. Nothing was linked", "Це не слово жодної з двох справ. Нічого не пов’язано.", "Это не слово ни одного из двух дел. Ничего не связано."},
	{"these two cases are not linked, or they are merged: undo that first", "Ці справи не пов’язані або об’єднані: спершу скасуйте об’єднання.", "Эти дела не связаны или объединены: сначала отмените объединение."},
	{"these two cases are linked, merged or split already; read it, then decide", "Ці справи вже пов’язані, об’єднані чи розділені; прочитайте, тоді вирішуйте.", "Эти дела уже связаны, объединены или разделены; прочтите, потом решайте."},
	{
		"this word means that somebody stands beside the person. Nothing was linked; act as for the duress word",
		"Це слово означає, що поруч із людиною хтось є. Нічого не пов’язано; дійте, як за словом про примус.", "Это слово означает, что рядом с человеком кто-то есть. Ничего не связано; действуйте, как по слову о принуждении.",
	},
	{
		"only one of the two cases speaks of the link: it does not count, nothing was merged",
		"Про зв’язок каже лише одна з двох справ: він не рахується, нічого не об’єднано.", "О связи говорит только одно из двух дел: она не считается, ничего не объединено.",
	},
	{"who comes back leaves no statement behind", "Хто повертається, не лишає запису.", "Кто возвращается, не оставляет записи."},
	{"something written here for case %s is not at the server yet: send it first", "Написане тут для справи %s ще не на сервері: спершу надішліть.", "Написанное здесь для дела %s ещё не на сервере: сначала отправьте."},
	{"the case was merged or taken apart at this moment; nothing was kept, try again", "Справу саме об’єднали чи роз’єднали; нічого не збережено, спробуйте ще раз.", "Дело как раз объединили или разъединили; ничего не сохранено, попробуйте ещё раз."},
	{
		"two cases change together: this needs the server, and there is no connection. Nothing was done",
		"Дві справи змінюють разом: потрібен сервер, а зв’язку немає. Нічого не зроблено.", "Два дела меняют вместе: нужен сервер, а связи нет. Ничего не сделано.",
	},
	{"these two cases are not merged in this way", "Ці справи так не об’єднані.", "Эти дела так не объединены."},
	{"an act on one case names another", "Дія над однією справою називає іншу.", "Действие над одним делом называет другое."},
	{"the two halves of the act do not belong together", "Дві половини дії не пасують одна до одної.", "Две половины действия не подходят друг к другу."},
	{"this is no door of the case any more: look again. Nothing was sent", "Це вже не вхід цієї справи: гляньте ще раз. Нічого не надіслано.", "Это уже не вход этого дела: взгляните ещё раз. Ничего не отправлено."},
	{"this case has ended: take it up again first", "Справу завершено: спершу поновіть її.", "Дело завершено: сначала возобновите его."},
	{"not the first key of the case that leaves", "Це не перший ключ відокремленої справи.", "Это не первый ключ выделенного дела."},
	{"the stage is not said rightly", "Етап названо неправильно.", "Этап назван неправильно."},
	{"only the case that was left takes people back", "Людей приймає назад лише справа, з якої вони вийшли.", "Людей принимает назад только дело, из которого они вышли."},
	{
		"the case that would become a part has parts of its own: make it the main case, or undo them first",
		"Справа, що стала б частиною, має власні частини: зробіть її головною або спершу скасуйте їх.", "Дело, которое стало бы частью, имеет свои части: сделайте его главным или сначала отмените их.",
	},
	{"how the link is known is not said rightly", "Неправильно сказано, звідки відомо про зв’язок.", "Неправильно сказано, откуда известно о связи."},
	{"a new key comes with people who leave a case, and with nothing else", "Новий ключ приходить лише з людьми, що виходять зі справи.", "Новый ключ приходит только с людьми, которые выходят из дела."},
	{"nobody has left this case into that one", "З цієї справи в ту ніхто не виходив.", "Из этого дела в то никто не выходил."},
}
