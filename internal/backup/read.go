package backup

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"

	"safeconduct/internal/hotline"
	"safeconduct/internal/journal"
	"safeconduct/internal/store"
)

// maxManifest bounds the list of contents (golang.org/x/mod/sumdb/note reads up
// to a million bytes).
const maxManifest = 1 << 20

func damaged(format string, args ...any) error {
	return hotline.Errorf(hotline.KindForged, "backup", "the file is damaged: "+format+". Nothing was written; use another backup", args...)
}

// Check reads an archive to its end: its form, the signature, every number of
// rows and every hash. Nothing in it is believed before.
func Check(r io.Reader, key *journal.Verifier) (Manifest, error) {
	var m Manifest
	found := map[string]*tally{}
	objects := newCounted()
	err := walk(r, visitor{line: func(table string, line []byte) error {
		t := found[table]
		if t == nil {
			t = &tally{hash: sha256.New()}
			found[table] = t
		}
		t.add(line)
		return nil
	}, object: objects.add, manifest: func(text []byte) (err error) {
		m, err = parseManifest(text, key)
		return err
	}})
	if err != nil {
		return m, err
	}
	if err := objects.are(m.Objects); err != nil {
		return m, err
	}
	for _, want := range m.Tables {
		got := found[want.Name]
		delete(found, want.Name)
		if got == nil {
			got = &tally{hash: sha256.New()}
		}
		if err := got.is(want); err != nil {
			return m, err
		}
	}
	for name := range found {
		return m, damaged("it holds a table %q that its list of contents does not name", name)
	}
	return m, nil
}

// tally counts and hashes a table's lines.
type tally struct {
	rows int64
	hash hash.Hash
}

func (t *tally) add(line []byte) {
	t.rows++
	_, _ = t.hash.Write(line)
	_, _ = t.hash.Write([]byte{'\n'})
}

func (t *tally) is(want Sum) error {
	if t.rows != want.Rows || hexSum(t.hash) != want.SHA256 {
		return damaged("table %s has %d rows and another hash than the %d rows that were written", want.Name, t.rows, want.Rows)
	}
	return nil
}

// visitor is called with what an archive holds. Without object the bytes of
// attachments are passed over.
type visitor struct {
	line     func(table string, line []byte) error // without its end
	object   func(p part, content []byte) error
	manifest func([]byte) error
}

// walk visits every row, then every part of an attachment, then the manifest,
// which must be the last file.
func walk(r io.Reader, v visitor) error {
	in := tar.NewReader(r)
	seen, chunks, objects, over := []string{}, 0, false, false
	for {
		h, err := in.Next()
		switch {
		case errors.Is(err, io.EOF) && over:
			return nil
		case errors.Is(err, io.EOF):
			return damaged("it ends before its list of contents")
		case err != nil:
			return readError(err)
		case over || h.Typeflag != tar.TypeReg:
			return damaged("an unexpected file %q", h.Name)
		case h.Name == readmeFile:
			continue
		case h.Name == manifestFile:
			over = true
			if err := readManifest(in, v); err != nil {
				return err
			}
			continue
		}
		if p, ok := partNamed(h.Name); ok {
			objects = true
			if err := v.read(in, p, h.Size); err != nil {
				return err
			}
			continue
		}
		table := ""
		if len(seen) > 0 {
			table = seen[len(seen)-1]
		}
		if chunks++; table == "" || h.Name != chunkName(table, chunks) || objects {
			var n int
			if table, n = chunkOf(h.Name); n != 1 || objects || slices.Contains(seen, table) {
				return damaged("the file %q is out of its place", h.Name)
			}
			seen, chunks = append(seen, table), 1
		}
		if err := lines(in, func(b []byte) error { return v.line(table, b) }); err != nil {
			return err
		}
	}
}

func readManifest(in io.Reader, v visitor) error {
	text, err := io.ReadAll(io.LimitReader(in, maxManifest))
	if err != nil {
		return readError(err)
	}
	return v.manifest(text)
}

func (v visitor) read(in io.Reader, p part, size int64) error {
	if v.object == nil {
		return nil
	}
	content, err := readObject(in, size)
	if err != nil {
		return err
	}
	return v.object(p, content)
}

