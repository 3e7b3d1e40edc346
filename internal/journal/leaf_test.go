package journal_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"safeconduct/internal/hotline"
	"safeconduct/internal/journal"
)

func entry(i int) journal.Entry {
	return journal.Entry{Hour: 490000 + int64(i), Actor: "op-1", Act: "case.read", Case: caseID, Detail: map[string]string{"n": fmt.Sprint(i)}}
}

func commit(t testing.TB, e journal.Entry) journal.Leaf {
	t.Helper()
	l, err := journal.Commit(e)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestCommitment(t *testing.T) {
	t.Parallel()
	l := commit(t, entry(1))
	// The definition, spelt out.
	h := sha256.Sum256(append(append([]byte("safeconduct journal leaf v1\n"), l.Opening.Blind[:]...), l.Opening.Line...))
	if h != l.Commitment {
		t.Errorf("commitment %x, want %x", l.Commitment, h)
	}
	if want := sha256.Sum256(append([]byte{0}, h[:]...)); l.Commitment.Hash() != tlog.Hash(want) {
		t.Error("leaf hash is not the one of RFC 6962 §2.1")
	}
	if l.Opening.Blind == (journal.Blind{}) {
		t.Error("not blinded")
	}
	e, err := journal.VerifyOpening(l.Commitment, l.Opening)
	if err != nil || e.Detail["n"] != "1" {
		t.Errorf("VerifyOpening: %+v, %v", e, err)
	}
}

func TestVerifyOpeningRefuses(t *testing.T) {
	t.Parallel()
	l := commit(t, entry(1))
	line2, _ := entry(2).Line()
	// A byte moved from the line into the blind must not count as the same opening.
	var shifted journal.Opening
	copy(shifted.Blind[:], l.Opening.Blind[1:])
	shifted.Blind[31] = l.Opening.Line[0]
	shifted.Line = l.Opening.Line[1:]
	for name, o := range map[string]journal.Opening{
		"other text":  {Blind: l.Opening.Blind, Line: line2},
		"other blind": {Blind: commit(t, entry(1)).Opening.Blind, Line: l.Opening.Line},
		"no text":     {Blind: l.Opening.Blind},
		"no blind":    {Line: l.Opening.Line},
		"shifted":     shifted,
	} {
		if _, err := journal.VerifyOpening(l.Commitment, o); !errors.Is(err, journal.ErrOpening) || hotline.KindOf(err) != hotline.KindForged {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestDictionary plays somebody who has the log's public side and a list of all
// entries there can be, and looks for which one a leaf stands for.
func TestDictionary(t *testing.T) {
	t.Parallel()
	const words = 300
	secret := commit(t, entry(42))
	public := []string{string(secret.Commitment[:]), string(hash(secret.Commitment.Hash()))}
	found := func(blind []byte) (hits []int) {
		for i := range words {
			line, err := entry(i).Line()
			if err != nil {
				t.Fatal(err)
			}
			prefixed := append(append([]byte("safeconduct journal leaf v1\n"), blind...), line...)
			for _, guess := range [][]byte{line, prefixed} {
				sum := sha256.Sum256(guess)
				record := tlog.RecordHash(guess)
				twice := tlog.RecordHash(sum[:])
				for _, p := range public {
					if p == string(sum[:]) || p == string(record[:]) || p == string(twice[:]) {
						hits = append(hits, i)
					}
				}
			}
		}
		return hits
	}
	if hits := found(nil); hits != nil {
		t.Errorf("found entries %v without the blind", hits)
	}
	if hits := found(make([]byte, 32)); hits != nil {
		t.Errorf("found entries %v with an empty blind", hits)
	}
	// The same search does find it once the blind is known: the search works, the blind protects.
	if hits := found(secret.Opening.Blind[:]); len(hits) == 0 || hits[0] != 42 {
		t.Errorf("with the blind: %v", hits)
	}
	// The same act twice leaves two leaves that have nothing in common.
	if commit(t, entry(42)).Commitment == secret.Commitment {
		t.Error("two commitments to one entry are equal")
	}
}

func hash(h tlog.Hash) []byte { return h[:] }

func TestSecretsDoNotPrint(t *testing.T) {
	t.Parallel()
	l := commit(t, entry(1))
	s := signer(t)
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%x", "%X", "%s", "%q", "%d"} {
		fmt.Fprintf(&out, verb+verb+verb+verb, l, l.Opening.Blind, s, *s) //nolint:govet // every verb on purpose
	}
	log := slog.New(slog.NewJSONHandler(&out, nil))
	log.Info("x", "leaf", l, "blind", l.Opening.Blind, "signer", s)
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "leaf", l, "blind", l.Opening.Blind, "signer", s)
	b, err := json.Marshal([]any{l, s})
	if err != nil {
		t.Fatal(err)
	}
	out.Write(b)
	text := strings.ToLower(out.String())
	dec := func(b []byte) string { return strings.Trim(fmt.Sprintf("%d", b), "[]") }
	seed := bytes.Repeat([]byte{7}, 32)
	for _, secret := range []string{
		fmt.Sprintf("%x", l.Opening.Blind[:]), dec(l.Opening.Blind[:]), dec(seed),
		fmt.Sprintf("%x", seed), strings.Repeat("0x7, ", 8), "private+key",
	} {
		if strings.Contains(text, secret) {
			t.Errorf("shows %q", secret[:8])
		}
	}
}
