package server_test

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/journal"
	"safeconduct/internal/seal"
	"safeconduct/internal/server"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
	"safeconduct/internal/store/storetest"
)

func unpack(t *testing.T, archive []byte) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for r := tar.NewReader(bytes.NewReader(archive)); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		ok(t, err)
		out[h.Name] = must(io.ReadAll(r))
	}
}

// The export opens with the printed sheets alone, down to the words.
func TestExportOpensWithTheSheets(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		olga := w.people["olga"]
		c := w.newCase(hotline.TeamDesk, "I would like to live")
		theirs := w.newCase(hotline.TeamField, "another team's")
		reply := w.goodReply(c, olga, "we are here")
		_, err := w.do(olga, "POST", fill(api.PathReplies, c.id), reply)
		ok(t, err)
		_, err = w.do(olga, "POST", fill(api.PathStatements, c.id), w.statement(c, olga, seal.Statement{Act: seal.ActNote}, &seal.StatementBody{Text: "calm"}))
		ok(t, err)

		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var archive bytes.Buffer
		asked := w.agree(t, "sam", "ada")
		ok(t, w.client(w.listen(t), w.people["sam"]).Export(ctx, &archive))
		files := unpack(t, archive.Bytes())

		part, found := files["recovery/recovery-1-3.age"]
		if !found {
			t.Fatalf("no recovery part; the archive holds %d files", len(files))
		}
		r, err := seal.JoinSheets(part, w.recovery.Sheets[0], w.recovery.Sheets[2])
		ok(t, err)
		epoch, _, err := seal.ParseEpoch(files["team/desk-1.txt"])
		ok(t, err)
		team, err := seal.OpenTeamSecret(r, files["team/desk-1.age"], hotline.TeamDesk,
			seal.TeamKey{Epoch: 1, Recipient: epoch.Recipient, ReplyKey: epoch.ReplyKey})
		ok(t, err)
		folder := "cases/" + c.id.String() + "/"
		gen, _, err := seal.ParseGeneration(files[folder+"generation-0.txt"])
		ok(t, err)
		s0, err := seal.UnwrapIdentity(team.Identity, files[folder+"key-0-desk-1.age"], gen.Recipient)
		ok(t, err)
		first := must(seal.OpenRecord(s0, files[folder+"records/0-contact.age"]))
		second := must(seal.OpenRecord(s0, files[folder+"records/1-desk.age"]))
		if first.Body.Text != "I would like to live" || second.Body.Text != "we are here" {
			t.Errorf("opened %q and %q", first.Body.Text, second.Body.Text)
		}
		if !bytes.Equal(first.Signed.Text(), files[folder+"records/0-contact.header"]) {
			t.Error("the header beside the record is another")
		}
		_, signed, err := seal.ParseStatement(files[folder+"statements/0-note.txt"])
		ok(t, err)
		if note := must(seal.OpenStatementBody(s0, files[folder+"statements/0-note.age"], signed)); note.Text != "calm" {
			t.Errorf("the note says %q", note.Text)
		}
		_ = must(seal.VerifyRoster(files["documents/roster-1.txt"], w.trust()))
		_ = must(seal.VerifyManifest(files["documents/manifest-1.txt"], w.trust()))
		cp := must(journal.ParseCheckpoint(files["journal/checkpoint.txt"], w.signer.Verifier()))
		if n := int64(bytes.Count(files["journal/leaves-0.jsonl"], []byte{'\n'})); n != cp.Size {
			t.Errorf("%d leaves for a checkpoint of %d", n, cp.Size)
		}
		for name, content := range files {
			if bytes.Equal(content, reply.Copy) {
				t.Errorf("the person's copy is in the export: %s", name)
			}
			if strings.Contains(name, theirs.id.String()) || strings.HasPrefix(name, "team/field") {
				t.Errorf("another team's %s is in the export", name)
			}
		}
		if !bytes.Equal(files["proposals/"+proposalID(asked).String()+".txt"], asked) || len(files["proposals/"+proposalID(asked).String()+"-answer-0.txt"]) == 0 {
			t.Error("what was proposed and approved is not in the export")
		}
		if !bytes.Contains(files["README.txt"], []byte("Teams in this archive: desk\nTeams that are not in it: field, registry, claims")) {
			t.Errorf("the README says:\n%s", files["README.txt"])
		}
		entries := w.entries(cp.Size)
		want := sha256.Sum256([]byte(c.id.String() + "\n"))
		if len(entries) != 3 || entries[2].Act != "tripwire.alarm" || entries[0].Act != "export" || entries[1].Act != "proposal.used" || entries[0].Detail["proposal"] != proposalID(asked).String() || entries[0].Detail["cases"] != "1" || entries[0].Detail["teams"] != "desk" ||
			entries[0].Detail["ids"] != seal.Hash(want).String() {
			t.Errorf("the leaf of the export: %+v", entries)
		}
	})
}

