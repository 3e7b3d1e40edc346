package desk_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"slices"
	"strings"
	"testing"

	"safeconduct/internal/api"
	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/intake" //nolint:depguard // the tests boot the real server
	"safeconduct/internal/seal"
	"safeconduct/internal/store"           //nolint:depguard // the tests boot the real server
	"safeconduct/internal/store/db"        //nolint:depguard // the tests boot the real server
	"safeconduct/internal/store/storetest" //nolint:depguard // the tests boot the real server
)

// newFieldWorld is a house in which Anna is of the field team and Boris is not.
func newFieldWorld(tb testing.TB) *world {
	tb.Helper()
	return newWorldWith(tb, func(w *world) {
		w.field = must(seal.NewTeamSecret(hotline.TeamField, 1))
		w.roster.Members[0].Teams = append(w.roster.Members[0].Teams, hotline.TeamField)
		w.manifest.Teams[hotline.TeamField] = w.field.Public()
		w.manifest.ReplyKeys = append(w.manifest.ReplyKeys, w.field.Reply.Public())
	})
}

// newChat is a case that came by a bot: its gateway signs, and reads what desks
// send there.
func (w *world) newChat(text string, facts *seal.Chat) (*contact, seal.Signed) {
	w.tb.Helper()
	c := &contact{seq: -1, seen: -1, s0: must(seal.NewIdentity())}
	c.Identity, c.Signing, c.Code = w.gatewayID, w.gateway, hotline.NewChannelCode()
	_, _ = rand.Read(c.id[:])
	hour := hotline.HourOf(w.clock.Now())
	gen := must(seal.SignGeneration(seal.Generation{Case: c.id, Team: hotline.TeamDesk, Epoch: 1, Recipient: c.s0.Recipient(), Hour: hour}, w.gateway))
	rec := w.told(c, text, facts)
	w.change(func(ctx context.Context, tx *store.Tx, version int64) error {
		return intake.NewCase{
			ID: c.id, Channel: hotline.ChannelTelegram, CodeIndex: intake.CodeIndex(w.index, c.Code), Team: hotline.TeamDesk, Epoch: 1,
			Statement: gen.Text(), Wrap: must(seal.WrapIdentity(w.team.Identity.Recipient(), c.s0)), Side: hotline.SideGateway,
			Header: rec.Signed.Text(), Record: must(rec.Seal(c.s0.Recipient())), Hour: hour, Now: w.clock.Now(),
		}.Insert(ctx, tx, version)
	})
	return c, gen
}

func (w *world) change(do func(ctx context.Context, tx *store.Tx, version int64) error) {
	w.tb.Helper()
	ctx := context.Background()
	ok(w.tb, w.db.Update(ctx, func(tx *store.Tx) error {
		version, err := tx.NextVersion(ctx)
		if err != nil {
			return err
		}
		return do(ctx, tx, version)
	}))
}

// told makes the gateway's next record.
func (w *world) told(c *contact, text string, facts *seal.Chat) seal.Record {
	body := must(seal.NewBody(text, "ru"))
	if body.Chat = facts; c.seq < 0 {
		body.Code = c.Code.Digits()
	}
	rec := must(seal.SignRecord(seal.RecordHeader{
		Case: c.id, Side: hotline.SideGateway, Seq: c.seq + 1, Prev: c.last, Seen: c.seen, Hour: hotline.HourOf(w.clock.Now()),
	}, body, w.gateway))
	c.seq, c.last = c.seq+1, rec.Signed.Hash()
	return rec
}

// tell keeps what came in a chat, as its gateway does.
func (w *world) tell(c *contact, text string, facts seal.Chat) seal.Record {
	w.tb.Helper()
	rec := w.told(c, text, &facts)
	w.insert(c, rec, c.s0.Recipient())
	return rec
}

// newest is the newest record of a case.
func (w *world) newest(c *contact) (r db.Record) {
	w.tb.Helper()
	ok(w.tb, w.db.View(context.Background(), func(tx *store.Tx) error {
		rows, err := tx.RecordsAfter(context.Background(), db.RecordsAfterParams{CaseID: c.id[:], After: -1, MaxRows: 1000})
		r = rows[len(rows)-1]
		return err
	}))
	return r
}

