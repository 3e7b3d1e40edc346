package drill

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const (
	// piece is how many bytes of a text are looked for at once: a text may lie
	// across two pages of a database's file.
	piece = 16
	// shortest is the length below which a text says nothing: its bytes turn
	// up in ciphertext or among the protocol's own words by chance.
	shortest = 8
	// longestWord is the length below which a single word of plain ASCII is
	// not looked for: stages and field names are such words.
	longestWord = 24
	// shortestNumber is the length from which digits alone are looked for: so many
	// meet others by chance only.
	shortestNumber = 12
)

// search looks for texts in bytes, as they are and in the two encodings in
// which the product writes bytes.
type search struct {
	pieces map[[shortest]byte][]needle
	known  map[string]bool // what was there before anybody had written
	found  map[string]bool
}

type needle struct{ bytes, text string }

func newSearch() *search {
	return &search{pieces: map[[shortest]byte][]needle{}, known: map[string]bool{}, found: map[string]bool{}}
}

// learn adds texts to look for.
func (s *search) learn(texts ...string) {
	for _, text := range texts {
		if !searchable(text) {
			continue
		}
		s.add(text, text)
		s.add(text, hex.EncodeToString([]byte(text)))
		for shift := range min(3, len(text)) { // three ways in which a text can meet base64's groups
			encoded := base64.RawStdEncoding.EncodeToString([]byte(text[shift:]))
			s.add(text, encoded[:len(encoded)-len(encoded)%4])
		}
	}
}

// searchable reports whether finding a text would mean anything.
func searchable(text string) bool {
	if len(text) < shortest {
		return false
	}
	if len(text) >= shortestNumber && strings.Trim(text, "0123456789") == "" {
		return true
	}
	for i := range len(text) {
		c := text[i]
		word := c == '_' || c == '-' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !word {
			return true
		}
	}
	return len(text) >= longestWord
}

// add cuts what a text looks like into pieces.
func (s *search) add(text, looks string) {
	for at := 0; at < len(looks); at += piece {
		end := min(at+piece, len(looks))
		n := needle{looks[max(0, end-piece):end], text}
		if len(n.bytes) < shortest {
			continue
		}
		key := [shortest]byte([]byte(n.bytes))
		s.pieces[key] = append(s.pieces[key], n)
	}
}

// look reads bytes from one place.
func (s *search) look(b []byte) {
	for at := 0; at+shortest <= len(b); at++ {
		for _, n := range s.pieces[[shortest]byte(b[at:])] {
			if len(b)-at >= len(n.bytes) && string(b[at:at+len(n.bytes)]) == n.bytes {
				s.found[n.text] = true
			}
		}
	}
}

// settle forgets what has been found so far: it was there before anybody had
// written, so it betrays nothing.
func (s *search) settle() {
	for text := range s.found {
		s.known[text] = true
	}
	clear(s.found)
}

func (s *search) betrayed(text string) bool { return s.found[text] && !s.known[text] }

// folder looks into every file of a folder, open ones too.
func (s *search) folder(ctx context.Context, dir string) error {
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case os.IsNotExist(err):
			return nil // a journal file that was there a moment ago
		case err != nil || !d.Type().IsRegular():
			return err
		}
		return s.file(path)
	})
	if err != nil {
		return fmt.Errorf("look into the files: %w", err)
	}
	return nil
}

// window is read at once; windows overlap by a piece in base64 or hexadecimal.
const window = 1 << 20

func (s *search) file(path string) error {
	f, err := os.Open(path)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	buf := make([]byte, 0, window+piece)
	for {
		n, err := io.ReadFull(f, buf[len(buf):window])
		buf = buf[:len(buf)+n]
		s.look(buf)
		if err != nil { // the end, or a file that shrank
			return nil
		}
		buf = append(buf[:0], buf[len(buf)-piece:]...)
	}
}
