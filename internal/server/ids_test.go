package server_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/server"
	"safeconduct/internal/store"
)

// ids are what may stand in a parameter of an address: what is somebody
// else's, and what is not there. The two must be answered alike.
type ids struct{ theirs, nobodys, malformed []string }

var parameter = regexp.MustCompile(`\{([a-z]+)(\.\.\.)?\}`)

// idsOf is asked for every parameter of every route; one it does not know
// fails the test, so that a new kind of id is thought about.
func idsOf(t *testing.T, pattern, name string, c, ghost *contact) ids {
	t.Helper()
	zeros := func(n int) string { return strings.Repeat("00", n) }
	malformed := []string{"x", "0", "-1", strings.Repeat("a", 4096), "%00", "..%2f..", "%27%20OR%201=1", strings.ToUpper(c.id.String()), c.id.String() + "00"}
	switch {
	case name == "id" && strings.Contains(pattern, "/cases/"):
		return ids{[]string{c.id.String()}, []string{ghost.id.String()}, append(malformed, zeros(16))}
	case name == "proposal":
		return ids{nil, []string{strings.Repeat("cd", 32), strings.Repeat("ab", 32)}, malformed}
	case name == "id": // invitations, proposals, objects: random ids of 32 or 16 bytes
		return ids{nil, []string{zeros(32), zeros(16)}, malformed}
	case name == "team":
		return ids{[]string{"desk"}, []string{"registry", "claims"}, []string{"nobody", "DESK", "%00"}}
	case name == "epoch", name == "kind", name == "path", name == "part", name == "n", name == "serial":
		return ids{nil, []string{"7"}, []string{"x", "-1", "%00", strings.Repeat("9", 40)}}
	}
	t.Fatalf("%s: the test does not know what ids a {%s} may be: say it in idsOf", pattern, name)
	return ids{}
}

// No id of somebody else's gives anything: generated from the router, so that
// a new route is covered by itself. What is another team's is answered as what
// is not there: same status, same bytes; nothing is changed.
func TestNoIDGivesAnything(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		frank := w.people["frank"] // operator and supervisor, of another team
		c := w.newCase(hotline.TeamDesk, "hello")
		know := probes()
		// What is not there is a case that was deleted: requests about it were
		// without a mistake, as those about the case that is there.
		ghost := w.newCase(hotline.TeamDesk, "hello")
		bodies := map[string][2][]byte{}
		for pattern, ask := range know {
			theirs, _ := ask(w, c, frank)
			gone, _ := ask(w, ghost, frank)
			bodies[pattern] = [2][]byte{must(json.Marshal(theirs)), must(json.Marshal(gone))}
		}
		ok(t, w.db.Update(t.Context(), func(tx *store.Tx) error {
			_, err := tx.DeleteCase(t.Context(), ghost.id[:])
			return err
		}))
		state, tried := w.deskState(c), 0
		for _, rt := range server.Routes() {
			method, path, _ := strings.Cut(rt.Pattern, " ")
			params := parameter.FindAllStringSubmatch(path, -1)
			if len(params) == 0 {
				continue
			}
			// Each parameter in its turn; the others hold what is well formed.
			for _, p := range params {
				list := idsOf(t, rt.Pattern, p[1], c, ghost)
				with := func(id string) (int, []byte) {
					tried++
					body := []byte("{}")
					if both, found := bodies[rt.Pattern]; found && id == ghost.id.String() {
						body = both[1]
					} else if found {
						body = both[0]
					}
					if method == http.MethodGet {
						body = nil
					}
					_, target := concrete(method + " " + strings.Replace(path, p[0], id, 1))
					rec := w.ask(frank, method, target, body)
					if rec.Code >= http.StatusInternalServerError {
						t.Errorf("%s with %.40q: status %d: %s", rt.Pattern, id, rec.Code, rec.Body)
					}
					if bytes.Contains(rec.Body.Bytes(), []byte(c.id.String())) {
						t.Errorf("%s with %.40q tells a case of others: %s", rt.Pattern, id, rec.Body)
					}
					return rec.Code, rec.Body.Bytes()
				}
				code, text := 0, []byte(nil)
				for i, id := range append(append([]string{}, list.theirs...), list.nobodys...) {
					gotCode, got := with(id)
					if i == 0 {
						code, text = gotCode, got
					}
					if gotCode != code || !bytes.Equal(got, text) {
						t.Errorf("%s: %.40q is answered %d %s, another id %d %s", rt.Pattern, id, gotCode, got, code, text)
					}
				}
				for _, id := range list.malformed {
					if gotCode, got := with(id); gotCode == http.StatusOK {
						t.Errorf("%s takes %.40q: %s", rt.Pattern, id, got)
					}
				}
			}
		}
		if w.deskState(c) != state {
			t.Error("a case of others was changed")
		}
		if tried < 50 {
			t.Errorf("only %d requests were made", tried)
		}
	})
}

// The ids that stand in bodies.
func TestNoIDInABodyGivesAnything(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		frank := w.people["frank"]
		c := w.newCase(hotline.TeamDesk, "hello")
		sync := func(id hotline.CaseID) []byte {
			rec := w.ask(frank, "POST", api.PathSync, must(json.Marshal(api.SyncRequest{Items: []api.SyncItem{{ID: id, AfterPlace: -1, AfterStatement: -1}}})))
			var a api.SyncAnswer
			ok(t, json.Unmarshal(rec.Body.Bytes(), &a))
			a.Leaf = 0 // counts on with every act
			return must(json.Marshal(a))
		}
		if theirs, nobodys := sync(c.id), sync(hotline.CaseID{9}); !bytes.Equal(theirs, nobodys) {
			t.Errorf("a sync of a case of others: %s; of one that is not there: %s", theirs, nobodys)
		}
		locate := func(code hotline.ChannelCode) *bytes.Buffer {
			return w.ask(frank, "POST", api.PathLocate, must(json.Marshal(api.Locate{Code: code.Digits()}))).Body
		}
		if theirs, nobodys := locate(c.Code), locate(hotline.NewChannelCode()); !bytes.Equal(theirs.Bytes(), nobodys.Bytes()) {
			t.Errorf("a code of a case of others: %s; of none: %s", theirs, nobodys)
		}
	})
}
