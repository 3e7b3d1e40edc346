package installation

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"

	"safeconduct/internal/gateway"
	"safeconduct/internal/gateway/telegram"
	"safeconduct/internal/hotline"
)

// botsFile lists the bots, in the folder of secrets: a line for each. Without it
// there is no such door.
const botsFile = "telegram"

// Telegram says how the bots are reached. The bots themselves stand in secret/telegram.
type Telegram struct {
	API string `json:"api,omitempty"` // a server for bots other than Telegram's own
	// Webhook is the origin under which Telegram reaches the public door. Left
	// out: the bots ask Telegram by themselves, which works behind any router.
	Webhook string `json:"webhook,omitempty"`
}

// Bots reads the bots; none is no error.
func (in *Installation) Bots() ([]telegram.Bot, error) {
	raw, err := os.ReadFile(filepath.Join(in.Dir, secretDir, botsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, hotline.Errorf(hotline.KindUnavailable, "telegram", "the file of bots cannot be read: %w", err)
	}
	return telegram.ParseBots(raw)
}

// telegram assembles the door of bots, or nil where there are none.
func (n *node) telegram() (*telegram.Gateway, error) {
	bots, err := n.in.Bots()
	if err != nil || len(bots) == 0 {
		return nil, err
	}
	s := n.in.secrets
	return telegram.New(telegram.Config{
		Bots: bots, API: n.in.Config.Telegram.API, Webhook: n.in.Config.Telegram.Webhook, DB: n.db, Objects: n.objects,
		Sealer:   gateway.Sealer{Manifest: gateway.Remembered(n.manifest, n.run.Clock), Key: s.Gateway, IndexKey: s.Index, Clock: n.run.Clock},
		Identity: s.GatewayID, Seed: s.FormSeed, Log: n.run.Log,
	})
}

// addBots opens the door of bots, where there are any.
func (n *node) addBots(mux *http.ServeMux, works *[]func(context.Context) error) error {
	bots, err := n.telegram()
	if err != nil || bots == nil {
		return err
	}
	mux.Handle("/hook/telegram/", bots.Handler())
	*works = append(*works, bots.Run)
	return nil
}
