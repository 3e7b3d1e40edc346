package hotline

import (
	"testing"

	"pgregory.net/rapid"
)

func TestRetentionBounds(t *testing.T) {
	t.Parallel()
	def := DefaultRetention()
	if err := def.Check(); err != nil {
		t.Fatal(err)
	}
	for _, l := range def.Lines() {
		for _, days := range []int{l.Min - 1, l.Max + 1, -1, 1 << 40} {
			r, err := def.Set(l.Key, days)
			if err == nil {
				err = r.Check()
			}
			if KindOf(err) != KindInvalid {
				t.Errorf("%s = %d: %v", l.Key, days, err)
			}
		}
		r, err := def.Set(l.Key, l.Value+1)
		if err != nil || len(def.Difference(r)) != 1 {
			t.Errorf("%s: %v, %v", l.Key, def.Difference(r), err)
		}
	}
	if _, err := def.Set("closed", 3); KindOf(err) != KindInvalid {
		t.Errorf("a line that is not there: %v", err)
	}
	// A grace of a week everywhere needs the words of reading to go sooner.
	short := def
	short.Closed.Fold = 7
	if KindOf(short.Check()) != KindInvalid {
		t.Error("words about a case may outlive its folding")
	}
}

func TestRetentionCoversTheEnds(t *testing.T) {
	t.Parallel()
	for _, s := range Stages() {
		if _, ok := DefaultRetention().Of(s); ok == s.Open() {
			t.Errorf("%s: in the table %v, open %v", s, ok, s.Open())
		}
	}
	if len(EndStages()) != 4 {
		t.Errorf("ends: %v", EndStages())
	}
}

// When something goes depends on the day of the end alone, never on its hour.
func TestRetentionKnowsDaysOnly(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		k := Keeping{Fold: rapid.IntRange(7, 366).Draw(t, "fold"), Whole: rapid.IntRange(367, 1000).Draw(t, "whole")}
		closed := Hour(rapid.IntRange(0, 1<<22).Draw(t, "closed"))
		due := func(now Hour) bool { return closed.Day() <= k.FoldBy(now.Day()) }
		first := (closed.Day() + Day(k.Fold) + 1).Hour()
		if due(first-1) || !due(first) || !due(first+23) {
			t.Fatalf("closed in hour %d, grace %d days: due at another time than hour %d", closed, k.Fold, first)
		}
		if first < closed+Hour(24*k.Fold) {
			t.Fatal("folded before the grace is over")
		}
	})
	if Hour(-1).Day() != -1 || Hour(0).Day() != 0 || Hour(23).Day() != 0 || Hour(24).Day() != 1 {
		t.Error("hours fall into wrong days")
	}
}
