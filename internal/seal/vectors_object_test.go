package seal

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"testing"
)

// sizeVector is how long a file of some bytes becomes when it is sealed, and how it is cut.
type sizeVector struct {
	Bytes  int64 `json:"bytes"`
	Padded int64 `json:"padded"`
	Sealed int64 `json:"sealed"`
	Parts  int   `json:"parts"`
	Part   int64 `json:"part"` // length of every part but the last
	Last   int64 `json:"last"`
}

// objectVectors is one sealed file and ways to hand out its bytes. The content
// is the bytes 0, 1, … 255 again and again.
type objectVectors struct {
	Identity string         `json:"identity"`
	Sealed   string         `json:"sealed"`
	Unpadded string         `json:"unpadded"` // the same content in a file whose padding is not zero
	Cases    []objectVector `json:"cases"`
}

// objectVector is what a record says of the file, and the bytes that come.
type objectVector struct {
	Name  string   `json:"name"`
	Size  int64    `json:"size"`
	Hash  string   `json:"hash"`
	Parts int      `json:"parts"`
	Of    string   `json:"of"`   // sealed or unpadded
	Take  [][2]int `json:"take"` // pieces of it, from and to, for each part that is asked for
	Good  bool     `json:"good"`
}

// objectBytes is the content: long enough for two parts.
func objectBytes() []byte {
	b := make([]byte, 1<<18)
	for i := range b {
		b[i] = byte(i)
	}
	return b[:1<<18-9] // Padmé adds nine bytes
}

func checkObjects(t *testing.T, v vectors) {
	for _, s := range v.Sizes {
		size := SealedSize(s.Bytes)
		got := sizeVector{s.Bytes, Padme(s.Bytes), size, PartCount(size), min(PartSize(size), size), PartLength(size, PartCount(size)-1)}
		if got != s {
			t.Errorf("sizes of %d: %+v", s.Bytes, got)
		}
	}
	id := must(ParseIdentity(v.Objects.Identity))(t)
	from := map[string][]byte{"sealed": unb64(t, v.Objects.Sealed), "unpadded": unb64(t, v.Objects.Unpadded)}
	for _, c := range v.Objects.Cases {
		var came []byte
		for _, p := range c.Take {
			came = append(came, from[c.Of][p[0]:p[1]]...)
		}
		f := File{Type: "image/jpeg", Size: c.Size, Object: Object{ID: ObjectID{1}, Hash: Hash(must(hex.DecodeString(c.Hash))(t)), Parts: c.Parts}}
		content, err := OpenFile(id, f, f.Object, came)
		if good := err == nil && bytes.Equal(content, objectBytes()); good != c.Good {
			t.Errorf("object, %s: %v", c.Name, err)
		}
	}
	if len(v.Sizes) < 10 || len(v.Objects.Cases) < 10 {
		t.Error("nothing is shown about objects")
	}
}

func writeObjectVectors(t *testing.T, v *vectors, to Identity) {
	for _, n := range []int64{1, 2, 9, 1000, 65536, 65537, 260_000, 1 << 20, 4_180_000, 4_200_000, 3<<20 + 7, MaxFile - 1, MaxFile} {
		size := SealedSize(n)
		v.Sizes = append(v.Sizes, sizeVector{n, Padme(n), size, PartCount(size), min(PartSize(size), size), PartLength(size, PartCount(size)-1)})
	}
	content := objectBytes()
	sealed, o, err := NewObject(to.Recipient(), content)
	if err != nil {
		t.Fatal(err)
	}
	unpadded := must(Encrypt(to.Recipient(), append(content[:len(content):len(content)], "not zero!"...)))(t)
	v.Objects = objectVectors{Identity: to.Secret(), Sealed: b64(sealed), Unpadded: b64(unpadded)}
	size, cut, end := int64(len(content)), int(smallPart), len(sealed)
	hashOf := func(b ...[]byte) string { h := sha256.Sum256(bytes.Join(b, nil)); return hex.EncodeToString(h[:]) }
	whole := [][2]int{{0, cut}, {cut, end}}
	add := func(name string, good bool, change func(c *objectVector)) {
		c := objectVector{name, size, o.Hash.String(), o.Parts, "sealed", whole, good}
		change(&c)
		v.Objects.Cases = append(v.Objects.Cases, c)
	}
	add("whole", true, func(*objectVector) {})
	add("a part is missing", false, func(c *objectVector) { c.Take = [][2]int{{0, cut}, {0, 0}} })
	add("a part twice", false, func(c *objectVector) { c.Take = [][2]int{{0, cut}, {0, cut}} })
	add("the parts in another order", false, func(c *objectVector) { c.Take = [][2]int{{cut, end}, {0, cut}} })
	add("another part of the right length", false, func(c *objectVector) { c.Take = [][2]int{{0, cut}, {0, end - cut}} })
	add("a part one byte shorter", false, func(c *objectVector) { c.Take = [][2]int{{0, cut}, {cut, end - 1}} })
	add("a part one byte longer", false, func(c *objectVector) { c.Take = [][2]int{{0, cut}, {cut - 1, end}} })
	add("another hash", false, func(c *objectVector) { c.Hash = hashOf([]byte("another")) })
	add("said to be shorter, same padding", false, func(c *objectVector) { c.Size-- })
	add("said to be longer", false, func(c *objectVector) { c.Size += 10 })
	add("said to have three parts", false, func(c *objectVector) { c.Parts = 3 })
	add("said to have one part", false, func(c *objectVector) { c.Parts = 1 })
	add("said to have no bytes", false, func(c *objectVector) { c.Size = 0 })
	add("cut at a chunk, with the hash of what is left", false, func(c *objectVector) {
		c.Take, c.Hash = [][2]int{{0, end - 65552}, {0, 0}}, hashOf(sealed[:end-65552])
	})
	add("chunks in another order, with the hash of it", false, func(c *objectVector) {
		head := end - 4*65552 // what stands before the four chunks
		c.Take = [][2]int{{0, head}, {head + 65552, head + 2*65552}, {head, head + 65552}, {head + 2*65552, end}}
		c.Hash = hashOf(sealed[:head], sealed[head+65552:head+2*65552], sealed[head:head+65552], sealed[head+2*65552:])
	})
	add("padding that is not zero", false, func(c *objectVector) { c.Of, c.Hash = "unpadded", hashOf(unpadded) })
}
