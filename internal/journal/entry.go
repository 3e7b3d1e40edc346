package journal

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"unicode"
	"unicode/utf8"

	"safeconduct/internal/hotline"
)

// MaxLine bounds one entry's line in bytes. An act on many things
// carries a hash over their ids, not the ids.
const MaxLine = 8192

const (
	maxHour   = 1 << 40 // far future in hours, and exact as a JSON number (RFC 8259 §6)
	maxActor  = 256
	maxAct    = 64
	maxKey    = 64
	caseIDHex = 32 // 16 bytes, DESIGN "Case id"
)

// Entry is one act.
type Entry struct {
	Hour   int64             `json:"hour"`   // hours since 1970-01-01 UTC: the log keeps no minute
	Actor  string            `json:"actor"`  // id of the operator, the desk or the process
	Act    string            `json:"act"`    // "case.read", "epoch.destroy"
	Case   string            `json:"case"`   // case id, 32 lower-case hex digits, or ""
	Detail map[string]string `json:"detail"` // ids and hashes that the act binds
}

// Line returns the canonical encoding of e: one line of JSON as RFC 8785 would
// write it (sorted keys, no spaces, least escaping), all five members always
// present. What has no such line is refused, so that two different entries never share
// one and no line shows other than it reads.
func (e Entry) Line() ([]byte, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	b := append(make([]byte, 0, 160), `{"act":`...)
	b = appendString(b, e.Act)
	b = append(b, `,"actor":`...)
	b = appendString(b, e.Actor)
	b = append(b, `,"case":`...)
	b = appendString(b, e.Case)
	b = append(b, `,"detail":{`...)
	for i, k := range slices.Sorted(maps.Keys(e.Detail)) {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, k)
		b = append(b, ':')
		b = appendString(b, e.Detail[k])
	}
	b = append(b, `},"hour":`...)
	b = strconv.AppendInt(b, e.Hour, 10)
	b = append(b, '}')
	if len(b) > MaxLine {
		return nil, entryError("longer than %d bytes", MaxLine)
	}
	return b, nil
}

// ParseEntry is the inverse of [Entry.Line]. It accepts the canonical encoding only.
func ParseEntry(line []byte) (Entry, error) {
	if len(line) > MaxLine {
		return Entry{}, entryError("longer than %d bytes", MaxLine)
	}
	var e Entry
	if err := json.Unmarshal(line, &e); err != nil {
		// The decoder's message would quote the input: leave it out.
		return Entry{}, entryError("not the expected JSON")
	}
	if len(e.Detail) == 0 {
		e.Detail = nil
	}
	again, err := e.Line()
	if err != nil {
		return Entry{}, err
	}
	// One comparison covers unknown and repeated members, spaces, order and escapes.
	if !bytes.Equal(again, line) {
		return Entry{}, entryError("not the canonical encoding")
	}
	return e, nil
}

func (e Entry) check() error {
	switch {
	case e.Hour < 0 || e.Hour > maxHour:
		return entryError("hour out of range")
	case e.Actor == "" || len(e.Actor) > maxActor || !plain(e.Actor):
		return entryError("actor: 1 to %d bytes of plain text", maxActor)
	case !name(e.Act, maxAct):
		return entryError("act: 1 to %d of a-z 0-9 . _ : / -", maxAct)
	case e.Case != "" && !hexID(e.Case):
		return entryError("case: %d lower-case hex digits", caseIDHex)
	}
	for k, v := range e.Detail {
		if !name(k, maxKey) {
			return entryError("detail key: 1 to %d of a-z 0-9 . _ : / -", maxKey)
		}
		if !plain(v) {
			return entryError("detail value: plain text on one line")
		}
	}
	return nil
}

func entryError(format string, args ...any) error {
	return hotline.Errorf(hotline.KindInvalid, "journal: entry", "%w: "+format, append([]any{ErrEntry}, args...)...)
}

// appendString quotes s. After plain has refused control characters
// only these two need escaping (RFC 8259 §7).
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			b = append(b, '\\')
		}
		b = append(b, s[i])
	}
	return append(b, '"')
}

// plain refuses what breaks a line or makes it read differently from what it
// is: control characters, line separators and bidirectional marks.
func plain(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' || r == '\ufeff' {
			return false
		}
	}
	return true
}

// name allows ASCII words only: their order by bytes is their order by
// UTF-16 units, which is what RFC 8785 §3.2.3 sorts by.
func name(s string, limit int) bool {
	if s == "" || len(s) > limit {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '.', c == '_', c == ':', c == '/', c == '-':
		default:
			return false
		}
	}
	return true
}

func hexID(s string) bool {
	if len(s) != caseIDHex {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
