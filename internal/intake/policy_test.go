package intake

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"

	"safeconduct/internal/doctest"
)

// operations is what each operation proves and what it can reach, for
// docs/policy.md. The names are those of the constants in package seal.
var operations = [][3]string{
	{"OpNew", "the first record is signed by the key that gives the case its id", "makes that case; another's id cannot be made"},
	{"OpSend", "the record is signed by the case's contact key", "appends to that case"},
	{"OpOpen", "the request is signed by the contact key of the case that the look-up id names", "how far that case is; an unknown receipt looks the same"},
	{"OpFetch", "as above", "the person's own copies of replies"},
	{"OpPutAway", "as above", "removes the person's own copies, and the files that came with them"},
	{"OpPart", "the announcement is signed by the case's contact key", "adds a part of an attachment to that case"},
	{"OpFile", "as for open", "a part of a file that the desk sent to that person"},
}

// Every operation that an envelope may name stands in the table, and no other.
func TestOperationsStandInTheTable(t *testing.T) {
	t.Parallel()
	f, err := parser.ParseFile(token.NewFileSet(), "envelope.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	ast.Inspect(f, func(n ast.Node) bool {
		fn, ok := n.(*ast.FuncDecl)
		if !ok || fn.Name.Name != "operationOf" {
			return true
		}
		ast.Inspect(fn.Body, func(n ast.Node) bool {
			c, ok := n.(*ast.CaseClause)
			if !ok {
				return true
			}
			for _, e := range c.List {
				if sel, ok := e.(*ast.SelectorExpr); ok {
					found = append(found, sel.Sel.Name)
				}
			}
			return true
		})
		return false
	})
	var listed []string
	for _, o := range operations {
		listed = append(listed, o[0])
	}
	if len(found) == 0 || !slices.Equal(found, listed) {
		t.Errorf("envelopes are taken for %v, the table lists %v", found, listed)
	}
}

func TestPolicyDocument(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("| address | reaches |\n|---|---|\n")
	for _, rt := range routes() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", rt.pattern, rt.touches)
	}
	b.WriteString("\n| operation in an envelope | what it proves | what it reaches |\n|---|---|---|\n")
	for _, o := range operations {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", strings.ToLower(strings.TrimPrefix(o[0], "Op")), o[1], o[2])
	}
	doctest.Section(t, "policy.md", "intake", b.String())
}
