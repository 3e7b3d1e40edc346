package server_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/intake"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

// contact is a person who writes, and the case as the person's device sees it.
type contact struct {
	partner *contact    // a second case, where a test asked for one
	photo   seal.Object // of a reply, where a test asked for one
	seal.Contact
	id   hotline.CaseID
	team hotline.Team
	keys []seal.Identity // S_0, S_1…
	gens []seal.Signed
	last seal.Signed
	seq  int64
}

// newCase writes a case into the database, as intake does.
func (w *world) newCase(team hotline.Team, text string) *contact {
	w.tb.Helper()
	c := &contact{team: team, seq: -1}
	c.Identity, c.Signing = must(seal.NewIdentity()), must(seal.NewSigningKey())
	c.Code = hotline.NewChannelCode()
	c.id = c.CaseID()
	s0 := must(seal.NewIdentity())
	c.keys = []seal.Identity{s0}
	gen := must(seal.SignGeneration(seal.Generation{
		Case: c.id, Team: team, Epoch: w.teams[team].Epoch, Recipient: s0.Recipient(),
		ContactKey: c.Signing.Public(), ContactRecipient: c.Identity.Recipient(), Hour: 1,
	}, c.Signing))
	c.gens = []seal.Signed{gen}
	wrap := must(seal.WrapIdentity(w.teams[team].Identity.Recipient(), s0))
	key := c.Signing.Public()
	ok(w.tb, w.db.Update(context.Background(), func(tx *store.Tx) error {
		ctx := context.Background()
		v, err := tx.NextVersion(ctx)
		if err != nil {
			return err
		}
		p := db.InsertCaseParams{
			ID: c.id[:], ContactKey: key[:], ContactRecipient: c.Identity.Recipient().String(), Channel: string(hotline.ChannelWeb),
			CodeIndex: intake.CodeIndex(w.index, c.Code), Stage: string(hotline.StageNew), Team: string(team), ContactSeq: -1, DeskSeq: -1, StatementSeq: -1, SeenSeq: -1,
			CreatedHour: 1, Version: v,
		}
		if _, err := tx.InsertCase(ctx, p); err != nil {
			return err
		}
		if _, err := tx.InsertCaseKey(ctx, db.InsertCaseKeyParams{CaseID: c.id[:], N: 0, Statement: gen.Text(), Hour: 1}); err != nil {
			return err
		}
		_, err = tx.InsertCaseWrap(ctx, db.InsertCaseWrapParams{CaseID: c.id[:], N: 0, Team: string(team), Epoch: int64(w.teams[team].Epoch), Wrap: wrap})
		return err
	}))
	w.write(c, text)
	return c
}

// write sends a record, as intake keeps it.
func (w *world) write(c *contact, text string) {
	w.tb.Helper()
	h := seal.RecordHeader{Case: c.id, Gen: len(c.keys) - 1, Side: hotline.SideContact, Seq: c.seq + 1, Seen: -1, Hour: hotline.HourOf(w.clock.Now())}
	if c.seq >= 0 {
		h.Prev = c.last.Hash()
	}
	r := must(seal.SignRecord(h, must(seal.NewBody(text, "")), c.Signing))
	file := must(r.Seal(c.keys[h.Gen].Recipient()))
	id := sha256.Sum256(file)
	ok(w.tb, w.db.Update(context.Background(), func(tx *store.Tx) error {
		ctx := context.Background()
		row, err := tx.LockCase(ctx, c.id[:])
		if err != nil {
			return err
		}
		if _, err := tx.InsertRecord(ctx, db.InsertRecordParams{
			ID: id[:], CaseID: c.id[:], Side: string(h.Side), Seq: h.Seq, Generation: int64(h.Gen), Header: r.Signed.Text(), File: file, Hour: int64(h.Hour),
		}); err != nil {
			return err
		}
		v, err := tx.NextVersion(ctx)
		if err != nil {
			return err
		}
		p := db.CaseAfterContactParams{ContactSeq: h.Seq, ContactHeader: r.Signed.Text(), WaitingSinceMs: row.WaitingSinceMs, Version: v, ID: c.id[:]}
		p.WaitingSinceMs.Int64, p.WaitingSinceMs.Valid = w.clock.Now().UnixMilli(), true
		_, err = tx.CaseAfterContact(ctx, p)
		return err
	}))
	c.seq, c.last = h.Seq, r.Signed
}

