package journal

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"safeconduct/internal/hotline"
)

// maxCheckpoint leaves room for the signatures of witnesses.
const maxCheckpoint = 16 << 10

// Checkpoint is a head of a named journal whose signature was verified.
type Checkpoint struct {
	Origin string
	Head
}

// Sign returns the checkpoint of h: a signed note whose text has the three lines of
// c2sp.org/tlog-checkpoint and no extension lines.
func (s *Signer) Sign(h Head) ([]byte, error) {
	if h.Size < 0 || h.Size > MaxSize {
		return nil, hotline.Errorf(hotline.KindInvalid, "journal: sign", "%w: size %d", ErrRange, h.Size)
	}
	text := fmt.Sprintf("%s\n%d\n%s\n", s.verifier.Origin(), h.Size, base64.StdEncoding.EncodeToString(h.Root[:]))
	b, err := note.Sign(&note.Note{Text: text}, s.note)
	if err != nil {
		return nil, fmt.Errorf("journal: sign: %w", err)
	}
	return b, nil
}

// Extend signs the head that a has reached, after checking that the tree which a found
// is the one of the last checkpoint. last is empty for the first checkpoint only.
// So who can write the database but does not hold the key cannot have a
// changed past signed along with the next act. Call it in the transaction of the
// append, and store its result there.
func (s *Signer) Extend(last []byte, a Appended) ([]byte, error) {
	const op = "journal: extend"
	found := (&edge{}).head()
	if len(last) > 0 {
		c, err := ParseCheckpoint(last, s.verifier)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", op, err)
		}
		found = c.Head
	}
	if a.Before.Size < found.Size {
		return nil, hotline.Errorf(hotline.KindForged, op, "%w: %d entries, signed %d", ErrRolledBack, a.Before.Size, found.Size)
	}
	if a.Before != found {
		return nil, hotline.Errorf(hotline.KindForged, op, "%w: %d entries, signed %d", ErrRewritten, a.Before.Size, found.Size)
	}
	return s.Sign(a.Head)
}

// ParseCheckpoint reads a checkpoint that one of keys has signed under its own
// name. Several keys are for the time in which a journal's key changes;
// signatures of strangers are ignored, as the note format asks.
func ParseCheckpoint(text []byte, keys ...*Verifier) (Checkpoint, error) {
	const op = "journal: checkpoint"
	if len(text) > maxCheckpoint {
		return Checkpoint{}, hotline.Errorf(hotline.KindForged, op, "%w: longer than %d bytes", ErrMalformed, maxCheckpoint)
	}
	var known []note.Verifier
	seen := map[string]bool{} // note.Open refuses a key that is listed twice
	for _, k := range keys {
		if !seen[k.key] {
			seen[k.key] = true
			known = append(known, k.note)
		}
	}
	n, err := note.Open(text, note.VerifierList(known...))
	if err != nil {
		return Checkpoint{}, hotline.Errorf(hotline.KindForged, op, "%w", openError(err))
	}
	c, ok := parseBody(n.Text)
	if !ok {
		return Checkpoint{}, hotline.Errorf(hotline.KindForged, op, "%w", ErrMalformed)
	}
	for _, sig := range n.Sigs {
		if sig.Name == c.Origin {
			return c, nil
		}
	}
	return Checkpoint{}, hotline.Errorf(hotline.KindForged, op, "%w", ErrOrigin)
}

// openError maps the note package's errors; only these two are about signatures.
func openError(err error) error {
	var unverified *note.UnverifiedNoteError
	var invalid *note.InvalidSignatureError
	if errors.As(err, &unverified) || errors.As(err, &invalid) {
		return ErrSignature
	}
	return ErrMalformed
}

// parseBody reads the note text. Extension lines are read over: they
// must not be empty, and nothing here depends on them.
func parseBody(text string) (Checkpoint, bool) {
	body, ok := strings.CutSuffix(text, "\n")
	lines := strings.Split(body, "\n")
	if !ok || len(lines) < 3 {
		return Checkpoint{}, false
	}
	for _, l := range lines {
		if l == "" {
			return Checkpoint{}, false
		}
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	// The comparison refuses signs and leading zeros.
	if err != nil || strconv.FormatInt(size, 10) != lines[1] || size < 0 || size > MaxSize {
		return Checkpoint{}, false
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return Checkpoint{}, false
	}
	c := Checkpoint{Origin: lines[0], Head: Head{Size: size, Root: tlog.Hash(root)}}
	return c, soundEmpty(c)
}

// soundEmpty reports whether c, if it is of the empty tree, has that tree's one root.
func soundEmpty(c Checkpoint) bool {
	return c.Size != 0 || c.Head == (&edge{}).head()
}
