package endure

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/intake/contact"
	"safeconduct/internal/seal"
	"safeconduct/internal/store/storetest"
)

// month is a house in which months go by.
type month struct {
	*house
	t       *testing.T
	cluster *storetest.Cluster
	heron   *station // operator, supervisor, administrator
	boris   *station // operator, supervisor
	clara   *station // operator, until her access is ended
	people  map[string]*person
	order   []*person // as they came
	canary  needles   // what must be nowhere at any time
	gone    needles   // what must be nowhere at the end
	living  []seal.Identity
	began   time.Time
}

// person is somebody who writes.
type person struct {
	*contact.Case
	name  string
	from  string
	keys  seal.Contact
	hours []int64 // in which the case was touched, and nothing else
}

// TestMonth plays more than three months: people write from many addresses, are
// answered, put away, withdraw, end, are forgotten; keys age and are destroyed.
// Then it searches everything that the server's side has on disk.
func TestMonth(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			m := newMonth(t, engine)
			m.begins()
			m.firstWeek()
			old := m.keptAside()
			m.folds()
			m.goesOn()
			m.destroys(old)
			m.lastSearch(old)
		})
	}
}

func newMonth(t *testing.T, engine string) *month {
	m := &month{t: t, people: map[string]*person{}, canary: needles{}, gone: needles{}}
	url := ""
	if engine == storetest.Postgres {
		// What an administrator is told to set (docs/operations.md): without it old
		// pieces of the log of changes are kept, under other names.
		c := storetest.NewCluster(t, "wal_recycle=off", "wal_compression=off", "min_wal_size=32MB", "max_wal_size=64MB")
		m.cluster, url = &c, c.URL
	}
	m.house = newHouse(t, url)
	m.first.stop()
	m.in.Config.Backup.Keep = 2
	m.first = m.start(listen(t, m.in.Config.Public), listen(t, m.in.Config.DeskListen))
	m.began = m.clock.Now()
	if m.cluster != nil {
		m.uncompressed()
	}
	for _, text := range []string{agent, "Heronbeak", forwarded, "canary-referer"} {
		m.canary.text("what a browser says of itself, "+text, text)
	}
	return m
}

// uncompressed makes PostgreSQL keep long values as they are: the search does
// not read its compression. Nothing else of its ways is changed.
func (m *month) uncompressed() {
	m.sql(`DO $$ DECLARE r record; BEGIN
		FOR r IN SELECT table_name AS t, column_name AS c FROM information_schema.columns WHERE table_schema = 'public' AND data_type IN ('bytea', 'text') LOOP
			EXECUTE format('ALTER TABLE %I ALTER COLUMN %I SET STORAGE EXTERNAL', r.t, r.c);
		END LOOP; END $$`)
}

func (m *month) sql(text string) {
	m.t.Helper()
	ctx := context.Background()
	conn := must[*pgx.Conn](m.t)(pgx.Connect(ctx, m.cluster.URL))
	_, err := conn.Exec(ctx, text)
	ok(m.t, err)
	ok(m.t, conn.Close(ctx))
}

// day is how many days have gone by.
func (m *month) day() int { return int(m.clock.Now().Sub(m.began) / day) }

// until lets days go by; the background work looks once on each.
func (m *month) until(n int) {
	m.t.Helper()
	for m.day() < n {
		step := day
		if m.day() >= 12 && m.day() < n-1 {
			step *= 2
		}
		m.clock.pass(step)
		m.first.looks()
	}
}

// alone makes an hour in which nothing but what follows happens, and notes it.
func (m *month) alone(p *person) {
	m.clock.pass(time.Hour)
	if m.clock.Now().Hour() == 0 { // midnight looks like a whole day
		m.clock.pass(time.Hour)
	}
	p.hours = append(p.hours, int64(hotline.HourOf(m.clock.Now())))
}

// writes is somebody's first message, from an address of his own.
func (m *month) writes(name string) *person {
	m.t.Helper()
	n := len(m.order)
	p := &person{name: name, from: fmt.Sprintf("127.%d.%d.%d", 17+n, 33+3*n, 55+7*n), keys: newKeys(m.t)}
	m.alone(p)
	c, err := m.client(p.from).StartWith(m.t.Context(), p.keys, m.word(name, "first"), "ru")
	ok(m.t, err)
	p.Case = c
	m.people[name], m.order = p, append(m.order, p)
	m.canary.text("the address of "+name, p.from)
	ip := []byte{0, 0, 0xff, 0xff, 127, byte(17 + n), byte(33 + 3*n), byte(55 + 7*n)} // as an IPv6 address holds it (RFC 4291, section 2.5.5.2)
	m.canary.raw("the address of "+name+" as a number", ip)
	return p
}

