package endure

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/installation"
	"safeconduct/internal/intake/contact"
	"safeconduct/internal/store/storetest"
)

func execute(tb testing.TB, url string, texts ...string) {
	tb.Helper()
	ctx := tb.Context()
	conn := must[*pgx.Conn](tb)(pgx.Connect(ctx, url))
	for _, text := range texts {
		_, err := conn.Exec(ctx, text)
		ok(tb, err)
	}
	ok(tb, conn.Close(ctx))
}

// others ends all other connections to a database, so that they begin anew.
const others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"

// TestDatabaseIsReadOnly takes the right to write away in normal service, as the
// administrator of a database server does before a move.
func TestDatabaseIsReadOnly(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	url := storetest.URL(t, storetest.Postgres)
	h := newHouse(t, url)
	d := h.openDesk()
	k := h.begins("I am here")
	d.reads(k.ID(), "I am here")

	name := must[*pgx.ConnConfig](t)(pgx.ParseConfig(url)).Database
	execute(t, url, "ALTER DATABASE "+name+" SET default_transaction_read_only = on", others)
	err := k.Send(ctx, "and now", "en")
	notKept(t, err, hotline.KindUnavailable)
	if k.Waiting() != 1 {
		t.Errorf("%d messages wait in the page", k.Waiting())
	}
	r, err := d.Reply(ctx, k.ID(), "Wait")
	if err != nil || r.Outcome != desk.OutcomeQueued {
		t.Errorf("a reply while the database is read-only: %+v %v", r, err)
	}
	d.until("the operator is told that the database is read-only", func() bool {
		items := d.Outbox()
		return len(items) == 1 && strings.Contains(items[0].Why.String(), "read-only")
	})
	says(t, h, "writing", true, installation.StateFail)

	execute(t, url, "SET default_transaction_read_only = off", "ALTER DATABASE "+name+" RESET default_transaction_read_only", others)
	resends(t, k.Case)
	k.said = append(k.said, "and now")
	d.until("the reply that waited has gone out by itself", func() bool { return d.State().Waiting == 0 })
	k.told = append(k.told, "Wait")
	k.whole(t, d)
	says(t, h, "writing", true, installation.StateOK)
}

// TestDatabaseRestarts kills a process of PostgreSQL under load, three times: its
// server ends all connections and starts again from its log. Nothing that was
// acknowledged is lost or doubled, people and desks go on by themselves.
func TestDatabaseRestarts(t *testing.T) {
	t.Parallel()
	cluster := storetest.NewCluster(t)
	h := newHouse(t, cluster.URL)
	d := h.openDesk()
	const people, messages = 4, 25
	talks := make([]*talk, people)
	for i := range talks {
		talks[i] = h.begins(fmt.Sprint("person ", i))
		d.reads(talks[i].ID(), fmt.Sprint("person ", i))
	}
	var sent, lost atomic.Int64
	var all sync.WaitGroup
	for i, k := range talks {
		all.Go(func() {
			k.Case = h.client("127.0.0.1", contact.WithTries(1)).ReturnWith(k.keys)
			_, err := k.Open(t.Context())
			for err != nil {
				_, err = k.Open(t.Context())
			}
			for n := range messages {
				text := fmt.Sprint("message ", i, " ", n)
				err := k.Send(t.Context(), text, "en")
				for ; err != nil; err = k.Resend(t.Context()) { // as the page does
					lost.Add(1)
					time.Sleep(20 * time.Millisecond) // real time goes by in the database server
				}
				k.said = append(k.said, text)
				sent.Add(1)
			}
		})
	}
	for kill := int64(1); kill <= 3; kill++ {
		for sent.Load() < kill*people*messages/4 {
			time.Sleep(time.Millisecond)
		}
		killOne(t, cluster)
	}
	all.Wait()
	d.until("the desk is connected again", func() bool { return d.State().Online })
	for i, k := range talks {
		text := fmt.Sprint("answer ", i)
		d.sees(k.ID(), "the last message has come", func(v desk.CaseView) bool { return len(v.Messages) == messages+1 && v.CanReply })
		r, err := d.Reply(t.Context(), k.ID(), text)
		if err != nil || (r.Outcome != desk.OutcomeSent && r.Outcome != desk.OutcomeQueued) {
			t.Fatalf("%+v %v", r, err)
		}
		k.told = append(k.told, text)
		k.whole(t, d)
	}
	t.Logf("%d messages, %d attempts broken off by three restarts", sent.Load(), lost.Load())
	if lost.Load() == 0 {
		t.Error("no restart has disturbed anything: the test shows nothing")
	}
}

// killOne kills a process that serves a connection: PostgreSQL then ends all
// others, throws its shared memory away and recovers from its log.
func killOne(t *testing.T, cluster storetest.Cluster) {
	t.Helper()
	ctx := t.Context()
	conn, err := pgx.Connect(ctx, cluster.URL)
	for ; err != nil; conn, err = pgx.Connect(ctx, cluster.URL) {
		time.Sleep(10 * time.Millisecond) // it is still starting
	}
	pid := int(conn.PgConn().PID())
	ok(t, syscall.Kill(pid, syscall.SIGKILL))
	_, err = conn.Exec(ctx, "SELECT 1")
	if err == nil {
		t.Error("a killed connection answers")
	}
	_ = errors.Join(err, conn.Close(ctx))
}
