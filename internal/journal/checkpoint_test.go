package journal_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"safeconduct/internal/hotline"
	"safeconduct/internal/journal"
	"safeconduct/internal/journal/journaltest"
)

// byHand signs any text with the key of signer, through the note package alone.
func byHand(t testing.TB, file []byte, text string) []byte {
	t.Helper()
	k, err := note.NewSigner(strings.TrimSuffix(string(file), "\n"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := note.Sign(&note.Note{Text: text}, k)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

const root64 = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="

func TestCheckpointFormat(t *testing.T) {
	t.Parallel()
	s := signer(t)
	root, err := tlog.ParseHash(root64)
	if err != nil {
		t.Fatal(err)
	}
	text, err := s.Sign(journal.Head{Size: 20852163, Root: root})
	if err != nil {
		t.Fatal(err)
	}
	want := origin + "\n20852163\n" + root64 + "\n\n— " + origin + " "
	if !strings.HasPrefix(string(text), want) || strings.Count(string(text), "\n") != 5 {
		t.Errorf("checkpoint:\n%s\nwant:\n%s", text, want)
	}
	// The note package, which we did not write, reads it with the key we print.
	v, err := note.NewVerifier(s.Verifier().String())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := note.Open(text, note.VerifierList(v)); err != nil {
		t.Error(err)
	}
	c, err := journal.ParseCheckpoint(text, s.Verifier())
	if err != nil || c.Origin != origin || c.Size != 20852163 || c.Root != root {
		t.Errorf("ParseCheckpoint = %+v, %v", c, err)
	}
	for _, n := range []int64{-1, 1<<63 - 1} {
		if _, err := s.Sign(journal.Head{Size: n}); !errors.Is(err, journal.ErrRange) {
			t.Errorf("signed size %d: %v", n, err)
		}
	}
}

func TestParseCheckpointRefuses(t *testing.T) {
	t.Parallel()
	s := signer(t)
	file := s.SecretFile()
	other, err := journal.GenerateSigner(origin)
	if err != nil {
		t.Fatal(err)
	}
	desk2, err := journal.NewSigner(origin+"9", bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	body := func(lines ...string) string { return strings.Join(lines, "\n") + "\n" }
	good := byHand(t, file, body(origin, "5", root64))
	for name, tt := range map[string]struct {
		text []byte
		want error
	}{
		"empty":            {nil, journal.ErrMalformed},
		"unsigned":         {[]byte(body(origin, "5", root64)), journal.ErrMalformed},
		"other key":        {byHand(t, other.SecretFile(), body(origin, "5", root64)), journal.ErrSignature},
		"changed size":     {bytes.Replace(good, []byte("\n5\n"), []byte("\n6\n"), 1), journal.ErrSignature},
		"changed root":     {bytes.Replace(good, []byte("CsU"), []byte("CsV"), 1), journal.ErrSignature},
		"cut":              {good[:len(good)-1], journal.ErrMalformed},
		"carriage returns": {bytes.ReplaceAll(good, []byte("\n"), []byte("\r\n")), journal.ErrMalformed},
		"too long":         {append(bytes.Repeat([]byte("x\n"), 1<<15), good...), journal.ErrMalformed},
		"other origin":     {byHand(t, file, body(origin+"9", "5", root64)), journal.ErrOrigin},
		"other desk":       {byHand(t, desk2.SecretFile(), body(origin, "5", root64)), journal.ErrSignature},
		"two lines":        {byHand(t, file, body(origin, "5")), journal.ErrMalformed},
		"leading zero":     {byHand(t, file, body(origin, "05", root64)), journal.ErrMalformed},
		"plus":             {byHand(t, file, body(origin, "+5", root64)), journal.ErrMalformed},
		"negative":         {byHand(t, file, body(origin, "-5", root64)), journal.ErrMalformed},
		"endless size":     {byHand(t, file, body(origin, "9223372036854775807", root64)), journal.ErrMalformed},
		"size past 64 bit": {byHand(t, file, body(origin, "99999999999999999999", root64)), journal.ErrMalformed},
		"short root":       {byHand(t, file, body(origin, "5", "AAAA")), journal.ErrMalformed},
		"loose base64":     {byHand(t, file, body(origin, "5", root64[:42]+"J=")), journal.ErrMalformed},
		"false empty tree": {byHand(t, file, body(origin, "0", root64)), journal.ErrMalformed},
		"empty extension":  {byHand(t, file, body(origin, "5", root64, "", "x")), journal.ErrMalformed},
	} {
		c, err := journal.ParseCheckpoint(tt.text, s.Verifier())
		if !errors.Is(err, tt.want) || hotline.KindOf(err) != hotline.KindForged || c != (journal.Checkpoint{}) {
			t.Errorf("%s: %+v, %v; want %v", name, c, err, tt.want)
		}
	}
	if _, err := journal.ParseCheckpoint(good); !errors.Is(err, journal.ErrSignature) {
		t.Errorf("without keys: %v", err)
	}
	// What must be read over: extension lines, signatures of strangers, a key listed twice, a second key.
	c, err := journal.ParseCheckpoint(byHand(t, file, body(origin, "5", root64, "ext")), s.Verifier())
	if err != nil || c.Size != 5 {
		t.Errorf("extension line: %v", err)
	}
	stranger := byHand(t, other.SecretFile(), body(origin, "5", root64))
	two := append(bytes.Clone(good), stranger[bytes.Index(stranger, []byte("— ")):]...)
	for name, keys := range map[string][]*journal.Verifier{
		"stranger": {s.Verifier()}, "twice": {s.Verifier(), s.Verifier()}, "new key": {other.Verifier()}, "both": {s.Verifier(), other.Verifier()},
	} {
		if _, err := journal.ParseCheckpoint(two, keys...); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	s := signer(t)
	if got := journal.Origin([]byte{1, 2, 3, 4, 5, 6, 7, 8}); got != origin {
		t.Errorf("Origin = %q", got)
	}
	back, err := journal.ParseSigner(s.SecretFile())
	if err != nil || back.Verifier().String() != s.Verifier().String() {
		t.Fatalf("ParseSigner: %v", err)
	}
	if _, err := note.NewSigner(strings.TrimSuffix(string(s.SecretFile()), "\n")); err != nil {
		t.Errorf("the note package does not read the secret file: %v", err)
	}
	v, err := journal.ParseVerifier(s.Verifier().String())
	if err != nil || v.Origin() != origin {
		t.Fatalf("ParseVerifier: %v", err)
	}
	pub := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32)).Public().(ed25519.PublicKey)
	if v, err := journal.NewVerifier(origin, pub); err != nil || v.String() != s.Verifier().String() {
		t.Errorf("NewVerifier: %v", err)
	}
	file := string(s.SecretFile())
	for name, bad := range map[string]string{
		"empty": "", "words": "a+b+c+d+e", "public": s.Verifier().String(), "spaces": file + " ", "two lines": file + "\n",
		"short": file[:len(file)-6] + "\n", "hash": strings.Replace(file, origin, origin+"9", 1),
	} {
		if _, err := journal.ParseSigner([]byte(bad)); !errors.Is(err, journal.ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		} else if strings.Contains(err.Error(), "PRIVATE") {
			t.Errorf("%s: the error quotes the key", name)
		}
	}
	key := s.Verifier().String()
	for _, bad := range []string{"", key + "\n", strings.Replace(key, origin, "x", 1), key[:len(key)-4]} {
		if _, err := journal.ParseVerifier(bad); !errors.Is(err, journal.ErrMalformed) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for _, name := range []string{"", "a b", "a+b", "a\nb"} {
		if _, err := journal.NewSigner(name, make([]byte, 32)); !errors.Is(err, journal.ErrMalformed) {
			t.Errorf("origin %q: %v", name, err)
		}
	}
	if _, err := journal.NewSigner(origin, make([]byte, 31)); !errors.Is(err, journal.ErrMalformed) {
		t.Errorf("short seed: %v", err)
	}
}

// TestExtend plays somebody who has the database but not the key, and waits for the
// next act to have a changed past signed.
func TestExtend(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := signer(t)
	m := journaltest.New()
	old := m.Signed
	grow(t, m, s, 6)
	early := bytes.Clone(m.Signed)
	grow(t, m, s, 6)
	tests := map[string]struct {
		spoil func(m *journaltest.Memory)
		want  error
	}{
		"nothing":           {func(*journaltest.Memory) {}, nil},
		"changed node":      {func(m *journaltest.Memory) { h := m.Nodes[14]; h[0] ^= 1; m.Nodes[14] = h }, journal.ErrRewritten},
		"cut tail":          {func(m *journaltest.Memory) { cut(m, 9) }, journal.ErrRolledBack},
		"no checkpoint":     {func(m *journaltest.Memory) { m.Signed = old }, journal.ErrRewritten},
		"older checkpoint":  {func(m *journaltest.Memory) { m.Signed = early }, journal.ErrRewritten},
		"forged checkpoint": {func(m *journaltest.Memory) { m.Signed[len(origin)+1] = '2' }, journal.ErrSignature},
	}
	for name, tt := range tests {
		c := m.Clone()
		tt.spoil(c)
		if _, err := c.Append(ctx, s, entry(1)); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
}

// cut takes out all leaves from n on, with their hashes.
func cut(m *journaltest.Memory, n int64) {
	for i := range m.Rows {
		if i >= n {
			delete(m.Rows, i)
		}
	}
	for i := range m.Nodes {
		if i >= tlog.StoredHashCount(n) {
			delete(m.Nodes, i)
		}
	}
}

func FuzzParseCheckpoint(f *testing.F) {
	s, err := journal.NewSigner(origin, bytes.Repeat([]byte{7}, 32))
	if err != nil {
		f.Fatal(err)
	}
	file := s.SecretFile()
	f.Add(origin+"\n5\n"+root64+"\n", true)
	f.Add(origin+"\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", true)
	f.Add(origin+"\n9223372036854775807\n"+root64+"\n", true)
	f.Add(origin+"\n5\n"+root64+"\next\n", true)
	f.Add(origin+"\n5\n"+root64+"\n\n— "+origin+" AAAAAAAA\n", false)
	f.Fuzz(func(t *testing.T, text string, sign bool) {
		b := []byte(text)
		if sign { // so that the body's parser is reached
			if !strings.HasSuffix(text, "\n") {
				return
			}
			b = byHand(t, file, text)
		}
		c, err := journal.ParseCheckpoint(b, s.Verifier())
		if err != nil {
			if hotline.KindOf(err) != hotline.KindForged {
				t.Fatalf("kind of %v", err)
			}
			return
		}
		if c.Origin != origin || c.Size < 0 || c.Size > journal.MaxSize {
			t.Fatalf("accepted %q: %+v", b, c)
		}
		again, err := s.Sign(c.Head)
		if err != nil {
			t.Fatal(err)
		}
		// What was accepted begins with exactly the three lines we would write.
		if body, _, _ := bytes.Cut(again, []byte("\n\n")); !bytes.HasPrefix(b, append(body, '\n')) {
			t.Fatalf("accepted %q as %q", b, body)
		}
	})
}
