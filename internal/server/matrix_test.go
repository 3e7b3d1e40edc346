package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/doctest"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/server"
	"safeconduct/internal/store"
)

// probe makes a request without a mistake in it about a case, and says what to
// note when it was done.
type probe func(w *world, c *contact, p *person) (body any, done func())

// probes has one for every route whose address names a case. A route without
// one fails the matrix.
func probes() map[string]probe {
	plain := func(body any) (any, func()) { return body, func() {} }
	return map[string]probe{
		"POST " + api.PathRead: func(*world, *contact, *person) (any, func()) { return plain(api.Read{Seq: 0}) },
		"POST " + api.PathReplies: func(w *world, c *contact, p *person) (any, func()) {
			return plain(w.goodReply(c, p, "we are here"))
		},
		"POST " + api.PathParts: func(_ *world, c *contact, _ *person) (any, func()) {
			sealed, o, err := seal.NewObject(c.keys[len(c.keys)-1].Recipient(), []byte("a photo"))
			if err != nil {
				panic(err)
			}
			return plain(partOf(o.ID, sealed, 0, false))
		},
		"POST " + api.PathObjects: func(w *world, c *contact, _ *person) (any, func()) {
			if olga := w.people["olga"]; c.photo.IsZero() {
				var r api.Reply
				r, c.photo = w.replyWithFile(c, olga, "look", []byte("a photo"))
				_, err := w.do(olga, "POST", fill(api.PathReplies, c.id), r)
				ok(w.tb, err)
			}
			return plain(api.ReadObject{Object: c.photo.ID})
		},
		"POST " + api.PathStatements: func(w *world, c *contact, p *person) (any, func()) {
			return plain(w.statement(c, p, seal.Statement{Act: seal.ActNote}, &seal.StatementBody{Text: "calm"}))
		},
		"POST " + api.PathGenerations: func(w *world, c *contact, p *person) (any, func()) {
			g, key, signed := w.generation(c, nil, w.teams[c.team].Reply, p.key)
			return g, func() { c.gens, c.keys = append(c.gens, signed), append(c.keys, key) }
		},
		"POST " + api.PathWraps: func(w *world, c *contact, _ *person) (any, func()) {
			var again api.Rewrap // of what is there: to be told "done" and change nothing
			ok(w.tb, w.db.View(context.Background(), func(tx *store.Tx) error {
				wraps, err := tx.CaseWraps(context.Background(), c.id[:])
				again.Wrap = api.Wrap{Team: c.team, Epoch: int(wraps[0].Epoch), File: wraps[0].Wrap}
				return err
			}))
			return plain(again)
		},
		"POST " + api.PathTies:     tieProbe(false),
		"POST " + api.PathUntie:    tieProbe(true),
		"POST " + api.PathCanary:   quiet,
		"DELETE " + api.PathCanary: quiet,
	}
}

// quiet asks for a case in which nobody waits.
func quiet(w *world, c *contact, _ *person) (any, func()) {
	ok(w.tb, w.db.Update(context.Background(), func(tx *store.Tx) error {
		_, err := tx.CaseQuiet(context.Background(), c.id[:])
		return err
	}))
	return struct{}{}, func() {}
}

var statusOf = map[hotline.Outcome]int{
	hotline.OutcomeDone: http.StatusOK, hotline.OutcomeDenied: http.StatusForbidden,
	hotline.OutcomeAbsent: http.StatusNotFound, hotline.OutcomeConflict: http.StatusConflict,
}

// crowd is somebody for every set of roles and every standing.
type crowd struct {
	person   *person
	roles    []hotline.Role
	standing hotline.Standing
}