// chunkOf takes a chunk's name apart; n is 0 where it is none.
func chunkOf(name string) (table string, n int) {
	if len(name) <= len(chunkName("", 1)) {
		return "", 0
	}
	table = name[len(tableFolder) : len(name)-len("-000001.jsonl")]
	if chunkName(table, 1) != name {
		return table, 0
	}
	return table, 1
}

// lines visits lines of bounded length.
func lines(r io.Reader, visit func([]byte) error) error {
	in := bufio.NewReaderSize(r, 64<<10)
	var long []byte
	for {
		b, err := in.ReadSlice('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			if long = append(long, b...); len(long) > MaxRow {
				return damaged("a line is too long")
			}
			continue
		case errors.Is(err, io.EOF) && len(b)+len(long) == 0:
			return nil
		case errors.Is(err, io.EOF):
			return damaged("a line has no end")
		case err != nil:
			return readError(err)
		}
		if long = append(long, b...); len(long) > MaxRow {
			return damaged("a line is too long")
		}
		if err := visit(bytes.TrimSuffix(long, []byte{'\n'})); err != nil {
			return err
		}
		long = long[:0]
	}
}

func readError(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, tar.ErrHeader) {
		return damaged("it is cut off, or is no archive")
	}
	return fmt.Errorf("backup: read: %w", err)
}

// batchRows and batchBytes bound how much is put in with one statement.
const (
	batchRows  = 200
	batchBytes = 1 << 20
)

// Load puts all rows of an archive that Check has read into a database with
// the archive's own schema. What was checked is checked again on the way,
// because a file can change between two readings.
func Load(ctx context.Context, r io.Reader, m Manifest, tx *store.Tx, tell func(Progress)) error {
	tables, err := tx.Tables(ctx)
	if err != nil {
		return err
	}
	l := &load{ctx: ctx, tx: tx, m: m, tell: tell, tables: map[string]store.Table{}, found: map[string]*tally{}}
	var fill []store.Table
	for _, t := range tables {
		if _, inside := m.table(t.Name); inside || (m.Kind == KindBackup && t.Place != store.InNothing) {
			l.tables[t.Name] = t
			fill = append(fill, t)
		}
	}
	for _, sum := range m.Tables {
		t, fits := l.tables[sum.Name].Only(sum.Columns)
		if !fits || t.Name == "" {
			return damaged("table %s does not fit the schema that it names", sum.Name)
		}
		l.tables[sum.Name] = t
		l.found[sum.Name] = &tally{hash: sha256.New()}
	}
	if err := tx.Empty(ctx, fill); err != nil {
		return err
	}
	if err := walk(r, visitor{line: l.line, manifest: func([]byte) error { return l.flush() }}); err != nil {
		return err
	}
	for _, sum := range m.Tables {
		if err := l.found[sum.Name].is(sum); err != nil {
			return err
		}
		if err := tx.Filled(ctx, l.tables[sum.Name]); err != nil {
			return err
		}
	}
	return tx.CheckReferences(ctx)
}

type load struct {
	ctx    context.Context //nolint:containedctx // the life of one call
	tx     *store.Tx
	m      Manifest
	tell   func(Progress)
	tables map[string]store.Table
	found  map[string]*tally
	table  string
	rows   [][]any
	bytes  int
	done   int64
}

func (l *load) line(table string, line []byte) error {
	sum, known := l.m.table(table)
	if !known {
		return damaged("an unexpected table %q", table)
	}
	if table != l.table || len(l.rows) >= batchRows || l.bytes >= batchBytes {
		if err := l.flush(); err != nil {
			return err
		}
		l.table = table
	}
	l.found[table].add(line)
	row, err := ParseRow(line, sum.Columns)
	if err != nil {
		return err
	}
	l.rows = append(l.rows, row)
	l.bytes += len(line)
	return nil
}

func (l *load) flush() error {
	if len(l.rows) == 0 {
		return nil
	}
	if err := l.ctx.Err(); err != nil {
		return err
	}
	err := l.tx.PutRows(l.ctx, l.tables[l.table], l.rows)
	l.done += int64(len(l.rows))
	if l.tell != nil {
		l.tell(Progress{Step: "restore", Table: l.table, Rows: l.done, Of: l.m.Rows()})
	}
	l.rows, l.bytes = l.rows[:0], 0
	return err
}
