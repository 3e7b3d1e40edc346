package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/installation"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
)

// Intake says how to measure the public door.
type Intake struct {
	Channel     hotline.Channel // web (also when empty), or telegram: the door for its webhooks
	Senders     int             // of telegram; 0: a thousand
	Database    string          // postgres:// URL of an empty database; "" for SQLite in a temporary folder
	Connections int
	Duration    time.Duration // of the messages; new cases take half as long
	Rate        float64       // messages a second; 0: as many as are answered
	Prepare     int           // most messages to prepare; 0: what Duration may need
	Cases       int           // not 0: only this many new cases, all of them, and no messages
	Profile     string        // not "": the server's processor profile of the last load goes here
	Program     Program
	Clock       func() time.Time
	Say         func(format string, args ...any) // what is being done
}

const (
	// expected is how many messages a second are prepared for; the new cases
	// are a third of it. A faster machine runs dry, which the figures say.
	expected = 3600
	// mostPrepared bounds the memory of the generator: a letter has 6 to 20 KiB.
	mostPrepared = 120_000
	// sample is how many letters the parts are measured with.
	sample = 2000
	// text is a message as people write them: 150 characters of Cyrillic.
	text = "Меня мобилизовали, через неделю отправят. Телефоны, говорят, заберут. Что делать, если у меня не будет связи? Я не один, нас двое, второй ранен в ногу."
)

func (o *Intake) check() error {
	if o.Channel == "" {
		o.Channel = hotline.ChannelWeb
	}
	if o.Senders == 0 {
		o.Senders = manySenders
	}
	switch {
	case o.Senders < o.Connections || o.Senders > mostPrepared:
		return hotline.Errorf(hotline.KindInvalid, "bench", "at most %d senders, and not fewer than connections", mostPrepared)
	case o.Connections < 1 || o.Connections > 1024:
		return hotline.Errorf(hotline.KindInvalid, "bench", "between 1 and 1024 connections can be used")
	case o.Duration < 100*time.Millisecond || o.Duration > 10*time.Minute:
		return hotline.Errorf(hotline.KindInvalid, "bench", "the duration is between 0.1 s and 10 minutes")
	case o.Cases < 0 || o.Cases > mostPrepared || (o.Cases > 0 && o.Cases < o.Connections):
		return hotline.Errorf(hotline.KindInvalid, "bench", "at most %d new cases, and not fewer than connections", mostPrepared)
	case o.Channel != hotline.ChannelWeb && o.Channel != hotline.ChannelTelegram:
		return hotline.Errorf(hotline.KindInvalid, "bench", "the channel is %s or %s", hotline.ChannelWeb, hotline.ChannelTelegram)
	case o.Channel == hotline.ChannelTelegram && o.Cases > 0:
		return hotline.Errorf(hotline.KindInvalid, "bench", "a surge of new cases is measured at the web door")
	case o.Rate < 0 || o.Rate > 1e6:
		return hotline.Errorf(hotline.KindInvalid, "bench", "the rate is between 0 and a million a second")
	}
	return nil
}

// prepare is how many letters of a kind may be needed.
func (o Intake) prepare(perSecond float64, d time.Duration) int {
	n := int(perSecond*d.Seconds()) + o.Connections
	if o.Prepare > 0 {
		n = min(n, o.Prepare)
	}
	return min(max(n, o.Connections), mostPrepared)
}

