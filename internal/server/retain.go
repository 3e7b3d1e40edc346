package server

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	strict "github.com/go-json-experiment/json"

	"safeconduct/internal/hotline"
	"safeconduct/internal/journal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

const (
	// settingRetention holds the table once two people have changed it.
	settingRetention = "retention"
	// settingKeeper holds the state of the job that lets things go.
	settingKeeper = "retention state"
	// retainEvery is how often the job runs, on one node.
	retainEvery = time.Hour
	// maxLeap is how many hours may lie between two runs. A server that was off for
	// longer, or a clock that is wrong, needs a person's word before anything goes.
	maxLeap = 72
	// maxDrift is how many hours the clock may go ahead of the time for which this
	// process has run (a computer that slept does not count its sleep).
	maxDrift = 12
	// maxFolds and maxRemovals bound one run.
	maxFolds    = 200
	maxRemovals = 200
	// deepHour is the hour of the day (UTC) from which the database is rewritten
	// when something was removed since the last time.
	deepHour = 2
)

// keeper is the state of the job, shared by all nodes.
type keeper struct {
	Hour   hotline.Hour `json:"hour"`            // the latest hour that was believed
	Due    int64        `json:"due"`             // unix milliseconds: the next turn
	Leap   *leap        `json:"leap,omitempty"`  // the clock is not believed: nothing goes
	Words  int64        `json:"words"`           // leaves before it have been looked at
	Dirty  bool         `json:"dirty,omitempty"` // something was removed since the database was rewritten
	Scrub  hotline.Day  `json:"scrub"`           // day of the last rewriting
	Failed string       `json:"failed,omitempty"`
}

// leap is a jump of the clock.
type leap struct {
	From hotline.Hour `json:"from"`
	To   hotline.Hour `json:"to"`
}

// retention returns the table in force.
func retention(ctx context.Context, tx *store.Tx) (hotline.Retention, error) {
	r := hotline.DefaultRetention()
	b, err := tx.Setting(ctx, settingRetention)
	if store.Missing(err) {
		return r, nil
	}
	if err != nil {
		return r, err
	}
	if err := strict.Unmarshal(b, &r, strict.RejectUnknownMembers(true)); err != nil {
		return r, hotline.Errorf(hotline.KindInternal, "server", "the table of retention is damaged: nothing is removed")
	}
	return r, r.Check()
}

// parseKeeper reads the state; an empty one is a beginning.
func parseKeeper(b []byte) (keeper, error) {
	var k keeper
	if len(b) == 0 {
		return k, nil
	}
	if err := json.Unmarshal(b, &k); err != nil {
		return k, hotline.Errorf(hotline.KindInternal, "server", "the state of retention is damaged: nothing is removed")
	}
	return k, nil
}

// keeping changes the state under the lock that all nodes share.
func (s *Server) keeping(ctx context.Context, change func(*keeper)) (k keeper, err error) {
	err = s.db.Swap(ctx, settingKeeper, func(old []byte) ([]byte, error) {
		if k, err = parseKeeper(old); err != nil {
			return nil, err
		}
		change(&k)
		return json.Marshal(k)
	})
	return k, err
}

// turn reports whether this node is to run the job now. A turn that lies
// further ahead than one can is of a clock that went back.
func (s *Server) turn(ctx context.Context) (mine bool, err error) {
	now := s.clock().UnixMilli()
	_, err = s.keeping(ctx, func(k *keeper) {
		if mine = now >= k.Due || k.Due-now > 2*retainEvery.Milliseconds(); mine {
			k.Due = now + retainEvery.Milliseconds()
		}
	})
	return mine, err
}

// retainInTurn runs the job when it is this node's turn.
func (s *Server) retainInTurn(ctx context.Context) {
	mine, err := s.turn(ctx)
	if err == nil && mine {
		_, err = s.Retain(ctx)
	}
	if err != nil && ctx.Err() == nil {
		s.log.WarnContext(ctx, "what is due could not be let go", "kind", hotline.KindOf(err).String())
	}
}

// passed is what this process has seen of both clocks at its last look.
type passed struct {
	hour hotline.Hour
	up   time.Duration
	seen bool
}

