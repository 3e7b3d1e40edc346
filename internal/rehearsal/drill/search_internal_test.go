package drill

import (
	"encoding/base64"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5" //nolint:depguard // puts a text into the database past the store

	"safeconduct/internal/store/storetest"
)

const secret = "Нас одиннадцать, один легко ранен."

// hidden are the ways in which a careless program could keep a text.
func hidden() map[string]string {
	return map[string]string{
		"plain":       secret,
		"in the text": "x" + secret + "y",
		"cut by page": strings.Repeat("x", window-20) + secret,
		"half of it":  secret[20:],
		"hexadecimal": hex.EncodeToString([]byte(secret)),
		"base64":      base64.StdEncoding.EncodeToString([]byte(secret)),
		"base64, 1":   base64.StdEncoding.EncodeToString([]byte("x" + secret)),
		"base64, 2":   base64.StdEncoding.EncodeToString([]byte("xy" + secret)),
	}
}

func TestSearchFindsWhatIsNotSealed(t *testing.T) {
	t.Parallel()
	for name, content := range hidden() {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "file"), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		s := newSearch()
		s.learn(secret)
		if err := s.folder(t.Context(), dir); err != nil {
			t.Fatal(err)
		}
		if !s.betrayed(secret) {
			t.Errorf("%s: not found", name)
		}
		if s.settle(); s.betrayed(secret) {
			t.Errorf("%s: what was there before betrays", name)
		}
	}
}

func TestSearchFindsNothingElse(t *testing.T) {
	t.Parallel()
	s := newSearch()
	s.learn(secret, "web", "registered", "12345", "contact_recipient")
	s.look([]byte(`{"stage":"registered","channel":"web","contact_recipient":"12345","text":"Нас один"}` + strings.Repeat("\x00", 100)))
	if len(s.found) != 0 {
		t.Errorf("found %v", s.found)
	}
	for text, want := range map[string]bool{
		"": false, "1234567": false, "registered": false, "a longer text": true, secret: true,
		"123456789012345678901234": true, "1234 5678 9012": true, "1234567890123": true, "12345678901": false,
	} {
		if searchable(text) != want {
			t.Errorf("searchable(%q) is %t", text, !want)
		}
	}
}

func TestSearchLooksIntoEveryColumn(t *testing.T) {
	t.Parallel()
	url := storetest.URL(t, storetest.Postgres)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), `CREATE TABLE "odd name" (a BYTEA, b TEXT, c JSONB, n BIGINT)`); err != nil {
		t.Fatal(err)
	}
	for column, value := range map[string]any{"a": []byte("x" + secret), "b": secret, "c": `{"x": "` + secret + `"}`} {
		if _, err := conn.Exec(t.Context(), `DELETE FROM "odd name"`); err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Exec(t.Context(), `INSERT INTO "odd name" (`+column+`) VALUES ($1)`, value); err != nil {
			t.Fatal(err)
		}
		s := newSearch()
		s.learn(secret)
		if err := s.database(t.Context(), url); err != nil {
			t.Fatal(err)
		}
		if !s.betrayed(secret) {
			t.Errorf("not found in column %s", column)
		}
	}
}
