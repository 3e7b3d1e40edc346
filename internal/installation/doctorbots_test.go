package installation_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/installation"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
	"safeconduct/internal/store/storetest"
)

// list signs the manifest of a house again, with these addresses.
func list(t *testing.T, in *installation.Installation, o installation.Init, addresses ...seal.ChannelAddress) {
	t.Helper()
	ctx := t.Context()
	keys, err := filepath.Glob(filepath.Join(in.Dir, "operator", "*"))
	if err != nil || len(keys) != 1 {
		t.Fatalf("key files %v: %v", keys, err)
	}
	k, err := seal.Unlock(read(t, keys[0]), o.Passphrase)
	do(t, err)
	d := storetest.Open(t, in.DatabaseURL())
	do(t, d.Update(ctx, func(tx *store.Tx) error {
		row, err := tx.LatestDocument(ctx, api.DocumentManifest)
		if err != nil {
			return err
		}
		m, err := seal.ReadManifest(row.Body)
		if err != nil {
			return err
		}
		m.Serial, m.Channels = m.Serial+1, addresses
		signed, err := seal.SignManifest(m, k.Authority)
		if err != nil {
			return err
		}
		_, err = tx.InsertDocument(ctx, db.InsertDocumentParams{Kind: api.DocumentManifest, Serial: m.Serial, Body: signed.Text(), Hour: int64(m.Hour), Leaf: row.Leaf})
		return err
	}))
	do(t, d.Close())
}

// The file of bots is read, its fault is named by its line, and bots that
// nobody can compare with the list are found. No token is shown.
func TestDoctorLooksAtBots(t *testing.T) {
	t.Parallel()
	const token = "123456:abcdefghijklmnopqrstuvwxyz"
	phone := seal.ChannelAddress{Channel: hotline.ChannelPhone, Address: "+380441234567"}
	bot := seal.ChannelAddress{Channel: hotline.ChannelTelegram, Address: "@example_bot"}
	for name, c := range map[string]struct {
		file            string // empty: there is none
		listed          []seal.ChannelAddress
		bots, addresses string // states; empty: not looked at
		says            string
	}{
		"no bots":           {},
		"listed":            {file: token + " ru\n", listed: []seal.ChannelAddress{phone, bot}, bots: installation.StateOK, addresses: installation.StateOK, says: "1 in the file of bots"},
		"nothing is listed": {file: token + " ru\n", bots: installation.StateOK, addresses: installation.StateWarn, says: "page Addresses"},
		"a number is listed": {
			file: token + " ru\n", listed: []seal.ChannelAddress{phone}, bots: installation.StateOK, addresses: installation.StateWarn, says: "name no bot",
		},
		"a wrong line":  {file: "# ours\n" + token + " xx\n", bots: installation.StateFail, says: "line 2"},
		"an empty file": {file: "# none yet\n", bots: installation.StateWarn, says: "no door in Telegram"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := settings(filepath.Join(t.TempDir(), "house"))
			in := made(t, o)
			if c.file != "" {
				do(t, os.WriteFile(filepath.Join(in.Dir, "secret", "telegram"), []byte(c.file), 0o600))
			}
			if c.listed != nil {
				list(t, in, o, c.listed...)
			}
			got := states(t, in.Dir, time.Now())
			if got["bots"].State != c.bots || got["addresses"].State != c.addresses || got["manifest"].State != installation.StateOK {
				t.Errorf("%+v", got)
			}
			said := ""
			for _, f := range []string{"bots", "addresses"} {
				said += got[f].Text + " " + got[f].Next + "\n"
			}
			if !strings.Contains(said, c.says) || strings.Contains(said, "abcdefghijklm") {
				t.Errorf("says: %s", said)
			}
		})
	}
}
