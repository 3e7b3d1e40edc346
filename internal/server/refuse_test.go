package server_test

import (
	"bytes"
	"crypto/sha256"
	"testing"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// bad is one bad request and why it is refused.
type bad struct {
	name string
	in   any
	kind hotline.Kind
}

// refuse sends bad requests and shows that nothing was kept, and that the good
// one is taken after them.
func (w *world) refuse(t *testing.T, p *person, path string, good any, all []bad) {
	t.Helper()
	before := w.snapshot()
	for _, b := range all {
		_, err := w.do(p, "POST", path, b.in)
		if err == nil || hotline.KindOf(err) != b.kind {
			t.Errorf("%s: got %v (%v), want an error of kind %v", b.name, err, hotline.KindOf(err), b.kind)
		}
		if w.snapshot() != before {
			t.Fatalf("%s: something was kept", b.name)
		}
	}
	if _, err := w.do(p, "POST", path, good); err != nil {
		t.Errorf("the good request: %v", err)
	}
}

// twice is a sealed file with a second recipient's stanza.
func twice(file []byte) []byte {
	lines := bytes.SplitN(file, []byte{'\n'}, 4)
	return bytes.Join([][]byte{lines[0], lines[1], lines[2], lines[1], lines[2], lines[3]}, []byte{'\n'})
}

func TestBadReplies(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		olga, otto, frank := w.people["olga"], w.people["otto"], w.people["frank"]
		c, other := w.newCase(hotline.TeamDesk, "hello"), w.newCase(hotline.TeamDesk, "hello too")
		_, err := w.do(olga, "POST", fill(api.PathReplies, c.id), w.goodReply(c, olga, "first"))
		ok(t, err)
		now := w.caseNow(c)
		reply := w.teams[hotline.TeamDesk].Reply
		good := w.header(c, now)
		with := func(change func(*seal.RecordHeader)) api.Reply {
			h := good
			change(&h)
			return w.reply(c, h, "text", reply, olga.key)
		}
		spoil := func(change func(*api.Reply)) api.Reply {
			r := w.reply(c, good, "text", reply, olga.key)
			change(&r)
			return r
		}
		w.refuse(t, olga, fill(api.PathReplies, c.id), w.reply(c, good, "text", reply, olga.key), []bad{
			{"no header", spoil(func(r *api.Reply) { r.Header = nil }), hotline.KindInvalid},
			{"a header that is no text", spoil(func(r *api.Reply) { r.Header = []byte("{") }), hotline.KindInvalid},
			{"something after the header", spoil(func(r *api.Reply) { r.Header = append(r.Header, 'x') }), hotline.KindInvalid},
			{"a changed header", spoil(func(r *api.Reply) { r.Header = bytes.Replace(r.Header, []byte(`"seen":0`), []byte(`"seen":-1`), 1) }), hotline.KindForged},
			{"another case", with(func(h *seal.RecordHeader) { h.Case = other.id }), hotline.KindInvalid},
			{"the contact's side", with(func(h *seal.RecordHeader) { h.Side = hotline.SideContact }), hotline.KindInvalid},
			{"a gateway's side", with(func(h *seal.RecordHeader) { h.Side = hotline.SideGateway }), hotline.KindInvalid},
			{"a later key", with(func(h *seal.RecordHeader) { h.Gen++ }), hotline.KindConflict},
			{"the same place again", with(func(h *seal.RecordHeader) { h.Seq, h.Prev = 0, seal.Hash{} }), hotline.KindConflict},
			{"a hole", with(func(h *seal.RecordHeader) { h.Seq++ }), hotline.KindConflict},
			{"another head", with(func(h *seal.RecordHeader) { h.Prev[0]++ }), hotline.KindConflict},
			{"a record that is not there yet", with(func(h *seal.RecordHeader) { h.Seen++ }), hotline.KindInvalid},
			{"signed by a colleague", w.reply(c, good, "text", reply, otto.key), hotline.KindForged},
			{"signed by the operator alone", w.reply(c, good, "text", olga.key), hotline.KindForged},
			{"signed by the reply key alone", w.reply(c, good, "text", reply), hotline.KindForged},
			{"another team's reply key", w.reply(c, good, "text", w.teams[hotline.TeamField].Reply, olga.key), hotline.KindForged},
			{"no file", spoil(func(r *api.Reply) { r.File = nil }), hotline.KindInvalid},
			{"a file in the clear", spoil(func(r *api.Reply) { r.File = []byte("hello") }), hotline.KindInvalid},
			{"a file for two", spoil(func(r *api.Reply) { r.File = twice(r.File) }), hotline.KindInvalid},
			{"a file that is too large", spoil(func(r *api.Reply) { r.File = append(r.File, make([]byte, 20<<10)...) }), hotline.KindInvalid},
			{"no copy", spoil(func(r *api.Reply) { r.Copy = nil }), hotline.KindInvalid},
			{"a copy in the clear", spoil(func(r *api.Reply) { r.Copy = []byte("hello") }), hotline.KindInvalid},
			{"a copy for two", spoil(func(r *api.Reply) { r.Copy = twice(r.Copy) }), hotline.KindInvalid},
		})
		_, err = w.do(frank, "POST", fill(api.PathReplies, c.id), w.reply(c, w.header(c, w.caseNow(c)), "x", reply, frank.key))
		wantKind(t, err, hotline.KindNotFound)
		sent := w.goodReply(c, olga, "same file")
		_, err = w.do(olga, "POST", fill(api.PathReplies, c.id), sent)
		ok(t, err)
		again := w.goodReply(c, olga, "other header")
		again.File = sent.File
		before := w.snapshot()
		_, err = w.do(olga, "POST", fill(api.PathReplies, c.id), again)
		wantKind(t, err, hotline.KindConflict)
		if w.snapshot() != before {
			t.Error("one file under two headers was kept")
		}
	})
}

