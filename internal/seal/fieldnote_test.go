package seal

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"safeconduct/internal/hotline"
)

func TestFieldNote(t *testing.T) {
	t.Parallel()
	key, field := must(NewSigningKey())(t), must(NewIdentity())(t)
	at := must(NewPosition(-47.5, 180, 12.5, true))(t)
	file := must(FieldNote{Case: hotline.CaseID{1}, Record: Hash{2}, Hour: 5}.Seal(field.Recipient(), at, key))(t)
	n, got, signed, err := OpenFieldNote(field, file)
	if err != nil || got != at || n.Case != (hotline.CaseID{1}) || n.Record != (Hash{2}) || !FieldNoteSignedBy(signed, key.Public()) || DeliverySignedBy(signed, key.Public()) {
		t.Errorf("%+v: %v", n, err)
	}
	if _, _, _, err := OpenFieldNote(must(NewIdentity())(t), file); err == nil {
		t.Error("another key opens it")
	}
	for i := range file {
		if i%97 != 0 {
			continue
		}
		changed := append([]byte(nil), file...)
		changed[i] ^= 1
		if _, _, _, err := OpenFieldNote(field, changed); err == nil {
			t.Fatalf("byte %d was changed and nobody noticed", i)
		}
	}
	if s := fmt.Sprintf("%v %+v %#v", at, at, &at); strings.Contains(s, "47") {
		t.Errorf("a position can be printed: %s", s)
	}
}

// A position is on earth, whoever says so.
func TestPositionsThatAreNone(t *testing.T) {
	t.Parallel()
	key, field := must(NewSigningKey())(t), must(NewIdentity())(t)
	for _, p := range [][3]float64{
		{90.1, 0, 0},
		{-91, 0, 0},
		{0, 180.5, 0},
		{0, -181, 0},
		{0, 0, -1},
		{0, 0, 1e7},
		{math.NaN(), 0, 0},
		{0, math.NaN(), 0},
		{0, 0, math.NaN()},
		{math.Inf(1), 0, 0},
		{0, math.Inf(-1), 0},
	} {
		if _, err := NewPosition(p[0], p[1], p[2], false); err == nil {
			t.Errorf("%v is a position", p)
		}
		// A gateway that writes it all the same is not believed.
		file, err := FieldNote{Case: hotline.CaseID{1}, Record: Hash{2}}.Seal(field.Recipient(), Position{Salt: strings.Repeat("0", 32), Lat: p[0], Lon: p[1], Radius: p[2]}, key)
		if err != nil {
			continue // JSON has no such number
		}
		if _, _, _, err := OpenFieldNote(field, file); err == nil {
			t.Errorf("%v was opened", p)
		}
	}
}
