package intake

import (
	"context"
	"crypto/rand"
	"fmt"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

// returning is a person who comes back with a receipt. When no case answers to
// it, row is the decoy's: from here on all that is done for a known receipt is
// done for an unknown one, and only the answer's first word differs.
type returning struct {
	known bool
	row   db.HotlineCase
}

// find looks a receipt up. For a known one it also asks in vain, for an
// unknown one it also asks with success.
func (i *Intake) find(ctx context.Context, tx *store.Tx, lookup seal.Lookup) (returning, error) {
	var back returning
	row, err := tx.CaseByLookup(ctx, lookup[:])
	if err == nil {
		back = returning{true, row}
		var nobody seal.Lookup
		if _, err := rand.Read(nobody[:]); err != nil {
			return back, fmt.Errorf("intake: %w", err)
		}
		lookup = nobody
	} else {
		if !store.Missing(err) {
			return back, err
		}
		lookup = i.decoy.contact.Lookup
	}
	row, err = tx.CaseByLookup(ctx, lookup[:])
	switch {
	case store.Missing(err) && !back.known:
		back.row = i.decoy.missingRow()
	case store.Missing(err):
	case err != nil:
		return back, err
	default:
		back.row = row
	}
	return back, nil
}

// verify checks the person's request. For a receipt that no case answers to it
// never succeeds, at the same cost.
func (i *Intake) verify(back *returning, env seal.Envelope, post seal.Post, args []byte) error {
	id := hotline.CaseID(back.row.ID)
	if len(back.row.ContactKey) != len(seal.PublicKey{}) {
		return hotline.Errorf(hotline.KindInternal, "intake", "a case with a receipt has no key")
	}
	err := seal.VerifyRequest(env.Parts[0], id, env.Call.Op, args, post.Challenge, seal.PublicKey(back.row.ContactKey))
	if back.known {
		return err
	}
	// The signature names another key than the decoy's, so nothing was
	// computed yet.
	i.decoy.verifyOne()
	if hotline.KindOf(err) == hotline.KindForged {
		return nil
	}
	return err
}

// checkReturn checks the form of open, fetch, putaway and file.
func checkReturn(env seal.Envelope) error {
	call := env.Call
	if len(env.Parts) != 1 || call.Lookup == (seal.Lookup{}) || call.Code != "" || !call.Case.IsZero() ||
		(call.After != nil) != (call.Op == seal.OpFetch) || (len(call.IDs) != 0) != (call.Op == seal.OpPutAway) ||
		(call.Op == seal.OpFile) == (call.Object.IsZero() || call.Index == nil || *call.Index < 0 || call.Bytes < 1) ||
		(call.Op != seal.OpFile && (!call.Object.IsZero() || call.Index != nil || call.Bytes != 0)) {
		return invalid("%s takes a lookup and a request", call.Op)
	}
	return nil
}
