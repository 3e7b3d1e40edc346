package server

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/journal"
	"safeconduct/internal/store"
)

// CheckReceipt checks a receipt against a journal: the entry is the one that was
// committed to at its place, whether or not the journal still has its words, and
// the journal continues the checkpoint.
func CheckReceipt(ctx context.Context, d *store.DB, vkey string, text []byte) error {
	verifier, err := journal.ParseVerifier(vkey)
	if err != nil {
		return err
	}
	rest, ok := bytes.CutPrefix(text, []byte(api.ReceiptHead))
	place, rest, found := bytes.Cut(rest, []byte{'\n'})
	entry, note, more := bytes.Cut(rest, []byte{'\n'})
	var index int64
	var digits string
	if _, err := fmt.Sscanf(string(place), "%d %64s", &index, &digits); err != nil || !ok || !found || !more || index < 0 {
		return invalid("this is not a receipt")
	}
	blind, err := hex.DecodeString(digits)
	if err != nil || len(blind) != len(journal.Blind{}) {
		return invalid("this is not a receipt")
	}
	kept, err := journal.ParseCheckpoint(note, verifier)
	if err != nil {
		return err
	}
	if index >= kept.Size {
		return forged("the receipt's entry is not covered by its checkpoint")
	}
	return d.View(ctx, func(tx *store.Tx) error {
		rows, err := source{tx}.Leaves(ctx, index, 1)
		if err != nil {
			return err
		}
		if len(rows) != 1 || rows[0].Index != index {
			return hotline.Errorf(hotline.KindNotFound, "receipt", "the journal has no such entry")
		}
		if _, err := journal.VerifyOpening(rows[0].Commitment, journal.Opening{Blind: journal.Blind(blind), Line: entry}); err != nil {
			return err
		}
		report, err := journal.Verify(ctx, source{tx}, []*journal.Verifier{verifier}, kept)
		if err != nil {
			return err
		}
		if !report.OK() {
			return forged("the journal does not continue the receipt's checkpoint")
		}
		return nil
	})
}
