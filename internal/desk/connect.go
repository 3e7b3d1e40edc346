package desk

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"golang.org/x/sync/errgroup"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
)

const (
	firstRetry   = 200 * time.Millisecond
	longestRetry = 30 * time.Second
	actTimeout   = 20 * time.Second // of one request: then its answer counts as lost
	enrolPoll    = 3 * time.Second
)

// stayConnected keeps the desk connected from unlocking to locking.
func (s *session) stayConnected() {
	wait := firstRetry
	for {
		began := s.d.cfg.Clock.Now()
		err := s.connect(s.ctx)
		if s.ctx.Err() != nil {
			return
		}
		s.setOffline(err)
		if s.d.cfg.Clock.Now().Sub(began) > time.Minute {
			wait = firstRetry // it worked for a while: the next try may come soon
		}
		jitter := wait/2 + rand.N(wait/2+1) //nolint:gosec // spreads load, hides nothing
		select {
		case <-s.ctx.Done():
			return
		case <-s.kick:
			wait = firstRetry
		case <-s.d.cfg.Clock.After(jitter):
			wait = min(2*wait, longestRetry)
		}
	}
}

func (s *session) setOffline(err error) {
	_ = s.under(func() error { // a locked desk shows no reason
		was := s.online
		s.online, s.offline = false, hotline.SaidBy(err)
		if was {
			s.d.cfg.Log.Info("the connection ended", "kind", hotline.KindOf(err).String())
		}
		s.d.changed(NoticeState)
		return nil
	})
}

// contact notes that the server answered.
func (s *session) contact() error {
	return s.under(func() error {
		s.lastContact = s.d.cfg.Clock.Now()
		return nil
	})
}

// connect works until the connection ends; the error says why.
func (s *session) connect(ctx context.Context) error {
	if err := s.finishEnrolment(ctx); err != nil {
		return err
	}
	if err := s.handshake(ctx); err != nil {
		return err
	}
	var cursor int64
	err := s.under(func() error {
		s.online, s.offline = true, hotline.Sentence{}
		cursor = s.cursor
		// A document can have come between its fetching and that of the rows,
		// and the feed begins after the rows.
		s.docsDue, s.votesDue = true, true
		s.watchDue = true
		s.d.changed(NoticeState)
		s.d.changed(NoticeQueue)
		return nil
	})
	if err != nil {
		return err
	}
	poke(s.work)
	poke(s.uploads)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.client.Live(ctx, cursor, s.event) })
	group.Go(func() error { return s.worker(ctx) })
	group.Go(func() error { return s.keepCasesOften(ctx) })
	if err := group.Wait(); err != nil {
		return err
	}
	return hotline.Errorf(hotline.KindUnavailable, "connect", "the connection ended")
}

// handshake brings the desk up to date with the server, distrusting it.
func (s *session) handshake(ctx context.Context) error {
	me, err := s.client.Me(ctx)
	if err != nil {
		return err
	}
	if err := s.contact(); err != nil {
		return err
	}
	var known, cases bool
	if err := s.under(func() error { known = s.verifier != nil; return nil }); err != nil {
		return err
	}
	if known {
		// Before the documents: after a restore they have gone back too, and the
		// journal says why.
		if err := s.refreshCheckpoint(ctx); err != nil {
			return err
		}
	}
	if err := s.refreshDocuments(ctx); err != nil {
		return err
	}
	err = s.under(func() error {
		switch {
		case s.roster.Serial == 0 || s.manifest.Serial == 0:
			return hotline.Errorf(hotline.KindForged, "connect", "the server shows no roster and manifest that verify")
		case s.me.ID == "":
			return hotline.Errorf(hotline.KindDenied, "connect", "this desk is not in the roster")
		case !s.me.Active():
			return hotline.Errorf(hotline.KindDenied, "connect", "this desk's access was ended by an administrator")
		case me.Member.ID != s.me.ID:
			return hotline.Errorf(hotline.KindForged, "connect", "the server takes this desk for somebody else")
		}
		cases = hotline.Allowed(hotline.ActionSync, s.me.Roles...)
		return nil
	})
	if err != nil {
		return err
	}
	if !known {
		if err := s.refreshCheckpoint(ctx); err != nil {
			return err
		}
	}
	if err := s.refreshProposals(ctx); err != nil {
		return err
	}
	if !cases {
		return nil
	}
	if err := s.refreshEpochs(ctx); err != nil {
		return err
	}
	return s.readFeed(ctx)
}

// readFeed reads the rows of all cases that changed since the cursor.
func (s *session) readFeed(ctx context.Context) error {
	var after int64
	var whole bool
	if err := s.under(func() error { after = s.cursor; whole = after == 0; return nil }); err != nil {
		return err
	}
	for {
		page, err := s.client.Cases(ctx, after)
		if err != nil {
			return err
		}
		err = s.under(func() error {
			for _, row := range page.Cases {
				s.takeRow(row)
			}
			s.cursor = max(s.cursor, page.Cursor)
			return nil
		})
		if err != nil {
			return err
		}
		if !page.More || page.Cursor <= after {
			break
		}
		after = page.Cursor
	}
	if err := s.refreshGone(ctx); err != nil || !whole {
		return err
	}
	return s.under(func() error {
		s.counted = true
		return s.checkVanished(func(id hotline.CaseID) bool { _, ok := s.rows[id]; return ok })
	})
}

