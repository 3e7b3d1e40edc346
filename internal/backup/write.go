package backup

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/journal"
	"safeconduct/internal/store"
)

// chunk is about how many bytes one file of a table has. It bounds the memory.
const chunk = 1 << 20

const (
	readmeFile   = "README.txt"
	manifestFile = "manifest.txt"
	tableFolder  = "tables/"
)

const readme = `A backup of a Safeconduct server. It holds ciphertext and the server's own rows, no plaintext and no team keys.
Each line of tables/NAME-*.jsonl is one row; manifest.txt names the columns and has the SHA-256 of all lines of a table.
Restore it with: safeconduct restore --from THIS --keys KEYSTORE --installation FOLDER --to NEW
`

// Progress says how far a copy is. Of is 0 where nobody has counted.
type Progress struct {
	Step     string
	Table    string
	Rows, Of int64
}

// Source is what is copied.
type Source struct {
	DB       *store.DB
	Signer   *journal.Signer
	Clock    func() time.Time
	Progress func(Progress) // may be nil
}

func (s Source) tell(p Progress) {
	if s.Progress != nil {
		s.Progress(p)
	}
}

// Write writes the backup of one state of the database. Writers go on meanwhile.
func (s Source) Write(ctx context.Context, to io.Writer) (Manifest, error) {
	return s.write(ctx, KindBackup, to)
}

func (s Source) write(ctx context.Context, kind string, to io.Writer) (m Manifest, err error) {
	err = s.DB.View(ctx, func(tx *store.Tx) error {
		m, err = s.archive(ctx, tx, kind, to)
		return err
	})
	return m, err
}

// holds says which tables go into an archive of a kind.
func holds(kind string, t store.Table) bool {
	if kind == KindKeys {
		return t.Place == store.InKeyStore || t.Name == "team_epoch" // whose wraps they are
	}
	return t.Place == store.InBackups
}

func (s Source) archive(ctx context.Context, tx *store.Tx, kind string, to io.Writer) (Manifest, error) {
	now := s.Clock()
	m := Manifest{V: 1, Kind: kind, Engine: s.DB.Stats().Engine, Hour: hotline.HourOf(now)}
	tables, err := tx.Tables(ctx)
	if err != nil {
		return m, err
	}
	if m.Schema, err = tx.Schema(ctx); err != nil {
		return m, err
	}
	checkpoint, err := tx.Journal().Checkpoint(ctx)
	if err != nil {
		return m, err
	}
	m.Checkpoint = string(checkpoint)
	// Every file has the hour, not the minute, of the backup.
	a := &archive{tar: tar.NewWriter(to), at: now.UTC().Truncate(time.Hour)}
	if err := a.file(readmeFile, []byte(readme)); err != nil {
		return m, err
	}
	var done int64
	for _, t := range tables {
		if !holds(kind, t) {
			continue
		}
		sum, err := a.table(ctx, tx, t, func(n int64) { s.tell(Progress{Step: "write", Table: t.Name, Rows: done + n}) })
		if err != nil {
			return m, err
		}
		done += sum.Rows
		m.Tables = append(m.Tables, sum)
	}
	text, err := m.sign(s.Signer)
	if err != nil {
		return m, err
	}
	if err := a.file(manifestFile, text); err != nil {
		return m, err
	}
	if err := a.tar.Close(); err != nil {
		return m, fmt.Errorf("backup: %w", err)
	}
	return m, nil
}

// archive writes the files of one tar.
type archive struct {
	tar *tar.Writer
	at  time.Time
}

func (a *archive) file(name string, content []byte) error {
	err := a.tar.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(content)), ModTime: a.at, Format: tar.FormatPAX})
	if err == nil {
		_, err = a.tar.Write(content)
	}
	if err != nil {
		return fmt.Errorf("backup: write: %w", err)
	}
	return nil
}

// table writes one table in files of about a chunk.
func (a *archive) table(ctx context.Context, tx *store.Tx, t store.Table, tell func(rows int64)) (Sum, error) {
	sum := Sum{Name: t.Name, Columns: t.Columns}
	h := sha256.New()
	var b []byte
	part := 0
	flush := func() error {
		part++
		_, _ = h.Write(b) // a hash never fails
		err := a.file(chunkName(t.Name, part), b)
		b = b[:0]
		tell(sum.Rows)
		return err
	}
	err := tx.EachRow(ctx, t, true, 0, func(row []any) (err error) {
		if b, err = appendRow(b, t, row); err != nil {
			return err
		}
		sum.Rows++
		if len(b) >= chunk {
			return flush()
		}
		return nil
	})
	if err == nil && len(b) > 0 {
		err = flush()
	}
	sum.SHA256 = hexSum(h)
	return sum, err
}

func chunkName(table string, part int) string {
	return fmt.Sprintf("%s%s-%06d.jsonl", tableFolder, table, part)
}

func hexSum(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }
