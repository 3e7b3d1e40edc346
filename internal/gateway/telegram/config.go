package telegram

import (
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"safeconduct/internal/gateway"
	"safeconduct/internal/hotline"
	"safeconduct/internal/object"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
)

// Token is what a bot proves itself with towards Telegram. Whoever has it is the
// bot, so it cannot be printed by accident.
type Token struct{ text string }

// String shows nothing.
func (Token) String() string { return "token(hidden)" }

// GoString shows nothing.
func (Token) GoString() string { return "token(hidden)" }

// ID is the bot's public number.
func (t Token) ID() int64 {
	number, _, _ := strings.Cut(t.text, ":")
	id, _ := strconv.ParseInt(number, 10, 64) // ParseBots has looked
	return id
}

// Bot is one address of the line in Telegram.
type Bot struct {
	Token    Token
	Language string // in which it speaks to people whose telephone says nothing
}

// ParseBots reads the file of bots: a line for each, "TOKEN LANGUAGE". Empty
// lines and lines that begin with # do not count. The error names lines by
// number and repeats no token.
func ParseBots(text []byte) ([]Bot, error) {
	var bots []Bot
	for n, line := range strings.Split(string(text), "\n") {
		fields := strings.Fields(line)
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		wrong := func(why string) error {
			return hotline.Errorf(hotline.KindInvalid, "telegram", "line %d of the file of bots: %s; a line is a token as Telegram gives it and a language, such as: 123456:AbC… ru", n+1, why)
		}
		b := Bot{Token: Token{fields[0]}, Language: languages()[0]}
		number, secret, found := strings.Cut(fields[0], ":")
		if id, err := strconv.ParseInt(number, 10, 64); err != nil || id <= 0 || !found || len(secret) < 20 || strings.ContainsFunc(secret, foreign) {
			return nil, wrong("this is no token")
		}
		if len(fields) > 1 {
			b.Language = fields[1]
		}
		if len(fields) > 2 || !slices.Contains(languages(), b.Language) {
			return nil, wrong(fmt.Sprintf("the language is one of %s", strings.Join(languages(), ", ")))
		}
		if slices.ContainsFunc(bots, func(o Bot) bool { return o.Token.ID() == b.Token.ID() }) {
			return nil, wrong("this bot stands there twice")
		}
		bots = append(bots, b)
	}
	return bots, nil
}

// foreign reports whether a letter stands in no token: each becomes part of an address.
func foreign(r rune) bool {
	return r != '_' && r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
}

// DefaultAPI is Telegram's own server for bots.
const DefaultAPI = "https://api.telegram.org"

// Config is what the door is made of.
type Config struct {
	Bots     []Bot
	API      string // of Telegram or of another server that speaks its language; "" is DefaultAPI
	Webhook  string // origin under which Telegram reaches this server; "" for long polling
	DB       *store.DB
	Objects  *object.Keeper
	Sealer   gateway.Sealer // its Door is not used
	Identity seal.Identity  // G
	Seed     []byte         // 32 bytes, the same on all nodes
	Log      *slog.Logger   // gets kinds of faults and counts, nothing else
	// Pause waits; a test may wait otherwise. nil: by the system's clock.
	Pause func(done <-chan struct{}, d time.Duration)
}

func (c *Config) check() error {
	fail := func(why string) error { return hotline.Errorf(hotline.KindInvalid, "telegram", "%s", why) }
	if c.DB == nil || c.Objects == nil || c.Log == nil || c.Identity.IsZero() || len(c.Seed) != seal.SeedSize || c.Sealer.Key.IsZero() ||
		c.Sealer.Manifest == nil || c.Sealer.Clock == nil || len(c.Sealer.IndexKey) != seal.SeedSize {
		return fail("a database, attachments, keys, a seed, a clock and a log are needed")
	}
	if c.API == "" {
		c.API = DefaultAPI
	}
	for _, origin := range []string{c.API, c.Webhook} {
		u, err := url.Parse(origin)
		if origin != "" && (err != nil || u.Host == "" || u.Path != "" || (u.Scheme != "https" && u.Scheme != "http")) {
			return fail("an address is an origin such as https://example.org, without a slash at the end")
		}
	}
	if c.Pause == nil {
		c.Pause = pause
	}
	return nil
}

func pause(done <-chan struct{}, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-done:
	}
}
