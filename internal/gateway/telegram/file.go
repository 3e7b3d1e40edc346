package telegram

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	telegram "github.com/go-telegram/bot"

	"safeconduct/internal/blob"
	"safeconduct/internal/gateway"
	"safeconduct/internal/hotline"
	"safeconduct/internal/object"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

const (
	// maxFetch is what Telegram hands out (core.telegram.org/bots/api#getfile).
	maxFetch = 20 << 20
	// fileWait bounds one file on its way, either way.
	fileWait = 5 * time.Minute
	// maxFetching is how many files are on their way in at a time; each takes a
	// part of memory.
	maxFetching = 2
	fileLease   = fileWait + time.Minute
	// filesFor is how long a file is tried.
	filesFor = 24 * time.Hour
)

// fetch is a file that is to be fetched and sealed; kept as a job.
type fetch struct {
	Bot       int64   `json:"bot"`
	Chat      int64   `json:"chat"`
	Lang      string  `json:"lang"`
	Stay      int     `json:"stay"`
	File      fileRef `json:"file"`
	Number    int64   `json:"number"`
	Text      string  `json:"text,omitempty"` // what was written under it
	Forwarded bool    `json:"forwarded,omitempty"`
	Till      int64   `json:"till"` // unix milliseconds
}

// String shows nothing.
func (fetch) String() string { return "fetch(hidden)" }

// GoString shows nothing.
func (fetch) GoString() string { return "fetch(hidden)" }

var (
	errTooLarge = errors.New("too large")
	errLost     = errors.New("not to be had")
	// errOtherSize says that a file which has another size than announced was cut off
	// or exchanged on the way: it is fetched again, and not for ever.
	errOtherSize = hotline.Errorf(hotline.KindUnavailable, "telegram", "a file came in another size than announced")
)

// fetchFiles fetches what people have sent, until ctx ends.
func (g *Gateway) fetchFiles(ctx context.Context) {
	var work sync.WaitGroup
	defer work.Wait()
	places := make(chan struct{}, maxFetching)
	for ctx.Err() == nil {
		claimed, _ := g.claimJobs(ctx, jobFile, maxFetching-len(places), fileLease) // an error was told: it looks again
		for _, c := range claimed {
			places <- struct{}{}
			work.Go(func() {
				defer func() { <-places; poke(g.files) }()
				if err := g.fetchJob(ctx, c); err != nil && ctx.Err() == nil {
					g.cfg.Log.Warn("telegram: a file could not be ended", "kind", hotline.KindOf(err).String())
				}
			})
		}
		timer := time.NewTimer(lookEvery)
		select {
		case <-g.files:
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
	}
}

// fetchJob brings one file into its case and says what became of it.
func (g *Gateway) fetchJob(ctx context.Context, c store.Claimed) error {
	var f fetch
	if err := g.unlock(purposeFile, c.Payload, &f); err != nil {
		g.cfg.Log.Error("telegram: a file that waited cannot be read and is left out")
		return g.out.finish(ctx, c)
	}
	err := g.bring(ctx, c, f)
	switch {
	case err == nil:
		return nil // settled with what was kept
	case ctx.Err() != nil: // whoever leads next goes on at once
		return g.out.settle(ctx, c, store.Outcome{Retry: g.clock()})
	case errors.Is(err, errTooLarge), errors.Is(err, errLost), errors.Is(err, errOtherSize) && c.Attempt >= maxTries, g.clock().UnixMilli() > f.Till:
		return g.leaveOut(ctx, c, f, errors.Is(err, errTooLarge))
	}
	_, wait := judge(err)
	return g.out.settle(ctx, c, store.Outcome{Retry: g.out.later(f.Bot, c.Attempt, wait)})
}

// bring fetches, seals and keeps a file: from Telegram's answer straight into the
// seal, part by part, nothing in the clear on disk.
func (g *Gateway) bring(ctx context.Context, c store.Claimed, f fetch) error {
	bot := g.bot(f.Bot)
	if bot == nil {
		return errLost
	}
	p := &pending{handle: g.handle(f.Chat)}
	if err := g.batch.lookUp(ctx, []*pending{p}); err != nil {
		return err
	}
	if !p.chat.hasCase {
		return errLost // its case has ended and was folded
	}
	ref, err := fitting(f.File, p.chat.answered)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, fileWait)
	defer cancel()
	s, err := g.sealFile(ctx, bot, p.chat.conv.To, ref)
	if err != nil {
		g.cfg.Objects.Drop(context.WithoutCancel(ctx), s.keys...)
		return err
	}
	err = g.keepFile(ctx, c, f, p, s)
	if err != nil && hotline.KindOf(err) != hotline.KindUnknown {
		g.cfg.Objects.Drop(context.WithoutCancel(ctx), s.keys...)
	}
	return err
}