// populate publishes rosters until all of them are what they shall be.
func (w *world) populate(t *testing.T) []crowd {
	t.Helper()
	var all []crowd
	add := func(roles []hotline.Role, st hotline.Standing, team hotline.Team) {
		name := fmt.Sprintf("%s %v", st, roles)
		all = append(all, crowd{newPerson(name, roles, team), roles, st})
	}
	whole := []hotline.Role{hotline.RoleOperator, hotline.RoleSupervisor, hotline.RoleAdministrator}
	for _, set := range hotline.RoleSets() {
		add(set, hotline.StandingMember, hotline.TeamDesk)
		add(set, hotline.StandingOtherTeam, hotline.TeamField)
	}
	for _, st := range []hotline.Standing{hotline.StandingRevoked, hotline.StandingLeft, hotline.StandingStranger} {
		add(whole, st, hotline.TeamDesk)
	}
	all = append(all, crowd{nil, whole, hotline.StandingNoCertificate})
	w.publish(t, func(r *seal.Roster) {
		for _, c := range all {
			if c.standing == hotline.StandingStranger || c.person == nil {
				continue
			}
			if slices.Contains(c.roles, hotline.RoleAdministrator) {
				// Computers of one administrator: with two persons every roster would need two signatures.
				c.person.member.Person = w.people["ada"].member.ID
			}
			r.Members = append(r.Members, c.person.member)
		}
	})
	w.publish(t, func(r *seal.Roster) {
		r.Members = slices.DeleteFunc(r.Members, func(m seal.Member) bool { return strings.HasPrefix(m.Name, string(hotline.StandingLeft)) })
		for i, m := range r.Members {
			if strings.HasPrefix(m.Name, string(hotline.StandingRevoked)) {
				r.Members[i].Until = 2
			}
		}
	})
	return all
}

// marks moves with every act.
func (w *world) marks() [2]int64 {
	w.tb.Helper()
	var out [2]int64
	ok(w.tb, w.db.View(context.Background(), func(tx *store.Tx) (err error) {
		head, err := tx.JournalHead(context.Background())
		out[0] = head.Size
		if err == nil {
			out[1], err = tx.LastVersion(context.Background())
		}
		return err
	}))
	return out
}

// caseIn makes a case and walks it to a stage.
func (w *world) caseIn(stage hotline.Stage) *contact {
	c := w.newCase(hotline.TeamDesk, "hello")
	for _, s := range hotline.StageNew.Route(stage) {
		st := w.statement(c, w.people["olga"], seal.Statement{Act: seal.ActStage, Stage: s}, nil)
		_, err := w.do(w.people["olga"], "POST", fill(api.PathStatements, c.id), st)
		ok(w.tb, err)
	}
	return c
}

// Every route × every set of roles × every standing × every stage of a case, on
// both databases, against the one table of expectations.
func TestWholePolicy(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		all := w.populate(t)
		know := probes()
		called := 0
		for _, stage := range hotline.Stages() {
			c := w.caseIn(stage)
			for _, rt := range server.Routes() {
				if rt.Action == server.Public {
					continue
				}
				ask, probed := know[rt.Pattern]
				if rt.About() == hotline.AboutCase && !probed {
					t.Fatalf("%s: the matrix has no request without a mistake for it: add one to probes", rt.Pattern)
				}
				if !probed && stage != hotline.StageNew {
					continue // about no case: the stage is nothing to it
				}
				for _, who := range all {
					if who.standing != hotline.StandingMember && stage != hotline.StageNew && stage != hotline.StageClosed {
						continue // at the door, before anybody looks at a case
					}
					called++
					w.call(t, rt, ask, c, who, stage)
				}
			}
		}
		if called < 800 {
			t.Errorf("only %d requests were made", called)
		}
	})
}

// call makes one request of the matrix and compares.
func (w *world) call(t *testing.T, rt server.RouteInfo, ask probe, c *contact, who crowd, stage hotline.Stage) {
	t.Helper()
	w.clock.Move(2 * time.Hour) // so that no tripwire tells of who is refused again and again
	want := hotline.Expect(rt.Action, who.roles, who.standing, rt.About(), stage)
	method, path := concrete(rt.Pattern)
	var body []byte
	done := func() {}
	signer := who.person
	if signer == nil {
		signer = w.people["olga"] // somebody else's words, without a certificate
	}
	switch {
	case ask != nil:
		var in any
		in, done = ask(w, c, signer)
		body, path = must(json.Marshal(in)), fill(strings.TrimPrefix(rt.Pattern, method+" "), c.id)
	case method != http.MethodGet:
		body = []byte("{}")
	}
	before := w.marks()
	rec := w.ask(who.person, method, path, body)
	say := func(format string, args ...any) {
		t.Helper()
		t.Errorf("%s in stage %s as %s %v: %s: %s", rt.Pattern, stage, who.standing, who.roles, fmt.Sprintf(format, args...), rec.Body)
	}
	switch {
	case rec.Code >= http.StatusInternalServerError && rec.Code != http.StatusServiceUnavailable:
		say("a fault of the server's, status %d", rec.Code)
	case ask != nil && rec.Code != statusOf[want]:
		say("status %d, want %s", rec.Code, want)
	case ask == nil && (rec.Code == http.StatusForbidden) != (want == hotline.OutcomeDenied):
		say("status %d, want %s", rec.Code, want)
	case want != hotline.OutcomeDone && w.marks() != before && rt.Action != hotline.ActionLive:
		say("it changed something")
	}
	if rec.Code == http.StatusOK {
		done()
	}
}

