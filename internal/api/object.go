package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// PutPart sends one part of a sealed file for a case; toContact says that it is
// the file sealed to the contact. Sending it again does no harm.
func (c *Client) PutPart(ctx context.Context, id hotline.CaseID, object seal.ObjectID, sealed []byte, index int, toContact bool) (Parts, error) {
	var out Parts
	q := url.Values{"size": {strconv.Itoa(len(sealed))}, "parts": {strconv.Itoa(seal.PartCount(int64(len(sealed))))}, "copy": {"0"}}
	if toContact {
		q.Set("copy", "1")
	}
	path := fill(PathObjectPart, id.String(), object.String(), strconv.Itoa(index)) + "?" + q.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.Base+path, bytes.NewReader(seal.Cut(sealed, index)))
	if err != nil {
		return out, fmt.Errorf("part: %w", err)
	}
	res, err := c.send(req)
	if err != nil {
		return out, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	if err != nil {
		return out, hotline.Errorf(hotline.KindUnknown, "part", "the answer was lost: %w", err)
	}
	if err := json.Unmarshal(body, &out); err != nil {
		return out, hotline.Errorf(hotline.KindInvalid, "part", "malformed answer")
	}
	return out, nil
}

// Object fetches the sealed file of an attachment of size bytes. When the
// connection breaks it goes on from the last whole part.
func (c *Client) Object(ctx context.Context, id hotline.CaseID, object seal.ObjectID, size int64, progress func(done int64)) ([]byte, error) {
	sealed := make([]byte, 0, size)
	for tries := 0; ; tries++ {
		from := int(int64(len(sealed)) / seal.PartSize(size))
		sealed = sealed[:int64(from)*seal.PartSize(size)]
		res, err := c.do(ctx, http.MethodPost, fill(PathObject, id.String(), object.String()), ReadObject{From: from})
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
