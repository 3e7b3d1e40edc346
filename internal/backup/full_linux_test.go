package backup_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"safeconduct/internal/hotline"
	"safeconduct/internal/store/storetest"
)

// A disk that fills up during a backup: clear words, the earlier backup and the
// key store as they were, and the server goes on.
func TestBackupOnAFullDisk(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("a small disk can only be mounted by root")
	}
	f := newFixture(t, storetest.SQLite)
	small := t.TempDir()
	if err := syscall.Mount("tmpfs", small, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("a small disk cannot be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(small, 0); err != nil {
			t.Error(err)
		}
	})
	f.to.Dir, f.to.Keys = filepath.Join(small, "backup"), filepath.Join(small, "keys", "keys.tar")
	earlier := f.take()
	// Less than a backup fits beside this.
	ballast := filepath.Join(small, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 990<<10), 0o600); err == nil {
		t.Log("the ballast fitted whole")
	}
	_, err := f.source().Take(t.Context(), f.to)
	if hotline.KindOf(err) != hotline.KindUnavailable || !strings.Contains(err.Error(), "full") {
		t.Errorf("got %v (%v)", err, hotline.KindOf(err))
	}
	f.write("the server goes on")
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	f.nothingLeft(earlier)
	f.take() // once there is room
}
