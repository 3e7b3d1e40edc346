package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-telegram/bot/models"

	"safeconduct/internal/gateway"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

const (
	// manySenders is how many people write to the bot.
	manySenders = 1000
	botID       = 4711
	// mostUpdates bounds what is prepared: a letter has about a kilobyte.
	mostUpdates = 400_000
)

// hooks measures the door of bots: the generator calls as Telegram does, and
// answers what the bot says with the least that the bot takes.
type hooks struct {
	*run
	api    *http.Server
	secret chan string // which the bot has asked Telegram to call with

	mu      sync.Mutex
	telling string
	said    int64
	update  int64
}

func newHooks(r *run) *hooks { return &hooks{run: r, secret: make(chan string, 1)} }

func (h *hooks) close() {
	if h.api != nil {
		_ = h.api.Close()
	}
}

// configure gives the authority a bot whose Telegram is this process.
func (h *hooks) configure(ctx context.Context) error {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	h.api = &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}
	go func() { _ = h.api.Serve(l) }() // until close
	line := fmt.Sprintf("%d:token-of-a-bot-that-is-measured ru\n", botID)
	if err := os.WriteFile(filepath.Join(h.dir, "secret", "telegram"), []byte(line), 0o600); err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	path := filepath.Join(h.dir, "server.json")
	raw, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	var config map[string]any
	if err := json.Unmarshal(raw, &config); err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	config["telegram"] = map[string]string{"api": "http://" + l.Addr().String(), "webhook": "http://127.0.0.1"}
	if raw, err = json.Marshal(config); err == nil {
		err = os.WriteFile(path, raw, 0o600)
	}
	return err
}

// ServeHTTP answers a bot's calls.
func (h *hooks) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	result := any(true)
	switch method := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]; method {
	case "getMe":
		result = models.User{ID: botID, IsBot: true, FirstName: "bench", Username: "bench_bot"}
	case "setWebhook":
		if secret := r.FormValue("secret_token"); secret != "" {
			select {
			case h.secret <- secret:
			default:
			}
		}
	case "sendMessage":
		chat, _ := strconv.ParseInt(r.FormValue("chat_id"), 10, 64)
		h.mu.Lock()
		h.said++
		number := 1_000_000 + h.said
		h.mu.Unlock()
		result = models.Message{ID: int(number), Date: 1, Chat: models.Chat{ID: chat, Type: models.ChatTypePrivate}}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"ok": true, "result": result}) // a bot that has gone asks no more
}

// greet waits until the bot has told Telegram how it is called.
func (h *hooks) greet(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	select {
	case h.telling = <-h.secret:
		return nil
	case <-ctx.Done():
		return hotline.Errorf(hotline.KindUnavailable, "bench", "the bot did not ask Telegram for calls: %w", ctx.Err())
	}
}

// letter is one update: somebody writes.
func (h *hooks) letter(sender int, number int, text string) (letter, error) {
	h.update++
	body, err := json.Marshal(map[string]any{
		"update_id": h.update,
		"message": map[string]any{
			"message_id": number, "date": h.Clock().Unix(), "text": text,
			"from": map[string]any{"id": sender, "is_bot": false, "first_name": "Sender", "language_code": "ru"},
			"chat": map[string]any{"id": sender, "type": "private", "first_name": "Sender"},
		},
	})
	request := fmt.Sprintf("POST /hook/telegram/%d HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nX-Telegram-Bot-Api-Secret-Token: %s\r\nContent-Length: %d\r\n\r\n%s",
		botID, h.server.origin, h.telling, len(body), body)
	return letter{request: []byte(request), post: body, number: h.update}, err
}

// lanes prepares n letters of all senders in turn; a person's letters go over one connection.
func (h *hooks) lanes(n, from int) ([][]letter, error) {
	lanes := make([][]letter, h.Connections)
	for i := range n {
		sender := i%h.Senders + 1
		l, err := h.letter(sender, from+i/h.Senders, text)
		if err != nil {
			return nil, err
		}
		lane := sender % h.Connections
		lanes[lane] = append(lanes[lane], l)
	}
	return lanes, nil
}

// newCases lets every sender write for the first time.
func (h *hooks) newCases(ctx context.Context) error {
	h.Say("%d people write for the first time over %d connections", h.Senders, h.Connections)
	lanes, err := h.lanes(h.Senders, 1)
	if err != nil {
		return err
	}
	o, cpu, err := h.drive(ctx, load{lanes: lanes, duration: surgePatience, plain: true})
	if err != nil {
		return err
	}
	f := &h.figures
	f.CaseBytes, f.PreparedCases, f.NewCases = len(lanes[0][0].post), h.Senders, len(o.kept)
	f.NewCasesPerS, f.NewSeconds = float64(len(o.kept))/o.elapsed.Seconds(), o.elapsed.Seconds()
	f.NewP50, f.NewP99, f.CPUNew = percentile(o.took, 50), percentile(o.took, 99), cpu
	return nil
}

// messages lets them write on.
func (h *hooks) messages(ctx context.Context) error {
	perSecond := float64(2 * expected)
	if h.Rate > 0 {
		perSecond = h.Rate
	}
	n := min(h.prepare(perSecond, h.Duration), mostUpdates)
	h.Say("sending messages of %d people for %s", h.Senders, h.Duration)
	lanes, err := h.lanes(n, 2)
	if err != nil {
		return err
	}
	o, cpu, err := h.drive(ctx, load{lanes: lanes, duration: h.Duration, rate: h.Rate, plain: true})
	if err != nil {
		return err
	}
	f := &h.figures
	f.MessageBytes, f.PreparedMessages, f.Messages = len(lanes[0][0].post), n, len(o.kept)
	f.Seconds, f.Dry = o.elapsed.Seconds(), o.dry && h.Rate == 0
	f.MessagesPerS = float64(len(o.kept)) / o.elapsed.Seconds()
	f.P50, f.P99 = percentile(o.took, 50), percentile(o.took, 99)
	f.CPUMessage, f.CPUPerMessage, f.LoadAfter = cpu, cpu.Server, loadAverage()
	return nil
}

