package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"safeconduct/internal/hotline"
	"safeconduct/internal/store"
	"safeconduct/internal/store/storetest"
)

// Every table of the schema has a decision about backups, and both databases
// describe it alike: a new table without one fails here.
func TestEveryTableHasADecision(t *testing.T) {
	t.Parallel()
	described := map[string][]store.Table{}
	for _, engine := range storetest.Engines() {
		d := storetest.Open(t, storetest.URL(t, engine))
		err := d.View(t.Context(), func(tx *store.Tx) (err error) {
			described[engine], err = tx.Tables(t.Context())
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	lines := func(tables []store.Table) (out []string) {
		for _, x := range tables {
			out = append(out, fmt.Sprintf("%s %d %v %v", x.Name, x.Place, x.Key, strings.ReplaceAll(fmt.Sprint(x.Columns), " true}", " false}")))
		}
		return out
	}
	sqlite, postgres := lines(described[storetest.SQLite]), lines(described[storetest.Postgres])
	if diff := cmp.Diff(sqlite, postgres); diff != "" {
		t.Errorf("the databases differ (-sqlite +postgres):\n%s", diff)
	}
	for _, want := range []string{"team_wrap", "reply_copy"} {
		i := slices.IndexFunc(described[storetest.SQLite], func(x store.Table) bool { return x.Name == want })
		if i < 0 || described[storetest.SQLite][i].Place == store.InBackups {
			t.Errorf("%s would be in a backup", want)
		}
	}
}

func TestTableWithoutADecisionIsRefused(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, url string) {
		d := storetest.Open(t, url, store.WithMigrations(steps("CREATE TABLE diary (\n id BIGINT PRIMARY KEY\n);\n")))
		err := d.View(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Tables(t.Context())
			return err
		})
		if err == nil || !strings.Contains(err.Error(), "diary") {
			t.Errorf("got %v", err)
		}
	})
}

// A mark keeps everybody out who does not ask for it by name.
func TestMarkKeepsOut(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, url string) {
		d := storetest.Open(t, url)
		set := func(d *store.DB, m store.Mark) {
			t.Helper()
			if err := d.Update(t.Context(), func(tx *store.Tx) error { return tx.SetMark(t.Context(), m) }); err != nil {
				t.Fatal(err)
			}
		}
		set(d, store.Mark{State: store.TransferMoving, Detail: "x"})
		if _, err := store.Open(t.Context(), url); err == nil || !strings.Contains(err.Error(), "db move") {
			t.Errorf("a marked database opens: %v", err)
		}
		marked := storetest.Open(t, url, store.WithMark())
		err := marked.View(t.Context(), func(tx *store.Tx) error {
			m, err := tx.Mark(t.Context())
			if m.State != store.TransferMoving || m.Detail != "x" {
				t.Errorf("the mark is %+v", m)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		set(marked, store.Mark{})
		storetest.Open(t, url)
	})
}

// Rows of one database go into the other and come out the same.
func TestRowsAreTheSameOnBothDatabases(t *testing.T) {
	t.Parallel()
	for _, way := range [][2]string{{storetest.SQLite, storetest.Postgres}, {storetest.Postgres, storetest.SQLite}} {
		t.Run(way[0], func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			from, to := storetest.Open(t, storetest.URL(t, way[0])), storetest.Open(t, storetest.URL(t, way[1]))
			if err := from.Update(ctx, func(tx *store.Tx) error {
				for i, key := range []string{"b", "a", "Ж", "Z", "live document", "ä"} {
					if err := tx.PutSetting(ctx, key, []byte{byte(i), 0, 255}[:i%4]); err != nil {
						return err
					}
				}
				_, err := tx.Enqueue(ctx, store.Job{Kind: "k", Key: "1"})
				return err
			}); err != nil {
				t.Fatal(err)
			}
			read := func(d *store.DB) (out []string) {
				t.Helper()
				if err := d.View(ctx, func(tx *store.Tx) error { return dump(ctx, tx, &out) }); err != nil {
					t.Fatal(err)
				}
				return out
			}
			copyAll(t, from, to)
			if diff := cmp.Diff(read(from), read(to)); diff != "" || len(read(from)) < 9 {
				t.Errorf("copied (-from +to):\n%s", diff)
			}
			// Numbers go on after those that were copied.
			if err := to.Update(ctx, func(tx *store.Tx) error {
				_, err := tx.Enqueue(ctx, store.Job{Kind: "k", Key: "2"})
				return err
			}); err != nil {
				t.Errorf("a job after the copy: %v", err)
			}
		})
	}
}

func dump(ctx context.Context, tx *store.Tx, out *[]string) error {
	tables, err := tx.Tables(ctx)
	if err != nil {
		return err
	}
	for _, table := range tables {
		if table.Place == store.InNothing {
			continue
		}
		if err := tx.EachRow(ctx, table, false, 0, func(row []any) error {
			*out = append(*out, fmt.Sprint(table.Name, row))
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

func copyAll(t *testing.T, from, to *store.DB) {
	t.Helper()
	ctx := t.Context()
	err := from.View(ctx, func(src *store.Tx) error {
		return to.Update(ctx, func(dst *store.Tx) error {
			tables, err := dst.Tables(ctx)
			if err != nil {
				return err
			}
			tables = slices.DeleteFunc(tables, func(x store.Table) bool { return x.Place == store.InNothing })
			if err := dst.Empty(ctx, tables); err != nil {
				return err
			}
			own, err := src.Tables(ctx)
			if err != nil {
				return err
			}
			for _, table := range tables {
				i := slices.IndexFunc(own, func(x store.Table) bool { return x.Name == table.Name })
				var rows [][]any
				if err := src.EachRow(ctx, own[i], false, 0, func(row []any) error { rows = append(rows, row); return nil }); err != nil {
					return err
				}
				if err := dst.PutRows(ctx, table, rows); err != nil {
					return err
				}
				if err := dst.Filled(ctx, table); err != nil {
					return err
				}
			}
			return dst.CheckReferences(ctx)
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A move marks its source only when nobody else has it open.
func TestMarkAlone(t *testing.T) {
	t.Parallel()
	url := storetest.URL(t, storetest.SQLite)
	d := storetest.Open(t, url)
	m := store.Mark{State: store.TransferMoved}
	if err := store.MarkAlone(t.Context(), url, m); hotline.KindOf(err) != hotline.KindBusy {
		t.Errorf("beside an open store: %v", err)
	}
	if err := d.Update(t.Context(), put(t.Context(), "a", "the store goes on")); err != nil {
		t.Error(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if err := store.MarkAlone(t.Context(), url, m); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(t.Context(), url); !errors.Is(err, store.ErrTransfer) {
		t.Errorf("a moved database opens: %v", err)
	}
	if got := get(t, storetest.Open(t, url, store.WithMark()), "a"); got != "the store goes on" {
		t.Errorf("its content: %q", got)
	}
}
