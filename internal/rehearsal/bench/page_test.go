package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"safeconduct/internal/browsertest"
	"safeconduct/internal/desk"
	"safeconduct/internal/desk/ui"
	"safeconduct/internal/rehearsal"
)

// Environment of the measurement at full size:
//
//	SAFECONDUCT_BENCH_PAGE=20s go test ./internal/rehearsal/bench -run TestPage -v
//
// Without it a short one shows that it works.
const pageVariable = "SAFECONDUCT_BENCH_PAGE"

const (
	probes     = 5   // messages a second to the case that the operator has open
	crowd      = 40  // other cases
	background = 195 // messages a second to them
)

// TestPage measures how long it takes from the start of a POST until the
// operator's page shows the message: in the open case, and as a row of the
// queue. Server, desk, generator and browser share the machine.
func TestPage(t *testing.T) {
	d, rate, limit := 2*time.Second, 20, 5*time.Second
	if full := os.Getenv(pageVariable); full != "" {
		var err error
		if d, err = time.ParseDuration(full); err != nil {
			t.Fatal(err)
		}
		rate = background
	} else {
		t.Parallel()
	}
	house := openHouse(t)
	m, err := newMaker(t.Context(), house.product.Origin[len("http://"):], house.product.Installation.Config.Authority, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	letters := fill(t, house, m)
	tab := house.openTab(t, "probe 000")
	time0 := watch(tab, t)

	probing := sealProbes(t, m, letters[0].from, int(d.Seconds()*probes))
	others := sealOthers(t, m, letters[1:], int(d.Seconds()*float64(rate)))
	noise := make(chan outcome, 1)
	go func() {
		o, _ := load{host: m.host, lanes: deal(others, 8), duration: d, rate: float64(rate)}.run(t.Context()) // judged by what was kept
		noise <- o
	}()
	begun := post(t, m.host, probing)
	rest := <-noise
	seen := collect(tab, t, len(probing))

	inCase, inQueue := delays(begun, seen.Case, time0), delays(begun, seen.Queue, time0)
	t.Logf("%d messages a second beside %d a second to the open case, for %s; kept %d, p99 of the POST %.1f ms",
		rate, probes, d, len(rest.kept), percentile(rest.took, 99))
	t.Logf("shown in the open case: %d of %d, p50 %.0f ms, p99 %.0f ms", len(inCase), len(probing), percentile(inCase, 50), percentile(inCase, 99))
	t.Logf("shown in the queue:     %d of %d, p50 %.0f ms, p99 %.0f ms", len(inQueue), len(probing), percentile(inQueue, 50), percentile(inQueue, 99))
	if len(inCase) != len(probing) {
		t.Errorf("%d of %d messages were shown", len(inCase), len(probing))
	}
	if rest.lost+rest.refused > 0 {
		t.Errorf("%d messages were not kept: %s", rest.lost+rest.refused, rest.why)
	}
	if worst := percentile(inCase, 100); worst > milliseconds(limit) && os.Getenv(pageVariable) == "" {
		t.Errorf("a message took %.0f ms", worst)
	}
}

// house is a booted product with an operator's pages.
type house struct {
	product *rehearsal.Product
	desk    *desk.Desk
	launch  string
}

func openHouse(t *testing.T) house {
	t.Helper()
	var h house
	var err error
	h.product, err = rehearsal.Boot(context.WithoutCancel(t.Context()), rehearsal.Authority{
		Dir: filepath.Join(t.TempDir(), "authority"), Name: "bench", Passphrase: "passphrase of the bench",
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.product.Close() })
	if h.desk, err = h.product.OpenDesk(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.desk.Close() })
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := ui.New(ui.Config{Desk: h.desk, Address: l.Addr().String(), Language: "en"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- pages.Serve(ctx, l) }()
	t.Cleanup(func() { stop(); <-ended })
	h.launch = pages.LaunchURL()
	return h
}

// fill makes the cases: the one to watch first, then the crowd.
func fill(t *testing.T, h house, m *maker) []letter {
	t.Helper()
	letters := make([]letter, crowd+1)
	for i := range letters {
		var err error
		if letters[i], err = m.newCase(t.Context(), fmt.Sprintf("probe %03d and what else there is to say", i)); err != nil {
			t.Fatal(err)
		}
	}
	o, err := load{host: m.host, lanes: [][]letter{letters}, duration: time.Minute}.run(t.Context())
	if err != nil || len(o.kept) != len(letters) {
		t.Fatalf("%d cases were kept: %v %s", len(o.kept), err, o.why)
	}
	notices, stop := h.desk.Subscribe()
	defer stop()
	err = rehearsal.Await(t.Context(), notices, func() bool {
		rows, err := h.desk.Queue(desk.Filter{})
		return err == nil && len(rows) == len(letters) && !slices.ContainsFunc(rows, func(r desk.Row) bool { return !r.Opened })
	})
	if err != nil {
		t.Fatal(err)
	}
	return letters
}

// openTab opens the desk in Chromium, and in it the case with a text.
func (h house) openTab(t *testing.T, text string) context.Context {
	t.Helper()
	path, err := browsertest.Path()
	if err != nil {
		t.Fatal(err)
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true))
	allocator, stop := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), opts...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	limited, end := context.WithTimeout(ctx, 5*time.Minute)
	t.Cleanup(end)
	if err := chromedp.Do(ctx); err != nil { // starts the browser, which lives as long as this context
		t.Fatal(err)
	}
	err = chromedp.Do(limited, chromedp.Navigate(h.launch))
	if err == nil {
		_, err = chromedp.Run(limited, chromedp.Evaluate[bool](fmt.Sprintf(`new Promise((yes) => {
			const row = () => [...document.querySelectorAll('a[data-ref]')].find((a) => a.textContent.includes(%q));
			const look = () => document.getElementById('talkscroll') ? yes(true) : (row()?.click(), setTimeout(look, 200));
			look();
		})`, text), chromedp.EvalAwaitPromise))
	}
	if err != nil {
		t.Fatal(err)
	}
	return limited
}

