package telegram

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// early is what a person wrote before it was asked for.
type early string

// What is written too early. Of several in one text, the first of these is named.
const (
	earlyNothing  early = ""
	earlyPosition early = "position"
	earlyUnit     early = "unit"
	earlyName     early = "name"
	earlyNumber   early = "number" // of a telephone or a document, or a date of birth
)

// maxEarly bounds in bytes what is looked at; Telegram's longest text is 4,096
// UTF-16 units.
const maxEarly = 16 << 10

// sign is one way to write something too early. False alarms frighten and tell
// people that nobody understands them, so a sign is sure rather than complete.
// What is cheap to ask spares most texts the pattern.
type sign struct {
	kind    early
	number  bool     // the pattern begins with a number, and is tried at each
	digits  int      // so many ASCII digits are needed
	hints   []string // one of them must be in the outline; none: no matter
	pattern *regexp.Regexp
	unless  func(groups []string) bool // says of a match that it is something else; nil: never
}

// tooEarly says what in text was not asked for yet. It takes time in proportion
// to the text (package regexp).
func tooEarly(text string) early {
	if len(text) > maxEarly {
		cut := maxEarly
		for cut > 0 && !utf8.RuneStart(text[cut]) {
			cut--
		}
		text = text[:cut]
	}
	o := outlineOf(text)
	for i := range signs() {
		if s := &signs()[i]; s.in(text, &o) {
			return s.kind
		}
	}
	return earlyNothing
}

// outline is what is known of a text after one look.
type outline struct {
	digits  int
	numbers []int // where a number begins that is not the end of another, such as a time
	shape   string
}

// Marks in the shape of a text, before the letter.
const (
	markInitial = "\x01" // of a capital letter with a dot behind it
	markCapital = "\x02" // of any other capital letter that follows a space
)

// outlineOf looks at a text. Its shape has small letters, a 0 for each ASCII digit,
// and marks.
func outlineOf(text string) outline {
	var o outline
	shape := make([]byte, 0, len(text)+16)
	before := ' '
	for i, r := range text {
		switch {
		case r == ' ' || r >= 'а' && r <= 'я' || r >= 'a' && r <= 'z': // most of a text
			shape = utf8.AppendRune(shape, r)
		case r >= '0' && r <= '9':
			o.digits++
			if !unicode.IsLetter(before) && !unicode.IsNumber(before) && !strings.ContainsRune(":.,/%+-", before) {
				o.numbers = append(o.numbers, i)
			}
			shape = append(shape, '0')
		case unicode.IsUpper(r):
			if next := i + utf8.RuneLen(r); next < len(text) && text[next] == '.' {
				shape = append(shape, markInitial...)
			} else if unicode.IsSpace(before) {
				shape = append(shape, markCapital...)
			}
			shape = utf8.AppendRune(shape, unicode.ToLower(r))
		default:
			shape = utf8.AppendRune(shape, r)
		}
		before = r
	}
	o.shape = string(shape)
	return o
}

// maxReach bounds in bytes how far a pattern looks that is tried at a number.
const maxReach = 512

func (s *sign) in(text string, o *outline) bool {
	if o.digits < s.digits {
		return false
	}
	if len(s.hints) > 0 && !slices.ContainsFunc(s.hints, func(h string) bool { return strings.Contains(o.shape, h) }) {
		return false
	}
	if s.number {
		return slices.ContainsFunc(o.numbers, func(at int) bool {
			groups := s.pattern.FindStringSubmatch(text[at:min(at+maxReach, len(text))])
			return groups != nil && (s.unless == nil || !s.unless(groups))
		})
	}
	if s.unless == nil {
		return s.pattern.MatchString(text)
	}
	return slices.ContainsFunc(s.pattern.FindAllStringSubmatch(text, -1), func(groups []string) bool { return !s.unless(groups) })
}

