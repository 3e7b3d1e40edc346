package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/intake/contact"
	"safeconduct/internal/store/storetest"
)

// TestMachineLost: the server's machine burns with all that was on it. What was
// kept apart (a backup, the key store, server.json with its secrets) makes it
// again; a person comes back through the public door with the receipt, a page
// that was still open goes on, and the desk says what is lost.
func TestMachineLost(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			loseMachine(t, newHouse(t, onDatabase(engine)), engine)
		})
	}
}

func loseMachine(t *testing.T, h *house, engine string) {
	ctx := t.Context()
	// The operator's computer is another machine.
	office := filepath.Join(t.TempDir(), "office")
	if err := os.Rename(filepath.Join(h.dir, "operator"), office); err != nil {
		t.Fatal(err)
	}
	d := openDeskIn(t, office)
	receipt := hotline.NewReceipt()
	person, err := h.contact().Start(ctx, "We are four.", "en", &receipt)
	if err != nil {
		t.Fatal(err)
	}
	id := onlyCase(t, d)
	sent(t, d, id, "Stay where you are.")
	apart := h.backUpUnderTraffic()

	// After the backup: a message, a reply, and a person of whom nothing is left.
	if err := person.Send(ctx, "One is wounded.", "en"); err != nil {
		t.Fatal(err)
	}
	caseWith(t, d, id, "the message after the backup", func(v desk.CaseView) bool { return len(texts(v, hotline.SideContact)) == 2 })
	sent(t, d, id, "Is he bleeding?")
	gone := quickKeys(t)
	if _, err := h.contact().StartWith(ctx, gone, "I am alone.", "en"); err != nil {
		t.Fatal(err)
	}
	until(t, d, "the case that will be lost is known", func() bool { return opened(d, gone.CaseID()) })
	h.burn()
	until(t, d, "the desk says that the server is away", func() bool { return !d.State().Online })
	h.restore(apart, engine)

	// The desk says it, sends nothing, and goes on when the administrator accepts it.
	accept(t, d)
	until(t, d, "the alarms name both cases", func() bool {
		return alarmed(d, "is shorter than it was") && alarmed(d, "no longer in the server's list")
	})
	for _, a := range d.Alarms() {
		if a.Blocking && !a.Acknowledged {
			t.Errorf("it does not go on: %s", a.Text)
		}
	}
	readBack(t, h, d, id, receipt)

	// Who is lost learns it, and begins anew.
	if _, err := h.contact().ReturnWith(gone).Open(ctx); hotline.KindOf(err) != hotline.KindNotFound {
		t.Errorf("the lost case: %v", err)
	}
	if _, err := h.contact().StartWith(ctx, quickKeys(t), "I am alone. Again.", "en"); err != nil {
		t.Errorf("a new case: %v", err)
	}
	// The page that was open all the time goes on with its own numbers, and the desk sees the hole.
	if _, err := person.Open(ctx); err != nil {
		t.Errorf("the open page looks: %v", err)
	}
	if err := person.Send(ctx, "Are you still there?", "en"); err != nil {
		t.Errorf("the open page sends: %v", err)
	}
	v := caseWith(t, d, id, "the open page's message", func(v desk.CaseView) bool {
		return slices.Contains(texts(v, hotline.SideContact), "Are you still there?")
	})
	if !slices.ContainsFunc(v.Messages, func(m desk.Message) bool {
		return slices.ContainsFunc(m.Problems, func(p desk.Problem) bool { return p.Kind == desk.ProblemGap || p.Kind == desk.ProblemFork })
	}) {
		t.Errorf("no hole is shown: %+v", v.Messages)
	}
	h.exec("doctor", "--dir", h.dir)
	if out := h.exec("verify", "--dir", h.dir); !strings.Contains(out, "Nothing is wrong") {
		t.Errorf("verify: %s", out)
	}
}

// readBack is the person of the backup who comes back with the receipt alone.
func readBack(t *testing.T, h *house, d *desk.Desk, id hotline.CaseID, receipt hotline.Receipt) {
	t.Helper()
	ctx := t.Context()
	back, err := h.contact().Return(receipt)
	if err != nil {
		t.Fatal(err)
	}
	until(t, d, "the reply was sealed again", func() bool {
		st, err := back.Open(ctx)
		return err == nil && st.Pending == 1
	})
	reply, there, err := back.Fetch(ctx, -1, nil)
	if err != nil || !there || reply.Text != "Stay where you are." {
		t.Fatalf("the person reads %+v %v, %v", reply, there, err)
	}
	if err := back.Send(ctx, "I am back.", "en"); err != nil {
		t.Fatal(err)
	}
	caseWith(t, d, id, "the message after the restore", func(v desk.CaseView) bool {
		return slices.Equal(texts(v, hotline.SideContact), []string{"We are four.", "I am back."})
	})
	sent(t, d, id, "Good. Is anybody wounded?")
	if reply, there, err = back.Fetch(ctx, reply.Seq, &reply); err != nil || !there || reply.Text != "Good. Is anybody wounded?" {
		t.Errorf("the person reads %+v %v, %v", reply, there, err)
	}
}

