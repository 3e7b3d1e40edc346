package hotline

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestReceiptReadsWhatPeopleType(t *testing.T) {
	t.Parallel()
	r := NewReceipt()
	arabic := strings.NewReplacer("0", "٠", "1", "١", "2", "٢", "3", "٣", "4", "٤", "5", "٥", "6", "٦", "7", "٧", "8", "٨", "9", "٩")
	persian := strings.NewReplacer("0", "۰", "1", "۱", "2", "۲", "3", "۳", "4", "۴", "5", "۵", "6", "۶", "7", "۷", "8", "۸", "9", "۹")
	for _, typed := range []string{
		r.Digits(),
		strings.Join(r.Groups(), " "),
		strings.Join(r.Groups(), "-"),
		"  " + strings.Join(r.Groups(), " – ") + "\n",
		arabic.Replace(strings.Join(r.Groups(), " ")),
		persian.Replace(r.Digits()),
	} {
		got, err := ParseReceipt(typed)
		if err != nil || got != r {
			t.Errorf("ParseReceipt of a valid form: %v", err)
		}
	}
}

func TestCodesRefuseWhatIsNoCode(t *testing.T) {
	t.Parallel()
	r := NewReceipt().Digits()
	for typed, want := range map[string]error{
		"":           ErrCodeLength,
		r[:23]:       ErrCodeLength,
		r + "0":      ErrCodeLength,
		"x" + r[1:]:  ErrCodeCharacter,
		r + "\x00":   ErrCodeCharacter,
		r[:12] + "²": ErrCodeCharacter,
	} {
		if _, err := ParseReceipt(typed); !errors.Is(err, want) {
			t.Errorf("%d characters: got %v, want %v", len(typed), err, want)
		}
	}
}

// Every single wrong digit and every swap of two neighbours is caught, on
// both kinds of code.
func TestCheckDigitsCatchSlips(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		digits := withCheck(rapid.StringMatching(`[0-9]{22}`).Draw(t, "receipt"))
		want := receiptDigits
		if rapid.Bool().Draw(t, "channel code") {
			digits, want = withCheck(digits[:channelCodeDigits-2]), channelCodeDigits
		}
		for i := range digits {
			for d := byte('0'); d <= '9'; d++ {
				slip := digits[:i] + string(d) + digits[i+1:]
				if _, err := parseDigits(slip, want); (err == nil) != (d == digits[i]) {
					t.Fatalf("digit %d changed: %v", i, err)
				}
			}
			if i > 0 && digits[i] != digits[i-1] {
				slip := digits[:i-1] + string(digits[i]) + string(digits[i-1]) + digits[i+1:]
				if _, err := parseDigits(slip, want); !errors.Is(err, ErrCodeCheck) {
					t.Fatalf("swap at %d: %v", i, err)
				}
			}
		}
	})
}

func TestCodesCannotBePrinted(t *testing.T) {
	t.Parallel()
	r, c := NewReceipt(), NewChannelCode()
	j, err := json.Marshal([]any{r, c, &r})
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{fmt.Sprint(r, c), fmt.Sprintf("%v %+v %#v %s", r, r, r, c), string(j)} {
		if strings.Contains(shown, r.Digits()) || strings.Contains(shown, c.Digits()) {
			t.Errorf("a code shows in %q", shown[:10])
		}
	}
}

func TestChannelCodeOf(t *testing.T) {
	t.Parallel()
	for n, want := range map[uint64]string{0: "000000000097", 12345678901: "234567890106"} {
		if got := ChannelCodeOf(n).Digits(); got[:10] != want[:10] || mod97(got) != 1 {
			t.Errorf("ChannelCodeOf(%d) = %s", n, got)
		}
	}
}

func FuzzParseReceipt(f *testing.F) {
	f.Add("0066 0292 0167 4469 0809 6277")
	f.Add("٠٠٦٦-٠٢٩٢")
	f.Add(strings.Repeat("1", 5000))
	f.Fuzz(func(t *testing.T, typed string) {
		r, err := ParseReceipt(typed)
		if err != nil {
			return
		}
		again, err := ParseReceipt(strings.Join(r.Groups(), " "))
		if err != nil || again != r {
			t.Fatal("a receipt that parses must parse again from its groups")
		}
	})
}
