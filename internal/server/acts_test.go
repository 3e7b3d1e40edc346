package server_test

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/journal"
	"safeconduct/internal/seal"
	"safeconduct/internal/server"
	"safeconduct/internal/store"
	"safeconduct/internal/store/storetest"
)

// deed is one good request of each kind of privileged act.
type deed struct {
	name         string
	who          string
	method, path string
	in           any
	act          string // of the leaf
	again        bool   // sent again, it changes nothing
}

// deeds makes one good request of every act, to be sent in this order.
func (w *world) deeds(c *contact) []func() deed {
	olga := w.people["olga"]
	one := func(d deed) func() deed { return func() deed { return d } }
	casePath := func(path string) string { return fill(path, c.id) }
	newcomer := newPerson("nora", []hotline.Role{hotline.RoleOperator}, hotline.TeamDesk)
	secret := sha256.Sum256([]byte("secret"))
	w.people["nora"] = newcomer
	var nextKey seal.Identity
	var asked []byte // the proposal that the next deeds are about
	next := must(seal.NewTeamSecret(hotline.TeamDesk, 2))
	return []func() deed{
		one(deed{"sync", "olga", "POST", api.PathSync, api.SyncRequest{Items: []api.SyncItem{{ID: c.id, AfterPlace: -1, AfterStatement: -1}}}, "case.sync", false}),
		one(deed{"locate", "olga", "POST", api.PathLocate, api.Locate{Code: c.Code.Digits()}, "case.locate", false}),
		one(deed{"read", "olga", "POST", casePath(api.PathRead), api.Read{Seq: 0}, "case.read", false}),
		func() deed {
			return deed{"reply", "olga", "POST", casePath(api.PathReplies), w.goodReply(c, olga, "we are here"), "case.reply", true}
		},
		func() deed {
			st := w.statement(c, olga, seal.Statement{Act: seal.ActNote}, &seal.StatementBody{Text: "calm"})
			return deed{"statement", "olga", "POST", casePath(api.PathStatements), st, "case.statement", true}
		},
		func() deed {
			g, key, signed := w.generation(c, nil, w.teams[c.team].Reply, olga.key)
			nextKey = key
			c.gens = append(c.gens, signed)
			return deed{"generation", "olga", "POST", casePath(api.PathGenerations), g, "case.generation", true}
		},
		func() deed {
			c.keys = append(c.keys, nextKey)
			w.teams[hotline.TeamDesk] = next
			return deed{"epoch", "olga", "POST", api.PathEpochs, w.epoch(next, olga), "epoch.new", true}
		},
		func() deed {
			wrap := api.Wrap{Team: c.team, Epoch: 2, File: must(seal.WrapIdentity(next.Identity.Recipient(), c.keys[0]))}
			return deed{"rewrap", "olga", "POST", casePath(api.PathWraps), api.Rewrap{Generation: 0, Wrap: wrap}, "case.rewrap", true}
		},
		func() deed {
			n := api.NewInvitation{
				ID: sha256.Sum256(secret[:]), Name: "nora", Roles: newcomer.member.Roles, Teams: newcomer.member.Teams,
				Expires: w.clock.Now().UnixMilli() + 3600_000,
			}
			return deed{"invite", "ada", "POST", api.PathInvitations, n, "invitation.new", true}
		},
		func() deed {
			return deed{"enrol", "nora", "POST", api.PathEnrol, api.Enrol{Secret: secret[:], Bundle: bundle(newcomer)}, "enrol.keys", true}
		},
		func() deed {
			w.roster.Serial++
			w.roster.Members = append(w.roster.Members, newcomer.member)
			return deed{"publish roster", "ada", "POST", api.PathDocuments, api.Document{Kind: api.DocumentRoster, Serial: w.roster.Serial, Text: w.sign(w.roster)}, "document.publish", true}
		},
		func() deed {
			return deed{"wrap team", "olga", "POST", fill(api.PathTeamWraps, "desk", 2), api.TeamWrap{Holder: newcomer.member.ID, File: must(next.Wrap(newcomer.id.Recipient()))}, "epoch.wrap", false}
		},
		func() deed {
			w.manifest.Serial++
			w.manifest.Teams[hotline.TeamDesk] = next.Public()
			w.manifest.ReplyKeys = append(w.manifest.ReplyKeys, next.Reply.Public())
			text := must(seal.SignManifest(w.manifest, w.authority)).Text()
			return deed{"publish manifest", "ada", "POST", api.PathDocuments, api.Document{Kind: api.DocumentManifest, Serial: w.manifest.Serial, Text: text}, "document.publish", true}
		},
		func() deed {
			id := sha256.Sum256([]byte("other"))
			n := api.NewInvitation{ID: id, Name: "x", Roles: newcomer.member.Roles, Teams: newcomer.member.Teams, Expires: w.clock.Now().UnixMilli() + 1}
			return deed{"invite again", "ada", "POST", api.PathInvitations, n, "invitation.new", true}
		},
		func() deed {
			id := seal.Hash(sha256.Sum256([]byte("other")))
			return deed{"revoke", "ada", "DELETE", fill(api.PathInvitation, id), struct{}{}, "invitation.revoke", true}
		},
		func() deed {
			asked = w.exportProposal("sam", nil)
			return deed{"propose", "sam", "POST", api.PathProposals, api.NewProposal{Text: asked}, "proposal.new", true}
		},
		func() deed {
			path, in := w.answer("ada", asked, seal.DecisionApprove)
			return deed{"approve", "ada", "POST", path, in, "proposal.approve", true}
		},
		one(deed{"export", "sam", "POST", api.PathExport, struct{}{}, "export", false}),
		func() deed {
			asked = w.exportProposal("sam", nil)
			return deed{"propose again", "sam", "POST", api.PathProposals, api.NewProposal{Text: asked}, "proposal.new", true}
		},
		func() deed {
			path, in := w.answer("ada", asked, seal.DecisionRefuse)
			return deed{"refuse", "ada", "POST", path, in, "proposal.refuse", true}
		},
		func() deed {
			asked = w.exportProposal("sam", nil)
			return deed{"propose once more", "sam", "POST", api.PathProposals, api.NewProposal{Text: asked}, "proposal.new", true}
		},
		func() deed {
			return deed{"withdraw", "sam", "DELETE", fill(api.PathProposal, proposalID(asked)), struct{}{}, "proposal.withdraw", true}
		},
	}
}

