package telegram

import (
	"context"
	"strings"

	telegram "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
)

// word is something that the bot says by itself. It waits, locked in the drawer,
// in the transaction of its cause.
type word struct {
	Bot  int64   `json:"bot"`
	Chat int64   `json:"chat"`
	Lang string  `json:"lang"`
	Text string  `json:"text,omitempty"`
	Keys [][]key `json:"keys,omitempty"` // buttons, by rows
	Edit int64   `json:"edit,omitempty"` // the message in whose place it is said; 0: a new one
	// Remove is a message that is deleted first; the word says whether that went.
	Remove int64  `json:"remove,omitempty"`
	Make   making `json:"make,omitempty"` // what is made when it is said
	Stay   int    `json:"stay"`           // minutes
	Till   int64  `json:"till"`           // unix milliseconds: afterwards it is not worth saying
}

// String shows nothing.
func (word) String() string { return "word(hidden)" }

// GoString shows nothing.
func (word) GoString() string { return "word(hidden)" }

// key is a button.
type key struct {
	Label string `json:"l"`
	Data  string `json:"d"` // at most 64 bytes
}

// making is what a word needs that only the moment of saying it knows.
type making string

const (
	makeNothing making = ""
	makeReally  making = "really" // the bot's name and the chat's phrase
	makeErase   making = "erase"  // what could not be deleted
	makeStart   making = "start"  // the truth, and the bot's name
	makeCode    making = "code"   // the code of the case that has just begun; made before it is kept
)

// word says one.
func (s *sender) word(ctx context.Context, c store.Claimed) error {
	var w word
	if err := s.g.unlock(purposeWord, c.Payload, &w); err != nil {
		s.g.cfg.Log.Error("telegram: a word that waited cannot be read and is left out")
		return s.finish(ctx, c)
	}
	bot := s.g.bot(w.Bot)
	if bot == nil || s.g.clock().UnixMilli() > w.Till {
		return s.finish(ctx, c)
	}
	handle := s.g.handle(w.Chat)
	if err := s.fill(ctx, bot, c.ID, &w); err != nil {
		return err
	}
	out := s.speak(ctx, bot, handle, w)
	switch {
	case ctx.Err() != nil && out.err != nil: // whoever leads next goes on at once
		return s.settle(ctx, c, store.Outcome{Retry: s.g.clock()})
	case out.err != nil:
		s.g.fault(bot, "word", out.err)
		if v, wait := judge(out.err); v == again || v == unwelcome {
			return s.settle(ctx, c, store.Outcome{Retry: s.later(w.Bot, c.Attempt, wait)})
		}
		s.note(c.ID, begun{})
		return s.finish(ctx, c) // he does not want to hear it, or is gone
	}
	s.note(c.ID, begun{})
	stay := settings{Bot: w.Bot, Chat: w.Chat, Stay: w.Stay}
	traces, err := s.g.traces(handle, out, stay, s.g.clock().Add(stay.stay()))
	if err != nil {
		return err
	}
	return s.insist(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.ChatByHandle(ctx, handle[:]); err == nil {
			if err := tx.InsertTraces(ctx, traces); err != nil {
				return err
			}
		} else if !store.Missing(err) {
			return err
		}
		return tx.Settle(ctx, c, store.Outcome{})
	})
}

// speak says a word in the place of an earlier one, or where that is not to be
// had, anew.
func (s *sender) speak(ctx context.Context, bot *client, handle seal.Hash, w word) (out sent) {
	out.bot = bot.id
	if out.err = s.turn(ctx, bot.id, handle); out.err != nil {
		return out
	}
	keyboard := &models.InlineKeyboardMarkup{InlineKeyboard: [][]models.InlineKeyboardButton{}}
	for _, row := range w.Keys {
		var buttons []models.InlineKeyboardButton
		for _, k := range row {
			buttons = append(buttons, models.InlineKeyboardButton{Text: k.Label, CallbackData: k.Data})
		}
		keyboard.InlineKeyboard = append(keyboard.InlineKeyboard, buttons)
	}
	if w.Edit != 0 {
		calling, cancel := context.WithTimeout(ctx, callWait)
		off := true
		_, err := bot.api.EditMessageText(calling, &telegram.EditMessageTextParams{
			ChatID: w.Chat, MessageID: int(w.Edit), Text: w.Text, ReplyMarkup: keyboard, LinkPreviewOptions: &models.LinkPreviewOptions{IsDisabled: &off},
		})
		cancel()
		if err == nil {
			return out
		}
		if v, _ := judge(err); v != refused {
			out.err = err
			return out
		}
		if strings.Contains(err.Error(), "not modified") { // pressed twice
			return out
		}
	}
	p := &telegram.SendMessageParams{ChatID: w.Chat, Text: w.Text, DisableNotification: true}
	if len(w.Keys) > 0 {
		p.ReplyMarkup = keyboard
	}
	m, err := s.say(ctx, bot, p)
	if out.err = err; err == nil {
		out.numbers = []int64{int64(m.ID)}
	}
	return out
}

// fill makes what only this moment knows.
func (s *sender) fill(ctx context.Context, bot *client, job int64, w *word) error {
	switch w.Make {
	case makeReally:
		phrase, err := s.g.phrase(ctx, s.g.handle(w.Chat))
		if err != nil {
			return err
		}
		w.Text = sayReally(w.Lang, bot.username(), phrase)
	case makeErase:
		left, err := s.g.eraseAll(ctx, s.g.handle(w.Chat))
		if err != nil {
			return err
		}
		left += s.cameTo(job).left
		s.note(job, begun{left: left})
		w.Text = sayErased(w.Lang, left)
	case makeStart:
		page, err := s.g.page(ctx)
		if err != nil {
			return err
		}
		w.Text = sayStart(w.Lang, page, bot.title())
	case makeNothing, makeCode:
	}
	if w.Remove != 0 {
		calling, cancel := context.WithTimeout(ctx, callWait)
		defer cancel()
		_, err := bot.api.DeleteMessage(calling, &telegram.DeleteMessageParams{ChatID: w.Chat, MessageID: int(w.Remove)})
		w.Text += " " + sayRemoved(w.Lang, err == nil || strings.Contains(err.Error(), "not found"))
	}
	return nil
}

// phrase is the phrase of a chat's case, or nothing.
func (g *Gateway) phrase(ctx context.Context, handle seal.Hash) (string, error) {
	var phrase string
	err := g.cfg.DB.View(ctx, func(tx *store.Tx) error {
		chat, err := tx.ChatByHandle(ctx, handle[:])
		if err != nil || len(chat.CaseID) == 0 {
			return missing(err)
		}
		first, err := tx.CaseKey(ctx, chat.CaseID, 0)
		if err != nil {
			return missing(err)
		}
		signed, err := seal.ParseSigned(first.Statement)
		if err != nil {
			return nil //nolint:nilerr // a folded case has none
		}
		words := seal.Phrase(signed)
		phrase = hotline.PhraseOf(words[:]...)
		return nil
	})
	return phrase, err
}
