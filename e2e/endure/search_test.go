package endure

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"safeconduct/internal/backup"
	"safeconduct/internal/hotline"
	"safeconduct/internal/journal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/storetest"
)

// places reads everything that is on the server's side: its folder without the
// operator's, what it prints, and PostgreSQL's folder, each file under its kind.
func (h *house) places(cluster *storetest.Cluster) map[string][][]byte {
	h.tb.Helper()
	all := map[string][][]byte{"what the server prints": {h.log.Bytes()}}
	walk := func(dir string, kind func(path string) string) {
		h.tb.Helper()
		err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil // gone meanwhile
			}
			if err != nil || !e.Type().IsRegular() {
				return err
			}
			k := kind(strings.TrimPrefix(path, dir+"/"))
			if k == "" {
				return nil
			}
			b, err := os.ReadFile(path)
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			all[k] = append(all[k], b)
			return err
		})
		ok(h.tb, err)
	}
	walk(h.dir, func(path string) string {
		top, _, _ := strings.Cut(path, "/")
		switch {
		case strings.HasPrefix(top, "safeconduct.db-"):
			return "the log of the database"
		case top == "safeconduct.db":
			return "the database"
		case top == "operator" || top == "sheets": // another computer; paper
			return ""
		}
		return top // backup, keystore, objects, recovery, secret, server.json
	})
	if cluster != nil {
		walk(filepath.Join(cluster.Dir, "data"), func(path string) string {
			switch {
			case strings.HasPrefix(path, "pg_wal/"):
				return "PostgreSQL's log of changes"
			case strings.HasPrefix(path, "base/1/"), strings.HasPrefix(path, "base/4/"):
				return "" // templates
			case strings.HasPrefix(path, "base/"), strings.HasPrefix(path, "global/"):
				return "the database"
			}
			return "PostgreSQL's other files"
		})
	}
	return all
}

// needles are what is searched for: bytes, each with what it is.
type needles map[string]string

// keySize is how much of a needle the search looks at first.
const keySize = 6

func (n needles) raw(what string, b []byte) {
	if len(b) < keySize {
		panic("a needle is too short: " + what)
	}
	n[string(b)] = what
}

// bytes adds a value in every form in which files may hold it.
func (n needles) bytes(what string, b []byte) {
	n.raw(what, b)
	n.raw(what+", hexadecimal", []byte(hex.EncodeToString(b)))
	for shift := range 3 { // the three ways in which bytes can meet base64's groups
		text := base64.RawStdEncoding.EncodeToString(append(make([]byte, shift), b...))
		first := []int{0, 2, 3}[shift]
		n.raw(what+", base64", []byte(text[first:len(text)-1]))
	}
}

func (n needles) text(what, text string) { n.bytes(what, []byte(text)) }

