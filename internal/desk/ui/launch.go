package ui

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"sync"
	"time"
)

// launchLife is how long a launch address works: long enough to be carried
// from a terminal into a browser.
const launchLife = 2 * time.Minute

// launches lets one browser in. Tokens and the session are kept as hashes.
type launches struct {
	clock  Clock
	cookie string // has a random part: two desks on one machine do not disturb each other

	mu      sync.Mutex
	tokens  map[[32]byte]time.Time // until when
	session [32]byte               // zero: nobody was let in yet
}

func newLaunches(clock Clock) *launches {
	return &launches{clock: clock, cookie: "desk_" + rand.Text()[:10], tokens: map[[32]byte]time.Time{}}
}

// token makes a new launch token. Older ones that were not used stay good
// until their time is over.
func (l *launches) token() string {
	t := rand.Text()
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock.Now()
	for k, until := range l.tokens {
		if !now.Before(until) {
			delete(l.tokens, k)
		}
	}
	l.tokens[sha256.Sum256([]byte(t))] = now.Add(launchLife)
	return t
}

// spend takes a token and starts a session with it. The session before ends:
// one browser at a time.
func (l *launches) spend(token string) (*http.Cookie, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	k := sha256.Sum256([]byte(token))
	until, ok := l.tokens[k]
	delete(l.tokens, k)
	if !ok || !l.clock.Now().Before(until) {
		return nil, false
	}
	value := rand.Text() + rand.Text()
	l.session = sha256.Sum256([]byte(value))
	return &http.Cookie{ //nolint:gosec // G124: no "Secure" on plain HTTP; it never leaves the loopback address
		Name: l.cookie, Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode,
	}, true
}

// admits reports whether a request comes from the browser that was let in.
func (l *launches) admits(r *http.Request) bool {
	c, err := r.Cookie(l.cookie)
	if err != nil {
		return false
	}
	got := sha256.Sum256([]byte(c.Value))
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.session != [32]byte{} && subtle.ConstantTimeCompare(got[:], l.session[:]) == 1
}