func bundle(p *person) []byte {
	return must(seal.Bundle{Name: p.name, Recipient: p.id.Recipient(), Key: p.key.Public(), TLS: p.member.TLS}.Encode())
}

// entries reads the journal from an index on.
func (w *world) entries(from int64) []journal.Entry {
	w.tb.Helper()
	var out []journal.Entry
	ok(w.tb, w.db.View(w.tb.Context(), func(tx *store.Tx) error {
		leaves, err := tx.Journal().Leaves(w.tb.Context(), from, 1<<40)
		for _, l := range leaves {
			out = append(out, must(journal.VerifyOpening(l.Commitment, *l.Opening)))
		}
		return err
	}))
	return out
}

// Every act leaves exactly one leaf, which names actor, act and case; sent
// again, it leaves none and changes nothing.
func TestEveryActHasItsLeaf(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		c := w.newCase(hotline.TeamDesk, "I would like to live")
		at := int64(len(w.entries(0)))
		for _, make := range w.deeds(c) {
			d := make()
			p := w.people[d.who]
			if _, err := w.do(p, d.method, d.path, d.in); err != nil {
				t.Fatalf("%s: %v", d.name, err)
			}
			got := w.entries(at)
			at += int64(len(got))
			if d.act == "export" && len(got) == 3 && got[1].Act == "proposal.used" && got[2].Act == "tripwire.alarm" {
				got = got[:1] // its approval counts once, which is a leaf of its own; and it is always told, see hotline.WireExport
			}
			if len(got) != 1 || got[0].Act != d.act || got[0].Actor != p.member.ID {
				t.Errorf("%s: leaves %+v, want one %s of %s", d.name, got, d.act, p.member.ID)
				continue
			}
			wantCase := ""
			if strings.Contains(d.path, c.id.String()) {
				wantCase = c.id.String()
			}
			if got[0].Case != wantCase || len(got[0].Detail) == 0 {
				t.Errorf("%s: case %q, detail %v", d.name, got[0].Case, got[0].Detail)
			}
			if line := string(must(got[0].Line())); strings.Contains(line, "calm") || strings.Contains(line, c.Code.Digits()) {
				t.Errorf("%s: the leaf says too much: %s", d.name, line)
			}
			if !d.again {
				continue
			}
			before := w.snapshot()
			if _, err := w.do(p, d.method, d.path, d.in); err != nil && d.name != "enrol" {
				t.Errorf("%s, sent again: %v", d.name, err)
			}
			if w.snapshot() != before {
				t.Errorf("%s, sent again, changed something", d.name)
			}
		}
		report, err := server.Verify(t.Context(), w.db, w.signer.Verifier().String(), nil)
		ok(t, err)
		if !report.OK() || report.Unsigned != 0 {
			t.Errorf("the journal does not verify: %v", report)
		}
	})
}

