package telegramsim

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
)

var (
	//go:embed phone.html
	phonePage string
	//go:embed phone.css
	phoneStyle string
	//go:embed phone.js
	phoneScript string
)

// What a phone sends and how long it waits for news. A file may be larger than
// what a bot can fetch, so that the demonstration can show what happens then.
const (
	maxPhoneAct  = 64 << 10
	maxPhoneFile = 25 << 20
	phoneWait    = 20 * time.Second
)

// phone is the page of a telephone.
type phone struct {
	server *Server
	page   string
	policy string
}

// Phone is a small web page: a telephone with Telegram, simulated, of any person
// of the server. Whoever can open it can act as all of them, so it belongs on an
// address that only this computer has. Its links are relative.
func Phone(s *Server) http.Handler {
	p := &phone{
		server: s,
		page:   strings.NewReplacer("/*style*/", phoneStyle, "/*script*/", phoneScript).Replace(phonePage),
		policy: "default-src 'none'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
			"style-src 'sha256-" + hashOf(phoneStyle) + "'; script-src 'sha256-" + hashOf(phoneScript) + "'",
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", p.show)
	mux.HandleFunc("GET /state", p.state)
	mux.HandleFunc("GET /file", p.file)
	mux.HandleFunc("POST /person", p.person)
	mux.HandleFunc("POST /act", p.act)
	mux.HandleFunc("POST /send", p.send)
	return http.NewCrossOriginProtection().Handler(mux)
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}

func (p *phone) show(w http.ResponseWriter, _ *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", p.policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	_, _ = io.WriteString(w, p.page)
}

// phoneState is what the page shows. Its names are those of phone.js.
type phoneState struct {
	Version  int64          `json:"version"`
	Persons  []phonePerson  `json:"persons"`
	Bots     []string       `json:"bots"`
	About    string         `json:"about"` // what the bot says of itself before the chat has begun
	Messages []phoneMessage `json:"messages"`
	Keys     [][]string     `json:"keys"`
	Alert    string         `json:"alert"`
	Blocked  bool           `json:"blocked"`
}

type phonePerson struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

type phoneMessage struct {
	ID       int64           `json:"id"`
	FromBot  bool            `json:"fromBot"`
	At       time.Time       `json:"at"`
	Text     string          `json:"text"`
	Buttons  [][]phoneButton `json:"buttons"`
	Files    []phoneFile     `json:"files"`
	Location *Location       `json:"location"`
	ReplyTo  int64           `json:"replyTo"`
	Reaction string          `json:"reaction"`
	Edited   bool            `json:"edited"`
}

type phoneButton struct {
	Label string `json:"label"`
	URL   string `json:"url"`
}

type phoneFile struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
	Size int    `json:"size"`
}

// state answers when the chat is newer than what the page has, or after a while.
func (p *phone) state(w http.ResponseWriter, r *http.Request) {
	who, bot := p.who(r.FormValue("person")), r.FormValue("bot")
	state := phoneState{Persons: []phonePerson{}, Bots: p.server.Bots(), Messages: []phoneMessage{}}
	for _, person := range p.server.Persons() {
		state.Persons = append(state.Persons, phonePerson{person.id, person.name})
	}
	if who != nil {
		now := p.newer(r.Context(), who, bot, r.FormValue("after"))
		state.Version, state.Keys, state.Blocked = now.version, now.keys, now.blocked
		state.About = p.server.aboutFor(bot, who.language)
		if n := len(now.alerts); n > 0 {
			state.Alert = now.alerts[n-1]
		}
		for _, m := range now.messages {
			if !m.Deleted {
				state.Messages = append(state.Messages, phoneMessageOf(m))
			}
		}
	}
	reply(w, http.StatusOK, state)
}

// newer waits until the chat has changed since the version that the page has.
func (p *phone) newer(ctx context.Context, who *Person, bot, after string) screen {
	t := time.NewTimer(phoneWait)
	defer t.Stop()
	for {
		now := who.look(bot)
		if now.news == nil || strconv.FormatInt(now.version, 10) != after {
			return now
		}
		select {
		case <-now.news:
		case <-t.C:
			return now
		case <-ctx.Done():
			return now
		case <-p.server.stopped.Done():
			return now
		}
	}
}