// find returns what was found and where, sorted: "what in place".
func (n needles) find(places map[string][][]byte) []string {
	table := map[uint64][]string{}
	var hint [1 << 16]bool
	for b := range n {
		key := binary.LittleEndian.Uint64(append([]byte(b[:keySize]), 0, 0))
		table[key] = append(table[key], b)
		hint[uint16(key)] = true
	}
	found := map[string]bool{}
	for place, files := range places {
		for _, f := range files {
			for i := 0; i+keySize <= len(f); i++ {
				if !hint[uint16(f[i])|uint16(f[i+1])<<8] {
					continue
				}
				key := uint64(f[i]) | uint64(f[i+1])<<8 | uint64(f[i+2])<<16 | uint64(f[i+3])<<24 | uint64(f[i+4])<<32 | uint64(f[i+5])<<40
				for _, b := range table[key] {
					if strings.HasPrefix(string(f[i:min(len(f), i+len(b))]), b) {
						found[n[b]+" in "+place] = true
					}
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// instant adds a moment in every form: as text of a signed statement, and as
// both databases keep numbers. Hours of three bytes are looked for beside the
// case's id alone (see besideID): by themselves they are everywhere.
func (n needles) hour(what string, hour int64) {
	n.raw(what+" (a signed text)", fmt.Appendf(nil, `"hour":%d`, hour))
	n.bytes(what+" (a line of a backup)", fmt.Appendf(nil, `"hour":%d,`, hour))
	n.raw(what+" (a number of PostgreSQL)", binary.LittleEndian.AppendUint64(nil, uint64(hour)))
}

func (n needles) millisecond(what string, ms int64) {
	n.raw(what+" (a number of PostgreSQL)", binary.LittleEndian.AppendUint64(nil, uint64(ms)))
	n.raw(what+" (a number of SQLite)", binary.BigEndian.AppendUint64(nil, uint64(ms))[2:])
	n.raw(what+" (a text)", fmt.Append(nil, ms))
}

// besideID finds hours as SQLite keeps them (three bytes, the highest first,
// sqlite.org/fileformat2.html#record_format) within a small row that begins with an id.
func besideID(files [][]byte, id hotline.CaseID, hours []int64) (n int) {
	for _, f := range files {
		for at := 0; ; {
			i := bytes.Index(f[at:], id[:])
			if i < 0 {
				break
			}
			at += i + len(id)
			row := f[at:min(len(f), at+120)]
			for _, hour := range hours {
				if bytes.Contains(row, []byte{byte(hour >> 16), byte(hour >> 8), byte(hour)}) {
					n++
				}
			}
		}
	}
	return n
}

// row is a row of any table, by column.
type row struct {
	table string
	named map[string]any
}

// rows reads every row of the running database.
func (h *house) rows() (all []row) {
	h.tb.Helper()
	db := storetest.Open(h.tb, h.in.DatabaseURL(), store.AsItIs())
	defer db.Close() // the files are to be as the server has them
	ctx := context.Background()
	ok(h.tb, db.View(ctx, func(tx *store.Tx) error {
		tables, err := tx.Tables(ctx)
		if err != nil {
			return err
		}
		for _, t := range tables {
			err := tx.EachRow(ctx, t, false, 0, func(values []any) error {
				r := row{t.Name, map[string]any{}}
				for i, c := range t.Columns {
					r.named[c.Name] = values[i]
				}
				all = append(all, r)
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	}))
	return all
}

// rowsOf reads every row of a backup, or of the key store.
func (h *house) rowsOf(path string) (all []row) {
	h.tb.Helper()
	key := must[*journal.Verifier](h.tb)(journal.ParseVerifier(h.in.JournalKey()))
	m := must[backup.Manifest](h.tb)(backup.CheckFile(path, key))
	ok(h.tb, backup.Rows(path, m, func(table string, named map[string]any) error {
		all = append(all, row{table, named})
		return nil
	}))
	return all
}

// names reports whether a row is about a case.
func (r row) names(id hotline.CaseID) bool {
	for _, v := range r.named {
		switch v := v.(type) {
		case []byte:
			if bytes.Equal(v, id[:]) {
				return true
			}
		case string:
			if v == id.String() {
				return true
			}
		}
	}
	return false
}

// subDay lists what rows about a case know of a time more exactly than its day.
func subDay(rows []row, id hotline.CaseID) (found []string) {
	for _, r := range rows {
		if !r.names(id) {
			continue
		}
		for column, v := range r.named {
			n, isNumber := v.(int64)
			if !isNumber {
				continue
			}
			switch {
			case strings.HasSuffix(column, "hour") && n%24 != 0,
				strings.HasSuffix(column, "minute") && n%(24*60) != 0,
				strings.HasSuffix(column, "_ms"), strings.HasSuffix(column, "second"):
				found = append(found, r.table+"."+column)
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// clear adds what must be gone when a case is folded: the person's door, signed
// texts, copies of replies; and with whole everything, when it is removed.
func (n needles) clear(who string, rows []row, id hotline.CaseID, whole bool) {
	goes := map[string]bool{
		"hotline_case.lookup": true, "hotline_case.contact_key": true, "hotline_case.code_index": true, "hotline_case.contact_header": true,
		"case_key.statement": true, "record.header": true, "reply_copy.file": true, "statement.header": true, "statement.sealed": true,
		"record.file": whole, "case_wrap.wrap": whole, "object_part.blob": whole,
	}
	for _, r := range rows {
		if !r.names(id) {
			continue
		}
		for column, v := range r.named {
			b, isBytes := v.([]byte)
			what := who + ": " + r.table + "." + column
			if isBytes && len(b) >= 16 && goes[r.table+"."+column] {
				// Its end: signed texts and sealed files begin alike, and end with what nobody else has.
				n.bytes(what, b[max(0, len(b)-40):max(16, len(b)-8)])
			}
			if ms, isNumber := v.(int64); isNumber && strings.HasSuffix(column, "_ms") {
				n.millisecond(what, ms)
			}
		}
	}
}

// close finds two ids that are near one another, as numbered or timed ids are,
// whichever end is the higher. Random ones of 16 bytes or more never are.
func near(ids [][]byte) string {
	for _, order := range []string{"ascending", "descending"} {
		var numbers []*big.Int
		for _, id := range ids {
			b := bytes.Clone(id[:16])
			if order == "descending" {
				slices.Reverse(b)
			}
			numbers = append(numbers, new(big.Int).SetBytes(b))
		}
		slices.SortFunc(numbers, (*big.Int).Cmp)
		for i := range len(numbers) - 1 {
			if gap := new(big.Int).Sub(numbers[i+1], numbers[i]); gap.BitLen() <= 96 {
				return fmt.Sprintf("%x and %x, %s", numbers[i], numbers[i+1], order)
			}
		}
	}
	return ""
}

// ordered reports whether ids in the order of their making rise or fall all along.
func ordered(ids [][]byte) bool {
	down := slices.Clone(ids)
	slices.Reverse(down)
	return slices.IsSortedFunc(ids, bytes.Compare) || slices.IsSortedFunc(down, bytes.Compare)
}

// publicIDs are the columns with which anybody outside of the database names a thing.
func publicIDs() []string {
	return []string{
		"hotline_case.id", "hotline_case.lookup", "hotline_case.code_index", "record.id", "statement.id", "object.id", "object_part.blob",
		"invitation.id", "proposal.id", "approval.id", "case_gone.id",
	}
}

func idsOf(rows []row) map[string][][]byte {
	ids := map[string][][]byte{}
	for _, r := range rows {
		for column, v := range r.named {
			name := r.table + "." + column
			if b, isBytes := v.([]byte); isBytes && len(b) >= 16 && slices.Contains(publicIDs(), name) {
				ids[name] = append(ids[name], b)
			}
		}
	}
	return ids
}

// TestTheSearchFinds shows the search each form that it claims to know, and
// that it finds nothing where nothing is.
func TestTheSearchFinds(t *testing.T) {
	t.Parallel()
	word := []byte("heronbeak-7719")
	n := needles{}
	n.bytes("it", word)
	n.hour("its hour", 493_215)
	n.millisecond("its moment", 1_772_442_942_123)
	for name, b := range map[string][]byte{
		"raw": word, "hexadecimal": []byte(hex.EncodeToString(word)), "base64": []byte(base64.StdEncoding.EncodeToString(word)),
		"base64, shifted": []byte(base64.StdEncoding.EncodeToString(append([]byte("x"), word...))), "twice": []byte(base64.StdEncoding.EncodeToString(append([]byte("xy"), word...))),
		"a signed text": []byte(`{"v":1,"hour":493215}`), "a number": {0, 0x9f, 0x86, 7, 0, 0, 0, 0, 0, 1}, "six bytes": {0x01, 0x9c, 0xad, 0x9d, 0xf0, 0xab},
	} {
		if name == "six bytes" {
			b = binary.BigEndian.AppendUint64(nil, 1_772_442_942_123)[2:]
		}
		if len(n.find(map[string][][]byte{"here": {append([]byte("<<"), b...)}})) == 0 {
			t.Errorf("%s is not found", name)
		}
	}
	if f := n.find(map[string][][]byte{"here": {[]byte("something else"), nil, {1, 2}}}); len(f) != 0 {
		t.Errorf("found where it is not: %v", f)
	}
	id := hotline.CaseID{1, 2, 3}
	if besideID([][]byte{append(id[:], 9, 9, 0x07, 0x86, 0x9f)}, id, []int64{493_215}) != 1 || besideID([][]byte{id[:]}, id, []int64{493_215}) != 0 {
		t.Error("an hour beside an id is not found, or found where it is not")
	}
	counted := [][]byte{make([]byte, 16), make([]byte, 16)}
	counted[1][15] = 1
	if near(counted) == "" || !ordered(counted) {
		t.Error("numbered ids are not found")
	}
	if f := subDay([]row{{"record", map[string]any{"case_id": id[:], "hour": int64(25), "seq": int64(3)}}}, id); len(f) != 1 {
		t.Errorf("an hour in a row: %v", f)
	}
	if f := subDay([]row{{"record", map[string]any{"case_id": id[:], "hour": int64(48), "seq": int64(3)}}}, id); len(f) != 0 {
		t.Errorf("a day in a row: %v", f)
	}
}