// word is what a gateway says of a reply.
func word(c *contact, header []byte, state hotline.Deliverance, reason hotline.DeliveryReason, by seal.SigningKey) []byte {
	_, signed, err := seal.ParseRecordHeader(header)
	if err != nil {
		panic(err)
	}
	return must(seal.SignDelivery(seal.Delivery{Case: c.id, Reply: signed.Hash(), State: state, Reason: reason, Hour: 1}, by)).Text()
}

// deliver keeps what the gateway says of the newest reply.
func (w *world) deliver(c *contact, state hotline.Deliverance, reason hotline.DeliveryReason) {
	w.tb.Helper()
	r := w.newest(c)
	w.change(func(ctx context.Context, tx *store.Tx, version int64) error {
		_, err := tx.PutDelivery(ctx, db.PutDeliveryParams{RecordID: r.ID, CaseID: c.id[:], Statement: word(c, r.Header, state, reason, w.gateway)})
		if err != nil {
			return err
		}
		_, err = tx.CaseTouched(ctx, version, c.id[:])
		return err
	})
}

// fieldNote is a position sealed to the field team.
func (w *world) fieldNote(n seal.FieldNote, by seal.SigningKey) []byte {
	n.Hour = hotline.HourOf(w.clock.Now())
	return must(n.Seal(w.field.Identity.Recipient(), must(seal.NewPosition(48.5, 37.25, 20, false)), by))
}

// sendPosition keeps a record that says that a position came, and the position beside it.
func (w *world) sendPosition(c *contact) seal.Record {
	w.tb.Helper()
	rec := w.told(c, "", &seal.Chat{Event: hotline.ChatPosition})
	file := must(rec.Seal(c.s0.Recipient()))
	id := sha256.Sum256(file)
	hour := hotline.HourOf(w.clock.Now())
	w.change(func(ctx context.Context, tx *store.Tx, version int64) error {
		_, err := tx.InsertRecord(ctx, db.InsertRecordParams{
			ID: id[:], CaseID: c.id[:], Side: string(rec.Header.Side), Seq: rec.Header.Seq, Header: rec.Signed.Text(), File: file, Hour: int64(hour),
		})
		if err != nil {
			return err
		}
		_, err = tx.InsertFieldNote(ctx, db.InsertFieldNoteParams{
			RecordID: id[:], CaseID: c.id[:], Team: string(hotline.TeamField), Epoch: 1, Day: int64(hour.Day()),
			File: w.fieldNote(seal.FieldNote{Case: c.id, Record: rec.Signed.Hash()}, w.gateway),
		})
		if err != nil {
			return err
		}
		p := db.CaseAfterContactParams{ContactSeq: rec.Header.Seq, ContactHeader: rec.Signed.Text(), Version: version, ID: c.id[:]}
		p.WaitingSinceMs.Int64, p.WaitingSinceMs.Valid = w.clock.Now().UnixMilli(), true
		_, err = tx.CaseAfterContact(ctx, p)
		return err
	})
	return rec
}

// texts are what the messages say, from top to bottom.
func texts(messages []desk.Message) (out []string) {
	for _, m := range messages {
		out = append(out, m.Text)
	}
	return out
}