// Run measures.
func (o Intake) Run(ctx context.Context) (f Figures, err error) {
	if err := o.check(); err != nil {
		return f, err
	}
	dir, err := os.MkdirTemp("", "safeconduct-bench-")
	if err != nil {
		return f, hotline.Errorf(hotline.KindUnavailable, "bench", "no folder to measure in: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	r := &run{Intake: o, dir: filepath.Join(dir, "authority")}
	var bots *hooks
	if o.Channel == hotline.ChannelTelegram {
		bots = newHooks(r)
		defer bots.close()
		r.prepared = bots.configure
	}
	if err := r.start(ctx); err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, r.server.kill()) }()
	r.figures.Channel, r.figures.Connections, r.figures.Rate = string(o.Channel), o.Connections, o.Rate
	steps := []func(context.Context) error{r.newCases, r.messages, r.measureMemory, r.lookAfter, r.measureParts}
	if bots != nil {
		steps = []func(context.Context) error{bots.greet, bots.newCases, bots.messages, r.readMemory, bots.lookAfter, bots.measureParts}
	}
	if o.Cases > 0 {
		steps = []func(context.Context) error{r.surge, r.measureMemory, r.lookAfter}
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return f, err
		}
	}
	return r.figures, nil
}

// run is one measurement.
type run struct {
	Intake
	dir string
	in  *installation.Installation
	// prepared is called when the authority is made and its server does not run yet.
	prepared func(context.Context) error
	server   *server
	maker    *maker
	family   int // the process that has started the database's others; 0: none, or elsewhere
	before   store.Stats
	kept     []letter // acknowledged, in all
	rest     []letter // sealed for the parts
	figures  Figures
}

func (r *run) start(ctx context.Context) error {
	r.Say("making an authority and starting its server")
	in, err := makeAuthority(ctx, r.dir, r.Database, r.Clock)
	if err != nil {
		return err
	}
	r.in = in
	if r.prepared != nil {
		if err := r.prepared(ctx); err != nil {
			return err
		}
	}
	if r.server, err = startServer(ctx, r.Program, r.dir); err != nil {
		return err
	}
	if r.maker, err = newMaker(ctx, r.server.origin, in.Config.Authority, r.Clock); err != nil {
		return errors.Join(err, r.server.kill())
	}
	r.before, err = r.server.stats()
	if err != nil {
		return errors.Join(err, r.server.kill())
	}
	r.figures.Engine, r.figures.LoadBefore = r.before.Engine, loadAverage()
	return r.findDatabase(ctx)
}

// findDatabase looks for the database's processes on this machine.
func (r *run) findDatabase(ctx context.Context) error {
	if r.Database == "" {
		return nil
	}
	db, err := store.Open(ctx, r.in.DatabaseURL())
	if err != nil {
		return errors.Join(err, r.server.kill())
	}
	defer db.Close()
	pid, err := db.Process(ctx)
	if err != nil {
		return errors.Join(err, r.server.kill())
	}
	if u, err := usageOf(pid); err == nil {
		r.family = u.parent
	}
	return nil
}

// makeAuthority makes an authority whose doors listen on free ports.
func makeAuthority(ctx context.Context, dir, database string, clock func() time.Time) (*installation.Installation, error) {
	in := installation.Init{
		Dir: dir, Name: "bench", Passphrase: "passphrase of the bench", WorkFactor: 10, Sheets: 2, Needed: 2, Database: database,
		Public: "127.0.0.1:0", DeskListen: "127.0.0.1:0", Routes: []string{"http://127.0.0.1"}, Clock: clock,
	}
	if _, err := in.Run(ctx); err != nil {
		return nil, err
	}
	return installation.Open(dir)
}

// clocks is the processor time that each has used so far.
type clocks struct{ server, database, generator time.Duration }

func (r *run) clocks() (c clocks, err error) {
	if c.server, err = processorTime(r.server.cmd.Process.Pid); err != nil {
		return c, err
	}
	if r.family != 0 {
		if c.database, err = familyTime(r.family); err != nil {
			return c, err
		}
	}
	c.generator, err = ownTime()
	return c, err
}

// since is what each has used for each of n.
func (c clocks) since(before clocks, n int) CPU {
	each := func(d time.Duration) float64 { return milliseconds(d) / float64(max(n, 1)) }
	return CPU{each(c.server - before.server), each(c.database - before.database), each(c.generator - before.generator)}
}