// word is a text that stands nowhere else.
func (m *month) word(name, what string) string {
	text := "канарейка-" + name + "-" + what
	m.canary.text("what "+name+" wrote or was told", text)
	return text
}

// says writes once more, in an hour of its own.
func (m *month) says(p *person, what string) string {
	m.t.Helper()
	m.alone(p)
	m.comesBack(p)
	text := m.word(p.name, what)
	ok(m.t, p.Send(m.t.Context(), text, "ru"))
	return text
}

// comesBack is a person who opens a page of today.
func (m *month) comesBack(p *person) {
	m.t.Helper()
	p.Case = m.client(p.from).ReturnWith(p.keys)
	_, err := p.Open(m.t.Context())
	ok(m.t, err)
}

// answered is a reply that the person fetches and puts away.
func (m *month) answered(d *station, p *person, what string, away bool) {
	m.t.Helper()
	m.alone(p)
	text := m.word(p.name, what)
	d.replies(p.ID(), text)
	m.comesBack(p)
	var last *contact.Reply
	for after := int64(-1); ; {
		r, more, err := p.Fetch(m.t.Context(), after, last)
		ok(m.t, err)
		if !more {
			break
		}
		last, after = &r, r.Seq
		if away {
			ok(m.t, p.PutAway(m.t.Context(), r.ID))
		}
	}
	if last == nil || last.Text != text {
		m.t.Fatalf("%s was told %+v", p.name, last)
	}
}

// begins lets two more people in and makes the times short, by two people.
func (m *month) begins() {
	m.t.Helper()
	m.heron = m.openDesk()
	m.boris = m.heron.enrol("Boris", hotline.RoleOperator, hotline.RoleSupervisor)
	m.clara = m.heron.enrol("Clara", hotline.RoleOperator)
	for _, line := range []struct {
		key  string
		days int
	}{{"reads", 7}, {"closed.fold", 7}, {"closed.whole", 31}, {"unfounded.fold", 7}, {"unfounded.whole", 31}, {"withdrawn.fold", 7}, {"withdrawn.whole", 91}, {"trace", 15}, {"epoch", 30}, {"silence", 30}} {
		ok(m.t, m.heron.ProposeRetention(m.t.Context(), line.key, line.days, "a short month"))
		m.boris.approves(hotline.SharedRetention)
		m.heron.until(line.key+" is changed", func() bool {
			k, err := m.heron.Keeping(m.t.Context())
			i := slices.IndexFunc(k.Lines, func(l hotline.RetentionLine) bool { return l.Key == line.key })
			return err == nil && k.Lines[i].Value == line.days
		})
	}
}

// firstWeek is full of people.
func (m *month) firstWeek() {
	m.t.Helper()
	m.until(1)
	for i, name := range []string{"fold", "photo", "forget", "quiet", "kept", "open", "withdrawn"} {
		p := m.writes(name)
		d := []*station{m.heron, m.boris, m.clara}[i%3]
		d.reads(p.ID(), m.word(name, "first"))
		m.answered(d, p, "answer", i%2 == 0)
	}
	photo := m.people["photo"]
	m.alone(photo)
	m.comesBack(photo)
	up := must[*contact.Upload](m.t)(photo.Attach([]byte(strings.Repeat(m.word("photo", "picture"), 2000)), "image/jpeg"))
	ok(m.t, up.Send(m.t.Context()))
	ok(m.t, photo.SendFiles(m.t.Context(), m.word("photo", "look"), "ru", up))
	m.boris.reads(photo.ID(), m.word("photo", "look"))
	m.answered(m.boris, photo, "seen", true)
	m.until(2)
	for name, stage := range map[string]hotline.Stage{"fold": hotline.StageUnfounded, "photo": hotline.StageUnfounded, "withdrawn": hotline.StageWithdrawn, "quiet": hotline.StageStandby, "kept": hotline.StageStandby} {
		m.alone(m.people[name])
		m.heron.stage(m.people[name].ID(), stage)
	}
	m.alone(photo)
	ok(m.t, m.heron.Plant(m.t.Context(), photo.ID()))
	ok(m.t, m.clara.Opened(photo.ID()))
	m.heron.until("an alarm says who has opened the canary", func() bool {
		for _, r := range m.rows() {
			if r.table == "tripwire_alarm" && r.names(photo.ID()) {
				return true
			}
		}
		return false
	})
	m.living = m.livingKeys(m.heron, m.boris, m.clara)
	m.until(5)
	m.notes(m.rows(), true, "forget")
	ok(m.t, m.boris.ProposeForget(m.t.Context(), m.people["forget"].ID(), "asked in the conversation"))
	m.heron.approves(hotline.SharedForget)
	m.boris.until("the one who asked is forgotten", func() bool { _, err := m.boris.Case(m.t.Context(), m.people["forget"].ID()); return err != nil })
	// It finds what is there: the door of somebody whose case is not folded yet.
	n := needles{}
	n.clear("fold", m.rows(), m.people["fold"].ID(), true)
	places := m.flushed()
	if f := n.find(map[string][][]byte{"here": append(places["the database"], places["the log of the database"]...)}); len(f) < 5 {
		m.t.Errorf("the search finds only %v of a case that is there", f)
	}
	if f := subDay(m.rows(), m.people["fold"].ID()); len(f) < 4 {
		m.t.Errorf("only %v of a case that is not folded know hours", f)
	}
}

