package ui

import (
	"fmt"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// chatView is what a gateway told of a message beside its text.
type chatView struct {
	Event     string // what happened, in words; empty: it is simply a message
	Form      []choice
	Claim     []string // groups of another case's channel code
	Forwarded string
	Edited    string        // when it was changed last, in words; empty: it was not
	NotBefore string        // that what it said before never came
	Earlier   []earlierView // what it said before
	Position  *positionView
}

// earlierView is what an edited message said before.
type earlierView struct {
	Hour, Text, Language string
	Files                []fileView
	Position             *positionView
}

// positionView is where the person was, or why it cannot be said.
type positionView struct {
	At   string // latitude and longitude; empty: Note says why not
	Note string
	Hour string
}

func (u *UI) chatView(t *texts, c desk.CaseView, m desk.Message) chatView {
	x := t.Chats
	v := chatView{Event: x.Events[m.Chat.Event], Claim: m.Chat.Claim, Position: u.positionView(t, m.Chat.Position)}
	for _, a := range m.Chat.Form {
		v.Form = append(v.Form, choice{x.Questions[a.Question], answerInWords(x, a)})
	}
	if m.Chat.Forwarded {
		v.Forwarded = x.Forwarded
	}
	if !m.Chat.Edited {
		return v
	}
	v.Edited = fmt.Sprintf(x.Edited, u.hour(t, m.Chat.EditHour))
	if len(m.Chat.Earlier) == 0 {
		v.NotBefore = x.NotBefore
	}
	for _, e := range m.Chat.Earlier {
		v.Earlier = append(v.Earlier, earlierView{
			Hour: u.hour(t, max(e.Hour, e.Chat.EditHour)), Text: e.Text, Language: e.Language, Files: u.filesOf(t, c, e), Position: u.positionView(t, e.Chat.Position),
		})
	}
	return v
}

func answerInWords(x chatTexts, a seal.FormAnswer) string {
	return orElse(x.Answers[a.Question+"="+a.Answer], a.Answer)
}

// positionView says where a position is, as plain digits: nothing here knows a
// map of the world outside.
func (u *UI) positionView(t *texts, p *desk.Position) *positionView {
	if p == nil {
		return nil
	}
	x := t.Chats
	v := &positionView{Hour: u.hour(t, p.Hour)}
	switch p.State {
	case desk.PositionOpen:
		v.At = fmt.Sprintf("%.5f, %.5f", p.At.Lat, p.At.Lon)
		v.Note = x.Degrees
		if p.At.Radius > 0 {
			v.Note += " · " + fmt.Sprintf(x.Around, int(p.At.Radius+0.5))
		}
		if p.At.Live {
			v.Note += " · " + x.Live
		}
	case desk.PositionSealed:
		v.Note = x.Sealed
	case desk.PositionLocked:
		v.Note = x.Locked
	case desk.PositionGone:
		v.Note = x.Gone
	case desk.PositionWrong:
		v.Note = x.Wrong
	}
	return v
}

// carriedInWords says how far a reply has come, and whether it will not arrive.
func carriedInWords(t *texts, channel hotline.Channel, c desk.Carried) (words string, failed bool) {
	switch c.State {
	case hotline.DeliveranceSent:
		return fmt.Sprintf(t.Chats.Sent, t.Channels[channel]), false
	case hotline.DeliveranceFailed:
		return fmt.Sprintf(t.Chats.NotDelivered, t.Chats.Reasons[c.Reason]), true
	}
	return t.Chats.OnItsWay, false
}

// replyNotes are what must be known before a reply is written.
func replyNotes(t *texts, c desk.CaseView) []string {
	doors := c.Doors
	if len(doors) == 0 {
		doors = []desk.Door{{Channel: c.Channel, Blocked: c.Blocked, Quiet: c.QuietPlease}}
	}
	var out []string
	for _, d := range doors {
		which := ""
		if len(doors) > 1 {
			which = t.Channels[d.Channel] + " · " + d.Case.Short() + ": "
		}
		switch {
		case d.Blocked:
			out = append(out, which+t.Chats.ReplyBlocked)
		case d.Quiet:
			out = append(out, which+t.Chats.ReplyQuiet)
		}
	}
	return out
}

// phrasesShown are the words that chats of a case say too, each with its door where
// there are several.
func phrasesShown(t *texts, c desk.CaseView) []choice {
	if len(c.Doors) < 2 {
		if c.Phrase == "" {
			return nil
		}
		return []choice{{"", c.Phrase}}
	}
	var out []choice
	for _, d := range c.Doors {
		if d.Phrase != "" {
			out = append(out, choice{t.Channels[d.Channel] + " · " + d.Case.Short(), d.Phrase})
		}
	}
	return out
}
