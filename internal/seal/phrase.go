package seal

import "crypto/sha256"

// PhraseWords is how many words a phrase has; each is one of 256.
const PhraseWords = 3

// Phrase is what a gateway and a desk can both say about a case, and nobody who
// has never seen its first key: the numbers of three words. So a person who
// reads it in a chat and hears it from an operator elsewhere knows that both
// speak of one case. It is computed from the signed text of generation 0, which
// never leaves server and desks.
func Phrase(first Signed) [PhraseWords]byte {
	sum := sha256.Sum256(append([]byte("safeconduct phrase v1\n"), first.Line...))
	return [PhraseWords]byte(sum[:PhraseWords])
}
