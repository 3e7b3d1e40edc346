package seal

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"safeconduct/internal/hotline"
)

func TestDrawer(t *testing.T) {
	t.Parallel()
	id := must(NewIdentity())(t)
	d := must(NewDrawer(id))(t)
	again := must(NewDrawer(must(ParseIdentity(id.Secret()))(t)))(t)
	other := must(NewDrawer(must(NewIdentity())(t)))(t)
	plain := []byte("чат 7304418820")
	box := d.Lock("chat", plain)
	if bytes.Contains(box, []byte("7304418820")) || bytes.Equal(box, d.Lock("chat", plain)) {
		t.Error("what is locked can be read, or recognised")
	}
	if got := must(again.Unlock("chat", box))(t); !bytes.Equal(got, plain) {
		t.Error("after a restart the drawer holds something else")
	}
	for name, open := range map[string]func() ([]byte, error){
		"another purpose": func() ([]byte, error) { return d.Unlock("word", box) },
		"no purpose":      func() ([]byte, error) { return d.Unlock("", box) },
		"another key":     func() ([]byte, error) { return other.Unlock("chat", box) },
		"nothing":         func() ([]byte, error) { return d.Unlock("chat", nil) },
		"short":           func() ([]byte, error) { return d.Unlock("chat", box[:23]) },
		"cut":             func() ([]byte, error) { return d.Unlock("chat", box[:len(box)-1]) },
		"longer":          func() ([]byte, error) { return d.Unlock("chat", append(bytes.Clone(box), 0)) },
	} {
		if got, err := open(); hotline.KindOf(err) != hotline.KindForged || got != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for i := range box {
		changed := bytes.Clone(box)
		changed[i] ^= 1
		if _, err := d.Unlock("chat", changed); err == nil {
			t.Fatalf("byte %d was changed and nobody noticed", i)
		}
	}
	if _, err := NewDrawer(Identity{}); err == nil {
		t.Error("a drawer without a key")
	}
	if s := fmt.Sprintf("%v %+v %#v %s", d, d, d, d); strings.Contains(s, "[") || strings.Count(s, "hidden") != 4 {
		t.Errorf("a drawer can be printed: %s", s)
	}
}

// A handle finds a chat again, and says nothing of it to who has no key.
func TestHandle(t *testing.T) {
	t.Parallel()
	id := must(NewIdentity())(t)
	d := must(NewDrawer(id))(t)
	h := d.Handle(hotline.ChannelTelegram, "31")
	if h != must(NewDrawer(id))(t).Handle(hotline.ChannelTelegram, "31") {
		t.Error("a chat is not found again")
	}
	for name, o := range map[string]Hash{
		"another chat":    d.Handle(hotline.ChannelTelegram, "32"),
		"another channel": d.Handle(hotline.ChannelForm, "31"),
		"another key":     must(NewDrawer(must(NewIdentity())(t)))(t).Handle(hotline.ChannelTelegram, "31"),
	} {
		if o == h {
			t.Errorf("%s has the same handle", name)
		}
	}
}

// Nothing but what was locked opens.
func FuzzDrawer(f *testing.F) {
	id, err := IdentityFromSeed(bytes.Repeat([]byte{3}, SeedSize))
	if err != nil {
		f.Fatal(err)
	}
	d, err := NewDrawer(id)
	if err != nil {
		f.Fatal(err)
	}
	f.Add("chat", []byte("31"), []byte{})
	f.Add("", []byte{}, bytes.Repeat([]byte{0}, 24))
	f.Add("word", bytes.Repeat([]byte{1}, 4096), d.Lock("chat", []byte("31")))
	f.Fuzz(func(t *testing.T, purpose string, plain, box []byte) {
		if got, err := d.Unlock(purpose, d.Lock(purpose, plain)); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("what was locked does not open: %v", err)
		}
		if _, err := d.Unlock("fuzz", box); err == nil {
			t.Fatal("something opens that was never locked")
		}
	})
}