// aside is what somebody has carried away on a day: every backup, and the key
// store of that day, which nobody should have a copy of.
type aside struct {
	backups []string
	keys    string
	rows    []row
}

func (m *month) keptAside() aside {
	m.t.Helper()
	m.until(9)
	taken := m.first.backs()
	dir := m.t.TempDir()
	a := aside{keys: filepath.Join(dir, "keys.tar")}
	copied := filepath.Join(dir, filepath.Base(taken.Path))
	ok(m.t, os.WriteFile(copied, must[[]byte](m.t)(os.ReadFile(taken.Path)), 0o600))
	ok(m.t, os.WriteFile(a.keys, must[[]byte](m.t)(os.ReadFile(m.in.BackupTarget().Keys)), 0o600))
	a.backups = []string{copied}
	a.rows = m.rowsOf(copied)
	return a
}

// notes keeps what must be gone once a case is folded or, whole, removed.
func (m *month) notes(rows []row, whole bool, names ...string) {
	for _, name := range names {
		p := m.people[name]
		m.gone.clear(name, rows, p.ID(), whole)
		for _, hour := range p.hours {
			m.gone.hour(name+": an hour", hour)
		}
	}
}

// nothing fails for each thing that is found.
func (m *month) nothing(when string, found []string) {
	m.t.Helper()
	for _, f := range found {
		m.t.Errorf("%s: %s", when, f)
	}
}

// flushed makes PostgreSQL write down what it has in memory alone.
func (m *month) flushed() map[string][][]byte {
	if m.cluster != nil {
		m.sql("CHECKPOINT")
	}
	return m.places(m.cluster)
}

// plants leaves something in the free pages of a SQLite file, as a program would
// that does not ask for secure_delete: the search finds it, the night ends it.
func (m *month) plants() {
	m.t.Helper()
	if m.cluster != nil {
		return
	}
	ctx := m.t.Context()
	db := must[*sql.DB](m.t)(sql.Open("sqlite", filepath.Join(m.dir, "safeconduct.db")))
	db.SetMaxOpenConns(1)
	planted := strings.Repeat("planted-in-a-free-page ", 2000)
	for _, text := range []string{
		"PRAGMA busy_timeout = 10000", "PRAGMA secure_delete = 0", "CREATE TABLE planted (x TEXT)", "INSERT INTO planted VALUES ('" + planted + "')", "DROP TABLE planted",
		"PRAGMA wal_checkpoint(TRUNCATE)",
	} {
		_, err := db.ExecContext(ctx, text)
		ok(m.t, err)
	}
	ok(m.t, db.Close())
	m.gone.raw("what was planted in a free page", []byte("planted-in-a-free-page"))
	if f := m.gone.find(map[string][][]byte{"the database": m.places(nil)["the database"]}); !slices.Contains(f, "what was planted in a free page in the database") {
		m.t.Errorf("the search does not find what was planted in a free page: %v", f)
	}
}