// watch notes in the page when each message is first there: at the frame after
// the change, which is when it is painted. It returns the page's clock zero.
func watch(tab context.Context, t *testing.T) time.Time {
	t.Helper()
	origin, err := chromedp.Run(tab, chromedp.Evaluate[float64](`(() => {
		const seen = window.__seen = {case: {}, queue: {}};
		const look = (id, into) => {
			const text = document.getElementById(id)?.textContent ?? '';
			const now = performance.now();
			for (const m of text.matchAll(/#m(\d+)#/g)) if (!(m[1] in into)) into[m[1]] = now;
		};
		let due = false;
		new MutationObserver(() => {
			if (due) return;
			due = true;
			requestAnimationFrame(() => { due = false; look('talkscroll', seen.case); look('queuelist', seen.queue); });
		}).observe(document.body, {childList: true, subtree: true, characterData: true});
		return performance.timeOrigin;
	})()`))
	if err != nil {
		t.Fatal(err)
	}
	return time.UnixMicro(int64(origin * 1000))
}

func sealProbes(t *testing.T, m *maker, w *writer, n int) []letter {
	t.Helper()
	out := make([]letter, n)
	for i := range out {
		var err error
		if out[i], err = m.message(t.Context(), w, fmt.Sprintf("#m%d# probe", i)); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func sealOthers(t *testing.T, m *maker, cases []letter, n int) []letter {
	t.Helper()
	out := make([]letter, n)
	for i := range out {
		var err error
		if out[i], err = m.message(t.Context(), cases[i%len(cases)].from, text); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// post sends the probes at fixed times and returns when each was begun.
func post(t *testing.T, host string, letters []letter) []time.Time {
	t.Helper()
	begun := make([]time.Time, 0, len(letters))
	tick := time.NewTicker(time.Second / probes)
	defer tick.Stop()
	for _, l := range letters {
		begun = append(begun, time.Now())
		o, err := load{host: host, lanes: [][]letter{{l}}, duration: 10 * time.Second}.run(t.Context())
		if err != nil || len(o.kept) != 1 {
			t.Fatalf("a probe was not kept: %v %s", err, o.why)
		}
		select {
		case <-tick.C:
		case <-t.Context().Done():
			t.Fatal(t.Context().Err())
		}
	}
	return begun
}

// sightings are the page's notes: milliseconds of its clock by number.
type sightings struct{ Case, Queue map[string]float64 }

// collect waits until every probe is in the open case, or patience ends.
func collect(tab context.Context, t *testing.T, want int) sightings {
	t.Helper()
	var s sightings
	for range 100 {
		raw, err := chromedp.Run(tab, chromedp.Evaluate[[]byte](`window.__seen`))
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(raw, &s); err != nil {
			t.Fatal(err)
		}
		if len(s.Case) >= want {
			break
		}
		if err := chromedp.Do(tab, chromedp.Sleep(100*time.Millisecond)); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func delays(begun []time.Time, seen map[string]float64, zero time.Time) []time.Duration {
	var out []time.Duration
	for i, b := range begun {
		if ms, ok := seen[strconv.Itoa(i)]; ok {
			out = append(out, zero.Add(time.Duration(ms*float64(time.Millisecond))).Sub(b))
		}
	}
	slices.Sort(out)
	return out
}
