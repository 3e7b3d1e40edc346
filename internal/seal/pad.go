package seal

import (
	"bytes"
	"math/bits"

	"safeconduct/internal/hotline"
)

// recordClasses are the sizes in bytes to which a record is padded before it
// is sealed, so that its length tells only the class.
var recordClasses = [...]int{1 << 10, 2 << 10, 4 << 10, 8 << 10, 16 << 10}

// MaxRecord is the largest record in bytes, header and signatures included.
const MaxRecord = 16 << 10

// padRecord appends line ends up to the next class.
func padRecord(record []byte) ([]byte, error) {
	for _, size := range recordClasses {
		if len(record) <= size {
			return append(record, bytes.Repeat([]byte{'\n'}, size-len(record))...), nil
		}
	}
	return nil, hotline.Errorf(hotline.KindInvalid, "record",
		"too long by %d bytes; send it in several messages", len(record)-MaxRecord)
}

// unpadRecord checks the class and the padding and removes it.
func unpadRecord(padded []byte) ([]byte, error) {
	for _, size := range recordClasses {
		if len(padded) == size {
			return append(bytes.TrimRight(padded, "\n"), '\n'), nil
		}
	}
	return nil, hotline.Errorf(hotline.KindInvalid, "record", "%d bytes is not a size of records", len(padded))
}

// Padme returns the size to which a file of n bytes is padded (Padmé:
// Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and
// Communication with PURBs", 2019, algorithm 1): at most 12 % more, and the
// length tells O(log log n) bits.
func Padme(n int64) int64 {
	if n < 2 {
		return n
	}
	e := bits.Len64(uint64(n)) - 1
	s := bits.Len64(uint64(e))
	mask := int64(1)<<(e-s) - 1
	return (n + mask) &^ mask
}