// TestChatCase answers in a chat: the gateway can open the copy, and what it
// says of the delivery is shown.
func TestChatCase(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		w := newWorldOn(t, open())
		c, first := w.newChat("пишу из чата", &seal.Chat{Number: 11})
		st := w.work(&w.anna)
		numbers := seal.Phrase(first)
		v := st.view(c.id)
		if v.Phrase != hotline.PhraseOf(numbers[:]...) || len(strings.Fields(v.Phrase)) != seal.PhraseWords || v.Doors[0].Phrase != v.Phrase || v.Problems != 0 {
			t.Fatalf("%q %+v", v.Phrase, v)
		}
		r, err := st.Reply(t.Context(), c.id, "мы здесь")
		sent(t, r, err)
		if got := w.replies(c); !slices.Equal(got, []string{"мы здесь"}) {
			t.Errorf("the gateway has %q", got)
		}
		carried := func(what string, want desk.Carried, undelivered bool) {
			t.Helper()
			st.await(what, func() bool {
				v := st.view(c.id)
				m := v.Messages[1]
				return m.Carried != nil && *m.Carried == want && !m.PutAway && v.Problems == 0 && v.Undelivered == undelivered
			})
		}
		carried("on its way", desk.Carried{}, false)
		w.deliver(c, hotline.DeliveranceFailed, hotline.ReasonBlocked)
		carried("failed", desk.Carried{State: hotline.DeliveranceFailed, Reason: hotline.ReasonBlocked, Hour: 1}, true)
		w.deliver(c, hotline.DeliveranceSent, "")
		carried("sent", desk.Carried{State: hotline.DeliveranceSent, Hour: 1}, false)

		st.sendFile(c.id, "карта", photo(t, 60, 30))
		st.allSent()
		if files, contents := w.filesFor(c); len(files) != 1 || len(contents[0]) == 0 {
			t.Errorf("the gateway has %d files", len(files))
		}
	})
}

// The server says by which channel a case came. It cannot have replies to a
// person's own key sealed to the gateway by that.
func TestNoGatewayForAPersonWithKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.newCase("со страницы")
	st := w.newStation(&w.anna)
	st.wire.set(func(x *wire) {
		x.change = func(path string, body []byte) []byte {
			return []byte(strings.ReplaceAll(string(body), `"channel":"web"`, `"channel":"telegram"`))
		}
	})
	ok(t, st.Unlock(t.Context(), passphrase))
	st.caughtUp()
	_, err := st.Reply(t.Context(), c.id, "мы здесь")
	ok(t, err)
	if v := st.view(c.id); v.Channel != hotline.ChannelTelegram || v.Phrase != "" || v.Messages[1].Carried != nil {
		t.Errorf("%+v", v)
	}
	if got := w.replies(c); !slices.Equal(got, []string{"мы здесь"}) {
		t.Errorf("the person has %q", got)
	}
}