// A reply that waited in an outbox while the epoch changed is taken when it was
// written before, and not when its reply key was retired before.
func TestReplyKeyOfARetiredEpoch(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		olga := w.people["olga"]
		c := w.newCase(hotline.TeamDesk, "hello")
		old := w.teams[hotline.TeamDesk]
		w.teams[hotline.TeamDesk] = must(seal.NewTeamSecret(hotline.TeamDesk, 2))
		_, err := w.do(olga, "POST", api.PathEpochs, w.epoch(w.teams[hotline.TeamDesk], olga))
		ok(t, err)
		h := w.header(c, w.caseNow(c))
		late := h
		late.Hour++
		_, err = w.do(olga, "POST", fill(api.PathReplies, c.id), w.reply(c, late, "x", old.Reply, olga.key))
		wantKind(t, err, hotline.KindForged)
		_, err = w.do(olga, "POST", fill(api.PathReplies, c.id), w.reply(c, h, "x", old.Reply, olga.key))
		ok(t, err)
	})
}

func TestBadStatements(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		olga, otto := w.people["olga"], w.people["otto"]
		c, other := w.newCase(hotline.TeamDesk, "hello"), w.newCase(hotline.TeamDesk, "hello too")
		first := w.statement(c, olga, seal.Statement{Act: seal.ActNote}, &seal.StatementBody{Text: "x"})
		_, err := w.do(olga, "POST", fill(api.PathStatements, c.id), first)
		ok(t, err)
		now := w.caseNow(c)
		base := seal.Statement{Case: c.id, Act: seal.ActUrgency, Urgency: 1, Seq: now.StatementSeq + 1, Prev: now.StatementHead, Hour: 1}
		sign := func(body *seal.StatementBody, by *person, change func(*seal.Statement)) api.NewStatement {
			st := base
			if change != nil {
				change(&st)
			}
			signed, file, err := seal.SignStatement(st, body, c.keys[0].Recipient(), by.key)
			ok(t, err)
			return api.NewStatement{Text: signed.Text(), Sealed: file}
		}
		act := func(act string) func(*seal.Statement) {
			return func(st *seal.Statement) { st.Act, st.Urgency = act, 0 }
		}
		body := &seal.StatementBody{Text: "x"}
		spoil := func(change func(*api.NewStatement)) api.NewStatement {
			n := sign(body, olga, nil)
			change(&n)
			return n
		}
		w.refuse(t, olga, fill(api.PathStatements, c.id), sign(nil, olga, nil), []bad{
			{"no text", api.NewStatement{}, hotline.KindInvalid},
			{"no signature", spoil(func(n *api.NewStatement) { n.Text, _, _ = bytes.Cut(n.Text, []byte("sig")) }), hotline.KindInvalid},
			{"changed", spoil(func(n *api.NewStatement) {
				n.Text = bytes.Replace(n.Text, []byte(`"urgency":1`), []byte(`"urgency":3`), 1)
			}), hotline.KindForged},
			{"signed by a colleague", sign(nil, otto, nil), hotline.KindForged},
			{"another case", sign(nil, olga, func(st *seal.Statement) { st.Case = other.id }), hotline.KindInvalid},
			{"the same place again", sign(nil, olga, func(st *seal.Statement) { st.Seq, st.Prev = 0, seal.Hash{} }), hotline.KindConflict},
			{"a hole", sign(nil, olga, func(st *seal.Statement) { st.Seq++ }), hotline.KindConflict},
			{"another head", sign(nil, olga, func(st *seal.Statement) { st.Prev[0]++ }), hotline.KindConflict},
			{"a later key", sign(nil, olga, func(st *seal.Statement) { st.Gen = 1 }), hotline.KindInvalid},
			{"an urgency that is none", sign(nil, olga, func(st *seal.Statement) { st.Urgency = 9 }), hotline.KindInvalid},
			{"an act that is none", sign(nil, olga, act("shout")), hotline.KindInvalid},
			{"a stage that is none", sign(nil, olga, func(st *seal.Statement) { act(seal.ActStage)(st); st.Stage = "gone" }), hotline.KindInvalid},
			{"a step that is none", sign(nil, olga, func(st *seal.Statement) { act(seal.ActStage)(st); st.Stage = hotline.StageCustody }), hotline.KindConflict},
			{"a step with an urgency", sign(nil, olga, func(st *seal.Statement) { st.Act, st.Stage = seal.ActStage, hotline.StageStandby }), hotline.KindInvalid},
			{"an urgency with an assignee", sign(nil, olga, func(st *seal.Statement) { st.Assignee = olga.member.ID }), hotline.KindInvalid},
			{"an unknown assignee", sign(nil, olga, func(st *seal.Statement) { act(seal.ActAssign)(st); st.Assignee = "0011223344556677" }), hotline.KindInvalid},
			{"an assignee of another team", sign(nil, olga, func(st *seal.Statement) { act(seal.ActAssign)(st); st.Assignee = w.people["frank"].member.ID }), hotline.KindInvalid},
			{"an administrator as assignee", sign(nil, olga, func(st *seal.Statement) { act(seal.ActAssign)(st); st.Assignee = w.people["ada"].member.ID }), hotline.KindInvalid},
			{"a note that says nothing", sign(nil, olga, act(seal.ActNote)), hotline.KindInvalid},
			{"the sealed part is missing", spoil(func(n *api.NewStatement) { n.Sealed = nil }), hotline.KindInvalid},
			{"a sealed part too many", func() api.NewStatement {
				n := sign(nil, olga, nil)
				n.Sealed = first.Sealed
				return n
			}(), hotline.KindInvalid},
			{"a sealed part in the clear", spoil(func(n *api.NewStatement) { n.Sealed = []byte("x") }), hotline.KindInvalid},
			{"a sealed part for two", spoil(func(n *api.NewStatement) { n.Sealed = twice(n.Sealed) }), hotline.KindInvalid},
			{"the first one with another sealed part", api.NewStatement{Text: first.Text, Sealed: sign(body, olga, nil).Sealed}, hotline.KindConflict},
		})
	})
}