// clocks reads both clocks at one moment: a process that was stopped between
// the two would take its sleep for a leap.
func (s *Server) clocks() (now hotline.Hour, up time.Duration) {
	if s.uptime == nil {
		return s.hour(), 0
	}
	for {
		up, now = s.uptime(), s.hour()
		if s.uptime()-up < time.Minute {
			return now, up
		}
	}
}

// leapt reports whether the wall clock has gone ahead since the last look of
// this process by much more than time has gone by.
func (s *Server) leapt(now hotline.Hour, up time.Duration) bool {
	if s.uptime == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	last := s.passed
	s.passed = passed{now, up, true}
	return last.seen && now-last.hour-hotline.Hour((up-last.up)/time.Hour) > maxDrift
}

// believe takes the clock for true if it has gone on by itself. Once it was
// ahead of time it is believed again when it was set back, or a supervisor says so.
func (k *keeper) believe(now hotline.Hour, leapt bool) {
	switch {
	case leapt && k.Hour != 0 && now-k.Hour > maxDrift:
		k.Leap = &leap{From: k.Hour, To: now}
	case k.Leap != nil && k.Leap.To > k.Leap.From && now >= k.Leap.To:
	case k.Hour == 0 || (now >= k.Hour && now-k.Hour <= maxLeap):
		k.Hour, k.Leap = now, nil
	case now < k.Hour && k.Hour-now <= 1 && k.Leap == nil: // nodes differ by a little
	default:
		k.Leap = &leap{From: k.Hour, To: now}
	}
}

// believed looks at the clock. The first look ever compares it with the newest
// entry of the journal, so that a new program does not trust a wrong clock.
func (s *Server) believed(ctx context.Context) (keeper, error) {
	var last hotline.Hour
	err := s.db.View(ctx, func(tx *store.Tx) error {
		head, err := tx.JournalHead(ctx)
		if err != nil {
			return err
		}
		rows, err := source{tx}.Leaves(ctx, max(0, head.Size-1), 1)
		if err == nil && len(rows) == 1 && rows[0].Opening != nil {
			if e, err := journal.ParseEntry(rows[0].Opening.Line); err == nil {
				last = hotline.Hour(e.Hour)
			}
		}
		return err
	})
	if err != nil {
		return keeper{}, err
	}
	now, up := s.clocks()
	leapt := s.leapt(now, up)
	return s.keeping(ctx, func(k *keeper) {
		if k.Hour == 0 {
			k.Hour = last
		}
		k.believe(now, leapt)
	})
}

// Retained says what a run has let go.
type Retained struct {
	Paused  bool // the clock is not believed: nothing was touched
	Folded  int
	Removed int
	Notes   int64 // positions
	Words   int64 // leaves of the journal that have lost their words, those of folded cases aside
	Deep    bool  // the database was rewritten
}

// any reports whether something of a person was let go.
func (r *Retained) any() bool { return r.Folded+r.Removed > 0 || r.Notes > 0 }

// Retain lets go what is due by the table: it folds and removes cases that have
// ended, drops words of the journal and traces of removals, and makes unreadable
// what is gone. It may run on several nodes at once; each case is one act.
func (s *Server) Retain(ctx context.Context) (Retained, error) {
	var out Retained
	now := s.hour()
	k, err := s.believed(ctx)
	if err != nil {
		return out, err
	}
	if k.Leap != nil {
		out.Paused = true
		s.log.WarnContext(ctx, "the clock has jumped: nothing is removed until it is right or a supervisor says so")
		return out, nil
	}
	err = s.retain(ctx, now, &out)
	_, keepErr := s.keeping(ctx, func(k *keeper) {
		k.Dirty = k.Dirty || out.any()
		k.Failed = ""
		if err != nil {
			k.Failed = hotline.KindOf(err).String()
		}
	})
	if err == nil {
		err = keepErr
	}
	return out, err
}

