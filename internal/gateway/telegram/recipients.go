package telegram

import (
	"context"
	"sync"

	"safeconduct/internal/gateway"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
)

// maxRecipients bounds what is remembered: 4 KB each.
const maxRecipients = 4096

// recipients remembers which key a case is sealed to, once its signed text has
// been verified: reading one takes longer than sealing. Public keys only; a
// generation never changes, so nothing here can be stale.
type recipients struct {
	mu   sync.Mutex
	kept map[recipientOf]seal.Recipient
}

type recipientOf struct {
	id  hotline.CaseID
	gen int
}

func newRecipients() *recipients { return &recipients{kept: map[recipientOf]seal.Recipient{}} }

// missing lists the cases whose newest key is not remembered.
func (r *recipients) missing(rows []store.ChatDoor) [][]byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	var ids [][]byte
	for _, row := range rows {
		if len(row.CaseID) == 0 {
			continue
		}
		if _, ok := r.kept[recipientOf{hotline.CaseID(row.CaseID), int(row.Generation)}]; !ok {
			ids = append(ids, row.CaseID)
		}
	}
	return ids
}

// get returns a case's recipient; statement is its newest generation's text, or
// empty where it is remembered.
func (r *recipients) get(ctx context.Context, s gateway.Sealer, id hotline.CaseID, gen int, statement []byte) (seal.Recipient, error) {
	at := recipientOf{id, gen}
	r.mu.Lock()
	to, ok := r.kept[at]
	r.mu.Unlock()
	if ok {
		return to, nil
	}
	g, err := s.Recipient(ctx, id, statement)
	if err != nil {
		return to, err
	}
	if g.Gen != gen {
		return to, errAgain
	}
	r.put(at, g.Recipient)
	return g.Recipient, nil
}

// put remembers a recipient.
func (r *recipients) put(at recipientOf, to seal.Recipient) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.kept) >= maxRecipients {
		for k := range r.kept { // any of them: it is read again when it is needed
			delete(r.kept, k)
			break
		}
	}
	r.kept[at] = to
}
