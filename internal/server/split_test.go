package server_test

import (
	"testing"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/server"
)

// child makes what a desk sends when people leave a case.
func (w *world) child(c *contact, p *person, change func(*seal.Generation, *seal.Statement)) (api.NewTie, *contact) {
	w.tb.Helper()
	s0, now := must(seal.NewIdentity()), w.caseNow(c)
	child := &contact{id: seal.SplitCaseID(c.id, s0.Recipient()), team: c.team, keys: []seal.Identity{s0}, seq: -1}
	g := seal.Generation{
		Case: child.id, Team: c.team, Epoch: w.teams[c.team].Epoch, Recipient: s0.Recipient(), Parent: c.id, Hour: hotline.HourOf(w.clock.Now()),
	}
	st := seal.Statement{
		Act: seal.ActSplit, Case: c.id, Other: child.id, Main: c.id, Stage: now.Stage, Seq: now.StatementSeq + 1, Prev: now.StatementHead,
		Gen: now.Generation, Hour: hotline.HourOf(w.clock.Now()),
	}
	if change != nil {
		change(&g, &st)
	}
	signed := must(seal.SignGeneration(g, w.teams[c.team].Reply, p.key))
	child.gens = []seal.Signed{signed}
	here, file, err := seal.SignStatement(st, &seal.StatementBody{Text: "two of them"}, c.keys[len(c.keys)-1].Recipient(), p.key)
	ok(w.tb, err)
	there, sealed, err := seal.SignStatement(st.Twin(0, 0), &seal.StatementBody{Text: "two of them"}, s0.Recipient(), p.key)
	ok(w.tb, err)
	wrap := must(seal.WrapIdentity(w.teams[c.team].Identity.Recipient(), s0))
	return api.NewTie{
		Here: api.NewStatement{Text: here.Text(), Sealed: file}, There: api.NewStatement{Text: there.Text(), Sealed: sealed},
		Child: &api.NewGeneration{Statement: signed.Text(), Wraps: []api.Wrap{{Team: g.Team, Epoch: g.Epoch, File: wrap}}},
	}, child
}

// Some people of a case leave into one of their own, and come back.
func TestSplitAndUndo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		olga := w.people["olga"]
		c := w.newCase(hotline.TeamDesk, "we are three")
		w.state(t, c, olga, seal.Statement{Act: seal.ActStage, Stage: hotline.StageStandby}, nil)
		w.write(c, "two of us go on")
		spoilt := func(change func(*seal.Generation, *seal.Statement)) api.NewTie {
			in, _ := w.child(c, olga, change)
			return in
		}
		noKey := spoilt(nil)
		noKey.Child = nil
		otherKey := spoilt(nil)
		otherKey.Child = spoilt(nil).Child
		good, child := w.child(c, olga, nil)
		w.refuse(t, olga, fill(api.PathTies, c.id), good, []bad{
			{"without a key", noKey, hotline.KindInvalid},
			{"with another child's key", otherKey, hotline.KindInvalid},
			{"from another case", spoilt(func(g *seal.Generation, _ *seal.Statement) { g.Parent = hotline.CaseID{7} }), hotline.KindForged},
			{"into another stage", spoilt(func(_ *seal.Generation, st *seal.Statement) { st.Stage = hotline.StageNew }), hotline.KindConflict},
			{"of another team", spoilt(func(g *seal.Generation, _ *seal.Statement) { g.Team = hotline.TeamField }), hotline.KindInvalid},
			{"for an old epoch", spoilt(func(g *seal.Generation, _ *seal.Statement) { g.Epoch = 9 }), hotline.KindInvalid},
		})
		_, err := w.do(olga, "POST", fill(api.PathTies, c.id), good)
		ok(t, err) // sent again
		row, _ := w.row(child)
		if row.Channel != string(hotline.ChannelDesk) || row.Stage != string(hotline.StageStandby) || row.Team != string(hotline.TeamDesk) || row.StatementSeq != 0 {
			t.Fatalf("the case of those who left: %+v", row)
		}
		if b := w.sync(t, olga, child); len(b.Generations) != 1 || len(b.Statements) != 1 || len(b.Generations[0].Wraps) != 1 {
			t.Errorf("what a desk gets of it: %+v", b)
		}
		// It has no door.
		child.Identity, child.Signing = c.Identity, c.Signing
		_, err = w.do(olga, "POST", fill(api.PathReplies, child.id), w.goodReply(child, olga, "hello"))
		wantKind(t, err, hotline.KindInvalid)

		back := func() api.NewTie {
			now := w.caseNow(c)
			signed, file, err := seal.SignStatement(seal.Statement{
				Act: seal.ActUnsplit, Case: c.id, Other: child.id, Main: c.id, OtherPrev: w.caseNow(child).StatementHead,
				Seq: now.StatementSeq + 1, Prev: now.StatementHead, Hour: hotline.HourOf(w.clock.Now()),
			}, &seal.StatementBody{Text: "they stay"}, c.keys[0].Recipient(), olga.key)
			ok(t, err)
			return api.NewTie{Here: api.NewStatement{Text: signed.Text(), Sealed: file}}
		}
		_, err = w.do(olga, "POST", fill(api.PathTies, c.id), back())
		ok(t, err)
		if _, found := w.row(child); found || len(w.ties(t)) != 0 {
			t.Error("the case of those who came back is still there")
		}
		gone, err := get[api.GonePage](w, olga, api.PathGone)
		ok(t, err)
		if len(gone.Cases) != 1 || gone.Cases[0].Why != api.GoneUnsplit || len(gone.Cases[0].Proof) == 0 {
			t.Errorf("gone: %+v", gone.Cases)
		}
		_, err = w.do(olga, "POST", fill(api.PathTies, c.id), good)
		wantKind(t, err, hotline.KindConflict)

		// What has grown stays.
		good, child = w.child(c, olga, nil)
		_, err = w.do(olga, "POST", fill(api.PathTies, c.id), good)
		ok(t, err)
		w.state(t, child, olga, seal.Statement{Act: seal.ActNote}, &seal.StatementBody{Text: "on their way"})
		_, err = w.do(olga, "POST", fill(api.PathTies, c.id), back())
		wantKind(t, err, hotline.KindConflict)
		// It can be one with a case of its own door.
		own := w.newCase(hotline.TeamDesk, "we are the two")
		w.merged(t, child, own)
		report, err := server.Verify(t.Context(), w.db, w.signer.Verifier().String(), nil)
		ok(t, err)
		if len(report.Findings) != 0 {
			t.Errorf("the journal lacks something: %+v", report.Findings)
		}
	})
}
