package demo_test

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/rehearsal/demo"
)

// terminal collects what a program prints and lets a test wait for a part.
type terminal struct {
	mu   sync.Mutex
	text strings.Builder
	more chan struct{}
}

func newTerminal() *terminal { return &terminal{more: make(chan struct{}, 1)} }

func (t *terminal) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	select {
	case t.more <- struct{}{}:
	default:
	}
	return t.text.Write(b)
}

func (t *terminal) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}

// find waits until what is printed matches, and returns the first group.
func (t *terminal) find(tb testing.TB, ended <-chan error, pattern string) string {
	tb.Helper()
	re := regexp.MustCompile(pattern)
	patience := time.After(2 * time.Minute)
	for {
		if m := re.FindStringSubmatch(t.String()); m != nil {
			return m[1]
		}
		select {
		case <-t.more:
		case err := <-ended:
			tb.Fatalf("ended early: %v\n%s", err, t)
		case <-patience:
			tb.Fatalf("%s is not printed:\n%s", pattern, t)
		}
	}
}

// visit gets a page as a browser does, with cookies.
func visit(t *testing.T, client *http.Client, url string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func browser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, Timeout: time.Minute}
}

// taken occupies a port on this computer for the test.
func taken(t *testing.T) int {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l.Addr().(*net.TCPAddr).Port
}

// playOnThePhone presses Start, reads what the bot says first, and writes; as the
// page of the telephone does.
func playOnThePhone(t *testing.T, telephone string) {
	t.Helper()
	if status, body := visit(t, browser(t), telephone); status != http.StatusOK || !strings.Contains(body, "Simulated") {
		t.Errorf("the telephone: status %d", status)
	}
	act := func(fields string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, telephone+"act", strings.NewReader(`{"person": "1", "bot": "vesna_bot", `+fields+`}`))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusNoContent {
			t.Errorf("%s: status %d", fields, resp.StatusCode)
		}
	}
	// hears waits until the bot has said some words.
	hears := func(words string) {
		t.Helper()
		after, limit := int64(-1), time.Now().Add(2*time.Minute)
		for {
			_, body := visit(t, browser(t), telephone+"state?person=1&bot=vesna_bot&after="+strconv.FormatInt(after, 10))
			var state struct {
				Version  int64
				Messages []struct {
					FromBot bool
					Text    string
				}
			}
			if err := json.Unmarshal([]byte(body), &state); err != nil {
				t.Fatal(err)
			}
			for _, m := range state.Messages {
				if m.FromBot && strings.Contains(m.Text, words) {
					return
				}
			}
			if after = state.Version; time.Now().After(limit) {
				t.Fatalf("the bot does not say %q: %s", words, body)
			}
		}
	}
	act(`"act": "start"`)
	hears("Telegram can be read by others")
	act(`"act": "write", "text": "Nobody will read this twice."`)
	hears("Received and sealed")
}

func TestDemo(t *testing.T) {
	t.Parallel()
	public, desk, phone := taken(t), taken(t), taken(t)
	out := newTerminal()
	keys, enter := io.Pipe()
	defer keys.Close()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() {
		ended <- demo.Run(ctx, demo.Options{PublicPort: public, DeskPort: desk, PhonePort: phone, Language: "en", In: keys, Out: out, Clock: time.Now})
	}()
	page := out.find(t, ended, `contact page +(http://localhost:\d+/)\n`)
	launch := out.find(t, ended, `desk +(http://127\.0\.0\.1:\d+/launch\?token=\S+)`)
	telephone := out.find(t, ended, `telephone +(http://localhost:\d+/)\n`)
	folder := out.find(t, ended, `folder +(\S+) `)
	out.find(t, ended, `(Ctrl-C)`)
	for _, port := range []int{public, desk, phone} {
		if !strings.Contains(out.String(), "Port "+strconv.Itoa(port)+" is taken") {
			t.Errorf("it is not said that port %d is taken", port)
		}
	}

	if status, body := visit(t, browser(t), page); status != http.StatusOK || !strings.Contains(body, "<html") {
		t.Errorf("the contact page: status %d", status)
	}
	operator := browser(t)
	status, body := visit(t, operator, launch)
	if status != http.StatusOK {
		t.Fatalf("the desk: status %d", status)
	}
	for _, part := range []string{"group-of-eleven", "recruit-before-deployment", "Я з Беларусі"} {
		if !strings.Contains(body, part) {
			t.Errorf("the desk does not show %q", part)
		}
	}
	playOnThePhone(t, telephone)
	const written = "Nobody will read this twice."
	queue := strings.Split(launch, "/launch")[0] + "/"
	for limit := time.Now().Add(2 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		status, body := visit(t, operator, queue)
		if status == http.StatusOK && strings.Contains(body, written) {
			break
		}
		if time.Now().After(limit) {
			t.Fatalf("the desk does not show what was written on the telephone: status %d", status)
		}
	}
	if status, _ := visit(t, browser(t), launch); status == http.StatusOK {
		t.Error("a launch link lets a second browser in")
	}
	if _, err := io.WriteString(enter, "\n"); err != nil {
		t.Fatal(err)
	}
	again := out.find(t, ended, `Ctrl-C ends it\.\n(?s:.*)desk +(http://\S+)`)
	if status, _ := visit(t, browser(t), again); status != http.StatusOK {
		t.Errorf("the new launch link: status %d", status)
	}

	stop()
	if err := <-ended; err != nil {
		t.Errorf("stopped: %v", err)
	}
	if _, err := os.Stat(folder); !os.IsNotExist(err) {
		t.Errorf("the folder is still there: %v", err)
	}
	if _, err := os.Stat(filepath.Dir(folder)); !os.IsNotExist(err) {
		t.Errorf("the folder around it is still there: %v", err)
	}
	for _, url := range []string{page, launch, telephone} {
		host := strings.Split(url, "/")[2]
		var d net.Dialer
		if c, err := d.DialContext(t.Context(), "tcp", strings.Replace(host, "localhost", "127.0.0.1", 1)); err == nil {
			_ = c.Close()
			t.Errorf("%s still answers", host)
		}
	}
}

// Stopped while it starts, the demonstration ends without an error and leaves
// nothing; a folder that was named is kept.
func TestDemoStoppedEarly(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "mine")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out := newTerminal()
	ended := make(chan error, 1)
	go func() { ended <- demo.Run(ctx, demo.Options{Dir: dir, Out: out, Clock: time.Now}) }()
	out.find(t, ended, `(Playing)`)
	stop()
	if err := <-ended; err != nil {
		t.Errorf("stopped: %v\n%s", err, out)
	}
	if _, err := os.Stat(filepath.Join(dir, "server.json")); err != nil {
		t.Errorf("the folder that was named: %v", err)
	}
	err := demo.Run(t.Context(), demo.Options{Dir: dir, Out: newTerminal(), Clock: time.Now})
	if hotline.KindOf(err) != hotline.KindConflict {
		t.Errorf("a folder that holds an authority: %v", err)
	}
}

func TestDemoRefusesWhatIsNoPort(t *testing.T) {
	t.Parallel()
	for _, o := range []demo.Options{{PublicPort: -1}, {DeskPort: 65536}, {PhonePort: 65536}} {
		o.Out, o.Clock = newTerminal(), time.Now
		if err := demo.Run(t.Context(), o); hotline.KindOf(err) != hotline.KindInvalid {
			t.Errorf("%+v: %v", o, err)
		}
	}
}