// TestChatHostile changes what the server shows beside the records of a chat.
func TestChatHostile(t *testing.T) {
	t.Parallel()
	w := newFieldWorld(t)
	c, _ := w.newChat("пишу из чата", nil)
	other, _ := w.newChat("и я", nil)
	w.sendPosition(c)
	theirs := seal.FieldNote{Case: other.id, Record: w.sendPosition(other).Signed.Hash()}
	first := w.work(&w.anna)
	r, err := first.Reply(t.Context(), c.id, "мы здесь")
	sent(t, r, err)
	reply := w.newest(c)
	stranger := must(seal.NewSigningKey())
	at := func(b *api.Bundle) *api.FieldNote { return &b.FieldNotes[0] }
	for name, tc := range map[string]struct {
		change func(b *api.Bundle)
		want   desk.ProblemKind
		state  desk.PositionState
	}{
		"a stranger's word": {func(b *api.Bundle) {
			b.Deliveries = [][]byte{word(c, reply.Header, hotline.DeliveranceSent, "", stranger)}
		}, desk.ProblemForged, desk.PositionOpen},
		"an operator's word": {func(b *api.Bundle) {
			b.Deliveries = [][]byte{word(c, reply.Header, hotline.DeliveranceSent, "", w.boris.Signing)}
		}, desk.ProblemForged, desk.PositionOpen},
		"no word at all": {func(b *api.Bundle) { b.Deliveries = [][]byte{[]byte("sent")} }, desk.ProblemForged, desk.PositionOpen},
		"a word on another case": {func(b *api.Bundle) {
			b.Deliveries = [][]byte{word(other, reply.Header, hotline.DeliveranceSent, "", w.gateway)}
		}, desk.ProblemMoved, desk.PositionOpen},
		"a word on what the person wrote": {func(b *api.Bundle) {
			b.Deliveries = [][]byte{word(c, b.Records[0].Header, hotline.DeliveranceSent, "", w.gateway)}
		}, desk.ProblemMoved, desk.PositionOpen},
		"another case's position": {func(b *api.Bundle) { at(b).File = w.fieldNote(theirs, w.gateway) }, desk.ProblemMoved, desk.PositionWrong},
		"a position of another message": {func(b *api.Bundle) {
			at(b).File = w.fieldNote(seal.FieldNote{Case: c.id, Record: seal.Hash{1}}, w.gateway)
		}, desk.ProblemMoved, desk.PositionWrong},
		"a position beside another message": {func(b *api.Bundle) { at(b).Record = sha256.Sum256(b.Records[0].File) }, desk.ProblemMoved, desk.PositionGone},
		"a position beside no message":      {func(b *api.Bundle) { at(b).Record = seal.Hash{1} }, desk.ProblemMoved, desk.PositionGone},
		"a stranger's position": {func(b *api.Bundle) {
			_, signed, _ := seal.ParseRecordHeader(b.Records[1].Header)
			at(b).File = w.fieldNote(seal.FieldNote{Case: c.id, Record: signed.Hash()}, stranger)
		}, desk.ProblemForged, desk.PositionWrong},
		"a damaged position": {func(b *api.Bundle) {
			at(b).File = slices.Clone(at(b).File)
			at(b).File[len(at(b).File)-1] ^= 1
		}, desk.ProblemUnreadable, desk.PositionWrong},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := w.newStation(&w.anna)
			st.wire.set(func(x *wire) {
				x.change = tamper("/v1/sync", func(a *api.SyncAnswer) {
					if i := slices.IndexFunc(a.Cases, func(b api.Bundle) bool { return b.Case.ID == c.id }); i >= 0 && len(a.Cases[i].Records) == 3 {
						tc.change(&a.Cases[i])
					}
				})
			})
			ok(t, st.Unlock(t.Context(), passphrase))
			st.await("the case", func() bool {
				v, err := st.Case(t.Context(), c.id)
				return err == nil && len(v.Messages) == 3 && kinds(v)[tc.want] > 0
			})
			v := st.view(c.id)
			if got := *v.Messages[2].Carried; got != (desk.Carried{}) {
				t.Errorf("believed: %+v", got)
			}
			if v.Position == nil || v.Position.State != tc.state || v.Problems == 0 {
				t.Errorf("%+v, problems %v", v.Position, kinds(v))
			}
		})
	}
}

// TestChatOrder: a chat's numbers put right what arrived out of order, among
// neighbours alone; nothing that does not verify moves anything.
func TestChatOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, _ := w.newChat("два", &seal.Chat{Number: 12})
	w.tell(c, "один", seal.Chat{Number: 11})
	w.tell(c, "три", seal.Chat{Number: 13})
	st := w.work(&w.anna)
	r, err := st.Reply(t.Context(), c.id, "ответ")
	sent(t, r, err)
	w.tell(c, "опоздало", seal.Chat{Number: 10}) // a reply lies between: it stays where the operator read it
	want := []string{"один", "два", "три", "ответ", "опоздало"}
	st.await("all of it", func() bool { return slices.Equal(texts(st.view(c.id).Messages), want) })
	if v := st.view(c.id); v.Problems != 0 || v.Snippet != "опоздало" {
		t.Errorf("%+v", v)
	}

	// Another bot counts for itself.
	other, _ := w.newChat("первый бот", &seal.Chat{Number: 40, Source: 1})
	w.tell(other, "второй бот", seal.Chat{Number: 2, Source: 2})
	w.tell(other, "исправлено", seal.Chat{Number: 40, Source: 2, Edited: true})
	st.await("both bots", func() bool {
		v := st.view(other.id)
		return slices.Equal(texts(v.Messages), []string{"первый бот", "второй бот", "исправлено"}) && v.Problems == 0
	})

	// A record of a stranger's, with a number that would put it first.
	forger := w.newStation(&w.boris)
	forger.wire.set(func(x *wire) {
		x.change = tamper("/v1/sync", func(a *api.SyncAnswer) {
			i := slices.IndexFunc(a.Cases, func(b api.Bundle) bool { return b.Case.ID == c.id })
			if i < 0 || len(a.Cases[i].Records) != 5 {
				return
			}
			body := must(seal.NewBody("ложь", ""))
			body.Chat = &seal.Chat{Number: 13, Edited: true}
			rec := must(seal.SignRecord(seal.RecordHeader{Case: c.id, Side: hotline.SideGateway, Seq: 4, Prev: c.last}, body, must(seal.NewSigningKey())))
			a.Cases[i].Records = append(a.Cases[i].Records, api.Record{
				Place: 5, Side: hotline.SideGateway, Header: rec.Signed.Text(), File: must(rec.Seal(c.s0.Recipient())),
			})
		})
	})
	ok(t, forger.Unlock(t.Context(), passphrase))
	forger.caughtUp()
	v := forger.view(c.id)
	if got := texts(v.Messages); !slices.Equal(got, append(want, "ложь")) || v.Messages[5].Verified || kinds(v)[desk.ProblemForged] != 1 || v.Messages[5].Chat.Edited {
		t.Errorf("%q %v", got, kinds(v))
	}

	// Records in other places than they came in are found out, whatever their numbers say.
	mover := w.newStation(&w.boris)
	mover.wire.set(func(x *wire) {
		x.change = tamper("/v1/sync", func(a *api.SyncAnswer) {
			i := slices.IndexFunc(a.Cases, func(b api.Bundle) bool { return b.Case.ID == c.id })
			if i >= 0 && len(a.Cases[i].Records) == 5 {
				rs := a.Cases[i].Records
				rs[0], rs[1] = rs[1], rs[0]
				rs[0].Place, rs[1].Place = 0, 1
			}
		})
	})
	ok(t, mover.Unlock(t.Context(), passphrase))
	mover.caughtUp()
	if v := mover.view(c.id); kinds(v)[desk.ProblemOrder] == 0 {
		t.Errorf("%v", kinds(v))
	}
}

