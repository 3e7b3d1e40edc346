package telegram

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strconv"

	"safeconduct/internal/hotline"
)

// Where Telegram reaches this server, when it calls by itself
// (core.telegram.org/bots/api#setwebhook).
const (
	hookRoute    = "POST /hook/telegram/{bot}"
	secretHeader = "X-Telegram-Bot-Api-Secret-Token" //nolint:gosec // the name of a header
)

func hookPath(bot int64) string { return "/hook/telegram/" + strconv.FormatInt(bot, 10) }

// hookSecret is what Telegram sends with each call, so that nobody else can. It
// is derived, so that all nodes know it.
func (g *Gateway) hookSecret(c *client) string {
	h := hmac.New(sha256.New, g.cfg.Seed)
	h.Write([]byte("safeconduct telegram webhook v1\n" + c.Token.text))
	return hex.EncodeToString(h.Sum(nil))
}

// Handler takes calls of Telegram. Where bots poll it knows no path.
func (g *Gateway) Handler() http.Handler {
	mux := http.NewServeMux()
	if g.cfg.Webhook != "" {
		mux.HandleFunc(hookRoute, g.hook)
	}
	return mux
}

// hook takes one update and answers 200 when it is on disk. Anything else makes
// Telegram call again.
func (g *Gateway) hook(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.ParseInt(r.PathValue("bot"), 10, 64)
	c := g.bot(id)
	if err != nil || c == nil || !hmac.Equal([]byte(r.Header.Get(secretHeader)), []byte(g.hookSecret(c))) {
		http.NotFound(w, r) // who has no secret learns of no bot
		return
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxUpdate))
	if err != nil {
		http.Error(w, "too large, or cut off", http.StatusBadRequest)
		return
	}
	in, ignored, err := parse(raw)
	switch {
	case err != nil:
		http.Error(w, "no update", http.StatusBadRequest)
		return
	case in == nil:
		g.ignore(ignored)
		return
	}
	in.bot = c
	err = g.batch.take(r.Context(), in)
	switch {
	case err == nil:
		g.heard(in)
	case hotline.KindOf(err) == hotline.KindBusy:
		w.Header().Set("Retry-After", "5")
		http.Error(w, "busy", http.StatusServiceUnavailable)
	default:
		http.Error(w, "not kept", http.StatusServiceUnavailable)
	}
}
