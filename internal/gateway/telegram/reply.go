package telegram

import (
	"bytes"
	"context"
	"strings"
	"time"
	"unicode/utf16"

	telegram "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

// maxMessage is how long a message may be, in UTF-16 units
// (core.telegram.org/bots/api#sendmessage).
const maxMessage = 4096

// delivery is a reply on its way.
type delivery struct {
	job     store.Claimed
	copied  db.ReplyCopy
	id      hotline.CaseID
	handle  seal.Hash
	chat    settings
	hasChat bool
	opened  seal.Record
}

// reply sends an operator's answer. It is opened here, for this moment, and its
// copy is deleted with the word that it was sent.
func (s *sender) reply(ctx context.Context, c store.Claimed) error {
	d := &delivery{job: c}
	found, err := s.load(ctx, d)
	if err != nil {
		return err
	}
	if !found { // it was sent, or its case is gone
		return s.finish(ctx, c)
	}
	if !d.hasChat {
		return s.failed(ctx, d, hotline.ReasonNoChat, sent{})
	}
	if d.opened, err = s.g.cfg.Sealer.OpenReply(ctx, s.g.cfg.Identity, d.id, d.copied.File); err != nil {
		if hotline.KindOf(err) == hotline.KindForged {
			return s.failed(ctx, d, hotline.ReasonForged, sent{})
		}
		return err
	}
	bot := s.g.bot(d.chat.Bot)
	if bot == nil { // taken out of the configuration: the person has to come to another one
		return s.putOff(ctx, d, 0, sent{})
	}
	out := s.deliver(ctx, bot, d)
	switch {
	case out.err == nil:
		return s.delivered(ctx, d, out)
	case ctx.Err() != nil: // whoever leads next goes on at once
		return s.again(ctx, d, s.g.clock(), out)
	}
	s.g.fault(bot, "reply", out.err)
	v, wait := judge(out.err)
	reason, final := reasons[v]
	if !final {
		return s.putOff(ctx, d, wait, out)
	}
	return s.failed(ctx, d, reason, out)
}

// reasons are the verdicts that are final.
var reasons = map[verdict]hotline.DeliveryReason{
	barred: hotline.ReasonBlocked, goneUser: hotline.ReasonDeleted, noChat: hotline.ReasonNoChat, refused: hotline.ReasonRefused,
}

func (s *sender) load(ctx context.Context, d *delivery) (found bool, err error) {
	err = s.g.cfg.DB.View(ctx, func(tx *store.Tx) error {
		d.copied, err = tx.ReplyCopy(ctx, d.job.Payload)
		if err != nil {
			return missing(err)
		}
		found, d.id = true, hotline.CaseID(d.copied.CaseID)
		chat, err := tx.ChatOfCase(ctx, d.copied.CaseID)
		if err != nil {
			return missing(err)
		}
		d.hasChat, d.handle = true, seal.Hash(chat.Handle)
		return s.g.unlock(purposeChat, chat.Box, &d.chat)
	})
	return found, err
}

// missing makes "no such row" no error.
func missing(err error) error {
	if store.Missing(err) {
		return nil
	}
	return err
}

// deliver sends text and files, in this order; what an earlier attempt has sent is
// not said again.
func (s *sender) deliver(ctx context.Context, bot *client, d *delivery) (out sent) {
	out.bot = bot.id
	said := s.cameTo(d.job.ID).sent
	texts := split(d.opened.Body.Text)
	for _, part := range texts[min(said, len(texts)):] {
		if out.err = s.turn(ctx, bot.id, d.handle); out.err != nil {
			return out
		}
		m, err := s.say(ctx, bot, &telegram.SendMessageParams{ChatID: d.chat.Chat, Text: part})
		if out.err = err; err != nil {
			return out
		}
		out.numbers = append(out.numbers, int64(m.ID))
	}
	for _, f := range d.opened.Body.Files[max(0, said-len(texts)):] {
		if out.err = s.turn(ctx, bot.id, d.handle); out.err != nil {
			return out
		}
		m, err := s.sendFile(ctx, bot, d, f)
		if out.err = err; err != nil {
			return out
		}
		out.numbers = append(out.numbers, int64(m.ID))
	}
	return out
}

// say sends a message that nobody can pass on by mistake and that loads nothing.
func (s *sender) say(ctx context.Context, bot *client, p *telegram.SendMessageParams) (*models.Message, error) {
	ctx, cancel := context.WithTimeout(ctx, callWait)
	defer cancel()
	off := true
	p.LinkPreviewOptions, p.ProtectContent = &models.LinkPreviewOptions{IsDisabled: &off}, true
	return bot.api.SendMessage(ctx, p)
}

// sendFile opens a file of a reply and sends it.
func (s *sender) sendFile(ctx context.Context, bot *client, d *delivery, f seal.File) (*models.Message, error) {
	sealed, err := s.parts(ctx, d.id, f.Copy)
	if err != nil {
		return nil, err
	}
	content, err := seal.OpenFile(s.g.cfg.Identity, f, f.Copy, sealed)
	if err != nil {
		return nil, err
	}
	defer clear(content)
	ctx, cancel := context.WithTimeout(ctx, fileWait)
	defer cancel()
	kind, _, _ := strings.Cut(f.Type, "/")
	upload := &models.InputFileUpload{Filename: "file" + ending(f.Type), Data: bytes.NewReader(content)}
	switch kind {
	case "image":
		return bot.api.SendPhoto(ctx, &telegram.SendPhotoParams{ChatID: d.chat.Chat, Photo: upload, ProtectContent: true})
	case "audio":
		return bot.api.SendAudio(ctx, &telegram.SendAudioParams{ChatID: d.chat.Chat, Audio: upload, ProtectContent: true})
	}
	return bot.api.SendDocument(ctx, &telegram.SendDocumentParams{ChatID: d.chat.Chat, Document: upload, ProtectContent: true})
}

// ending is what a telephone needs to know what to do with a file.
func ending(media string) string {
	switch media {
	case "image/jpeg":
		return ".jpg"
	case "image/png":
		return ".png"
	case "application/pdf":
		return ".pdf"
	case "audio/mpeg":
		return ".mp3"
	case "audio/ogg":
		return ".ogg"
	case "audio/wav":
		return ".wav"
	case "audio/mp4":
		return ".m4a"
	}
	return ""
}

// parts reads the sealed form of a file.
func (s *sender) parts(ctx context.Context, id hotline.CaseID, o seal.Object) ([]byte, error) {
	var rows []db.ObjectPart
	err := s.g.cfg.DB.View(ctx, func(tx *store.Tx) (err error) {
		rows, err = tx.ObjectParts(ctx, id[:], o.ID[:])
		return err
	})
	var sealed []byte
	for _, row := range rows {
		if err != nil {
			break
		}
		var part []byte
		part, err = s.g.cfg.Objects.Read(ctx, row)
		sealed = append(sealed, part...)
	}
	return sealed, err
}

// delivered keeps the word that a reply was sent; its copy goes, and so will what
// stands in the chat.
func (s *sender) delivered(ctx context.Context, d *delivery, out sent) error {
	traces, err := s.g.traces(d.handle, out, d.chat, s.g.clock().Add(d.chat.stay()))
	if err != nil {
		return err
	}
	return s.end(ctx, d, seal.Delivery{State: hotline.DeliveranceSent}, traces)
}

// failed keeps the word that a reply will not be sent, and why. The operator has
// its text; the copy goes.
func (s *sender) failed(ctx context.Context, d *delivery, why hotline.DeliveryReason, out sent) error {
	traces, err := s.g.traces(d.handle, out, d.chat, s.g.clock().Add(d.chat.stay()))
	if err != nil {
		return err
	}
	return s.end(ctx, d, seal.Delivery{State: hotline.DeliveranceFailed, Reason: why}, traces)
}

func (s *sender) end(ctx context.Context, d *delivery, word seal.Delivery, traces []db.InsertTraceParams) error {
	defer s.note(d.job.ID, begun{})
	now := s.g.clock()
	record := d.copied.RecordID
	return s.insist(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.LockCase(ctx, d.copied.CaseID); err != nil {
			if store.Missing(err) { // removed meanwhile
				return tx.Settle(ctx, d.job, store.Outcome{})
			}
			return err
		}
		row, err := tx.RecordByID(ctx, record)
		if err != nil {
			return err
		}
		_, header, err := seal.ParseRecordHeader(row.Header)
		if err != nil {
			return err
		}
		word.Case, word.Reply, word.Hour = d.id, header.Hash(), hotline.HourOf(now)
		signed, err := seal.SignDelivery(word, s.g.cfg.Sealer.Key)
		if err != nil {
			return err
		}
		if _, err := tx.PutDelivery(ctx, db.PutDeliveryParams{RecordID: record, CaseID: row.CaseID, Statement: signed.Text()}); err != nil {
			return err
		}
		if err := s.g.cfg.Objects.DropReply(ctx, tx, record); err != nil {
			return err
		}
		if _, err := tx.PutAwayReply(ctx, row.CaseID, record); err != nil {
			return err
		}
		if err := tx.InsertTraces(ctx, traces); err != nil {
			return err
		}
		if err := tx.Settle(ctx, d.job, store.Outcome{}); err != nil {
			return err
		}
		version, err := tx.NextVersion(ctx)
		if err == nil {
			_, err = tx.CaseTouched(ctx, version, row.CaseID)
		}
		return err
	})
}

