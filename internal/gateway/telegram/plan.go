package telegram

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
)

// plan is what an update leads to.
type plan struct {
	set      settings       // how the chat is to be treated from now on
	body     *seal.Body     // what is added to the case; nil: nothing
	silent   bool           // nobody waits because of it
	position *seal.Position // sealed to the field team, beside body
	file     *fetch
	words    []word
	hasten   int64 // unix milliseconds by which all that stands in the chat is deleted; 0: as it was
}

// moment is what a plan is made with.
type moment struct {
	g       *Gateway
	in      *incoming
	chat    *chat
	crowd   crowdNow
	now     time.Time
	hasTeam bool // somebody is there to receive a position
	w       words
	plan
}

// plan says what an update leads to. It asks nobody: all it needs is in m.
func (m *moment) make() error {
	m.set = m.chat.settings
	m.set.Bot, m.set.Chat = m.in.bot.id, m.in.chat
	if m.set.Lang == "" || command(m.in.text) == "start" {
		m.set.Lang = languageOf(m.in.lang, m.in.bot.Language)
	}
	m.w = texts[m.set.Lang]
	if m.in.kind != kindBarred {
		m.set.Barred = false
	}
	switch m.in.kind {
	case kindButton:
		return m.button(m.in.button)
	case kindText:
		return m.text()
	case kindFile:
		return m.attached()
	case kindPosition:
		return m.shared()
	case kindBarred, kindBack:
		return m.membership()
	case kindOther:
		say := m.w.NotTaken
		if m.in.contact {
			m.say(word{Text: m.w.ContactRefused, Remove: m.in.number})
			return nil
		}
		m.say(word{Text: say})
	}
	return nil
}

// say adds a word.
func (m *moment) say(w word) {
	w.Bot, w.Chat, w.Lang, w.Stay, w.Till = m.set.Bot, m.set.Chat, m.set.Lang, m.set.Stay, m.now.Add(wordsFor).UnixMilli()
	m.words = append(m.words, w)
}

// write adds a record to the case.
func (m *moment) write(text string, chat seal.Chat) error {
	body, err := seal.NewBody(text, m.set.Lang)
	if err != nil {
		return err
	}
	chat.Forwarded = m.in.forwarded
	if m.in.kind != kindButton {
		chat.Number, chat.Source = m.in.number, m.in.bot.id
	}
	body.Chat = &chat
	m.body = &body
	return nil
}

// command is the command that a text is, without the bot's name.
func command(text string) string {
	name, found := strings.CutPrefix(text, "/")
	if !found {
		return ""
	}
	name, _, _ = strings.Cut(name, " ")
	name, _, _ = strings.Cut(name, "@")
	return strings.ToLower(name)
}

func (m *moment) text() error {
	if m.in.edited {
		m.silent = true
		return m.write(m.in.text, seal.Chat{Edited: true})
	}
	switch command(m.in.text) {
	case "start":
		m.say(word{Make: makeStart, Keys: m.menu()})
		return nil
	case "help":
		m.say(word{Text: m.w.How, Keys: m.back()})
		return nil
	case "erase":
		return m.eraseChat()
	}
	if digits := codeLike(m.in.text); digits != "" {
		return m.code(digits)
	}
	return m.message()
}

// message is something that a person wrote.
func (m *moment) message() error {
	if err := m.write(m.in.text, seal.Chat{}); err != nil {
		return err
	}
	if tooSoon := tooEarly(m.in.text); tooSoon != earlyNothing && m.beforeMeeting() {
		m.say(word{Text: m.w.early(tooSoon), Remove: m.in.number})
		return nil
	}
	m.kept()
	return nil
}

// beforeMeeting reports whether nobody can have asked for a place yet.
func (m *moment) beforeMeeting() bool {
	return !m.chat.hasCase || slices.Contains([]hotline.Stage{hotline.StageNew, hotline.StageRegistered, hotline.StageStandby}, m.chat.stage)
}

// A surge: when this many wait, or the first for this long, the person is told.
const (
	crowdPeople = 20
	crowdWait   = 30 * time.Minute
)

// kept says once that somebody reads it: when he writes first since an answer.
func (m *moment) kept() {
	first := !m.chat.waiting || m.set.Quiet // a registration waits, too, and was told otherwise
	m.set.Quiet = false
	switch {
	case !first:
	case m.chat.answered:
		m.say(word{Text: m.w.KeptAnswered})
	case m.crowd.people >= crowdPeople || m.crowd.oldest >= crowdWait:
		m.say(word{Text: fmt.Sprintf(m.w.KeptBusy, roughly(int(m.crowd.people)), m.w.About(m.crowd.oldest))})
	default:
		m.say(word{Text: m.w.Kept})
	}
}