// fitting picks the form of a file that a case takes now.
func fitting(f fileRef, answered bool) (fileRef, error) {
	most := int64(maxFetch)
	if !answered {
		most = seal.MaxStrangerFile
	}
	for _, one := range append([]fileRef{f}, f.Smaller...) {
		if one.Size <= most {
			return one, nil
		}
	}
	return f, errTooLarge
}

// sealedFile is a file that was sealed on its way in.
type sealedFile struct {
	file  seal.File
	parts []object.Part
	keys  []blob.Key
}

func (g *Gateway) sealFile(ctx context.Context, bot *client, to seal.Recipient, ref fileRef) (s sealedFile, err error) {
	info, err := bot.api.GetFile(ctx, &telegram.GetFileParams{FileID: ref.ID})
	if err != nil {
		if v, _ := judge(err); v == refused {
			return s, errLost
		}
		return s, err
	}
	size := info.FileSize
	if size == 0 {
		size = ref.Size
	}
	switch {
	case info.FilePath == "" || size < 1:
		return s, errLost
	case size > maxFetch:
		return s, errTooLarge
	}
	body, err := g.download(ctx, bot.api.FileDownloadLink(info))
	if err != nil {
		return s, err
	}
	defer body.Close()
	w, err := seal.NewObjectWriter(to, size, func(_ int, part []byte) error {
		if err := g.cfg.Objects.Room(ctx, true); err != nil {
			return err
		}
		key, err := g.cfg.Objects.Write(ctx, object.SideContact, part)
		if err != nil {
			return err
		}
		s.keys = append(s.keys, key)
		s.parts = append(s.parts, object.Part{Part: seal.Part{Index: len(s.parts), Hash: sha256.Sum256(part)}, Side: object.SideContact, Key: key})
		return nil
	})
	if err != nil {
		return s, err
	}
	if _, err := io.Copy(w, io.LimitReader(body, size+1)); err != nil {
		return s, fetchError(err)
	}
	made, err := w.Close()
	if err != nil {
		return s, fetchError(err)
	}
	s.file = seal.File{Type: ref.Type, Size: size, Object: made}
	return s, nil
}

func fetchError(err error) error {
	if errors.Is(err, seal.ErrObjectSize) {
		return errOtherSize
	}
	return err
}

func (g *Gateway) download(ctx context.Context, link string) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, link, nil)
	if err != nil {
		return nil, errLost // the link holds the token, so the error is not passed on
	}
	resp, err := g.transport.RoundTrip(req)
	if err != nil {
		return nil, hotline.Errorf(hotline.KindUnavailable, "telegram", "a file could not be fetched")
	}
	if resp.StatusCode != http.StatusOK {
		_ = resp.Body.Close()
		if resp.StatusCode == http.StatusNotFound {
			return nil, errLost
		}
		return nil, hotline.Errorf(hotline.KindUnavailable, "telegram", "a file could not be fetched (status %d)", resp.StatusCode)
	}
	return resp.Body, nil
}

