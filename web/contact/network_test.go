package contact_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// hangUp ends a connection without an answer.
func hangUp(w http.ResponseWriter) {
	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = conn.Close()
	}
}

// envelopes remembers what was posted, without the head, which is made anew
// for every attempt.
type envelopes struct {
	mu   sync.Mutex
	seen [][]byte
}

func (e *envelopes) add(r *http.Request) int {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	e.mu.Lock()
	defer e.mu.Unlock()
	e.seen = append(e.seen, body[54:])
	return len(e.seen)
}

// The network fails, then the answer is lost, then the server is busy, then
// its challenge is stale: the page goes on by itself with the same envelope,
// says all the time that nothing was sent, and there is one case with one
// record in the end.
func TestBadNetwork(t *testing.T) {
	t.Parallel()
	h, open := newHouse(t, "http://127.0.0.1:1"), browser(t)
	var posts envelopes
	dead := true
	h.guard(func(w http.ResponseWriter, r *http.Request) bool {
		if dead {
			dead = r.URL.Path != "/v1/challenge"
			if !dead {
				hangUp(w)
				return true
			}
		}
		if r.Method != http.MethodPost {
			return false
		}
		switch posts.add(r) {
		case 1: // kept, but the answer is lost
			h.handler.ServeHTTP(httptest.NewRecorder(), r)
			hangUp(w)
		case 2:
			w.Header().Set("Access-Control-Allow-Origin", "*")
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, `{"error":"busy","text":"full","retry_after":1}`)
		case 3:
			w.Header().Set("Access-Control-Allow-Origin", "*")
			w.WriteHeader(http.StatusConflict)
			_, _ = io.WriteString(w, `{"error":"conflict","text":"stale"}`)
		case 4: // a relay that makes an answer up
			w.Header().Set("Access-Control-Allow-Origin", "*")
			_, _ = w.Write(make([]byte, 1024+28))
		default:
			return false
		}
		return true
	})
	w := open(t)
	w.open(h.url + "/#en")
	w.click("write")
	w.fill("message", "Is this a trap?")
	w.click("send")
	w.wait(`document.getElementById("status")?.innerText.startsWith("Not sent yet. No connection to us.")`)
	w.see("next-try")
	w.click("retry")
	w.wait(`document.getElementById("status")?.innerText.includes("Many people are writing")`)
	w.see("receipt")
	if len(posts.seen) != 5 {
		t.Errorf("%d posts", len(posts.seen))
	}
	for _, e := range posts.seen {
		if !bytes.Equal(e, posts.seen[0]) {
			t.Error("another envelope")
		}
	}
	if bodies := h.read(h.onlyCase()); len(bodies) != 1 || bodies[0].Text != "Is this a trap?" {
		t.Errorf("%d records", len(bodies))
	}
}

// Nothing but the stamped routes is asked for anything, and no header is sent
// that would make a pre-flight or tell who asks.
func TestRequestsSayNothing(t *testing.T) {
	t.Parallel()
	h, open := newHouse(t), browser(t)
	var mu sync.Mutex
	paths := map[string]int{}
	h.guard(func(_ http.ResponseWriter, r *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		paths[r.Method+" "+r.URL.Path]++
		for _, name := range []string{"Cookie", "Referer", "Content-Type", "Authorization"} {
			if r.Header.Get(name) != "" {
				t.Errorf("%s has a header %s", r.URL.Path, name)
			}
		}
		return false
	})
	w := open(t)
	w.open(h.url + "/#be")
	w.answerCheck(w.writeFirst("Добры дзень"))
	mu.Lock()
	defer mu.Unlock()
	if len(paths) != 3 || paths["GET /"] != 1 || paths["POST /v1/envelope"] != 1 {
		t.Errorf("the page asked for %v", paths)
	}
	kept := eval[int](w, `(async () => document.cookie.length + localStorage.length + sessionStorage.length + (await indexedDB.databases()).length + (await caches.keys()).length)()`)
	if kept != 0 {
		t.Error("something is kept in the browser")
	}
}
