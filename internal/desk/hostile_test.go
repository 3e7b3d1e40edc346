package desk_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"safeconduct/internal/api"
	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/journal"
	"safeconduct/internal/seal"
)

// kinds are all problems that a view shows.
func kinds(v desk.CaseView) map[desk.ProblemKind]int {
	out := map[desk.ProblemKind]int{}
	count := func(ps []desk.Problem) {
		for _, p := range ps {
			out[p.Kind]++
		}
	}
	count(v.Summary)
	for _, m := range v.Messages {
		count(m.Problems)
	}
	for _, s := range v.History {
		count(s.Problems)
	}
	return out
}

// TestHostileContent changes what the server hands out of one case, in every
// way that we know, and wants each to be seen.
func TestHostileContent(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	c, other := w.newCase("раз"), w.newCase("чужое")
	first := w.work(&w.anna)
	w.write(c, "два")
	w.write(c, "три")
	r, err := first.Reply(ctx, c.id, "ответ")
	sent(t, r, err)
	for _, stage := range []hotline.Stage{hotline.StageRegistered, hotline.StageStandby} {
		r, err := first.SetStage(ctx, c.id, stage)
		sent(t, r, err)
	}
	r, err = first.Note(ctx, c.id, "заметка")
	sent(t, r, err)
	r, err = first.Note(ctx, other.id, "чужая заметка")
	sent(t, r, err)
	stranger := must(seal.NewSigningKey())
	sign := func(h seal.RecordHeader, text string, keys ...seal.SigningKey) api.Record {
		h.Case = c.id
		rec := must(seal.SignRecord(h, must(seal.NewBody(text, "")), keys...))
		return api.Record{Place: 4, Side: h.Side, Header: rec.Signed.Text(), File: must(rec.Seal(c.s0.Recipient()))}
	}
	upTo := func(b *api.Bundle, place int64) {
		b.Records = slices.DeleteFunc(b.Records, func(r api.Record) bool { return r.Place >= place })
	}
	replyHead := seal.RecordHeader{Side: hotline.SideDesk, Seq: 1, Prev: seal.Hash{1}, Seen: -1}
	cases := map[string]struct {
		change func(b, o *api.Bundle)
		want   desk.ProblemKind
		check  func(v desk.CaseView) bool
	}{
		"a stranger writes as the person": {func(b, _ *api.Bundle) {
			b.Records = append(b.Records, sign(seal.RecordHeader{Side: hotline.SideContact, Seq: 3, Prev: c.last}, "ложь", stranger))
		}, desk.ProblemForged, func(v desk.CaseView) bool { return !v.Messages[4].Verified && v.Messages[4].Signer == "unknown" }},
		"a stranger writes as a gateway": {func(b, _ *api.Bundle) {
			b.Records = append(b.Records, sign(seal.RecordHeader{Side: hotline.SideGateway}, "ложь", stranger))
		}, desk.ProblemForged, nil},
		"a reply without an operator": {func(b, _ *api.Bundle) {
			b.Records = append(b.Records, sign(replyHead, "ложь", w.team.Reply))
		}, desk.ProblemForged, nil},
		"a reply without the team's key": {func(b, _ *api.Bundle) {
			b.Records = append(b.Records, sign(replyHead, "ложь", w.boris.Signing))
		}, desk.ProblemForged, nil},
		"two devices": {func(b, _ *api.Bundle) {
			h, _, _ := seal.ParseRecordHeader(b.Records[1].Header)
			b.Records = append(b.Records, sign(seal.RecordHeader{Side: hotline.SideContact, Seq: 1, Prev: h.Prev, Seen: -1}, "второй телефон", c.Signing))
		}, desk.ProblemFork, func(v desk.CaseView) bool {
			return v.Messages[4].Text == "второй телефон" && len(v.Messages) == 5
		}},
		"the middle is dropped": {func(b, _ *api.Bundle) { b.Records = slices.Delete(b.Records, 1, 2) }, desk.ProblemGap, nil},
		"the middle is dropped and the rest moved up": {func(b, _ *api.Bundle) {
			b.Records = slices.Delete(b.Records, 1, 2)
			for i := range b.Records {
				b.Records[i].Place = int64(i)
			}
		}, desk.ProblemGap, nil},
		"the end is dropped":   {func(b, _ *api.Bundle) { upTo(b, 2) }, desk.ProblemMissing, nil},
		"the reply is dropped": {func(b, _ *api.Bundle) { upTo(b, 3) }, desk.ProblemMissing, nil},
		"reordered": {func(b, _ *api.Bundle) {
			b.Records[1], b.Records[2] = b.Records[2], b.Records[1]
			b.Records[1].Place, b.Records[2].Place = 1, 2
		}, desk.ProblemOrder, nil},
		"replayed": {func(b, _ *api.Bundle) {
			again := b.Records[0]
			again.Place = 4
			b.Records = append(b.Records, again)
		}, desk.ProblemReplayed, nil},
		"header and file swapped": {func(b, _ *api.Bundle) { b.Records[1].File = b.Records[2].File }, desk.ProblemSwapped, func(v desk.CaseView) bool {
			return v.Messages[1].Text == ""
		}},
		"damaged": {func(b, _ *api.Bundle) {
			b.Records[1].File = slices.Clone(b.Records[1].File)
			b.Records[1].File[len(b.Records[1].File)-1] ^= 1
		}, desk.ProblemUnreadable, nil},
		"no header":               {func(b, _ *api.Bundle) { b.Records[1].Header = []byte("x") }, desk.ProblemForged, nil},
		"the other side's name":   {func(b, _ *api.Bundle) { b.Records[1].Side = hotline.SideDesk }, desk.ProblemForged, nil},
		"moved from another case": {func(b, o *api.Bundle) { r := o.Records[0]; r.Place = 4; b.Records = append(b.Records, r) }, desk.ProblemMoved, nil},
		"wraps swapped": {func(b, o *api.Bundle) { b.Generations[0].Wraps = o.Generations[0].Wraps }, desk.ProblemKey, func(v desk.CaseView) bool {
			return !v.CanReply && v.Messages[0].Text == ""
		}},
		"a key of the server's own": {func(b, o *api.Bundle) { b.Generations = o.Generations }, desk.ProblemKey, func(v desk.CaseView) bool { return !v.CanReply }},
		"another generation": {func(b, _ *api.Bundle) {
			g, s, _ := seal.ParseGeneration(b.Generations[0].Statement)
			mine := must(seal.NewIdentity())
			next := must(seal.SignGeneration(seal.Generation{
				Case: c.id, Gen: 1, Prev: s.Hash(), Team: g.Team, Epoch: 1, Recipient: mine.Recipient(),
				ContactKey: g.ContactKey, ContactRecipient: g.ContactRecipient, Hour: g.Hour,
			}, stranger, w.team.Reply))
			wrap := must(seal.WrapIdentity(w.team.Identity.Recipient(), mine))
			b.Generations = append(b.Generations, api.KeyGeneration{Statement: next.Text(), Wraps: []api.Wrap{{Team: g.Team, Epoch: 1, File: wrap}}})
			b.Case.Generation = 1
		}, desk.ProblemKey, func(v desk.CaseView) bool { return !v.CanReply }},
		"an act replayed": {func(b, _ *api.Bundle) {
			again := b.Statements[0]
			again.Seq = int64(len(b.Statements))
			b.Statements = append(b.Statements, again)
		}, desk.ProblemReplayed, func(v desk.CaseView) bool { return v.Stage == hotline.StageStandby }},
		"an act dropped": {func(b, _ *api.Bundle) { b.Statements = slices.Delete(b.Statements, 0, 1) }, desk.ProblemGap, nil},
		"an act of a stranger": {func(b, _ *api.Bundle) {
			last, s, _ := seal.ParseStatement(b.Statements[2].Text)
			forged, _, _ := seal.SignStatement(seal.Statement{
				Case: c.id, Act: seal.ActStage, Stage: hotline.StageMeeting, Seq: 3, Prev: s.Hash(), Hour: last.Hour,
			}, nil, seal.Recipient{}, stranger)
			b.Statements = append(b.Statements, api.Statement{Seq: 3, Text: forged.Text()})
		}, desk.ProblemForged, func(v desk.CaseView) bool { return v.Stage == hotline.StageStandby }},
		"an act that does not follow": {func(b, _ *api.Bundle) {
			last, _, _ := seal.ParseStatement(b.Statements[2].Text)
			st, _, _ := seal.SignStatement(seal.Statement{
				Case: c.id, Act: seal.ActStage, Stage: hotline.StageMeeting, Seq: 3, Prev: seal.Hash{1}, Hour: last.Hour,
			}, nil, seal.Recipient{}, w.boris.Signing)
			b.Statements = append(b.Statements, api.Statement{Seq: 3, Text: st.Text()})
		}, desk.ProblemFork, func(v desk.CaseView) bool { return v.Stage == hotline.StageStandby }},
		"an act of another case": {func(b, o *api.Bundle) { b.Statements[0] = o.Statements[0] }, desk.ProblemMoved, nil},
		"another note's text":    {func(b, o *api.Bundle) { b.Statements[2].Sealed = o.Statements[0].Sealed }, desk.ProblemSwapped, nil},
		"a note without text":    {func(b, _ *api.Bundle) { b.Statements[2].Sealed = nil }, desk.ProblemMissing, nil},
		"the row lies about the stage": {func(b, _ *api.Bundle) { b.Case.Stage = hotline.StageMeeting }, desk.ProblemRow, func(v desk.CaseView) bool {
			return v.Stage == hotline.StageStandby
		}},
		"the row lies about who": {func(b, _ *api.Bundle) { b.Case.Assignee = w.boris.OperatorID() }, desk.ProblemRow, nil},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := w.newStation(&w.anna)
			var mu sync.Mutex
			var spare api.Bundle
			st.wire.set(func(x *wire) {
				x.change = tamper("/v1/sync", func(a *api.SyncAnswer) {
					mu.Lock()
					defer mu.Unlock()
					if o := slices.IndexFunc(a.Cases, func(b api.Bundle) bool { return b.Case.ID == other.id }); o >= 0 {
						spare = a.Cases[o]
					}
					// What the desk asks for again is the rest of a long answer.
					if i := slices.IndexFunc(a.Cases, func(b api.Bundle) bool { return b.Case.ID == c.id }); i >= 0 {
						if len(a.Cases[i].Records) == 4 || strings.HasSuffix(name, "is dropped") && len(a.Cases[i].Statements) == 0 {
							tc.change(&a.Cases[i], &spare)
						}
					}
				})
			})
			ok(t, st.Unlock(t.Context(), passphrase))
			st.caughtUp()
			v := st.view(c.id)
			if kinds(v)[tc.want] == 0 || v.Problems == 0 || (tc.check != nil && !tc.check(v)) {
				t.Errorf("want %q, got %v\n%+v", tc.want, kinds(v), v)
			}
			if v := st.view(other.id); v.Problems != 0 && !strings.Contains(name, "key of the server") {
				t.Errorf("the other case shows %v", kinds(v))
			}
		})
	}
}

