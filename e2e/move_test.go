package e2e

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/installation"
	"safeconduct/internal/store"
	"safeconduct/internal/store/storetest"
)

// TestMoveToPostgres moves a running authority's database, kills the move several
// times, and goes on with the same desk and the same person.
func TestMoveToPostgres(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	d := h.openDesk()
	keys := quickKeys(t)
	if _, err := h.contact().StartWith(t.Context(), keys, "We are four.", "en"); err != nil {
		t.Fatal(err)
	}
	id := onlyCase(t, d)
	if r, err := d.Reply(t.Context(), id, "Stay where you are."); err != nil || r.Outcome != desk.OutcomeSent {
		t.Fatalf("reply: %+v, %v", r, err)
	}
	target := storetest.URL(t, storetest.Postgres)
	move := []string{built.product, "db", "move", "--from", h.dir, "--to", target}

	// Beside a running server nothing is moved.
	p := start(t, move...)
	<-p.exited
	if p.state == nil || !strings.Contains(p.err.String(), "stop `safeconduct serve`") {
		t.Errorf("beside a running server: %v %s", p.state, p.err)
	}
	h.server.stop()
	manyRows(t, h.database())

	kills := 0
	for try := 0; try < 40; try++ {
		p = start(t, move...)
		select {
		case <-p.exited:
		case <-saying(t, p.err, "move: setting"):
			if kills < 5 {
				p.kill()
				kills++
				refusesToServe(t, h)
			}
			<-p.exited
		}
		if p.state == nil {
			break
		}
	}
	if p.state != nil || !strings.Contains(p.out.String(), "All rows are the same") {
		t.Fatalf("the move did not end: %v\n%s%s", p.state, p.out, p.err)
	}
	if kills < 3 {
		t.Errorf("it was killed %d times only", kills)
	}
	in, err := installation.Open(h.dir)
	if err != nil || in.Config.Database != target {
		t.Errorf("the configuration names %q, %v", in.Config.Database, err)
	}
	if _, err := store.Open(t.Context(), h.database()); err == nil {
		t.Error("the old database opens as if nothing had happened")
	}

	// The same desk goes on without an alarm, and the old words are there.
	h.serve()
	connected(t, d)
	v := caseWith(t, d, id, "the old conversation is there", func(v desk.CaseView) bool { return len(v.Messages) == 2 })
	if got := texts(v, hotline.SideContact); len(got) != 1 || got[0] != "We are four." {
		t.Errorf("the person wrote %q", got)
	}
	if alarms := d.Alarms(); len(alarms) > 0 {
		t.Errorf("alarms: %+v", alarms)
	}
	c := h.contact().ReturnWith(keys)
	if _, err := c.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	reply, there, err := c.Fetch(t.Context(), -1, nil)
	if err != nil || !there || reply.Text != "Stay where you are." {
		t.Errorf("the person reads %+v %v, %v", reply, there, err)
	}
}

// manyRows makes the move long enough to be killed in its middle.
func manyRows(t *testing.T, path string) {
	t.Helper()
	d := storetest.Open(t, path)
	err := d.Update(t.Context(), func(tx *store.Tx) error {
		for i := range 40_000 {
			if err := tx.PutSetting(t.Context(), fmt.Sprintf("z%05d", i), storetest.Bytes(16)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}

// saying is closed when the words have been printed.
func saying(t *testing.T, o *output, words string) <-chan struct{} {
	t.Helper()
	said := make(chan struct{})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	go func() {
		defer cancel()
		for {
			line, grown := o.find(words)
			if line != "" {
				close(said)
				return
			}
			select {
			case <-grown:
			case <-ctx.Done():
				return
			}
		}
	}()
	return said
}

// refusesToServe checks that half a move is not served, and that it says why.
func refusesToServe(t *testing.T, h *house) {
	t.Helper()
	p := start(t, built.product, "serve", "--dir", h.dir)
	<-p.exited
	if p.state == nil || !strings.Contains(p.err.String(), "db move") {
		t.Errorf("serve on half a move (%s): %v %s", filepath.Base(h.dir), p.state, p.err)
	}
}
