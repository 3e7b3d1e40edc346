package intake_test

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/intake"
	"safeconduct/internal/seal"
	"safeconduct/internal/store/storetest"
)

// A receipt that no case answers to gets an answer of the same size, leaves
// the feed alone, and cannot be told apart from outside.
func TestUnknownReceipt(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		known := h.draft().finish(t)
		if r := h.send(known); r.answer.Status != seal.StatusReceived {
			t.Fatal(r)
		}
		before := h.contents()
		stranger := h.keys()
		after := int64(-1)
		for _, c := range []struct {
			call seal.Call
			args string
			want string
		}{
			{seal.Call{Op: seal.OpOpen}, "", seal.StatusKnown},
			{seal.Call{Op: seal.OpFetch, After: &after}, " " + strconv.FormatInt(after, 10), seal.StatusNothing},
			{seal.Call{Op: seal.OpPutAway, IDs: []seal.Hash{{1}}}, " " + seal.Hash{1}.String(), seal.StatusReceived},
		} {
			ask := func(keys seal.Contact) reaction {
				c.call.Lookup = keys.Lookup
				return h.request(keys, c.call, keys.Lookup.String()+c.args, keys.Signing)
			}
			no := ask(stranger)
			if no.answer.Status != seal.StatusUnknown || len(no.parts) != 0 || !no.answer.Case.IsZero() {
				t.Errorf("%s: a stranger hears %+v", c.call.Op, no.answer)
			}
			if c.call.Op == seal.OpOpen && !slices.Equal(before.cases, h.contents().cases) {
				t.Error("a stranger changes what desks see")
			}
			yes := ask(known.keys)
			if yes.answer.Status != c.want || yes.size != no.size || yes.status != no.status {
				t.Errorf("%s: %q with %d bytes, a stranger gets %d", c.call.Op, yes.answer.Status, yes.size, no.size)
			}
		}
		if cases := h.cases(); len(cases) != 1 || hotline.CaseID(cases[0].ID) != known.gen.Case {
			t.Errorf("desks see %d cases", len(cases))
		}
	})
}

// The time of an answer does not tell whether a receipt is known: medians over
// a thousand interleaved requests lie within five per cent. A busy machine
// gets three attempts. It is not parallel, so that no other test of this
// package runs beside it.
func TestUnknownReceiptTakesTheSameTime(t *testing.T) {
	h := newHouse(t, storetest.Open(t, storetest.URL(t, storetest.SQLite)), intake.Limits{})
	known := h.draft().finish(t)
	if r := h.send(known); r.answer.Status != seal.StatusReceived {
		t.Fatal(r)
	}
	const rounds = 500
	worst := 0.0
	for attempt := range 3 {
		yes, no := h.openMany(known.keys, rounds)
		worst = 1 - float64(min(yes, no))/float64(max(yes, no))
		t.Logf("attempt %d: known %v, unknown %v: %.1f %%", attempt+1, yes, no, 100*worst)
		if worst <= 0.05 {
			return
		}
	}
	t.Errorf("the medians differ by %.1f %%", 100*worst)
}

// openMany opens a known and an unknown receipt in turn and returns the median
// times of the server's answers.
func (h *house) openMany(known seal.Contact, rounds int) (yes, no time.Duration) {
	h.t.Helper()
	challenge := h.challenge()
	stranger := h.keys()
	prepare := func(keys seal.Contact) []byte {
		call := seal.Call{Op: seal.OpOpen, Lookup: keys.Lookup}
		req := must[seal.Signed](h.t)(seal.SignRequest(keys.CaseID(), seal.OpOpen, []byte(keys.Lookup.String()), challenge, keys.Signing))
		envelope, _, err := seal.NewEnvelope(h.intakeKey.Recipient(), call, req.Text())
		if err != nil {
			h.t.Fatal(err)
		}
		return hardPost(h.t, challenge, envelope).Bytes()
	}
	times := map[bool][]time.Duration{}
	for n := range 2 * rounds {
		isKnown := n%2 == 0
		keys := stranger
		if isKnown {
			keys = known
		}
		keys.Lookup = map[bool]seal.Lookup{true: known.Lookup, false: seal.Lookup(random(16))}[isKnown]
		body := prepare(keys)
		start := time.Now()
		r := h.postBody(body, nil)
		times[isKnown] = append(times[isKnown], time.Since(start))
		if r.status != 200 {
			h.t.Fatalf("%d %s", r.status, r.kind)
		}
	}
	for _, list := range times {
		slices.Sort(list)
	}
	return times[true][rounds/2], times[false][rounds/2]
}
