package training

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"safeconduct/internal/desk"
	"safeconduct/internal/desk/ui"
	"safeconduct/internal/hotline"
	"safeconduct/internal/rehearsal"
)

const script = `{"scenarios": [
	{"id": "first", "channel": "web", "language": "ru", "people": 3, "path": ["registered", "standby"], "messages": [
		{"at": 0, "from": "contact", "text": "Это не ловушка?"}, {"at": 1, "from": "desk", "text": "Нет."},
		{"at": 2, "from": "contact", "text": "Мы подумаем."}]},
	{"id": "calm", "channel": "web", "language": "be", "messages": [{"at": 0, "from": "contact", "text": "Калі гэта скончыцца?"}]},
	{"id": "back", "channel": "phone", "language": "ru", "continues": "first", "path": ["meeting", "received"], "messages": [
		{"at": 0, "from": "contact", "text": "Мы вернулись."}, {"at": 1, "from": "desk", "text": "Слышу вас."},
		{"at": 2, "from": "contact", "text": "Стоим у моста."}], "facts": {"position_text": "47.98765, 37.24680"}}
]}`

// newcomer does an operator's work at the desk of an exercise.
type newcomer struct {
	t       *testing.T
	desk    *desk.Desk
	notices <-chan desk.Notice
}

// exerciseOf boots an exercise without pages.
func exerciseOf(t *testing.T, file string, pace time.Duration) (*exercise, newcomer) {
	t.Helper()
	scenarios, err := rehearsal.Parse([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	product, err := rehearsal.Boot(context.WithoutCancel(ctx), rehearsal.Authority{Dir: filepath.Join(t.TempDir(), "authority"), Name: "Newcomer", Passphrase: "a passphrase for training"})
	if err != nil {
		t.Fatal(err)
	}
	d, err := product.OpenDesk(context.WithoutCancel(ctx))
	if err != nil {
		t.Fatal(err)
	}
	notices, stop := d.Subscribe()
	e := begin(ctx, scenarios, &stage{product: product, pace: pace, poll: 20 * time.Millisecond, clock: time.Now}, d)
	t.Cleanup(func() {
		e.End()
		stop()
		if err := errors.Join(d.Close(), product.Close()); err != nil {
			t.Error(err)
		}
	})
	return e, newcomer{t, d, notices}
}

// sees waits until a person's text is shown, and returns its case.
func (n newcomer) sees(text string) desk.CaseView {
	n.t.Helper()
	var found desk.CaseView
	err := rehearsal.Await(n.t.Context(), n.notices, func() bool {
		rows, err := n.desk.Queue(desk.Filter{})
		for _, row := range rows {
			v, caseErr := n.desk.Case(n.t.Context(), row.ID)
			if err != nil || caseErr != nil {
				return false
			}
			for _, m := range v.Messages {
				if m.Side == hotline.SideContact && strings.Contains(m.Text, text) {
					found = v
					return true
				}
			}
		}
		return false
	})
	if err != nil {
		n.t.Fatalf("%q: %v", text, err)
	}
	return found
}

// did fails the test where an act was not sent.
func (n newcomer) did(r desk.Result, err error) {
	n.t.Helper()
	if err != nil || r.Outcome != desk.OutcomeSent {
		n.t.Fatalf("%v %v", r, err)
	}
}

func (n newcomer) walk(id hotline.CaseID, stages ...hotline.Stage) {
	n.t.Helper()
	for _, s := range stages {
		n.did(n.desk.SetStage(n.t.Context(), id, s))
	}
}

// findings are what a lesson says, missed checks with their words.
func findings(t *testing.T, e *exercise) map[string]map[string]string {
	t.Helper()
	r, err := e.Review(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]map[string]string{}
	for _, l := range r.Lessons {
		out[l.Name] = map[string]string{}
		for _, f := range l.Findings {
			if !f.OK {
				out[l.Name][f.Check] = f.English()
			}
		}
	}
	return out
}

// Whoever does everything as the script has it misses nothing: every check
// can be passed, through the real doors.
func TestGoodOperator(t *testing.T) {
	t.Parallel()
	e, n := exerciseOf(t, script, time.Millisecond)
	ctx := t.Context()
	three := 3

	calm := n.sees("Калі гэта").ID
	n.did(n.desk.Reply(ctx, calm, "Не ведаем. Пытайцеся."))
	n.did(n.desk.SetFacts(ctx, calm, desk.Facts{Language: "be"}))

	first := n.sees("ловушка").ID
	n.did(n.desk.Reply(ctx, first, "Нет. Вот как проверить, что это мы."))
	n.did(n.desk.SetFacts(ctx, first, desk.Facts{Language: "ru", People: &three}))
	n.walk(first, hotline.StageRegistered, hotline.StageStandby)
	v := n.sees("Мы подумаем")
	word := regexp.MustCompile(`«(.+)»`).FindStringSubmatch(v.Messages[len(v.Messages)-1].Text)
	if word == nil {
		t.Fatal("the person named no word")
	}
	n.did(n.desk.SetWords(ctx, first, word[1], "другое слово"))
	n.did(n.desk.Reply(ctx, first, "Мы здесь, когда понадобится."))

	back := n.sees("Мы вернулись").ID
	claim := n.sees(word[1] + "»").Messages[0].Text
	if code := strings.Join(v.Code, " "); n.sees("Мы вернулись").ID == first || !strings.Contains(n.sees("вернулись").Messages[0].Text, code) {
		t.Errorf("who comes back names the code %q: %q", code, claim)
	}
	n.did(n.desk.SetUrgency(ctx, back, hotline.UrgencyUrgent))
	n.did(n.desk.Reply(ctx, back, "Слышу вас. Один вы или группа?"))
	n.did(n.desk.SetFacts(ctx, back, desk.Facts{Language: "ru"}))
	n.sees("Стоим у моста")
	n.did(n.desk.Note(ctx, back, "у моста, 47.98765, 37.24680"))
	n.did(n.desk.Reply(ctx, back, "Ждите, напишем."))
	n.walk(first, hotline.StageMeeting)

	for _, p := range e.people {
		<-p.ended
	}
	for name, missed := range findings(t, e) {
		for check, words := range missed {
			t.Errorf("%s: %s: %s", name, check, words)
		}
	}
	if r, err := e.Review(ctx); err != nil || r.Done != 3 || len(r.Lessons) != 3 || r.Ended {
		t.Errorf("the review: %+v %v", r, err)
	}
}

// Whoever is careless hears of it, check by check.
func TestCarelessOperator(t *testing.T) {
	t.Parallel()
	e, n := exerciseOf(t, `{"scenarios": [
		{"id": "wounded", "channel": "web", "language": "ru", "people": 2, "path": ["meeting"], "messages": [
			{"at": 0, "from": "contact", "text": "Ранен в ногу."}, {"at": 1, "from": "desk", "text": "Слышу."}, {"at": 2, "from": "contact", "text": "Идти не могу."}],
		 "facts": {"wounded": 1, "position_text": "47.98765, 37.24680"}},
		{"id": "curious", "channel": "web", "language": "uk", "messages": [
			{"at": 0, "from": "contact", "text": "Скільки платять?"}, {"at": 1, "from": "desk", "text": "Спершу безпека."}, {"at": 2, "from": "contact", "text": "Добре."}]},
		{"id": "later", "channel": "web", "continues": "curious", "messages": [{"at": 0, "from": "contact", "text": "Знову я."}]}
	]}`, time.Millisecond)
	ctx := t.Context()
	n.sees("Ранен")
	curious := n.sees("Скільки").ID
	n.did(n.desk.Reply(ctx, curious, "Як вас звати? Приходьте о 05:40."))
	n.sees("Добре")
	n.did(n.desk.Reply(ctx, curious, "Добре."))
	n.sees("Знову")
	e.End()
	got := findings(t, e)
	for name, want := range map[string]map[string]string{
		"wounded": {
			ui.CheckAnswered: "unsaid: 1", ui.CheckOrder: "less urgent: 1", ui.CheckUrgency: "", ui.CheckPeople: "2",
			ui.CheckFact: "47.98765", ui.CheckStage: "Meeting",
		},
		"curious": {ui.CheckWord: "«", ui.CheckEarly: "05:40", ui.CheckAsked: "Як вас звати"},
		"later":   {ui.CheckAnswered: "unsaid: 0"},
	} {
		for check, words := range want {
			said, missed := got[name][check]
			if !missed || !strings.Contains(said, strings.Trim(words, "«")) {
				t.Errorf("%s: %s: %q does not say %q", name, check, said, words)
			}
			delete(got[name], check)
		}
		for check, words := range got[name] {
			t.Errorf("%s: %s was not missed: %s", name, check, words)
		}
	}
	if r, err := e.Review(ctx); err != nil || !r.Ended {
		t.Errorf("after the end: %+v %v", r, err)
	}
}

// terminal is what a program prints.
type terminal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *terminal) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(b)
}

