package ui

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"safeconduct/internal/hotline"
)

// phrase is a sentence of the desk, the server or what they stand on, in the
// operator's languages. en is the format as it stands in the code. The others
// have the same arguments, in their own order by %[n]; %[n]{one|few|many} is
// the noun that a number counts. What an error wraps (%w, or %v of an error)
// may be left out of them: it follows as a sentence of its own, or set apart
// when it is of the world outside.
type phrase struct{ en, uk, ru string }

// phrases is every sentence that can reach a page. [TestEverySentenceIsTranslated]
// compares it with the code: add a line to the file of the topic.
func phrases() []phrase {
	var all []phrase
	for _, topic := range [][]phrase{
		phrasesOfActs, phrasesOfProblems, phrasesOfAlarms, phrasesOfPeople, phrasesOfConnection,
		phrasesOfServerCases, phrasesOfServerHouse, phrasesOfSeal, phrasesOfJournal, phrasesOfKeeping,
		phrasesOfGroups, phrasesOfRestore, phrasesOfReplacing,
		phrasesOfApprovals,
		phrasesOfWatch,
		phrasesOfAttachments,
		phrasesOfSending,
		phrasesOfTies,
		phrasesOfChats,
		phrasesOfAddresses,
	} {
		all = append(all, topic...)
	}
	return all
}

// phraseTable is the catalog of one language, by English format.
func phraseTable(pick func(phrase) string) map[string]string {
	m := map[string]string{}
	for _, p := range phrases() {
		m[p.en] = pick(p)
	}
	return m
}

func phrasesEN() map[string]string { return phraseTable(func(p phrase) string { return p.en }) }
func phrasesUK() map[string]string { return phraseTable(func(p phrase) string { return p.uk }) }
func phrasesRU() map[string]string { return phraseTable(func(p phrase) string { return p.ru }) }

// spoken is a sentence in the operator's language.
type spoken struct {
	Text    string
	Foreign bool   // Text is English and the page is not
	Outside string // what the world outside said, as it said it; shown set apart
	Label   string // of Outside
}

// say puts a sentence into the operator's language. One that the catalog does
// not know, or whose arguments do not fit, is shown in English: a warning in
// English is better than none.
func (t *texts) say(s hotline.Sentence) spoken {
	if s.IsZero() {
		return spoken{}
	}
	v := voice{t: t}
	text := v.sentence(s)
	return spoken{Text: whole(text), Outside: strings.Join(v.outside, "; "), Foreign: v.foreign && t.Tag != "en", Label: t.Head.Outside}
}

// sayError is what an error says to a person.
func (t *texts) sayError(err error) spoken {
	if err == nil {
		return spoken{}
	}
	return t.say(hotline.SaidBy(err))
}

// voice collects what one sentence and those within it say.
type voice struct {
	t       *texts
	outside []string
	foreign bool
}

func (v *voice) sentence(s hotline.Sentence) string {
	format, known := v.t.Phrases[s.Format()]
	if !known && addsNothing(s.Format()) {
		format, known = s.Format(), true
	}
	if known {
		before := *v
		if text, ok := v.fill(format, s.Args()); ok {
			return text
		}
		*v = before
	}
	v.foreign = true
	return s.String()
}

// addsNothing reports whether a format adds nothing to its arguments.
func addsNothing(format string) bool {
	words := 0
	for _, p := range hotline.ParseFormat(format) {
		if p.Arg < 0 && strings.ContainsFunc(p.Text, unicode.IsLetter) {
			words++
		}
	}
	return words == 0
}