// TestHiddenAmongTheEnded lets the server file an open case under "closed".
func TestHiddenAmongTheEnded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, ended := w.newCase("не прячьте меня"), w.newCase("всё")
	admin := w.work(&w.boris)
	r, err := admin.SetStage(t.Context(), ended.id, hotline.StageWithdrawn)
	sent(t, r, err)
	st := w.newStation(&w.anna)
	st.wire.set(func(x *wire) {
		rows := tamper("/v1/cases", func(p *api.CasePage) {
			for i := range p.Cases {
				p.Cases[i].Stage = hotline.StageClosed
			}
		})
		bundles := tamper("/v1/sync", func(a *api.SyncAnswer) {
			for i := range a.Cases {
				a.Cases[i].Case.Stage = hotline.StageClosed
			}
		})
		x.change = func(path string, body []byte) []byte { return bundles(path, rows(path, body)) }
	})
	ok(t, st.Unlock(t.Context(), passphrase))
	st.caughtUp()
	open := must(st.Queue(desk.Filter{OpenOnly: true}))
	if len(open) != 1 || open[0].ID != c.id || open[0].Stage != hotline.StageNew || open[0].Problems == 0 {
		t.Fatalf("%+v", open)
	}
	// What has truly ended is fetched once and, next time, no more.
	st.wire.set(func(x *wire) { x.change = nil })
	st.Lock()
	ok(t, st.Unlock(t.Context(), passphrase))
	var rows []desk.Row
	st.await("the list of all cases", func() bool {
		rows = must(st.Queue(desk.Filter{Stages: []hotline.Stage{hotline.StageWithdrawn}}))
		return len(rows) > 0
	})
	if len(rows) != 1 || rows[0].Opened || rows[0].ID != ended.id {
		t.Errorf("%+v", rows)
	}
	if v := st.view(ended.id); v.Messages[0].Text != "всё" || v.Problems != 0 {
		t.Errorf("%+v", v)
	}
}

