package bench

import (
	"bufio"
	"crypto/sha256"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
	"safeconduct/internal/store/storetest"
)

// The comparison finds what is not there, what is damaged and what is there
// twice: otherwise "lost 0, doubled 0" would say nothing.
func TestCompareFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		d := open()
		c := storetest.NewCase(t, d, nil)
		insert := func(id [32]byte, header string, file []byte) {
			err := d.Update(t.Context(), func(tx *store.Tx) error {
				_, err := tx.InsertRecord(t.Context(), db.InsertRecordParams{
					ID: id[:], CaseID: c.ID, Side: "contact", Header: []byte(header), File: file, Hour: 1,
				})
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		w := &writer{id: hotline.CaseID(c.ID)}
		var kept []letter
		add := func(text string) []byte {
			kept = append(kept, letter{record: sha256.Sum256([]byte(text)), from: w})
			return []byte(text)
		}
		check := func(wantLost, wantDoubled int) {
			t.Helper()
			lost, doubled, err := compare(t.Context(), d, kept)
			if err != nil || lost != wantLost || doubled != wantDoubled {
				t.Errorf("lost %d (want %d), doubled %d (want %d), %v", lost, wantLost, doubled, wantDoubled, err)
			}
		}
		for n := range pageOf + 3 { // more than one page
			text := strings.Repeat("x", n+1)
			insert(sha256.Sum256([]byte(text)), "header "+text, add(text))
		}
		check(0, 0)
		add("never arrived")
		check(1, 0)
		insert(sha256.Sum256(add("whole")), "header whole", []byte("damaged"))
		check(2, 0)
		insert([32]byte{1}, "header x", []byte("another file under the same header"))
		check(2, 1)
		insert([32]byte{2}, "another header", []byte("x"))
		check(2, 2)
	})
}

// door answers every POST as it is told to.
func door(t *testing.T, answer string) string {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				for in := bufio.NewReader(c); ; {
					req, err := http.ReadRequest(in)
					if err != nil {
						return
					}
					_, _ = io.Copy(io.Discard, req.Body)
					if _, err := io.WriteString(c, answer); err != nil || answer == "" {
						return
					}
				}
			}()
		}
	}()
	return l.Addr().String()
}

// A door that says "OK" without the server's key, turns away, or hangs up is
// not counted as having kept anything.
func TestOnlyReceivedCounts(t *testing.T) {
	t.Parallel()
	intake, err := seal.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	_, key, err := seal.NewEnvelope(intake.Recipient(), seal.Call{Op: seal.OpSend}, []byte("a"))
	if err != nil {
		t.Fatal(err)
	}
	one := letter{request: []byte("POST /v1/envelope HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na"), answer: key}
	for name, tc := range map[string]struct {
		answer        string
		refused, lost int
	}{
		"another key": {"HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\n" + strings.Repeat("x", 60), 2, 0},
		"busy":        {"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\n\r\n{}", 2, 0},
		"hangs up":    {"", 0, 1},
		"no HTTP":     {"received\n", 0, 1},
	} {
		o, err := load{host: door(t, tc.answer), lanes: [][]letter{{one, one}}, duration: 10 * time.Second}.run(t.Context())
		if err != nil || len(o.kept) != 0 || len(o.took) != 0 || o.refused != tc.refused || o.lost != tc.lost || o.why == "" {
			t.Errorf("%s: kept %d, refused %d, lost %d, %q, %v", name, len(o.kept), o.refused, o.lost, o.why, err)
		}
	}
}

func TestFixedRate(t *testing.T) {
	t.Parallel()
	l := load{lanes: make([][]letter, 4), rate: 200}
	begin := time.Unix(1000, 0)
	var all []time.Duration
	for lane := range l.lanes {
		for n := range 50 {
			all = append(all, l.due(begin, lane, n).Sub(begin))
		}
	}
	slices.Sort(all)
	for i, d := range all {
		if want := time.Duration(i) * 5 * time.Millisecond; d < want-time.Microsecond || d > want+time.Microsecond {
			t.Fatalf("letter %d goes at %s", i, d)
		}
	}
}

func TestPercentile(t *testing.T) {
	t.Parallel()
	var times []time.Duration
	for _, n := range rand.Perm(100) {
		times = append(times, time.Duration(n+1)*time.Millisecond)
	}
	slices.Sort(times)
	for p, want := range map[float64]float64{0: 1, 1: 1, 50: 50, 99: 99, 99.5: 100, 100: 100} {
		if got := percentile(times, p); got != want {
			t.Errorf("percentile %g: %g", p, got)
		}
	}
	if percentile(nil, 50) != 0 || percentile(times[:1], 99) != 1 {
		t.Error("none, one")
	}
}

func TestProcessFigures(t *testing.T) {
	t.Parallel()
	before, err := processorTime(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	own, err := ownTime()
	if err != nil {
		t.Fatal(err)
	}
	if d := own - before; d < -50*time.Millisecond || d > 5*time.Second {
		t.Errorf("the two ways to read processor time differ by %s", d)
	}
	now, err := residentMiB(os.Getpid(), false)
	if err != nil || now < 1 {
		t.Errorf("%g MiB, %v", now, err)
	}
	if highest, err := residentMiB(os.Getpid(), true); err != nil || highest < 1 {
		t.Errorf("%g MiB at the highest, %v", highest, err)
	}
}
