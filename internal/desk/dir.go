package desk

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// What stands in a desk's folder.
const (
	fileKey      = "operator.key"
	fileState    = "state.age"
	fileBookmark = "feed.age"
	dirHeads     = "heads"
	dirCards     = "cards"
	dirTexts     = "texts"
	dirOutbox    = "outbox"
	dirDrafts    = "drafts"
	dirFiles     = "files"
	suffixAge    = ".age"
)

// folder is a desk's folder. Everything in it but the key file, which opens by
// passphrase, is sealed to the operator.
type folder string

// prepare makes the folder and its parts, for the operator's account alone.
func (f folder) prepare() error {
	for _, dir := range []string{"", dirOutbox, dirDrafts, dirFiles, dirHeads, dirCards, dirTexts} {
		if err := os.MkdirAll(filepath.Join(string(f), dir), 0o700); err != nil {
			return fmt.Errorf("desk folder: %w", err)
		}
		if err := os.Chmod(filepath.Join(string(f), dir), 0o700); err != nil { //nolint:gosec // G302: a folder needs its x
			return fmt.Errorf("desk folder: %w", err)
		}
	}
	return nil
}

func (f folder) path(name string) string { return filepath.Join(string(f), filepath.FromSlash(name)) }

// read returns nil, nil for a file that is not there.
func (f folder) read(name string) ([]byte, error) {
	b, err := os.ReadFile(f.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("desk folder: %w", err)
	}
	return b, nil
}

// write puts a file in place as a whole: after a power cut either the old or
// the new one is there. It returns when the disk has it.
func (f folder) write(name string, content []byte) error {
	path := f.path(name)
	tmp, err := os.CreateTemp(filepath.Dir(path), ".new-*") // mode 0600
	if err != nil {
		return fmt.Errorf("desk folder: %w", err)
	}
	defer os.Remove(tmp.Name())
	if _, err = tmp.Write(content); err == nil {
		err = tmp.Sync()
	}
	if closeErr := tmp.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err == nil {
		err = syncDir(filepath.Dir(path))
	}
	if err != nil {
		return fmt.Errorf("desk folder: %w", err)
	}
	return nil
}

// remove deletes a file; one that is gone already is fine.
func (f folder) remove(name string) error {
	path := f.path(name)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("desk folder: %w", err)
	}
	return syncDir(filepath.Dir(path))
}

// list returns the sealed files of a part, by name, and sweeps what a power
// cut left half written.
func (f folder) list(dir string) ([]string, error) {
	entries, err := os.ReadDir(f.path(dir))
	if err != nil {
		return nil, fmt.Errorf("desk folder: %w", err)
	}
	var names []string
	for _, e := range entries {
		switch {
		case strings.HasPrefix(e.Name(), ".new-"):
			_ = os.Remove(filepath.Join(f.path(dir), e.Name())) // it was never in place; the next start tries again
		case strings.HasSuffix(e.Name(), suffixAge):
			names = append(names, dir+"/"+e.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}

// writeSealed writes v as JSON in an age file sealed to the operator.
func (f folder) writeSealed(to seal.Recipient, name string, v any) error {
	plain, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("desk folder: %w", err)
	}
	file, err := seal.Encrypt(to, plain)
	if err != nil {
		return err
	}
	return f.write(name, file)
}

// readSealed reads what writeSealed wrote; without a file v stays as it is.
func (f folder) readSealed(with seal.Identity, name string, v any) error {
	file, err := f.read(name)
	if err != nil || file == nil {
		return err
	}
	plain, err := seal.Decrypt(with, file)
	if err != nil {
		return hotline.Errorf(hotline.KindInvalid, "desk folder", "%s is damaged, or sealed to another key", filepath.Base(name))
	}
	if err := json.Unmarshal(plain, v); err != nil {
		return hotline.Errorf(hotline.KindInvalid, "desk folder", "%s is damaged", filepath.Base(name))
	}
	return nil
}