// TestCaseGoesBack shows less of a case than this desk has seen: while it runs
// and after a restart.
func TestCaseGoesBack(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	c, gone := w.newCase("раз"), w.newCase("исчезнет")
	w.write(c, "два")
	st := w.work(&w.anna)
	r, err := st.Reply(ctx, c.id, "ответ")
	sent(t, r, err)
	st.caughtUp()
	st.Lock()
	st.wire.set(func(x *wire) {
		rows := tamper("/v1/cases", func(p *api.CasePage) {
			p.Cases = slices.DeleteFunc(p.Cases, func(row api.Case) bool { return row.ID == gone.id })
			for i := range p.Cases {
				p.Cases[i].ContactSeq, p.Cases[i].DeskSeq, p.Cases[i].DeskHead = 0, -1, seal.Hash{}
			}
		})
		bundles := tamper("/v1/sync", func(a *api.SyncAnswer) {
			for i := range a.Cases {
				a.Cases[i].Records = a.Cases[i].Records[:1]
				a.Cases[i].Case.ContactSeq, a.Cases[i].Case.DeskSeq, a.Cases[i].Case.DeskHead = 0, -1, seal.Hash{}
			}
		})
		x.change = func(path string, body []byte) []byte { return bundles(path, rows(path, body)) }
	})
	st.restart()
	st.caughtUp()
	if v := st.view(c.id); kinds(v)[desk.ProblemRollback] == 0 {
		t.Errorf("%v", kinds(v))
	}
	about := func(id hotline.CaseID) func() bool {
		return func() bool {
			return slices.ContainsFunc(st.Alarms(), func(a desk.Alarm) bool { return a.Case != nil && *a.Case == id })
		}
	}
	st.await("an alarm about the case that is shorter", about(c.id))
	st.await("an alarm about the case that is gone", about(gone.id))
}