func TestBootstrapRefuses(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		w := prepare(t)
		good := w.genesis
		w.db = open()
		ctx := t.Context()
		other := prepare(t)
		for _, test := range []struct {
			name  string
			spoil func(*server.Genesis)
			kind  hotline.Kind
		}{
			{"another authority", func(g *server.Genesis) { g.Authority = other.trust() }, hotline.KindForged},
			{"another's roster", func(g *server.Genesis) { g.Roster = other.genesis.Roster }, hotline.KindForged},
			{"another's manifest", func(g *server.Genesis) { g.Manifest = other.genesis.Manifest }, hotline.KindForged},
			{"serial 2", func(g *server.Genesis) {
				r := w.roster
				r.Serial = 2
				g.Roster = w.sign(r)
			}, hotline.KindConflict},
			{"another journal", func(g *server.Genesis) {
				r := w.roster
				r.Journal = other.roster.Journal
				g.Roster = w.sign(r)
			}, hotline.KindInvalid},
			{"no epoch", func(g *server.Genesis) { g.Epochs = nil }, hotline.KindInvalid},
			{"an epoch twice", func(g *server.Genesis) { g.Epochs = append(g.Epochs[:1:1], g.Epochs[0]) }, hotline.KindInvalid},
			{"a stranger's epoch", func(g *server.Genesis) { g.Epochs = other.genesis.Epochs }, hotline.KindForged},
			{"no recovery", func(g *server.Genesis) { g.RecoveryParts = nil }, hotline.KindInvalid},
			{"a recovery part with a path", func(g *server.Genesis) {
				g.RecoveryParts = map[string][]byte{"../x.age": w.recovery.Parts["recovery-1-2.age"]}
			}, hotline.KindInvalid},
		} {
			g := good
			test.spoil(&g)
			before := w.snapshot()
			err := server.Bootstrap(ctx, w.db, w.signer, w.clock.Now, g)
			if err == nil || hotline.KindOf(err) != test.kind {
				t.Errorf("%s: %v, want %v", test.name, err, test.kind)
			}
			if w.snapshot() != before {
				t.Fatalf("%s: something was kept", test.name)
			}
		}
		early := w.node(w.db, nil)
		w.s = early
		_, err := get[api.Me](w, w.people["olga"], api.PathMe)
		wantKind(t, err, hotline.KindUnavailable)
		ok(t, server.Bootstrap(ctx, w.db, w.signer, w.clock.Now, good))
		_, err = get[api.Me](w, w.people["olga"], api.PathMe)
		ok(t, err)
		before := w.snapshot()
		wantKind(t, server.Bootstrap(ctx, w.db, w.signer, w.clock.Now, good), hotline.KindConflict)
		wantKind(t, server.Bootstrap(ctx, w.db, other.signer, w.clock.Now, other.genesis), hotline.KindConflict)
		if w.snapshot() != before {
			t.Error("something was kept")
		}
	})
}

