package telegram

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"unicode/utf8"
)

// What people write too early, made up.
var tooEarlyTexts = map[early][]string{
	earlyPosition: {
		"Мы у пруда, южнее посадки, 47.98765, 37.24680",
		"47.98765 37.24680",
		"47,98765; 37,24680",
		"48.015883/37.802850",
		"координаты 47.98765 с.ш. 37.24680 в.д.",
		"N48.12345 E37.54321",
		"я тут 48.123, 37.457",
		"широта 48,1234 долгота 37,5678",
		"широта 48 12",
		"довгота 37.5",
		"даўгата 37,51",
		"latitude 48.5",
		"48°12'30\" 37°45'10\"",
		"48° 12.5′ N, 37° 45.1′ E",
		"48º12’ с",
		"48.5°N 37.5°E",
		"48,5°С, 37,5°В",
		"N48 12 345 E37 45 678",
		"48 с.ш. и 37 в.д.",
		"48 градусов 12 минут 30 секунд северной",
		"48 град. 12 мин. с.ш.",
		"geo:48.123,37.456",
		"https://maps.app.goo.gl/AbCdEf123",
		"https://www.google.com/maps?q=48.1,37.2",
		"вот https://yandex.ru/maps/-/CDabc123",
		"https://www.openstreetmap.org/#map=15/48.1/37.2",
		"https://deepstatemap.live/#14/48.0/37.8",
		"https://2gis.ru/donetsk/geo/123",
		"///слово.другое.третье",
		"8GXC2F+R2 рядом",
		"ранен в ногу идти не могу подвал школы 37U CQ 14567 23456 батарея 9%",
		"37UCQ1456723456",
		"37u cq 1456 2345",
		"37Т СК 14567 23456",
		"36U XV 14 23",
		"CQ 14567 23456",
		"сидим в квадрате 1234",
		"квадрат 12-34-5",
		"у квадраті 2345",
		"квадрат № 4512",
		"we are in grid 1234",
		"grid square 123 45",
		"X 5320123 Y 7412345",
		"х=5320123, у=7412345",
		"5320123 7412345",
		"x 53 20 123 y 74 12 345",
		"х 20123 у 12345",
		"Один. По карте икс пятьдесят три двадцать сто двадцать три, игрек семь четыреста двенадцать триста сорок пять.",
		"ікс пʼять три два нуль",
		"икс 5320123 игрек 7412345",
		"мои координаты: 4798 3724 12",
		"каардынаты 4798 3724",
		"coordinates 4798 3724",
	},
	earlyUnit: {
		"в/ч 12345",
		"служу в В/Ч № 12345",
		"вч12345",
		"в.ч. 54321",
		"войсковая часть 12345",
		"войсковой части номер 12345",
		"воинская часть 12345",
		"військова частина А1234",
		"військовій частині 3028",
		"воінская часць 12345",
		"вайсковая часць 12345",
		"часть 12345",
		"полевая почта 12345",
		"155-я бригада",
		"155 бригада",
		"из 155-й отдельной гвардейской бригады морской пехоты",
		"Я из 3-го батальона",
		"в 3 батальоне",
		"2-я рота, 1-й батальон",
		"3 рота",
		"1009-й полк",
		"1251 мотострелковый полк",
		"в 15 полку",
		"150-й мотострелковой дивизии",
		"58-я армия",
		"155я бригада",
		"5 полк",
		"64 омсбр",
		"64-я ОМСБр",
		"810 обрмп",
		"76 гв. ДШД",
		"331 пдп",
		"252 мсп",
		"15 ТП",
		"з 112 ТрО",
		"із 3-го батальйону",
		"155 окрема бригада",
		"у 72 бригаді",
		"15-я механізаваная брыгада",
		"з 38-й брыгады",
		"з 3-га батальёна",
		"у 11 батальёне",
		"unit 12345",
		"I am in military unit No. 12345",
		"155th brigade",
		"the 36th motor rifle brigade",
		"3rd battalion",
		"from 155 brigade",
	},
	earlyName: {
		"Меня зовут Иван",
		"меня зовут Иван Петров, что делать",
		"меня зовут иван",
		"МЕНЯ ЗОВУТ ИВАН",
		"зовут меня Серёга",
		"меня зовут: Рустам",
		"Сына зовут Алексей",
		"моё имя Сергей",
		"моя фамилия Петров",
		"фамилия: Петров",
		"ФИО: Петров",
		"позывной Сокол",
		"мене звати Олексій",
		"Мене звуть Микола",
		"моє імʼя Петро",
		"прізвище Петренко",
		"мяне завуць Алесь",
		"маё імя Янка",
		"прозвішча Кавалёў",
		"My name is John",
		"my name's John Smith",
		"Иванов Иван Иванович",
		"Петрова Мария Сергеевна, жена",
		"Иван Иванович Иванов",
		"Петренко Петро Петрович",
		"Шевченко Олена Миколаївна",
		"Кавалёў Іван Пятровіч",
		"Кавалёва Ганна Іванаўна",
		"Иванов И.И.",
		"рядовой Петров",
		"сержант И. И. Иванов",
		"Я Иванов Сергей",
		"это я, Сергей Петров",
	},
	earlyNumber: {
		"+7 912 345-67-89",
		"+79123456789",
		"89123456789",
		"8 (912) 345-67-89",
		"8-912-345-67-89 звоните",
		"912 345-67-89",
		"9123456789",
		"+380671234567",
		"+380 67 123 45 67",
		"067 123 45 67",
		"0671234567",
		"+375 29 123-45-67",
		"8029 123 45 67",
		"8 029 123-45-67",
		"паспорт 4510 123456",
		"паспорт серия 45 10 номер 123456",
		"45 10 123456",
		"пашпарт МР1234567",
		"МР1234567",
		"военный билет АК 123456",
		"личный номер А-123456",
		"У-123456",
		"жетон 12345678",
		"дата рождения 12.03.1990",
		"родился 12 марта 1990",
		"12.03.1990 г.р.",
		"дата народження 12.03.1990",
		"дата нараджэння: 12.03.1990",
		"born on 12/03/1990",
	},
}

