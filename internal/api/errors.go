package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"safeconduct/internal/hotline"
)

// Fault is an error as it travels.
type Fault struct {
	Error string `json:"error"` // name of the kind
	Text  string `json:"text"`  // in English
	// Said is the text with what stands in it kept apart, so that a desk can
	// say it in its operator's language.
	Said hotline.Sentence `json:"said,omitzero"`
}

// maxFaultText bounds what a server can make a desk show, in bytes.
const maxFaultText = 2000

// statuses is the one table from kinds to HTTP statuses.
var statuses = map[hotline.Kind]int{
	hotline.KindInvalid:     http.StatusBadRequest,
	hotline.KindDenied:      http.StatusForbidden,
	hotline.KindNotFound:    http.StatusNotFound,
	hotline.KindConflict:    http.StatusConflict,
	hotline.KindForged:      http.StatusUnprocessableEntity,
	hotline.KindBusy:        http.StatusServiceUnavailable,
	hotline.KindUnavailable: http.StatusServiceUnavailable,
	hotline.KindUnknown:     http.StatusBadGateway,
	hotline.KindLocked:      http.StatusLocked,
	hotline.KindInternal:    http.StatusInternalServerError,
}

// Status returns the HTTP status of an error.
func Status(err error) int { return statuses[hotline.KindOf(err)] }

// WriteError answers a request with an error. What an internal error says
// stays in the server's log.
func WriteError(w http.ResponseWriter, err error) {
	kind := hotline.KindOf(err)
	said := hotline.Say("a fault on the server; its log says more")
	f := Fault{Error: kind.String(), Text: said.String(), Said: said}
	var e *hotline.Error
	if errors.As(err, &e) && kind != hotline.KindInternal {
		f.Text, f.Said = e.Text, e.Said
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(Status(err))
	_ = json.NewEncoder(w).Encode(f) // the status is out; nobody is left to tell
}

// readError turns an answer that is no success into an error. Its text comes
// from elsewhere: it is bounded, and shown as text. A sentence that cannot be
// read costs only the translation.
func readError(op string, status int, body []byte) error {
	var f struct {
		Error string          `json:"error"`
		Text  string          `json:"text"`
		Said  json.RawMessage `json:"said"`
	}
	if err := json.Unmarshal(body, &f); err != nil || f.Error == "" {
		return hotline.Errorf(hotline.KindInternal, op, "the server answered with status %d", status)
	}
	e := &hotline.Error{Kind: hotline.ParseKind(f.Error), Op: op, Text: hotline.Printable(f.Text, maxFaultText)}
	if err := json.Unmarshal(f.Said, &e.Said); err != nil || strings.TrimSpace(e.Said.String()) == "" {
		e.Said = hotline.Say("the server says: %s", e.Text)
	}
	return e
}
