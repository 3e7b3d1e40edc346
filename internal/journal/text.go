package journal

import (
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"safeconduct/internal/hotline"
)

// textPrefix begins every other text that the journal's key signs. A checkpoint
// begins with its origin, which has a slash where this has a space, so
// neither ever passes for the other.
const textPrefix = "safeconduct "

// SignText signs a text about the journal's database that is no checkpoint, such
// as a backup's list of contents. Its first line says what it is:
// "safeconduct backup v1".
func (s *Signer) SignText(text string) ([]byte, error) {
	if !strings.HasPrefix(text, textPrefix) || !strings.HasSuffix(text, "\n") {
		return nil, hotline.Errorf(hotline.KindInternal, "journal: sign", "%w: the text does not say what it is", ErrMalformed)
	}
	b, err := note.Sign(&note.Note{Text: text}, s.note)
	if err != nil {
		return nil, fmt.Errorf("journal: sign: %w", err)
	}
	return b, nil
}

// OpenText returns a text that the journal's key has signed with SignText.
func (v *Verifier) OpenText(signed []byte) (string, error) {
	const op = "journal: signed text"
	n, err := note.Open(signed, note.VerifierList(v.note))
	if err != nil {
		return "", hotline.Errorf(hotline.KindForged, op, "%w", openError(err))
	}
	if !strings.HasPrefix(n.Text, textPrefix) {
		return "", hotline.Errorf(hotline.KindForged, op, "%w", ErrMalformed)
	}
	return n.Text, nil
}
