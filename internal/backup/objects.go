package backup

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"os"
	"strings"

	"safeconduct/internal/blob"
	"safeconduct/internal/hotline"
	"safeconduct/internal/store"
)

// objectFolder holds the parts of attachments: objects/BLOB/SHA256. One that was
// not there any more, or was damaged, when the backup was taken is an empty file.
const objectFolder = "objects/"

// Objects is what the manifest says of the attachments.
type Objects struct {
	Parts   int64  `json:"parts"`   // named by rows of the backup, and so files here
	Bytes   int64  `json:"bytes"`   // of all files
	Removed int64  `json:"removed"` // empty, because the case or the file went while the backup was taken
	Missing int64  `json:"missing"` // empty, because the part was gone or damaged beside a row that still names it
	SHA256  string `json:"sha256"`  // of a line for each file, in their order: its name, " ", its size, "\n"
}

// part names the bytes of a part of an attachment, and what they must be.
type part struct {
	key  blob.Key
	hash [sha256.Size]byte
}

func (p part) name() string {
	return objectFolder + p.key.String() + "/" + hex.EncodeToString(p.hash[:])
}

// partNamed reads a name back.
func partNamed(name string) (p part, ok bool) {
	key, sum, _ := strings.Cut(strings.TrimPrefix(name, objectFolder), "/")
	var err error
	if p.key, err = blob.ParseKey(key); err != nil {
		return p, false
	}
	raw, err := hex.DecodeString(sum)
	if err != nil || copy(p.hash[:], raw) != len(p.hash) {
		return p, false
	}
	return p, p.name() == name // one way of writing it
}

// partOfRow reads a row of object_part, by the names of its columns: they differ
// in no schema, but their order may.
func partOfRow(t store.Table, row []any) (p part, err error) {
	found := 0
	for i, c := range t.Columns {
		b, _ := row[i].([]byte)
		switch {
		case c.Name == "blob" && len(b) == len(p.key):
			p.key = blob.Key(b)
			found++
		case c.Name == "hash" && len(b) == len(p.hash):
			p.hash = [sha256.Size]byte(b)
			found++
		}
	}
	if found != 2 {
		return p, hotline.Errorf(hotline.KindInternal, "backup", "a row of %s names no part of an attachment", t.Name)
	}
	return p, nil
}

// tableOfParts names the rows whose bytes lie beside the database.
const tableOfParts = "object_part"

// objects writes the bytes that the rows in the archive name. It holds no
// transaction: what goes meanwhile goes, and is no fault. Lost or damaged bytes do
// not keep a backup from being taken, or one lost file would end all backups;
// they are counted and named.
func (a *archive) objects(ctx context.Context, s Source, parts []part) (*Objects, []blob.Key, error) {
	sum, names := &Objects{Parts: int64(len(parts))}, sha256.New()
	var missing []blob.Key
	for i, p := range parts {
		if p.key.Passing() {
			return nil, nil, hotline.Errorf(hotline.KindInternal, "backup", "an attachment that waits for a person must be in no backup")
		}
		content, err := s.bytesOf(ctx, p)
		if err != nil {
			return nil, nil, err
		}
		if content == nil {
			held, err := s.stillNamed(ctx, p.key)
			switch {
			case err != nil:
				return nil, nil, err
			case held:
				sum.Missing++
				missing = append(missing, p.key)
			default:
				sum.Removed++
			}
		}
		if err := a.file(p.name(), content); err != nil {
			return nil, nil, err
		}
		sum.Bytes += int64(len(content))
		tallyObject(names, p, len(content))
		s.tell(Progress{Step: "write", Table: "attachments", Rows: int64(i + 1), Of: sum.Parts})
	}
	sum.SHA256 = hexSum(names)
	return sum, missing, nil
}

func tallyObject(h hash.Hash, p part, size int) {
	_, _ = fmt.Fprintf(h, "%s %d\n", p.name(), size) // a hash never fails
}

// bytesOf returns a part as its row says it is, or nil where it is not there so.
func (s Source) bytesOf(ctx context.Context, p part) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if s.Blobs == nil {
		return nil, hotline.Errorf(hotline.KindInvalid, "backup", "the rows name attachments, and nobody said where their bytes are")
	}
	content, err := s.Blobs.Get(ctx, p.key)
	kind := hotline.KindOf(err)
	switch {
	case err == nil && sha256.Sum256(content) == p.hash:
		return content, nil
	case err == nil, kind == hotline.KindNotFound, kind == hotline.KindInternal: // gone, or something else stands there
		return nil, nil
	}
	return nil, err
}

