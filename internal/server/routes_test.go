package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"safeconduct/internal/hotline"
	"safeconduct/internal/server"
)

// concrete turns a route's pattern into a request: parameters that are well
// formed and name nothing.
func concrete(pattern string) (method, path string) {
	method, path, _ = strings.Cut(pattern, " ")
	path = strings.NewReplacer(
		"/invitations/{id}", "/invitations/"+strings.Repeat("ab", 32), "{id}", strings.Repeat("ab", 16),
		"{kind}", "roster", "{serial}", "1", "{proposal}", strings.Repeat("ab", 32), "{team}", "desk", "{epoch}", "7", "{path...}", "0/000.p/1",
	).Replace(path)
	switch path {
	case "/v1/journal/consistency":
		path += "?from=0&size=1"
	case "/v1/journal/leaves":
		path += "?from=0"
	}
	return method, path
}

func TestEveryRouteNamesAnAction(t *testing.T) {
	t.Parallel()
	used := map[hotline.Action]bool{}
	for _, rt := range server.Routes() {
		known := rt.Action == server.Public
		for _, a := range hotline.Actions() {
			known = known || a == rt.Action
		}
		if !known {
			t.Errorf("%s names no action of the policy table: %q", rt.Pattern, rt.Action)
		}
		if rt.Action == server.Public && !strings.HasSuffix(rt.Pattern, " /v1/enrol") {
			t.Errorf("%s is open to strangers", rt.Pattern)
		}
		used[rt.Action] = true
	}
	for _, a := range hotline.Actions() {
		if !used[a] {
			t.Errorf("no route does %q", a)
		}
	}
	for _, r := range hotline.Roles() {
		if hotline.Allowed(server.Public, r) {
			t.Errorf("the marker of open routes is an action of role %s", r)
		}
	}
}

func TestStrangersGetNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		stranger := newPerson("stranger", []hotline.Role{hotline.RoleSupervisor}, hotline.TeamDesk)
		before := w.snapshot()
		for _, rt := range server.Routes() {
			method, path := concrete(rt.Pattern)
			var body []byte
			if method != http.MethodGet {
				body = []byte("{}")
			}
			if rec := w.ask(nil, method, path, body); rec.Code != http.StatusForbidden {
				t.Errorf("%s without a certificate: status %d", rt.Pattern, rec.Code)
			}
			rec := w.ask(stranger, method, path, body)
			if rt.Action != server.Public && rec.Code != http.StatusForbidden {
				t.Errorf("%s with an unknown certificate: status %d", rt.Pattern, rec.Code)
			}
			if rt.Action == server.Public && rec.Code == http.StatusOK {
				t.Errorf("%s answers a stranger: %s", rt.Pattern, rec.Body)
			}
		}
		if w.snapshot() != before {
			t.Error("a stranger changed something")
		}
	})
}

func TestStrictRequests(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		c := w.newCase(hotline.TeamDesk, "hello")
		read := "/v1/cases/" + c.id.String() + "/read"
		before := w.snapshot()
		for _, test := range []struct {
			name, method, path, body string
			status                   int
		}{
			{"unknown field", "POST", read, `{"seq":0,"x":1}`, 400},
			{"other capitals", "POST", read, `{"SEQ":0}`, 400},
			{"repeated field", "POST", read, `{"seq":0,"seq":0}`, 400},
			{"two objects", "POST", read, `{"seq":0}{}`, 400},
			{"text", "POST", read, `{"seq":"0"}`, 400},
			{"a fraction", "POST", read, `{"seq":0.5}`, 400},
			{"a list", "POST", read, `[]`, 400},
			{"null", "POST", read, `null`, 400},
			{"nothing", "POST", read, ``, 400},
			{"invalid UTF-8", "POST", read, "{\"seq\":0,\"\xff\":1}", 400},
			{"too large", "POST", read, `{"seq":0` + strings.Repeat(" ", 5000) + `}`, 400},
			{"body of a GET", "GET", "/v1/me", `{}`, 400},
			{"no such route", "GET", "/v1/nothing", "", 404},
			{"wrong method", "PUT", read, `{"seq":0}`, 404},
			{"HEAD", "HEAD", "/v1/me", "", 404},
			{"unclean path", "POST", "/v1//cases/" + c.id.String() + "/read", `{"seq":0}`, 404},
			{"dots", "POST", "/v1/x/%2e%2e/cases/" + c.id.String() + "/read", `{"seq":0}`, 404},
			{"slash at the end", "POST", read + "/", `{"seq":0}`, 404},
			{"capitals in an id", "POST", strings.ToUpper(read[:len("/v1/cases/")]) + c.id.String() + "/read", `{"seq":0}`, 404},
			{"upper-case id", "POST", "/v1/cases/" + strings.ToUpper(c.id.String()) + "/read", `{"seq":0}`, 400},
			{"short id", "POST", "/v1/cases/ab/read", `{"seq":0}`, 400},
			{"unknown query", "GET", "/v1/cases?after=0&x=1", "", 400},
			{"query twice", "GET", "/v1/cases?after=0&after=1", "", 400},
			{"negative", "GET", "/v1/cases?after=-1", "", 400},
			{"not a number", "GET", "/v1/cases?after=0x1", "", 400},
			{"overflow", "GET", "/v1/cases?after=9223372036854775808", "", 400},
			{"a query where none belongs", "GET", "/v1/epochs?x=1", "", 400},
			{"a broken query", "GET", "/v1/cases?after=%zz", "", 400},
			{"a tile outside", "GET", "/v1/log/tile/0/999", "", 404},
		} {
			var body []byte
			if test.body != "" {
				body = []byte(test.body)
			}
			rec := w.ask(w.people["olga"], test.method, test.path, body)
			if rec.Code != test.status {
				t.Errorf("%s: status %d, want %d: %s", test.name, rec.Code, test.status, rec.Body)
			}
			if test.method != "HEAD" && !strings.HasPrefix(rec.Header().Get("Content-Type"), "application/json") {
				t.Errorf("%s: the fault is no JSON", test.name)
			}
		}
		if w.snapshot() != before {
			t.Error("something was kept")
		}
	})
}

func TestLogsHoldNoIDs(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		c := w.newCase(hotline.TeamDesk, "a text that nobody logs")
		for _, p := range w.people {
			_, _ = w.do(p, "POST", fill("/v1/cases/{id}/read", c.id), map[string]any{"seq": 0})
			_, _ = w.do(p, "POST", "/v1/locate", map[string]any{"code": c.Code.Digits()})
			_, _ = w.do(p, "POST", "/v1/sync", map[string]any{"items": []any{map[string]any{"id": c.id, "after_place": -1, "after_statement": -1}}})
		}
		logs := w.logs.String()
		for _, secret := range []string{c.id.String(), c.id.Short(), c.Code.Digits(), "nobody logs"} {
			if strings.Contains(logs, secret) {
				t.Errorf("the log holds %q", secret)
			}
		}
		for _, field := range []string{"route=", "action=read", "status=200", "status=404", "duration=", "operator=" + w.people["olga"].member.ID} {
			if !strings.Contains(logs, field) {
				t.Errorf("the log lacks %s:\n%s", field, logs)
			}
		}
		if strings.Contains(logs, fmt.Sprintf("%v", w.people["olga"].member.TLS)) {
			t.Error("the log holds a pin")
		}
	})
}
