package telegram_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"safeconduct/internal/gateway/telegram"
	"safeconduct/internal/store/storetest"
)

// One update that is unlike the documentation must not keep anybody else from
// being heard, however the bot hears.
func TestHostileUpdates(t *testing.T) {
	t.Parallel()
	t.Run("polled", func(t *testing.T) {
		t.Parallel()
		l := running(t)
		for name, rest := range telegram.Hostile() {
			if _, err := l.sim.Raw(botName, "{"+rest+"}"); err != nil && name != "not UTF-8" && name != "beyond numbers" {
				t.Errorf("%s: %v", name, err)
			}
		}
		l.write(l.english(), "I am a person")
		l.Await("nothing waits", func() bool { n, err := l.sim.Pending(botName); return err == nil && n == 0 })
		l.caseOf("I am a person")
		if strings.Contains(l.Logged(), "left out") {
			t.Error("something could not be kept")
		}
	})
	t.Run("called", func(t *testing.T) {
		t.Parallel()
		l, g := hooked(t, storetest.SQLite)
		n := 0
		for name, rest := range telegram.Hostile() {
			n++
			if code := post(t, g, telegram.HostileUpdate(n, rest)); code != http.StatusOK && name != "beyond numbers" {
				t.Errorf("%s: %d", name, code)
			}
		}
		if post(t, g, textUpdate(999, 77, 1, "I am a person")) != http.StatusOK {
			t.Error("a person is not heard")
		}
		l.caseOf("I am a person")
	})
}

// Whatever is sent to the address of the webhook: it is answered, and nobody without
// the secret leaves anything.
func FuzzHook(f *testing.F) {
	for _, rest := range telegram.Hostile() {
		f.Add(true, telegram.HookPath(4711), []byte(telegram.HostileUpdate(5, rest)))
	}
	f.Add(false, telegram.HookPath(4711), []byte(textUpdate(6, 5, 1, "x")))
	f.Add(true, "/hook/telegram/../4711", []byte("{}"))
	f.Add(true, "/hook/telegram/%2e", []byte("{}"))
	l := newFuzzLine(f)
	f.Fuzz(func(t *testing.T, knows bool, path string, body []byte) { l.call(t, knows, path, body) })
}

type fuzzLine struct {
	*line
	g *telegram.Gateway
}

func newFuzzLine(f *testing.F) *fuzzLine {
	f.Helper()
	l := newLine(f, storetest.SQLite)
	config := l.config()
	config.Webhook = "http://127.0.0.1:9"
	g, _ := l.start(config)
	return &fuzzLine{l, g}
}

func (l *fuzzLine) call(t *testing.T, knows bool, path string, body []byte) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", bytes.NewReader(body))
	r.URL.Path = path
	if knows {
		r.Header.Set(telegram.SecretHeader, telegram.HookSecret(l.g))
	}
	w := httptest.NewRecorder()
	l.g.Handler().ServeHTTP(w, r)
	switch w.Code {
	case http.StatusOK, http.StatusBadRequest:
		if !knows {
			t.Fatalf("without the secret: %d", w.Code)
		}
	case http.StatusNotFound, http.StatusMovedPermanently, http.StatusTemporaryRedirect: // no such address
	default:
		t.Fatalf("%d %s", w.Code, w.Body)
	}
}
