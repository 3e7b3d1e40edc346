package intake

import (
	"net/http"
	"time"
)

// Handler returns the whole public surface. The page knows the first two
// routes; nothing here reads a cookie, a header or a query.
func (i *Intake) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/challenge", i.serveChallenge)
	mux.HandleFunc("POST /v1/envelope", i.serveEnvelope)
	mux.HandleFunc("GET /v1/manifest", i.serveManifest)
	mux.HandleFunc("OPTIONS /v1/", serveOptions)
	mux.HandleFunc("GET /{$}", i.servePage)
	mux.HandleFunc("GET /healthz", i.serveHealth)
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
