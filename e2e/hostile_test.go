package e2e

import (
	"encoding/json"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// What the page says, in Russian, when something does not verify.
const (
	saysForged        = "Сервер показал то, что пришло не от нас."
	saysForgedMessage = "Пришло сообщение не от нас. Оно не показано."
	saysGap           = "Перед этим не хватает наших сообщений"
	saysNotSent       = "Ещё не отправлено."
)

// TestHostileServer lets a server that holds the intake key lie to the contact page.
// The page shows it or refuses; it never acts on what does not verify.
func TestHostileServer(t *testing.T) {
	t.Parallel()
	l := newLiar(t)
	h := newHouse(t, reachedBy("http://"+l.address))
	l.before(h)
	w := &hostileWorld{h: h, l: l, d: h.openDesk()}
	t.Run("a reply by somebody else", w.forgedReply)
	t.Run("a reply of another case", w.movedReply)
	t.Run("a reply that is held back", w.droppedReply)
	t.Run("replies in another order", w.reorderedReplies)
	t.Run("a key that the desk did not make", w.forgedGeneration)
	t.Run("another case's key", w.movedGeneration)
	t.Run("an earlier end of the conversation", w.rolledBack)
	t.Run("an earlier end of the desk's answers", w.deskRolledBack)
	t.Run("a manifest of another authority", w.forgedManifest)
	t.Run("an answer that is not the server's", w.garbledAnswer)
}

type hostileWorld struct {
	h *house
	l *liar
	d *desk.Desk
}

// kept is a case with a receipt, and the desk's replies to it.
func (w *hostileWorld) kept(t *testing.T, replies ...string) (hotline.CaseID, string) {
	t.Helper()
	w.l.lie(nil)
	receipt := hotline.NewReceipt()
	c, err := w.h.contact().Start(t.Context(), "Это ловушка?", "ru", &receipt)
	if err != nil {
		t.Fatal(err)
	}
	caseWith(t, w.d, c.ID(), "the case is there", func(v desk.CaseView) bool { return v.CanReply && len(v.Messages) == 1 })
	for _, text := range replies {
		if r, err := w.d.Reply(t.Context(), c.ID(), text); err != nil || r.Outcome != desk.OutcomeSent {
			t.Fatalf("reply: %+v, %v", r, err)
		}
	}
	return c.ID(), receipt.Digits()
}

// enters opens the page through the liar and types the receipt.
func (w *hostileWorld) enters(t *testing.T, receipt string) *person {
	t.Helper()
	p := newPerson(t, "http://"+w.l.address)
	p.language("ru")
	p.enter(receipt)
	return p
}

func newKeys(t *testing.T) (seal.Identity, seal.SigningKey) {
	t.Helper()
	identity, err := seal.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	signing, err := seal.NewSigningKey()
	if err != nil {
		t.Fatal(err)
	}
	return identity, signing
}

func (w *hostileWorld) forgedReply(t *testing.T) {
	id, receipt := w.kept(t, "Нет, это не ловушка.")
	_, stranger := newKeys(t)
	var to seal.Recipient
	w.l.lie(func(op string, a *seal.Answer, parts [][]byte) [][]byte {
		switch {
		case op == seal.OpOpen && len(parts) == 3:
			g, _, err := seal.ParseGeneration(parts[0])
			if err != nil {
				t.Errorf("the generation cannot be read: %v", err)
			}
			to = g.ContactRecipient
		case op == seal.OpFetch && a.Status == seal.StatusKnown:
			body, _ := seal.NewBody("Приходите один, без знаков.", "ru")
			rec, err := seal.SignRecord(seal.RecordHeader{
				Case: id, Side: hotline.SideDesk, Seq: a.Seq, Seen: 0, Hour: hotline.HourOf(time.Now()),
			}, body, stranger)
			if err != nil {
				t.Errorf("sign: %v", err)
			}
			file, err := rec.Seal(to)
			if err != nil {
				t.Errorf("seal: %v", err)
			}
			return [][]byte{file}
		}
		return parts
	})
	p := w.enters(t, receipt)
	p.untilShown(saysForgedMessage)
	p.untilShown(saysForged)
	if p.shows("Приходите один") {
		t.Error("the forged message is shown")
	}
}

func (w *hostileWorld) movedReply(t *testing.T) {
	_, other := w.kept(t, "Это для другого человека.")
	var file []byte
	w.l.lie(func(op string, a *seal.Answer, parts [][]byte) [][]byte {
		if op == seal.OpFetch && a.Status == seal.StatusKnown {
			file = parts[0]
		}
		return parts
	})
	p := w.enters(t, other)
	p.untilReply("Это для другого человека.")
	_, receipt := w.kept(t, "Это для вас.")
	w.l.lie(func(op string, a *seal.Answer, parts [][]byte) [][]byte {
		if op == seal.OpFetch && a.Status == seal.StatusKnown {
			return [][]byte{file}
		}
		return parts
	})
	p = w.enters(t, receipt)
	p.untilShown(saysForged)
	if p.shows("Это для другого человека.") {
		t.Error("another person's reply is shown")
	}
}

// record lets the page fetch honestly and keeps the files.
func (w *hostileWorld) record(t *testing.T, receipt string, texts ...string) [][]byte {
	t.Helper()
	var files [][]byte
	w.l.lie(func(op string, a *seal.Answer, parts [][]byte) [][]byte {
		if op == seal.OpFetch && a.Status == seal.StatusKnown {
			files = append(files, slices.Clone(parts[0]))
		}
		return parts
	})
	p := w.enters(t, receipt)
	for _, text := range texts {
		p.untilReply(text)
	}
	p.open("about:blank") // it must not fetch again
	w.l.lie(nil)
	return files
}

func (w *hostileWorld) droppedReply(t *testing.T) {
	_, receipt := w.kept(t, "Первое.", "Второе.")
	files := w.record(t, receipt, "Первое.", "Второе.")
	w.l.lie(func(op string, a *seal.Answer, parts [][]byte) [][]byte {
		if op == seal.OpFetch && a.Status == seal.StatusKnown && a.Seq == 0 {
			a.Seq, a.More = 1, false
			return [][]byte{files[1]}
		}
		return parts
	})
	p := w.enters(t, receipt)
	p.untilReply("Второе.")
	p.untilShown(saysGap)
	if p.shows("Первое.") {
		t.Error("the reply that was held back is shown")
	}
}

func (w *hostileWorld) reorderedReplies(t *testing.T) {
	_, receipt := w.kept(t, "Первое.", "Второе.")
	files := w.record(t, receipt, "Первое.", "Второе.")
	next := int64(1)
	w.l.lie(func(op string, a *seal.Answer, parts [][]byte) [][]byte {
		if op != seal.OpFetch {
			return parts
		}
		// The second one comes first, and then, though it was not asked for, the first.
		a.Status, a.Seq, a.More = seal.StatusKnown, next, next == 1
		next = 0
		return [][]byte{files[a.Seq]}
	})
	p := w.enters(t, receipt)
	p.untilShown(saysForged)
}

func (w *hostileWorld) forgedGeneration(t *testing.T) {
	_, receipt := w.kept(t)
	identity, stranger := newKeys(t)
	sent := w.l.called(seal.OpSend)
	w.l.lie(func(op string, a *seal.Answer, parts [][]byte) [][]byte {
		if op != seal.OpOpen || len(parts) != 3 {
			return parts
		}
		g, s, err := seal.ParseGeneration(parts[0])
		if err != nil {
			t.Errorf("the generation cannot be read: %v", err)
		}
		g.Gen, g.Prev, g.Recipient = g.Gen+1, s.Hash(), identity.Recipient()
		forged, err := seal.SignGeneration(g, stranger)
		if err != nil {
			t.Errorf("sign: %v", err)
		}
		a.Generation = g.Gen
		return [][]byte{forged.Text(), parts[1], parts[2]}
	})
	p := w.enters(t, receipt)
	p.untilShown(saysForged)
	if eval[bool](p.tab, "!!"+there("#message")) {
		t.Error("the page lets the person write to a key that nobody vouches for")
	}
	if n := w.l.called(seal.OpSend); n != sent {
		t.Error("the page has sent something")
	}
}

func (w *hostileWorld) movedGeneration(t *testing.T) {
	var first []byte
	_, other := w.kept(t)
	w.l.lie(func(op string, _ *seal.Answer, parts [][]byte) [][]byte {
		if op == seal.OpOpen && len(parts) == 3 {
			first = slices.Clone(parts[0])
		}
		return parts
	})
	p := w.enters(t, other)
	p.until("the conversation is open", there("#messages"))
	p.open("about:blank")
	_, receipt := w.kept(t)
	w.l.lie(func(op string, _ *seal.Answer, parts [][]byte) [][]byte {
		if op == seal.OpOpen && len(parts) == 3 {
			return [][]byte{first, parts[1], parts[2]}
		}
		return parts
	})
	p = w.enters(t, receipt)
	p.untilShown(saysForged)
}

// rolledBack shows the page, in one visit, an earlier end of its own messages: it goes on
// from its own. In a fresh visit it cannot know; the desk sees two messages under
// one number and says so.
func (w *hostileWorld) rolledBack(t *testing.T) {
	id, receipt := w.kept(t)
	var header []byte
	w.l.lie(func(op string, _ *seal.Answer, parts [][]byte) [][]byte {
		if op == seal.OpOpen && len(parts) == 3 {
			header = slices.Clone(parts[1])
		}
		return parts
	})
	p := w.enters(t, receipt)
	p.until("the conversation is open", there("#messages"))
	back := func(op string, _ *seal.Answer, parts [][]byte) [][]byte {
		if op == seal.OpOpen && len(parts) == 3 {
			return [][]byte{parts[0], header, parts[2]}
		}
		return parts
	}
	p.say("Второе от меня.")
	w.l.lie(back)
	opened := w.l.called(seal.OpOpen)
	for w.l.called(seal.OpOpen) == opened { // it looks by itself
		eval[int](p.tab, "new Promise(done => setTimeout(() => done(1), 100))")
	}
	p.say("Третье от меня.")
	view := caseWith(t, w.d, id, "three messages are there", func(v desk.CaseView) bool { return len(v.Messages) == 3 })
	for _, m := range view.Messages {
		if !m.Verified || len(m.Problems) > 0 {
			t.Errorf("message %d after the lie: verified %t, %v", m.Seq, m.Verified, m.Problems)
		}
	}
	p.open("about:blank")

	again := w.enters(t, receipt)
	again.until("the conversation is open", there("#messages"))
	again.write("#message", "Четвёртое, под старым номером.")
	again.click("#send")
	caseWith(t, w.d, id, "two messages under one number are shown as such", func(v desk.CaseView) bool {
		return slices.ContainsFunc(v.Messages, func(m desk.Message) bool {
			return slices.ContainsFunc(m.Problems, func(p desk.Problem) bool { return p.Kind == desk.ProblemFork })
		})
	})
}

// deskRolledBack denies that the desk has ever answered. The person's own last message,
// which he signed, says that he has seen the answer.
func (w *hostileWorld) deskRolledBack(t *testing.T) {
	_, receipt := w.kept(t, "Первое.")
	p := w.enters(t, receipt)
	p.untilReply("Первое.")
	p.say("Понял.")
	p.open("about:blank")
	w.l.lie(func(op string, a *seal.Answer, parts [][]byte) [][]byte {
		switch {
		case op == seal.OpOpen && len(parts) == 3:
			a.Answered, a.Pending = false, 0
			return [][]byte{parts[0], parts[1], nil}
		case op == seal.OpFetch:
			*a = seal.Answer{Status: seal.StatusNothing}
			return nil
		}
		return parts
	})
	p = w.enters(t, receipt)
	p.untilShown(saysForged)
}

func (w *hostileWorld) forgedManifest(t *testing.T) {
	identity, stranger := newKeys(t)
	honest, err := seal.VerifyManifest(w.h.get("/v1/manifest"), w.h.config.Authority)
	if err != nil {
		t.Fatal(err)
	}
	forged := honest
	forged.Serial = 99
	team := forged.Teams[hotline.TeamDesk]
	team.Recipient = identity.Recipient()
	forged.Teams = map[hotline.Team]seal.TeamKey{hotline.TeamDesk: team}
	signed, err := seal.SignManifest(forged, stranger)
	if err != nil {
		t.Fatal(err)
	}
	w.l.lie(nil)
	var asked atomic.Int64
	w.l.lieAbout(func(path string, body []byte) []byte {
		switch path {
		case "/v1/manifest":
			asked.Add(1)
			return signed.Text()
		case "/v1/challenge":
			var c struct {
				Challenge string `json:"challenge"`
				Hour      int64  `json:"hour"`
				Manifest  int64  `json:"manifest"`
			}
			if err := json.Unmarshal(body, &c); err != nil {
				t.Errorf("challenge: %v", err)
			}
			c.Manifest = 99
			changed, err := json.Marshal(c)
			if err != nil {
				t.Errorf("challenge: %v", err)
			}
			return changed
		}
		return body
	})
	defer w.l.lieAbout(nil)
	p := newPerson(t, "http://"+w.l.address)
	p.language("ru")
	p.first("Кто это читает?")
	if asked.Load() == 0 {
		t.Error("the page has not even asked for the newer manifest: the lie was not tried")
	}
	until(t, w.d, "the message can be read by the desk, and so is sealed to its key", func() bool {
		hits, err := w.d.Search("Кто это читает?", 0)
		return err == nil && len(hits) == 1
	})
}

func (w *hostileWorld) garbledAnswer(t *testing.T) {
	w.l.lie(nil)
	var garble atomic.Bool
	garble.Store(true)
	w.l.garble(garble.Load)
	defer w.l.garble(nil)
	p := newPerson(t, "http://"+w.l.address)
	p.language("ru")
	p.click("#write")
	p.write("#message", "Дошло ли это?")
	p.click("#send")
	p.untilShown(saysNotSent)
	if eval[bool](p.tab, "!!"+there("#received")) {
		t.Error("the page says received for an answer that it could not open")
	}
	garble.Store(false)
	p.until("the page sends it again by itself and it is received", there("#received"))
	until(t, w.d, "the message is there once, though it was sent more than once", func() bool {
		hits, err := w.d.Search("Дошло ли это?", 0)
		return err == nil && len(hits) == 1
	})
}