func TestBadGenerations(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		olga, otto := w.people["olga"], w.people["otto"]
		c, other := w.newCase(hotline.TeamDesk, "hello"), w.newCase(hotline.TeamDesk, "hello too")
		reply := w.teams[hotline.TeamDesk].Reply
		with := func(change func(*seal.Generation)) api.NewGeneration {
			g, _, _ := w.generation(c, change, reply, olga.key)
			return g
		}
		by := func(keys ...seal.SigningKey) api.NewGeneration {
			g, _, _ := w.generation(c, nil, keys...)
			return g
		}
		wraps := func(change func([]api.Wrap) []api.Wrap) api.NewGeneration {
			g := by(reply, olga.key)
			g.Wraps = change(g.Wraps)
			return g
		}
		w.refuse(t, olga, fill(api.PathGenerations, c.id), by(reply, olga.key), []bad{
			{"no statement", api.NewGeneration{}, hotline.KindInvalid},
			{"generation 0", api.NewGeneration{Statement: c.gens[0].Text(), Wraps: by(reply, olga.key).Wraps}, hotline.KindInvalid},
			{"another case", with(func(g *seal.Generation) {
				g.Case, g.ContactKey, g.ContactRecipient = other.id, other.Signing.Public(), other.Identity.Recipient()
			}), hotline.KindInvalid},
			{"a hole", with(func(g *seal.Generation) { g.Gen = 2 }), hotline.KindConflict},
			{"another predecessor", with(func(g *seal.Generation) { g.Prev[3]++ }), hotline.KindConflict},
			{"without the contact's keys", with(func(g *seal.Generation) { g.ContactKey, g.ContactRecipient = seal.PublicKey{}, seal.Recipient{} }), hotline.KindForged},
			{"other keys of the contact", with(func(g *seal.Generation) { g.ContactKey = other.Signing.Public() }), hotline.KindForged},
			{"the old key", with(func(g *seal.Generation) { g.Recipient = c.keys[0].Recipient() }), hotline.KindInvalid},
			{"another team", with(func(g *seal.Generation) { g.Team = hotline.TeamField }), hotline.KindInvalid},
			{"an unknown epoch", with(func(g *seal.Generation) { g.Epoch = 9 }), hotline.KindInvalid},
			{"signed by a colleague", by(reply, otto.key), hotline.KindForged},
			{"signed by the operator alone", by(olga.key), hotline.KindForged},
			{"signed by the reply key alone", by(reply), hotline.KindForged},
			{"signed by the contact", by(c.Signing), hotline.KindForged},
			{"no wrap", wraps(func([]api.Wrap) []api.Wrap { return nil }), hotline.KindInvalid},
			{"the wrap for another epoch", wraps(func(l []api.Wrap) []api.Wrap { l[0].Epoch = 2; return l }), hotline.KindInvalid},
			{"a wrap for another team", wraps(func(l []api.Wrap) []api.Wrap {
				return append(l, api.Wrap{Team: hotline.TeamField, Epoch: 1, File: l[0].File})
			}), hotline.KindInvalid},
			{"one epoch twice", wraps(func(l []api.Wrap) []api.Wrap { return append(l, l[0]) }), hotline.KindInvalid},
			{"a wrap in the clear", wraps(func(l []api.Wrap) []api.Wrap { l[0].File = []byte(c.keys[0].Secret()); return l }), hotline.KindInvalid},
			{"a wrap that is too large", wraps(func(l []api.Wrap) []api.Wrap { l[0].File = append(l[0].File, make([]byte, 4096)...); return l }), hotline.KindInvalid},
		})
	})
}

