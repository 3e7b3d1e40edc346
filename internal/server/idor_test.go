package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/server"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

// A member of another team, with all roles that act, who knows the real ids,
// crawls every route: nothing of the case comes out and nothing changes.
func TestAnotherTeamGetsNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		olga, frank := w.people["olga"], w.people["frank"]
		c := w.newCase(hotline.TeamDesk, "hello")
		own := w.newCase(hotline.TeamField, "a case of frank's own team")
		reply, photo := w.replyWithFile(c, olga, "yes", []byte("a picture"))
		_, err := w.do(olga, "POST", fill(api.PathReplies, c.id), reply)
		ok(t, err)
		_, err = w.do(olga, "POST", fill(api.PathStatements, c.id), w.statement(c, olga, seal.Statement{Act: seal.ActNote}, &seal.StatementBody{Text: "calm"}))
		ok(t, err)

		sealed, object, err := seal.NewObject(c.keys[0].Recipient(), []byte("a photo"))
		ok(t, err)
		field := w.teams[hotline.TeamField]
		now := w.caseNow(c)
		st := w.statement(c, frank, seal.Statement{Act: seal.ActUrgency, Urgency: 1}, nil)
		gen, _, _ := w.generation(c, nil, w.teams[hotline.TeamDesk].Reply, frank.key)
		bodies := map[string]any{
			api.PathSync:        api.SyncRequest{Items: []api.SyncItem{{ID: c.id, AfterPlace: -1, AfterStatement: -1}}},
			api.PathLocate:      api.Locate{Code: c.Code.Digits()},
			api.PathRead:        api.Read{Seq: 0},
			api.PathReplies:     w.reply(c, w.header(c, now), "x", w.teams[hotline.TeamDesk].Reply, frank.key),
			api.PathStatements:  st,
			api.PathGenerations: gen,
			api.PathWraps:       api.Rewrap{Wrap: api.Wrap{Team: hotline.TeamField, Epoch: 1, File: must(seal.WrapIdentity(field.Identity.Recipient(), c.keys[0]))}},
			api.PathTeamWraps:   api.TeamWrap{Holder: frank.member.ID, File: must(field.Wrap(frank.id.Recipient()))},
			api.PathTies:        w.pair(c, own, frank, link(), nil), // who could not read both binds nothing
			api.PathUntie:       w.pair(c, own, frank, seal.Statement{Act: seal.ActUnlink}, nil),
			api.PathExport:      struct{}{},
			api.PathObjects:     api.ReadObject{Object: photo.ID},
			api.PathParts:       partOf(object.ID, sealed, 0, false),
		}
		// Acts of his own team work, and are let out of the crawl where the id is not in the request.
		mayPass := map[string]bool{api.PathSync: true, api.PathLocate: true, api.PathExport: true}
		w.agree(t, "frank", "ada")
		desk := w.deskState(c)
		for _, rt := range server.Routes() {
			method, path, _ := strings.Cut(rt.Pattern, " ")
			body, known := bodies[path]
			switch {
			case method == http.MethodGet:
				_, path = concrete(rt.Pattern)
				path = strings.ReplaceAll(path, "/7", "/1")
			case !known && strings.Contains(path, "/cases/"):
				body = struct{}{} // TestNoIDGivesAnything has whole ones for every route
			case !known:
				continue // names no case and no team of others
			}
			// The journal's entries in words name cases: policy gives them to supervisors of any team.
			if rt.Action == hotline.ActionJournalLeaves {
				continue
			}
			target := strings.NewReplacer("{id}", c.id.String(), "{team}", "desk", "{epoch}", "1").Replace(path)
			var raw []byte
			if method != http.MethodGet {
				raw = must(json.Marshal(body))
			}
			rec := w.ask(frank, method, target, raw)
			if method != http.MethodGet && !mayPass[path] && rec.Code != http.StatusNotFound {
				t.Errorf("%s: status %d: %s", rt.Pattern, rec.Code, rec.Body)
			}
			out := rec.Body.String()
			if rt.Action == hotline.ActionExport {
				out = strings.ReplaceAll(out, "\x00", "")
				if i := strings.Index(out, "journal/"); i >= 0 {
					out = out[:i] // again the journal, for supervisors
				}
			}
			if strings.Contains(out, c.id.String()) {
				t.Errorf("%s tells another team's case", rt.Pattern)
			}
			if w.deskState(c) != desk {
				t.Fatalf("%s changed another team's case", rt.Pattern)
			}
		}
		page, err := get[api.CasePage](w, frank, api.PathCases)
		ok(t, err)
		if len(page.Cases) != 1 || page.Cases[0].ID != own.id {
			t.Errorf("frank's queue: %+v", page)
		}
		got, err := post[api.SyncAnswer](w, frank, api.PathSync, api.SyncRequest{Items: []api.SyncItem{
			{ID: c.id, AfterPlace: -1, AfterStatement: -1}, {ID: own.id, AfterPlace: -1, AfterStatement: -1},
		}})
		ok(t, err)
		if len(got.Cases) != 1 || got.Cases[0].Case.ID != own.id {
			t.Errorf("frank's sync: %+v", got)
		}
		// The answer for a case of others is the one for a case that is not there.
		theirs := w.ask(frank, "POST", fill(api.PathRead, c.id), []byte(`{"seq":0}`))
		nobodys := w.ask(frank, "POST", fill(api.PathRead, hotline.CaseID{9}), []byte(`{"seq":0}`))
		if theirs.Code != nobodys.Code || !bytes.Equal(theirs.Body.Bytes(), nobodys.Body.Bytes()) {
			t.Error("the two answers differ")
		}
	})
}

// deskState is all of one case, and the keys of its team.
func (w *world) deskState(c *contact) string {
	w.tb.Helper()
	var out string
	ctx := context.Background()
	ok(w.tb, w.db.View(ctx, func(tx *store.Tx) error {
		row, err := tx.CaseByID(ctx, c.id[:])
		keys, err2 := tx.CaseKeys(ctx, c.id[:])
		wraps, err3 := tx.CaseWraps(ctx, c.id[:])
		copies, err4 := tx.ReplyCopies(ctx, c.id[:])
		records, err5 := tx.RecordsAfter(ctx, db.RecordsAfterParams{CaseID: c.id[:], After: -1, MaxRows: 1000})
		statements, err6 := tx.StatementsAfter(ctx, db.StatementsAfterParams{CaseID: c.id[:], After: -1, MaxRows: 1000})
		team, err7 := tx.TeamWraps(ctx, string(c.team), 1)
		objects, err8 := tx.ObjectsOf(ctx, c.id[:])
		deliveries, err9 := tx.DeliveriesOfCase(ctx, c.id[:])
		notes, err10 := tx.FieldNotesOfCase(ctx, c.id[:])
		out = fmt.Sprint(row, keys, wraps, copies, records, statements, team, objects, deliveries, notes)
		return errors.Join(err, err8, err9, err10, err2, err3, err4, err5, err6, err7)
	}))
	return out
}

// A wrap for another team's epoch does not come out, even of one's own case.
func TestSyncTellsOwnWrapsOnly(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		c := w.newCase(hotline.TeamDesk, "hello")
		w.addWrap(c, hotline.TeamField)
		got, err := post[api.SyncAnswer](w, w.people["olga"], api.PathSync, api.SyncRequest{Items: []api.SyncItem{{ID: c.id, AfterPlace: -1, AfterStatement: -1}}})
		ok(t, err)
		wraps := got.Cases[0].Generations[0].Wraps
		if len(wraps) != 1 || wraps[0].Team != hotline.TeamDesk {
			t.Errorf("wraps: %+v", wraps)
		}
		list, err := get[api.RewrapList](w, w.people["frank"], fill(api.PathRewrap, "field", 1))
		ok(t, err)
		if len(list.Cases) != 0 {
			t.Errorf("the work of the field team: %+v", list)
		}
	})
}

func TestBadSyncs(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		c := w.newCase(hotline.TeamDesk, "hello")
		item := api.SyncItem{ID: c.id, AfterPlace: -1, AfterStatement: -1}
		many := make([]api.SyncItem, 101)
		for i := range many {
			many[i] = api.SyncItem{ID: hotline.CaseID{byte(i), 1}, AfterPlace: -1, AfterStatement: -1}
		}
		w.refuse(t, w.people["olga"], api.PathSync, api.SyncRequest{Items: many[:100]}, []bad{
			{"none", api.SyncRequest{}, hotline.KindInvalid},
			{"too many", api.SyncRequest{Items: many}, hotline.KindInvalid},
			{"one twice", api.SyncRequest{Items: []api.SyncItem{item, item}}, hotline.KindInvalid},
			{"a place before the first", api.SyncRequest{Items: []api.SyncItem{{ID: c.id, AfterPlace: -2, AfterStatement: -1}}}, hotline.KindInvalid},
			{"a statement before the first", api.SyncRequest{Items: []api.SyncItem{{ID: c.id, AfterPlace: -1, AfterStatement: -2}}}, hotline.KindInvalid},
		})
		w.refuse(t, w.people["olga"], api.PathLocate, api.Locate{Code: c.Code.Digits()}, []bad{
			{"no code", api.Locate{}, hotline.KindInvalid},
			{"a slip", api.Locate{Code: "123456789012"}, hotline.KindInvalid},
			{"spaces", api.Locate{Code: strings.Join(c.Code.Groups(), " ")}, hotline.KindInvalid},
		})
		w.refuse(t, w.people["olga"], fill(api.PathRead, c.id), api.Read{Seq: 0}, []bad{
			{"a record that is not there", api.Read{Seq: 1}, hotline.KindInvalid},
			{"before the first", api.Read{Seq: -2}, hotline.KindInvalid},
		})
		found, err := post[api.Located](w, w.people["olga"], api.PathLocate, api.Locate{Code: c.Code.Digits()})
		ok(t, err)
		if len(found.Cases) != 1 || found.Cases[0] != c.id {
			t.Errorf("located %+v", found)
		}
	})
}

// The queue's pages have no holes and no doubles.
func TestQueuePages(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		want := map[hotline.CaseID]bool{}
		for i := range 230 {
			team := hotline.TeamDesk
			if i%5 == 0 {
				team = hotline.TeamField
			}
			if c := w.bareCase(team); team == hotline.TeamDesk {
				want[c] = true
			}
		}
		var cursor int64
		for {
			page, err := get[api.CasePage](w, w.people["olga"], api.PathCases+"?after="+itoa(cursor))
			ok(t, err)
			for _, c := range page.Cases {
				if !want[c.ID] || c.Version <= cursor {
					t.Fatalf("case at version %d after cursor %d: twice, or not ours", c.Version, cursor)
				}
				delete(want, c.ID)
			}
			if page.Cursor < cursor {
				t.Fatal("the cursor went back")
			}
			cursor = page.Cursor
			if !page.More {
				break
			}
		}
		if len(want) != 0 {
			t.Errorf("%d cases were left out", len(want))
		}
	})
}