// Pieces of patterns. \b and \w of package regexp know only ASCII.
const (
	reAt   = `^` // a number; see sign
	reOpen = `(?:^|[^\p{L}\p{N}])`
	reEnd  = `(?:$|[^\p{L}\p{N}])`
	reGap  = `[^\p{L}\p{N}]`
	reLast = `(?:$|[^\p{L}\p{N}\s-]|[\s-]+(?:$|[^\d\s]))` // after a number that does not go on
)

// signs returns all signs, in the order of the kinds. They are made when the first
// text comes: other programs of ours have none.
var signs = sync.OnceValue(func() []sign {
	return slices.Concat(positionSigns(), unitSigns(), nameSigns(), numberSigns())
})

func positionSigns() []sign {
	p := func(digits int, pattern string, unless func([]string) bool, hints ...string) sign {
		return sign{earlyPosition, strings.HasPrefix(pattern, reAt), digits, hints, regexp.MustCompile(pattern), unless}
	}
	const easting = `(?:\d{5}\s?\d{5}|\d{4}\s?\d{4}|\d{3}\s?\d{3}|\d{2}\s?\d{2})`
	return []sign{
		// Decimal degrees: 47.98765, 37.24680.
		p(10, `(?:^|[^\p{N}.,])-?(\d{1,2})[.,]\d{4,15}`+reGap+`{1,6}(?:\p{L}{1,8}`+reGap+`{0,4}){0,2}-?(\d{1,3})[.,]\d{4,15}`, beyondGlobe, ".0000", ",0000"),
		// With three decimals they could be prices, unless they lie in the region of this war.
		p(10, `(?:^|[^\p{N}.,])(\d{2})[.,](\d{3})°?[\s,;]+(\d{2})[.,](\d{3})(?:$|[^\p{N}])`, outsideRegion, ".000", ",000"),
		// Degrees and minutes, with signs, letters or words.
		p(3, `\d{1,3}\s*[°º˚]\s*\d{1,2}(?:[.,]\d+)?\s*['’‘′ʹ´`+"`"+`]`, nil, "°", "º", "˚"),
		p(4, `(?i)\d{1,2}(?:[.,]\d+)?\s*[°º˚]\s*[NSСЮ][\p{L}.]{0,5}[\s,;]*\d{1,3}(?:[.,]\d+)?\s*[°º˚]\s*[EWВЗ]`, nil, "°", "º", "˚"),
		p(8, reOpen+`[NSСЮ]\s?\d{2}[°\s.,]\s?\d{2}[\s.,'′]\s?\d{1,5}.{0,4}[EWВЗ]\s?\d{2,3}[°\s.,]\s?\d{2}`, nil, "e0", "e 0", "w0", "w 0", "в0", "в 0", "з0", "з 0"),
		p(1, `(?i)\d`+reGap+`{0,4}(?:с\.\s?ш\.|пн\.\s?ш\.|паўн\.\s?ш\.|в\.\s?д\.|сх\.\s?д\.|усх\.\s?д\.)`, nil, "ш.", "д.", markInitial),
		p(2, `(?i)(?:широт|шырат|долгот|довгот|даўгат|latitude|longitude)\p{L}{0,3}`+reGap+`{1,4}\d{2}`, nil,
			"широт", "шырат", "долгот", "довгот", "даўгат", "latitude", "longitude"),
		p(4, `(?i)\d\s*град\p{L}*\.?\s*\d{1,2}\s*м[иі]н\p{L}*\.?[\s,]*(?:\d{1,2}(?:[.,]\d+)?\s*сек|сев|північ|паўноч|с\.?\s?ш|вост|схід)`, nil, "град"),
		// Maps.
		p(0, `(?i)geo:\s*-?\d|///\p{L}+\.\p{L}+\.\p{L}+`, nil, "geo:", "///"),
		p(0, `(?i)(?:maps\.google\.[a-z.]{2,6}|google\.[a-z.]{2,6}/maps|goo\.gl/maps|maps\.app\.goo\.gl|yandex\.[a-z.]{2,6}/(?:maps|navi)|maps\.yandex\.[a-z.]{2,6}|`+
			`maps\.apple\.com|openstreetmap\.org|osm\.org|2gis\.[a-z]{2,3}|wikimapia\.org|what3words\.com|w3w\.co|deepstatemap\.live|liveuamap\.com)[/?#]\S{3,}`, nil,
			"maps", "map.", "osm.org", "gis.", "wikimapia", "w3w", "what3", "deepstate"),
		p(0, reOpen+`([23456789CFGHJMPQRVWX]{4,8}\+[23456789CFGHJMPQRVWX]{2,3})`+reEnd, onlyDigits, "+"),
		// MGRS, whole or without the zone; Cyrillic letters that look the same are typed too.
		p(4, reAt+`(?i)\d{1,2}[C-HJ-NP-X]\s?[A-HJ-NP-Z]{2}\s?`+easting+reEnd, nil, zones("cdefghjklmnpqrstuvwx")...),
		p(4, reAt+`\d{1,2}[СЕНКМРТУХ]\s?[АВЕКМНОРСТУХA-HJ-NP-Z]{2}\s?`+easting+reEnd, nil, zones("сенкмртух")...),
		p(8, reOpen+`[A-HJ-NP-Z]{2}\s?(?:\d{5}\s?\d{5}|\d{4}\s\d{4})`+reLast, nil, "0000"),
		// A square of the map.
		p(4, `(?i)`+reOpen+`(?:квадрат(?:а|е|у|ом|і|ам|це)?|grid(?:\s+(?:square|ref\p{L}*))?|square)`+reGap+`{1,4}(?:№\s*|номер\s+|no\.?\s*)?\d{2,5}[\s-]?\d{2,5}(?:[\s-]\d{1,2})?`+reEnd, nil,
			"квадрат", "grid", "square"),
		// SK-42, Gauss-Krüger metres: X 5320123 Y 7412345, in figures or spoken.
		p(14, `(?:^|[^\p{N}])([4-6]\d{6})[^\p{L}\p{N}]{1,5}(?:[yуYУ]`+reGap+`{0,3})?(\d{7,8})(?:$|[^\p{N}])`, roundNumbers, "0000000"),
		p(8, `(?i)`+reOpen+`[xх]`+reGap+`{0,3}\d[\d\s]{3,10}`+reGap+`{1,4}[yу]`+reGap+`{0,3}\d[\d\s]{3,10}`, nil, "x", "х"),
		p(0, `(?i)`+reOpen+`[иі]кс`+reGap+`{1,4}(?:\d|ноль|нуль|од[иі]н|адз[іи]н|дв|тр[иыіо]|четыр|чотир|чатыр|п.{0,2}ят|шест|ш[іэ]ст|шэсц|с[еі]м|сем|в[оі]с[еі]м|дев|дзев|сорок|сорак|сто)`, nil, "икс", "ікс"),
		p(6, `(?i)(?:координат|каардынат|coordinate)\p{L}{0,3}`+reGap+`{1,4}(\d[\d\s.,;:°'-]{5,})`, aDate, "координат", "каардынат", "coordinate"),
	}
}