// broken is a journal that cannot sign.
type broken struct {
	*journal.Signer
	fails bool
}

func (b *broken) Extend(last []byte, a journal.Appended) ([]byte, error) {
	if b.fails {
		return nil, errors.New("the key is gone")
	}
	return b.Signer.Extend(last, a)
}

// No leaf, no act: while the journal fails, nothing is changed or handed out.
func TestNoLeafNoAct(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		w := prepare(t)
		b := &broken{Signer: w.signer}
		w.open(open(), b)
		c := w.newCase(hotline.TeamDesk, "hello")
		for _, make := range w.deeds(c) {
			d := make()
			before := w.snapshot()
			b.fails = true
			_, err := w.do(w.people[d.who], d.method, d.path, d.in)
			b.fails = false
			wantKind(t, err, hotline.KindInternal)
			if w.snapshot() != before {
				t.Errorf("%s changed something without a leaf", d.name)
			}
			if _, err := w.do(w.people[d.who], d.method, d.path, d.in); err != nil {
				t.Fatalf("%s, with the journal: %v", d.name, err)
			}
		}
	})
}

// A history that was changed behind the server's back is not continued.
func TestChangedHistoryIsNotSigned(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ok(t, w.db.Update(t.Context(), func(tx *store.Tx) error {
			_, err := journal.Append(t.Context(), tx.Journal(), journal.Entry{Hour: 1, Actor: "x", Act: "forged"})
			return err
		}))
		_, err := w.do(w.people["olga"], "POST", api.PathLocate, api.Locate{Code: hotline.NewChannelCode().Digits()})
		wantKind(t, err, hotline.KindInternal)
	})
}

func TestReplyReadAndWaiting(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		olga := w.people["olga"]
		c := w.newCase(hotline.TeamDesk, "hello")
		if now := w.caseNow(c); now.WaitingSince == 0 || now.SeenSeq != -1 {
			t.Fatalf("a new case: %+v", now)
		}
		got, err := post[api.Case](w, olga, fill(api.PathRead, c.id), api.Read{Seq: 0})
		ok(t, err)
		if got.SeenSeq != 0 || got.WaitingSince == 0 || got.Answered {
			t.Errorf("after reading: %+v", got)
		}
		got, err = post[api.Case](w, olga, fill(api.PathReplies, c.id), w.goodReply(c, olga, "we are here"))
		ok(t, err)
		if got.DeskSeq != 0 || got.WaitingSince != 0 || !got.Answered {
			t.Errorf("after a reply: %+v", got)
		}
		w.write(c, "thank you")
		if now := w.caseNow(c); now.WaitingSince == 0 {
			t.Error("a new message does not wait")
		}
		got, err = post[api.Case](w, olga, fill(api.PathStatements, c.id), w.statement(c, olga, seal.Statement{Act: seal.ActStage, Stage: hotline.StageReferred}, nil))
		ok(t, err)
		if got.Stage != hotline.StageReferred || got.WaitingSince != 0 {
			t.Errorf("after a stage that ends: %+v", got)
		}
		w.write(c, "they did not come")
		got, err = post[api.Case](w, olga, fill(api.PathStatements, c.id), w.statement(c, olga, seal.Statement{Act: seal.ActNote}, &seal.StatementBody{Text: "who did not?"}))
		ok(t, err)
		if got.WaitingSince == 0 {
			t.Error("a note ends the waiting of who wrote after the end")
		}
		got, err = post[api.Case](w, olga, fill(api.PathStatements, c.id), w.statement(c, olga, seal.Statement{Act: seal.ActAssign, Assignee: olga.member.ID}, nil))
		ok(t, err)
		got2, err := post[api.Case](w, olga, fill(api.PathStatements, c.id), w.statement(c, olga, seal.Statement{Act: seal.ActUrgency, Urgency: hotline.UrgencyNow}, nil))
		ok(t, err)
		if got.Assignee != olga.member.ID || got2.Urgency != hotline.UrgencyNow || got2.Assignee != olga.member.ID || got2.StatementSeq != 3 {
			t.Errorf("after statements: %+v", got2)
		}
	})
}

