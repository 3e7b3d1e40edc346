package telegramsim

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
)

// A request has these many bytes and parts at most. The documentation bounds a
// file that a bot sends at 50 MB.
const (
	maxUpload = 50 << 20
	maxBody   = maxUpload + 1<<20
	maxField  = 1 << 20
	maxParts  = 200
)

// call is one request of a bot.
type call struct {
	ctx    context.Context // of the request
	bot    *bot
	method string
	values map[string]string // what is no string stands as JSON
	files  map[string]upload
}

type upload struct {
	name    string
	mime    string
	content []byte
}

// parseCall reads the parameters in any of the documented ways: query string,
// application/x-www-form-urlencoded, application/json, multipart/form-data.
// It reads the body to its end, without which nobody notices that a client goes.
func parseCall(w http.ResponseWriter, r *http.Request) (*call, error) {
	c := &call{ctx: r.Context(), values: map[string]string{}, files: map[string]upload{}}
	for key, values := range r.URL.Query() {
		c.values[key] = values[0]
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	kind, options, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		kind = ""
	}
	switch kind {
	case "multipart/form-data":
		err = c.readParts(multipart.NewReader(r.Body, options["boundary"]))
	case "application/json":
		err = c.readJSON(r.Body)
	case "application/x-www-form-urlencoded":
		if err = r.ParseForm(); err == nil {
			for key, values := range r.PostForm {
				c.values[key] = values[0]
			}
		}
	default:
		_, err = io.Copy(io.Discard, r.Body)
	}
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, &apiError{code: http.StatusRequestEntityTooLarge, text: "Request Entity Too Large"}
	}
	if err != nil {
		return nil, badRequest("can't parse the request")
	}
	_, err = io.Copy(io.Discard, r.Body)
	if err != nil {
		return nil, badRequest("can't read the request")
	}
	return c, nil
}

func (c *call) readJSON(body io.Reader) error {
	text, err := io.ReadAll(body)
	if err != nil || len(text) == 0 {
		return err
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		return err
	}
	for key, raw := range fields {
		var s string
		switch {
		case string(raw) == "null":
		case json.Unmarshal(raw, &s) == nil:
			c.values[key] = s
		default:
			c.values[key] = string(raw)
		}
	}
	return nil
}

func (c *call) readParts(parts *multipart.Reader) error {
	for n := range maxParts {
		part, err := parts.NextPart()
		// A client without parameters sends no part, and not even the closing boundary.
		// (NextPart wraps the end of a body that ends within a part.)
		if err == io.EOF || n == 0 && errors.Is(err, io.EOF) { //nolint:errorlint // see above
			return nil
		}
		if err != nil {
			return err
		}
		text, err := io.ReadAll(part)
		if err != nil {
			return err
		}
		switch {
		case part.FileName() != "":
			c.files[part.FormName()] = upload{name: part.FileName(), mime: part.Header.Get("Content-Type"), content: text}
		case len(text) > maxField:
			return errors.New("field too long")
		default:
			c.values[part.FormName()] = string(text)
		}
	}
	return errors.New("too many parts")
}

func (c *call) flag(name string) bool {
	on, err := strconv.ParseBool(c.values[name])
	return err == nil && on
}

func (c *call) number(name string) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(c.values[name]), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// chatID is the chat the call is about; 0 for none.
func (c *call) chatID() int64 { return c.number("chat_id") }

// structured reads a parameter that is JSON. It leaves the destination alone
// when the parameter is not there.
func (c *call) structured(name string, to any) error {
	text := c.values[name]
	if text == "" || text == "null" {
		return nil
	}
	if err := json.Unmarshal([]byte(text), to); err != nil {
		return badRequest("can't parse " + strings.ReplaceAll(name, "_", " ") + " JSON object")
	}
	return nil
}