func phoneMessageOf(m Shown) phoneMessage {
	out := phoneMessage{
		ID: m.ID, FromBot: m.FromBot, At: m.At, Text: m.Text, Location: m.Location, ReplyTo: m.ReplyTo, Reaction: m.Reaction, Edited: m.Edited,
	}
	for _, row := range m.Buttons {
		var buttons []phoneButton
		for _, b := range row {
			buttons = append(buttons, phoneButton{b.Label, b.URL})
		}
		out.Buttons = append(out.Buttons, buttons)
	}
	for _, f := range m.Files {
		out.Files = append(out.Files, phoneFile{f.Kind, f.Name, len(f.Content)})
	}
	return out
}

// who finds a person; nil for nobody.
func (p *phone) who(id string) *Person {
	for _, person := range p.server.Persons() {
		if strconv.FormatInt(person.id, 10) == id {
			return person
		}
	}
	return nil
}

// person makes a new one.
func (p *phone) person(w http.ResponseWriter, r *http.Request) {
	var c struct{ Name, Language string }
	if !read(w, r, &c) {
		return
	}
	made := p.server.Person(PersonConfig{Name: strings.TrimSpace(c.Name), Language: c.Language})
	reply(w, http.StatusOK, phonePerson{made.id, made.name})
}

// phoneAct is what the page asks for.
type phoneAct struct {
	Person, Bot, Act, Text string
	Message                int64
	Latitude, Longitude    float64
}

func (p *phone) act(w http.ResponseWriter, r *http.Request) {
	var a phoneAct
	if !read(w, r, &a) {
		return
	}
	who := p.who(a.Person)
	if who == nil {
		refuse(w, errors.New("choose a person first"))
		return
	}
	if err := who.do(a); err != nil {
		refuse(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (p *Person) do(a phoneAct) (err error) {
	switch a.Act {
	case "start":
		_, err = p.Start(a.Bot, a.Text)
	case "write":
		if strings.TrimSpace(a.Text) == "" {
			return errors.New("write something first")
		}
		_, err = p.Write(a.Bot, a.Text)
	case "edit":
		err = p.Edit(a.Bot, a.Message, a.Text)
	case "delete":
		err = p.Delete(a.Bot, a.Message)
	case "press":
		err = p.PressOn(a.Bot, a.Message, a.Text)
	case "key":
		_, err = p.Press(a.Bot, a.Text)
	case "location":
		_, err = p.Location(a.Bot, a.Latitude, a.Longitude)
	case "block":
		err = p.Block(a.Bot)
	case "unblock":
		err = p.Unblock(a.Bot)
	default:
		err = errors.New("a phone cannot do that")
	}
	return err
}

// send sends a file from the page to the bot.
func (p *phone) send(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxPhoneFile)
	upload, header, err := r.FormFile("file")
	if err != nil {
		refuse(w, errors.New("choose a file of 25 MB at most"))
		return
	}
	defer upload.Close()
	content, err := io.ReadAll(upload)
	if err != nil {
		refuse(w, errors.New("the file could not be read"))
		return
	}
	who, bot, caption := p.who(r.FormValue("person")), r.FormValue("bot"), r.FormValue("caption")
	if who == nil {
		refuse(w, errors.New("choose a person first"))
		return
	}
	switch r.FormValue("kind") {
	case "photo":
		_, err = who.Photo(bot, caption, content)
	case "voice":
		_, err = who.Voice(bot, content)
	default:
		_, err = who.Document(bot, caption, header.Filename, header.Header.Get("Content-Type"), content)
	}
	if err != nil {
		refuse(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// file gives out a file of the chat. Only photos are shown in the page; whatever
// else somebody sent is saved, never opened.
func (p *phone) file(w http.ResponseWriter, r *http.Request) {
	who := p.who(r.FormValue("person"))
	if who == nil {
		http.NotFound(w, r)
		return
	}
	for _, m := range who.Chat(r.FormValue("bot")) {
		if strconv.FormatInt(m.ID, 10) != r.FormValue("message") || len(m.Files) == 0 {
			continue
		}
		f := m.Files[0]
		kind := http.DetectContentType(f.Content)
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
		if f.Kind != "photo" || kind != "image/jpeg" && kind != "image/png" && kind != "image/webp" {
			kind = "application/octet-stream"
			h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
		}
		h.Set("Content-Type", kind)
		_, _ = w.Write(f.Content)
		return
	}
	http.NotFound(w, r)
}

func read(w http.ResponseWriter, r *http.Request, to any) bool {
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxPhoneAct)).Decode(to); err != nil {
		refuse(w, errors.New("the page sent something that cannot be read"))
		return false
	}
	return true
}

// refuse tells the page why something was not done.
func refuse(w http.ResponseWriter, err error) {
	reply(w, http.StatusUnprocessableEntity, map[string]string{"error": err.Error()})
}

func reply(w http.ResponseWriter, status int, content any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(content)
}