func (s *Server) retain(ctx context.Context, now hotline.Hour, out *Retained) error {
	today := now.Day()
	var r hotline.Retention
	err := s.db.View(ctx, func(tx *store.Tx) (err error) {
		r, err = retention(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	if err := s.retainCases(ctx, r, today, out); err != nil {
		return err
	}
	n, err := s.removeKeyless(ctx)
	if out.Removed += n; err != nil {
		return err
	}
	if out.Notes, err = s.dropFieldNotes(ctx, today-hotline.FieldNoteDays); err != nil {
		return err
	}
	if out.Words, err = s.dropWords(ctx, today-hotline.Day(r.Reads)); err != nil {
		return err
	}
	if err := s.dropTraces(ctx, today-hotline.Day(r.Trace)); err != nil {
		return err
	}
	if err := s.dropProposals(ctx, today-hotline.Day(r.Reads)); err != nil {
		return err
	}
	if err := s.forgetMarks(ctx); err != nil {
		return err
	}
	return s.unreadable(ctx, now, out)
}

// retainCases folds and removes.
func (s *Server) retainCases(ctx context.Context, r hotline.Retention, today hotline.Day, out *Retained) error {
	for _, stage := range hotline.EndStages() {
		k, _ := r.Of(stage)
		var fold, remove [][]byte
		err := s.db.View(ctx, func(tx *store.Tx) (err error) {
			remove, err = tx.CasesToRemove(ctx, db.CasesToRemoveParams{
				Stage: string(stage), BeforeHour: int64((k.WholeBy(today) + 1).Hour()), MaxRows: int32(maxRemovals - out.Removed), //nolint:gosec // small
			})
			if err != nil {
				return err
			}
			fold, err = tx.CasesToFold(ctx, db.CasesToFoldParams{
				Stage: string(stage), BeforeHour: int64((k.FoldBy(today) + 1).Hour()), MaxRows: int32(maxFolds - out.Folded), //nolint:gosec // small
			})
			return err
		})
		if err != nil {
			return err
		}
		for _, id := range remove {
			n, err := s.removeDue(ctx, id, today)
			if err != nil {
				return err
			}
			out.Removed += n
		}
		for _, id := range fold {
			done, err := s.fold(ctx, id, today)
			if err != nil {
				return err
			}
			out.Folded += one(done)
		}
	}
	return nil
}

func one(done bool) int {
	if done {
		return 1
	}
	return 0
}

// due reports whether a case that has ended is past a time. Somebody who waits
// holds everything up.
func due(g group, by func(hotline.Keeping) hotline.Day, r hotline.Retention) bool {
	row := g.row
	k, ended := r.Of(hotline.Stage(row.Stage))
	return ended && row.ClosedHour.Valid && !g.waits() && row.Version > 0 &&
		hotline.Hour(row.ClosedHour.Int64).Day() <= by(k)
}

// manyCases are the acts whose words name several cases, or one that is gone.
var manyCases = []string{actSync, actLocate, actRemove}

// wordsPage is how many leaves one act looks through.
const wordsPage = 500

// dropWords lets go what leaves before a day say about several cases at once.
func (s *Server) dropWords(ctx context.Context, before hotline.Day) (int64, error) {
	var total int64
	for {
		var k keeper
		next := int64(-1)
		var drop []int64
		err := s.db.View(ctx, func(tx *store.Tx) error {
			b, err := tx.Setting(ctx, settingKeeper)
			if err != nil {
				return err
			}
			if k, err = parseKeeper(b); err != nil {
				return err
			}
			rows, err := source{tx}.Leaves(ctx, k.Words, wordsPage)
			for _, row := range rows {
				if row.Opening != nil {
					e, err := journal.ParseEntry(row.Opening.Line)
					if err == nil && hotline.Hour(e.Hour).Day() >= before {
						break // what follows is newer
					}
					if err == nil && slices.Contains(manyCases, e.Act) {
						drop = append(drop, row.Index)
					}
				}
				next = row.Index + 1
			}
			return err
		})
		if err != nil || next < 0 {
			return total, err
		}
		if err := s.forgetLeaves(ctx, drop); err != nil {
			return total, err
		}
		total += int64(len(drop))
		if _, err := s.keeping(ctx, func(k *keeper) { k.Words = max(k.Words, next) }); err != nil {
			return total, err
		}
	}
}

func (s *Server) forgetLeaves(ctx context.Context, leaves []int64) error {
	if len(leaves) == 0 {
		return nil
	}
	return s.act(ctx, caller{}, func(context.Context, *store.Tx) (*deed, error) {
		return &deed{
			act:    actWords,
			detail: detail{"from": number(leaves[0]), "to": number(leaves[len(leaves)-1]), "leaves": number(len(leaves))},
			write: func(ctx context.Context, tx *store.Tx, _ int64) error {
				for _, idx := range leaves {
					if _, err := tx.ForgetJournalLeaf(ctx, idx); err != nil {
						return err
					}
				}
				return nil
			},
		}, nil
	})
}

// dropTraces lets go that cases were removed before a day.
func (s *Server) dropTraces(ctx context.Context, before hotline.Day) error {
	var old bool
	err := s.db.View(ctx, func(tx *store.Tx) error {
		n, err := tx.CountGoneBefore(ctx, int64(before))
		old = n > 0
		return err
	})
	if err != nil || !old {
		return err
	}
	return s.act(ctx, caller{}, func(context.Context, *store.Tx) (*deed, error) {
		return &deed{act: actTraces, detail: detail{"before": number(int64(before))}, write: func(ctx context.Context, tx *store.Tx, _ int64) error {
			_, err := tx.DeleteGoneBefore(ctx, int64(before))
			return err
		}}, nil
	})
}

// dropFieldNotes lets go of positions that came before a day. That one came
// stays in the conversation; no leaf tells of each that went.
func (s *Server) dropFieldNotes(ctx context.Context, before hotline.Day) (n int64, err error) {
	err = s.act(ctx, caller{}, func(ctx context.Context, tx *store.Tx) (*deed, error) {
		n, err = tx.DeleteFieldNotesBefore(ctx, int64(before))
		return nil, err
	})
	return n, err
}

// aboutOne are the acts of two people whose texts name a person's case.
var aboutOne = []hotline.Shared{hotline.SharedForget, hotline.SharedProtection}

// dropProposals lets go of what two people had to decide about single persons
// and was over before a day: it names a case and the hours of its end.
func (s *Server) dropProposals(ctx context.Context, before hotline.Day) error {
	for _, act := range aboutOne {
		hour := int64(before.Hour())
		var old int64
		err := s.db.View(ctx, func(tx *store.Tx) (err error) {
			old, err = tx.CountEndedProposals(ctx, string(act), hour)
			return err
		})
		if err != nil {
			return err
		}
		if old == 0 {
			continue
		}
		err = s.act(ctx, caller{}, func(context.Context, *store.Tx) (*deed, error) {
			return &deed{act: actTraces, detail: detail{"before": number(int64(before)), "proposals": number(old)}, write: func(ctx context.Context, tx *store.Tx, _ int64) error {
				_, err := tx.DeleteEndedProposals(ctx, string(act), hour)
				return err
			}}, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// unreadable empties the log after each run that removed something, and rewrites
// the database once a night when something was removed since.
func (s *Server) unreadable(ctx context.Context, now hotline.Hour, out *Retained) error {
	k, err := s.keeping(ctx, func(k *keeper) {
		k.Dirty = k.Dirty || out.any()
		if k.Scrub == 0 {
			k.Scrub = now.Day() - 1
		}
	})
	if err != nil {
		return err
	}
	if k.Dirty && k.Scrub < now.Day() && now-now.Day().Hour() >= deepHour {
		out.Deep = true
		return s.scrub(ctx)
	}
	if !out.any() && out.Words == 0 {
		return nil
	}
	err = s.db.Tidy(ctx)
	if hotline.KindOf(err) == hotline.KindBusy {
		return nil // the next run tries again
	}
	return err
}

// scrub rewrites the database and notes it.
func (s *Server) scrub(ctx context.Context) error {
	if err := s.db.Scrub(ctx); err != nil {
		return err
	}
	_, err := s.keeping(ctx, func(k *keeper) { k.Dirty, k.Scrub = false, s.hour().Day() })
	return err
}