func unitSigns() []sign {
	p := func(pattern string, unless func([]string) bool, hints ...string) sign {
		return sign{earlyUnit, strings.HasPrefix(pattern, reAt), 1, hints, regexp.MustCompile(`(?i)` + pattern), unless}
	}
	const (
		ordinal = `(?:\s?[-–]\s?)?(?:[оеиыіаяу]?(?:й|я|го|му|м|ю|га)|[аоуіы])` // 155-я, 3го, 36-му; not 2-х, 3-мя
		kinds   = `(?:(?:отд|окрем|асобн|гв|мото|мота|механ|мех|танк|арт|дес|дэс|возд|повітр|паветр|морс|марс|штурм|развед|розвід|выведв|инж|інж|учеб|навч|вучэб|стр[еі]л|страл|горн|гірс|зен|ракет|реакт|` +
			`рэакт|сап|тер|тэр|обор|абар|мед|рем|жел|дор|транс|ави|аві|авія|верт|аэр|аер|парашют|парашут|спец|легк|лёгк|охр|комен|общевойск|загальнов|связ|сувяз|берег|бпла|рэб)\p{L}*\.?[\s-]+){0,5}`
		adjectives = `(?:(?:separate|independent|guards|motor|motori[sz]ed|rifle|mechani[sz]ed|tank|armou?red|artillery|airborne|air|assault|marine|naval|infantry|engineer|special|reconnaissance|combined|arms|training)\s+){0,5}`
		formations = `(?:полк(?:а|у|ом|е)?|бр[иы]гад(?:а|ы|е|у|ой|і|ою|ай|зе)|батал(?:ьон|ьйон|ьён)(?:а|у|ом|е|і|ам)?|див[иі]з[иі](?:я|и|ю|ей|і|єю)|дывізі(?:я|і|ю|яй))`
	)
	russian := []string{"полк", "бригад", "брыгад", "баталь", "дивиз", "дивіз", "дывіз", "рот", "арми", "армі"}
	return []sign{
		p(reOpen+`(?:в\s?[/\\.-]\s?ч|вч|(?:войсков|воинск|військов|вайсков|воінск)\p{L}+\s+ча(?:ст|сц)\p{L}*)`+reGap+`{0,3}(?:№\s*|номер\s+|нумар\s+)?(?:[АA]-?\d{4}|\d{4,6})`+reEnd, nil, "/ч", "/ ч", `\ч`, ".ч", ". ч", "-ч", "- ч", "вч", "част", "часц", markInitial),
		p(reOpen+`(?:пп|полев\p{L}+\s+почт\p{L}+|польов\p{L}+\s+пошт\p{L}+|палев\p{L}+\s+пошт\p{L}+|част[ьи]|частин[аиіу]|час[цт][ьі])`+reGap+`{0,3}(?:№\s*)?\d{5}`+reEnd, nil, "пп", "почт", "пошт", "част", "часц"),
		p(reOpen+`unit`+reGap+`{0,3}(?:no\.?|number|№|#)?\s*\d{4,6}`+reEnd, nil, "unit"),
		// 155-я отдельная гвардейская бригада, 3-го батальона, 2-я рота.
		p(reAt+`(\d{1,4})`+ordinal+`\s+`+kinds+`(?:`+formations+`|рот(?:а|ы|е|у|ой|і|ою|ай)|арми(?:я|и|ю|ей)|армі(?:я|ї|і|ю|єю|яй))`+reEnd, aYearOrShelf, russian...),
		// Without an ending "2 батальона" is a number of battalions, and "22 бригада" is not.
		p(reAt+`(\d{2,4})\s+`+kinds+`(?:`+formations+`|рот(?:а|е|у|ой|і|ою))`+reEnd, aYear, russian...),
		p(reAt+`(\d)\s+`+kinds+`(?:полк(?:у|ом|е)?|бр[иы]гад(?:а|е|у|ой|ою|ай|зе)|батал(?:ьон|ьйон|ьён)(?:у|ом|е|ам)?|див[иі]з[иі](?:я|ю|ей|єю)|дывізі(?:я|ю|яй)|рот(?:а|е|у|ой|ою))`+reEnd, nil, russian...),
		p(reAt+`\d{1,4}(?:`+ordinal+`)?[\s-]*(?:(?:гв|отд)\.?\s*)*(?:омсбр|омсб|гвомсбр|мсбр|гвмсп|мсп|мсд|мсб|мср|омбр|омехбр|мехбр|обрмп|брмп|обмп|одшбр|гвдшбр|дшбр|дшп|дшд|дшб|ошбр|ошб|ошп|отбр|тбр|отб|`+
			`пдп|пдб|вдд|вдбр|обрспн|оабр|абр|рбр|зрп|зрбр|обтро|бртро|тро|омпб|ошро)`+reEnd, nil, "бр", "мс", "дш", "ош", "тб", "пд", "вдд", "рп", "тро", "мп", "мб", "гв"),
		p(reAt+`\d{1,4}(?:`+ordinal+`)?[\s-]?(?-i:ТП|ТД|ОА|ВДВ)`+reEnd, nil, "тп", "тд", "оа", "вдв"),
		p(reAt+`(\d{1,4})(?:st|nd|rd|th)\s+`+adjectives+`(?:brigade|regiment|battalion|division|company|army)`+reEnd, nil, "brigade", "regiment", "battalion", "division", "company", "army"),
		p(reAt+`(\d{2,4})\s+`+adjectives+`(?:brigade|regiment|battalion|division)`+reEnd, aYear, "brigade", "regiment", "battalion", "division"),
	}
}

