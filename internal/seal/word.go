package seal

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// A word is spoken and heard, so capitals, spaces around it and the letter ё
// do not count.
func normalWord(word string) string {
	word = strings.ToLower(norm.NFKC.String(word))
	word = strings.Join(strings.Fields(word), " ")
	return strings.ReplaceAll(word, "ё", "е")
}

// HashWord returns salt and Argon2id (19 MiB, two passes) of a word: the desk
// can check a word that is spoken to it, and nobody can read it off a screen.
func HashWord(word string) (string, error) {
	salt := make([]byte, 16)
	if _, err := rand.Read(salt); err != nil {
		return "", fmt.Errorf("hash word: %w", err)
	}
	return hashWord(word, salt), nil
}

func hashWord(word string, salt []byte) string {
	sum := argon2.IDKey([]byte(normalWord(word)), salt, 2, 19<<10, 1, 32)
	return base64.RawStdEncoding.EncodeToString(salt) + "$" + base64.RawStdEncoding.EncodeToString(sum)
}

// CheckWord reports whether word is the one that was hashed.
func CheckWord(hashed, word string) bool {
	encoded, _, ok := strings.Cut(hashed, "$")
	salt, err := base64.RawStdEncoding.DecodeString(encoded)
	if !ok || err != nil || len(salt) != 16 {
		return false
	}
	return subtle.ConstantTimeCompare([]byte(hashWord(word, salt)), []byte(hashed)) == 1
}
