package backup

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"safeconduct/internal/hotline"
	"safeconduct/internal/journal"
	"safeconduct/internal/store"
)

// What an archive holds.
const (
	KindBackup = "backup" // all but team wraps and copies of replies
	KindKeys   = "keys"   // team epochs and their wraps
)

// header is the first line of a manifest.
const header = "safeconduct backup v1\n"

// Sum is what the manifest says of one table.
type Sum struct {
	Name    string         `json:"name"`
	Columns []store.Column `json:"columns"`
	Rows    int64          `json:"rows"`
	SHA256  string         `json:"sha256"` // of all its lines
}

// Manifest is an archive's signed list of contents.
type Manifest struct {
	V          int               `json:"v"`
	Kind       string            `json:"kind"`
	Engine     string            `json:"engine"` // it came from
	Hour       hotline.Hour      `json:"hour"`
	Schema     []store.Migration `json:"schema"`
	Checkpoint string            `json:"checkpoint"` // of the journal, a signed note
	Tables     []Sum             `json:"tables"`
	Objects    *Objects          `json:"objects,omitempty"` // none in a key store, and before attachments were in backups
}

// Rows is how many rows the archive holds.
func (m Manifest) Rows() (n int64) {
	for _, t := range m.Tables {
		n += t.Rows
	}
	return n
}

// ID is the hash by which the journal names a backup.
func (m Manifest) ID() string {
	line, _ := json.Marshal(m) // plain texts and numbers always marshal
	sum := sha256.Sum256(line)
	return hex.EncodeToString(sum[:])
}

func (m Manifest) table(name string) (Sum, bool) {
	i := slices.IndexFunc(m.Tables, func(t Sum) bool { return t.Name == name })
	if i < 0 {
		return Sum{}, false
	}
	return m.Tables[i], true
}

// sign returns the manifest's text.
func (m Manifest) sign(signer *journal.Signer) ([]byte, error) {
	line, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("backup: manifest: %w", err)
	}
	return signer.SignText(header + string(line) + "\n")
}

// parseManifest believes only what the installation's own journal key signed.
func parseManifest(text []byte, key *journal.Verifier) (m Manifest, err error) {
	body, err := key.OpenText(text)
	if err != nil {
		return m, hotline.Errorf(hotline.KindForged, "backup",
			"the list of contents is not signed by this installation's journal key: the file is of another authority, or was changed")
	}
	line, found := strings.CutPrefix(body, header)
	if !found || json.Unmarshal([]byte(line), &m) != nil || m.V != 1 || (m.Kind != KindBackup && m.Kind != KindKeys) || len(m.Schema) == 0 {
		return m, hotline.Errorf(hotline.KindForged, "backup", "the list of contents is not one that this program understands")
	}
	return m, nil
}

// Known says whether this program can bring a database with this schema up to
// date: its steps must be the first of ours.
func (m Manifest) Known() error {
	ours, err := store.Migrations(m.Engine)
	if err != nil {
		return err
	}
	if len(m.Schema) > len(ours) {
		return hotline.Errorf(hotline.KindConflict, "backup",
			"the backup was written by a newer program (schema %d, this one ends at %d): use that program or a newer one", len(m.Schema), len(ours))
	}
	for i, s := range m.Schema {
		if s != ours[i] {
			return hotline.Errorf(hotline.KindConflict, "backup",
				"the backup's schema differs from this program's at step %d (%s): use the program that wrote it", s.N, s.Name)
		}
	}
	return nil
}