// lookAfter kills the server and looks for everything that it has acknowledged:
// each update noted as handled, and as many records as updates.
func (h *hooks) lookAfter(ctx context.Context) error {
	h.Say("killing the server and looking for %d acknowledged updates", len(h.kept))
	if err := h.server.kill(); err != nil {
		return err
	}
	d, err := store.Open(ctx, h.in.DatabaseURL())
	if err != nil {
		return err
	}
	var handled, records int64
	err = d.View(ctx, func(tx *store.Tx) error {
		source := fmt.Sprintf("telegram %d", botID)
		for _, l := range h.kept {
			n, err := tx.CountUpdate(ctx, source, l.number)
			if err != nil {
				return err
			}
			h.figures.Lost += int(1 - n)
		}
		if handled, err = tx.CountUpdates(ctx, source); err != nil {
			return err
		}
		records, err = tx.CountRecordsOf(ctx, string(hotline.SideGateway))
		return err
	})
	if records > handled {
		h.figures.Doubled += int(records - handled)
	} else {
		h.figures.Lost += int(handled - records)
	}
	return errors.Join(err, d.Close())
}

// measureParts measures what a message costs where nothing else is done: reading
// the update, sealing and signing, and inserting in commits of the server's size.
func (h *hooks) measureParts(ctx context.Context) error {
	n := min(sample, h.figures.Messages)
	h.Say("measuring the parts with %d messages", n)
	d, err := store.Open(ctx, h.in.DatabaseURL())
	if err != nil {
		return err
	}
	err = h.parts(ctx, d, n)
	return errors.Join(err, d.Close())
}

func (h *hooks) parts(ctx context.Context, d *store.DB, n int) error {
	var cases []db.HotlineCase
	if err := d.View(ctx, func(tx *store.Tx) (err error) {
		cases, err = tx.CasesAfter(ctx, 1, int32(h.Senders)) //nolint:gosec // bounded by check
		return err
	}); err != nil {
		return err
	}
	key, err := seal.NewSigningKey()
	if err != nil {
		return err
	}
	to, err := seal.NewIdentity()
	if err != nil {
		return err
	}
	s := gateway.Sealer{Key: key, Clock: h.Clock}
	p := &h.figures.Parts
	texts := make([]string, n)
	if p.Open, err = each(n, func() error {
		for i := range n {
			var u models.Update
			if err := json.Unmarshal(h.kept[len(h.kept)-1-i].post, &u); err != nil {
				return err
			}
			texts[i] = u.Message.Text
		}
		return nil
	}); err != nil {
		return err
	}
	sealed := make([]gateway.Sealed, n)
	if p.Verify, err = each(n, func() error {
		for i := range n {
			c := cases[i%len(cases)]
			body, err := seal.NewBody(texts[i], "ru")
			if err != nil {
				return err
			}
			body.Chat = &seal.Chat{Number: int64(i + 1)}
			conv := gateway.Conversation{Case: hotline.CaseID(c.ID), To: to.Recipient(), Seq: c.ContactSeq + int64(i/len(cases)), Prev: seal.Hash{1}}
			if sealed[i], err = s.Next(conv, body); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	batch := max(1, int(h.figures.Batch+0.5))
	p.Insert, err = each(n, func() error {
		for begin := 0; begin < n; begin += batch {
			some := sealed[begin:min(begin+batch, n)]
			if err := d.Update(ctx, func(tx *store.Tx) error { return insertSealed(ctx, tx, some, int64(begin)) }); err != nil {
				return err
			}
		}
		return nil
	})
	h.figures.PartsCPU = p.Open + p.Verify + p.Insert
	return err
}

// insertSealed writes what the door writes for messages.
func insertSealed(ctx context.Context, tx *store.Tx, some []gateway.Sealed, from int64) error {
	ids, numbers := make([][]byte, 0, len(some)), make([]int64, len(some))
	records := make([]db.InsertRecordParams, len(some))
	for i, r := range some {
		id := r.Named.Case
		ids, numbers[i] = append(ids, id[:]), from+int64(i)
		records[i] = db.InsertRecordParams{
			ID: r.ID[:], CaseID: id[:], Side: string(hotline.SideGateway), Seq: r.Seq, Generation: int64(r.Gen), Header: r.Header, File: r.File, Hour: int64(r.Hour),
		}
	}
	if _, err := tx.LockCases(ctx, ids); err != nil {
		return err
	}
	if _, err := tx.InsertUpdates(ctx, "telegram parts", numbers, 1); err != nil {
		return err
	}
	if _, err := tx.InsertRecords(ctx, records); err != nil {
		return err
	}
	version, err := tx.NextVersions(ctx, len(some))
	if err != nil {
		return err
	}
	steps := make([]store.ContactStep, len(some))
	for i, r := range some {
		steps[i] = store.ContactStep{ID: ids[i], Version: version + int64(i), SinceMs: 1, Seq: r.Seq, Header: r.Header}
	}
	return tx.StepCases(ctx, steps)
}
