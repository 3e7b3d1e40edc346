package intake

import (
	"math/rand/v2"
	"net/http"
	"strconv"

	"safeconduct/internal/hotline"
)

// What the rooms answer by themselves.
var (
	errBusy    = hotline.Errorf(hotline.KindBusy, "intake", "the waiting room is full")
	errClosing = hotline.Errorf(hotline.KindUnavailable, "intake", "the server is going down")
	errTooBig  = hotline.Errorf(hotline.KindInvalid, "intake", "too large")
)

// problem is what stands outside of a sealed answer: for everybody on the way
// to read, so it says nothing of the case.
type problem struct {
	status int
	kind   hotline.Kind
	text   string
}

// problemOf is the table from kinds to HTTP (docs/sealing.md, section 7).
func problemOf(err error) problem {
	if err == errTooBig { //nolint:errorlint // our own value, never wrapped
		return problem{http.StatusRequestEntityTooLarge, hotline.KindInvalid, "Too large. Nothing was kept."}
	}
	switch kind := hotline.KindOf(err); kind {
	case hotline.KindInvalid, hotline.KindForged, hotline.KindDenied, hotline.KindNotFound:
		return problem{http.StatusBadRequest, hotline.KindInvalid, "This is not a request of the contact page. Nothing was kept."}
	case hotline.KindConflict:
		return problem{http.StatusConflict, kind, "Take a new challenge and send the same envelope again. Nothing was kept."}
	case hotline.KindBusy:
		return problem{http.StatusServiceUnavailable, kind, "Not sent yet: many people are writing. It was not kept; send it again."}
	case hotline.KindUnknown:
		return problem{http.StatusServiceUnavailable, kind, "It may have been kept or not. Send it again: it will not be kept twice."}
	default:
		return problem{http.StatusServiceUnavailable, hotline.KindUnavailable, "The server has a fault. It was not kept; send it again later."}
	}
}

// write answers with the problem; a busy server says when to come again.
func (p problem) write(w http.ResponseWriter, level int) {
	body := `{"error":"` + p.kind.String() + `","text":"` + p.text + `"`
	if p.kind == hotline.KindBusy {
		seconds := strconv.Itoa(retryAfter(level))
		w.Header().Set("Retry-After", seconds)
		body += `,"retry_after":` + seconds
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(p.status)
	_, _ = w.Write([]byte(body + "}\n")) // who went away needs no answer
}

// retryAfter spreads those who come again over a time that grows with the
// crowd, so that they do not come together.
func retryAfter(level int) int {
	return 2 + level/2 + rand.IntN(level+4) //nolint:gosec // jitter, not a secret
}

// refused reports whether err is the person's to know: it goes into the
// sealed answer. Every other error is a fault of ours or a full room.
func refused(err error) bool {
	switch hotline.KindOf(err) {
	case hotline.KindInvalid, hotline.KindForged, hotline.KindConflict, hotline.KindDenied, hotline.KindNotFound:
		return true
	default:
		return false
	}
}