func nameSigns() []sign {
	p := func(pattern string, unless func([]string) bool, hints ...string) sign {
		return sign{earlyName, false, 0, hints, regexp.MustCompile(pattern), unless}
	}
	const (
		asked = `(?:^|[^\p{L}])(?i:(?:зовут|звати|звуть|завуць)(?:\s+(?:меня|мене|мяне))?|мен[яе]\s+зовут|мене\s+(?:звати|звуть|кличуть)|мяне\s+(?:завуць|клічуць)|my\s+name(?:\s+is|['’]s)|` +
			`(?:моё|мое|моє|маё)\s+(?:имя|ім['’ʼ]?я)|фамилия|прізвище|прозвішча|ф\.?\s?и\.?\s?о\.?|п\.?\s?і\.?\s?б\.?|позывной|позивний|пазыўны|call\s?sign(?:\s+is)?)[\s:=,–—-]{1,4}(?i:(?:просто|это|це|гэта)\s+)?`
		// The most frequent men's names, for people who write without capitals.
		men = `(?i:александр|саша|саня|алексей|лёха|леша|лёша|андрей|антон|артём|артем|борис|вадим|валера|валерий|василий|вася|виктор|витя|виталий|владимир|вова|володя|владислав|влад|вячеслав|слава|геннадий|` +
			`георгий|григорий|данил|даниил|денис|дмитрий|дима|димон|евгений|женя|егор|иван|ваня|игорь|илья|кирилл|константин|костя|максим|макс|михаил|миша|никита|николай|коля|олег|павел|паша|пётр|петр|петя|роман|рома|руслан|` +
			`рустам|сергей|серёга|серега|серёжа|станислав|стас|степан|тимур|фёдор|юрий|юра|ярослав|олександр|олексій|андрій|василь|віктор|віталій|володимир|дмитро|євген|іван|ігор|ілля|максим|михайло|микита|микола|` +
			`павло|петро|сергій|юрій|аляксандр|аляксей|андрэй|дзмітры|зміцер|яўген|ігар|кірыл|міхаіл|мікалай|мікіта|алег|пётра|сяргей|уладзімір|юры)`
		word       = `\p{Lu}[\p{Ll}'’ʼ]+(?:-\p{Lu}\p{Ll}+)?`
		patronymic = `\p{Lu}\p{Ll}+(?:ович|евич|йович|овіч|евіч|авіч|євич|ьич|мич|кич|ович|вна|ўна|ична|ічна)`
	)
	askedHints := []string{
		"зовут", "звати", "звуть", "завуць", "кличуть", "клічуць", "name", "имя", "імя", "ім'я", "ім’я", "імʼя", "фамилия", "прізвище", "прозвішча",
		"фио", "ф.", "ф и", "піб", "п.", "позывной", "позивний", "пазыўны", "callsign", "call sign", markInitial,
	}
	return []sign{
		p(asked+`(\p{Lu}\p{Ll}+)`, aPronoun, askedHints...),
		p(asked+men+reEnd, nil, askedHints...),
		p(`(?:^|[^\p{L}])(?:[Яя]|(?i:это|це|гэта)\s+[Яя])[\s,–—-]{1,3}(?:(`+men+`)\s+`+word+`|`+word+`\s+(`+men+`))`+reEnd, noCapital, "я "+markCapital, "я, "+markCapital, "я - "+markCapital, "я – "+markCapital, "я — "+markCapital),
		p(`(?:^|[^\p{L}])`+word+`\s+`+word+`\s+`+patronymic+reEnd, nil, "ич", "іч", "вна", "ўна", "чна"),
		p(`(?:^|[^\p{L}])`+word+`\s+`+patronymic+`\s+`+word, nil, "ич", "іч", "вна", "ўна", "чна"),
		// Іванов И. И., И. И. Иванов.
		p(`(?:^|[^\p{L}])[А-ЯЁІЇЄЎ][а-яёіїєўґ'’ʼ]{2,}\s+[А-ЯЁІЇЄЎ]\.\s?[А-ЯЁІЇЄЎ]\.`, nil, markInitial),
		p(`(?:^|[^\p{L}])[А-ЯЁІЇЄЎ]\.\s?[А-ЯЁІЇЄЎ]\.\s?[А-ЯЁІЇЄЎ][а-яёіїєўґ'’ʼ]{2,}`, nil, markInitial),
		p(`(?:^|[^\p{L}])(?i:рядовой|ефрейтор|сержант|старшина|прапорщик|лейтенант|капитан|майор|рядовий|єфрейтор|лейтенант|капітан|радавы|яфрэйтар|сяржант|лейтэнант|маёр|private|sergeant|lieutenant|captain)\s+(\p{Lu}\p{Ll}{2,})`, aPronoun,
			"рядов", "ефрейтор", "єфрейтор", "сержант", "старшина", "прапорщик", "лейт", "капитан", "капітан", "майор", "радавы", "яфрэйтар", "сяржант", "маёр", "private", "sergeant", "lieutenant", "captain"),
	}
}

