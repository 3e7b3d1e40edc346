package gatewaytest

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf16"

	"safeconduct/internal/store"
)

// redaction: what people and operators write, addresses and tokens stand nowhere in
// the clear but at the channel, whatever goes wrong.
func (p *play) redaction() {
	const heard, answered = "канарейка-7f3a не хочу умирать", "щегол-91bc мы ждём тебя"
	stop := p.node()
	p.sayText(0, heard)
	p.settled()
	for _, trouble := range []Trouble{Fails, CutBefore, CutAfter, SlowDown} {
		if lift := p.door.Trouble(trouble); lift != nil {
			p.sayText(1, heard+" "+string(trouble))
			p.hurry("it is kept", func() bool { return p.kept() == p.count() })
			lift()
		}
	}
	if _, ok := p.door.(Answering); ok {
		waiting := p.answer(0, answered)
		p.hurry("the reply is noted", waiting)
	}
	stop()
	secrets := append(p.door.Secrets(), "канарейка-7f3a", "щегол-91bc")
	if seen := p.Spotless(secrets...); seen < 100_000 {
		p.t.Errorf("only %d bytes were searched", seen)
	}
}

// Quiet reports whether no job waits.
func (h *House) Quiet() bool {
	n := 0
	h.rows(func(table string, _ []any) {
		if table == "job" {
			n++
		}
	})
	return n == 0
}

// Spotless looks for secrets in the log, in every row, in the files of the database
// and in those of attachments, however they may be written there. It returns how
// many bytes it looked at.
func (h *House) Spotless(secrets ...string) (seen int) {
	h.T.Helper()
	look := func(where string, text []byte, secret string) {
		seen += len(text)
		for _, form := range forms(secret) {
			if bytes.Contains(text, form) {
				h.T.Errorf("%s holds a secret in the clear (%d bytes)", where, len(secret))
				return
			}
		}
	}
	files := h.files()
	logged := []byte(h.Logged())
	for _, secret := range secrets {
		look("the log", logged, secret)
		for name, content := range files {
			look(name, content, secret)
		}
		number, err := strconv.ParseInt(secret, 10, 64)
		h.rows(func(table string, values []any) {
			for _, v := range values {
				switch v := v.(type) {
				case []byte:
					look("table "+table, v, secret)
				case string:
					look("table "+table, []byte(v), secret)
				case int64:
					if err == nil && v == number {
						h.T.Errorf("table %s holds an address", table)
					}
				}
			}
		})
	}
	return seen / max(1, len(secrets))
}

// forms are the ways in which a text may stand somewhere.
func forms(secret string) [][]byte {
	text := []byte(secret)
	var wide, escaped []byte
	for _, unit := range utf16.Encode([]rune(secret)) {
		wide = binary.LittleEndian.AppendUint16(wide, unit)
		if unit < 0x80 {
			escaped = append(escaped, byte(unit))
		} else {
			escaped = fmt.Appendf(escaped, `\u%04x`, unit)
		}
	}
	all := [][]byte{text, wide, escaped, []byte(hex.EncodeToString(text)), []byte(url.QueryEscape(secret))}
	// In base64 a text looks in three ways, by where it begins; its ends mix with what is beside it.
	for shift := range 3 {
		whole := base64.StdEncoding.EncodeToString(append(make([]byte, shift), text...))
		all = append(all, []byte(strings.TrimRight(whole, "=")[shift+1:len(whole)-4]))
	}
	return all
}

// rows visits every row of every table.
func (h *House) rows(visit func(table string, values []any)) {
	h.T.Helper()
	ctx := h.T.Context()
	err := h.DB.View(ctx, func(tx *store.Tx) error {
		tables, err := tx.Tables(ctx)
		for _, t := range tables {
			if err == nil {
				err = tx.EachRow(ctx, t, false, 0, func(values []any) error { visit(t.Name, values); return nil })
			}
		}
		return err
	})
	if err != nil {
		h.T.Fatal(err)
	}
}

// files reads what lies on disk.
func (h *House) files() map[string][]byte {
	h.T.Helper()
	found := map[string][]byte{}
	roots := []string{h.Files}
	if path, ok := strings.CutPrefix(h.URL, "sqlite://"); ok {
		roots = append(roots, filepath.Dir(path))
	}
	if h.data != "" {
		roots = append(roots, h.data)
	}
	for _, root := range roots {
		folder := os.DirFS(root)
		err := fs.WalkDir(folder, ".", func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return nil // it has gone meanwhile
			}
			content, err := fs.ReadFile(folder, path)
			if err == nil {
				found[filepath.Join(root, path)] = content
			}
			return nil
		})
		if err != nil {
			h.T.Fatal(err)
		}
	}
	return found
}
