package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"

	strict "github.com/go-json-experiment/json"

	"safeconduct/internal/hotline"
)

// in reads the body: one JSON object, no unknown or repeated name, nothing
// after it, and not more than the route allows.
func in[T any](c *call) (T, error) {
	var v T
	b, err := io.ReadAll(http.MaxBytesReader(c.w, c.Body, c.body))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return v, invalid("the request is larger than %d bytes", c.body)
	case err != nil:
		return v, invalid("the request was cut short")
	}
	if b = bytes.TrimSpace(b); len(b) == 0 || b[0] != '{' {
		return v, invalid("the request must be a JSON object")
	}
	if err := strict.Unmarshal(b, &v, strict.RejectUnknownMembers(true)); err != nil {
		return v, invalid("the request is malformed") // the decoder's text would quote it
	}
	return v, nil
}

func invalid(format string, args ...any) error {
	return hotline.Errorf(hotline.KindInvalid, "server", format, args...)
}

// conflict is for an act on a state that has moved on. Nothing was kept.
func conflict(format string, args ...any) error {
	return hotline.Errorf(hotline.KindConflict, "server", format, args...)
}

func forged(format string, args ...any) error {
	return hotline.Errorf(hotline.KindForged, "server", format, args...)
}

// noCase is the one answer for a case that is not there and for a case of
// somebody else's team: the caller cannot tell which.
func noCase() error {
	return hotline.Errorf(hotline.KindNotFound, "server", "there is no such case")
}

// numbers reads query parameters: each of the names exactly once, as a decimal
// number that is not negative, and nothing else. One named "after" may also be
// left out (0).
func (c *call) numbers(names ...string) (map[string]int64, error) {
	q, err := url.ParseQuery(c.URL.RawQuery)
	if err != nil {
		return nil, invalid("the query is malformed")
	}
	out := make(map[string]int64, len(names))
	for _, name := range names {
		v := q[name]
		if len(v) == 0 && name == "after" {
			continue
		}
		if len(v) != 1 {
			return nil, invalid("the query needs %s once", name)
		}
		n, err := strconv.ParseInt(v[0], 10, 64)
		if err != nil || n < 0 || strconv.FormatInt(n, 10) != v[0] {
			return nil, invalid("%s must be a number", name)
		}
		out[name] = n
		delete(q, name)
	}
	for name := range q {
		if _, ok := out[name]; !ok {
			return nil, invalid("the query has an unknown parameter")
		}
	}
	return out, nil
}

// caseID reads the case in the path.
func (c *call) caseID() (hotline.CaseID, error) {
	text := c.PathValue("id")
	id, err := hotline.ParseCaseID(text)
	if err != nil || id.String() != text {
		return id, invalid("a case id has 32 lower-case hexadecimal digits")
	}
	return id, nil
}

// teamEpoch reads team and epoch in the path. A team of others does not exist.
func (c *call) teamEpoch() (hotline.Team, int, error) {
	team, err := hotline.ParseTeam(c.PathValue("team"))
	if err != nil || !c.who.inTeam(team) {
		return "", 0, hotline.Errorf(hotline.KindNotFound, "server", "there is no such team")
	}
	n, err := strconv.Atoi(c.PathValue("epoch"))
	if err != nil || n < 1 || strconv.Itoa(n) != c.PathValue("epoch") {
		return "", 0, invalid("an epoch is a number")
	}
	return team, n, nil
}

// respond writes an answer; nil is an empty object.
func respond(c *call, v any) {
	if v == nil {
		v = struct{}{}
	}
	c.w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(c.w).Encode(v) // the reader has gone; what was done stays done
}
