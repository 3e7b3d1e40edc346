package ui

import (
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"safeconduct/internal/api"
	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/journal"
)

// TestEveryActOfTheJournalHasItsWord reads the server's code: the names of
// acts, and of what an entry binds, compared with the catalog both ways.
func TestEveryActOfTheJournalHasItsWord(t *testing.T) {
	t.Parallel()
	acts, details := ledgerNames(t, "../../server")
	if len(acts) < 19 || len(details) < 25 {
		t.Fatalf("only %d acts and %d details were found: the code is not read any more", len(acts), len(details))
	}
	for _, lang := range languages() {
		words := textsOf(lang).Ledger
		if len(words.Acts) != len(ledgerActs) || len(words.Details) != len(ledgerDetails) || len(words.Actions) != len(ledgerActions) {
			t.Errorf("%s: a name stands twice in words_ledger.go", lang)
		}
		for what, list := range map[string][2]map[string]string{"act": {acts, words.Acts}, "detail": {details, words.Details}} {
			for name, at := range list[0] {
				if list[1][name] == "" {
					t.Errorf("%s: %s: no word in words_ledger.go for the %s %q", lang, at, what, name)
				}
			}
			for name := range list[1] {
				if list[0][name] == "" {
					t.Errorf("%s: the journal has no %s %q any more", lang, what, name)
				}
			}
		}
		for _, a := range hotline.SharedActs() {
			known(t, lang, "shared act", string(a), words.Values["proposed="+string(a)])
		}
		for _, wire := range hotline.Wires() {
			known(t, lang, "tripwire", string(wire), words.Values["wire="+string(wire)])
		}
		for _, why := range []string{api.GoneDue, api.GoneEpoch, api.GoneForget, api.GoneUnsplit} {
			known(t, lang, "reason", why, words.Values["why="+why])
		}
		for _, a := range hotline.Actions() {
			known(t, lang, "action", string(a), words.Actions[a])
		}
		for _, k := range []string{api.DocumentRoster, api.DocumentManifest} {
			known(t, lang, "document", k, words.Documents[k])
		}
	}
}

// ledgerNames are the constants "act…" and the names in values of the type
// detail, with their places.
func ledgerNames(t *testing.T, folder string) (acts, details map[string]string) {
	t.Helper()
	acts, details = map[string]string{}, map[string]string{}
	files, err := filepath.Glob(folder + "/*.go")
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f, err := parser.ParseFile(set, path, text, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		keep := func(into map[string]string, e ast.Expr) {
			if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				name, _ := strconv.Unquote(lit.Value) // a string literal of code that parses
				into[name] = set.Position(e.Pos()).String()
				return
			}
			t.Errorf("%s: this name cannot be read from the code: write it out", set.Position(e.Pos()))
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GenDecl:
				for _, spec := range n.Specs {
					v, ok := spec.(*ast.ValueSpec)
					if n.Tok == token.CONST && ok && len(v.Values) == 1 && isAct(v.Names[0].Name) {
						keep(acts, v.Values[0])
					}
				}
			case *ast.CompositeLit:
				if isName(n.Type, "detail") {
					for _, e := range n.Elts {
						keep(details, e.(*ast.KeyValueExpr).Key)
					}
				}
			case *ast.AssignStmt:
				if at, ok := n.Lhs[0].(*ast.IndexExpr); ok {
					if sel, ok := at.X.(*ast.SelectorExpr); (ok && sel.Sel.Name == "detail") || isName(at.X, "detail") {
						keep(details, at.Index)
					}
				}
			}
			return true
		})
	}
	return acts, details
}

// isAct: actRead, but neither actor nor actorServer.
func isAct(name string) bool {
	rest, ok := strings.CutPrefix(name, "act")
	return ok && rest != "" && rest[0] >= 'A' && rest[0] <= 'Z'
}

// everyAct is a journal with one entry of each act.
func everyAct(t *testing.T) []desk.LedgerRow {
	t.Helper()
	var rows []desk.LedgerRow
	for act := range textsOf("en").Ledger.Acts {
		e := journal.Entry{Hour: int64(hoursAgo(2)), Actor: "vesna", Act: act, Case: caseID(1).String(), Detail: map[string]string{
			"team": "field", "kind": "stage", "document": "roster", "grants": "operator,supervisor;desk", "holder": "recovery", "proposed": "destroy", "wire": "browse", "why": "forget", "stage": "custody", "who": "klen",
			"expires": strconv.FormatInt(testNow.UnixMilli(), 10), "seq": "4",
		}}
		line, err := e.Line()
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, desk.LedgerRow{Index: int64(len(rows)), Hour: hotline.Hour(e.Hour), Actor: e.Actor, Act: act, Case: e.Case, Proved: true, Line: string(line)})
	}
	return rows
}

// TestJournalInWords: no short name of the server is left on the page.
func TestJournalInWords(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"uk", "ru"} {
		f := supervised()
		f.st.Roles = []hotline.Role{hotline.RoleAuditor}
		f.ledgerRows = everyAct(t)
		rec := launched(t, newUI(t, f, lang)).get("/journal")
		body := rec.Body.String()
		if rec.Code != http.StatusOK || strings.Count(body, "<tr>") < len(f.ledgerRows) {
			t.Fatalf("%s: %d with %d rows", lang, rec.Code, strings.Count(body, "<tr>"))
		}
		table := body[strings.Index(body, "<tbody>"):strings.Index(body, "</tbody>")]
		for act, word := range textsOf(lang).Ledger.Acts {
			if strings.Contains(table, ">"+act+"<") || !strings.Contains(table, ">"+word+"<") {
				t.Errorf("%s: %q is not %q on the page", lang, act, word)
			}
		}
		for _, raw := range []string{"field", "roster", "operator", "recovery", "stage", "grants", "expires", "destroy", "browse", "forget", "custody", "klen"} {
			if strings.Contains(table, raw) {
				t.Errorf("%s: the page says %q", lang, raw)
			}
		}
	}
}

// TestServerErrorInTheOperatorsLanguage: what the server refuses, with the
// number in it, as the wire brings it; and the world outside set apart.
func TestServerErrorInTheOperatorsLanguage(t *testing.T) {
	t.Parallel()
	for lang, want := range map[string]string{
		"uk": "Найновіша епоха команди має номер 41; наступна йде за нею.", "ru": "Новейшая эпоха команды имеет номер 41; следующая идёт за ней.",
		"en": "The team&#39;s newest epoch is 41; the next one follows it.",
	} {
		f := supervised()
		f.err = overTheWire(t, hotline.Errorf(hotline.KindConflict, "server", "the team's newest epoch is %d; the next one follows it", 41))
		w := launched(t, newUI(t, f, lang))
		contains(t, lang, w.post("/people/refuse", url.Values{"id": {strings.Repeat("ab", 32)}}), http.StatusConflict, want)
		f.set(func(f *fakeDesk) {
			f.err = hotline.Errorf(hotline.KindUnavailable, "api", "the server cannot be reached: %w", os.ErrDeadlineExceeded)
		})
		contains(t, lang, w.post("/people/refuse", url.Values{"id": {strings.Repeat("ab", 32)}}), http.StatusServiceUnavailable,
			`<span lang="en" class="break">i/o timeout</span>`)
	}
}

// overTheWire is an error as a desk gets it from a server.
func overTheWire(t *testing.T, err error) error {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { api.WriteError(w, err) }))
	t.Cleanup(s.Close)
	_, got := (&api.Client{Base: s.URL, HTTP: s.Client()}).Me(t.Context())
	if hotline.KindOf(got) != hotline.KindOf(err) {
		t.Fatalf("%v arrived as %v", err, got)
	}
	return got
}
