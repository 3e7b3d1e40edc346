package seal

import (
	"strings"
	"testing"

	"safeconduct/internal/hotline"
)

func TestCalm(t *testing.T) {
	t.Parallel()
	sam, err := NewSigningKey()
	if err != nil {
		t.Fatal(err)
	}
	ids := map[OperatorID]Identity{}
	readers := map[OperatorID]Recipient{}
	for _, name := range []string{"sam", "audrey"} {
		id, err := NewIdentity()
		if err != nil {
			t.Fatal(err)
		}
		ids[name], readers[name] = id, id.Recipient()
	}
	c := Calm{Alarm: Hash{1}, Count: 41, Hour: 9}
	signed, files, err := SignCalm(c, "spoke with him", readers, sam)
	if err != nil || len(files) != 2 {
		t.Fatal(err)
	}
	got, again, err := ParseCalm(signed.Text())
	if err != nil || got.Alarm != c.Alarm || got.Count != 41 || !CalmSignedBy(again, sam.Public()) {
		t.Fatalf("%+v: %v", got, err)
	}
	for name, id := range ids {
		if text, err := OpenCalmNote(id, files[name], again); err != nil || text != "spoke with him" {
			t.Errorf("%s reads %q: %v", name, text, err)
		}
	}
	other, otherFiles, err := SignCalm(c, "something else", readers, sam)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OpenCalmNote(ids["sam"], otherFiles["sam"], signed); hotline.KindOf(err) != hotline.KindForged {
		t.Errorf("another answer's note: %v", err)
	}
	if _, err := OpenCalmNote(ids["sam"], files["audrey"], signed); err == nil {
		t.Error("somebody else's copy was opened")
	}
	for name, bad := range map[string]string{
		"no alarm":    strings.Replace(string(other.Text()), Hash{1}.String(), "", 1),
		"cut":         string(other.Text()[:40]),
		"other kind":  strings.Replace(string(other.Text()), kindCalm, "epoch", 1),
		"unknown":     strings.Replace(string(other.Text()), `"count"`, `"counts"`, 1),
		"count of -1": strings.Replace(string(other.Text()), `"count":41`, `"count":-1`, 1),
	} {
		if _, _, err := ParseCalm([]byte(bad)); err == nil {
			t.Errorf("%s was read", name)
		}
	}
	for _, text := range []string{"", strings.Repeat("x", maxCalm+1), "\xff"} {
		if _, _, err := SignCalm(c, text, readers, sam); err == nil {
			t.Errorf("a note of %d bytes was signed", len(text))
		}
	}
}

func FuzzParseCalm(f *testing.F) {
	f.Add([]byte(`{"v":1,"kind":"calm","alarm":"0100000000000000000000000000000000000000000000000000000000000000","count":1,"hour":2,"note":"0200000000000000000000000000000000000000000000000000000000000000"}` + "\nsig 0123456789abcdef AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==\n"))
	f.Add([]byte(`{"v":1,"kind":"calm"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, s, err := ParseCalm(text)
		if err != nil {
			return
		}
		again, _, err := ParseCalm(s.Text())
		if err != nil || again != c {
			t.Errorf("%+v, read again %+v: %v", c, again, err)
		}
	})
}