// drive sends prepared letters and measures the processors meanwhile.
func (r *run) drive(ctx context.Context, l load) (outcome, CPU, error) {
	l.host = r.server.origin
	if r.Profile != "" {
		if _, err := r.server.ask(wordProfile + r.Profile); err != nil {
			return outcome{}, CPU{}, err
		}
	}
	before, err := r.clocks()
	if err != nil {
		return outcome{}, CPU{}, err
	}
	o, err := l.run(ctx)
	if err != nil {
		return o, CPU{}, err
	}
	after, err := r.clocks()
	if err != nil {
		return o, CPU{}, err
	}
	if r.Profile != "" {
		if _, err := r.server.ask(wordUnprofile); err != nil {
			return o, CPU{}, err
		}
	}
	r.kept = append(r.kept, o.kept...)
	r.figures.Refused += o.refused
	r.figures.Broken += o.lost
	if o.why != "" {
		r.figures.Why = o.why
	}
	if len(o.kept) == 0 {
		return o, CPU{}, hotline.Errorf(hotline.KindUnavailable, "bench", "nothing was accepted: %s", o.why)
	}
	return o, after.since(before, len(o.kept)), nil
}

func (r *run) newCases(ctx context.Context) error {
	d := r.Duration / 2
	return r.cases(ctx, r.prepare(expected/3, d), load{duration: d})
}

// surge sends many new cases at once, as when a whole front hears of the line
// in one hour: each as its page does it, with a challenge of that moment, the
// work that the door asks for then, and again when it was busy, until all are in.
func (r *run) surge(ctx context.Context) error {
	if err := r.cases(ctx, r.Cases, load{duration: surgePatience, fresh: true}); err != nil {
		return err
	}
	if f := r.figures; f.NewCases < r.Cases {
		return hotline.Errorf(hotline.KindUnavailable, "bench", "only %d of %d new cases were accepted: %s", f.NewCases, r.Cases, f.Why)
	}
	return nil
}

// surgePatience bounds a surge.
const surgePatience = 10 * time.Minute

func (r *run) cases(ctx context.Context, n int, l load) error {
	r.Say("sealing %d new cases", n)
	letters, err := inParallel(ctx, n, func(ctx context.Context, _ int) (letter, error) { return r.maker.newCase(ctx, text) })
	if err != nil {
		return err
	}
	r.Say("sending them over %d connections for at most %s", r.Connections, l.duration)
	l.lanes = deal(letters, r.Connections)
	o, cpu, err := r.drive(ctx, l)
	if err != nil {
		return err
	}
	f := &r.figures
	f.CaseBytes, f.PreparedCases, f.NewCases = len(letters[0].post), n, len(o.kept)
	f.NewCasesPerS, f.NewSeconds = float64(len(o.kept))/o.elapsed.Seconds(), o.elapsed.Seconds()
	f.NewP50, f.NewP99 = percentile(o.took, 50), percentile(o.took, 99)
	f.CPUNew, f.MostWork, f.LoadAfter = cpu, o.work, loadAverage()
	return nil
}

// deal gives every connection its share, in order.
func deal(letters []letter, hands int) [][]letter {
	lanes := make([][]letter, hands)
	for i, l := range letters {
		lanes[i%hands] = append(lanes[i%hands], l)
	}
	return lanes
}

func (r *run) messages(ctx context.Context) error {
	perSecond := float64(expected)
	if r.Rate > 0 {
		perSecond = r.Rate
	}
	n := r.prepare(perSecond, r.Duration)
	writers := make([][]*writer, r.Connections) // a person writes over one connection
	for i, l := range r.kept {
		writers[i%r.Connections] = append(writers[i%r.Connections], l.from)
	}
	if len(r.kept) < r.Connections {
		return hotline.Errorf(hotline.KindUnavailable, "bench", "only %d new cases were accepted: too few for %d connections", len(r.kept), r.Connections)
	}
	r.Say("sealing %d messages of %d people", n, len(r.kept))
	each := (n + r.Connections - 1) / r.Connections
	lanes, err := inParallel(ctx, r.Connections, func(ctx context.Context, lane int) ([]letter, error) {
		return r.lane(ctx, writers[lane], each)
	})
	if err != nil {
		return err
	}
	r.Say("sending them for %s", r.Duration)
	o, cpu, err := r.drive(ctx, load{lanes: lanes, duration: r.Duration, rate: r.Rate})
	if err != nil {
		return err
	}
	f := &r.figures
	f.MessageBytes, f.PreparedMessages, f.Messages = len(lanes[0][0].post), each*r.Connections, len(o.kept)
	f.Seconds, f.Dry = o.elapsed.Seconds(), o.dry && r.Rate == 0
	f.MessagesPerS = float64(len(o.kept)) / o.elapsed.Seconds()
	f.P50, f.P99 = percentile(o.took, 50), percentile(o.took, 99)
	f.CPUMessage, f.CPUPerMessage, f.LoadAfter = cpu, cpu.Server, loadAverage()
	return nil
}

