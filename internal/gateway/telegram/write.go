package telegram

import (
	"context"
	"strconv"

	"safeconduct/internal/hotline"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

// source names a bot where updates are counted.
func (c *client) source() string {
	return string(hotline.ChannelTelegram) + " " + strconv.FormatInt(c.id, 10)
}

// writing is a batch on its way into the store: updates of different chats, none
// of which was handled before.
type writing struct {
	g     *Gateway
	tx    *store.Tx
	batch []*pending
}

// chats keeps how chats are to be treated.
func (w *writing) chats(ctx context.Context) error {
	for _, p := range w.batch {
		if p.made.box == nil {
			continue
		}
		if _, err := w.tx.PutChat(ctx, db.PutChatParams{Handle: p.handle[:], Channel: string(hotline.ChannelTelegram), Box: p.made.box}); err != nil {
			return err
		}
	}
	return nil
}

// records adds to cases that are there.
func (w *writing) records(ctx context.Context) error {
	var records []db.InsertRecordParams
	for _, p := range w.batch {
		if r := p.made.record; r != nil {
			records = append(records, db.InsertRecordParams{
				ID: r.ID[:], CaseID: p.chat.conv.Case[:], Side: string(hotline.SideGateway), Seq: r.Seq,
				Generation: int64(r.Gen), Header: r.Header, File: r.File, Hour: int64(r.Hour),
			})
		}
	}
	if len(records) == 0 {
		return nil
	}
	_, err := w.tx.InsertRecords(ctx, records)
	return err
}

// feed begins cases and moves those that were there; its counter is taken last.
func (w *writing) feed(ctx context.Context) error {
	var fresh, known []*pending
	for _, p := range w.batch {
		switch {
		case p.made.fresh != nil:
			fresh = append(fresh, p)
		case p.made.record != nil:
			known = append(known, p)
		}
	}
	if len(fresh)+len(known) == 0 {
		return nil
	}
	version, err := w.tx.NextVersions(ctx, len(fresh)+len(known))
	if err != nil {
		return err
	}
	rows := make([]store.FreshCase, len(fresh))
	for i, p := range fresh {
		rows[i] = p.made.fresh.Row(version + int64(i))
	}
	if len(rows) > 0 {
		if ok, err := w.tx.InsertCases(ctx, rows); err != nil || !ok {
			return conflict(err)
		}
	}
	for _, p := range fresh {
		n, err := w.tx.SetChatCase(ctx, p.made.fresh.ID[:], p.handle[:])
		if err != nil || n != 1 { // another node began a case for this chat
			return conflict(err)
		}
	}
	steps := make([]store.ContactStep, len(known))
	for i, p := range known {
		steps[i] = store.ContactStep{
			ID: p.chat.conv.Case[:], Version: version + int64(len(fresh)+i), Seq: p.made.record.Seq, Header: p.made.record.Header,
		}
		if !p.made.silent {
			steps[i].SinceMs = w.g.clock().UnixMilli()
		}
	}
	return w.tx.StepCases(ctx, steps)
}

// conflict says that another node was faster.
func conflict(err error) error {
	if err == nil {
		err = errAgain
	}
	return err
}

// rest keeps what hangs on it: what stands in chats, what is to be said, positions.
func (w *writing) rest(ctx context.Context) error {
	var traces []db.InsertTraceParams
	for _, p := range w.batch {
		m := p.made
		traces = append(traces, m.traces...)
		for _, j := range m.jobs {
			if _, err := w.tx.Enqueue(ctx, j); err != nil {
				return err
			}
		}
		if m.hasten > 0 {
			if _, err := w.tx.HastenTraces(ctx, m.hasten, p.handle[:]); err != nil {
				return err
			}
		}
		if m.note == nil {
			continue
		}
		record, id := p.recordKept()
		if _, err := w.tx.InsertFieldNote(ctx, db.InsertFieldNoteParams{
			RecordID: record, CaseID: id[:], Team: string(hotline.TeamField), Epoch: int64(m.epoch), File: m.note,
			Day: int64(hotline.HourOf(w.g.clock()).Day()),
		}); err != nil {
			return err
		}
	}
	if len(traces) == 0 {
		return nil
	}
	return w.tx.InsertTraces(ctx, traces)
}

// recordKept is the record that an update has left, and its case.
func (p *pending) recordKept() ([]byte, hotline.CaseID) {
	if f := p.made.fresh; f != nil {
		id := f.RecordID()
		return id[:], f.ID
	}
	return p.made.record.ID[:], p.chat.conv.Case
}
