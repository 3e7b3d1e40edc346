package api

import (
	"encoding/json"
	"errors"
	"net/http"

	"safeconduct/internal/hotline"
)

// Fault is an error as it travels.
type Fault struct {
	Error string `json:"error"` // name of the kind
	Text  string `json:"text"`
}

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
	f := Fault{Error: kind.String(), Text: "a fault on the server; its log says more"}
	var e *hotline.Error
	if errors.As(err, &e) && kind != hotline.KindInternal {
		f.Text = e.Text
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(Status(err))
	_ = json.NewEncoder(w).Encode(f) // the status is out; nobody is left to tell
}

// readError turns an answer that is no success into an error.
func readError(op string, status int, body []byte) error {
	var f Fault
	if err := json.Unmarshal(body, &f); err != nil || f.Error == "" {
		return hotline.Errorf(hotline.KindInternal, op, "the server answered with status %d", status)
	}
	return hotline.Errorf(hotline.ParseKind(f.Error), op, "%s", f.Text)
}
