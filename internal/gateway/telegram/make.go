package telegram

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"

	"safeconduct/internal/gateway"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
)

// make plans what an update leads to, and seals it. It takes half a millisecond
// of processor and asks the database for nothing.
func (g *Gateway) make(ctx context.Context, p *pending, crowd crowdNow) (*made, error) {
	m, err := g.moment(ctx, p, crowd)
	if err != nil {
		return nil, err
	}
	if err := m.make(); err != nil {
		return nil, err
	}
	out := &made{plan: m.plan}
	if m.body != nil {
		if err := g.sealBody(ctx, p, out); err != nil {
			return nil, err
		}
	}
	if out.set != p.chat.settings || !p.chat.known {
		if out.box, err = g.lock(purposeChat, out.set); err != nil {
			return nil, err
		}
	}
	if p.in.number > 0 && !p.in.edited && p.in.kind != kindButton {
		out.traces, err = g.traces(p.handle, sent{numbers: []int64{p.in.number}, bot: p.in.bot.id}, out.set, g.clock().Add(out.set.stay()))
		if err != nil {
			return nil, err
		}
	}
	return out, g.jobs(p, out)
}

// sealBody seals what was said: into the case of the chat, or into a new one.
func (g *Gateway) sealBody(ctx context.Context, p *pending, out *made) error {
	var record seal.Hash // line of the header
	id := p.chat.conv.Case
	if p.chat.hasCase {
		next, err := g.cfg.Sealer.Next(p.chat.conv, *out.body)
		if err != nil {
			return err
		}
		out.record, record = &next, next.Line
	} else {
		_, _ = rand.Read(id[:]) // never fails (Go 1.24)
		fresh, err := g.cfg.Sealer.Seal(ctx, gateway.Story{
			Case: id, Code: g.code(id), Channel: hotline.ChannelTelegram, Text: out.body.Text, Language: out.body.Language,
			People: out.body.People, Chat: out.body.Chat,
		})
		if err != nil {
			return err
		}
		header, err := seal.ParseSigned(fresh.Header)
		if err != nil {
			return err
		}
		out.fresh, record = &fresh, header.Hash()
	}
	if out.position == nil {
		return nil
	}
	_, m, err := g.cfg.Sealer.Manifest(ctx)
	if err != nil {
		return err
	}
	field := m.Teams[hotline.TeamField]
	out.epoch = field.Epoch
	note := seal.FieldNote{Case: id, Record: record, Hour: hotline.HourOf(g.clock())}
	out.note, err = note.Seal(field.Recipient, *out.position, g.cfg.Sealer.Key)
	return err
}

// jobs are what is to be said and fetched afterwards.
func (g *Gateway) jobs(p *pending, out *made) error {
	key := fmt.Sprintf("telegram %d %d", p.in.bot.id, p.in.update)
	for i, w := range out.words {
		if w.Make == makeCode {
			id := p.chat.conv.Case
			if out.fresh != nil {
				id = out.fresh.ID
			}
			w.Text = sayCode(w.Lang, g.code(id))
		}
		j, err := g.wordJob(w, fmt.Sprintf("%s word %d", key, i), p.handle)
		if err != nil {
			return err
		}
		out.jobs = append(out.jobs, j)
	}
	if out.file == nil {
		return nil
	}
	payload, err := g.lock(purposeFile, out.file)
	if err != nil {
		return err
	}
	out.jobs = append(out.jobs, store.Job{
		Kind: jobFile, Key: key + " file", Lane: "files " + hex.EncodeToString(p.handle[:]), Payload: payload, RunAt: g.clock(),
	})
	return nil
}