// fill puts the arguments into a format of the operator's language. What is
// wrapped and not named in the format follows it.
func (v *voice) fill(format string, args []any) (string, bool) {
	var b strings.Builder
	used := make([]bool, len(args))
	pieces := hotline.ParseFormat(format)
	for i, p := range pieces {
		if p.Arg < 0 {
			b.WriteString(p.Text)
			continue
		}
		if p.Arg >= len(args) {
			return "", false
		}
		if _, isOutside := args[p.Arg].(hotline.Outside); isOutside && i == len(pieces)-1 {
			continue // at the end it is set apart
		}
		used[p.Arg] = true
		text, ok := v.argument(p, args[p.Arg])
		if !ok {
			return "", false
		}
		b.WriteString(text)
	}
	text := strings.TrimRight(b.String(), ": ")
	for i, a := range args {
		if used[i] {
			continue
		}
		switch a := a.(type) {
		case hotline.Sentence:
			text = whole(text) + " " + whole(v.sentence(a))
		case hotline.Outside:
			if own, ok := v.t.Phrases[string(a)]; ok {
				text = whole(text) + " " + whole(own)
				continue
			}
			v.outside = append(v.outside, string(a))
		default:
			return "", false
		}
	}
	return text, true
}

func (v *voice) argument(p hotline.Piece, a any) (string, bool) {
	quote := func(s string) string {
		if p.Verb != "q" {
			return s
		}
		if v.t.Tag == "en" {
			return "“" + s + "”"
		}
		return "«" + s + "»"
	}
	switch a := a.(type) {
	case int64:
		if p.Forms != nil {
			return p.Forms[plural(a)], true
		}
		return strconv.FormatInt(a, 10), true
	case string:
		if own, ok := v.t.Phrases[a]; ok && p.Verb != "q" {
			return own, p.Forms == nil
		}
		return quote(a), p.Forms == nil && !strings.HasSuffix(p.Verb, "d")
	case hotline.Term:
		return quote(v.t.term(a)), p.Forms == nil
	case []hotline.Term:
		names := make([]string, len(a))
		for i, term := range a {
			names[i] = "«" + v.t.term(term) + "»"
			if v.t.Tag == "en" {
				names[i] = v.t.term(term)
			}
		}
		return orElse(strings.Join(names, ", "), "–"), p.Forms == nil
	case hotline.Sentence:
		return v.sentence(a), p.Forms == nil
	case hotline.Outside:
		if own, ok := v.t.Phrases[string(a)]; ok {
			return own, p.Forms == nil
		}
		return "“" + string(a) + "”", p.Forms == nil
	}
	return "", false
}

// plural is which of one, few, many a number takes in Ukrainian and Russian
// (Unicode CLDR, plural rules of whole numbers).
func plural(n int64) int {
	if n < 0 {
		n = -n
	}
	switch {
	case n%10 == 1 && n%100 != 11:
		return 0
	case n%10 >= 2 && n%10 <= 4 && (n%100 < 12 || n%100 > 14):
		return 1
	}
	return 2
}

// term is a word of the domain; one that the catalog does not have stays as it is.
func (t *texts) term(w hotline.Term) string {
	words := map[string]string{
		hotline.OfStage:      t.Stages[hotline.Stage(w.Name)],
		hotline.OfTeam:       t.Teams[hotline.Team(w.Name)],
		hotline.OfRole:       t.Roles[hotline.Role(w.Name)],
		hotline.OfChannel:    t.Channels[hotline.Channel(w.Name)],
		hotline.OfAction:     t.Ledger.Actions[hotline.Action(w.Name)],
		hotline.OfInvitation: t.Invitations[w.Name],
		hotline.OfDocument:   t.Ledger.Documents[w.Name],
		hotline.OfAct:        t.Acts[w.Name],
		hotline.OfShared:     t.Ledger.Values["proposed="+w.Name],
		hotline.OfWire:       t.Ledger.Values["wire="+w.Name],
	}
	return orElse(words[w.Of], w.Name)
}

// whole makes a sentence of a text: a capital at the beginning, an end.
func whole(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return ""
	}
	if first, n := utf8.DecodeRuneInString(s); unicode.IsLower(first) {
		s = string(unicode.ToUpper(first)) + s[n:]
	}
	if last, _ := utf8.DecodeLastRuneInString(s); !strings.ContainsRune(".!?…", last) {
		s += "."
	}
	return s
}