// A step that the table of stages does not have is refused as such, whoever asks.
func TestStepsOfTheTable(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		olga := w.people["olga"]
		for _, stage := range hotline.Stages() {
			for _, next := range hotline.Stages() {
				if stage.CanBecome(next) {
					continue
				}
				c := w.caseIn(stage)
				st := w.statement(c, olga, seal.Statement{Act: seal.ActStage, Stage: next}, nil)
				_, err := w.do(olga, "POST", fill(api.PathStatements, c.id), st)
				wantKind(t, err, hotline.KindConflict)
				if w.caseNow(c).Stage != stage {
					t.Errorf("a case in %s became %s", stage, next)
				}
				break // one of them in each stage: the table itself is hotline's to test
			}
		}
	})
}

// A server whose table forgets something does not start.
func TestForgottenRouteIsRefused(t *testing.T) {
	t.Parallel()
	asIs := func(*string, *hotline.Action) bool { return false }
	ok(t, server.CheckRoutes(asIs))
	for name, spoil := range map[string]func(*string, *hotline.Action) bool{
		"a route with an action of its own": func(p *string, a *hotline.Action) bool {
			if *p == "GET "+api.PathMe {
				*a = "peek"
			}
			return false
		},
		"a route without an action": func(p *string, a *hotline.Action) bool {
			if *p == "GET "+api.PathMe {
				*a = ""
			}
			return false
		},
		"an action without a route": func(_ *string, a *hotline.Action) bool { return *a == hotline.ActionExport },
		"a route twice": func(p *string, _ *hotline.Action) bool {
			if strings.HasSuffix(*p, api.PathCheckpoint) {
				*p = "GET " + api.PathLeaves
			}
			return false
		},
	} {
		if err := server.CheckRoutes(spoil); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

// docs/policy.md says what the table says.
func TestPolicyDocument(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("| route | action | about | operator | supervisor | administrator | auditor |\n|---|---|---|---|---|---|---|\n")
	for _, rt := range server.Routes() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |", rt.Pattern, rt.Action, rt.About())
		for _, r := range hotline.Roles() {
			switch {
			case rt.Action == server.Public:
				b.WriteString(" any certificate |")
			case hotline.Expect(rt.Action, []hotline.Role{r}, hotline.StandingMember, rt.About(), hotline.StageNew) == hotline.OutcomeDone:
				b.WriteString(" yes |")
			default:
				b.WriteString(" – |")
			}
		}
		b.WriteString("\n")
	}
	doctest.Section(t, "policy.md", "routes", b.String())
	b.Reset()
	b.WriteString("| standing | about the house | about a team | about a case |\n|---|---|---|---|\n")
	for _, st := range hotline.Standings() {
		fmt.Fprintf(&b, "| %s |", st)
		for _, about := range []hotline.About{hotline.AboutHouse, hotline.AboutTeam, hotline.AboutCase} {
			fmt.Fprintf(&b, " %s |", hotline.Expect(hotline.ActionRead, []hotline.Role{hotline.RoleOperator}, st, about, hotline.StageNew))
		}
		b.WriteString("\n")
	}
	doctest.Section(t, "policy.md", "standings", b.String())
	b.Reset()
	b.WriteString("| stage | steps to | not possible |\n|---|---|---|\n")
	for _, s := range hotline.Stages() {
		var next, not []string
		for _, n := range s.Next() {
			next = append(next, string(n))
		}
		for _, a := range hotline.Actions() {
			if !a.PossibleIn(s) {
				not = append(not, string(a))
			}
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", s, orDash(next), orDash(not))
	}
	doctest.Section(t, "policy.md", "stages", b.String())
}

func orDash(list []string) string {
	if len(list) == 0 {
		return "–"
	}
	return strings.Join(list, ", ")
}