// TestChatEdits: an edit stands with what it replaces, and nothing is hidden.
func TestChatEdits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, _ := w.newChat("нас двое", &seal.Chat{Number: 21})
	w.tell(c, "у моста", seal.Chat{Number: 22})
	st := w.work(&w.anna)
	r, err := st.Reply(t.Context(), c.id, "понял")
	sent(t, r, err)
	r, err = st.MarkRead(t.Context(), c.id)
	sent(t, r, err)
	w.tell(c, "нас трое", seal.Chat{Number: 21, Edited: true})
	w.tell(c, "нас четверо", seal.Chat{Number: 21, Edited: true})
	w.tell(c, "чужая правка", seal.Chat{Number: 20, Edited: true}) // of a message that never came
	want := []string{"нас четверо", "у моста", "понял", "чужая правка"}
	st.await("the edits", func() bool { return slices.Equal(texts(st.view(c.id).Messages), want) })
	v := st.view(c.id)
	m := v.Messages[0]
	if got := texts(m.Chat.Earlier); !slices.Equal(got, []string{"нас двое", "нас трое"}) || !m.Chat.Edited || !m.New || m.Seq != 0 {
		t.Errorf("%q, new %t, number %d", got, m.New, m.Seq)
	}
	if late := v.Messages[3]; !late.Chat.Edited || late.Chat.Earlier != nil || v.Problems != 0 || v.Unread != 3 || v.Messages[1].New {
		t.Errorf("%+v", v)
	}
	for _, text := range []string{"двое", "трое", "четверо"} {
		if hits := must(st.Search(text, 5)); len(hits) != 1 {
			t.Errorf("%q is not found", text)
		}
	}

	// An edit that overtook its message.
	early, _ := w.newChat("новое", &seal.Chat{Number: 31, Edited: true})
	w.tell(early, "старое", seal.Chat{Number: 31})
	st.await("the overtaken message", func() bool {
		v, err := st.Case(t.Context(), early.id)
		return err == nil && len(v.Messages) == 1 && v.Messages[0].Text == "новое" && slices.Equal(texts(v.Messages[0].Chat.Earlier), []string{"старое"})
	})
}