// What a sync hands out opens with the team's key, down to the words.
func TestSyncOpens(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		olga := w.people["olga"]
		c := w.newCase(hotline.TeamDesk, "hello")
		w.write(c, "are you there?")
		_, err := post[api.Case](w, olga, fill(api.PathReplies, c.id), w.goodReply(c, olga, "yes"))
		ok(t, err)
		_, err = post[api.Case](w, olga, fill(api.PathStatements, c.id), w.statement(c, olga, seal.Statement{Act: seal.ActNote}, &seal.StatementBody{Text: "calm"}))
		ok(t, err)
		gone := hotline.CaseID{1}
		got, err := post[api.SyncAnswer](w, olga, api.PathSync, api.SyncRequest{Items: []api.SyncItem{
			{ID: gone, AfterPlace: -1, AfterStatement: -1}, {ID: c.id, AfterPlace: -1, AfterStatement: -1},
		}})
		ok(t, err)
		if len(got.Cases) != 1 || len(got.Cases[0].Records) != 3 || len(got.Cases[0].Statements) != 1 || len(got.Cases[0].Pending) != 1 {
			t.Fatalf("the answer lacks something: %+v", got)
		}
		b := got.Cases[0]
		gens := must(seal.VerifyGenerations([][]byte{b.Generations[0].Statement}, seal.PublicKey{}, nil))
		s0, err := seal.UnwrapIdentity(w.teams[c.team].Identity, b.Generations[0].Wraps[0].File, gens[0].Recipient)
		ok(t, err)
		var texts []string
		for _, r := range b.Records {
			texts = append(texts, must(seal.OpenRecord(s0, r.File)).Body.Text)
		}
		if strings.Join(texts, "|") != "hello|are you there?|yes" {
			t.Errorf("opened %q", texts)
		}
		_, signed, err := seal.ParseStatement(b.Statements[0].Text)
		ok(t, err)
		if note := must(seal.OpenStatementBody(s0, b.Statements[0].Sealed, signed)); note.Text != "calm" {
			t.Errorf("the note says %q", note.Text)
		}
		rest, err := post[api.SyncAnswer](w, olga, api.PathSync, api.SyncRequest{Items: []api.SyncItem{{ID: c.id, AfterPlace: 1, AfterStatement: 0}}})
		ok(t, err)
		if len(rest.Cases[0].Records) != 1 || len(rest.Cases[0].Statements) != 0 || rest.Leaf <= got.Leaf {
			t.Errorf("after a cursor: %+v", rest)
		}
	})
}

// Two desks answer at once, on two nodes: one reply is kept, the other desk is told.
func TestTwoDesksAnswerAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		w := prepare(t)
		w.open(open(), nil)
		other := *w
		other.s = w.node(open(), nil)
		c := w.newCase(hotline.TeamDesk, "hello")
		for round := range 5 {
			type outcome struct{ err error }
			results := make(chan outcome)
			nodes := []*world{w, &other, w, &other}
			people := []string{"olga", "otto", "sam", "olga"}
			var replies []api.Reply
			for _, p := range people { // all have read the case in the same state
				replies = append(replies, w.goodReply(c, w.people[p], "answer"))
			}
			for i, p := range people {
				go func() {
					_, err := post[api.Case](nodes[i], w.people[p], fill(api.PathReplies, c.id), replies[i])
					results <- outcome{err}
				}()
			}
			won := 0
			for range nodes {
				if r := <-results; r.err == nil {
					won++
				} else if hotline.KindOf(r.err) != hotline.KindConflict {
					t.Errorf("the loser hears %v", r.err)
				}
			}
			if now := w.caseNow(c); won != 1 || now.DeskSeq != int64(round) {
				t.Fatalf("round %d: %d replies were kept, the case is at %d", round, won, now.DeskSeq)
			}
		}
		report, err := server.Verify(t.Context(), w.db, w.signer.Verifier().String(), nil)
		ok(t, err)
		if !report.OK() {
			t.Error(report)
		}
	})
}

