package contact

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// Upload is an attachment on its way: sealed, and sent part by part. It can be
// broken off and gone on with.
type Upload struct {
	p      *Case
	File   seal.File
	sealed []byte
	have   []int
}

// Attach seals an attachment for the case; Send sends its parts.
func (p *Case) Attach(content []byte, claimed string) (*Upload, error) {
	if p.generation.Recipient.IsZero() {
		return nil, hotline.Errorf(hotline.KindInvalid, "contact", "open the case before sending to it")
	}
	sealed, o, err := seal.NewObject(p.generation.Recipient, content)
	if err != nil {
		return nil, err
	}
	return &Upload{p: p, File: seal.File{Type: claimed, Size: int64(len(content)), Object: o}, sealed: sealed}, nil
}

// Sealed returns the sealed file.
func (u *Upload) Sealed() []byte { return u.sealed }

// Send sends the parts that the server does not have.
func (u *Upload) Send(ctx context.Context) error {
	for i := range u.File.Object.Parts {
		if slices.Contains(u.have, i) {
			continue
		}
		if err := u.SendPart(ctx, i); err != nil {
			return err
		}
	}
	return nil
}

// SendPart sends one part.
func (u *Upload) SendPart(ctx context.Context, index int) error {
	content := seal.Cut(u.sealed, index)
	return u.Post(ctx, seal.Part{
		Case: u.p.id, Object: u.File.Object.ID, Index: index, Parts: u.File.Object.Parts,
		Size: int64(len(u.sealed)), Hash: sha256.Sum256(content), Hour: hotline.HourOf(u.p.client.clock()),
	}, content)
}

// Post sends any announcement with any bytes.
func (u *Upload) Post(ctx context.Context, part seal.Part, content []byte) error {
	announced, err := seal.SignPart(part, u.p.contact.Signing)
	if err != nil {
		return err
	}
	call := seal.Call{Op: seal.OpPart, Case: seal.CallCase{CaseID: u.p.id}}
	envelope, key, err := seal.NewEnvelope(u.p.client.manifest.Intake, call, announced.Text(), content)
	if err != nil {
		return err
	}
	a, _, err := u.p.client.deliver(ctx, func([]byte) (sealed, error) { return sealed{envelope, key}, nil })
	if err != nil {
		return err
	}
	if a.Status != seal.StatusReceived {
		return statusError(a)
	}
	u.have = a.Have
	return nil
}

// Have is which parts the server had when it last answered.
func (u *Upload) Have() []int { return u.have }

// SendFiles sends a message that names attachments, whose parts have been sent.
func (p *Case) SendFiles(ctx context.Context, text, language string, uploads ...*Upload) error {
	files := make([]seal.File, len(uploads))
	for i, u := range uploads {
		files[i] = u.File
	}
	if err := p.queue(text, language, files); err != nil {
		return err
	}
	return p.Resend(ctx)
}

// Download fetches and opens a file that the desk sent.
func (p *Case) Download(ctx context.Context, f seal.File) ([]byte, error) {
	size := seal.SealedSize(f.Size)
	whole := make([]byte, 0, size)
	for i := range f.Copy.Parts {
		part, err := p.downloadPart(ctx, f.Copy.ID, i, int(seal.PartLength(size, i)))
		if err != nil {
			return nil, err
		}
		whole = append(whole, part...)
	}
	return seal.OpenFile(p.contact.Identity, f, f.Copy, whole)
}

func (p *Case) downloadPart(ctx context.Context, id seal.ObjectID, index, length int) ([]byte, error) {
	args := fmt.Sprintf("%s %s %d %d", p.contact.Lookup, id, index, length)
	a, parts, err := p.request(ctx, seal.Call{Op: seal.OpFile, Object: id, Index: &index, Bytes: length}, args)
	switch {
	case err != nil:
		return nil, err
	case a.Status == seal.StatusNothing:
		return nil, hotline.Errorf(hotline.KindNotFound, "contact", "the file is not there any more")
	case a.Status != seal.StatusKnown:
		return nil, statusError(a)
	case len(parts) != 1 || len(parts[0]) != length:
		return nil, forged("the answer holds no part")
	}
	return parts[0], nil
}
