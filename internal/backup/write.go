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

	"safeconduct/internal/blob"
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
objects/NAME/SHA256 are the sealed parts of attachments, an empty one was not there any more.
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
	Blobs    blob.Store // the bytes of attachments; needed where rows name some
	Signer   *journal.Signer
	Clock    func() time.Time
	Progress func(Progress) // may be nil
}

func (s Source) tell(p Progress) {
	if s.Progress != nil {
		s.Progress(p)
	}
}

// Write writes the backup of one state of the database, then the bytes that its
// rows name. Writers go on meanwhile. It returns the parts of attachments that
// were gone or damaged.
func (s Source) Write(ctx context.Context, to io.Writer) (Manifest, []blob.Key, error) {
	return s.write(ctx, KindBackup, to)
}

func (s Source) write(ctx context.Context, kind string, to io.Writer) (m Manifest, missing []blob.Key, err error) {
	now := s.Clock()
	m = Manifest{V: 1, Kind: kind, Engine: s.DB.Stats().Engine, Hour: hotline.HourOf(now)}
	// Every file has the hour, not the minute, of the backup.
	a := &archive{tar: tar.NewWriter(to), at: now.UTC().Truncate(time.Hour)}
	if err := a.file(readmeFile, []byte(readme)); err != nil {
		return m, nil, err
	}
	var parts []part
	if err := s.DB.View(ctx, func(tx *store.Tx) error {
		parts, err = s.tables(ctx, tx, a, &m)
		return err
	}); err != nil {
		return m, nil, err
	}
	if kind == KindBackup {
		if m.Objects, missing, err = a.objects(ctx, s, parts); err != nil {
			return m, nil, err
		}
	}
	text, err := m.sign(s.Signer)
	if err != nil {
		return m, nil, err
	}
	if err := a.file(manifestFile, text); err != nil {
		return m, nil, err
	}
	if err := a.tar.Close(); err != nil {
		return m, nil, fmt.Errorf("backup: %w", err)
	}
	return m, missing, nil
}

// holds says which tables go into an archive of a kind.
func holds(kind string, t store.Table) bool {
	if kind == KindKeys {
		return t.Place == store.InKeyStore || t.Name == "team_epoch" // whose wraps they are
	}
	return t.Place == store.InBackups
}

// tables writes the rows of one state of the database, and returns the parts of
// attachments that they name.
func (s Source) tables(ctx context.Context, tx *store.Tx, a *archive, m *Manifest) ([]part, error) {
	tables, err := tx.Tables(ctx)
	if err != nil {
		return nil, err
	}
	if m.Schema, err = tx.Schema(ctx); err != nil {
		return nil, err
	}
	checkpoint, err := tx.Journal().Checkpoint(ctx)
	if err != nil {
		return nil, err
	}
	m.Checkpoint = string(checkpoint)
	var parts []part
	var done int64
	for _, t := range tables {
		if !holds(m.Kind, t) {
			continue
		}
		sum, err := a.table(ctx, tx, t, func(n int64) { s.tell(Progress{Step: "write", Table: t.Name, Rows: done + n}) }, func(row []any) error {
			if t.Name != tableOfParts {
				return nil
			}
			p, err := partOfRow(t, row)
			parts = append(parts, p)
			return err
		})
		if err != nil {
			return nil, err
		}
		done += sum.Rows
		m.Tables = append(m.Tables, sum)
	}
	return parts, nil
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
func (a *archive) table(ctx context.Context, tx *store.Tx, t store.Table, tell func(rows int64), seen func([]any) error) (Sum, error) {
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
		if err := seen(row); err != nil {
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
