package ui

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// unheard are the packages whose sentences do not reach a page of the desk,
// and why. A package that is not here is read.
var unheard = map[string]string{
	"store":        "the server says four sentences of its own instead (server/door.go)",
	"intake":       "it answers contact pages, which have their own words",
	"gateway":      "it answers contacts, in their own words",
	"backup":       "the command line",
	"rehearsal":    "the command line",
	"installation": "the command line",
}

// TestEverySentenceIsTranslated reads the code and compares every sentence in
// it with the catalog: a sentence without a translation and a translation
// without a sentence both fail.
func TestEverySentenceIsTranslated(t *testing.T) {
	t.Parallel()
	c := readCode(t, "../..")
	for _, wrong := range c.wrong {
		t.Error(wrong)
	}
	known := map[string]bool{}
	for _, p := range phrases() {
		if known[p.en] {
			t.Errorf("twice in the catalog: %q", p.en)
		}
		known[p.en] = true
		if _, said := c.said[p.en]; !said {
			t.Errorf("nobody says it any more: %q", p.en)
		}
	}
	for format, at := range c.said {
		if !known[format] && !addsNothing(format) {
			t.Errorf("%s: no translation in internal/desk/ui/phrases_*.go: %q", at, format)
		}
	}
	if len(c.said) < 300 {
		t.Errorf("only %d sentences were found: the code is not read any more", len(c.said))
	}
}

// TestReaderOfSentences: the reader finds a sentence however it is said, and
// refuses one that it cannot read. A reader that finds nothing proves nothing.
func TestReaderOfSentences(t *testing.T) {
	t.Parallel()
	code := `package p
import ("errors"; "safeconduct/internal/hotline")
const fixed = "a constant"
var errOne = errors.New("a fixed error")
func f(n int) error { return hotline.Errorf(hotline.KindInvalid, "op", "plain %d", n) }
func g() error { return wrap("by a helper") }
func wrap(format string, args ...any) error { return hotline.Errorf(hotline.KindInvalid, "op", "before: "+format, args...) }
func h() error {
	no := func(why string) error { return hotline.Errorf(hotline.KindInvalid, "op", "%s", why) }
	hotline.Say("said " +
		"in two parts")
	hotline.Say(fixed)
	return no("by a closure")
}
func k(s session) { s.note(1, "by a method %d", 2) }
func (s session) note(kind int, format string, args ...any) { hotline.Say(format, args...) }
func quiet() error { return hotline.Errorf(hotline.KindInternal, "op", "hidden on a server") }
func bad(text string, n int) { x := text + "y"; hotline.Say(x); hotline.Errorf(1, "op", "%s", x) }
func worse() any { return hotline.Error{Text: "made by hand"} }
`
	c := newCode()
	file, err := parser.ParseFile(c.files, "p.go", code, 0)
	if err != nil {
		t.Fatal(err)
	}
	c.read("server", []*ast.File{file})
	want := []string{"a constant", "a fixed error", "before: by a helper", "by a closure", "by a method %d", "plain %d", "said in two parts"}
	var got []string
	for format := range c.said {
		if !addsNothing(format) {
			got = append(got, format)
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("found %q", got)
	}
	if len(c.wrong) != 3 {
		t.Errorf("complaints: %q", c.wrong)
	}
}

// code is what the reader has found.
type code struct {
	files *token.FileSet
	said  map[string]string // where, by format
	wrong []string
}

func newCode() *code { return &code{files: token.NewFileSet(), said: map[string]string{}} }

func readCode(t *testing.T, root string) *code {
	t.Helper()
	c := newCode()
	byFolder := map[string][]*ast.File{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := filepath.Base(path)
		if d.IsDir() && (unheard[name] != "" || strings.HasSuffix(name, "test") || name == "testdata") {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(c.files, path, text, parser.SkipObjectResolution)
		byFolder[filepath.Dir(path)] = append(byFolder[filepath.Dir(path)], file)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for folder, files := range byFolder {
		c.read(filepath.Base(folder), files)
	}
	return c
}

// sayer is a function that says the sentence in one of its arguments.
type sayer struct {
	arg    int
	before string // what it puts in front
	method bool
}

// read finds the sentences of one package. Helpers that pass a sentence on are
// found first, until there are no more of them.
func (c *code) read(name string, files []*ast.File) {
	p := &room{code: c, name: name, consts: map[string]string{}, sayers: map[string]sayer{"Errorf": {arg: 2}, "Say": {arg: 0}}}
	for _, f := range files {
		p.constants(f)
	}
	for n := 0; n != len(p.sayers); {
		n = len(p.sayers)
		for _, f := range files {
			p.walk(f, false)
		}
	}
	for _, f := range files {
		p.walk(f, true)
	}
}

type room struct {
	*code
	name   string
	consts map[string]string
	sayers map[string]sayer
}

func (p *room) constants(f *ast.File) {
	ast.Inspect(f, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) == len(spec.Names) {
			for i, v := range spec.Values {
				if text, ok := p.literal(v); ok {
					p.consts[spec.Names[i].Name] = text
				}
			}
		}
		return true
	})
}

// literal is the value of a string that stands in the code.
func (p *room) literal(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		return s, err == nil && e.Kind == token.STRING
	case *ast.BinaryExpr:
		x, okX := p.literal(e.X)
		y, okY := p.literal(e.Y)
		return x + y, okX && okY && e.Op == token.ADD
	case *ast.ParenExpr:
		return p.literal(e.X)
	case *ast.Ident:
		s, ok := p.consts[e.Name]
		return s, ok
	}
	return "", false
}

