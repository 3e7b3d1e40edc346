package server

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strings"
	"testing"
)

// files parses the package's own source, tests left out.
func files(t *testing.T) map[string]*ast.File {
	t.Helper()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]*ast.File{}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), e.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		out[e.Name()] = f
	}
	return out
}

// calls counts the calls of a method by file.
func calls(f *ast.File, names ...string) int {
	n := 0
	ast.Inspect(f, func(node ast.Node) bool {
		if c, ok := node.(*ast.CallExpr); ok {
			if sel, ok := c.Fun.(*ast.SelectorExpr); ok && slices.Contains(names, sel.Sel.Name) {
				n++
			}
		}
		return true
	})
	return n
}

// Handlers are registered in one place: the loop over the table.
func TestHandlersStandInTheTable(t *testing.T) {
	t.Parallel()
	inTable := map[string]int{}
	all := files(t)
	ast.Inspect(all["routes.go"], func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if _, method := sel.X.(*ast.ParenExpr); method { // (*Server).name
				inTable[sel.Sel.Name]++
			}
		}
		return true
	})
	handlers := 0
	for name, f := range all {
		want := 0
		if name == "routes.go" {
			want = 1
		}
		if n := calls(f, "Handle", "HandleFunc"); n != want {
			t.Errorf("%s registers handlers in %d places, want %d", name, n, want)
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || !isHandler(fn) {
				continue
			}
			handlers++
			if inTable[fn.Name.Name] != 1 {
				t.Errorf("%s: handler %s stands %d times in the table", name, fn.Name.Name, inTable[fn.Name.Name])
			}
		}
	}
	if handlers == 0 || handlers != len(routes()) {
		t.Errorf("%d handlers for %d routes", handlers, len(routes()))
	}
}

// isHandler recognises func (*Server) name(*call) (any, error).
func isHandler(fn *ast.FuncDecl) bool {
	if fn.Recv == nil || len(fn.Type.Params.List) != 1 || fn.Type.Results == nil || len(fn.Type.Results.List) != 2 {
		return false
	}
	star, ok := fn.Type.Params.List[0].Type.(*ast.StarExpr)
	if !ok {
		return false
	}
	param, ok := star.X.(*ast.Ident)
	result, isIdent := fn.Type.Results.List[0].Type.(*ast.Ident)
	return ok && param.Name == "call" && isIdent && result.Name == "any"
}

// There is one way to change anything, and it writes the leaf.
func TestOneWayToChange(t *testing.T) {
	t.Parallel()
	for name, f := range files(t) {
		want := 0
		switch name {
		case "act.go", "bootstrap.go",
			"keystore.go": // takes its own mark off that a file is owed: nothing of the house changes
			want = 1
		}
		if n := calls(f, "Update"); n != want {
			t.Errorf("%s opens %d transactions that write, want %d", name, n, want)
		}
	}
}

// Every handler's transaction that writes is inside act, and within it every
// statement that writes is inside a deed's write, which runs after the leaf.
func TestWritesComeAfterTheLeaf(t *testing.T) {
	t.Parallel()
	writes := []string{
		"InsertRecord", "InsertReplyCopy", "InsertStatement", "InsertCaseKey", "InsertCaseWrap", "InsertTeamEpoch", "PutTeamWrap",
		"RetireTeamEpoch", "InsertInvitation", "StepInvitation", "InsertDocument", "PutSetting", "CaseRead", "CaseAfterDesk",
		"CaseAfterStatement", "CaseQuiet", "CaseTouched", "DeleteTeamWrapsOf", "DeleteTeamWrapOf", "PutRecoveryPart", "NextVersion", "Take", "Name",
		"MarkTripwire", "InsertAlarm", "GrowAlarm", "CalmAlarm", "PutAlarmNote", "PlantCanary", "LiftCanary", "InsertCase", "InsertTie", "DeleteTie", "FollowMain", "CaseAnswered",
	}
	found := 0
	for name, f := range files(t) {
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Body == nil {
				continue
			}
			ast.Inspect(fn.Body, func(n ast.Node) bool {
				lit, ok := n.(*ast.FuncLit)
				if ok && isWrite(lit) {
					return false // after the leaf
				}
				c, isCall := n.(*ast.CallExpr)
				if !isCall {
					return true
				}
				sel, isSel := c.Fun.(*ast.SelectorExpr)
				if isSel && slices.Contains(writes, sel.Sel.Name) {
					found++
					if isHandler(fn) {
						t.Errorf("%s: %s calls %s before its leaf", name, fn.Name.Name, sel.Sel.Name)
					}
				}
				return true
			})
		}
	}
	if found == 0 {
		t.Error("the test looks at nothing")
	}
}

// isWrite recognises func(ctx, tx, leaf) error.
func isWrite(lit *ast.FuncLit) bool {
	n := 0
	for _, p := range lit.Type.Params.List {
		n += max(1, len(p.Names))
	}
	return n == 3
}
