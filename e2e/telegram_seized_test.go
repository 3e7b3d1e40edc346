package e2e

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"safeconduct/internal/desk"
	"safeconduct/internal/gateway/telegram/telegramsim"
	"safeconduct/internal/hotline"
	"safeconduct/internal/rehearsal"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
	"safeconduct/internal/store/storetest"
)

// TestSeizedServerOfABot looks at a server that was carried away, with and without
// its secret files: what was said stays sealed; who says it, and an answer that
// still waits, open with the gateway's key alone.
func TestSeizedServerOfABot(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			seizeWithABot(t, newHouse(t, onDatabase(engine), withBot()))
		})
	}
}

func seizeWithABot(t *testing.T, h *house) {
	const sent, waits = "We read you.", "Wait for the evening."
	d := h.openDesk()
	next, err := rehearsal.Expect(d, hotline.ChannelTelegram)
	if err != nil {
		t.Fatal(err)
	}
	p := newChatter(t, h)
	p.write("I do not want to die here.")
	id, err := next.Case(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	reply := func(text string) {
		t.Helper()
		if r, err := d.Reply(t.Context(), id, text); err != nil || r.Outcome != desk.OutcomeSent {
			t.Fatalf("reply: %+v, %v", r, err)
		}
	}
	reply(sent)
	p.untilReply(sent)
	caseWith(t, d, id, "the answer was sent", func(v desk.CaseView) bool {
		m := v.Messages[len(v.Messages)-1]
		return m.Carried != nil && m.Carried.State == hotline.DeliveranceSent
	})
	h.telegram.Misbehave(telegramsim.Fault{Kind: telegramsim.FaultServer, Method: "sendMessage"})
	reply(waits)
	h.kill()

	key, err := os.ReadFile(filepath.Join(h.dir, "secret", "gateway.age"))
	if err != nil {
		t.Fatal(err)
	}
	gateway, err := seal.ParseIdentity(strings.TrimSpace(string(key)))
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := seal.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	left := whatIsLeft(t, h, id)
	if len(left.records) != 3 || len(left.copies) != 1 {
		t.Fatalf("%d records and %d copies are left", len(left.records), len(left.copies))
	}
	for _, r := range left.records {
		if _, err := seal.OpenRecord(gateway, r); err == nil {
			t.Error("the gateway's key opens what was sealed before")
		}
	}
	if r, err := seal.OpenRecord(gateway, left.copies[0]); err != nil || r.Body.Text != waits {
		t.Errorf("the copy that waits: %v", err)
	}
	if _, err := seal.OpenRecord(stranger, left.copies[0]); err == nil {
		t.Error("the copy that waits opens with any key")
	}
	who := []byte(strconv.FormatInt(p.ID(), 10))
	if box, err := unlock(gateway, left.chat); err != nil || !bytes.Contains(box, who) {
		t.Errorf("the gateway's key does not tell who it is: %v", err)
	}
	if _, err := unlock(stranger, left.chat); err == nil {
		t.Error("who it is opens with any key")
	}
}

func unlock(with seal.Identity, box []byte) ([]byte, error) {
	d, err := seal.NewDrawer(with)
	if err != nil {
		return nil, err
	}
	return d.Unlock("chat", box)
}

// leftover is what the database of a server holds of one chat.
type leftover struct {
	records [][]byte
	copies  [][]byte // of answers that were not sent yet
	chat    []byte
}

func whatIsLeft(t *testing.T, h *house, id hotline.CaseID) (left leftover) {
	t.Helper()
	ctx := t.Context()
	d := storetest.Open(t, h.installation().DatabaseURL(), store.AsItIs())
	err := d.View(ctx, func(tx *store.Tx) error {
		rows, err := tx.RecordsAfter(ctx, db.RecordsAfterParams{CaseID: id[:], After: -1, MaxRows: 100})
		if err != nil {
			return err
		}
		for _, r := range rows {
			left.records = append(left.records, r.File)
			if c, err := tx.ReplyCopy(ctx, r.ID); err == nil {
				left.copies = append(left.copies, c.File)
			} else if !store.Missing(err) {
				return err
			}
		}
		chat, err := tx.ChatOfCase(ctx, id[:])
		left.chat = chat.Box
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return left
}
