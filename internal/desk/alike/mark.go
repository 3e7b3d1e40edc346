package alike

import (
	crand "crypto/rand"
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"unicode"
)

const (
	// width is the length of a shingle in letters: about a stem and its neighbour.
	width = 5
	// sketch is how many shingles are kept: all of a text of that size, the
	// smallest hashes of a longer one, from which the likeness is estimated.
	sketch = 256
	// bands of rows: texts with a likeness of 0.5 meet in one of the bands with
	// a probability of 1-(1-0.5³)²⁰ = 93 %, those with 0.1 with 2 %.
	bands, rows = 20, 3
)

// mark is what is kept of a text.
type mark struct {
	shingles []uint32 // sorted, the smallest of them
	whole    bool     // they are all
	bands    [bands]uint64
}

// hasher has secret numbers, so that nobody can make texts that meet in the
// tables without being alike.
type hasher struct {
	start, step uint64
	rows        [bands * rows][2]uint64
}

func newHasher() hasher {
	var seed [32]byte
	_, _ = crand.Read(seed[:]) // never fails since Go 1.24
	r := rand.NewChaCha8(seed)
	h := hasher{start: r.Uint64(), step: r.Uint64() | 1}
	for i := range h.rows {
		h.rows[i] = [2]uint64{r.Uint64() | 1, r.Uint64()}
	}
	return h
}

func mix(x uint64) uint64 { // the finalizer of SplitMix64
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// lettersOf counts what a text says at all.
func lettersOf(normal string) int {
	n := 0
	for _, r := range normal {
		if unicode.IsLetter(r) {
			n++
		}
	}
	return n
}

func (h *hasher) markOf(normal string) mark {
	runes := []rune(normal)
	all := make([]uint32, 0, len(runes))
	for i := 0; i+width <= len(runes); i++ {
		x := h.start
		for _, r := range runes[i : i+width] {
			x = mix(x*h.step + uint64(r)) //nolint:gosec // G115: a rune of a valid text is not negative
		}
		all = append(all, uint32(x>>32))
	}
	slices.Sort(all)
	all = slices.Compact(all)
	p := mark{whole: len(all) <= sketch}
	var b [rows * 8]byte
	for band := range p.bands {
		for row := range rows {
			ab, least := h.rows[band*rows+row], ^uint64(0)
			for _, x := range all {
				least = min(least, mix(uint64(x)*ab[0]+ab[1]))
			}
			binary.LittleEndian.PutUint64(b[row*8:], least)
		}
		x := uint64(band)
		for i := 0; i < len(b); i += 8 {
			x = mix(x*h.step + binary.LittleEndian.Uint64(b[i:]))
		}
		p.bands[band] = x
	}
	p.shingles = slices.Clone(all[:min(len(all), sketch)])
	return p
}

// likeness is how large a part of the shingles of either two texts share
// (Jaccard): exact when both are whole, otherwise of the smallest of the union.
func likeness(a, b mark) float64 {
	limit := len(a.shingles) + len(b.shingles)
	if !a.whole || !b.whole {
		limit = sketch
	}
	both, n := 0, 0
	for i, j := 0, 0; n < limit && (i < len(a.shingles) || j < len(b.shingles)); n++ {
		switch {
		case j == len(b.shingles):
			i++
		case i == len(a.shingles):
			j++
		case a.shingles[i] < b.shingles[j]:
			i++
		case a.shingles[i] > b.shingles[j]:
			j++
		default:
			both++
			i++
			j++
		}
	}
	if n == 0 {
		return 0
	}
	return float64(both) / float64(n)
}
