package endure

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/installation"
	"safeconduct/internal/intake/contact"
	"safeconduct/internal/store/storetest"
)

// smallDisk mounts a disk of some MiB.
func smallDisk(tb testing.TB, mib int) string {
	tb.Helper()
	if os.Geteuid() != 0 {
		tb.Skip("a small disk can only be mounted by root")
	}
	dir := tb.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%dm", mib)); err != nil {
		tb.Skipf("a small disk cannot be mounted here: %v", err)
	}
	tb.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			tb.Error(err)
		}
	})
	return dir
}

// fill leaves a share of a disk free; 0 leaves nothing.
func fill(tb testing.TB, dir string, free float64) {
	tb.Helper()
	var st syscall.Statfs_t
	ok(tb, syscall.Statfs(dir, &st))
	f := must[*os.File](tb)(os.Create(filepath.Join(dir, "ballast")))
	defer f.Close()
	bytes := int64(st.Bavail)*st.Bsize - int64(free*float64(st.Blocks))*st.Bsize
	for block := make([]byte, 4096); bytes > 0 || free == 0; bytes -= 4096 {
		if _, err := f.Write(block); errors.Is(err, syscall.ENOSPC) {
			return
		} else if err != nil {
			tb.Fatal(err)
		}
	}
}

func makeRoom(tb testing.TB, dir string) {
	tb.Helper()
	ok(tb, os.Remove(filepath.Join(dir, "ballast")))
}

// onSmallDisk makes a house whose database is on a small disk.
func onSmallDisk(t *testing.T, engine string) (h *house, disk string) {
	disk = smallDisk(t, 24)
	really := func(r *installation.Run) { r.Disk = nil } // asks the system how full it is
	if engine == storetest.SQLite {
		return newHouseIn(t, filepath.Join(disk, "house"), "", really), disk
	}
	url := storetest.URL(t, engine)
	name := "small_" + strconv.Itoa(os.Getpid())
	folder := filepath.Join(disk, "tablespace")
	ok(t, os.Mkdir(folder, 0o700))
	ok(t, os.Chmod(disk, 0o755))
	for dir := filepath.Dir(disk); dir != "/"; dir = filepath.Dir(dir) { // the database server is another user
		if info, err := os.Stat(dir); err == nil && info.Mode().Perm()&0o005 != 0o005 {
			ok(t, os.Chmod(dir, info.Mode().Perm()|0o005))
		}
	}
	u := must[*user.User](t)(user.Lookup("postgres"))
	ok(t, os.Chown(folder, must[int](t)(strconv.Atoi(u.Uid)), must[int](t)(strconv.Atoi(u.Gid))))
	config := must[*pgx.ConnConfig](t)(pgx.ParseConfig(url))
	database := config.Database
	config.Database = "postgres"
	run := func(text string) {
		t.Helper()
		ctx := context.WithoutCancel(t.Context()) // the last call comes from a cleanup
		conn := must[*pgx.Conn](t)(pgx.ConnectConfig(ctx, config))
		_, err := conn.Exec(ctx, text)
		ok(t, errors.Join(err, conn.Close(ctx)))
	}
	run("CREATE TABLESPACE " + name + " LOCATION '" + folder + "'")
	t.Cleanup(func() { run("DROP TABLESPACE " + name) })
	run("ALTER DATABASE " + database + " SET TABLESPACE " + name)
	t.Cleanup(func() { run("ALTER DATABASE " + database + " SET TABLESPACE pg_default") })
	return newHouse(t, url), disk
}

// TestDiskIsFull fills the database's disk in normal service. People and desks are
// told that nothing was kept, what was acknowledged stays, and when there is room
// again everything goes on by itself.
func TestDiskIsFull(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			diskIsFull(t, engine)
		})
	}
}