// stillNamed reports whether a row names a blob now.
func (s Source) stillNamed(ctx context.Context, key blob.Key) (held bool, err error) {
	err = s.DB.View(ctx, func(tx *store.Tx) error {
		blobs, err := tx.HeldBlobs(ctx, [][]byte{key[:]})
		held = len(blobs) > 0
		return err
	})
	return held, err
}

// counted holds the files of attachments against the manifest.
type counted struct {
	parts, bytes, empty int64
	names               hash.Hash
}

func newCounted() *counted { return &counted{names: sha256.New()} }

// add checks one file's bytes by its name.
func (c *counted) add(p part, content []byte) error {
	c.parts++
	c.bytes += int64(len(content))
	tallyObject(c.names, p, len(content))
	if len(content) == 0 {
		c.empty++
		return nil
	}
	if sha256.Sum256(content) != p.hash {
		return damaged("the attachment's part %s has other bytes than were written", p.key)
	}
	return nil
}

func (c *counted) are(want *Objects) error {
	if want == nil {
		want = &Objects{SHA256: hexSum(sha256.New())} // an archive from before attachments were in it, or a key store
	}
	if c.parts != want.Parts || c.bytes != want.Bytes || c.empty != want.Removed+want.Missing || hexSum(c.names) != want.SHA256 {
		return damaged("it holds %d parts of attachments with %d bytes, and others than the %d with %d bytes that were written", c.parts, c.bytes, want.Parts, want.Bytes)
	}
	return nil
}

// LoadObjects reads the attachments of an archive that Check has read, holds each
// against the rows of d, which Load has filled, and hands its bytes to put; nil
// puts them nowhere. Every row that names a part must find it.
func LoadObjects(ctx context.Context, path string, m Manifest, d *store.DB, put func(context.Context, blob.Key, []byte) error, tell func(Progress)) error {
	if m.Objects == nil {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return fileError("the file cannot be read", err)
	}
	defer f.Close()
	rows, err := partsOf(ctx, d)
	if err != nil {
		return err
	}
	c := newCounted()
	err = walk(bufio.NewReaderSize(f, chunk), visitor{
		line: func(string, []byte) error { return ctx.Err() },
		object: func(p part, content []byte) error {
			if hash, named := rows[p.key]; !named || hash != p.hash {
				return damaged("the attachment's part %s belongs to no row", p.key)
			}
			delete(rows, p.key)
			if err := c.add(p, content); err != nil {
				return err
			}
			if tell != nil {
				tell(Progress{Step: "restore", Table: "attachments", Rows: c.parts, Of: m.Objects.Parts})
			}
			if put == nil || len(content) == 0 {
				return ctx.Err()
			}
			return put(ctx, p.key, content)
		},
		manifest: func([]byte) error { return nil },
	})
	if err != nil {
		return err
	}
	for key := range rows {
		return damaged("the attachment's part %s is missing in it", key)
	}
	return c.are(m.Objects)
}

// partsOf reads which parts the rows of a database name.
func partsOf(ctx context.Context, d *store.DB) (map[blob.Key][sha256.Size]byte, error) {
	found := map[blob.Key][sha256.Size]byte{}
	err := d.View(ctx, func(tx *store.Tx) error {
		tables, err := tx.Tables(ctx)
		if err != nil {
			return err
		}
		for _, t := range tables {
			if t.Name != tableOfParts {
				continue
			}
			return tx.EachRow(ctx, t, true, 0, func(row []any) error {
				p, err := partOfRow(t, row)
				found[p.key] = p.hash
				return err
			})
		}
		return nil
	})
	return found, err
}

// PutInto returns what keeps a part that is not there yet: a restore that was cut
// off goes on.
func PutInto(s blob.Store) func(context.Context, blob.Key, []byte) error {
	return func(ctx context.Context, key blob.Key, content []byte) error {
		have, err := s.Get(ctx, key)
		if err == nil && sha256.Sum256(have) == sha256.Sum256(content) {
			return nil
		}
		return s.Put(ctx, key, content)
	}
}

// readObject reads one file of an attachment, of bounded size.
func readObject(r io.Reader, size int64) ([]byte, error) {
	if size < 0 || size > blob.MaxSize {
		return nil, damaged("a part of an attachment is too long")
	}
	content := make([]byte, size)
	if _, err := io.ReadFull(r, content); err != nil {
		return nil, readError(err)
	}
	return content, nil
}