func (r *run) lane(ctx context.Context, writers []*writer, n int) ([]letter, error) {
	lane := make([]letter, n)
	for i := range lane {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		var err error
		if lane[i], err = r.maker.message(ctx, writers[i%len(writers)], text); err != nil {
			return nil, err
		}
	}
	return lane, nil
}

// readMemory notes the server's memory, and how many operations shared a commit.
func (r *run) readMemory(context.Context) error {
	pid := r.server.cmd.Process.Pid
	var err error
	if r.figures.RSS, err = residentMiB(pid, false); err != nil {
		return err
	}
	if r.figures.RSSHighest, err = residentMiB(pid, true); err != nil {
		return err
	}
	after, err := r.server.stats()
	if err != nil {
		return err
	}
	if commits := after.Commits - r.before.Commits; commits > 0 {
		r.figures.Batch = float64(len(r.kept)) / float64(commits)
	}
	return nil
}

// measureMemory also seals what the parts are measured with, while there is a
// door to take challenges from.
func (r *run) measureMemory(ctx context.Context) (err error) {
	if err = r.readMemory(ctx); err != nil {
		return err
	}
	n := min(sample, r.figures.Messages)
	r.rest, err = inParallel(ctx, n, func(ctx context.Context, i int) (letter, error) {
		w, err := r.stranger(i)
		if err != nil {
			return letter{}, err
		}
		return r.maker.message(ctx, w, text)
	})
	return err
}

// stranger is a second hand of a person whose case was kept: the same keys,
// but nothing shared with the goroutines that seal for others.
func (r *run) stranger(i int) (*writer, error) {
	w := *r.kept[i%r.figures.NewCases].from
	w.seq += int64(i/r.figures.NewCases) + 1
	if w.seq < 0 {
		return nil, errors.New("bench: a case without messages")
	}
	return &w, nil
}

// lookAfter kills the server and looks for everything it has acknowledged.
func (r *run) lookAfter(ctx context.Context) error {
	r.Say("killing the server and looking for %d acknowledged records", len(r.kept))
	if err := r.server.kill(); err != nil {
		return err
	}
	db, err := store.Open(ctx, r.in.DatabaseURL())
	if err != nil {
		return err
	}
	r.figures.Lost, r.figures.Doubled, err = compare(ctx, db, r.kept)
	return errors.Join(err, db.Close())
}

func (r *run) measureParts(ctx context.Context) error {
	r.Say("measuring the parts with %d messages", len(r.rest))
	raw, err := os.ReadFile(filepath.Join(r.dir, "secret", "intake.age"))
	if err != nil {
		return fmt.Errorf("bench: the intake's key: %w", err)
	}
	intake, err := seal.ParseIdentity(strings.TrimSpace(string(raw)))
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, r.in.DatabaseURL())
	if err != nil {
		return err
	}
	p := parts{intake: intake, db: db, batch: max(1, int(r.figures.Batch+0.5)), clock: r.Clock}
	r.figures.Parts, err = p.measure(ctx, r.rest)
	r.figures.PartsCPU = r.figures.Parts.Open + r.figures.Parts.Verify + r.figures.Parts.Insert
	return errors.Join(err, db.Close())
}
