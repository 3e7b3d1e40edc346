package server_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"testing"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/intake"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
	"safeconduct/internal/store/storetest"
)

// newChat writes a case that came by a bot, as its gateway does. Whoever has the
// contact's identity is the gateway: copies of replies are sealed to it.
func (w *world) newChat(text string) *contact {
	w.tb.Helper()
	c := &contact{team: hotline.TeamDesk}
	_, _ = rand.Read(c.id[:])
	c.Identity, c.Signing, c.Code = must(seal.NewIdentity()), must(seal.NewSigningKey()), hotline.NewChannelCode()
	s0, hour := must(seal.NewIdentity()), hotline.HourOf(w.clock.Now())
	gen := must(seal.SignGeneration(seal.Generation{Case: c.id, Team: c.team, Epoch: 1, Recipient: s0.Recipient(), Hour: hour}, c.Signing))
	c.keys, c.gens = []seal.Identity{s0}, []seal.Signed{gen}
	rec := must(seal.SignRecord(seal.RecordHeader{Case: c.id, Side: hotline.SideGateway, Seen: -1, Hour: hour}, must(seal.NewBody(text, "")), c.Signing))
	c.last = rec.Signed
	w.update(func(ctx context.Context, tx *store.Tx) error {
		version, err := tx.NextVersion(ctx)
		if err != nil {
			return err
		}
		err = intake.NewCase{
			ID: c.id, Channel: hotline.ChannelTelegram, CodeIndex: intake.CodeIndex(w.index, c.Code), Team: c.team, Epoch: 1, Statement: gen.Text(),
			Wrap: must(seal.WrapIdentity(w.teams[c.team].Identity.Recipient(), s0)), Side: hotline.SideGateway, Header: rec.Signed.Text(),
			Record: must(rec.Seal(s0.Recipient())), Hour: hour, Now: w.clock.Now(),
		}.Insert(ctx, tx, version)
		if err != nil {
			return err
		}
		if _, err := tx.PutChat(ctx, db.PutChatParams{Handle: handleOf(c), Channel: string(hotline.ChannelTelegram), Box: []byte("box")}); err != nil {
			return err
		}
		_, err = tx.SetChatCase(ctx, c.id[:], handleOf(c))
		return err
	})
	return c
}

// handleOf is the keyed hash of a person's address, as far as a test needs one.
func handleOf(c *contact) []byte {
	sum := sha256.Sum256(c.id[:])
	return sum[:]
}

func (w *world) update(do func(context.Context, *store.Tx) error) {
	w.tb.Helper()
	ctx := context.Background()
	ok(w.tb, w.db.Update(ctx, func(tx *store.Tx) error { return do(ctx, tx) }))
}

// jobs claims what a gateway has to deliver, and gives it back.
func (w *world) jobs() (jobs []store.Claimed) {
	w.tb.Helper()
	w.update(func(ctx context.Context, tx *store.Tx) (err error) {
		jobs, err = tx.Claim(ctx, hotline.ChannelTelegram.ReplyJob(), 10, w.clock.Now(), time.Minute)
		return err
	})
	w.clock.Move(time.Minute)
	return jobs
}

// told keeps a gateway's word on a reply, and a position beside its record.
func (w *world) told(c *contact, reply api.Reply) {
	w.tb.Helper()
	_, signed, err := seal.ParseRecordHeader(reply.Header)
	ok(w.tb, err)
	word := must(seal.SignDelivery(seal.Delivery{Case: c.id, Reply: signed.Hash(), State: hotline.DeliveranceSent, Hour: 1}, c.Signing))
	id := sha256.Sum256(reply.File)
	w.update(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.PutDelivery(ctx, db.PutDeliveryParams{RecordID: id[:], CaseID: c.id[:], Statement: word.Text()})
		if err != nil {
			return err
		}
		return w.note(ctx, tx, c, hotline.HourOf(w.clock.Now()).Day())
	})
}

// note keeps a position beside the case's first record.
func (w *world) note(ctx context.Context, tx *store.Tx, c *contact, day hotline.Day) error {
	rows, err := tx.RecordsAfter(ctx, db.RecordsAfterParams{CaseID: c.id[:], After: -1, MaxRows: 1})
	if err != nil {
		return err
	}
	file := must(seal.FieldNote{Case: c.id, Record: c.last.Hash()}.Seal(w.teams[hotline.TeamField].Identity.Recipient(),
		must(seal.NewPosition(48, 37, 20, false)), c.Signing))
	id := sha256.Sum256(rows[0].File)
	_, err = tx.InsertFieldNote(ctx, db.InsertFieldNoteParams{
		RecordID: id[:], CaseID: c.id[:], Team: string(hotline.TeamField), Epoch: 1, File: file, Day: int64(day),
	})
	return err
}

