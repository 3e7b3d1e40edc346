package form

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"net/http"

	"golang.org/x/text/language"
)

//go:embed page.html
var pageText string

//go:embed page.css
var styleText string

var (
	page = template.Must(template.New("form").Parse(pageText))
	// policy forbids script and everything that comes from elsewhere. The
	// style is named by its hash, so nothing can be smuggled in as style.
	policy = "default-src 'none'; style-src 'sha256-" + styleHash() + "'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

func styleHash() string {
	sum := sha256.Sum256([]byte(styleText))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// problem names what the page says went wrong.
type problem string

const (
	problemForm    problem = "form"
	problemEmpty   problem = "empty"
	problemTooLong problem = "long"
	problemPeople  problem = "people"
	problemBusy    problem = "busy"
	problemFault   problem = "fault"
)

// view is what a page shows.
type view struct {
	Sending sending
	Problem problem
	Code    []string // groups; the case is kept
}

// languageOf is the language of the page: ?lang= or what the browser prefers.
func languageOf(r *http.Request) string {
	// The first of the list is the fallback.
	_, i := language.MatchStrings(language.NewMatcher(tags), r.URL.Query().Get("lang"), r.Header.Get("Accept-Language"))
	return languages[i]
}

func (f *Form) render(w http.ResponseWriter, r *http.Request, status int, v view) {
	lang := languageOf(r)
	data := struct {
		Lang      string
		Languages []string
		Names     map[string]string
		Words     words
		Style     template.CSS
		Problem   string
		Sending   string
		Text      string
		People    int
		MaxText   int
		Code      []string
	}{
		Lang: lang, Languages: languages, Names: names, Words: texts[lang], Style: template.CSS(styleText), //nolint:gosec // our own file
		Problem: texts[lang].Problems[v.Problem], Sending: v.Sending.id, Text: v.Sending.text, People: v.Sending.people,
		MaxText: maxText, Code: v.Code,
	}
	var out bytes.Buffer
	if err := page.Execute(&out, data); err != nil {
		f.log.ErrorContext(r.Context(), "form: the page cannot be made")
		http.Error(w, "fault", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", lang)
	h.Set("Content-Security-Policy", policy)
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	w.WriteHeader(status)
	_, _ = w.Write(out.Bytes()) // who went away needs no answer
}