// header begins a reply to a case as it is.
func (w *world) header(c *contact, now api.Case) seal.RecordHeader {
	return seal.RecordHeader{
		Case: c.id, Gen: now.Generation, Side: hotline.SideDesk, Seq: now.DeskSeq + 1, Prev: now.DeskHead,
		Seen: now.ContactSeq, Hour: hotline.HourOf(w.clock.Now()),
	}
}

// reply seals an answer for both, signed by the keys.
func (w *world) reply(c *contact, h seal.RecordHeader, text string, keys ...seal.SigningKey) api.Reply {
	r := must(seal.SignRecord(h, must(seal.NewBody(text, "")), keys...))
	forContact := r
	forContact.Signed = r.Signed.Only(keys[0].Public())
	return api.Reply{
		Header: r.Signed.Text(),
		File:   must(r.Seal(c.keys[len(c.keys)-1].Recipient())),
		Copy:   must(forContact.Seal(c.Identity.Recipient())),
	}
}

func (w *world) goodReply(c *contact, p *person, text string) api.Reply {
	return w.reply(c, w.header(c, w.caseNow(c)), text, w.teams[c.team].Reply, p.key)
}

// statement makes the next statement of a case.
func (w *world) statement(c *contact, p *person, st seal.Statement, body *seal.StatementBody) api.NewStatement {
	now := w.caseNow(c)
	st.Case, st.Seq, st.Prev, st.Gen, st.Hour = c.id, now.StatementSeq+1, now.StatementHead, now.Generation, hotline.HourOf(w.clock.Now())
	signed, file, err := seal.SignStatement(st, body, c.keys[len(c.keys)-1].Recipient(), p.key)
	ok(w.tb, err)
	return api.NewStatement{Text: signed.Text(), Sealed: file}
}

// generation makes the next key of a case; change may spoil it before it is signed.
func (w *world) generation(c *contact, change func(*seal.Generation), keys ...seal.SigningKey) (api.NewGeneration, seal.Identity, seal.Signed) {
	s := must(seal.NewIdentity())
	g := seal.Generation{
		Case: c.id, Gen: len(c.gens), Prev: c.gens[len(c.gens)-1].Hash(), Team: c.team, Epoch: w.teams[c.team].Epoch, Recipient: s.Recipient(),
		ContactKey: c.Signing.Public(), ContactRecipient: c.Identity.Recipient(), Hour: hotline.HourOf(w.clock.Now()),
	}
	if change != nil {
		change(&g)
	}
	signed := must(seal.SignGeneration(g, keys...))
	wrap := must(seal.WrapIdentity(w.teams[c.team].Identity.Recipient(), s))
	return api.NewGeneration{Statement: signed.Text(), Wraps: []api.Wrap{{Team: g.Team, Epoch: g.Epoch, File: wrap}}}, s, signed
}

// caseNow reads a case straight from the database.
func (w *world) caseNow(c *contact) api.Case {
	w.tb.Helper()
	var row db.HotlineCase
	ok(w.tb, w.db.View(context.Background(), func(tx *store.Tx) (err error) {
		row, err = tx.CaseByID(context.Background(), c.id[:])
		return err
	}))
	out := api.Case{
		ID: c.id, Generation: int(row.Generation), ContactSeq: row.ContactSeq, SeenSeq: row.SeenSeq, DeskSeq: row.DeskSeq, StatementSeq: row.StatementSeq,
		Stage: hotline.Stage(row.Stage), Urgency: hotline.Urgency(row.Urgency), Assignee: row.Assignee, WaitingSince: row.WaitingSinceMs.Int64, Answered: row.Answered,
	}
	copy(out.DeskHead[:], row.DeskHead)
	copy(out.StatementHead[:], row.StatementHead)
	return out
}