// putOff tries a reply again later, and gives it up after days.
func (s *sender) putOff(ctx context.Context, d *delivery, asked time.Duration, out sent) error {
	if since := hotline.Hour(d.copied.Hour).Time(); s.g.clock().Sub(since) > repliesFor {
		return s.failed(ctx, d, hotline.ReasonGivenUp, out)
	}
	return s.again(ctx, d, s.later(d.chat.Bot, d.job.Attempt, asked), out)
}

// again lets a reply be tried at a time. What of it stands in the chat already is
// not said again, and is deleted in its time.
func (s *sender) again(ctx context.Context, d *delivery, at time.Time, out sent) error {
	traces, err := s.g.traces(d.handle, out, d.chat, s.g.clock().Add(d.chat.stay()))
	if err != nil {
		return err
	}
	s.note(d.job.ID, begun{sent: s.cameTo(d.job.ID).sent + len(out.numbers)})
	return s.insist(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.InsertTraces(ctx, traces); err != nil {
			return err
		}
		return tx.Settle(ctx, d.job, store.Outcome{Retry: at})
	})
}

func (s *sender) finish(ctx context.Context, c store.Claimed) error {
	return s.settle(ctx, c, store.Outcome{})
}

func (s *sender) settle(ctx context.Context, c store.Claimed, o store.Outcome) error {
	return s.insist(ctx, func(ctx context.Context, tx *store.Tx) error { return tx.Settle(ctx, c, o) })
}

