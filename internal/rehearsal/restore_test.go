package rehearsal_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"safeconduct/internal/backup"
	"safeconduct/internal/hotline"
	"safeconduct/internal/installation"
	"safeconduct/internal/rehearsal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/storetest"
)

// boot starts a whole product on an engine.
func boot(t *testing.T, engine string) *rehearsal.Product {
	t.Helper()
	a := rehearsal.Authority{
		Dir: filepath.Join(t.TempDir(), "first"), Name: "Heron", Passphrase: "nine quiet herons", Clock: time.Now, Log: slog.New(slog.DiscardHandler),
	}
	if engine == storetest.Postgres {
		a.Database = storetest.URL(t, engine)
	}
	p, err := rehearsal.Boot(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func takeBackup(t *testing.T, in *installation.Installation) backup.Taken {
	t.Helper()
	taken, err := in.Backup(t.Context(), in.BackupTarget(), time.Now, nil)
	if err != nil {
		t.Fatal(err)
	}
	return taken
}

func restoreOf(p *rehearsal.Product, taken backup.Taken, to string) installation.Restore {
	return installation.Restore{
		From: taken.Path, Keys: p.Installation.BackupTarget().Keys, Secrets: p.Installation.Dir, To: to, Clock: time.Now,
	}
}

// TestRestoreRefuses: whatever is wrong is said before anything is written.
func TestRestoreRefuses(t *testing.T) {
	t.Parallel()
	p := boot(t, storetest.SQLite)
	defer p.Close()
	taken := takeBackup(t, p.Installation)
	other := boot(t, storetest.SQLite)
	defer other.Close()
	strange := takeBackup(t, other.Installation)
	write := func(name string, b []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	whole := read(t, taken.Path)
	for name, c := range map[string]struct {
		change func(*installation.Restore)
		kind   hotline.Kind
		word   string
	}{
		"another authority's backup":    {func(r *installation.Restore) { r.From = strange.Path }, hotline.KindForged, "another authority"},
		"another authority's key store": {func(r *installation.Restore) { r.Keys = other.Installation.BackupTarget().Keys }, hotline.KindForged, "another authority"},
		"a truncated one":               {func(r *installation.Restore) { r.From = write("a.tar", whole[:len(whole)/2]) }, hotline.KindForged, "cut off"},
		"a changed one": {func(r *installation.Restore) {
			r.From = write("b.tar", bytes.Replace(whole, []byte(`"genesis"`), []byte(`"genesjs"`), 1))
		}, hotline.KindForged, "damaged"},
		"no key store":              {func(r *installation.Restore) { r.Keys = "" }, hotline.KindConflict, "desk 1"},
		"files the wrong way round": {func(r *installation.Restore) { r.From, r.Keys = r.Keys, r.From }, hotline.KindInvalid, "--keys"},
		"a folder in use":           {func(r *installation.Restore) { r.To = p.Installation.Dir }, hotline.KindConflict, "new folder"},
		"no secrets":                {func(r *installation.Restore) { r.Secrets = t.TempDir() }, hotline.KindNotFound, "installation"},
		"no such backup":            {func(r *installation.Restore) { r.From += "x" }, hotline.KindUnavailable, "cannot be read"},
	} {
		to := filepath.Join(t.TempDir(), "new")
		r := restoreOf(p, taken, to)
		c.change(&r)
		_, err := r.Run(t.Context())
		if hotline.KindOf(err) != c.kind || err == nil || !strings.Contains(err.Error(), c.word) {
			t.Errorf("%s: %v (%v)", name, err, hotline.KindOf(err))
		}
		if _, err := os.Stat(to); err == nil {
			t.Errorf("%s: something was written", name)
		}
	}
	// A database in use is refused as well.
	r := restoreOf(p, taken, filepath.Join(t.TempDir(), "new"))
	r.Database = storetest.URL(t, storetest.Postgres)
	if err := storetest.Open(t, r.Database).Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Run(t.Context()); hotline.KindOf(err) != hotline.KindConflict {
		t.Errorf("a database in use: %v", err)
	}
}

// An interrupted restore leaves nothing that could be served, and is begun again.
func TestRestoreIsInterrupted(t *testing.T) {
	t.Parallel()
	p := boot(t, storetest.SQLite)
	defer p.Close()
	photo := attach(t, p)
	taken := takeBackup(t, p.Installation)
	for _, engine := range storetest.Engines() {
		to := filepath.Join(t.TempDir(), "new")
		r := restoreOf(p, taken, to)
		if engine == storetest.Postgres {
			r.Database = storetest.URL(t, engine)
		}
		ctx, cancel := context.WithCancel(t.Context())
		r.Tell = func(backup.Progress) { cancel() }
		if _, err := r.Run(ctx); err == nil {
			t.Fatalf("%s: interrupted, and no error", engine)
		}
		cancel()
		if _, err := installation.Open(to); err == nil {
			t.Errorf("%s: half a restore can be served", engine)
		}
		if engine == storetest.Postgres {
			if _, err := store.Open(t.Context(), r.Database); !errors.Is(err, store.ErrTransfer) {
				t.Errorf("half a database opens: %v", err)
			}
		}
		r.Tell = nil
		if _, err := r.Run(t.Context()); err != nil {
			t.Errorf("%s: again: %v", engine, err)
		}
		in, err := installation.Open(to)
		if err != nil {
			t.Fatal(err)
		}
		if report, _, err := in.Verify(t.Context(), "", nil); err != nil || !report.OK() {
			t.Errorf("%s: the journal: %v %v", engine, report, err)
		}
		whole, err := filepath.Glob(filepath.Join(to, "objects", "*", "*"))
		if err != nil || len(whole) != 1 || !bytes.Equal(read(t, whole[0]), photo) {
			t.Errorf("%s: the attachment did not come back: %v %v", engine, whole, err)
		}
		for _, f := range installation.Doctor(t.Context(), to, time.Now) {
			if f.Check == "attachments" && f.State != installation.StateOK {
				t.Errorf("%s: %+v", engine, f)
			}
		}
	}
}

// attach sends a file through the public door, and returns its sealed bytes.
func attach(t *testing.T, p *rehearsal.Product) []byte {
	t.Helper()
	client, err := p.Contact(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	keys, err := client.Keys(nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.StartWith(t.Context(), keys, "A photo of the paper.", "en")
	if err != nil {
		t.Fatal(err)
	}
	up, err := c.Attach(bytes.Repeat([]byte("pixels "), 20_000), "image/png")
	if err == nil {
		err = up.Send(t.Context())
	}
	if err == nil {
		err = c.SendFiles(t.Context(), "", "en", up)
	}
	if err != nil {
		t.Fatal(err)
	}
	return up.Sealed()
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
