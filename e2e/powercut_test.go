package e2e

import (
	"path/filepath"
	"slices"
	"testing"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/store/storetest"
)

// TestPowerCuts takes the server away while an operator answers, and then the
// operator's own computer: everything is delivered, once and in order.
func TestPowerCuts(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			powerCuts(t, newHouse(t, onDatabase(engine)))
		})
	}
}

func powerCuts(t *testing.T, h *house) {
	client := h.contact()
	keys := quickKeys(t)
	c, err := client.StartWith(t.Context(), keys, "Вы здесь?", "ru")
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(h.dir, "operator")
	first, err := desk.Open(desk.Config{Dir: dir, WorkFactor: quick})
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close() // a second time does nothing
	if err := first.Unlock(t.Context(), passphrase); err != nil {
		t.Fatal(err)
	}
	caseWith(t, first, c.ID(), "the message is there", func(v desk.CaseView) bool { return v.CanReply && len(v.Messages) == 1 })

	h.kill()
	until(t, first, "the desk knows that it is offline", func() bool { return !first.State().Online })
	said := []string{"Да, мы здесь.", "Подождите немного.", "Оставайтесь на месте."}
	for _, text := range said[:2] {
		r, err := first.Reply(t.Context(), c.ID(), text)
		if err != nil || r.Outcome != desk.OutcomeQueued {
			t.Fatalf("a reply without a server: %+v, %v", r, err)
		}
	}
	if r, err := first.Note(t.Context(), c.ID(), "Пишу без связи."); err != nil || r.Outcome != desk.OutcomeQueued {
		t.Fatalf("a note without a server: %+v, %v", r, err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}

	h.serve()
	d := h.openDesk()
	caseWith(t, d, c.ID(), "what waited has been delivered", func(v desk.CaseView) bool {
		return d.State().Waiting == 0 && len(v.Messages) == 3
	})
	if r, err := d.Reply(t.Context(), c.ID(), said[2]); err != nil || r.Outcome != desk.OutcomeSent {
		t.Fatalf("a reply: %+v, %v", r, err)
	}
	view := caseWith(t, d, c.ID(), "all replies are there", func(v desk.CaseView) bool { return len(v.Messages) >= 4 })
	if got := texts(view, hotline.SideDesk); !slices.Equal(got, said) || len(view.Notes) != 1 {
		t.Errorf("the case holds %q and %d notes", got, len(view.Notes))
	}

	// And with the person's eyes.
	p := client.ReturnWith(keys)
	if _, err := p.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	var got []string
	after := int64(-1)
	for {
		r, more, err := p.Fetch(t.Context(), after, nil)
		if err != nil {
			t.Fatal(err)
		}
		if !more {
			break
		}
		got, after = append(got, r.Text), r.Seq
	}
	if !slices.Equal(got, said) {
		t.Errorf("the person gets %q", got)
	}
}