// folds lets the first cases that ended be folded, early in a night, and looks
// before and after the database is rewritten.
func (m *month) folds() {
	m.t.Helper()
	m.notes(m.rows(), true, "fold", "photo")
	if m.cluster != nil {
		m.sql("ANALYZE") // as PostgreSQL does by itself every now and then
	}
	m.plants()
	for m.clock.Now().Hour() != 0 {
		m.clock.pass(time.Hour)
	}
	m.first.looks()
	places := m.flushed()
	delete(places, "backup")
	kinds := m.gone.find(places)
	m.t.Logf("folded, the database not yet rewritten: %d kinds of traces", len(kinds))
	if len(kinds) == 0 {
		m.t.Error("what was deleted stays until the database is rewritten; the search finds nothing of it")
	}
	m.clock.pass(3 * time.Hour)
	m.first.looks()
	for range 4 { // a reader may have held SQLite's log: the next hour tries again
		m.clock.pass(time.Hour)
		m.first.looks()
	}
	places = m.places(m.cluster)
	delete(places, "backup") // of the day before; it goes with the next but one
	m.nothing("after the night", slices.DeleteFunc(m.gone.find(places), func(f string) bool {
		return strings.Contains(f, "record.file") || strings.Contains(f, "case_wrap") || strings.Contains(f, "object_part") || strings.Contains(f, "object") // it is folded, not removed
	}))
	for _, name := range []string{"fold", "photo"} {
		m.nothing(name+" knows more than days", subDay(m.rows(), m.people[name].ID()))
	}
}

// goesOn is what happens in the next three months.
func (m *month) goesOn() {
	m.t.Helper()
	ctx := m.t.Context()
	m.until(12)
	ok(m.t, m.heron.Revoke(ctx, m.clara.State().ID, nil))
	m.clara.until("the revoked desk is refused", func() bool { s := m.clara.State(); return !s.Online })
	m.until(35)
	var review []desk.Row
	m.heron.until("two silent cases wait for a review", func() bool {
		k, err := m.heron.Keeping(ctx)
		review = k.Review
		return err == nil && len(review) == 2
	})
	quiet, kept, open := m.people["quiet"], m.people["kept"], m.people["open"]
	_, err := m.boris.KeepAfterReview(ctx, kept.ID())
	ok(m.t, err)
	m.alone(quiet)
	m.heron.stage(quiet.ID(), hotline.StageClosed)
	m.notes(m.rows(), true, "quiet", "withdrawn")
	for _, at := range []int{43, 75} {
		m.until(at)
		m.heron.newDay() // the desk looks how old the keys are
		m.boris.reads(open.ID(), m.says(open, fmt.Sprint("day ", at)))
		m.answered(m.boris, open, fmt.Sprint("answer of day ", at), true)
		m.rewrapped()
		if at == 43 {
			m.first.backs()
		}
	}
	m.boris.reads(kept.ID(), m.says(kept, "I am back"))
	m.answered(m.heron, kept, "welcome back", false)
	m.until(80)
	late := m.writes("late")
	m.boris.reads(late.ID(), m.word("late", "first"))
	m.answered(m.boris, late, "answer", false)
	m.alone(late)
	m.boris.stage(late.ID(), hotline.StageUnfounded)
	m.notes(m.rows(), false, "late")
}

// rewrapped waits until all open cases are wrapped to the newest key.
func (m *month) rewrapped() {
	m.t.Helper()
	m.heron.until("the open cases are wrapped to the newest key", func() bool {
		k, err := m.heron.Keeping(m.t.Context())
		if err != nil {
			return false
		}
		newest := k.Epochs[len(k.Epochs)-1]
		return newest.Newest && newest.Left == 0 && newest.Epoch > 1
	})
}

// destroys lets two people destroy the first key, once it may go.
func (m *month) destroys(old aside) {
	m.t.Helper()
	ctx := m.t.Context()
	for may := false; !may; {
		if m.day() > 140 {
			k, _ := m.heron.Keeping(ctx)
			m.t.Fatalf("the first key cannot be destroyed: %+v", k.Epochs[0])
		}
		m.until(m.day() + 2)
		k, err := m.heron.Keeping(ctx)
		may = err == nil && k.Epochs[0].May
	}
	m.t.Logf("day %d: the first key may go", m.day())
	store := m.rowsOf(m.in.BackupTarget().Keys)
	before := opened(sealedIn(m.rows(), store, old.rows), m.living)
	for _, name := range []string{"fold", "photo", "quiet", "open", "late"} {
		if !holds(before, m.word(name, "first")) {
			m.t.Errorf("before the destruction all keys and the old backup do not open what %s wrote: the attack is none", name)
		}
	}
	ok(m.t, m.heron.ProposeDestroy(ctx, hotline.TeamDesk, 1, "its time is over"))
	m.boris.approves(hotline.SharedDestroy)
	var seen string
	defer func() {
		if m.t.Failed() {
			asked, _ := m.heron.Approvals()
			m.t.Logf("the last look: %s; what was proposed: %+v", seen, asked)
		}
	}()
	m.heron.until("the key is destroyed and every desk says that it holds it no more", func() bool {
		k, err := m.heron.Keeping(ctx)
		seen = fmt.Sprintf("%+v, %v", k, err)
		return err == nil && k.Epochs[0].Destroyed && len(k.Epochs[0].Confirmed) == 2 && len(k.Epochs[0].Missing) == 0
	})
}