// beside is what a gateway has left beside the records of a case.
func (w *world) beside(c *contact) (deliveries, notes int, chat db.Chat) {
	w.tb.Helper()
	ok(w.tb, w.db.View(context.Background(), func(tx *store.Tx) error {
		ctx := context.Background()
		texts, err := tx.DeliveriesOfCase(ctx, c.id[:])
		if err != nil {
			return err
		}
		kept, err := tx.FieldNotesOfCase(ctx, c.id[:])
		if err != nil {
			return err
		}
		deliveries, notes = len(texts), len(kept)
		chat, err = tx.ChatByHandle(ctx, handleOf(c))
		return err
	}))
	return deliveries, notes, chat
}

// A reply that a gateway delivers comes with a copy for it, and is left to it
// once, in the transaction that keeps it.
func TestReplyIsLeftToTheGateway(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		olga := w.people["olga"]
		c := w.newChat("я пишу из чата")
		reply := w.goodReply(c, olga, "we are here")
		bare := reply
		bare.Copy = nil
		_, err := w.do(olga, http.MethodPost, fill(api.PathReplies, c.id), bare)
		wantKind(t, err, hotline.KindInvalid)
		if jobs := w.jobs(); len(jobs) != 0 {
			t.Fatalf("a refused reply is to be delivered: %+v", jobs)
		}
		for range 2 { // the second time after a lost answer
			_, err := w.do(olga, http.MethodPost, fill(api.PathReplies, c.id), reply)
			ok(t, err)
		}
		id := sha256.Sum256(reply.File)
		jobs := w.jobs()
		if len(jobs) != 1 || jobs[0].Kind != "telegram reply" || jobs[0].Key != "reply "+hex.EncodeToString(id[:]) ||
			jobs[0].Lane != hex.EncodeToString(handleOf(c)) || !bytes.Equal(jobs[0].Payload, id[:]) {
			t.Fatalf("%+v", jobs)
		}
		ok(t, w.db.View(t.Context(), func(tx *store.Tx) error {
			kept, err := tx.ReplyCopy(t.Context(), jobs[0].Payload)
			if err == nil && !bytes.Equal(kept.File, reply.Copy) {
				t.Error("another copy is kept")
			}
			return err
		}))

		// One whose chat is not known is left to the gateway too: it says so.
		stray := w.newChat("и я")
		w.update(func(ctx context.Context, tx *store.Tx) error { _, err := tx.LeaveChat(ctx, stray.id[:]); return err })
		_, err = w.do(olga, http.MethodPost, fill(api.PathReplies, stray.id), w.goodReply(stray, olga, "we are here"))
		ok(t, err)
		if jobs := w.jobs(); len(jobs) != 2 || jobs[1].Lane != stray.id.String() {
			t.Errorf("%+v", jobs)
		}

		// The page fetches its replies by itself.
		page := w.newCase(hotline.TeamDesk, "by the page")
		_, err = w.do(olga, http.MethodPost, fill(api.PathReplies, page.id), w.goodReply(page, olga, "we are here"))
		ok(t, err)
		if jobs := w.jobs(); len(jobs) != 2 {
			t.Errorf("%+v", jobs)
		}
	})
}

// No leaf, no delivery.
func TestNothingIsDeliveredWithoutALeaf(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		w := prepare(t)
		b := &broken{Signer: w.signer}
		w.open(open(), b)
		c := w.newChat("я пишу из чата")
		reply := w.goodReply(c, w.people["olga"], "we are here")
		b.fails = true
		_, err := w.do(w.people["olga"], http.MethodPost, fill(api.PathReplies, c.id), reply)
		wantKind(t, err, hotline.KindInternal)
		if jobs := w.jobs(); len(jobs) != 0 {
			t.Errorf("%+v", jobs)
		}
	})
}

// Files go with a reply into a chat as they go to a page.
func TestFileIsLeftToTheGateway(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		olga := w.people["olga"]
		c := w.newChat("я пишу из чата")
		reply, photo := w.replyWithFile(c, olga, "look", []byte("a picture"))
		_, err := w.do(olga, http.MethodPost, fill(api.PathReplies, c.id), reply)
		ok(t, err)
		if rec := w.getObject(olga, c.id, photo.ID, 0); rec.Code != http.StatusOK {
			t.Errorf("%d %s", rec.Code, rec.Body)
		}
		if jobs := w.jobs(); len(jobs) != 1 {
			t.Errorf("%+v", jobs)
		}
	})
}

