package seal

import "strings"

// bech32Alphabet is the character set of BIP 173.
const bech32Alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

// bech32Encode writes data as BIP 173 Bech32 with the human-readable part hrp
// and no length limit, as age does. The age library decodes this form but has
// no constructor from a seed, which a key derived from a receipt needs.
func bech32Encode(hrp string, data []byte) string {
	values := make([]byte, 0, len(data)*8/5+1) // five bits each
	acc, bits := 0, 0
	for _, b := range data {
		acc, bits = acc&31<<8|int(b), bits+8
		for bits >= 5 {
			bits -= 5
			values = append(values, fiveBits(acc>>bits))
		}
	}
	if bits > 0 {
		values = append(values, fiveBits(acc<<(5-bits)))
	}
	var out strings.Builder
	out.WriteString(hrp)
	out.WriteByte('1')
	for _, v := range append(values, bech32Checksum(hrp, values)...) {
		out.WriteByte(bech32Alphabet[v])
	}
	return out.String()
}

func fiveBits(v int) byte { return byte(v & 31) }

// bech32Checksum is the BCH code of BIP 173, as its six values.
func bech32Checksum(hrp string, values []byte) []byte {
	chk := 1
	feed := func(v byte) {
		generator := [5]int{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3}
		top := chk >> 25
		chk = (chk&0x1ffffff)<<5 ^ int(v)
		for i, g := range generator {
			if top>>i&1 == 1 {
				chk ^= g
			}
		}
	}
	for _, c := range []byte(hrp) {
		feed(c >> 5)
	}
	feed(0)
	for _, c := range []byte(hrp) {
		feed(c & 31)
	}
	for _, v := range values {
		feed(v)
	}
	for range 6 {
		feed(0)
	}
	chk ^= 1
	sum := make([]byte, 6)
	for i := range sum {
		sum[i] = fiveBits(chk >> (5 * (5 - i)))
	}
	return sum
}