// snapshot is everything that the database holds, as text, so that "nothing was
// kept" can be shown.
func (w *world) snapshot() string {
	w.tb.Helper()
	var b strings.Builder
	add := func(v any, err error) error {
		s := sha256.Sum256(fmt.Appendf(nil, "%+v", v))
		fmt.Fprintf(&b, "%T %s\n", v, hex.EncodeToString(s[:4]))
		return err
	}
	ctx := context.Background()
	ok(w.tb, w.db.View(ctx, func(tx *store.Tx) error {
		var errs []error
		cases, err := tx.CasesAfter(ctx, -1, 1000)
		errs = append(errs, add(cases, err))
		for _, c := range cases {
			errs = append(errs, add(tx.CaseKeys(ctx, c.ID)), add(tx.CaseWraps(ctx, c.ID)), add(tx.ReplyCopies(ctx, c.ID)),
				add(tx.DeliveriesOfCase(ctx, c.ID)), add(tx.FieldNotesOfCase(ctx, c.ID)),
				add(tx.RecordsAfter(ctx, db.RecordsAfterParams{CaseID: c.ID, After: -1, MaxRows: 1000})),
				add(tx.StatementsAfter(ctx, db.StatementsAfterParams{CaseID: c.ID, After: -1, MaxRows: 1000})))
		}
		epochs, err := tx.TeamEpochs(ctx)
		errs = append(errs, add(epochs, err))
		for _, e := range epochs {
			errs = append(errs, add(tx.TeamWraps(ctx, e.Team, e.N)))
		}
		for _, kind := range []string{api.DocumentManifest, api.DocumentRoster} {
			errs = append(errs, add(tx.DocumentsAfter(ctx, db.DocumentsAfterParams{Kind: kind, MaxRows: 100})))
		}
		errs = append(errs, add(tx.AllProposals(ctx, make([]byte, 32), 1000)), add(tx.AllApprovals(ctx, make([]byte, 32), 1000)))
		errs = append(errs, add(tx.Invitations(ctx)), add(tx.Settings(ctx)), add(tx.LastVersion(ctx)), add(tx.JournalHead(ctx)),
			add(tx.RecoveryParts(ctx)), add(tx.JournalLeaves(ctx, 0, 100000)))
		i := slices.IndexFunc(errs, func(err error) bool { return err != nil })
		if i >= 0 {
			return errs[i]
		}
		return nil
	}))
	return b.String()
}

// bareCase writes a case without content: enough for a queue.
func (w *world) bareCase(team hotline.Team) hotline.CaseID {
	w.tb.Helper()
	var id hotline.CaseID
	_, _ = rand.Read(id[:])
	ok(w.tb, w.db.Update(context.Background(), func(tx *store.Tx) error {
		v, err := tx.NextVersion(context.Background())
		if err != nil {
			return err
		}
		_, err = tx.InsertCase(context.Background(), db.InsertCaseParams{
			ID: id[:], Channel: string(hotline.ChannelTelegram), Stage: string(hotline.StageNew), Team: string(team),
			ContactSeq: -1, DeskSeq: -1, StatementSeq: -1, SeenSeq: -1, CreatedHour: 1, Version: v,
		})
		return err
	}))
	return id
}

// touch moves a case in the feed.
func (w *world) touch(id hotline.CaseID) {
	w.tb.Helper()
	ok(w.tb, w.db.Update(context.Background(), func(tx *store.Tx) error {
		v, err := tx.NextVersion(context.Background())
		if err != nil {
			return err
		}
		_, err = tx.CaseTouched(context.Background(), v, id[:])
		return err
	}))
}

// addWrap wraps a case's key to a team beside its own.
func (w *world) addWrap(c *contact, team hotline.Team) {
	w.tb.Helper()
	wrap := must(seal.WrapIdentity(w.teams[team].Identity.Recipient(), c.keys[0]))
	ok(w.tb, w.db.Update(context.Background(), func(tx *store.Tx) error {
		_, err := tx.InsertCaseWrap(context.Background(), db.InsertCaseWrapParams{CaseID: c.id[:], Team: string(team), Epoch: 1, Wrap: wrap})
		return err
	}))
}