// backUpUnderTraffic takes a backup while people write, and returns the folder
// of another machine with all that is kept apart.
func (h *house) backUpUnderTraffic() string {
	h.tb.Helper()
	apart := filepath.Join(h.tb.TempDir(), "apart")
	done := make(chan error, 1)
	stop := make(chan struct{})
	writer := h.contact()
	keys := quickKeys(h.tb)
	go func() {
		c, err := writer.StartWith(h.tb.Context(), keys, "During the backup.", "en")
		for n := 0; err == nil; n++ {
			select {
			case <-stop:
				done <- nil
				return
			default:
				err = keepTalking(h, c)
			}
		}
		done <- err
	}()
	h.exec("backup", "--dir", h.dir, "--to", filepath.Join(apart, "backup"), "--keys", filepath.Join(apart, "keystore", "keys.tar"))
	close(stop)
	if err := <-done; err != nil {
		h.tb.Errorf("a message during the backup: %v", err)
	}
	for _, name := range []string{"server.json", "secret"} {
		if out, err := exec.CommandContext(h.tb.Context(), "cp", "-r", filepath.Join(h.dir, name), apart).CombinedOutput(); err != nil {
			h.tb.Fatalf("%v: %s", err, out)
		}
	}
	return apart
}

func keepTalking(h *house, c *contact.Case) error { return c.Send(h.tb.Context(), "Still here.", "en") }

// burn loses the machine without notice.
func (h *house) burn() {
	h.tb.Helper()
	h.kill()
	if err := os.RemoveAll(h.dir); err != nil {
		h.tb.Fatal(err)
	}
}

// restore makes the house again on another machine, from what was kept apart.
func (h *house) restore(apart, engine string) {
	h.tb.Helper()
	backups, err := filepath.Glob(filepath.Join(apart, "backup", "*.tar"))
	if err != nil || len(backups) != 1 {
		h.tb.Fatalf("backups: %v, %v", backups, err)
	}
	h.dir = filepath.Join(h.tb.TempDir(), "new")
	args := []string{"restore", "--from", backups[0], "--keys", filepath.Join(apart, "keystore", "keys.tar"), "--installation", apart, "--to", h.dir}
	if engine == storetest.Postgres {
		args = append(args, "--database", storetest.URL(h.tb, storetest.Postgres))
	}
	if out := h.exec(args...); !strings.Contains(out, "sealed again") {
		h.tb.Errorf("restore says: %s", out)
	}
	h.serve()
}

// exec runs a command of the product to its end and returns what it prints.
func (h *house) exec(args ...string) string {
	h.tb.Helper()
	p := start(h.tb, append([]string{h.binary}, args...)...)
	<-p.exited
	if p.state != nil {
		h.tb.Fatalf("%s: %v\n%s%s", args[0], p.state, p.out, p.err)
	}
	return p.out.String()
}

func sent(t *testing.T, d *desk.Desk, id hotline.CaseID, text string) {
	t.Helper()
	if r, err := d.Reply(t.Context(), id, text); err != nil || r.Outcome != desk.OutcomeSent {
		t.Fatalf("reply: %+v, %v", r, err)
	}
}

func opened(d *desk.Desk, id hotline.CaseID) bool {
	rows, err := d.Queue(desk.Filter{})
	return err == nil && slices.ContainsFunc(rows, func(r desk.Row) bool { return r.ID == id && r.Opened })
}

func alarmed(d *desk.Desk, words string) bool {
	return slices.ContainsFunc(d.Alarms(), func(a desk.Alarm) bool { return strings.Contains(a.Text.String(), words) })
}

// accept waits for the alarm of a restore and accepts it.
func accept(t *testing.T, d *desk.Desk) {
	t.Helper()
	until(t, d, "the desk says that the server was restored", func() bool { return alarmed(d, "The server was restored from a backup of") })
	if !d.State().Blocked {
		t.Error("acts go on")
	}
	for _, a := range d.Alarms() {
		if strings.Contains(a.Text.String(), "restored from a backup") {
			if err := d.Acknowledge(a.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	until(t, d, "the desk goes on", func() bool { s := d.State(); return s.Online && !s.Blocked })
}
