package doorway

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// none exempts nobody: loopback is not what these tests are about.
var none = []netip.Prefix{}

// house is a server behind a door.
type house struct {
	t    *testing.T
	door *Door
	addr string
	http *http.Server
	stop func()
}

func open(t *testing.T, c Config, h http.HandlerFunc) *house {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute}
	d := Guard(s, l, c)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Serve(d)
	}()
	x := &house{t: t, door: d, addr: l.Addr().String(), http: s}
	x.stop = sync.OnceFunc(func() {
		_ = s.Close()
		<-done
	})
	t.Cleanup(x.stop)
	return x
}

func hello(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello\n") }

// dial connects from an address of this computer.
func (x *house) dial(from string) net.Conn {
	x.t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	c, err := d.DialContext(x.t.Context(), "tcp", x.addr)
	if err != nil {
		x.t.Fatal(err)
	}
	x.t.Cleanup(func() { c.Close() })
	return c
}

// ask sends a request and reports what came back, "" for nothing.
func ask(c net.Conn) string {
	if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		return ""
	}
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return ""
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return ""
	}
	return string(b)
}

// until looks at the counts until they are as wanted.
func (x *house) until(what string, holds func(Counts) bool) {
	x.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !holds(x.door.Counts()) {
		if time.Now().After(deadline) {
			x.t.Fatalf("waited in vain until %s: %+v", what, x.door.Counts())
		}
		runtime.Gosched()
	}
}

// honest asks from an address of its own, and must be answered.
func (x *house) honest() {
	x.t.Helper()
	begun := time.Now()
	if got := ask(x.dial("127.0.0.9")); got != "hello\n" {
		x.t.Errorf("an honest page was answered %q: %+v", got, x.door.Counts())
	}
	if took := time.Since(begun); took > 5*time.Second { // far above what even a loaded machine needs
		x.t.Errorf("an honest page waited %v", took)
	}
}

// TestOneSourceCannotHoldAll: twice the limit of idle connections from one
// address, and an honest page gets through at once.
func TestOneSourceCannotHoldAll(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]Config{
		"with a share": {Most: 40, PerSource: 10, Exempt: none},
		"exempt":       {Most: 40, PerSource: 10, Exempt: Loopback()},
		"no share":     {Most: 40, PerSource: 1000, Exempt: none},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := open(t, c, hello)
			for range 80 {
				if got := ask(x.dial("127.0.0.2")); got != "hello\n" {
					t.Fatalf("answered %q", got)
				}
			}
			n := x.door.Counts()
			if n.Open > c.Most || (name == "with a share" && n.Open > 10) || n.MadeWay < 40 {
				t.Errorf("%+v", n)
			}
			x.honest()
		})
	}
}

// TestOldestIdleMakesWay: who was answered last stays.
func TestOldestIdleMakesWay(t *testing.T) {
	t.Parallel()
	x := open(t, Config{Most: 3, PerSource: 3, Exempt: none}, hello)
	var cs []net.Conn
	// Idle is what the door knows of a connection, a moment after its answer was read.
	youngest := func(c net.Conn) {
		x.until("it is the youngest idle one", func(Counts) bool {
			x.door.mu.Lock()
			defer x.door.mu.Unlock()
			last := x.door.waiting[idle].Back()
			return last != nil && last.Value.(*conn).RemoteAddr().String() == c.LocalAddr().String()
		})
	}
	for i := range 3 {
		cs = append(cs, x.dial(fmt.Sprintf("127.0.0.%d", i+2)))
		if ask(cs[i]) == "" {
			t.Fatal("not answered")
		}
		youngest(cs[i])
	}
	if ask(cs[0]) == "" { // the second is the oldest idle one now
		t.Fatal("not answered again")
	}
	youngest(cs[0])
	x.honest()
	if ask(cs[0]) != "hello\n" || ask(cs[2]) != "hello\n" {
		t.Error("a younger one was closed")
	}
	if ask(cs[1]) != "" {
		t.Error("the oldest idle one is open")
	}
}

// TestSlowHeads: connections that send one byte of a head now and then are no
// hindrance, and end by the time-out.
func TestSlowHeads(t *testing.T) {
	t.Parallel()
	x := open(t, Config{Most: 30, PerSource: 1000, Exempt: none}, hello)
	for i := range 60 {
		c := x.dial(fmt.Sprintf("127.0.0.%d", 20+i%8))
		if _, err := io.WriteString(c, "GET / HT"); err != nil {
			t.Fatal(err)
		}
	}
	x.until("the door has had all of them", func(n Counts) bool { return n.MadeWay >= 30 })
	for range 5 {
		x.honest()
	}
	if n := x.door.Counts(); n.Refused != 0 || n.Open > 30 {
		t.Errorf("%+v", n)
	}
}

