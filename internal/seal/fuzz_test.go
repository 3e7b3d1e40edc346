package seal

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// seeds gives every fuzz target real texts and files to begin with.
func seeds(f *testing.F) vectors {
	f.Helper()
	raw, err := os.ReadFile(vectorFile)
	if err != nil {
		f.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(raw, &v); err != nil {
		f.Fatal(err)
	}
	return v
}

// What parses must come out again byte for byte.
func FuzzSigned(f *testing.F) {
	for _, s := range seeds(f).Signed {
		f.Add([]byte(s.Text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := ParseSigned(text)
		if err == nil && !bytes.Equal(s.Text(), text) {
			t.Fatal("a signed text changed on the way")
		}
		_, _, _ = ParseRecordHeader(text)
		_, _ = VerifyPart(text, PublicKey{1}, text)
		_, _, _ = ParseGeneration(text)
		_, _, _ = ParseStatement(text)
		_, _, _ = ParseEpoch(text)
	})
}

func FuzzRecord(f *testing.F) {
	v := seeds(f)
	for _, r := range v.Records {
		id, err := ParseIdentity(r.Identity)
		if err != nil {
			f.Fatal(err)
		}
		if plain, err := Decrypt(id, unb64(f, r.File)); err == nil {
			f.Add(plain)
		}
	}
	f.Fuzz(func(t *testing.T, padded []byte) {
		r, err := ParseRecord(padded)
		if err != nil {
			return
		}
		again, err := padRecord(append(append(r.Signed.Text(), r.line...), '\n'))
		if err != nil || !bytes.Equal(bytes.TrimRight(again, "\n"), bytes.TrimRight(padded, "\n")) {
			t.Fatal("a record changed on the way")
		}
	})
}

func FuzzManifest(f *testing.F) {
	v := seeds(f)
	for _, m := range v.Manifest {
		f.Add([]byte(m.Text))
	}
	a := v.Manifest[0].Authority
	good, _, _ := strings.Cut(v.Manifest[0].Text, "\n")
	f.Fuzz(func(t *testing.T, text []byte) {
		if _, err := VerifyManifest(text, a); err == nil && !strings.HasPrefix(string(text), good+"\n") {
			t.Fatal("a manifest that the authority did not sign")
		}
		_, _ = VerifyRoster(text, a)
		_, _ = VerifyPageList(text, a)
		_, _ = ParseBundle(text)
	})
}

func FuzzEnvelope(f *testing.F) {
	v := seeds(f)
	id, err := ParseIdentity(v.Calls[0].Identity)
	if err != nil {
		f.Fatal(err)
	}
	for _, c := range v.Calls {
		file := unb64(f, c.File)
		f.Add(file)
		plain, err := Decrypt(id, file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(plain)
	}
	f.Fuzz(func(_ *testing.T, b []byte) {
		_, _ = OpenEnvelope(id, b)
		_ = CheckFile(b)
		_, _ = ParsePost(b)
		var c Call
		_, _ = unframe(b, &c)
		var a Answer
		_, _ = unframe(b, &a)
	})
}