// A new key is wrapped to the newest epoch, not to one that is going.
func TestGenerationNeedsTheNewestEpoch(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		olga := w.people["olga"]
		c := w.newCase(hotline.TeamDesk, "hello")
		old := w.teams[hotline.TeamDesk]
		late, _, _ := w.generation(c, nil, old.Reply, olga.key)
		w.teams[hotline.TeamDesk] = must(seal.NewTeamSecret(hotline.TeamDesk, 2))
		_, err := w.do(olga, "POST", api.PathEpochs, w.epoch(w.teams[hotline.TeamDesk], olga))
		ok(t, err)
		before := w.snapshot()
		_, err = w.do(olga, "POST", fill(api.PathGenerations, c.id), late)
		wantKind(t, err, hotline.KindConflict)
		if w.snapshot() != before {
			t.Error("something was kept")
		}
		good, _, _ := w.generation(c, nil, w.teams[hotline.TeamDesk].Reply, olga.key)
		_, err = w.do(olga, "POST", fill(api.PathGenerations, c.id), good)
		ok(t, err)
	})
}

func TestBadRewraps(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		olga := w.people["olga"]
		c := w.newCase(hotline.TeamDesk, "hello")
		next := must(seal.NewTeamSecret(hotline.TeamDesk, 2))
		_, err := w.do(olga, "POST", api.PathEpochs, w.epoch(next, olga))
		ok(t, err)
		list, err := get[api.RewrapList](w, olga, fill(api.PathRewrap, "desk", 2))
		ok(t, err)
		if len(list.Cases) != 1 || list.Cases[0] != c.id || list.More {
			t.Errorf("the work: %+v", list)
		}
		file := must(seal.WrapIdentity(next.Identity.Recipient(), c.keys[0]))
		wrap := func(gen int, team hotline.Team, epoch int, file []byte) api.Rewrap {
			return api.Rewrap{Generation: gen, Wrap: api.Wrap{Team: team, Epoch: epoch, File: file}}
		}
		w.refuse(t, olga, fill(api.PathWraps, c.id), wrap(0, hotline.TeamDesk, 2, file), []bad{
			{"a key that is not there", wrap(1, hotline.TeamDesk, 2, file), hotline.KindInvalid},
			{"a negative key", wrap(-1, hotline.TeamDesk, 2, file), hotline.KindInvalid},
			{"another team", wrap(0, hotline.TeamField, 1, file), hotline.KindInvalid},
			{"an unknown epoch", wrap(0, hotline.TeamDesk, 3, file), hotline.KindInvalid},
			{"in the clear", wrap(0, hotline.TeamDesk, 2, []byte("key")), hotline.KindInvalid},
			{"for two", wrap(0, hotline.TeamDesk, 2, twice(file)), hotline.KindInvalid},
		})
		before := w.snapshot()
		_, err = w.do(olga, "POST", fill(api.PathWraps, c.id), wrap(0, hotline.TeamDesk, 2, must(seal.WrapIdentity(next.Identity.Recipient(), c.keys[0]))))
		ok(t, err)
		if w.snapshot() != before {
			t.Error("a wrap that is there was written over")
		}
		list, err = get[api.RewrapList](w, olga, fill(api.PathRewrap, "desk", 2))
		ok(t, err)
		if len(list.Cases) != 0 {
			t.Errorf("the work is done, and the list says %+v", list)
		}
	})
}

