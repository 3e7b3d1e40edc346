package form

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"log/slog"
	"mime"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"safeconduct/internal/gateway"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

const (
	// maxBody bounds a POST. Cyrillic takes six bytes for a letter in a form,
	// so this is enough for maxText.
	maxBody = 64 << 10
	// maxText is how many characters are taken: with header and signature two
	// bytes for each fit into the largest record.
	maxText   = 6000
	maxPeople = 10_000
	// sealWait is how long somebody waits for a free processor.
	sealWait = 10 * time.Second
)

// Config is what the form is made of.
type Config struct {
	Door     gateway.Door
	Manifest gateway.Manifest
	Key      seal.SigningKey // G
	Seed     []byte          // 32 bytes, the same on all nodes: a form sent twice finds its own case
	IndexKey []byte
	Clock    func() time.Time
	Log      *slog.Logger // gets the kinds of faults and nothing else
}

// Form is the door.
type Form struct {
	sealer gateway.Sealer
	seed   []byte
	log    *slog.Logger
	places chan struct{} // sealing costs a millisecond of processor
}

// New makes the door.
func New(c Config) (*Form, error) {
	if c.Door == nil || c.Manifest == nil || c.Clock == nil || c.Log == nil || c.Key.IsZero() || len(c.Seed) != 32 || len(c.IndexKey) != 32 {
		return nil, hotline.Errorf(hotline.KindInvalid, "form", "a door, a manifest, a clock, a log, a key and two seeds of 32 bytes are needed")
	}
	return &Form{
		sealer: gateway.Sealer{Door: c.Door, Manifest: c.Manifest, Key: c.Key, IndexKey: c.IndexKey, Clock: c.Clock},
		seed:   c.Seed, log: c.Log, places: make(chan struct{}, runtime.GOMAXPROCS(0)),
	}, nil
}

// Handler serves GET and POST /form.
func (f *Form) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /form", f.show)
	mux.HandleFunc("POST /form", f.take)
	return mux
}

// sending is what a person typed. Plaintext: it cannot be printed by accident.
type sending struct {
	id     string // random, from the page: names one sending
	text   string
	people int
}

// String shows nothing.
func (sending) String() string { return "sending(hidden)" }

// GoString shows nothing.
func (sending) GoString() string { return "sending(hidden)" }

func (f *Form) show(w http.ResponseWriter, r *http.Request) {
	f.render(w, r, http.StatusOK, view{Sending: newSending()})
}

// newSending draws the id by which a page that is sent twice is recognised.
func newSending() sending {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails (Go 1.24)
	return sending{id: hex.EncodeToString(id[:])}
}

func (f *Form) take(w http.ResponseWriter, r *http.Request) {
	s, problem := read(w, r)
	if problem != "" {
		status := http.StatusBadRequest
		if problem == problemTooLong {
			status = http.StatusRequestEntityTooLarge
		}
		f.render(w, r, status, view{Sending: s, Problem: problem})
		return
	}
	code, err := f.keep(r.Context(), s, languageOf(r))
	if err == nil {
		f.render(w, r, http.StatusOK, view{Code: code.Groups()})
		return
	}
	kind := hotline.KindOf(err)
	f.log.WarnContext(r.Context(), "form: not kept", "kind", kind.String())
	switch kind {
	case hotline.KindBusy:
		w.Header().Set("Retry-After", "20")
		f.render(w, r, http.StatusServiceUnavailable, view{Sending: s, Problem: problemBusy})
	case hotline.KindInvalid:
		f.render(w, r, http.StatusRequestEntityTooLarge, view{Sending: s, Problem: problemTooLong})
	default:
		f.render(w, r, http.StatusServiceUnavailable, view{Sending: s, Problem: problemFault})
	}
}

// read takes the fields of a POST. Only the url-encoded form is read, into
// memory and bounded: net/http would spill a multipart body into a temporary
// file, in plain.
func read(w http.ResponseWriter, r *http.Request) (sending, problem) {
	s := newSending()
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/x-www-form-urlencoded" {
		return s, problemForm
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := r.ParseForm(); err != nil {
		if r.ContentLength > maxBody || strings.Contains(err.Error(), "too large") {
			return s, problemTooLong
		}
		return s, problemForm
	}
	text := strings.TrimSpace(strings.ReplaceAll(r.PostForm.Get("text"), "\r\n", "\n"))
	s.text = text
	if raw, err := hex.DecodeString(r.PostForm.Get("sending")); err != nil || len(raw) != 16 {
		return s, problemForm
	}
	s.id = strings.ToLower(r.PostForm.Get("sending"))
	switch n := utf8.RuneCountInString(text); {
	case !utf8.ValidString(text) || strings.ContainsRune(text, 0):
		s.text = ""
		return s, problemForm
	case n == 0:
		return s, problemEmpty
	case n > maxText:
		return s, problemTooLong
	}
	if typed := strings.TrimSpace(r.PostForm.Get("people")); typed != "" {
		if s.people, err = strconv.Atoi(typed); err != nil || s.people < 0 || s.people > maxPeople {
			s.people = 0
			return s, problemPeople
		}
	}
	return s, ""
}

// keep makes the case. Its id and its code come from what was sent, so that
// the same page sent again, by a reload or after a lost answer, finds the
// same case, and a changed text makes another.
func (f *Form) keep(ctx context.Context, s sending, language string) (hotline.ChannelCode, error) {
	derive := func(label string) []byte {
		h := hmac.New(sha256.New, f.seed)
		fmt.Fprintf(h, "safeconduct form %s v1\n%s\n%d\n%s", label, s.id, s.people, s.text)
		return h.Sum(nil)
	}
	story := gateway.Story{
		Case: hotline.CaseID(derive("case")[:16]), Code: hotline.ChannelCodeOf(binary.BigEndian.Uint64(derive("code"))),
		Channel: hotline.ChannelForm, Text: s.text, Language: language, People: s.people,
	}
	waiting, cancel := context.WithTimeout(ctx, sealWait)
	defer cancel()
	select {
	case f.places <- struct{}{}:
	case <-waiting.Done():
		return story.Code, hotline.Errorf(hotline.KindBusy, "form", "no processor was free")
	}
	kept, err := f.sealer.Seal(ctx, story)
	<-f.places
	if err != nil {
		return story.Code, err
	}
	return story.Code, f.sealer.Keep(ctx, kept)
}
