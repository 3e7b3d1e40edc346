package desk

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"golang.org/x/sync/errgroup"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// drawers is how many files a shelf has. A change rewrites one of them: with
// a hundred thousand cases it holds some four hundred.
const drawers = 256

// shelf keeps one thing for each case in a folder of sealed files, by the
// first byte of the case's id, so that a change need not write all of them.
// What is on it is guarded by Desk.mu.
type shelf[V any] struct {
	dir   string
	all   map[hotline.CaseID]V
	dirty map[byte]bool // drawers that differ from the disk's
}

func newShelf[V any](dir string) *shelf[V] {
	return &shelf[V]{dir: dir, all: map[hotline.CaseID]V{}, dirty: map[byte]bool{}}
}

func (b *shelf[V]) put(id hotline.CaseID, v V) {
	b.all[id] = v
	b.dirty[id[0]] = true
}

func (b *shelf[V]) drop(id hotline.CaseID) {
	if _, ok := b.all[id]; ok {
		delete(b.all, id)
		b.dirty[id[0]] = true
	}
}

func (b *shelf[V]) clear() {
	clear(b.all)
	clear(b.dirty)
}

func (b *shelf[V]) file(drawer byte) string {
	return fmt.Sprintf("%s/%02x%s", b.dir, drawer, suffixAge)
}

// load reads every drawer, on all processors. each, if not nil, is called for
// every thing, on several goroutines.
func (b *shelf[V]) load(from folder, with seal.Identity, each func(hotline.CaseID, V)) error {
	var mu sync.Mutex
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for n := range drawers {
		group.Go(func() error {
			read, err := b.read(from, with, byte(n)) //nolint:gosec // n is below 256
			if err != nil {
				return err
			}
			if each != nil {
				for id, v := range read {
					each(id, v)
				}
			}
			mu.Lock()
			defer mu.Unlock()
			for id, v := range read {
				b.all[id] = v
			}
			return nil
		})
	}
	return group.Wait()
}

// read reads one drawer and puts nothing on the shelf.
func (b *shelf[V]) read(from folder, with seal.Identity, drawer byte) (map[hotline.CaseID]V, error) {
	var read map[hotline.CaseID]V
	if err := from.readSealed(with, b.file(drawer), &read); err != nil {
		return nil, err
	}
	for id := range read {
		if id[0] != drawer {
			return nil, hotline.Errorf(hotline.KindInvalid, "desk folder", "%s is damaged", filepath.Base(b.file(drawer)))
		}
	}
	return read, nil
}

// written is a drawer on its way to the disk.
type written struct {
	drawer byte
	file   string
	plain  []byte // nil: it is empty, and the file goes
}

// take hands out what the disk lacks, but for some drawers; Desk.mu must be
// held. Writing it, which takes time, needs no lock. If that fails, failed
// must be told.
func (b *shelf[V]) take(but map[byte]bool) ([]written, error) {
	due := map[byte]bool{}
	for drawer := range b.dirty {
		if !but[drawer] {
			due[drawer] = true
		}
	}
	if len(due) == 0 {
		return nil, nil
	}
	parts := map[byte]map[hotline.CaseID]V{}
	for id, v := range b.all {
		if !due[id[0]] {
			continue
		}
		if parts[id[0]] == nil {
			parts[id[0]] = map[hotline.CaseID]V{}
		}
		parts[id[0]][id] = v
	}
	var out []written
	for drawer := range due {
		w := written{drawer: drawer, file: b.file(drawer)}
		if part := parts[drawer]; part != nil {
			var err error
			if w.plain, err = json.Marshal(part); err != nil {
				return nil, fmt.Errorf("desk folder: %w", err)
			}
		}
		out = append(out, w)
	}
	for drawer := range due {
		delete(b.dirty, drawer)
	}
	return out, nil
}

func (b *shelf[V]) failed(list []written) {
	for _, w := range list {
		b.dirty[w.drawer] = true
	}
}

// writeDrawers puts drawers on the disk.
func writeDrawers(to folder, by seal.Recipient, list []written) error {
	for _, w := range list {
		if w.plain == nil {
			if err := to.remove(w.file); err != nil {
				return err
			}
			continue
		}
		file, err := seal.Encrypt(by, w.plain)
		if err != nil {
			return err
		}
		if err := to.write(w.file, file); err != nil {
			return err
		}
	}
	return nil
}

// discard removes a shelf from the disk.
func (b *shelf[V]) discard(from folder) error {
	b.clear()
	for n := range drawers {
		if err := os.Remove(from.path(b.file(byte(n)))); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("desk folder: %w", err)
		}
	}
	return syncDir(from.path(b.dir))
}
