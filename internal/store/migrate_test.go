package store_test

import (
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"testing/fstest"

	"safeconduct/internal/hotline"
	"safeconduct/internal/store"
	"safeconduct/internal/store/storetest"
)

// steps are migrations to play with; the first has the tables that Check reads.
func steps(more ...string) fstest.MapFS {
	files := fstest.MapFS{"0001_first.sql": {Data: []byte(
		"CREATE TABLE feed (\n one BOOLEAN PRIMARY KEY,\n n BIGINT NOT NULL\n);\nINSERT INTO feed (one, n) VALUES (TRUE, 1);\n" +
			"CREATE TABLE setting (\n key TEXT PRIMARY KEY,\n value BYTEA\n);\n")}}
	for i, text := range more {
		files[[]string{"0002_second.sql", "0003_third.sql"}[i]] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}

const (
	second = "CREATE TABLE extra (\n id BIGSERIAL PRIMARY KEY,\n b BYTEA\n);\n"
	broken = "CREATE TABLE half (\n id BIGINT PRIMARY KEY\n);\nINSERT INTO nowhere (a) VALUES (1);\n"
)

func eachEngine(t *testing.T, test func(t *testing.T, url string)) {
	t.Helper()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			test(t, storetest.URL(t, engine))
		})
	}
}

func TestMigrateForward(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, url string) {
		d := storetest.Open(t, url, store.WithMigrations(steps()))
		update(t, d, put(t.Context(), "a", "1"))
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		d = storetest.Open(t, url, store.WithMigrations(steps(second)))
		if got := get(t, d, "a"); got != "1" {
			t.Errorf("after migrating: %q", got)
		}
	})
}

func TestMigrateRefusals(t *testing.T) {
	t.Parallel()
	changed := steps(second)
	changed["0001_first.sql"] = &fstest.MapFile{Data: append([]byte("-- a late thought\n"), changed["0001_first.sql"].Data...)}
	for name, c := range map[string]struct {
		from fstest.MapFS
		want error
		kind hotline.Kind
	}{
		"newer schema":     {steps(), store.ErrNewerSchema, hotline.KindConflict},
		"changed checksum": {changed, store.ErrChangedMigration, hotline.KindConflict},
		"broken step":      {steps(second, broken), nil, hotline.KindInternal},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachEngine(t, func(t *testing.T, url string) {
				d := storetest.Open(t, url, store.WithMigrations(steps(second)))
				update(t, d, put(t.Context(), "a", "1"))
				if err := d.Close(); err != nil {
					t.Fatal(err)
				}
				_, err := store.Open(t.Context(), url, store.WithMigrations(c.from))
				if err == nil || (c.want != nil && !errors.Is(err, c.want)) || hotline.KindOf(err) != c.kind {
					t.Errorf("open: %v (%v)", err, hotline.KindOf(err))
				}
				// It is as it was, also where a step broke halfway.
				d = storetest.Open(t, url, store.WithMigrations(steps(second)))
				if got := get(t, d, "a"); got != "1" {
					t.Errorf("afterwards: %q", got)
				}
			})
		})
	}
}

func TestMigrationNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"0003_gap.sql", "2_short.sql", "0002.sql", "000b_word.sql", "0001_twice.sql"} {
		files := steps()
		files[name] = &fstest.MapFile{Data: []byte("SELECT 1;")}
		if _, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "a.db"), store.WithMigrations(files)); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func TestMigrationOverride(t *testing.T) {
	t.Parallel()
	files := steps("this is SQL for neither")
	files["sqlite/0002_second.sql"] = &fstest.MapFile{Data: []byte("INSERT INTO setting (key, value) VALUES ('a', x'31');")}
	files["postgres/0002_second.sql"] = &fstest.MapFile{Data: []byte(`INSERT INTO setting (key, value) VALUES ('a', '\x31');`)}
	eachEngine(t, func(t *testing.T, url string) {
		if got := get(t, storetest.Open(t, url, store.WithMigrations(files)), "a"); got != "1" {
			t.Errorf("got %q", got)
		}
	})
}

func TestManyNodesMigrateAtOnce(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, url string) {
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				d, err := store.Open(t.Context(), url)
				if err != nil {
					t.Errorf("open: %v", err)
					return
				}
				if err := d.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			})
		}
		wg.Wait()
	})
}
