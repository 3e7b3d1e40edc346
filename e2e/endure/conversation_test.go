package endure

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/intake/contact"
	"safeconduct/internal/seal"
)

// talk is one person's conversation with what was acknowledged on both sides.
type talk struct {
	*contact.Case
	h    *house
	keys seal.Contact
	said []string // by the person: "received"
	told []string // by the desk: "sent"
}

// impatient clients try twice, and do not wait between.
func impatient() []contact.Option {
	return []contact.Option{contact.WithTries(2), contact.WithSleep(func(context.Context, time.Duration) error { return nil })}
}

// begins is somebody's first message, which must be received.
func (h *house) begins(text string) *talk {
	h.tb.Helper()
	k := &talk{h: h, keys: newKeys(h.tb), said: []string{text}}
	k.Case = must[*contact.Case](h.tb)(h.client("127.0.0.1", impatient()...).StartWith(context.Background(), k.keys, text, "en"))
	return k
}

// says sends one more message, which must be received.
func (k *talk) says(text string) {
	k.h.tb.Helper()
	ok(k.h.tb, k.Send(context.Background(), text, "en"))
	k.said = append(k.said, text)
}

// resends tries again as the page does by itself, until it is received.
func resends(tb testing.TB, c *contact.Case) {
	tb.Helper()
	end := time.Now().Add(patience)
	err := c.Resend(tb.Context())
	for err != nil && time.Now().Before(end) {
		time.Sleep(20 * time.Millisecond) // connections that were cut are found one by one
		err = c.Resend(tb.Context())
	}
	ok(tb, err)
}

// whole looks with the desk's eyes and with the person's: everything that was
// acknowledged is there, once and in order.
func (k *talk) whole(tb testing.TB, d *station) {
	tb.Helper()
	var got map[hotline.Side][]string
	d.sees(k.ID(), fmt.Sprintf("the case holds %q and %q", k.said, k.told), func(v desk.CaseView) bool {
		got = map[hotline.Side][]string{}
		for _, m := range v.Messages {
			got[m.Side] = append(got[m.Side], m.Text)
		}
		return slices.Equal(got[hotline.SideContact], k.said) && slices.Equal(got[hotline.SideDesk], k.told) && v.Problems == 0
	})
	c := k.h.client("127.0.0.1").ReturnWith(k.keys)
	_, err := c.Open(tb.Context())
	ok(tb, err)
	var told []string
	for after := int64(-1); ; {
		r, more, err := c.Fetch(tb.Context(), after, nil)
		ok(tb, err)
		if !more {
			break
		}
		told, after = append(told, r.Text), r.Seq
	}
	if !slices.Equal(told, k.told) {
		tb.Errorf("the person is told %q, want %q", told, k.told)
	}
}

// notKept is an attempt that must end with clear words, and with the message
// still in the page's hands.
func notKept(tb testing.TB, err error, kinds ...hotline.Kind) {
	tb.Helper()
	if err == nil || !slices.Contains(kinds, hotline.KindOf(err)) {
		tb.Errorf("got %v (%v), want one of %v", err, hotline.KindOf(err), kinds)
	}
}