func numberSigns() []sign {
	p := func(digits int, pattern string, unless func([]string) bool, hints ...string) sign {
		return sign{earlyNumber, strings.HasPrefix(pattern, reAt), digits, hints, regexp.MustCompile(`(?i)` + pattern), unless}
	}
	return []sign{
		// Telephones. Twelve digits without a plus are our own code.
		p(10, `\+\s?(?:7|37[0-5]|380|48|49|99[0-8])(?:[\s()-]{0,2}\d){8,11}`+reLast, nil, "+"),
		p(11, reAt+`[78]9\d{9}`+reLast, roundNumbers),
		p(11, reAt+`[78][\s(-]{1,2}\d{3}[)\s-]{1,2}\d{3}[\s-]?\d{2}[\s-]?\d{2}`+reLast, nil),
		p(10, reAt+`(?:9\d{2}[\s-]\d{3}[\s-]\d{2}[\s-]\d{2}|9\d{9})`+reLast, roundNumbers),
		p(10, reAt+`0(?:39|50|63|66|67|68|73|9[1-9])\)?[\s-]?\d{3}[\s-]?\d{2}[\s-]?\d{2}`+reLast, nil),
		p(11, reAt+`80[\s(-]{0,2}(?:17|25|29|33|44)[)\s-]{0,2}\d{3}[\s-]?\d{2}[\s-]?\d{2}`+reLast, nil),
		// Documents.
		p(6, `(?:паспорт|пашпарт|passport|билет|квит[коа]|білет|личн\p{L}+\s+номер|особист\p{L}+\s+номер|асабіст\p{L}+\s+нумар|жетон|снилс|service\s+number)\p{L}*[^\p{N}\n]{1,20}(?:\d{2}\s?\d{2}[^\p{N}\n]{2,12})?(\d[\d\s-]{4,14}\d)`, roundNumbers,
			"паспорт", "пашпарт", "passport", "билет", "квит", "білет", "номер", "нумар", "жетон", "снилс", "number"),
		p(10, reAt+`(\d{2}\s?\d{2}\s(?:№\s*)?\d{6})`+reLast, roundNumbers),
		p(6, reOpen+`(?-i:[А-ЯІЇЄ]{2}|[A-Z]{2})\s?(?:№\s?)?(\d{6,7})`+reLast, roundNumbers, "000000"),
		p(6, reOpen+`(?-i:[А-ЯІЇЄ])[-–]\s?(\d{6})`+reLast, roundNumbers, "000000"),
		// Dates of birth.
		p(6, `(?:рождения|народження|нараджэння|of\s+birth|родил(?:ся|ась)|народи(?:вся|лася)|нарадзі(?:ўся|лася)|born(?:\s+on)?)`+reGap+`{1,4}\d{1,2}[.\s/-]{1,2}(?:\d{1,2}|\p{L}{3,10})[.\s/-]{1,2}\d{2,4}`, nil,
			"рожд", "народ", "нарад", "birth", "родил", "born"),
		p(6, reAt+`\d{1,2}[./]\d{1,2}[./]\d{2,4}\s*(?:г\.?\s?р\.?|р\.?\s?н\.?|г\.\s?н\.|года\s+рожд|року\s+народ|года\s+нарад)`, nil, "р", "н"),
	}
}

