package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"safeconduct/internal/hotline"
)

const (
	// channel is the name that nodes listen to; the message carries nothing.
	channel = "safeconduct"
	// migrateKey names the advisory lock of migrations.
	migrateKey = 0x5afec0d0
	// defaultConns leaves room for several nodes within PostgreSQL's usual 100.
	defaultConns = 16
	// listenPause is how long a lost listener waits before it connects again;
	// readers look each second anyway.
	listenPause = time.Second
)

func openPostgres(ctx context.Context, url string, h *hints, o options) (_ engine, err error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		// pgx's message repeats parts of the url, though not the password.
		return nil, hotline.Errorf(hotline.KindInvalid, "store: open", "the postgres url is not understood")
	}
	for key, value := range map[string]string{
		"application_name":                    "safeconduct",
		"synchronous_commit":                  postgresSync,
		"idle_in_transaction_session_timeout": "60s",
		"lock_timeout":                        "30s",
		"timezone":                            "UTC",
	} {
		if _, set := config.RuntimeParams[key]; !set {
			config.RuntimeParams[key] = value
		}
	}
	pool := stdlib.OpenDB(*config, stdlib.OptionAfterConnect(checkPostgres))
	conns := o.conns
	if conns <= 0 {
		conns = defaultConns
	}
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	if err := migratePool(ctx, pool, o); err != nil {
		_ = pool.Close()
		return nil, err
	}
	live, cancel := context.WithCancel(context.WithoutCancel(ctx))
	e := &postgresEngine{pool: pool, hints: h, hook: o.onCommit, tell: make(chan struct{}, 1), cancel: cancel}
	e.live.Go(func() { e.notify(live) })
	e.live.Go(func() { e.listen(live, config) })
	return e, nil
}

func migratePool(ctx context.Context, pool *sql.DB, o options) error {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return storeError("open", explainPostgres(err), err)
	}
	defer conn.Close()
	if err := migrate(ctx, conn, postgresMigrator{}, o); err != nil || o.asItIs {
		return err
	}
	return takeNoSamples(ctx, conn)
}

// checkPostgres refuses a connection on which a commit may be answered before it is
// on disk, or a server that does not flush at all.
func checkPostgres(ctx context.Context, conn *pgx.Conn) error {
	if !requireDurability {
		return nil
	}
	for _, name := range []string{"synchronous_commit", "fsync", "full_page_writes"} {
		var value string
		if err := conn.QueryRow(ctx, "SELECT current_setting($1)", name).Scan(&value); err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		if value == "off" {
			return fmt.Errorf("%w: %s is off", ErrUnsafeSetting, name)
		}
	}
	return nil
}

// notify tells other nodes that something was committed. It runs beside the
// updates, and one message stands for many: inside a transaction NOTIFY takes a
// lock on the whole database at commit, which would make all commits queue.
func (e *postgresEngine) notify(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-e.tell:
			// A lost hint costs other nodes at most the second until they look.
			_, _ = e.pool.ExecContext(ctx, "SELECT pg_notify($1, '')", channel)
		}
	}
}

// listen wakes this node's subscribers when another node has committed.
func (e *postgresEngine) listen(ctx context.Context, config *pgx.ConnConfig) {
	for ctx.Err() == nil {
		_ = e.listenOnce(ctx, config)
		pause := time.NewTimer(listenPause)
		select {
		case <-ctx.Done():
			pause.Stop()
		case <-pause.C:
		}
	}
}

func (e *postgresEngine) listenOnce(ctx context.Context, config *pgx.ConnConfig) error {
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, "LISTEN "+channel); err != nil {
		return err
	}
	e.hints.wake() // for what was missed while nobody listened
	for {
		if _, err := conn.WaitForNotification(ctx); err != nil {
			return err
		}
		e.hints.wake()
	}
}

// postgresMigrator applies migrations as they are written.
type postgresMigrator struct{}

func (postgresMigrator) name() string { return "postgres" }

func (postgresMigrator) rewrite(text string) string { return text }

func (postgresMigrator) has(table string) string {
	return "SELECT to_regclass('" + table + "') IS NOT NULL"
}

func (postgresMigrator) begin(ctx context.Context, conn *sql.Conn) error {
	if _, err := conn.ExecContext(ctx, "BEGIN"); err != nil {
		return err
	}
	_, err := conn.ExecContext(ctx, "SELECT pg_advisory_xact_lock($1)", int64(migrateKey))
	if err != nil {
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
	}
	return err
}

func (postgresMigrator) explain(err error) cause { return explainPostgres(err) }