// lastSearch looks at everything, a night and a backup later.
func (m *month) lastSearch(old aside) {
	m.t.Helper()
	for range 2 { // both that are kept know nothing of before
		m.until(m.day() + 1)
		m.first.backs()
	}
	rows, places := m.rows(), m.flushed()
	m.nothing("what nobody may know", m.canary.find(places))
	m.nothing("of closed cases", m.gone.find(places))
	m.nothing("removed long ago", m.ids("fold", "photo", "quiet", "forget").find(places))
	late := m.people["late"]
	m.nothing("late knows more than days", subDay(rows, late.ID()))
	if n := besideID(append(places["the database"], places["the log of the database"]...), late.ID(), late.hours); n > 0 {
		m.t.Errorf("%d rows beside the id of a folded case hold its hours", n)
	}
	backups := must[[]string](m.t)(filepath.Glob(filepath.Join(m.in.BackupTarget().Dir, "*.tar")))
	kept := [][]row{rows, old.rows, m.rowsOf(m.in.BackupTarget().Keys)}
	for _, b := range backups {
		r := m.rowsOf(b)
		m.nothing(filepath.Base(b)+": late knows more than days", subDay(r, late.ID()))
		kept = append(kept, r)
	}
	if len(backups) != 2 {
		m.t.Errorf("%d backups are kept", len(backups))
	}
	if n := len(places["objects"]); n != 0 {
		m.t.Errorf("%d files of attachments are left", n)
	}
	m.publicIDs(rows)
	m.nothingOpens(old, kept)
	m.nothing("the first key, wrapped", m.wrapsOf(old).find(places))
	report, _, err := m.in.Verify(m.t.Context(), "", nil)
	ok(m.t, err)
	if !report.OK() {
		m.t.Error(report)
	}
	for _, d := range []*station{m.heron, m.boris} {
		if a := d.Alarms(); len(a) != 0 {
			m.t.Errorf("alarms: %+v", a)
		}
	}
}

// ids are the ids of cases that were removed so long ago that nobody needs them.
func (m *month) ids(names ...string) needles {
	n := needles{}
	for _, name := range names {
		id := m.people[name].ID()
		n.bytes("the id of "+name, id[:])
		n.text("the id of "+name+" as text", id.String())
	}
	return n
}

// publicIDs looks for numbers and times in what names things.
func (m *month) publicIDs(rows []row) {
	m.t.Helper()
	all := idsOf(rows)
	if len(all) < 8 {
		m.t.Errorf("only %d kinds of ids", len(all))
	}
	for name, ids := range all {
		if pair := near(ids); pair != "" {
			m.t.Errorf("%s: %s are near one another", name, pair)
		}
	}
	var came [][]byte
	for _, p := range m.order {
		id := p.ID()
		came = append(came, id[:])
	}
	if ordered(came) {
		m.t.Error("the ids of cases rise or fall in the order in which people came")
	}
}

// wrapsOf are the wraps of the first key of the desk, as the old key store has them.
func (m *month) wrapsOf(old aside) needles {
	n := needles{}
	for _, r := range m.rowsOf(old.keys) {
		if wrap, isWrap := r.named["wrap"].([]byte); isWrap && r.named["team"] == string(hotline.TeamDesk) && r.named["n"] == int64(1) {
			n.bytes("the wrap for "+fmt.Sprint(r.named["holder"]), wrap[len(wrap)/2:len(wrap)/2+32])
		}
	}
	if len(n) == 0 {
		m.t.Error("the old key store holds no wrap")
	}
	return n
}

// nothingOpens tries all keys that anybody still has on everything that there is.
func (m *month) nothingOpens(old aside, kept [][]row) {
	m.t.Helper()
	plain := opened(sealedIn(kept...), m.living)
	for name, opens := range map[string]bool{"fold": false, "photo": false, "forget": false, "quiet": false, "withdrawn": false, "open": true, "kept": true, "late": true} {
		if got := holds(plain, m.word(name, "first")); got != opens {
			m.t.Errorf("all living keys open what %s wrote: %v, want %v", name, got, opens)
		}
	}
	// A copy of the key store that was stolen before is out of reach (docs/threats.md); it
	// also shows that nothing but the key was missing.
	thief := opened(sealedIn(append(kept, m.rowsOf(old.keys))...), m.living)
	if !holds(thief, m.word("fold", "first")) {
		m.t.Error("with a stolen key store the old backup does not open either: the search shows nothing")
	}
}