// TestChatEvents: what is no text is told, in the queue too.
func TestChatEvents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	form := []seal.FormAnswer{{Question: "where", Answer: hotline.WhereFront}, {Question: "first", Answer: hotline.AnswerNo}}
	var all []*contact
	for range 3 {
		c, _ := w.newChat("", &seal.Chat{Event: hotline.ChatRegistered, Form: form})
		all = append(all, c)
	}
	c := all[0]
	st := w.work(&w.anna)
	v := st.view(c.id)
	if v.Title != "" || v.Snippet != "" || v.Event != hotline.ChatRegistered || v.Began != hotline.ChatRegistered || !v.QuietPlease || !v.Doors[0].Quiet ||
		!slices.Equal(v.Messages[0].Chat.Form, form) || v.Problems != 0 {
		t.Errorf("%+v", v)
	}
	if st.groupOf(c.id) != 0 {
		t.Error("buttons that were pressed are grouped as if they were texts")
	}
	see := func(what string, holds func(desk.CaseView) bool) {
		t.Helper()
		st.await(what, func() bool { v, err := st.Case(t.Context(), c.id); return err == nil && v.Problems == 0 && holds(v) })
	}
	w.tell(c, "", seal.Chat{Event: hotline.ChatBlocked})
	see("blocked", func(v desk.CaseView) bool {
		return v.Blocked && v.Doors[0].Blocked && v.Event == hotline.ChatBlocked && v.QuietPlease && v.Began == hotline.ChatRegistered
	})
	w.tell(c, "", seal.Chat{Event: hotline.ChatBack})
	see("let in again", func(v desk.CaseView) bool { return !v.Blocked && v.Event == hotline.ChatBack && v.QuietPlease })
	w.tell(c, "перешлите дальше", seal.Chat{Number: 5, Forwarded: true})
	see("written again", func(v desk.CaseView) bool {
		return !v.QuietPlease && v.Event == hotline.ChatMessage && v.Snippet == "перешлите дальше" && v.Messages[3].Chat.Forwarded
	})
	page := w.newCase("со страницы")
	w.tell(c, "", seal.Chat{Event: hotline.ChatClaim, Claim: page.Code.Digits()})
	see("the claim", func(v desk.CaseView) bool {
		return v.Event == hotline.ChatClaim && slices.Equal(v.Messages[4].Chat.Claim, page.Code.Groups()) && len(v.Ties) == 0
	})
	if found := must(st.Locate(t.Context(), page.Code.Digits())); len(found) != 1 || found[0].ID != page.id {
		t.Errorf("%+v", found)
	}

	// It rests on a card and comes back as it was.
	w.tell(c, "", seal.Chat{Event: hotline.ChatBlocked})
	see("blocked again", func(v desk.CaseView) bool { return v.Blocked })
	r, err := st.MarkRead(t.Context(), c.id)
	sent(t, r, err)
	r, err = st.Reply(t.Context(), c.id, "мы здесь")
	sent(t, r, err)
	r, err = st.SetStage(t.Context(), c.id, hotline.StageRegistered)
	sent(t, r, err)
	w.deliver(c, hotline.DeliveranceFailed, hotline.ReasonBlocked)
	see("not delivered", func(v desk.CaseView) bool { return v.Undelivered })
	st.restart()
	rows := must(st.Queue(desk.Filter{}))
	i := slices.IndexFunc(rows, func(r desk.Row) bool { return r.ID == c.id })
	if i < 0 || !rows[i].Blocked || !rows[i].Undelivered || rows[i].Began != hotline.ChatRegistered {
		t.Errorf("%+v", rows)
	}
}

// A person's own page speaks of no chat: what it says of one is nothing.
func TestPageIsNoChat(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.newCase("раз")
	body := must(seal.NewBody("два", "ru"))
	body.Chat = &seal.Chat{Event: hotline.ChatBlocked, Number: 1}
	rec := must(seal.SignRecord(seal.RecordHeader{Case: c.id, Side: hotline.SideContact, Seq: 1, Prev: c.last, Seen: -1, Hour: hotline.HourOf(w.clock.Now())}, body, c.Signing))
	w.insert(c, rec, c.s0.Recipient())
	v := w.work(&w.anna).view(c.id)
	if v.Blocked || v.Phrase != "" || v.Messages[1].Chat.Event != hotline.ChatMessage || !slices.Equal(texts(v.Messages), []string{"раз", "два"}) {
		t.Errorf("%+v", v)
	}
}

