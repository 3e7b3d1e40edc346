package seal

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"testing"

	"safeconduct/internal/hotline"
)

func TestSealedSizes(t *testing.T) {
	t.Parallel()
	id, err := NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int64{1, 2, 1000, ageChunk - 1, ageChunk, ageChunk + 1, 5 * ageChunk, 1 << 20, 3<<20 + 7, MaxFile} {
		content := make([]byte, n)
		_, _ = rand.Read(content)
		sealed, o, err := NewObject(id.Recipient(), content)
		if err != nil {
			t.Fatal(err)
		}
		if int64(len(sealed)) != SealedSize(n) {
			t.Fatalf("%d bytes become %d, not %d", n, len(sealed), SealedSize(n))
		}
		if err := CheckObjectSize(int64(len(sealed)), o.Parts); err != nil {
			t.Errorf("%d: %v", n, err)
		}
		var joined []byte
		for i := range o.Parts {
			part := Cut(sealed, i)
			if len(part) == 0 || len(part) > MaxPart {
				t.Errorf("%d: part %d has %d bytes", n, i, len(part))
			}
			joined = append(joined, part...)
		}
		f := File{Type: "image/jpeg", Size: n, Object: o}
		got, err := OpenFile(id, f, o, joined)
		if err != nil || !bytes.Equal(got, content) {
			t.Fatalf("%d: %v", n, err)
		}
	}
	for _, content := range [][]byte{nil, make([]byte, MaxFile+1)} {
		if _, _, err := NewObject(id.Recipient(), content); hotline.KindOf(err) != hotline.KindInvalid {
			t.Errorf("%d bytes: %v", len(content), err)
		}
	}
}

// What the server can do to a file is found before a key is used.
func TestWrongParts(t *testing.T) {
	t.Parallel()
	id, err := NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	content := make([]byte, 1<<20)
	_, _ = rand.Read(content)
	sealed, o, err := NewObject(id.Recipient(), content)
	if err != nil {
		t.Fatal(err)
	}
	other, _, err := NewObject(id.Recipient(), content)
	if err != nil {
		t.Fatal(err)
	}
	f := File{Size: int64(len(content)), Object: o}
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	p := make([][]byte, o.Parts)
	for i := range p {
		p[i] = Cut(sealed, i)
	}
	for name, wrong := range map[string][]byte{
		"missing":   join(p[0], p[1], p[2], p[3]),
		"repeated":  join(p[0], p[1], p[1], p[2], p[3], p[4]),
		"instead":   join(p[0], p[1], p[1], p[3], p[4]),
		"reordered": join(p[0], p[2], p[1], p[3], p[4]),
		"swapped":   join(p[0], p[1], Cut(other, 2), p[3], p[4]),
		"other":     other,
		"nothing":   nil,
	} {
		if _, err := OpenFile(id, f, o, wrong); hotline.KindOf(err) != hotline.KindForged {
			t.Errorf("%s: %v", name, err)
		}
	}
	shorter := f
	shorter.Size--
	if _, err := OpenFile(id, shorter, o, sealed); hotline.KindOf(err) != hotline.KindForged {
		t.Errorf("another size in the same class: %v", err)
	}
}

func TestPartsAreSigned(t *testing.T) {
	t.Parallel()
	key, _ := NewSigningKey()
	stranger, _ := NewSigningKey()
	content := make([]byte, SealedSize(10))
	object, _ := NewObjectID()
	whole := func() Part {
		return Part{Case: hotline.CaseID{1}, Object: object, Parts: 1, Size: int64(len(content)), Hash: sha256.Sum256(content), Hour: 7}
	}
	for name, test := range map[string]struct {
		change func(*Part)
		by     SigningKey
		sent   []byte
		kind   hotline.Kind
	}{
		"good":          {func(*Part) {}, key, content, 0},
		"a stranger's":  {func(*Part) {}, stranger, content, hotline.KindForged},
		"other bytes":   {func(*Part) {}, key, append(content[:len(content)-1:len(content)-1], 1), hotline.KindInvalid},
		"cut short":     {func(*Part) {}, key, content[1:], hotline.KindInvalid},
		"no such index": {func(p *Part) { p.Index = 1 }, key, content, hotline.KindInvalid},
		"negative":      {func(p *Part) { p.Index = -1 }, key, content, hotline.KindInvalid},
		"two parts":     {func(p *Part) { p.Parts = 2 }, key, content, hotline.KindInvalid},
		"too small":     {func(p *Part) { p.Size = 10 }, key, content[:10], hotline.KindInvalid},
		"too large":     {func(p *Part) { p.Size, p.Parts = SealedSize(MaxFile)+1, 26 }, key, content, hotline.KindInvalid},
		"no object":     {func(p *Part) { p.Object = ObjectID{} }, key, content, hotline.KindInvalid},
	} {
		p := whole()
		test.change(&p)
		s, err := SignPart(p, test.by)
		if err != nil {
			t.Fatal(err)
		}
		got, err := VerifyPart(s.Text(), key.Public(), test.sent)
		if (err == nil) != (test.kind == 0) || (err != nil && hotline.KindOf(err) != test.kind) {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil && got.Hash != p.Hash {
			t.Errorf("%s: changed on the way", name)
		}
	}
}

// A header and its body name the same attachments.
func TestRecordsNameTheirFiles(t *testing.T) {
	t.Parallel()
	key, _ := NewSigningKey()
	ids := make([]ObjectID, 9)
	for i := range ids {
		ids[i], _ = NewObjectID()
	}
	file := func(i int) File {
		return File{Type: "image/png", Size: 100, Object: Object{ID: ids[i], Hash: Hash{1}, Parts: 1}}
	}
	copied := func(i, j int) File {
		f := file(i)
		f.Copy = Object{ID: ids[j], Hash: Hash{2}, Parts: 1}
		return f
	}
	for name, test := range map[string]struct {
		side  hotline.Side
		files []File
		good  bool
	}{
		"none":               {hotline.SideContact, nil, true},
		"two":                {hotline.SideContact, []File{file(0), file(1)}, true},
		"with a copy":        {hotline.SideDesk, []File{copied(0, 1)}, true},
		"one twice":          {hotline.SideContact, []File{file(0), file(0)}, false},
		"its own copy":       {hotline.SideDesk, []File{copied(0, 0)}, false},
		"half with copies":   {hotline.SideDesk, []File{copied(0, 1), file(2)}, false},
		"a contact's copy":   {hotline.SideContact, []File{copied(0, 1)}, false},
		"nine":               {hotline.SideContact, []File{file(0), file(1), file(2), file(3), file(4), file(5), file(6), file(7), file(8)}, false},
		"parts do not fit":   {hotline.SideContact, []File{{Size: 100, Object: Object{ID: ids[0], Parts: 2}}}, false},
		"larger than can be": {hotline.SideContact, []File{{Size: MaxFile + 1, Object: Object{ID: ids[0], Parts: 26}}}, false},
	} {
		body, err := NewBody("see", "en")
		if err != nil {
			t.Fatal(err)
		}
		body.Files = test.files
		r, err := SignRecord(RecordHeader{Side: test.side, Seen: -1}, body, key)
		if err == nil {
			var padded []byte
			if padded, err = padRecord(append(append(r.Signed.Text(), r.line...), '\n')); err != nil {
				t.Fatal(err)
			}
			_, err = ParseRecord(padded)
		}
		if (err == nil) != test.good {
			t.Errorf("%s: %v", name, err)
		}
	}
}
