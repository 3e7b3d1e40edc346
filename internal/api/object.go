package api

import (
	"context"
	"io"
	"net/http"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// PutPart sends one part of a sealed file for a case; toContact says that it is
// the file sealed to the contact. Sending it again does no harm.
func (c *Client) PutPart(ctx context.Context, id hotline.CaseID, object seal.ObjectID, sealed []byte, index int, toContact bool) (Parts, error) {
	return post[Parts](ctx, c, fill(PathParts, id.String()), Part{
		Object: object, Index: index, Parts: seal.PartCount(int64(len(sealed))), Size: int64(len(sealed)), Copy: toContact, Content: seal.Cut(sealed, index),
	})
}

// Object fetches the sealed file of an attachment of size bytes. When the
// connection breaks it goes on from the last whole part.
func (c *Client) Object(ctx context.Context, id hotline.CaseID, object seal.ObjectID, size int64, progress func(done int64)) ([]byte, error) {
	sealed := make([]byte, 0, size)
	for tries := 0; ; tries++ {
		from := int(int64(len(sealed)) / seal.PartSize(size))
		sealed = sealed[:int64(from)*seal.PartSize(size)]
		res, err := c.do(ctx, http.MethodPost, fill(PathObjects, id.String()), ReadObject{Object: object, From: from})
		if err != nil {
			return nil, err
		}
		sealed, err = readObject(res.Body, sealed, size, progress)
		_ = res.Body.Close()
		if err == nil {
			return sealed, nil
		}
		if tries == 3 || ctx.Err() != nil {
			return nil, hotline.Errorf(hotline.KindUnavailable, "attachment", "the connection broke: %w", err)
		}
	}
}

func readObject(body io.Reader, sealed []byte, size int64, progress func(int64)) ([]byte, error) {
	for int64(len(sealed)) < size {
		n, err := body.Read(sealed[len(sealed):size])
		sealed = sealed[:len(sealed)+n]
		if progress != nil {
			progress(int64(len(sealed)))
		}
		if err != nil && int64(len(sealed)) < size {
			return sealed, err
		}
	}
	return sealed, nil
}