// insist writes down what has happened in a chat. It has happened, so it is tried
// for as long as the job belongs to us: who takes it over would say it again.
func (s *sender) insist(ctx context.Context, fn func(context.Context, *store.Tx) error) error {
	ctx = context.WithoutCancel(ctx)
	for end := time.Now().Add(sendLease / 2); ; {
		err := s.g.cfg.DB.Update(ctx, func(tx *store.Tx) error { return fn(ctx, tx) })
		switch hotline.KindOf(err) {
		case hotline.KindUnavailable, hotline.KindBusy, hotline.KindUnknown:
		default:
			return err
		}
		select {
		case <-s.g.ending:
			return err
		default:
		}
		if time.Now().After(end) {
			return err
		}
		s.g.cfg.Pause(s.g.ending, time.Second)
	}
}

// split cuts a text into messages that Telegram takes, at the end of a line or a
// word where there is one.
func split(text string) []string {
	var parts []string
	for text != "" {
		n, units := 0, 0 // what fits: in bytes, in UTF-16 units
		cut := 0         // the last good place in it
		for i, r := range text {
			if units += utf16.RuneLen(r); units > maxMessage {
				break
			}
			n = i + len(string(r))
			if r == '\n' || r == ' ' {
				cut = n
			}
		}
		if n == len(text) || cut == 0 {
			cut = n
		}
		if part := strings.TrimSpace(text[:cut]); part != "" {
			parts = append(parts, part)
		}
		text = text[cut:]
	}
	return parts
}
