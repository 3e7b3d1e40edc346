package ui

import (
	"context"
	"fmt"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

func (f *fakeDesk) AttachFile(id hotline.CaseID, content []byte) (desk.Staged, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, fmt.Sprintf("attach %d bytes", len(content)))
	if f.err != nil {
		return desk.Staged{}, f.err
	}
	s := desk.Staged{Token: fileToken, Kind: desk.FilePhoto, Size: int64(len(content)), Cleaned: true}
	if c := f.cases[id]; c != nil {
		c.Staged = s
	}
	return s, nil
}

func (f *fakeDesk) AttachAgain(_ context.Context, id hotline.CaseID, object seal.ObjectID) (desk.Staged, error) {
	f.mu.Lock()
	f.calls = append(f.calls, "attach again "+object.String())
	f.mu.Unlock()
	return f.AttachFile(id, []byte("again"))
}

func (f *fakeDesk) DropFile(id hotline.CaseID) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, "drop file")
	if c := f.cases[id]; c != nil {
		c.Staged = desk.Staged{}
	}
	return f.err
}

func (f *fakeDesk) ReplyWithFile(_ context.Context, _ hotline.CaseID, text, token string, deskSeq int64) (desk.Result, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, fmt.Sprintf("reply %q with %s after %d", text, token, deskSeq))
	return desk.Result{Outcome: desk.OutcomeQueued}, f.err
}

// sending is a conversation in which one file is chosen, one is on its way and
// one was sent.
func sending() *fakeDesk {
	f := busy()
	c := f.cases[caseID(1)]
	c.CanAttach = true
	c.Staged = desk.Staged{Token: fileToken, Kind: desk.FileDocument, Size: 1_230_000}
	sent := answered(3, 0, "Весна", "Так выглядит дорога.", false)
	sent.Files = []desk.Attachment{{ID: seal.ObjectID{9}, Kind: desk.FilePhoto, Type: "image/jpeg", Size: 812_000}}
	going := answered(-1, 0, "Весна", "И схема места.", false)
	going.Files = []desk.Attachment{{ID: seal.ObjectID{8}, Kind: desk.FileDocument, Type: "application/pdf", Size: 4_100_000}}
	going.Delivery, going.OutboxID = desk.DeliveryWaiting, "o8"
	going.Upload = &desk.Upload{Done: 3_300_000, Total: 8_300_000, Waits: hotline.Say("the disk is nearly full: attachments wait, text does not")}
	c.Messages = append(c.Messages, sent, going)
	c.DeskSeq = 3
	return f
}
