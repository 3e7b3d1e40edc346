package endure

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"safeconduct/internal/seal"
)

// keysOf opens a desk's key file with its passphrase.
func keysOf(tb testing.TB, dir string) seal.Identity {
	tb.Helper()
	file := must[[]byte](tb)(os.ReadFile(filepath.Join(dir, "operator.key")))
	return must[seal.KeyFile](tb)(seal.Unlock(file, passphrase)).Identity
}

var secretLine = regexp.MustCompile(`AGE-SECRET-KEY-PQ-1[0-9A-Z]+`)

// livingKeys are all keys that anybody still has: of every desk that ever was, of
// the server, and on every recovery sheet.
func (h *house) livingKeys(desks ...*station) (keys []seal.Identity) {
	h.tb.Helper()
	for _, d := range desks {
		keys = append(keys, keysOf(h.tb, d.dir))
	}
	for _, pattern := range []string{"secret/*.age", "sheets/*"} {
		files := must[[]string](h.tb)(filepath.Glob(filepath.Join(h.dir, pattern)))
		if len(files) == 0 {
			h.tb.Fatalf("no keys in %s", pattern)
		}
		for _, f := range files {
			for _, line := range secretLine.FindAll(must[[]byte](h.tb)(os.ReadFile(f)), -1) {
				keys = append(keys, must[seal.Identity](h.tb)(seal.ParseIdentity(string(line))))
			}
		}
	}
	return keys
}

// sealedIn are the sealed files in rows, each once.
func sealedIn(all ...[]row) (files [][]byte) {
	seen := map[string]bool{}
	for _, rows := range all {
		for _, r := range rows {
			for _, v := range r.named {
				if b, isBytes := v.([]byte); isBytes && bytes.HasPrefix(b, []byte("age-encryption.org/v1\n")) && !seen[string(b)] {
					seen[string(b)] = true
					files = append(files, b)
				}
			}
		}
	}
	return files
}

// opened is what keys open of files: every key on every file, and every key and
// every file that is found that way, until nothing more opens.
func opened(files [][]byte, keys []seal.Identity) (plain []string) {
	known, is := map[string]bool{}, make([]bool, len(files))
	looked := []int{} // by key: how many of the files it was tried on
	for again := true; again; {
		again = false
		for k := 0; k < len(keys); k++ {
			if k == len(looked) {
				looked = append(looked, 0)
				if known[keys[k].Secret()] {
					looked[k] = 1 << 30
				}
				known[keys[k].Secret()] = true
			}
			for ; looked[k] < len(files); looked[k]++ {
				if is[looked[k]] {
					continue
				}
				text, err := seal.Decrypt(keys[k], files[looked[k]])
				if err != nil {
					continue
				}
				again, is[looked[k]] = true, true
				plain = append(plain, string(text))
				if bytes.HasPrefix(text, []byte("age-encryption.org/v1\n")) { // one sheet inside the other
					files, is = append(files, text), append(is, false)
				}
				for _, line := range secretLine.FindAll(text, -1) {
					if id, err := seal.ParseIdentity(string(line)); err == nil {
						keys = append(keys, id)
					}
				}
			}
		}
	}
	return plain
}

func holds(plain []string, text string) bool {
	for _, p := range plain {
		if strings.Contains(p, text) {
			return true
		}
	}
	return false
}
