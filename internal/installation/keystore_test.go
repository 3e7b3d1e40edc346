package installation_test

import (
	"context"
	"log/slog"
	"net"
	"path/filepath"
	"testing"
	"time"

	"safeconduct/internal/backup"
	"safeconduct/internal/installation"
	"safeconduct/internal/journal"
	"safeconduct/internal/store/storetest"
)

// A new house has its key store from its first start on, before any backup.
func TestFirstStartWritesTheKeyStore(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			o := settings(filepath.Join(t.TempDir(), "house"))
			if engine != storetest.SQLite {
				o.Database = storetest.URL(t, engine)
			}
			in := made(t, o)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			do(t, in.Run(ctx, installation.Run{
				Roles: []installation.Role{installation.RoleDesk}, Clock: time.Now, Log: slog.New(slog.DiscardHandler),
				Ready: func(net.Addr, net.Addr) { cancel() },
			}))
			if taken, err := backup.List(in.BackupTarget().Dir); err != nil || len(taken) != 0 {
				t.Errorf("a backup was taken: %v %v", taken, err)
			}
			files, err := filepath.Glob(in.BackupTarget().Keys)
			if err != nil || len(files) != 1 {
				t.Fatalf("no key store: %v", err)
			}
			m, err := backup.CheckFile(files[0], verifier(t, in))
			do(t, err)
			wraps := 0
			do(t, backup.Rows(files[0], m, func(table string, _ map[string]any) error {
				if table == "team_wrap" {
					wraps++
				}
				return nil
			}))
			if m.Kind != backup.KindKeys || wraps == 0 {
				t.Errorf("%s with %d wraps", m.Kind, wraps)
			}
		})
	}
}

func verifier(t *testing.T, in *installation.Installation) *journal.Verifier {
	t.Helper()
	v, err := journal.ParseVerifier(in.JournalKey())
	do(t, err)
	return v
}