// What somebody with the database can do is found.
func TestVerifyFindsTampering(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		olga := w.people["olga"]
		c := w.newCase(hotline.TeamDesk, "hello")
		_, err := w.do(olga, "POST", fill(api.PathReplies, c.id), w.goodReply(c, olga, "yes"))
		ok(t, err)
		old := must(get[string](w, olga, api.PathCheckpoint))
		_, err = w.do(olga, "POST", fill(api.PathStatements, c.id), w.statement(c, olga, seal.Statement{Act: seal.ActNote}, &seal.StatementBody{Text: "calm"}))
		ok(t, err)
		vkey := w.signer.Verifier().String()
		verify := func() *journal.Report {
			t.Helper()
			return must(server.Verify(ctx, w.db, vkey, []byte(old)))
		}
		if r := verify(); !r.OK() || r.Entries != r.Proved {
			t.Fatalf("nothing is wrong, and the report says: %v", r)
		}
		_, err = server.Verify(ctx, w.db, prepare(t).signer.Verifier().String(), []byte(old))
		wantKind(t, err, hotline.KindForged)
		if r := must(server.Verify(ctx, w.db, prepare(t).signer.Verifier().String(), nil)); r.OK() {
			t.Error("another journal's key verifies this one")
		}

		// Each of them is a row that nobody has journaled.
		update := func(fn func(*store.Tx) error) {
			t.Helper()
			ok(t, w.db.Update(ctx, fn))
		}
		want := 0
		expect := func(what string) {
			t.Helper()
			want++
			r := verify()
			if len(r.Findings) != want || r.Findings[want-1].Fault != server.FaultUnjournaled || !strings.Contains(r.Findings[want-1].Why, what) {
				t.Errorf("%s: the report says %v", what, r)
			}
		}
		update(func(tx *store.Tx) error {
			_, err := tx.InsertRecord(ctx, db.InsertRecordParams{ID: bytes.Repeat([]byte{1}, 32), CaseID: c.id[:], Side: "desk", Seq: 9, File: []byte("x"), Hour: 1})
			return err
		})
		expect("reply 0101010101010101")
		g, _, _ := w.generation(c, nil, w.teams[c.team].Reply, olga.key)
		st := w.statement(c, olga, seal.Statement{Act: seal.ActStage, Stage: hotline.StageClosed}, nil)
		_, signed, err := seal.ParseStatement(st.Text)
		ok(t, err)
		hash := signed.Hash()
		update(func(tx *store.Tx) error {
			_, err := tx.InsertStatement(ctx, db.InsertStatementParams{CaseID: c.id[:], Seq: 9, ID: hash[:], Kind: "stage", Signer: "x", Header: st.Text, Hour: 1})
			return err
		})
		want++ // findings stand in the order of the checks: this one comes before the reply's
		if r := verify(); len(r.Findings) != want || !strings.Contains(r.Findings[0].Why, "statement") {
			t.Errorf("a statement: the report says %v", r)
		}
		update(func(tx *store.Tx) error {
			_, err := tx.InsertCaseKey(ctx, db.InsertCaseKeyParams{CaseID: c.id[:], N: 1, Statement: g.Statement, Hour: 1})
			return err
		})
		want++
		if r := verify(); len(r.Findings) != want || !strings.Contains(r.Findings[0].Why, "key 1 of case") {
			t.Errorf("a key: the report says %v", r)
		}
		update(func(tx *store.Tx) error {
			_, err := tx.InsertDocument(ctx, db.InsertDocumentParams{Kind: api.DocumentRoster, Serial: 2, Body: []byte("x"), Hour: 1})
			return err
		})
		want++
		if r := verify(); len(r.Findings) != want || !strings.Contains(r.Findings[0].Why, "roster 2") {
			t.Errorf("a roster: the report says %v", r)
		}

		// A leaf that was let go excuses no row: what loses its leaf goes itself.
		update(func(tx *store.Tx) error {
			head, err := tx.JournalHead(ctx)
			if err != nil {
				return err
			}
			_, err = tx.ForgetJournalLeaf(ctx, head.Size-1)
			return err
		})
		want++
		if r := verify(); len(r.Findings) != want || r.LetGo != 1 {
			t.Errorf("with a leaf let go: %v", r)
		}
	})
}

// FuzzAPI sends arbitrary bodies to every route that takes one, as members who
// may call it: no panic, no fault of the server's.
func FuzzAPI(f *testing.F) {
	w := prepare(f)
	w.open(storetest.Open(f, storetest.URL(f, storetest.SQLite)), nil)
	c := w.newCase(hotline.TeamDesk, "hello")
	f.Add(uint8(0), []byte(`{}`))
	f.Add(uint8(3), []byte(`{"seq":-1}`))
	f.Add(uint8(7), []byte(`{"items":[{"id":"00","after_place":9223372036854775807,"after_statement":-1}]}`))
	f.Add(uint8(9), []byte(`{"kind":"roster","serial":2,"text":"e30K"}`))
	f.Add(uint8(200), []byte("\xff\x00"))
	for n, make := range w.deeds(c) {
		f.Add(uint8(n), must(json.Marshal(make().in)))
	}
	people := map[hotline.Role]*person{
		hotline.RoleOperator: w.people["olga"], hotline.RoleSupervisor: w.people["sam"],
		hotline.RoleAdministrator: w.people["ada"], hotline.RoleAuditor: w.people["audrey"],
	}
	var targets []server.RouteInfo
	for _, rt := range server.Routes() {
		if !strings.HasPrefix(rt.Pattern, "GET ") {
			targets = append(targets, rt)
		}
	}
	f.Fuzz(func(t *testing.T, n uint8, body []byte) {
		rt := targets[int(n)%len(targets)]
		method, path, _ := strings.Cut(rt.Pattern, " ")
		path = strings.NewReplacer("/invitations/{id}", "/invitations/"+strings.Repeat("ab", 32), "{id}", c.id.String(), "{team}", "desk", "{epoch}", "1").Replace(path)
		for role, p := range people {
			if rt.Action != server.Public && !hotline.Allowed(rt.Action, role) {
				continue
			}
			if rec := w.ask(p, method, path, body); rec.Code >= 500 {
				t.Fatalf("%s as %s: status %d: %s\n%s", rt.Pattern, role, rec.Code, rec.Body, w.logs)
			}
		}
	})
}
