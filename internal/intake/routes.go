package intake

import (
	"net/http"
	"time"
)

// route is one row of the public surface. Nothing here knows who asks.
type route struct {
	pattern string // of net/http's ServeMux
	touches string // what a request can reach
	answer  func(*Intake, http.ResponseWriter, *http.Request)
}

// routes is the whole public surface. The page knows the first two; nothing
// here reads a cookie, a header or a query.
func routes() []route {
	return []route{
		{"GET /v1/challenge", "nothing: a challenge is not kept", (*Intake).serveChallenge},
		{"POST /v1/envelope", "what the operation inside may touch, once the work is done", (*Intake).serveEnvelope},
		{"GET /v1/manifest", "the public manifest", (*Intake).serveManifest},
		{"OPTIONS /v1/", "nothing", func(_ *Intake, w http.ResponseWriter, r *http.Request) { serveOptions(w, r) }},
		{"GET /{$}", "the contact page", (*Intake).servePage},
		{"GET /healthz", "whether the store can be read", (*Intake).serveHealth},
	}
}

// Handler returns the whole public surface.
func (i *Intake) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, rt := range routes() {
		mux.HandleFunc(rt.pattern, func(w http.ResponseWriter, r *http.Request) { rt.answer(i, w, r) })
	}
	return guarded(mux)
}

// guarded sets what every answer has. "no-store": a phone that is searched
// should show no copy of the page or of an answer in a cache; the page is
// small enough to be loaded again. Any origin may ask, because the same page
// works from mirrors and from a file, and nothing here depends on who asks.
func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Security-Policy", "frame-ancestors 'none'")
		h.Set("X-Frame-Options", "DENY")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		next.ServeHTTP(w, r)
	})
}

// serveOptions answers a pre-flight, which the page does not make.
func serveOptions(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Access-Control-Allow-Methods", "GET, POST")
	w.Header().Set("Access-Control-Allow-Headers", "Content-Type")
	w.Header().Set("Access-Control-Max-Age", "86400")
	w.WriteHeader(http.StatusNoContent)
}

// Server returns an http.Server for handler with bounds for slow and hostile
// clients. A sealed envelope of 50 KB takes 25 s at 2 KB/s, so a minute lets
// an honest bad line through.
func Server(handler http.Handler) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       60 * time.Second,
		WriteTimeout:      2 * time.Minute, // counts from the end of the header: reading, waiting and answering
		IdleTimeout:       30 * time.Second,
		MaxHeaderBytes:    8 << 10,
	}
}
