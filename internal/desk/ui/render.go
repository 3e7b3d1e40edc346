package ui

import (
	"bytes"
	"embed"
	"fmt"
	"hash/fnv"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"safeconduct/internal/hotline"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed static
var staticFiles embed.FS

// pages is every template, parsed at start: one set for each file of a page,
// all of them with the shared parts.
type pages struct {
	sets map[string]*template.Template
}

func parsePages() (*pages, error) {
	shared, err := template.New("").Option("missingkey=error").Funcs(template.FuncMap{
		"add":  func(a, b int) int { return a + b },
		"bulk": newBulkButton,
		"turn": newTurn,
	}).ParseFS(templateFiles, "templates/_*.html")
	if err != nil {
		return nil, fmt.Errorf("templates: %w", err)
	}
	names, err := fs.Glob(templateFiles, "templates/[a-z]*.html")
	if err != nil {
		return nil, fmt.Errorf("templates: %w", err)
	}
	p := &pages{sets: map[string]*template.Template{}}
	for _, name := range names {
		set, err := shared.Clone()
		if err == nil {
			set, err = set.ParseFS(templateFiles, name)
		}
		if err != nil {
			return nil, fmt.Errorf("templates: %w", err)
		}
		p.sets[strings.TrimSuffix(path.Base(name), ".html")] = set
	}
	return p, nil
}

// render writes a template into memory: an error never leaves half a page.
func (p *pages) render(page, name string, data any) ([]byte, error) {
	set, ok := p.sets[page]
	if !ok {
		return nil, hotline.Errorf(hotline.KindInternal, "page", "there is no page %q", page)
	}
	var b bytes.Buffer
	if err := set.ExecuteTemplate(&b, name, data); err != nil {
		return nil, fmt.Errorf("page %s: %w", page, err)
	}
	return b.Bytes(), nil
}

// version is a short hash of a fragment; the browser leaves a fragment alone
// whose version it shows already.
func version(html []byte) string {
	h := fnv.New64a()
	_, _ = h.Write(html) // a hash never fails
	return fmt.Sprintf("%x", h.Sum64())
}

// fragment is a part of a page that is drawn again by itself.
type fragment struct {
	ID      string
	Version string
	Again   bool // swapped into a page that is shown; otherwise part of a first drawing
	HTML    template.HTML
}

// part renders a fragment with its frame.
func (p *pages) part(page, id string, data any, again bool) (fragment, error) {
	b, err := p.render(page, id, data)
	if err != nil {
		return fragment{}, err
	}
	return fragment{ID: id, Version: version(b), Again: again, HTML: template.HTML(b)}, nil //nolint:gosec // G203: html/template has just escaped it
}

// page answers with a whole page.
func (u *UI) page(w http.ResponseWriter, r *http.Request, status int, page string, data any) {
	u.write(w, r, status, page, "layout", data)
}

// write answers with one template of a page.
func (u *UI) write(w http.ResponseWriter, r *http.Request, status int, page, name string, data any) {
	b, err := u.pages.render(page, name, data)
	if err != nil {
		u.log.Error("a page could not be drawn", "page", page)
		u.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b) // the browser is gone: nobody is left to tell
}

// fault is an error as a page shows it.
type fault struct {
	base
	Kind   string
	Head   string
	Detail spoken
}

// statusOf is the one table from kinds to HTTP statuses of the pages.
func statusOf(k hotline.Kind) int {
	switch k {
	case hotline.KindInvalid:
		return http.StatusUnprocessableEntity
	case hotline.KindDenied:
		return http.StatusForbidden
	case hotline.KindNotFound:
		return http.StatusNotFound
	case hotline.KindConflict:
		return http.StatusConflict
	case hotline.KindForged:
		return http.StatusBadGateway
	case hotline.KindBusy, hotline.KindUnavailable, hotline.KindUnknown:
		return http.StatusServiceUnavailable
	case hotline.KindLocked:
		return http.StatusLocked
	case hotline.KindInternal:
		return http.StatusInternalServerError
	}
	return http.StatusInternalServerError
}

// fail answers with an error: a notice on the page that asked by htmx, a page
// otherwise.
func (u *UI) fail(w http.ResponseWriter, r *http.Request, err error) {
	kind := hotline.KindOf(err)
	if kind == hotline.KindLocked {
		u.goTo(w, r, "/")
		return
	}
	f := fault{base: u.base(r, ""), Kind: kind.String()}
	f.Head = f.T.Errors[kind]
	if kind != hotline.KindInternal {
		f.Detail = f.T.sayError(err)
	}
	if kind == hotline.KindInternal {
		u.log.Error("a request failed", "kind", kind.String())
	}
	u.showFault(w, r, statusOf(kind), f)
}

func (u *UI) showFault(w http.ResponseWriter, r *http.Request, status int, f fault) {
	name := "layout"
	if byHTMX(r) {
		name = "faulttoast"
		w.Header().Set("HX-Retarget", "#toast")
		w.Header().Set("HX-Reswap", "innerHTML")
	}
	b, err := u.pages.render("fault", name, f)
	if err != nil {
		http.Error(w, "the page could not be drawn", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b)
}

// refuse answers whoever is not our own page. It says nothing about the desk.
func (u *UI) refuse(w http.ResponseWriter, _ *http.Request, kind hotline.Kind) {
	http.Error(w, "refused", statusOf(kind))
}

// turnAway answers a browser that has not come by a launch address.
func (u *UI) turnAway(w http.ResponseWriter, r *http.Request) {
	b := u.outside()
	f := fault{base: b, Kind: "launch", Head: b.T.Launch.Head, Detail: spoken{Text: b.T.Launch.Text}}
	u.showFault(w, r, http.StatusForbidden, f)
}

// static serves the style sheet, the scripts and the mark.
func (u *UI) static(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("file")
	types := map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
	kind, ok := types[path.Ext(name)]
	b, err := staticFiles.ReadFile("static/" + name)
	if !ok || err != nil {
		u.refuse(w, r, hotline.KindNotFound)
		return
	}
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write(b)
}