func TestBadEpochs(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		olga, otto, frank := w.people["olga"], w.people["otto"], w.people["frank"]
		next := must(seal.NewTeamSecret(hotline.TeamDesk, 2))
		with := func(change func(*api.NewEpoch)) api.NewEpoch {
			e := w.epoch(next, olga)
			change(&e)
			return e
		}
		later := next
		later.Epoch = 3
		sameReply, sameKey := must(seal.NewTeamSecret(hotline.TeamDesk, 2)), must(seal.NewTeamSecret(hotline.TeamDesk, 2))
		sameReply.Reply = w.teams[hotline.TeamDesk].Reply
		sameKey.Identity = w.teams[hotline.TeamField].Identity
		w.refuse(t, olga, api.PathEpochs, w.epoch(next, olga), []bad{
			{"no announcement", api.NewEpoch{}, hotline.KindInvalid},
			{"signed by a colleague", w.epoch(next, otto), hotline.KindForged},
			{"another team", w.epoch(must(seal.NewTeamSecret(hotline.TeamField, 2)), olga), hotline.KindForged},
			{"a team without members", w.epoch(must(seal.NewTeamSecret(hotline.TeamClaims, 1)), olga), hotline.KindForged},
			{"number 1 again", w.epoch(must(seal.NewTeamSecret(hotline.TeamDesk, 1)), olga), hotline.KindConflict},
			{"a hole", w.epoch(later, olga), hotline.KindConflict},
			{"the old reply key", w.epoch(sameReply, olga), hotline.KindInvalid},
			{"the key of another team", w.epoch(sameKey, olga), hotline.KindInvalid},
			{"no wrap for recovery", with(func(e *api.NewEpoch) { delete(e.Wraps, api.HolderRecovery) }), hotline.KindInvalid},
			{"no wrap for a member", with(func(e *api.NewEpoch) { delete(e.Wraps, otto.member.ID) }), hotline.KindInvalid},
			{"a wrap for somebody else", with(func(e *api.NewEpoch) { e.Wraps[frank.member.ID] = e.Wraps[otto.member.ID] }), hotline.KindInvalid},
			{"a wrap in the clear", with(func(e *api.NewEpoch) { e.Wraps[otto.member.ID] = []byte(next.Identity.Secret()) }), hotline.KindInvalid},
			{"a wrap for two", with(func(e *api.NewEpoch) { e.Wraps[otto.member.ID] = twice(e.Wraps[otto.member.ID]) }), hotline.KindInvalid},
		})
		epochs, err := get[[]api.Epoch](w, olga, api.PathEpochs)
		ok(t, err)
		if len(epochs) != 2 || epochs[0].Retired != hotline.HourOf(w.clock.Now()) || epochs[1].Retired != 0 {
			t.Errorf("the old epoch was not retired: %+v", epochs)
		}
	})
}

