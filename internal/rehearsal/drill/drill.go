package drill

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/rehearsal"
	"safeconduct/internal/store"
)

// Options say what to drill and where.
type Options struct {
	Scenarios []rehearsal.Scenario
	Dir       string // an empty folder for the authority; "" for one that is deleted at the end
	Database  string // postgres:// URL of an empty database; "" for SQLite in the folder
	Clock     func() time.Time
	Log       *slog.Logger
	Progress  func(Result) // after each scenario, before the checks of the whole; may be nil
}

// Run boots the product and plays every scenario. The error is for what keeps
// a drill from being played at all; what was found stands in the report.
func Run(ctx context.Context, o Options) (report Report, err error) {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Dir == "" {
		if o.Dir, err = os.MkdirTemp("", "safeconduct-drill-"); err != nil {
			return Report{}, hotline.Errorf(hotline.KindUnavailable, "drill", "no folder to play in: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(o.Dir)) }()
	}
	product, err := rehearsal.Boot(ctx, rehearsal.Authority{
		Dir: filepath.Join(o.Dir, "authority"), Database: o.Database, Name: "drill", Passphrase: "passphrase of the drill",
		Bot: true, Clock: o.Clock, Log: o.Log,
	})
	if err != nil {
		return Report{}, err
	}
	defer func() { err = errors.Join(err, product.Close()) }()
	d, err := product.OpenDesk(ctx)
	if err != nil {
		return Report{}, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	db, err := store.Open(ctx, product.Installation.DatabaseURL())
	if err != nil {
		return Report{}, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	notices, stop := d.Subscribe()
	defer stop()
	p := &player{
		product: product, desk: d, db: db, notices: notices, clock: o.Clock,
		cases: map[string]*thread{}, words: map[string][]string{},
	}
	return p.all(ctx, o)
}

// player plays one scenario after the other.
type player struct {
	product *rehearsal.Product
	desk    *desk.Desk
	db      *store.DB // to look at what the server keeps, past the server
	notices <-chan desk.Notice
	clock   func() time.Time
	cases   map[string]*thread // by scenario; one that continues another shares its thread
	eyes    *search
	words   map[string][]string // what nobody but the two sides may see, by scenario
}

func (p *player) all(ctx context.Context, o Options) (Report, error) {
	report := Report{Scenarios: make([]Result, 0, len(o.Scenarios))}
	for _, s := range o.Scenarios {
		p.words[s.ID] = secretsOf(s)
	}
	p.eyes = newSearch()
	for _, texts := range p.words {
		p.eyes.learn(texts...)
	}
	if err := p.lookAround(ctx); err != nil {
		return report, err
	}
	p.eyes.settle()
	for _, s := range o.Scenarios {
		r := p.scenario(ctx, s)
		if ctx.Err() != nil {
			return report, ctx.Err()
		}
		if o.Progress != nil {
			o.Progress(r)
		}
		report.Scenarios = append(report.Scenarios, r)
	}
	if len(report.Scenarios) > 0 {
		if err := p.whole(ctx, &report); err != nil {
			return report, err
		}
	}
	report.close()
	return report, nil
}

// whole checks what can only be seen at the end, of all scenarios together.
func (p *player) whole(ctx context.Context, report *Report) error {
	if err := p.lookAround(ctx); err != nil {
		return err
	}
	journal := p.journal(ctx)
	for i := range report.Scenarios {
		r := &report.Scenarios[i]
		looked, skipped, seen := 0, 0, 0
		for _, text := range p.words[r.ID] {
			switch {
			case p.eyes.betrayed(text):
				seen++
			case searchable(text):
				looked++
			default:
				skipped++
			}
		}
		var err error
		if seen > 0 {
			err = failed("%d of %d texts stand readable in the server's or the desk's files", seen, looked+seen)
		}
		detail := "none of %d texts stands in the database or in any file"
		if skipped > 0 {
			detail += " (%d more are too short to tell)"
			r.check("sealed", err, detail, looked, skipped)
		} else {
			r.check("sealed", err, detail, looked)
		}
		r.check("journal", journal.err, "%s", journal.text)
	}
	return nil
}

func failed(format string, args ...any) error {
	return hotline.Errorf(hotline.KindInternal, "", format, args...)
}

type journalCheck struct {
	err  error
	text string
}

// journal proves the journal from its first entry, and asks the desk whether
// it has seen anything that does not verify.
func (p *player) journal(ctx context.Context) journalCheck {
	report, _, err := p.product.Installation.Verify(ctx, "", nil)
	if err != nil {
		return journalCheck{err: err}
	}
	if first, bad := report.First(); bad {
		return journalCheck{err: failed("%s", first)}
	}
	for _, a := range p.desk.Alarms() {
		return journalCheck{err: failed("the desk raised an alarm: %s", a.Text)}
	}
	if report.Entries == 0 || report.Unsigned > 0 || p.desk.State().Checkpoint == "" {
		return journalCheck{err: failed("%d acts, %d of them unsigned, and the desk's checkpoint is %q",
			report.Entries, report.Unsigned, p.desk.State().Checkpoint)}
	}
	return journalCheck{text: sprintf("%d acts, all signed, nothing rewritten", report.Entries)}
}

// lookAround reads all that is on disk.
func (p *player) lookAround(ctx context.Context) error {
	in := p.product.Installation
	if url := in.DatabaseURL(); isPostgres(url) {
		if err := p.eyes.database(ctx, url); err != nil {
			return err
		}
	}
	return p.eyes.folder(ctx, in.Dir)
}

// secret adds what has come up in the conversation to what is looked for.
func (p *player) secret(scenario string, texts ...string) {
	p.words[scenario] = append(p.words[scenario], texts...)
	p.eyes.learn(texts...)
}

// secretsOf lists what only the two sides may be able to read.
func secretsOf(s rehearsal.Scenario) []string {
	texts := make([]string, 0, len(s.Messages)+len(s.Facts))
	for _, m := range s.Messages {
		texts = append(texts, m.Text)
	}
	for _, f := range s.Facts {
		texts = append(texts, f.Value)
	}
	return texts
}
