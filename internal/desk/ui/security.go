package ui

import (
	"net/http"

	"safeconduct/internal/hotline"
)

// policyCSP lets a page load from this address alone: no inline script, no
// inline style, no frame, no other host.
const policyCSP = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; media-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// fileCSP is what stands over an attachment: whoever goes to its address alone
// gets a page that may do nothing.
const fileCSP = "sandbox; default-src 'none'; frame-ancestors 'none'"

// maxForm is the largest body in bytes that a page may send, files apart.
const maxForm = 256 << 10

func setHeaders(h http.Header) {
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", policyCSP)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), clipboard-read=()")
	h.Set("X-Robots-Tag", "noindex")
}

// guard is the outermost handler: nothing that another page or another
// program of this computer sends comes further.
func (u *UI) guard(next http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		setHeaders(w.Header())
		switch {
		case r.Host != u.address:
			// A name that resolves to 127.0.0.1 (DNS rebinding) brings its own Host.
			u.refuse(w, r, hotline.KindDenied)
			return
		case cross.Check(r) != nil, !u.ownOrigin(r):
			u.refuse(w, r, hotline.KindDenied)
			return
		}
		limit := int64(maxForm)
		if takesFile(r) {
			limit = maxUpload
		}
		r.Body = http.MaxBytesReader(w, r.Body, limit)
		// A form that is cut short must not be taken for one with empty fields.
		if err := r.ParseForm(); err != nil {
			u.refuse(w, r, hotline.KindInvalid)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// ownOrigin is stricter than [http.CrossOriginProtection]: a request that
// changes something must say that it comes from this page, and no page of
// another site may read or embed anything.
//
// Under "no-referrer" a browser sends "Origin: null" with a plain form (Fetch
// standard, section 3.2); then Sec-Fetch-Site, which no page can set, decides.
func (u *UI) ownOrigin(r *http.Request) bool {
	site, origin := r.Header.Get("Sec-Fetch-Site"), r.Header.Get("Origin")
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return (site == "" || site == "same-origin" || site == "none") && (origin == "" || origin == "http://"+u.address)
	}
	if origin == "http://"+u.address {
		return site == "" || site == "same-origin"
	}
	return origin == "null" && site == "same-origin"
}

// admitted lets only the browser in that came by a launch address.
func (u *UI) admitted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !u.launches.admits(r) {
			u.turnAway(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// launch spends the token of the address.
func (u *UI) launch(w http.ResponseWriter, r *http.Request) {
	cookie, ok := u.launches.spend(r.URL.Query().Get("token"))
	if !ok {
		u.turnAway(w, r)
		return
	}
	http.SetCookie(w, cookie)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}