func TestBadTeamWraps(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		olga, nora := w.people["olga"], newPerson("nora", []hotline.Role{hotline.RoleOperator}, hotline.TeamDesk)
		w.roster.Serial++
		w.roster.Members = append(w.roster.Members, nora.member)
		_, err := w.do(w.people["ada"], "POST", api.PathDocuments, api.Document{Kind: api.DocumentRoster, Serial: 2, Text: w.sign(w.roster)})
		ok(t, err)
		file := must(w.teams[hotline.TeamDesk].Wrap(nora.id.Recipient()))
		path := fill(api.PathTeamWraps, "desk", 1)
		for _, b := range []struct {
			name, path string
			who        *person
			in         api.TeamWrap
			kind       hotline.Kind
		}{
			{"another team", fill(api.PathTeamWraps, "field", 1), olga, api.TeamWrap{Holder: nora.member.ID, File: file}, hotline.KindNotFound},
			{"a team that is none", fill(api.PathTeamWraps, "kitchen", 1), olga, api.TeamWrap{Holder: nora.member.ID, File: file}, hotline.KindNotFound},
			{"an unknown epoch", fill(api.PathTeamWraps, "desk", 2), olga, api.TeamWrap{Holder: nora.member.ID, File: file}, hotline.KindInvalid},
			{"an epoch that is no number", fill(api.PathTeamWraps, "desk", "01"), olga, api.TeamWrap{Holder: nora.member.ID, File: file}, hotline.KindInvalid},
			{"who has no wrap himself", path, nora, api.TeamWrap{Holder: nora.member.ID, File: file}, hotline.KindDenied},
			{"for another team's member", path, olga, api.TeamWrap{Holder: w.people["frank"].member.ID, File: file}, hotline.KindInvalid},
			{"for the recovery key", path, olga, api.TeamWrap{Holder: api.HolderRecovery, File: file}, hotline.KindInvalid},
			{"over a colleague's", path, olga, api.TeamWrap{Holder: w.people["otto"].member.ID, File: file}, hotline.KindConflict},
			{"in the clear", path, olga, api.TeamWrap{Holder: nora.member.ID, File: []byte("key")}, hotline.KindInvalid},
		} {
			before := w.snapshot()
			_, err := w.do(b.who, "POST", b.path, b.in)
			if err == nil || hotline.KindOf(err) != b.kind {
				t.Errorf("%s: %v, want %v", b.name, err, b.kind)
			}
			if w.snapshot() != before {
				t.Errorf("%s: something was kept", b.name)
			}
		}
		_, err = w.do(olga, "POST", path, api.TeamWrap{Holder: nora.member.ID, File: file})
		ok(t, err)
		epochs, err := get[[]api.Epoch](w, nora, api.PathEpochs)
		ok(t, err)
		if _, err := seal.OpenTeamSecret(nora.id, epochs[0].Wrap, hotline.TeamDesk, w.teams[hotline.TeamDesk].Public()); err != nil {
			t.Error(err)
		}
	})
}