// A position comes out to the team to which it is sealed alone, and only in a
// case that its member may see; what became of replies comes out to who sees the case.
func TestSyncTellsWhatAGatewayLeft(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		w := prepare(t)
		w.join("otto", hotline.TeamField)
		w.open(open(), nil)
		olga := w.people["olga"]
		c := w.newChat("я пишу из чата")
		reply := w.goodReply(c, olga, "we are here")
		_, err := w.do(olga, http.MethodPost, fill(api.PathReplies, c.id), reply)
		ok(t, err)
		w.told(c, reply)
		if b := w.sync(t, olga, c); len(b.Deliveries) != 1 || len(b.FieldNotes) != 0 {
			t.Errorf("to who is not of the field team: %d deliveries, %d positions", len(b.Deliveries), len(b.FieldNotes))
		}
		b := w.sync(t, w.people["otto"], c)
		if len(b.Deliveries) != 1 || len(b.FieldNotes) != 1 || b.FieldNotes[0].Record != sha256.Sum256(b.Records[0].File) {
			t.Fatalf("to a member of both teams: %d deliveries, %d positions", len(b.Deliveries), len(b.FieldNotes))
		}
		if _, p, _, err := seal.OpenFieldNote(w.teams[hotline.TeamField].Identity, b.FieldNotes[0].File); err != nil || p.Lat != 48 {
			t.Error(err)
		}
		a, err := post[api.SyncAnswer](w, w.people["frank"], api.PathSync, api.SyncRequest{Items: []api.SyncItem{{ID: c.id, AfterPlace: -1, AfterStatement: -1}}})
		if err != nil || len(a.Cases) != 0 {
			t.Errorf("to the field team, of a case of the desk's: %+v, %v", a, err)
		}
	})
}

// join adds a team to somebody's, before the house is opened.
func (w *world) join(name string, team hotline.Team) {
	p := w.people[name]
	p.member.Teams = append(p.member.Teams, team)
	for i, m := range w.roster.Members {
		if m.ID == p.member.ID {
			w.roster.Members[i] = p.member
		}
	}
	w.genesis.Roster = w.sign(w.roster)
	w.genesis.Epochs = nil
	for t, maker := range map[hotline.Team]string{hotline.TeamDesk: "olga", hotline.TeamField: "frank"} {
		w.genesis.Epochs = append(w.genesis.Epochs, w.epoch(w.teams[t], w.people[maker]))
	}
}

// Positions go after three days; that one came stays in the conversation.
func TestPositionsGo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		c := w.newChat("вот где я")
		w.update(func(ctx context.Context, tx *store.Tx) error {
			return w.note(ctx, tx, c, hotline.HourOf(w.clock.Now()).Day())
		})
		for n := range 4 {
			if _, notes, _ := w.beside(c); notes != 1 {
				t.Fatalf("gone after %d days", n)
			}
			w.days(t, 1)
		}
		if _, notes, _ := w.beside(c); notes != 0 {
			t.Error("still there after four days")
		}
		if b := w.sync(t, w.people["olga"], c); len(b.Records) != 1 {
			t.Error("its record went too")
		}
	})
}

// Folding lets go of what a gateway left beside the case, and of the chat;
// removing does too, whenever it comes.
func TestFoldLeavesTheChat(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		olga := w.people["olga"]
		c := w.newChat("я пишу из чата")
		reply := w.goodReply(c, olga, "we are here")
		_, err := w.do(olga, http.MethodPost, fill(api.PathReplies, c.id), reply)
		ok(t, err)
		w.told(c, reply)
		for _, s := range hotline.StageNew.Route(hotline.StageReferred) {
			w.state(t, c, olga, seal.Statement{Act: seal.ActStage, Stage: s}, nil)
		}
		keep := hotline.DefaultRetention().Referred
		w.days(t, keep.Fold)
		if deliveries, _, chat := w.beside(c); deliveries != 1 || chat.CaseID == nil {
			t.Errorf("let go within the grace: %d, %x", deliveries, chat.CaseID)
		}
		w.days(t, 1)
		if b := w.sync(t, olga, c); !b.Case.Folded || len(b.Deliveries) != 0 {
			t.Errorf("%+v", b)
		}
		if deliveries, notes, chat := w.beside(c); deliveries+notes != 0 || chat.CaseID != nil {
			t.Errorf("after the fold: %d deliveries, %d positions, chat of %x", deliveries, notes, chat.CaseID)
		}

		// Removed without having been folded.
		other := w.newChat("и я")
		reply = w.goodReply(other, olga, "we are here")
		_, err = w.do(olga, http.MethodPost, fill(api.PathReplies, other.id), reply)
		ok(t, err)
		w.told(other, reply)
		w.update(func(ctx context.Context, tx *store.Tx) error { _, err := tx.DeleteCase(ctx, other.id[:]); return err })
		if deliveries, notes, chat := w.beside(other); deliveries+notes != 0 || chat.CaseID != nil {
			t.Errorf("after the removal: %d deliveries, %d positions, chat of %x", deliveries, notes, chat.CaseID)
		}
	})
}