// alarmed waits for a blocking alarm and checks that nothing is done before it
// has been acknowledged.
func (st *station) alarmed(t *testing.T, c *contact) desk.Alarm {
	t.Helper()
	st.await("an alarm", func() bool { return st.State().Blocked })
	st.await("the connection to end", func() bool { return !st.State().Online })
	for range 3 { // it does not come back by itself
		if st.State().Online {
			t.Error("the desk goes on")
		}
	}
	if _, err := st.Reply(t.Context(), c.id, "x"); err == nil {
		t.Error("a reply is possible")
	}
	return st.Alarms()[0]
}

func TestJournalRollbackAndFork(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(w *world, old string, at journal.Head) string{
		"rolled back": func(_ *world, old string, _ journal.Head) string { return old },
		"rewritten": func(w *world, _ string, at journal.Head) string {
			at.Size, at.Root[0] = at.Size+5, at.Root[0]^1
			return string(must(w.signer.Sign(at)))
		},
		"another history of the same length": func(w *world, _ string, at journal.Head) string {
			at.Root[0] ^= 1
			return string(must(w.signer.Sign(at)))
		},
		"not signed": func(_ *world, _ string, at journal.Head) string {
			return string(must(must(journal.GenerateSigner("safeconduct/other")).Sign(at)))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c := w.newCase("слово")
			st := w.newStation(&w.anna)
			var first, last string
			seen := tamper("/v1/journal/checkpoint", func(s *string) {
				if last = *s; first == "" {
					first = *s
				}
			})
			st.wire.set(func(x *wire) { x.change = seen })
			ok(t, st.Unlock(t.Context(), passphrase))
			st.caughtUp()
			r, err := st.Note(t.Context(), c.id, "ещё лист")
			sent(t, r, err)
			st.restart()
			st.caughtUp()
			cp := must(journal.ParseCheckpoint([]byte(last), w.signer.Verifier()))
			st.Lock()
			shown := spoil(w, first, cp.Head)
			st.wire.set(func(x *wire) { x.change = tamper("/v1/journal/checkpoint", func(s *string) { *s = shown }) })
			ok(t, st.Unlock(t.Context(), passphrase))
			a := st.alarmed(t, c)
			ok(t, st.Acknowledge(a.ID))
			if name == "not signed" { // that one is never gone on with
				st.await("staying away", func() bool { s := st.State(); return !s.Blocked && !s.Online })
				return
			}
			st.caughtUp()
			r, err = st.Reply(t.Context(), c.id, "дальше")
			sent(t, r, err)
		})
	}
}

func TestDocumentsGoBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.newCase("слово")
	oldRoster := must(seal.SignRoster(w.roster, w.authority)).Text()
	oldManifest := must(seal.SignManifest(w.manifest, w.authority)).Text()
	admin := w.work(&w.anna)
	ok(t, admin.Revoke(t.Context(), w.boris.OperatorID(), nil))
	ok(t, admin.Close())
	forged := w.manifest
	forged.Serial = 9
	twin := w.roster
	twin.Serial, twin.Hour = 2, twin.Hour+9
	for name, show := range map[string][2][]byte{
		"an old roster":     {[]byte("/v1/documents/roster"), oldRoster},
		"a second roster 2": {[]byte("/v1/documents/roster"), must(seal.SignRoster(twin, w.authority)).Text()},
		"an old manifest":   {[]byte("/v1/documents/manifest"), oldManifest},
		"a forged manifest": {[]byte("/v1/documents/manifest"), must(seal.SignManifest(forged, must(seal.NewSigningKey()))).Text()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := w.work(&w.anna)
			st.Lock()
			st.wire.set(func(x *wire) {
				x.change = tamper(string(show[0]), func(d *api.Document) { d.Text = show[1] })
			})
			ok(t, st.Unlock(t.Context(), passphrase))
			a := st.alarmed(t, c)
			ok(t, st.Acknowledge(a.ID))
			st.caughtUp()
			i := slices.IndexFunc(st.People(), func(p desk.Person) bool { return p.Name == "Boris" && p.Until != 0 })
			if i < 0 {
				t.Error("the newer roster is not in force")
			}
		})
	}
}

// TestEpochOfTheServersOwn hands out a team key that the server made.
func TestEpochOfTheServersOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mine := must(seal.NewTeamSecret(hotline.TeamDesk, 2))
	stranger := w.person("server", w.roster.Desk)
	announcement := w.epoch(mine, stranger).Announcement
	wrap := must(mine.Wrap(w.anna.Identity.Recipient()))
	other := must(seal.NewTeamSecret(hotline.TeamDesk, 1))
	for name, change := range map[string]func(*[]api.Epoch){
		"a second epoch": func(e *[]api.Epoch) {
			*e = append(*e, api.Epoch{Team: hotline.TeamDesk, Epoch: 2, Announcement: announcement, Wrap: wrap})
		},
		"another wrap":                  func(e *[]api.Epoch) { (*e)[0].Wrap = must(other.Wrap(w.anna.Identity.Recipient())) },
		"another key under this number": func(e *[]api.Epoch) { (*e)[0].Announcement = w.epoch(other, w.boris).Announcement },
		"another number":                func(e *[]api.Epoch) { (*e)[0].Epoch = 7 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := w.newCase("слово")
			st := w.newStation(&w.anna)
			st.wire.set(func(x *wire) { x.change = tamper("/v1/epochs", change) })
			ok(t, st.Unlock(t.Context(), passphrase))
			a := st.alarmed(t, c)
			st.wire.set(func(x *wire) { x.change = nil })
			ok(t, st.Acknowledge(a.ID))
			st.caughtUp()
			r, err := st.Reply(t.Context(), c.id, "с верным ключом")
			sent(t, r, err)
		})
	}
}
