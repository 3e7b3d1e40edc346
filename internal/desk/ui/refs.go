package ui

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"sync"

	"safeconduct/internal/hotline"
)

// refs names cases in addresses. A browser keeps the addresses it has seen; a
// reference is keyed with a secret of this process, so that a seized history
// does not tell which cases were read.
type refs struct {
	key [32]byte
	mu  sync.Mutex
	ids map[string]hotline.CaseID
}

func newRefs() *refs {
	r := &refs{ids: map[string]hotline.CaseID{}}
	_, _ = rand.Read(r.key[:]) // never fails since Go 1.24
	return r
}

// of returns the reference of a case and remembers it.
func (r *refs) of(id hotline.CaseID) string {
	mac := hmac.New(sha256.New, r.key[:])
	mac.Write(id[:])
	ref := hex.EncodeToString(mac.Sum(nil)[:8])
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ids[ref] = id
	return ref
}

// id is the case that was shown under a reference.
func (r *refs) id(ref string) (hotline.CaseID, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	id, ok := r.ids[ref]
	if !ok {
		return id, hotline.Errorf(hotline.KindNotFound, "case", "this address is from an earlier start of the desk: open the case from the queue")
	}
	return id, nil
}
