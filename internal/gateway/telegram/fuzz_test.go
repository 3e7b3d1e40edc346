package telegram

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"safeconduct/internal/gateway"
	"safeconduct/internal/hotline"
	"safeconduct/internal/object"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
)

// planner is a gateway that plans and seals and never speaks to a database.
type planner struct {
	*Gateway
	desk seal.TeamSecret
	to   seal.Identity // of the case that one of its chats has
}

func newPlanner(t testing.TB) *planner {
	t.Helper()
	p := &planner{}
	var key seal.SigningKey
	var own seal.Identity
	for _, err := range []error{
		set(&p.desk)(seal.NewTeamSecret(hotline.TeamDesk, 1)), set(&p.to)(seal.NewIdentity()), set(&key)(seal.NewSigningKey()), set(&own)(seal.NewIdentity()),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	m := seal.Manifest{
		Serial: 1, Routes: []string{"https://page.example.org"}, GatewayKey: key.Public(), Gateway: own.Recipient(),
		Teams: map[hotline.Team]seal.TeamKey{hotline.TeamDesk: p.desk.Public()},
	}
	bots, err := ParseBots([]byte("4711:simulated-token-of-vesna ru\n"))
	if err != nil {
		t.Fatal(err)
	}
	p.Gateway, err = New(Config{
		Bots: bots, DB: &store.DB{}, Objects: &object.Keeper{}, Identity: own, Seed: make([]byte, seal.SeedSize), Log: slog.New(slog.DiscardHandler),
		Sealer: gateway.Sealer{
			Manifest: func(context.Context) ([]byte, seal.Manifest, error) { return nil, m, nil },
			Key:      key, IndexKey: make([]byte, seal.SeedSize), Clock: time.Now,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func set[T any](to *T) func(T, error) error {
	return func(v T, err error) error { *to = v; return err }
}

// check plans what an update leads to, for a stranger and in a case, and sees that
// a desk can open what is kept and Telegram can take what is said.
func (p *planner) check(t *testing.T, in *incoming) {
	t.Helper()
	in.bot = p.bots[0]
	for _, c := range []*chat{
		{settings: settings{Stay: stayDefault}},
		{settings: settings{Stay: stayDefault, Lang: "en", Asked: true}, known: true, hasCase: true, answered: true, conv: gateway.Conversation{To: p.to.Recipient(), Seq: -1}},
	} {
		one := &pending{in: in, handle: p.handle(in.chat), chat: c}
		made, err := p.make(t.Context(), one, crowdNow{people: 50, oldest: time.Hour})
		if err != nil {
			t.Fatalf("an update that cannot be kept: %v", err)
		}
		switch {
		case made.record != nil:
			if _, err := seal.OpenRecord(p.to, made.record.File); err != nil {
				t.Fatalf("no desk opens the record: %v", err)
			}
		case made.fresh != nil:
			g, _, err := seal.ParseGeneration(made.fresh.Statement)
			if err != nil {
				t.Fatal(err)
			}
			id, err := seal.UnwrapIdentity(p.desk.Identity, made.fresh.Wrap, g.Recipient)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := seal.OpenRecord(id, made.fresh.Record); err != nil {
				t.Fatalf("no desk opens the first record: %v", err)
			}
		}
		for _, w := range made.words {
			if n := len(utf16.Encode([]rune(w.Text))); n > maxMessage {
				t.Fatalf("a word of %d units", n)
			}
			for _, row := range w.Keys {
				for _, k := range row {
					if len(k.Data) > 64 || k.Label == "" { // core.telegram.org/bots/api#inlinekeyboardbutton
						t.Fatalf("a button says %d bytes", len(k.Data))
					}
				}
			}
		}
		for _, j := range made.jobs {
			if len(j.Payload) > 64<<10 {
				t.Fatalf("a job of %d bytes", len(j.Payload))
			}
		}
	}
}

// Whatever comes as an update: what is taken can be kept, opened and answered.
func FuzzUpdate(f *testing.F) {
	for _, rest := range Hostile() {
		f.Add([]byte(HostileUpdate(5, rest)))
	}
	p := newPlanner(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		in, ignored, err := parse(raw)
		if err == nil && (in == nil) == (ignored == "") {
			t.Fatal("neither taken nor counted")
		}
		if in != nil {
			p.check(t, in)
		}
	})
}

// Whoever presses can send anything in the name of a button.
func FuzzForm(f *testing.F) {
	for _, data := range []string{"menu", "how", "really", "register", "code", "write", "stay", "stay:60", "erase", "stop", "form:", "form:0", "form:01-", "form:0000", "form:----", "form:33331", "form:\x00"} {
		f.Add(data)
	}
	p := newPlanner(f)
	f.Fuzz(func(t *testing.T, data string) {
		p.check(t, &incoming{update: 1, chat: 31, kind: kindButton, number: 7, button: data, query: "1"})
	})
}

// A file of bots is read whole or not at all, and no token is repeated by an error.
func FuzzBots(f *testing.F) {
	for _, text := range []string{
		"", "# none\n", "4711:simulated-token-of-vesna ru\n", "4711:simulated-token-of-vesna", "1:aaaaaaaaaaaaaaaaaaaaaaaa ru\n1:bbbbbbbbbbbbbbbbbbbbbbbb uk\n",
		"0:aaaaaaaaaaaaaaaaaaaaaaaa ru", "-1:aaaaaaaaaaaaaaaaaaaaaaaa", "1:short", "1:aaaaaaaaaaaaaaaaaaaa/../../x ru", "1:aaaaaaaaaaaaaaaaaaaaaaaa xx", "1:aaaaaaaaaaaaaaaaaaaaaaaa ru more",
		"99999999999999999999:aaaaaaaaaaaaaaaaaaaaaaaa ru", "1:aaaaaaaaaaaaaaaaaaaaa\x00aaa ru", "\ufeff1:aaaaaaaaaaaaaaaaaaaaaaaa ru\r\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		bots, err := ParseBots(text)
		if err != nil {
			for _, field := range strings.Fields(string(text)) {
				_, secret, found := strings.Cut(field, ":")
				if found && len(secret) >= 20 && strings.Contains(err.Error(), secret) {
					t.Fatal("an error repeats a token")
				}
			}
			return
		}
		for _, b := range bots {
			if b.Token.ID() <= 0 || texts[b.Language].Kept == "" || b.Token.String() != "token(hidden)" {
				t.Fatal("no bot")
			}
			if out, err := json.Marshal(b); err != nil || strings.Contains(string(out), b.Token.text) {
				t.Fatal("a token can be printed")
			}
			if _, err := url.Parse(DefaultAPI + "/bot" + b.Token.text + "/getMe"); err != nil {
				t.Fatal("a token that makes no address")
			}
		}
	})
}
