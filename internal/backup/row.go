package backup

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"safeconduct/internal/hotline"
	"safeconduct/internal/store"
)

// MaxRow bounds a row's line in bytes. The longest today is a statement with its
// sealed part, about half of one.
const MaxRow = 4 << 20

// appendRow writes a row as one line. The same row always gives the same bytes,
// from either database.
func appendRow(b []byte, t store.Table, row []any) ([]byte, error) {
	start := len(b)
	b = append(b, '[')
	for i, v := range row {
		if i > 0 {
			b = append(b, ',')
		}
		switch v := v.(type) {
		case nil:
			b = append(b, "null"...)
		case int64:
			b = strconv.AppendInt(b, v, 10)
		case string:
			// PostgreSQL takes neither; better said now than at a restore.
			if !utf8.ValidString(v) || strings.IndexByte(v, 0) >= 0 {
				return nil, hotline.Errorf(hotline.KindInternal, "backup", "a text in %s.%s is not UTF-8", t.Name, t.Columns[i].Name)
			}
			text, err := json.Marshal(v)
			if err != nil {
				return nil, fmt.Errorf("backup: %w", err)
			}
			b = append(b, text...)
		case []byte:
			b = append(b, '"')
			b = base64.StdEncoding.AppendEncode(b, v)
			b = append(b, '"')
		default:
			return nil, hotline.Errorf(hotline.KindInternal, "backup", "a value of type %T in %s", v, t.Name)
		}
	}
	b = append(b, ']', '\n')
	if len(b)-start > MaxRow {
		return nil, hotline.Errorf(hotline.KindInternal, "backup", "a row of %s is longer than %d bytes", t.Name, MaxRow)
	}
	return b, nil
}

// ParseRow reads a row's line (without its end) as appendRow wrote it. It
// never returns more values than there are columns.
func ParseRow(line []byte, columns []store.Column) ([]any, error) {
	malformed := func(why string) error {
		return hotline.Errorf(hotline.KindForged, "backup", "a row is malformed: %s", why)
	}
	if len(line) > MaxRow || !utf8.Valid(line) {
		return nil, malformed("too long, or not UTF-8")
	}
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.UseNumber()
	if open, err := dec.Token(); err != nil || open != json.Delim('[') {
		return nil, malformed("no array")
	}
	row := make([]any, 0, len(columns))
	for dec.More() {
		if len(row) == len(columns) {
			return nil, malformed("too many values")
		}
		tok, err := dec.Token()
		if err != nil {
			return nil, malformed("no JSON")
		}
		v, ok := value(tok, columns[len(row)].Kind)
		if !ok {
			return nil, malformed("column " + columns[len(row)].Name + " holds another kind")
		}
		row = append(row, v)
	}
	if len(row) != len(columns) {
		return nil, malformed("too few values")
	}
	if _, err := dec.Token(); err != nil { // the closing bracket
		return nil, malformed("no end")
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, malformed("something after the end")
	}
	return row, nil
}

func value(tok json.Token, kind store.Kind) (any, bool) {
	switch v := tok.(type) {
	case nil:
		return nil, true
	case json.Number:
		n, err := strconv.ParseInt(v.String(), 10, 64)
		return n, err == nil && kind == store.KindInt
	case string:
		if kind == store.KindBytes {
			b, err := base64.StdEncoding.Strict().DecodeString(v)
			return b, err == nil && len(b) > 0 // none is null
		}
		return v, kind == store.KindText && strings.IndexByte(v, 0) < 0
	}
	return nil, false
}