// zones are the hints of a zone of MGRS: a digit and a letter of its band.
func zones(letters string) []string {
	var hints []string
	for _, letter := range letters {
		hints = append(hints, "0"+string(letter))
	}
	return hints
}

func beyondGlobe(groups []string) bool {
	lat, _ := strconv.Atoi(groups[1])
	lon, _ := strconv.Atoi(groups[2])
	return lat > 90 || lon > 180
}

func outsideRegion(groups []string) bool {
	lat, _ := strconv.Atoi(groups[1])
	lon, _ := strconv.Atoi(groups[3])
	return lat < 44 || lat > 56 || lon < 22 || lon > 42 || strings.HasSuffix(groups[2], "0") && strings.HasSuffix(groups[4], "0")
}

func onlyDigits(groups []string) bool { return !strings.ContainsAny(groups[1], "CFGHJMPQRVWX") }

// roundNumbers are sums of money or people.
func roundNumbers(groups []string) bool {
	return slices.ContainsFunc(groups, func(g string) bool {
		return strings.HasSuffix(strings.TrimRight(g, " -.,;!?)\n\t"), "000")
	})
}

var reDate = regexp.MustCompile(`^\d{1,2}[.\s]\d{1,2}[.\s]\d{2,4}\D*$`)

func aDate(groups []string) bool { return reDate.MatchString(groups[1]) }

func aYear(groups []string) bool {
	n, _ := strconv.Atoi(groups[1])
	return n >= 1900 && n < 2100
}

var reShelf = regexp.MustCompile(`(?i)\d[\s-]*(?:й\s+полке|я\s+полка|ю\s+полку)`)

// aYearOrShelf: "полк" is a regiment and "полка" a bunk in a train; the endings differ.
func aYearOrShelf(groups []string) bool { return aYear(groups) || reShelf.MatchString(groups[0]) }

// aPronoun: people write "Вы" with a capital out of politeness.
func aPronoun(groups []string) bool {
	switch strings.ToLower(groups[1]) {
	case "вы", "вас", "вам", "вами", "ваш", "ваша", "ваше", "ваши", "вашего", "ви", "ваші", "вашы", "ты", "ти", "тебя", "не", "нет", "ні", "я", "not", "none", "your", "you":
		return true
	}
	return false
}

// noCapital: the list of names knows no case, and "я роман Толстого читал" names nobody.
func noCapital(groups []string) bool {
	first, _ := utf8.DecodeRuneInString(groups[1] + groups[2])
	return !unicode.IsUpper(first)
}
