package telegramsim

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	tgbot "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
)

func TestFaultsOfCalls(t *testing.T) {
	t.Parallel()
	g := start(t)
	p, chat := g.begun()
	say := func(text string) (asked, error) { return g.ask("sendMessage", "chat_id", chat, "text", text) }
	shown := func() int { return len(p.Chat(username)) }

	g.Misbehave(Fault{Kind: FaultServer, Status: http.StatusBadGateway, Times: 1})
	if a, err := say("x"); err != nil || a.Code != http.StatusBadGateway || shown() != 1 {
		t.Errorf("server: %+v, %v, %d shown", a, err, shown())
	}
	g.Misbehave(Fault{Kind: FaultGarbage, Times: 1})
	if _, err := say("x"); err == nil || shown() != 1 {
		t.Errorf("garbage: %v, %d shown", err, shown())
	}
	g.Misbehave(Fault{Kind: FaultCutBefore, Times: 1})
	if _, err := say("x"); err == nil || shown() != 1 {
		t.Errorf("cut before: %v, %d shown", err, shown())
	}
	g.Misbehave(Fault{Kind: FaultCutAfter, Times: 1, Bot: username, Method: "SENDmessage", Chat: p.ID()})
	g.must("getMe")
	if _, err := say("kept"); err == nil || shown() != 2 {
		t.Errorf("cut after: %v, %d shown", err, shown())
	}
	trouble := g.Misbehave(Fault{Kind: FaultFlood})
	g.refused(http.StatusTooManyRequests, "retry after 1", "getMe")
	g.refused(http.StatusTooManyRequests, "retry after 1", "getMe")
	trouble.Lift()
	g.must("getMe")
	g.Misbehave(Fault{Kind: FaultServer, Chat: p.ID() + 1})
	g.Misbehave(Fault{Kind: FaultServer, Bot: "another"})
	g.must("sendMessage", "chat_id", chat, "text", "not matched")
	if l := g.Log(); !l[2].Cut || l[2].Code != 200 && l[1].Code != 502 {
		t.Errorf("log %+v", l)
	}
}

func TestDelayedCalls(t *testing.T) {
	t.Parallel()
	g := start(t)
	p, chat := g.begun()
	ended := make(chan error)
	call := func(ctx context.Context, text string) {
		_, err := g.askAs(ctx, "sendMessage", "chat_id", chat, "text", text)
		ended <- err
	}
	met := func(trouble *Trouble) {
		t.Helper()
		if err := trouble.Await(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
	}
	// A client that gives up does not know that its message goes out all the same.
	trouble := g.Misbehave(Fault{Kind: FaultDelay, Times: 1})
	ctx, cancel := context.WithCancel(t.Context())
	go call(ctx, "given up")
	met(trouble)
	cancel()
	if err := <-ended; err == nil {
		t.Error("the call was answered")
	}
	await(t, p, func(list []Shown) bool { return list[len(list)-1].Text == "given up" })

	trouble = g.Misbehave(Fault{Kind: FaultDelay, Method: "sendMessage"})
	go call(t.Context(), "later")
	met(trouble)
	trouble.Lift()
	trouble.Lift()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if last, _ := p.Last(username); last.Text != "later" {
		t.Errorf("last is %q", last.Text)
	}

	trouble = g.Misbehave(Fault{Kind: FaultDelay})
	go call(t.Context(), "never")
	met(trouble)
	g.Close()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if last, _ := p.Last(username); last.Text != "later" {
		t.Errorf("last is %q", last.Text)
	}
}

func TestUpdatesTwice(t *testing.T) {
	t.Parallel()
	g := start(t)
	g.Misbehave(Fault{Kind: FaultTwice, Times: 2, Method: "getUpdates"})
	p, _ := g.begun()
	ok[int64](t)(p.Write(username, "b"))
	ok[int64](t)(p.Write(username, "c"))
	first := g.poll()
	next := tgOffset(first)
	second := g.poll("offset", next)
	if len(first) != 3 || len(second) != 2 || second[0].ID != first[0].ID {
		t.Errorf("got %v, then %v", texts(first), texts(second))
	}
	if third := g.poll("offset", next); len(third) != 0 {
		t.Errorf("then %v", texts(third))
	}
}

func TestFaultsOfFiles(t *testing.T) {
	t.Parallel()
	g := start(t)
	p, _ := g.begun()
	b := g.client()
	g.Misbehave(Fault{Kind: FaultFalseSize, Size: 3, Times: 1})
	content := strings.Repeat("x", 100)
	ok[int64](t)(p.Document(username, "", "a", "text/plain", []byte(content)))
	got := g.poll("offset", "-1")[0].Message.Document
	f := ok[*models.File](t)(b.GetFile(t.Context(), &tgbot.GetFileParams{FileID: got.FileID}))
	if got.FileSize != 3 || f.FileSize != 3 {
		t.Errorf("announced %d and %d", got.FileSize, f.FileSize)
	}
	link := b.FileDownloadLink(f)
	if _, all, err := get(t, link); err != nil || len(all) != 100 {
		t.Errorf("%d bytes, %v", len(all), err)
	}
	g.Misbehave(Fault{Kind: FaultCutFile, Times: 1})
	if _, part, err := get(t, link); err == nil || len(part) != 50 {
		t.Errorf("cut: %d bytes, %v", len(part), err)
	}
	g.Misbehave(Fault{Kind: FaultServer, Method: "file", Times: 1})
	if status, _, _ := get(t, link); status != http.StatusInternalServerError {
		t.Errorf("status %d", status)
	}

	// Slow: what has not come is released when the fault is lifted, and cut when the server closes.
	slowly := func(then func()) int {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, link, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		then()
		part, _ := io.ReadAll(resp.Body)
		return len(part)
	}
	trouble := g.Misbehave(Fault{Kind: FaultSlowFile, Delay: longestDelay})
	if n := slowly(trouble.Lift); n != 100 {
		t.Errorf("slow and lifted: %d bytes", n)
	}
	g.Misbehave(Fault{Kind: FaultSlowFile, Delay: longestDelay})
	if n := slowly(g.Behave); n != 100 {
		t.Errorf("slow, and everything lifted: %d bytes", n)
	}
	g.Misbehave(Fault{Kind: FaultSlowFile, Delay: longestDelay})
	if n := slowly(g.Close); n != 1 {
		t.Errorf("slow and closed: %d bytes", n)
	}
}