// recount reads the list of all cases once in a session that went on from its
// cards: what the server has dropped from it the feed does not tell.
func (s *session) recount(ctx context.Context) error {
	done := false
	if err := s.under(func() error { done = s.counted; return nil }); err != nil || done {
		return err
	}
	seen := map[hotline.CaseID]bool{}
	after := int64(0)
	for {
		page, err := s.client.Cases(ctx, after)
		if err != nil {
			return err
		}
		err = s.under(func() error {
			for _, row := range page.Cases {
				s.takeRow(row)
				seen[row.ID] = true
			}
			return nil
		})
		if err != nil {
			return err
		}
		last := !page.More || page.Cursor <= after
		after = max(after, page.Cursor)
		if last {
			break
		}
	}
	return s.under(func() error {
		s.counted = true
		for id, row := range s.rows { // what came while the list was read has a later version
			if !seen[id] && row.Version <= after {
				s.forget(id)
			}
		}
		return s.checkVanished(func(id hotline.CaseID) bool { _, ok := s.rows[id]; return ok })
	})
}

// forget drops what this desk has of a case that the server has no more.
func (s *session) forget(id hotline.CaseID) {
	if f := s.files[id]; f != nil {
		f.wipe()
	}
	delete(s.files, id)
	delete(s.rows, id)
	delete(s.dirty, id)
	s.cards.drop(id)
	s.texts.drop(id)
	s.d.changedCase(id)
}

// event takes one event of the live feed.
func (s *session) event(e api.Event) error {
	return s.under(func() error {
		s.lastContact = s.d.cfg.Clock.Now()
		s.cursor = max(s.cursor, e.Cursor)
		switch e.Kind {
		case api.EventCase:
			if e.Case != nil {
				s.takeRow(*e.Case)
			}
		case api.EventDocument:
			s.docsDue = true
		case api.EventTripwire:
			s.watchDue = true
		case api.EventEpoch:
			s.epochsDue = true
		case api.EventGone:
			s.goneDue = true
		case api.EventApproval:
			s.votesDue = true
		case api.EventEnrol:
			s.d.changed(NoticeState)
		}
		poke(s.work)
		return nil
	})
}

// worker does in the background what events, acts and the outbox ask for.
func (s *session) worker(ctx context.Context) error {
	for {
		if err := s.workOnce(ctx); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.work:
		}
	}
}

func (s *session) workOnce(ctx context.Context) error {
	var docs, epochs, gone, votes, cases, watch bool
	err := s.under(func() error {
		docs, epochs, gone, votes = s.docsDue, s.epochsDue, s.goneDue, s.votesDue
		watch = s.watchDue && hotline.Allowed(hotline.ActionWatch, s.me.Roles...)
		s.docsDue, s.epochsDue, s.goneDue, s.votesDue, s.watchDue = false, false, false, false, false
		cases = hotline.Allowed(hotline.ActionSync, s.me.Roles...)
		return nil
	})
	if err != nil {
		return err
	}
	if docs {
		if err := s.refreshDocuments(ctx); err != nil {
			return err
		}
	}
	if docs || votes { // a roster says who may propose and approve
		if err := s.refreshProposals(ctx); err != nil {
			return err
		}
	}
	if docs {
		if err := s.keepManifestFresh(ctx); err != nil {
			return err
		}
	}
	if watch || docs { // with a new roster other signatures verify
		if err := s.watchOnce(ctx, watch); err != nil {
			return err
		}
	}
	if docs || epochs || votes {
		if err := s.goOn(ctx); err != nil {
			return err
		}
	}
	if !cases {
		return s.letGoOnce(ctx, docs, epochs, votes)
	}
	if err := s.tellOpened(ctx); err != nil {
		return err
	}
	if docs || epochs { // a newcomer in the roster needs wraps
		if err := s.refreshEpochs(ctx); err != nil {
			return err
		}
	}
	if gone {
		if err := s.refreshGone(ctx); err != nil {
			return err
		}
	}
	if err := s.flush(ctx); err != nil {
		return err
	}
	if err := s.syncDirty(ctx); err != nil {
		return err
	}
	if docs { // at the beginning of each connection, and after a restore was accepted
		if err := s.sealAgain(ctx); err != nil {
			return err
		}
	}
	if err := s.letGoOnce(ctx, docs, epochs, votes); err != nil {
		return err
	}
	return s.recount(ctx)
}

// lost reports whether an error means that there is no connection, so that the
// same thing may be done again later.
func lost(err error) bool {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	switch hotline.KindOf(err) {
	case hotline.KindUnavailable, hotline.KindUnknown, hotline.KindBusy:
		return true
	default:
		return false
	}
}
