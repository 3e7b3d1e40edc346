package e2e

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"

	"golang.org/x/crypto/chacha20poly1305"

	"safeconduct/internal/intake"
	"safeconduct/internal/seal"
)

// liar is a server in the middle that holds the intake key, as the server itself
// does: it opens what people send and can answer whatever it likes. It is the
// only route of the page.
type liar struct {
	tb      testing.TB
	address string
	origin  string // of the honest server behind it
	key     seal.Identity

	mu       sync.Mutex
	answer   func(op string, a *seal.Answer, parts [][]byte) [][]byte
	document func(path string, body []byte) []byte
	garbles  func() bool
	calls    map[string]int
}

// newLiar opens its door on a free port. It lies only once it is told to.
func newLiar(tb testing.TB) *liar {
	tb.Helper()
	var lc net.ListenConfig
	listener, err := lc.Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	l := &liar{tb: tb, address: listener.Addr().String(), calls: map[string]int{}}
	server := intake.Server(http.HandlerFunc(l.serve))
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // ends with Close
	}()
	tb.Cleanup(func() {
		_ = server.Close()
		<-done
	})
	return l
}

// before puts the liar in front of a house that was made with its address as route.
func (l *liar) before(h *house) { l.origin, l.key = h.origin(), h.intakeKey() }

// lie makes it change answers to envelopes from now on; nil makes it honest.
func (l *liar) lie(answer func(op string, a *seal.Answer, parts [][]byte) [][]byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.answer = answer
}

// lieAbout makes it change what it serves in plain.
func (l *liar) lieAbout(document func(path string, body []byte) []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.document = document
}

// garble makes it change one byte of every answer while the function says so, as
// a relay can that holds no key.
func (l *liar) garble(while func() bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.garbles = while
}

// called is how often an operation has come through.
func (l *liar) called(op string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.calls[op]
}

func (l *liar) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "", http.StatusBadRequest)
		return
	}
	status, header, answer, err := l.pass(r, body)
	if err != nil {
		http.Error(w, "", http.StatusBadGateway)
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case status != http.StatusOK:
	case r.URL.Path == "/v1/envelope":
		answer = l.change(body, answer)
		if l.garbles != nil && l.garbles() {
			answer[len(answer)/2] ^= 1
		}
	case l.document != nil:
		answer = l.document(r.URL.Path, answer)
	}
	for _, name := range []string{"Content-Type", "Access-Control-Allow-Origin", "Cache-Control"} {
		w.Header().Set(name, header.Get(name))
	}
	w.WriteHeader(status)
	_, _ = w.Write(answer) // who has gone away needs no answer
}

// pass asks the honest server.
func (l *liar) pass(r *http.Request, body []byte) (int, http.Header, []byte, error) {
	req, err := http.NewRequestWithContext(r.Context(), r.Method, l.origin+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		return 0, nil, nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Header, answer, err
}

// change opens an answer with the key inside the envelope, lets the lie have it
// and seals it again.
func (l *liar) change(post, sealed []byte) []byte {
	p, err := seal.ParsePost(post)
	if err != nil {
		l.tb.Errorf("the page posted what cannot be read: %v", err)
		return sealed
	}
	e, err := seal.OpenEnvelope(l.key, p.Envelope)
	if err != nil {
		l.tb.Errorf("the intake key does not open the page's envelope: %v", err)
		return sealed
	}
	l.calls[e.Call.Op]++
	if l.answer == nil {
		return sealed
	}
	a, parts, err := openAnswer(e, sealed)
	if err != nil {
		l.tb.Errorf("the answer cannot be opened: %v", err)
		return sealed
	}
	parts = l.answer(e.Call.Op, &a, parts)
	changed, err := e.SealAnswer(a, parts...)
	if err != nil {
		l.tb.Errorf("the lie cannot be sealed: %v", err)
		return sealed
	}
	return changed
}

// openAnswer reads an answer as docs/sealing.md, section 7, describes it.
func openAnswer(e seal.Envelope, sealed []byte) (seal.Answer, [][]byte, error) {
	var a seal.Answer
	key, err := hex.DecodeString(e.Call.Key)
	if err != nil {
		return a, nil, err
	}
	aead, err := chacha20poly1305.New(key)
	if err != nil {
		return a, nil, err
	}
	plain, err := aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], e.Hash[:])
	if err != nil {
		return a, nil, err
	}
	line, rest, _ := bytes.Cut(plain, []byte{'\n'})
	if err := json.Unmarshal(line, &a); err != nil {
		return a, nil, err
	}
	var parts [][]byte
	for _, n := range a.Parts {
		parts, rest = append(parts, rest[:n:n]), rest[n:]
	}
	return a, parts, nil
}