// TestPosition: the field team reads where somebody is, for days; others learn
// that a position came.
func TestPosition(t *testing.T) {
	t.Parallel()
	w := newFieldWorld(t)
	c, _ := w.newChat("вот где я", nil)
	w.sendPosition(c)
	anna, boris := w.work(&w.anna), w.work(&w.boris)
	v := anna.view(c.id)
	if p := v.Position; p == nil || p.State != desk.PositionOpen || p.At.Lat != 48.5 || p.At.Lon != 37.25 || p.At.Radius != 20 || v.Problems != 0 ||
		v.Messages[1].Chat.Position == nil || v.Event != hotline.ChatPosition {
		t.Fatalf("%+v", v)
	}
	v = boris.view(c.id)
	if p := v.Position; p == nil || p.State != desk.PositionSealed || p.At.Lat != 0 || v.Problems != 0 || v.Event != hotline.ChatPosition {
		t.Fatalf("%+v", v)
	}
	w.days(4)
	for name, st := range map[string]*station{"who had opened it": anna, "a new desk": w.work(&w.anna)} {
		if v := st.view(c.id); v.Position == nil || v.Position.State != desk.PositionGone || v.Position.At.Lat != 0 || v.Problems != 0 {
			t.Errorf("%s, days later: %+v", name, v.Position)
		}
	}
}

// A folded chat opens from the fold. What was said of deliveries has gone, and
// nobody pretends to know it.
func TestFoldedChat(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, _ := w.newChat("нас двое", &seal.Chat{Number: 1})
	w.tell(c, "нас трое", seal.Chat{Number: 1, Edited: true})
	st := w.work(&w.anna)
	r, err := st.Reply(t.Context(), c.id, "мы здесь")
	sent(t, r, err)
	w.deliver(c, hotline.DeliveranceSent, "")
	r, err = st.SetStage(t.Context(), c.id, hotline.StageReferred)
	sent(t, r, err)
	st.caughtUp()
	phrase := st.view(c.id).Phrase
	if folded, _ := w.days(32); folded != 1 {
		t.Fatalf("%d cases folded", folded)
	}
	boris := w.work(&w.boris)
	boris.await("the fold", func() bool { v, err := boris.Case(t.Context(), c.id); return err == nil && v.Folded })
	v := boris.view(c.id)
	if len(v.Messages) != 2 || v.Messages[0].Text != "нас трое" || len(v.Messages[0].Chat.Earlier) != 1 || v.Messages[1].Carried != nil ||
		v.Problems != 0 || v.Phrase != phrase || phrase == "" || v.CanReply {
		t.Errorf("%+v", v)
	}
}

// After a restore a desk seals what had not been delivered for the gateway
// again, and it is delivered.
func TestChatAfterARestore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, _ := w.newChat("пишу из чата", nil)
	st := w.work(&w.anna)
	r, err := st.Reply(t.Context(), c.id, "мы здесь")
	sent(t, r, err)
	taken, to := w.takeBackup()
	w.restore(taken, to, true)
	if len(w.jobs()) != 0 {
		t.Error("a delivery came out of the backup")
	}
	st.await("the alarm", func() bool { _, found := st.alarmWith("restored from a backup"); return found })
	a, _ := st.alarmWith("restored from a backup")
	ok(t, st.Acknowledge(a.ID))
	st.await("the copy", func() bool { return slices.Equal(w.replies(c), []string{"мы здесь"}) })
	reply := w.newest(c)
	if jobs := w.jobs(); len(jobs) != 1 || !slices.Equal(jobs[0].Payload, reply.ID) {
		t.Errorf("%+v", jobs)
	}
}

// jobs are the replies that the gateway is to deliver.
func (w *world) jobs() (jobs []store.Claimed) {
	w.tb.Helper()
	ctx := context.Background()
	ok(w.tb, w.db.Update(ctx, func(tx *store.Tx) (err error) {
		jobs, err = tx.Claim(ctx, hotline.ChannelTelegram.ReplyJob(), 10, w.clock.Now(), 1)
		return err
	}))
	return jobs
}