// codeLike returns the digits of a text that is meant as a channel code.
func codeLike(text string) string {
	if len(text) > 64 || strings.ContainsFunc(text, func(r rune) bool {
		return !unicode.IsDigit(r) && !unicode.IsSpace(r) && !strings.ContainsRune("-–—._/", r)
	}) {
		return ""
	}
	n := 0
	for _, r := range text {
		if unicode.IsDigit(r) {
			n++
		}
	}
	if n < 10 || n > 14 {
		return ""
	}
	return text
}

// code is twelve digits: the code that was just shown, typed once, or one of
// another case, of which nothing is told.
func (m *moment) code(typed string) error {
	code, err := hotline.ParseChannelCode(typed)
	asked := m.set.Asked && m.chat.hasCase
	switch {
	case err != nil && asked:
		m.say(word{Text: m.w.CodeWrong, Remove: m.in.number})
		return nil
	case err != nil: // perhaps a telephone number: an operator sees it
		if err := m.write(m.in.text, seal.Chat{}); err != nil {
			return err
		}
		m.say(word{Text: m.w.CodeSlip})
		return nil
	case asked && code.Digits() == m.g.code(m.chat.conv.Case).Digits():
		m.set.Asked = false
		m.hasten = m.now.Add(time.Minute).UnixMilli() // the code stands there twice
		m.say(word{Text: m.w.CodeRight, Keys: m.back()})
		return nil
	}
	if err := m.write("", seal.Chat{Event: hotline.ChatClaim, Claim: code.Digits()}); err != nil {
		return err
	}
	m.say(word{Text: m.w.ClaimNoted, Remove: m.in.number})
	return nil
}

// attached is a photo, a voice, a file: it is fetched afterwards, in its own time.
func (m *moment) attached() error {
	f := fetch{
		Bot: m.set.Bot, Chat: m.set.Chat, Lang: m.set.Lang, Stay: m.set.Stay, File: *m.in.file, Number: m.in.number,
		Text: m.in.text, Forwarded: m.in.forwarded, Till: m.now.Add(filesFor).UnixMilli(),
	}
	if _, err := fitting(f.File, m.chat.answered); err != nil {
		m.say(word{Text: sayFileLeftOut(m.set.Lang, true, m.chat.answered)})
		return m.write(m.in.text, seal.Chat{Event: hotline.ChatLost})
	}
	if !m.chat.hasCase { // the file needs a case to go into
		f.Text = ""
		if err := m.write(m.in.text, seal.Chat{}); err != nil {
			return err
		}
	}
	m.file = &f
	if tooSoon := tooEarly(m.in.text); tooSoon != earlyNothing && m.beforeMeeting() {
		m.say(word{Text: m.w.early(tooSoon)}) // the file is fetched before it may be deleted
	}
	return nil
}

// shared is a position. It is sealed to those who run meetings, or not kept.
func (m *moment) shared() error {
	if !m.hasTeam {
		m.say(word{Text: m.w.PositionRefused, Remove: m.in.number})
		return nil
	}
	p, err := seal.NewPosition(m.in.lat, m.in.lon, max(0, min(m.in.radius, 1e6)), m.in.live)
	if err != nil {
		m.say(word{Text: m.w.NotTaken})
		return nil //nolint:nilerr // nowhere on earth
	}
	m.position = &p
	m.say(word{Text: m.w.PositionKept, Remove: m.in.number})
	return m.write("", seal.Chat{Event: hotline.ChatPosition})
}

// membership is that the person has blocked the bot, or let it in again.
func (m *moment) membership() error {
	m.silent = true
	event := hotline.ChatBack
	if m.in.kind == kindBarred {
		event, m.set.Barred = hotline.ChatBlocked, true
	}
	if !m.chat.hasCase || m.chat.Barred == m.set.Barred {
		return nil
	}
	return m.write("", seal.Chat{Event: event})
}

func (m *moment) eraseChat() error {
	m.say(word{Make: makeErase})
	if !m.chat.hasCase {
		return nil
	}
	m.silent = true
	return m.write("", seal.Chat{Event: hotline.ChatErased})
}

// wordJob is a word as a job.
func (g *Gateway) wordJob(w word, key string, handle seal.Hash) (store.Job, error) {
	if w.Till == 0 {
		w.Till = g.clock().Add(wordsFor).UnixMilli()
	}
	payload, err := g.lock(purposeWord, w)
	return store.Job{Kind: jobWord, Key: key, Lane: hex.EncodeToString(handle[:]), Payload: payload, RunAt: g.clock()}, err
}

// moment gathers what a plan needs.
func (g *Gateway) moment(ctx context.Context, p *pending, crowd crowdNow) (*moment, error) {
	m := &moment{g: g, in: p.in, chat: p.chat, crowd: crowd, now: g.clock()}
	if p.in.kind != kindPosition {
		return m, nil
	}
	_, manifest, err := g.cfg.Sealer.Manifest(ctx)
	_, m.hasTeam = manifest.Teams[hotline.TeamField]
	return m, err
}