// TestServingIsNeverCut: a request that is being answered keeps its
// connection; there is no room then, and the newcomer is told so at once.
func TestServingIsNeverCut(t *testing.T) {
	t.Parallel()
	release, begun := make(chan struct{}), make(chan struct{}, 9)
	x := open(t, Config{Most: 3, PerSource: 2, Exempt: none}, func(w http.ResponseWriter, r *http.Request) {
		begun <- struct{}{}
		<-release
		hello(w, r)
	})
	answers := make(chan string, 3)
	for i := range 3 {
		c := x.dial(fmt.Sprintf("127.0.0.%d", 2+i/2))
		go func() { answers <- ask(c) }()
		<-begun
	}
	for _, from := range []string{"127.0.0.2", "127.0.0.9"} { // a full share, and a full door
		if got := ask(x.dial(from)); got != "" {
			t.Errorf("%s was answered %q", from, got)
		}
	}
	if n := x.door.Counts(); n.Refused != 2 || n.MadeWay != 0 {
		t.Errorf("%+v", n)
	}
	close(release)
	for range 3 {
		if got := <-answers; got != "hello\n" {
			t.Errorf("cut off: %q", got)
		}
	}
}

// TestNothingIsLeft: no count, source, goroutine or file stays.
func TestNothingIsLeft(t *testing.T) { //nolint:paralleltest // counts what the process holds
	files := func() int {
		names, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Skip("this system does not list open files")
		}
		return len(names)
	}
	goroutines, fds := runtime.NumGoroutine(), files()
	x := open(t, Config{Most: 20, PerSource: 5, Exempt: none}, hello)
	var cs []net.Conn
	for i := range 100 {
		c := x.dial(fmt.Sprintf("127.0.0.%d", 2+i%10))
		switch i % 3 {
		case 0:
			ask(c)
		case 1:
			_, _ = io.WriteString(c, "GET")
		}
		cs = append(cs, c)
	}
	x.until("it was full", func(n Counts) bool { return n.MadeWay > 0 })
	for _, c := range cs {
		c.Close()
	}
	x.until("all are forgotten", func(n Counts) bool { return n.Open == 0 && n.Sources == 0 })
	if w := x.door.waiting[idle].Len() + x.door.waiting[fresh].Len(); w != 0 {
		t.Errorf("%d are still listed", w)
	}
	x.stop()
	deadline := time.Now().Add(20 * time.Second)
	for runtime.NumGoroutine() > goroutines || files() > fds {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines (%d before), %d files (%d before)", runtime.NumGoroutine(), goroutines, files(), fds)
		}
		runtime.Gosched()
	}
}

// TestBehindTLS: the door of desks speaks HTTP/2 over TLS.
func TestBehindTLS(t *testing.T) {
	t.Parallel()
	s := httptest.NewUnstartedServer(http.HandlerFunc(hello))
	s.EnableHTTP2 = true
	d := Guard(s.Config, s.Listener, Config{Most: 2, PerSource: 2, Exempt: none})
	s.Listener = d
	s.StartTLS()
	t.Cleanup(s.Close)
	for i := range 6 {
		client := s.Client()
		client.Transport = &http.Transport{TLSClientConfig: client.Transport.(*http.Transport).TLSClientConfig.Clone(), ForceAttemptHTTP2: true}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := client.Do(req)
		if err != nil {
			t.Fatalf("%d: %v %+v", i, err, d.Counts())
		}
		res.Body.Close()
		if res.ProtoMajor != 2 {
			t.Errorf("HTTP/%d", res.ProtoMajor)
		}
	}
	if n := d.Counts(); n.Open > 2 || n.MadeWay != 4 || n.Refused != 0 {
		t.Errorf("%+v", n)
	}
}

// TestSources: one IPv4 address is one source, one IPv6 network of 64 bits
// is; and the hash of an address is another one in every process.
func TestSources(t *testing.T) {
	t.Parallel()
	d := Guard(&http.Server{ReadHeaderTimeout: time.Second}, nil, Config{})
	of := func(addr string) uint64 {
		h, _ := d.sourceOf(net.TCPAddrFromAddrPort(netip.MustParseAddrPort(addr)))
		return h
	}
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"192.0.2.1:1", "192.0.2.1:2", true},
		{"192.0.2.1:1", "192.0.2.2:1", false},
		{"[::ffff:192.0.2.1]:1", "192.0.2.1:2", true},
		{"[2001:db8::1]:1", "[2001:db8::ffff:1]:1", true},
		{"[2001:db8::1]:1", "[2001:db8:0:1::1]:1", false},
		{"127.0.0.1:1", "[::1]:1", true},
		{"127.0.0.1:1", "192.0.2.1:1", false},
	} {
		if (of(c.a) == of(c.b)) != c.same {
			t.Errorf("%s and %s", c.a, c.b)
		}
	}
	other := Guard(&http.Server{ReadHeaderTimeout: time.Second}, nil, Config{})
	if h, _ := other.sourceOf(net.TCPAddrFromAddrPort(netip.MustParseAddrPort("192.0.2.1:1"))); h == of("192.0.2.1:1") {
		t.Error("two doors count an address under the same number")
	}
	if _, exempt := d.sourceOf(&net.UnixAddr{Name: "x"}); exempt {
		t.Error("what has no address is exempt")
	}
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ files, most, share int }{{1024, 384, 64}, {65536, 16384, 2048}, {100, 64, 64}} {
		if d := Defaults(c.files, 2); d.Most != c.most || d.PerSource != c.share || len(d.Exempt) != 2 {
			t.Errorf("%d files: %+v", c.files, d)
		}
	}
	if strings.Contains(fmt.Sprintf("%+v", open(t, Config{}, hello).door.Counts()), "127") {
		t.Error("counts show an address")
	}
}