func TestJournalRoutes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		c := w.newCase(hotline.TeamDesk, "hello")
		audrey := w.people["audrey"]
		read := func() journal.Checkpoint {
			return must(journal.ParseCheckpoint([]byte(must(get[string](w, audrey, api.PathCheckpoint))), w.signer.Verifier()))
		}
		old := read()
		for range 300 {
			_, err := w.do(w.people["olga"], "POST", fill(api.PathRead, c.id), api.Read{Seq: 0})
			ok(t, err)
		}
		now := read()
		if now.Size != old.Size+300 {
			t.Errorf("the journal has %d entries, before %d", now.Size, old.Size)
		}
		proof, err := get[api.JournalProof](w, audrey, api.PathConsistency+"?from="+itoa(old.Size)+"&size="+itoa(now.Size))
		ok(t, err)
		ok(t, journal.CheckConsistency(treeProof(proof), old, now))
		_, err = get[api.JournalProof](w, audrey, api.PathConsistency+"?from=0&size="+itoa(now.Size+1))
		wantKind(t, err, hotline.KindInvalid)
		var all []api.Leaf
		for from := int64(0); ; {
			page, err := get[api.LeafPage](w, audrey, api.PathLeaves+"?from="+itoa(from))
			ok(t, err)
			if len(page.Leaves) == 0 {
				break
			}
			all = append(all, page.Leaves...)
			from = all[len(all)-1].Index + 1
		}
		if int64(len(all)) != now.Size {
			t.Fatalf("%d leaves of %d", len(all), now.Size)
		}
		for i, l := range all {
			if _, err := journal.VerifyOpening(journal.Commitment(l.Commitment), journal.Opening{Blind: journal.Blind(l.Blind), Line: []byte(l.Entry)}); err != nil || l.Index != int64(i) {
				t.Fatalf("leaf %d: %v", i, err)
			}
		}
		for _, tile := range journal.Tiles(now.Size) {
			rec := w.ask(audrey, http.MethodGet, "/v1/log/"+journal.TilePath(tile), nil)
			if rec.Code != http.StatusOK || rec.Body.Len() == 0 {
				t.Errorf("tile %s: status %d", journal.TilePath(tile), rec.Code)
			}
			if tile.L >= 0 && rec.Body.Len() != 32*tile.W {
				t.Errorf("tile %s has %d bytes", journal.TilePath(tile), rec.Body.Len())
			}
		}
		if rec := w.ask(audrey, http.MethodGet, "/v1/log/checkpoint", nil); rec.Body.String() != must(get[string](w, audrey, api.PathCheckpoint)) {
			t.Error("the two checkpoints differ")
		}
	})
}

func TestMeAndDocuments(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		olga := w.people["olga"]
		me, err := get[api.Me](w, olga, api.PathMe)
		ok(t, err)
		if me.Member.ID != olga.member.ID || me.Roster != 1 || me.Hour != hotline.HourOf(w.clock.Now()) {
			t.Errorf("me: %+v", me)
		}
		roster, err := get[api.Document](w, olga, fill(api.PathDocument, "roster"))
		ok(t, err)
		_ = must(seal.VerifyRoster(roster.Text, w.trust()))
		manifest, err := get[api.Document](w, olga, fill(api.PathDocument, "manifest"))
		ok(t, err)
		_ = must(seal.VerifyManifest(manifest.Text, w.trust()))
		_, err = get[api.Document](w, olga, fill(api.PathDocument, "pages"))
		wantKind(t, err, hotline.KindNotFound)
		epochs, err := get[[]api.Epoch](w, olga, api.PathEpochs)
		ok(t, err)
		if len(epochs) != 1 || len(epochs[0].Holders) != 4 {
			t.Fatalf("epochs: %+v", epochs)
		}
		if _, err := seal.OpenTeamSecret(olga.id, epochs[0].Wrap, hotline.TeamDesk, w.teams[hotline.TeamDesk].Public()); err != nil {
			t.Error(err)
		}
		house, err := get[[]api.Epoch](w, w.people["ada"], api.PathEpochs)
		ok(t, err)
		if len(house) != 2 || house[0].Wrap != nil || house[1].Wrap != nil {
			t.Errorf("the administrator sees %+v", house)
		}
	})
}

func itoa(n int64) string { return string(must(json.Marshal(n))) }

func treeProof(p api.JournalProof) tlog.TreeProof {
	var out tlog.TreeProof
	for _, h := range p.Hashes {
		out = append(out, tlog.Hash(h))
	}
	return out
}
