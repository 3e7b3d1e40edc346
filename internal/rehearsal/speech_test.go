package rehearsal_test

import (
	"strings"
	"testing"

	"safeconduct/internal/hotline"
	"safeconduct/internal/rehearsal"
	"safeconduct/internal/seal"
)

// A text of any length and of any characters falls into parts which each fit
// into a record, sealed and signed as the desk signs.
func TestPartsFitIntoRecords(t *testing.T) {
	t.Parallel()
	key, err := seal.NewSigningKey()
	if err != nil {
		t.Fatal(err)
	}
	to, err := seal.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"short":      "x",
		"long":       strings.Repeat("Слово. ", 20_000),
		"quotes":     strings.Repeat(`"\`, 15_000),
		"controls":   strings.Repeat("\x00\x01\x1f\u2028\u2029", 4_000),
		"html":       strings.Repeat("<&>", 9_000),
		"emoji":      strings.Repeat("👩‍👩‍👧", 2_000),
		"line ends":  strings.Repeat("\r\n", 20_000),
		"exactly it": strings.Repeat("a", 14<<10),
	} {
		parts := rehearsal.Parts(text)
		if strings.Join(parts, "") != text {
			t.Errorf("%s: the parts are not the text", name)
		}
		for i, part := range parts {
			body, err := seal.NewBody(part, "ru")
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			body.Code = hotline.NewChannelCode().Digits()
			rec, err := seal.SignRecord(seal.RecordHeader{Side: hotline.SideDesk, Seq: 1 << 40, Prev: seal.Hash{1}, Hour: 500_000}, body, key, key)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if _, err := rec.Seal(to.Recipient()); err != nil {
				t.Errorf("%s: part %d of %d bytes: %v", name, i+1, len(part), err)
			}
		}
	}
}

func TestUrgencyAndNote(t *testing.T) {
	t.Parallel()
	for fact, want := range map[string]hotline.Urgency{
		"wounded": hotline.UrgencyNow, "position_text": hotline.UrgencyUrgent, "stage": hotline.UrgencySoon, "relative": hotline.UrgencyCalm,
	} {
		s := rehearsal.Scenario{Facts: []rehearsal.Fact{{Name: fact, Value: "1"}}}
		if got := s.UrgencyOf(); got != want || s.Note() != fact+": 1" {
			t.Errorf("%s: urgency %d, note %q", fact, got, s.Note())
		}
	}
	both := rehearsal.Scenario{Facts: []rehearsal.Fact{{Name: "position_text", Value: "x"}, {Name: "wounded", Value: "1"}}}
	if got := both.UrgencyOf(); got != hotline.UrgencyNow {
		t.Errorf("a position and a wounded man: urgency %d", got)
	}
}