// function is one around a call. A function literal is known by its variable,
// inside the declaration it stands in.
type function struct {
	name   string
	params []string
	method bool
}

// scoped is the name of a function literal as the list of helpers has it.
func scoped(around []function, name string) string { return around[0].name + "." + name }

// walk looks at every call. With report it keeps what is said; otherwise it
// looks for helpers only.
func (p *room) walk(f *ast.File, report bool) {
	var around []function
	var nodes []ast.Node
	ast.Inspect(f, func(n ast.Node) bool {
		if n == nil {
			last := nodes[len(nodes)-1]
			nodes = nodes[:len(nodes)-1]
			switch last.(type) {
			case *ast.FuncDecl, *ast.FuncLit:
				around = around[:len(around)-1]
			}
			return true
		}
		nodes = append(nodes, n)
		switch n := n.(type) {
		case *ast.FuncDecl:
			around = append(around, function{n.Name.Name, parameters(n.Type), n.Recv != nil})
		case *ast.FuncLit:
			name := nameOf(nodes, n)
			if name != "" && len(around) > 0 {
				name = scoped(around, name)
			}
			around = append(around, function{name, parameters(n.Type), false})
		case *ast.CallExpr:
			p.call(n, around, report)
		case *ast.CompositeLit:
			if sel, ok := n.Type.(*ast.SelectorExpr); ok && report && sel.Sel.Name == "Error" && isName(sel.X, "hotline") && p.name != "api" {
				p.complain(n, "say it with hotline.Errorf: an error made by hand has no translation")
			}
		}
		return true
	})
}

// nameOf is the variable that a function literal is assigned to.
func nameOf(nodes []ast.Node, lit *ast.FuncLit) string {
	if len(nodes) < 2 {
		return ""
	}
	if a, ok := nodes[len(nodes)-2].(*ast.AssignStmt); ok {
		for i, v := range a.Rhs {
			if id, isID := a.Lhs[min(i, len(a.Lhs)-1)].(*ast.Ident); isID && v == ast.Expr(lit) {
				return id.Name
			}
		}
	}
	return ""
}

func parameters(t *ast.FuncType) []string {
	var out []string
	for _, field := range t.Params.List {
		for _, name := range field.Names {
			out = append(out, name.Name)
		}
	}
	return out
}

func isName(e ast.Expr, name string) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == name
}

func (p *room) call(n *ast.CallExpr, around []function, report bool) {
	name := ""
	switch fun := n.Fun.(type) {
	case *ast.Ident:
		name = fun.Name
	case *ast.SelectorExpr:
		name = fun.Sel.Name
		switch x, _ := fun.X.(*ast.Ident); {
		case x != nil && x.Name == "errors" && name == "New" && len(n.Args) == 1:
			if text, ok := p.literal(n.Args[0]); ok && report {
				p.said[text] = p.files.Position(n.Pos()).String()
			}
			return
		case x != nil && (x.Name == "fmt" || x.Name == "t" || x.Name == "http"):
			return
		}
	}
	s, ok := p.sayers[name]
	if len(around) > 0 {
		if local, isLocal := p.sayers[scoped(around, name)]; isLocal {
			s, ok = local, true
		}
	}
	if !ok || len(n.Args) <= s.arg {
		return
	}
	if p.hidden(name, n) {
		return
	}
	format, rest := n.Args[s.arg], n.Args[s.arg+1:]
	if _, isCall := format.(*ast.CallExpr); isCall && s.method {
		return // another method of that name takes a sentence, which is read by itself
	}
	before := s.before
	if text, ok := p.literal(format); ok && text == "%s" && len(rest) == 1 && before == "" {
		format = rest[0] // what is passed on is the sentence
	}
	if sum, ok := format.(*ast.BinaryExpr); ok {
		if text, ok := p.literal(sum.X); ok {
			if id, isID := sum.Y.(*ast.Ident); isID && p.forwards(id.Name, before+text, around) {
				return
			}
		}
	}
	if id, isID := format.(*ast.Ident); isID && p.forwards(id.Name, before, around) {
		return
	}
	if !report {
		return
	}
	text, ok := p.literal(format)
	if !ok {
		p.complain(n, "this sentence cannot be read from the code: write it out where it is said, or hand it on as a parameter")
		return
	}
	p.said[before+text] = p.files.Position(n.Pos()).String()
}

// hidden reports whether an error never leaves its program: what an internal
// error of the server says stays in its log (api.WriteError).
func (p *room) hidden(name string, n *ast.CallExpr) bool {
	if name != "Errorf" || !slices.Contains([]string{"server", "journal", "hotline", "object", "blob"}, p.name) {
		return false
	}
	sel, ok := n.Args[0].(*ast.SelectorExpr)
	return isName(n.Args[0], "KindInternal") || ok && sel.Sel.Name == "KindInternal"
}

// forwards notes that the function around a call says its parameter.
func (p *room) forwards(param, before string, around []function) bool {
	for _, f := range slices.Backward(around) {
		if i := slices.Index(f.params, param); i >= 0 {
			if f.name == "" {
				return false
			}
			if _, known := p.sayers[f.name]; !known {
				p.sayers[f.name] = sayer{i, before, f.method}
			}
			return true
		}
	}
	return false
}

func (p *room) complain(n ast.Node, what string) {
	p.wrong = append(p.wrong, fmt.Sprintf("%s: %s", p.files.Position(n.Pos()), what))
}
