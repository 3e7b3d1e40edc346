package ui

import (
	"fmt"
	"strings"

	"safeconduct/internal/desk"
)

// fileView is an attachment as a tile of the conversation.
type fileView struct {
	Object string // names it in a form, never in an address
	Kind   string
	Name   string // "Photo"
	Size   string // "2.4 MB"
	Type   string // as claimed; only of what is not shown
	State  string // that it is sealed, or why it is not shown
}

func fileViews(t *texts, m desk.Message) []fileView {
	var out []fileView
	for _, a := range m.Files {
		v := fileView{Object: a.ID.String(), Kind: string(a.Kind), Name: t.Files.Kinds[a.Kind], Size: sizeText(t, a.Size), State: t.Files.Sealed}
		if !a.Kind.Shown() {
			v.State, v.Type = t.Files.NotShown, a.Type
		}
		out = append(out, v)
	}
	return out
}

// filesInWords is what the queue says of a message's files: "a photo, a file × 2".
func filesInWords(t *texts, kinds []desk.FileKind) string {
	var out []string
	for _, k := range []desk.FileKind{desk.FilePhoto, desk.FileSound, desk.FileDocument, desk.FileOther} {
		n := 0
		for _, have := range kinds {
			if have == k {
				n++
			}
		}
		switch {
		case n == 1:
			out = append(out, t.Files.One[k])
		case n > 1:
			out = append(out, fmt.Sprintf("%s × %d", t.Files.One[k], n))
		}
	}
	return strings.Join(out, ", ")
}

// sizeText is a size in bytes as people say it, in steps of a thousand.
func sizeText(t *texts, n int64) string {
	units := t.Files.Units
	switch {
	case n < 1000:
		return fmt.Sprintf("%d %s", n, units[0])
	case n < 1_000_000:
		return fmt.Sprintf("%d %s", (n+500)/1000, units[1])
	}
	s := fmt.Sprintf("%d.%d", n/1_000_000, n/100_000%10)
	if t.Tag != "en" {
		s = strings.ReplaceAll(s, ".", ",")
	}
	return s + " " + units[2]
}
