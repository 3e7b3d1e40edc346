package server

import (
	_ "embed"
	"fmt"
	"strings"

	"safeconduct/internal/hotline"
)

//go:embed export.txt
var exportText string

// readme says what the archive holds and how to open it without this program.
func (x *export) readme() error {
	mine := make([]string, 0, 4)
	var others []string
	for _, t := range []hotline.Team{hotline.TeamDesk, hotline.TeamField, hotline.TeamRegistry, hotline.TeamClaims} {
		if x.who.inTeam(t) {
			mine = append(mine, string(t))
		} else {
			others = append(others, string(t))
		}
	}
	if len(others) == 0 {
		others = []string{"none"}
	}
	text := fmt.Sprintf(exportText, x.who.house.roster.Desk, x.now.UTC().Format("2006-01-02 15:04 UTC"),
		strings.Join(mine, ", "), strings.Join(others, ", "))
	return x.file([]byte(text), "README.txt")
}
