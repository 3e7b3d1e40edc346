package rehearsal

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"safeconduct/internal/gateway/telegram/telegramsim"
	"safeconduct/internal/hotline"
	"safeconduct/internal/installation"
)

// The bot of a rehearsal.
const (
	botName  = "vesna_bot"
	botTitle = "Vesna"
	botID    = 4711
)

// Telegram is a simulated Telegram in which an authority has one bot. It answers
// on an address of this computer.
type Telegram struct {
	*telegramsim.Server
	Bot string // username

	token  string
	origin string
	http   *http.Server
	ended  chan error
}

// NewTelegram starts a simulated Telegram. Close ends it.
func NewTelegram(ctx context.Context, clock func() time.Time) (*Telegram, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, hotline.Errorf(hotline.KindUnavailable, "telegram", "no free port: %w", err)
	}
	t := &Telegram{
		Server: telegramsim.New(telegramsim.Config{Clock: clock}), Bot: botName, token: fmt.Sprintf("%d:%s", botID, rand.Text()),
		origin: "http://" + l.Addr().String(), ended: make(chan error, 1),
	}
	if err := errors.Join(t.AddBot(t.token, t.Bot), t.NameBot(t.Bot, botTitle)); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	t.http = &http.Server{Handler: t.Server, ReadHeaderTimeout: patience}
	go func() { t.ended <- t.http.Serve(l) }()
	return t, nil
}

// Close ends it; nobody may be speaking to it any more.
func (t *Telegram) Close() error {
	t.Server.Close()
	err := t.http.Close()
	if ended := <-t.ended; !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, ended)
	}
	return err
}

// AddTo gives an installation the bot, as who runs a server does by hand
// (docs/operations.md): a line in a file, and here the address of the simulator.
// It stays there: a folder that is kept must never ask the real Telegram.
func (t *Telegram) AddTo(dir string) error {
	in, err := installation.Open(dir)
	if err != nil {
		return err
	}
	in.Config.Telegram.API = t.origin
	config, err := json.MarshalIndent(in.Config, "", "  ")
	if err != nil {
		return fmt.Errorf("add a bot: %w", err)
	}
	for name, content := range map[string][]byte{
		"server.json": append(config, '\n'), filepath.Join("secret", "telegram"): []byte(t.token + " ru\n"),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			return fmt.Errorf("add a bot: %w", err)
		}
	}
	return nil
}

// Token is what the bot proves itself with, for who looks where it stands.
func (t *Telegram) Token() string { return t.token }