func (o *terminal) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// The whole exercise as a newcomer starts it: pages that say what it is, a look
// back there and on the terminal, and nothing left on the disk.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	scenarios, err := rehearsal.Parse([]byte(script))
	if err != nil {
		t.Fatal(err)
	}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	launch := make(chan string, 1)
	out := &terminal{}
	ended := make(chan error, 1)
	go func() {
		ended <- Run(ctx, Options{
			Scenarios: scenarios, Pages: l, Name: "Newcomer", Language: "en", Pace: time.Millisecond, Poll: 50 * time.Millisecond,
			Launch: func(url func() string) { launch <- url() }, Out: out, Clock: time.Now,
		})
	}()
	var url string
	select {
	case url = <-launch:
	case err := <-ended:
		t.Fatalf("ended early: %v\n%s", err, out)
	}
	page := browse(t, url)
	base := strings.SplitAfter(url, l.Addr().String())[0]
	deadline := time.After(time.Minute)
	for begun := ""; !strings.Contains(begun, "<h2>first ") || !strings.Contains(begun, "<h2>calm "); begun = page(base + "/training") {
		select {
		case <-deadline:
			t.Fatal("nobody came")
		case <-time.After(50 * time.Millisecond):
		}
	}
	body := page(base + "/training")
	for _, want := range []string{"The people are simulated.", "The person waits for an answer.", "0 of 3 people have nothing more to say."} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{"Looking back: 2 of 3 people wrote.", "look  The person waits for an answer.", "Everything was deleted."} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the terminal lacks %q:\n%s", want, out)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "safeconduct-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// browse lets a client in by a launch address.
func browse(t *testing.T, launch string) func(url string) string {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	get := func(url string) string {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Sec-Fetch-Site", "none")
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	get(launch)
	return get
}
