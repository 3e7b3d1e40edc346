package rehearsal_test

import (
	"strings"
	"testing"
	"unicode/utf16"

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

// A text of any length falls into messages that a chat takes, counted as Telegram
// counts.
func TestChatPartsFitIntoMessages(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"nothing": "", "short": "x", "exactly it": strings.Repeat("я", 4096), "one more": strings.Repeat("я", 4097),
		"pairs": strings.Repeat("😀", 5000), "no UTF-8": strings.Repeat("a\xff", 3000),
	} {
		parts := rehearsal.ChatParts(text)
		if strings.Join(parts, "") != text {
			t.Errorf("%s: the parts are not the text", name)
		}
		for i, part := range parts {
			if n := len(utf16.Encode([]rune(part))); n > 4096 || n == 0 && text != "" {
				t.Errorf("%s: part %d has %d units", name, i+1, n)
			}
		}
	}
}

// What a person answers when he registers follows from the facts, and from nothing else.
func TestAnswers(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "", 1: hotline.CountOne, 3: hotline.CountFew, 4: hotline.CountTen, 10: hotline.CountTen, 11: hotline.CountMore} {
		if got := (rehearsal.Scenario{People: &n}).Answers()["people"]; got != want {
			t.Errorf("%d people answer %q", n, got)
		}
	}
	s := rehearsal.Scenario{Path: []hotline.Stage{hotline.StageRegistered}, Facts: []rehearsal.Fact{
		{Name: "phone_will_be_taken", Value: "true"}, {Name: "stage", Value: "mobilised_not_deployed"}, {Name: "position_text", Value: "x"},
	}}
	if a := s.Answers(); !s.Registers() || len(a) != 2 || a["where"] != hotline.WhereMobilised || a["phone"] != hotline.AnswerYes {
		t.Errorf("registers: %t, answers %v", s.Registers(), a)
	}
}
