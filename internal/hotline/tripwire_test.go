package hotline

import (
	"math/rand/v2"
	"testing"
)

func TestEveryWireHasItsTension(t *testing.T) {
	t.Parallel()
	for _, w := range Wires() {
		if x := w.Tension(); x.Minutes <= 0 || x.Minutes > LongestWindow() {
			t.Errorf("%s: a window of %d minutes", w, x.Minutes)
		}
		for r, n := range w.Tension().Limits {
			if !r.Valid() || n <= 0 {
				t.Errorf("%s: %q may do %d", w, r, n)
			}
		}
	}
	if len(tensions) != len(Wires()) || Wire("x").Valid() {
		t.Error("the table and the list differ")
	}
}

func TestBound(t *testing.T) {
	t.Parallel()
	op, both := []Role{RoleOperator}, []Role{RoleOperator, RoleSupervisor}
	for _, c := range []struct {
		w      Wire
		roles  []Role
		others []int
		want   int
	}{
		{WireRead, op, nil, 40},
		{WireRead, both, nil, 60},
		{WireRead, []Role{RoleAuditor}, nil, 0},
		{WireRead, op, []int{500}, 40},             // one colleague is no median
		{WireRead, op, []int{5, 6, 7}, 40},         // a quiet house does not lower it
		{WireRead, op, []int{70, 80, 90}, 240},     // a busy one lifts it
		{WireRead, op, []int{10, 12, 900, 15}, 40}, // one who reads very much does not
		{WireRead, op, []int{10, 900}, 40},         // nor does he where there are two
		{WireExport, both, []int{4, 5, 6}, 0},
		{WireCanary, both, []int{4, 5, 6}, 0},
		{WireOld, op, []int{100, 100, 100}, 20},
	} {
		if got := c.w.Tension().Bound(c.roles, c.others); got != c.want {
			t.Errorf("%s of %v beside %v: %d, want %d", c.w, c.roles, c.others, got, c.want)
		}
	}
}

func TestRetell(t *testing.T) {
	t.Parallel()
	told, times := int64(41), 1
	for n := int64(42); n <= 5000; n++ {
		if Retell(told, n) {
			told, times = n, times+1
		}
	}
	if times > 8 {
		t.Errorf("5,000 reads are told %d times", times)
	}
}

// A month of a house of twelve, with a publicity surge of three days: nobody
// who works is told of, and one who reads everything is, on a quiet day and in
// the surge.
func TestSurgeDoesNotDrown(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	about := func(mean int) int { // ± 40 %, as shifts differ
		return max(1, mean*(60+r.IntN(81))/100)
	}
	op := []Role{RoleOperator}
	wire := WireRead.Tension()
	alarms, caught, hours := 0, 0, 0
	for hour := range 24 * 30 {
		mean := 8
		if day := hour / 24; day >= 12 && day < 15 {
			mean = 70
		}
		counts := make([]int, 4+r.IntN(9)) // on shift
		for i := range counts {
			counts[i] = about(mean)
		}
		hours += len(counts)
		for i, n := range counts {
			others := append(append([]int{}, counts[:i]...), counts[i+1:]...)
			if n > wire.Bound(op, others) {
				alarms++
			}
		}
		if 8*mean > wire.Bound(op, counts) { // one more, who reads eight times as much
			caught++
		}
	}
	t.Logf("%d false alarms in %d hours of work; who reads eight times as much as the others was told of in %d of %d hours", alarms, hours, caught, 24*30)
	if alarms != 0 || caught != 24*30 {
		t.Errorf("%d false alarms, caught in %d of %d hours", alarms, caught, 24*30)
	}
}