// What people write as well, and what must raise no alarm.
var harmlessTexts = []string{
	"", " ", "?", "нас двое, второй ранен", "через 2-3 недели", "через 2 недели наш батальон отправят", "нас 11, один легко ранен",
	"рота без командира", "вся рота хочет выйти", "я приведу роту", "из роты осталось 5 человек", "2 роты", "3 батальона", "из 2-х батальонов", "с 3-мя ротами", "15 бригад", "5 дивизий воюют",
	"20 дней в полку", "на 2-й день наш полк бросили", "3-го числа батальон уходит", "в 5:40 батальон уйдёт", "в 2022 полк расформировали", "2-й взвод", "на 2-й полке",
	"1234 5678 9012", "123456789012", "1234-5678-9012", "мой код 8912 3456 7890", "код 7912 3456 7890", "код 380671234567", "8912 3456 7890 1234 5678 9012", "код: 1234 5678 90",
	"платят 500000 рублей?", "500 000 за вертолёт", "2 000 000 и 3 000 000", "1.500, 2.300", "50.000, 30.000", "5000000 7000000", "ДО 500000 РУБЛЕЙ", "за 200000", "курс 95,12 и 102,34",
	"завтра в 05:40, у двух труб, белая тряпка на палке", "12.03.2024", "с 12.03.2024 по 15.04.2024", "2024-03-12 05:40", "25 марта 2025 года", "10.10.2024 10.11.2024",
	"Могу перегнать Ми-8. Правда ли, что платят?", "есть Т-72 и БМП-2", "АК-74 и 5.45x39", "калибр 7.62, 120 патронов", "батарея 9%", "температура 38.6", "на улице -20°С", "ночью 20°C, днём 30°C", "температура 38 градусов 20 минут назад",
	"меня зовут на войну", "меня зовут обратно в часть", "Как вас зовут?", "Меня зовут. Что делать?", "моё имя Вам не нужно", "моё имя вам знать?", "фамилии операторов тоже", "фамилию не скажу", "как зовут Вас",
	"Здравствуйте. Мне дали вашу ссылку. Это правда не ловушка?", "Я из Беларуси", "Я Русский", "Слава Украине", "Хочу Жить", "я роман Толстого читал", "Женевская Конвенция Третья", "товарищ майор Вы где", "у нас майор пьёт",
	"Скажите точные координаты ваших групп встречи и сколько там человек, я приведу роту.", "какие координаты слать?", "координаты 5 групп", "координаты скажу 12.03.2024", "что писать: икс и игрек?", "метров 200 в квадрате", "квартира 60 квадратных метров", "квадрат", "широта души",
	"в части 300 человек", "часть 2", "в нашей части 12 офицеров", "в/ч", "военная часть", "паспорт забрали", "паспорт отдам за 500000", "билет купил за 3500", "нет паспорта, нас 12 человек",
	"https://ru.wikipedia.org/wiki/Плен", "https://maps.google.com", "https://www.openstreetmap.org/", "есть https://deepstatemap.live/", "t.me/bot?start=12", "2222+3333", "2+2",
	"мне 23 года", "двое детей, 5 и 7 лет", "3 дня не ели", "осталось 40 патронов и 2 гранаты", "10-15 км до линии", "до линии 2,5 км", "идти 3 часа", "с 8 до 20",
	"нас двоє, другий поранений", "через 2 тижні відправлять", "як вас звати?", "мене звати на фронт", "у нас 3 роти", "скільки чекати, 12 годин?", "рота без звʼязку",
	"нас двое, другі паранены", "Я з Беларусі. Нас могуць адправіць. Гэта датычыцца і нас?", "праз 2 тыдні", "мяне завуць на вайну", "батальён стаіць",
	"there are two of us, the second is wounded", "in 2-3 weeks", "my name is not important", "my unit left 3 days ago", "unit 3", "2 battalions", "I have 2 x AK 74", "the 2nd day the battalion waits", "500000 for a tank?", "how big is the square", "company of 12", "born in 1990",
	"Номер 5 в очереди", "номер 12", "1 1 1 1 1 1 1 1 1 1 1 1", "0 0", "99999999999999999999", "три слова: абрикос август автобус", "П. С. спасибо", "т. е. завтра", "и т.д. и т.п.", "5 ок", "10 мп камера", "2 тп",
}