// keepFile keeps the record that names a file, with its parts, and ends the job.
// Where the case has moved on, the record is made anew; the file stays.
func (g *Gateway) keepFile(ctx context.Context, c store.Claimed, f fetch, p *pending, s sealedFile) error {
	for try := 0; ; try++ {
		body, err := seal.NewBody(f.Text, f.Lang)
		if err != nil {
			return err
		}
		body.Files = []seal.File{s.file}
		body.Chat = &seal.Chat{Number: f.Number, Source: f.Bot, Forwarded: f.Forwarded}
		rec, err := g.cfg.Sealer.Next(p.chat.conv, body)
		if err != nil {
			return err
		}
		gen := p.chat.conv.Gen
		err = g.cfg.DB.Update(ctx, func(tx *store.Tx) error { return g.writeFile(ctx, tx, c, p, s, rec) })
		if hotline.KindOf(err) != hotline.KindConflict || err == nil || try >= maxTries {
			return err
		}
		if err := g.batch.lookUp(ctx, []*pending{p}); err != nil {
			return err
		}
		if !p.chat.hasCase || p.chat.conv.Gen != gen {
			return errAgain // the file is sealed to the key of before
		}
	}
}

func (g *Gateway) writeFile(ctx context.Context, tx *store.Tx, c store.Claimed, p *pending, s sealedFile, rec gateway.Sealed) error {
	conv := p.chat.conv
	row, err := tx.LockCase(ctx, conv.Case[:])
	if err != nil {
		return err
	}
	if row.FoldedDay.Valid || row.ContactSeq != conv.Seq || row.Generation != int64(conv.Gen) {
		return errAgain
	}
	for _, part := range s.parts {
		part.Case, part.Object, part.Parts, part.Size = conv.Case, s.file.Object.ID, s.file.Object.Parts, seal.SealedSize(s.file.Size)
		if _, _, err := g.cfg.Objects.Take(ctx, tx, row, part); err != nil {
			if hotline.KindOf(err) == hotline.KindDenied {
				return fmt.Errorf("%w: %w", errTooLarge, err)
			}
			return err
		}
	}
	if _, err := tx.InsertRecord(ctx, db.InsertRecordParams{
		ID: rec.ID[:], CaseID: row.ID, Side: string(hotline.SideGateway), Seq: rec.Seq, Generation: int64(rec.Gen),
		Header: rec.Header, File: rec.File, Hour: int64(rec.Hour),
	}); err != nil {
		return err
	}
	if err := object.Name(ctx, tx, rec.Named, rec.ID[:]); err != nil {
		return err
	}
	if err := tx.Settle(ctx, c, store.Outcome{}); err != nil {
		return err
	}
	version, err := tx.NextVersion(ctx)
	if err != nil {
		return err
	}
	return tx.StepCases(ctx, []store.ContactStep{{
		ID: row.ID, Version: version, SinceMs: g.clock().UnixMilli(), Seq: rec.Seq, Header: rec.Header,
	}})
}

// leaveOut tells the person that a file was not taken, and the operators that one
// came.
func (g *Gateway) leaveOut(ctx context.Context, c store.Claimed, f fetch, large bool) error {
	p := &pending{handle: g.handle(f.Chat)}
	if err := g.batch.lookUp(ctx, []*pending{p}); err != nil {
		return err
	}
	say, err := g.wordJob(word{
		Bot: f.Bot, Chat: f.Chat, Lang: f.Lang, Stay: f.Stay, Text: sayFileLeftOut(f.Lang, large, p.chat.answered),
	}, fmt.Sprintf("left out %d", c.ID), p.handle)
	if err != nil {
		return err
	}
	var rec *gateway.Sealed
	if p.chat.hasCase {
		body, err := seal.NewBody(f.Text, f.Lang)
		if err != nil {
			return err
		}
		body.Chat = &seal.Chat{Event: hotline.ChatLost, Number: f.Number, Source: f.Bot, Forwarded: f.Forwarded}
		made, err := g.cfg.Sealer.Next(p.chat.conv, body)
		if err != nil {
			return err
		}
		rec = &made
	}
	return g.cfg.DB.Update(context.WithoutCancel(ctx), func(tx *store.Tx) error {
		p.made = &made{record: rec}
		if err := unchanged(ctx, tx, []*pending{p}); err != nil {
			return err
		}
		if _, err := tx.Enqueue(ctx, say); err != nil {
			return err
		}
		if err := tx.Settle(ctx, c, store.Outcome{}); err != nil {
			return err
		}
		w := writing{g: g, tx: tx, batch: []*pending{p}}
		if err := w.records(ctx); err != nil {
			return err
		}
		return w.feed(ctx)
	})
}