func TestBadDocuments(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		stranger := must(seal.NewSigningKey())
		roster := func(change func(*seal.Roster), keys ...seal.SigningKey) api.Document {
			r := w.roster
			r.Members = append([]seal.Member(nil), r.Members...)
			r.Serial = 2
			if change != nil {
				change(&r)
			}
			if keys == nil {
				keys = []seal.SigningKey{w.authority}
			}
			return api.Document{Kind: api.DocumentRoster, Serial: r.Serial, Text: must(seal.SignRoster(r, keys...)).Text()}
		}
		manifest := func(change func(*seal.Manifest), key seal.SigningKey) api.Document {
			m := w.manifest
			m.Teams = map[hotline.Team]seal.TeamKey{hotline.TeamDesk: m.Teams[hotline.TeamDesk]}
			m.Serial = 2
			if change != nil {
				change(&m)
			}
			return api.Document{Kind: api.DocumentManifest, Serial: m.Serial, Text: must(seal.SignManifest(m, key)).Text()}
		}
		twiceOlga := func(r *seal.Roster) { r.Members = append(r.Members, r.Members[0]) }
		ada := w.people["ada"]
		w.refuse(t, ada, api.PathDocuments, manifest(nil, w.authority), []bad{
			{"another kind", api.Document{Kind: "pages", Serial: 1, Text: roster(nil).Text}, hotline.KindInvalid},
			{"no text", api.Document{Kind: api.DocumentRoster, Serial: 2}, hotline.KindInvalid},
			{"a manifest as a roster", api.Document{Kind: api.DocumentRoster, Serial: 2, Text: manifest(nil, w.authority).Text}, hotline.KindForged},
			{"a roster as a manifest", api.Document{Kind: api.DocumentManifest, Serial: 2, Text: roster(nil).Text}, hotline.KindForged},
			{"a roster of a stranger", roster(nil, stranger), hotline.KindForged},
			{"a roster of its own authority", roster(func(r *seal.Roster) { r.Authority.Keys = []seal.PublicKey{stranger.Public()} }, stranger), hotline.KindForged},
			{"an operator's signature", roster(nil, w.people["olga"].key), hotline.KindForged},
			{"serial 1 again", roster(func(r *seal.Roster) { r.Serial = 1; r.Hour = 9 }), hotline.KindConflict},
			{"a hole in the serials", roster(func(r *seal.Roster) { r.Serial = 3 }), hotline.KindConflict},
			{"another serial than said", func() api.Document {
				d := roster(func(r *seal.Roster) { r.Serial = 3 })
				d.Serial = 2
				return d
			}(), hotline.KindConflict},
			{"another desk", roster(func(r *seal.Roster) { r.Desk[0]++ }), hotline.KindForged},
			{"another journal", roster(func(r *seal.Roster) { r.Journal = "x" }), hotline.KindInvalid},
			{"a member twice", roster(twiceOlga), hotline.KindInvalid},
			{"one certificate for two", roster(func(r *seal.Roster) { r.Members[1].TLS = r.Members[0].TLS }), hotline.KindInvalid},
			{"a member without a certificate", roster(func(r *seal.Roster) { r.Members[1].TLS = seal.Hash{} }), hotline.KindInvalid},
			{"a team that is none", roster(func(r *seal.Roster) { r.Members[1].Teams = []hotline.Team{"kitchen"} }), hotline.KindInvalid},
			{"an auditor who acts", roster(func(r *seal.Roster) {
				r.Members[4].Roles = []hotline.Role{hotline.RoleAuditor, hotline.RoleOperator}
			}), hotline.KindInvalid},
			{"nobody left to publish", roster(func(r *seal.Roster) { r.Members[3].Until = 2 }), hotline.KindInvalid},
			{"a manifest of a stranger", manifest(nil, stranger), hotline.KindForged},
			{"a manifest of another desk", manifest(func(m *seal.Manifest) { m.Desk[0]++ }, w.authority), hotline.KindForged},
			{"a manifest with an unknown epoch", manifest(func(m *seal.Manifest) {
				k := m.Teams[hotline.TeamDesk]
				k.Epoch = 2
				m.Teams[hotline.TeamDesk] = k
			}, w.authority), hotline.KindInvalid},
			{"a manifest with another recipient", manifest(func(m *seal.Manifest) {
				k := m.Teams[hotline.TeamDesk]
				k.Recipient = w.teams[hotline.TeamField].Identity.Recipient()
				m.Teams[hotline.TeamDesk] = k
			}, w.authority), hotline.KindInvalid},
			{"a manifest with another reply key", manifest(func(m *seal.Manifest) {
				k := m.Teams[hotline.TeamDesk]
				k.ReplyKey = stranger.Public()
				m.Teams[hotline.TeamDesk] = k
			}, w.authority), hotline.KindInvalid},
			{"a manifest with a foreign reply key", manifest(func(m *seal.Manifest) { m.ReplyKeys = append(m.ReplyKeys, stranger.Public()) }, w.authority), hotline.KindInvalid},
			{"a manifest without the reply key in use", manifest(func(m *seal.Manifest) { m.ReplyKeys = nil }, w.authority), hotline.KindInvalid},
		})
	})
}

