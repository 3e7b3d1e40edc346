package hotline

import (
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"strings"
)

// Errors of codes typed by people. They never repeat what was typed.
var (
	// ErrCodeLength means too few or too many digits.
	ErrCodeLength = errors.New("the number of digits is wrong")
	// ErrCodeCharacter means something that is neither a digit nor a separator.
	ErrCodeCharacter = errors.New("only digits, spaces and dashes belong in a code")
	// ErrCodeCheck means that a digit is wrong or two digits are swapped.
	ErrCodeCheck = errors.New("a digit is wrong or two digits are swapped")
)

const (
	receiptDigits     = 24
	channelCodeDigits = 12
)

// Receipt is the person's way back to a case by the web page: 24 digits, 22
// of them random (73 bits) and 2 check digits. Whoever holds it can act as
// the person, so it cannot be printed by accident: only Digits and Groups
// show it.
type Receipt struct{ digits string }

// ChannelCode locates a case on any door: 12 digits, 10 that count and 2
// check digits. It opens nothing and proves nothing.
type ChannelCode struct{ digits string }

// NewReceipt draws a receipt from the system's random source.
func NewReceipt() Receipt { return Receipt{withCheck(randomDigits(receiptDigits - 2))} }

// NewChannelCode draws a channel code from the system's random source.
func NewChannelCode() ChannelCode { return ChannelCode{withCheck(randomDigits(channelCodeDigits - 2))} }

// ChannelCodeOf returns the code whose ten counting digits are n mod 10^10.
func ChannelCodeOf(n uint64) ChannelCode {
	s := big.NewInt(0).SetUint64(n % 1e10).String()
	return ChannelCode{withCheck(strings.Repeat("0", channelCodeDigits-2-len(s)) + s)}
}

// ParseReceipt reads a receipt as a person types it.
func ParseReceipt(typed string) (Receipt, error) {
	d, err := parseDigits(typed, receiptDigits)
	return Receipt{d}, err
}

// ParseChannelCode reads a channel code as a person types it.
func ParseChannelCode(typed string) (ChannelCode, error) {
	d, err := parseDigits(typed, channelCodeDigits)
	return ChannelCode{d}, err
}

// Digits returns the 24 ASCII digits, the input of key derivation.
func (r Receipt) Digits() string { return r.digits }

// Groups returns the six groups of four that people see.
func (r Receipt) Groups() []string { return groups(r.digits) }

// String shows nothing.
func (Receipt) String() string { return "receipt(hidden)" }

// GoString shows nothing.
func (Receipt) GoString() string { return "receipt(hidden)" }

// MarshalJSON shows nothing.
func (Receipt) MarshalJSON() ([]byte, error) { return []byte(`"receipt(hidden)"`), nil }

// Digits returns the 12 ASCII digits.
func (c ChannelCode) Digits() string { return c.digits }

// Groups returns the three groups of four that people see.
func (c ChannelCode) Groups() []string { return groups(c.digits) }

// String shows nothing.
func (ChannelCode) String() string { return "code(hidden)" }

// GoString shows nothing.
func (ChannelCode) GoString() string { return "code(hidden)" }

// MarshalJSON shows nothing.
func (ChannelCode) MarshalJSON() ([]byte, error) { return []byte(`"code(hidden)"`), nil }

func groups(digits string) []string {
	var out []string
	for ; len(digits) >= 4; digits = digits[4:] {
		out = append(out, digits[:4])
	}
	return out
}

// parseDigits keeps the digits of typed (ASCII, Arabic-Indic, Persian,
// full-width), skips spaces and dashes, refuses all else, and verifies the
// check digits, so that a slip costs nobody a key derivation.
func parseDigits(typed string, want int) (string, error) {
	var b strings.Builder
	for _, r := range typed {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r >= '٠' && r <= '٩':
			b.WriteRune(r - '٠' + '0')
		case r >= '۰' && r <= '۹':
			b.WriteRune(r - '۰' + '0')
		case r >= '０' && r <= '９':
			b.WriteRune(r - '０' + '0')
		case isSeparator(r):
		default:
			return "", ErrCodeCharacter
		}
		if b.Len() > want {
			return "", ErrCodeLength
		}
	}
	if b.Len() != want {
		return "", ErrCodeLength
	}
	if mod97(b.String()) != 1 {
		return "", ErrCodeCheck
	}
	return b.String(), nil
}

func isSeparator(r rune) bool {
	switch r {
	case ' ', '\t', '\n', '\r', '-', '.', '/', '_', 0x00A0, 0x202F, 0x2007, 0x2009,
		0x200E, 0x200F, 0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2212:
		return true
	}
	return false
}

// mod97 is the remainder of a decimal string by 97 (ISO/IEC 7064, MOD 97-10).
func mod97(digits string) int {
	n := 0
	for _, d := range []byte(digits) {
		n = (n*10 + int(d-'0')) % 97
	}
	return n
}

// withCheck appends the two check digits that make the whole 1 modulo 97.
func withCheck(digits string) string {
	return digits + fmt.Sprintf("%02d", 98-mod97(digits+"00"))
}

func randomDigits(n int) string {
	limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
	v, err := rand.Int(rand.Reader, limit)
	if err != nil {
		panic("hotline: the system's random source failed") // crypto/rand documents that this cannot happen
	}
	s := v.String()
	return strings.Repeat("0", n-len(s)) + s
}