func TestTooEarly(t *testing.T) {
	t.Parallel()
	n := 0
	for want, list := range tooEarlyTexts {
		for _, text := range list {
			n++
			if have := tooEarly(text); have != want {
				t.Errorf("%q is %q, want %q", text, have, want)
			}
			if have := tooEarly("Здравствуйте.\nДумаю уйти: " + text + " , помогите"); have != want {
				t.Errorf("%q in a sentence is %q, want %q", text, have, want)
			}
		}
	}
	for _, text := range harmlessTexts {
		n++
		if have := tooEarly(text); have != earlyNothing {
			t.Errorf("%q raises an alarm: %q", text, have)
		}
		if have := tooEarly("Здравствуйте. " + text + "\nЧто мне делать?"); have != earlyNothing {
			t.Errorf("%q in a sentence raises an alarm: %q", text, have)
		}
	}
	if n < 120 {
		t.Errorf("only %d examples", n)
	}
}

// The worst is named, whatever stands first.
func TestTooEarlyOrder(t *testing.T) {
	t.Parallel()
	const all = "89123456789, меня зовут Иван, 155-я бригада, 47.98765, 37.24680"
	for i, want := range []early{earlyPosition, earlyUnit, earlyName, earlyNumber} {
		parts := strings.SplitN(all, ", ", 4)
		if have := tooEarly(strings.Join(parts[:4-i], ", ")); have != want {
			t.Errorf("%d parts are %q, want %q", 4-i, have, want)
		}
	}
}

// What the rehearsed people write alarms nobody but where they do give a place.
func TestTooEarlyScenarios(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../rehearsal/scenarios.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Scenarios []struct {
			ID       string
			Messages []struct{ From, Text string }
		}
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	places := map[string]bool{"returns-from-the-front": true, "group-of-eleven": true, "wounded-alone": true}
	found := map[string]int{}
	for _, s := range file.Scenarios {
		for _, m := range s.Messages {
			if m.From != "contact" {
				continue
			}
			switch have := tooEarly(m.Text); {
			case have == earlyPosition && places[s.ID]:
				found[s.ID]++
			case have != earlyNothing:
				t.Errorf("%s: %q is %q", s.ID, m.Text, have)
			}
		}
	}
	for id := range places {
		if found[id] != 1 {
			t.Errorf("%s: %d positions, want 1", id, found[id])
		}
	}
}

// Nor does what the bot says, which people send back or forward.
func TestTooEarlyOwnWords(t *testing.T) {
	t.Parallel()
	for _, lang := range languages() {
		for place, text := range sentences(texts[lang]) {
			if have := tooEarly(text); have != earlyNothing {
				t.Errorf("%s: %s is %q", lang, place, have)
			}
		}
	}
}

// The end of a long text is not looked at, and a letter is not cut in two.
func TestTooEarlyIsBounded(t *testing.T) {
	t.Parallel()
	for pad := range 4 {
		text := strings.Repeat("x", pad) + strings.Repeat("ж", maxEarly) + " меня зовут Иван"
		if have := tooEarly(text); have != earlyNothing {
			t.Errorf("the end was looked at: %q", have)
		}
	}
	for _, piece := range []string{"1", "1 ", "в/ч ", "икс ", "47.98765 ", "Иван ", "гвардейская ", "меня зовут ", "\xff", "паспорт 1", "5-й гвардейский "} {
		tooEarly(strings.Repeat(piece, maxEarly)) // it ends, soon: BenchmarkTooEarly
	}
}

func FuzzTooEarly(f *testing.F) {
	for _, list := range tooEarlyTexts {
		for _, text := range list {
			f.Add(text)
		}
	}
	for _, text := range harmlessTexts {
		f.Add(text)
	}
	f.Add("\xff\xfe 47.98765\xff, 37.24680")
	f.Fuzz(func(t *testing.T, text string) {
		switch k := tooEarly(text); k {
		case earlyNothing, earlyPosition, earlyUnit, earlyName, earlyNumber:
		default:
			t.Errorf("%q is no kind", k)
		}
		if !utf8.ValidString(text) {
			return
		}
		// No digit and no letter: nothing can be there.
		if strings.Trim(text, " .,:;!?-()\n") == "" && tooEarly(text) != earlyNothing {
			t.Errorf("%q raises an alarm", text)
		}
	})
}

func BenchmarkTooEarly(b *testing.B) {
	text := "Здравствуйте. Меня мобилизовали, через 2-3 недели отправят. Телефоны, говорят, заберут. Что делать, если у меня не будет связи? Нас 11 человек в роте."
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		tooEarly(text)
	}
}

// BenchmarkTooEarlyWorst is the dearest text that Telegram lets through.
func BenchmarkTooEarlyWorst(b *testing.B) {
	text := strings.Repeat("5-й гвардейский ", 256)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		tooEarly(text)
	}
}