func TestBadInvitations(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		good := api.NewInvitation{
			ID: sha256.Sum256([]byte("x")), Name: "nora", Roles: []hotline.Role{hotline.RoleOperator},
			Teams: []hotline.Team{hotline.TeamDesk}, Expires: w.clock.Now().UnixMilli() + 1000,
		}
		with := func(change func(*api.NewInvitation)) api.NewInvitation {
			n := good
			change(&n)
			return n
		}
		w.refuse(t, w.people["ada"], api.PathInvitations, good, []bad{
			{"no id", with(func(n *api.NewInvitation) { n.ID = seal.Hash{} }), hotline.KindInvalid},
			{"no name", with(func(n *api.NewInvitation) { n.Name = " " }), hotline.KindInvalid},
			{"a long name", with(func(n *api.NewInvitation) { n.Name = string(make([]byte, 65)) }), hotline.KindInvalid},
			{"no role", with(func(n *api.NewInvitation) { n.Roles = nil }), hotline.KindInvalid},
			{"a role twice", with(func(n *api.NewInvitation) { n.Roles = append(n.Roles, n.Roles[0]) }), hotline.KindInvalid},
			{"a role that is none", with(func(n *api.NewInvitation) { n.Roles = []hotline.Role{"king"} }), hotline.KindInvalid},
			{"an auditor who acts", with(func(n *api.NewInvitation) { n.Roles = []hotline.Role{hotline.RoleAuditor, hotline.RoleOperator} }), hotline.KindInvalid},
			{"a team that is none", with(func(n *api.NewInvitation) { n.Teams = []hotline.Team{"desk;field"} }), hotline.KindInvalid},
			{"over already", with(func(n *api.NewInvitation) { n.Expires = w.clock.Now().UnixMilli() }), hotline.KindInvalid},
			{"for ever", with(func(n *api.NewInvitation) { n.Expires = 1 << 60 }), hotline.KindInvalid},
		})
		_, err := w.do(w.people["ada"], "POST", api.PathInvitations, with(func(n *api.NewInvitation) { n.Name = "other" }))
		wantKind(t, err, hotline.KindConflict)
		_, err = w.do(w.people["ada"], "DELETE", fill(api.PathInvitation, seal.Hash{1}), struct{}{})
		wantKind(t, err, hotline.KindNotFound)
		_, err = w.do(w.people["ada"], "DELETE", fill(api.PathInvitation, "abc"), struct{}{})
		wantKind(t, err, hotline.KindInvalid)
	})
}