func diskIsFull(t *testing.T, engine string) {
	ctx := t.Context()
	h, disk := onSmallDisk(t, engine)
	d := h.station(h.copyOf(filepath.Join(h.dir, "operator")))
	k := h.begins("I am here")
	d.reads(k.ID(), "I am here")
	d.replies(k.ID(), "We hear you")
	k.told = append(k.told, "We hear you")
	if engine == storetest.SQLite { // attachments lie on the same disk
		strangersWaitAt80(t, h, disk, k)
	}

	fill(t, disk, 0)
	var err error
	for n := 0; err == nil && n < 400; n++ { // what there is of room inside the database is used up first
		text := fmt.Sprintf("message %d %s", n, strings.Repeat("x", 4000))
		if err = k.Send(ctx, text, "en"); err == nil {
			k.said = append(k.said, text)
		}
	}
	notKept(t, err, hotline.KindUnavailable)
	if k.Waiting() != 1 {
		t.Errorf("%d messages wait in the page", k.Waiting())
	}
	stranger, err := h.client("127.0.0.1", impatient()...).StartWith(ctx, newKeys(t), "Is somebody there?", "en")
	notKept(t, err, hotline.KindUnavailable)
	r, err := d.Reply(ctx, k.ID(), "Wait")
	if err != nil || r.Outcome != desk.OutcomeQueued {
		t.Errorf("a reply while the disk is full: %+v %v", r, err)
	}
	d.until("the desk says that the disk is full", func() bool {
		items := d.Outbox()
		return len(items) == 1 && strings.Contains(items[0].Why.String()+d.State().Offline.String(), "full")
	})
	says(t, h, "disk", engine == storetest.SQLite, installation.StateFail)

	makeRoom(t, disk)
	resends(t, k.Case)
	k.said = append(k.said, fmt.Sprintf("message %d %s", len(k.said)-1, strings.Repeat("x", 4000)))
	resends(t, stranger)
	d.until("the reply that waited has gone out by itself", func() bool { return d.State().Waiting == 0 })
	k.told = append(k.told, "Wait")
	k.whole(t, d)
	d.reads(stranger.ID(), "Is somebody there?")
	says(t, h, "writing", true, installation.StateOK)
}

// strangersWaitAt80 shows that attachments of those whom nobody has answered
// wait first, and text does not.
func strangersWaitAt80(t *testing.T, h *house, disk string, answered *talk) {
	t.Helper()
	ctx := t.Context()
	stranger := h.begins("a stranger")
	fill(t, disk, 0.15)
	up := must[*contact.Upload](t)(stranger.Attach([]byte("a photo"), "image/jpeg"))
	notKept(t, up.Send(ctx), hotline.KindBusy)
	stranger.says("text goes on")
	_, err := answered.Open(ctx)
	ok(t, err)
	ok(t, must[*contact.Upload](t)(answered.Attach([]byte("a photo"), "image/jpeg")).Send(ctx))
	makeRoom(t, disk)
	ok(t, up.Send(ctx))
}

// says looks what the doctor finds.
func says(t *testing.T, h *house, check string, applies bool, state string) {
	t.Helper()
	if !applies {
		return
	}
	for _, f := range installation.Doctor(t.Context(), h.dir, h.clock.Now) {
		if f.Check == check {
			if f.State != state || (state != installation.StateOK && f.Next == "") {
				t.Errorf("the doctor: %+v, want %s", f, state)
			}
			return
		}
	}
	t.Errorf("the doctor does not look at %s", check)
}

// TestReadOnlyDisk starts the server on a disk that was mounted read-only, as after
// an error of the file system: clear words, and nothing needs mending afterwards.
func TestReadOnlyDisk(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, 24)
	h := newHouseIn(t, filepath.Join(disk, "house"), "")
	k := h.begins("I am here")
	h.first.stop()
	remount := func(flags uintptr) {
		t.Helper()
		ok(t, syscall.Mount("", disk, "", syscall.MS_REMOUNT|flags, ""))
	}
	remount(syscall.MS_RDONLY)
	err := h.in.Run(t.Context(), installation.Run{Clock: h.clock.server, Log: slog.New(slog.DiscardHandler)})
	if hotline.KindOf(err) != hotline.KindUnavailable || !strings.Contains(err.Error(), "read-only") {
		t.Errorf("started on a read-only disk: %v (%v)", err, hotline.KindOf(err))
	}
	found := installation.Doctor(t.Context(), h.dir, h.clock.Now)
	if !slices.ContainsFunc(found, func(f installation.Finding) bool {
		return f.State == installation.StateFail && strings.Contains(f.Text, "read-only") && f.Next != ""
	}) {
		t.Errorf("the doctor does not say that the disk is read-only: %+v", found)
	}
	remount(0)
	h.first = h.start(listen(t, h.in.Config.Public), listen(t, h.in.Config.DeskListen))
	d := h.station(h.copyOf(filepath.Join(h.dir, "operator")))
	k.says("again")
	k.whole(t, d)
}
