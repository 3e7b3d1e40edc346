package installation

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"strings"

	"safeconduct/internal/seal"
)

//go:embed sheet.html
var sheetHTML string

// sheet is one recovery sheet as it is printed.
type sheet struct {
	Number, Of, Needed int
	Desk               string
	Secret             string
	Groups             []string // the secret in groups of six, to be typed
	Parts              []string // names of the files that this sheet helps to open
}

func newSheet(n, k int, desk seal.DeskID, r seal.Recovery) sheet {
	s := sheet{Number: n, Of: len(r.Sheets), Needed: k, Desk: desk.String(), Secret: r.Sheets[n-1].Secret()}
	for rest := s.Secret; rest != ""; {
		cut := min(6, len(rest))
		s.Groups, rest = append(s.Groups, rest[:cut]), rest[cut:]
	}
	for name := range r.Parts {
		for _, part := range strings.Split(strings.TrimSuffix(name, ".age"), "-") {
			if part == fmt.Sprint(n) {
				s.Parts = append(s.Parts, name)
			}
		}
	}
	return s
}

// html returns the printable page.
func (s sheet) html() ([]byte, error) {
	t, err := template.New("sheet").Parse(sheetHTML)
	if err != nil {
		return nil, fmt.Errorf("sheet: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, s); err != nil {
		return nil, fmt.Errorf("sheet: %w", err)
	}
	return b.Bytes(), nil
}

// text returns the identity file that the stock age program takes with -i.
func (s sheet) text() []byte {
	return fmt.Appendf(nil, "# recovery sheet %d of %d, any %d open everything\n%s\n", s.Number, s.Of, s.Needed, s.Secret)
}
