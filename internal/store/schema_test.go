package store_test

import (
	"crypto/sha256"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	_ "github.com/jackc/pgx/v5/stdlib" // to look at the schema from outside

	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
	"safeconduct/internal/store/storetest"
)

// allowed is every column of every table. Before you add one, ask what it tells
// whoever seizes the server: no address, number, handle, user agent, language,
// name or text of a contact may stand here in the clear. (invitation.name and
// the operator columns are about staff. case_gone holds a case's random id and the
// day of its removal, for some weeks; journal_leaf.about repeats what entry says.)
// An attachment (object) has the length of its sealed, padded file, no name and no
// type; its hour is that of its record.
// A tie says which cases are of one person, and nothing of who that is; its hour is an operator's.
// proposal and approval hold signed texts of staff: what is proposed, why, and who answered; nothing of a case.
// Of tripwires actor is an operator, subject a case's id or a random number, and
// a minute is kept for a day, or until the alarm has been acknowledged.
const allowed = `
approval: id proposal_id signer decision statement hour
canary: case_id planted_by hour
case_gone: id team why proof day version
case_key: case_id n statement hour
case_tie: part_id main_id kind hour
case_wrap: case_id n team epoch wrap
chat: handle channel case_id box
chat_trace: id handle box erase_ms
chat_update: source n day
delivery: record_id case_id statement
document: kind serial body hour leaf
epoch_farewell: team n holder statement
feed: one n
field_note: record_id case_id team epoch file day
fold: case_id generation file
hotline_case: id lookup contact_key contact_recipient channel code_index stage urgency team assignee generation contact_seq desk_seq statement_seq contact_header desk_head statement_head seen_seq read_hour used_hour used_count answered waiting_since_ms created_hour closed_hour version folded_day review_day
invitation: id role name created_hour expires_ms state bundle operator created_by
job: id kind key lane payload run_at_ms attempt lease_until_ms last_error dead
journal_hash: idx hash
journal_head: one size checkpoint
journal_leaf: idx commitment blind entry about
migration: n name checksum
object: case_id id side size parts record_id reply_id hour
object_part: case_id object_id idx hash blob
proposal: id act proposer subject statement document state hour expires_hour ended_hour
record: id case_id side seq generation header file hour place
recovery_part: name file
reply_copy: record_id case_id seq file hour
reply_missing: record_id case_id seq
setting: key value
statement: case_id seq id kind signer header sealed hour
team_epoch: team n recipient reply_key statement created_hour retired_hour destroyed_day
team_wrap: team n holder wrap
tripwire_alarm: id wire actor case_id n bound told since_minute last_minute leaf version calmed_by calmed_minute answer
tripwire_mark: wire actor subject minute
tripwire_note: alarm_id holder file
`

// rawDB opens a store once, so that it is migrated, and then the database beside it.
func rawDB(t *testing.T, engine string) *sql.DB {
	t.Helper()
	url := storetest.URL(t, engine)
	if err := storetest.Open(t, url).Close(); err != nil {
		t.Fatal(err)
	}
	driver := "pgx"
	if engine == storetest.SQLite {
		driver, url = "sqlite", strings.TrimPrefix(url, "sqlite://")
	}
	raw, err := sql.Open(driver, url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = raw.Close() })
	return raw
}

// texts returns the first column of a query's rows.
func texts(t *testing.T, raw *sql.DB, query string, args ...any) (list []string) {
	t.Helper()
	rows, err := raw.QueryContext(t.Context(), query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(any)
		}
		var last string
		values[len(values)-1] = &last
		if err := rows.Scan(values...); err != nil {
			t.Fatal(err)
		}
		list = append(list, last)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

func TestColumnsAreTheAllowedOnes(t *testing.T) {
	t.Parallel()
	queries := map[string]string{
		storetest.SQLite: `SELECT m.name || ': ' || (SELECT group_concat(name, ' ') FROM pragma_table_info(m.name))
			FROM sqlite_schema m WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name`,
		storetest.Postgres: `SELECT table_name || ': ' || string_agg(column_name, ' ' ORDER BY ordinal_position)
			FROM information_schema.columns WHERE table_schema = 'public' GROUP BY table_name ORDER BY table_name COLLATE "C"`,
	}
	for engine, query := range queries {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			got := strings.Join(texts(t, rawDB(t, engine), query), "\n")
			if diff := cmp.Diff(strings.TrimSpace(allowed), got); diff != "" {
				t.Errorf("columns (-allowed +found):\n%s", diff)
			}
		})
	}
}

func TestSQLiteTablesAreStrict(t *testing.T) {
	t.Parallel()
	loose := texts(t, rawDB(t, storetest.SQLite), `SELECT name FROM pragma_table_list WHERE type = 'table' AND strict = 0 AND name NOT LIKE 'sqlite_%'`)
	if len(loose) != 0 {
		t.Errorf("not STRICT: %v", loose)
	}
}

func TestCaseColumnsAreComplete(t *testing.T) {
	t.Parallel()
	_, line, _ := strings.Cut(allowed, "\nhotline_case: ")
	line, _, _ = strings.Cut(line, "\n")
	want := strings.Fields(line)
	got := strings.Fields(strings.ReplaceAll(store.CaseColumns, ",", " "))
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) || len(got) != reflect.TypeFor[db.HotlineCase]().NumField() {
		t.Errorf("got %v\nwant %v", got, want)
	}
}

// The databases number $1, $2 … alike only if they first appear in ascending
// order (some SQLite drivers go by appearance), so every query keeps to that.
func TestPlaceholdersAscend(t *testing.T) {
	t.Parallel()
	queries := generated(t)
	if len(queries) < 80 {
		t.Fatalf("found only %d queries", len(queries))
	}
	queries["claim"] = store.ClaimSQL(true)
	for name, text := range queries {
		highest := 0
		for _, m := range regexp.MustCompile(`\$(\d+)`).FindAllStringSubmatch(text, -1) {
			n, err := strconv.Atoi(m[1])
			if err != nil || n > highest+1 {
				t.Errorf("%s: $%d appears before $%d\n%s", name, n, highest+1, text)
			}
			highest = max(highest, n)
		}
	}
}

// The query files keep to what both databases understand.
func TestQueriesKeepToTheCommonSubset(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("query/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d query files, %v", len(files), err)
	}
	banned := regexp.MustCompile(`(?i)\$\d|::|\bILIKE\b|\bANY\b|\bARRAY\b|\bFOR UPDATE\b|->|\bnow\(\)|\bBYTEA\b`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(text), "\n") {
			if found := banned.FindString(line); found != "" && !strings.HasPrefix(line, "--") {
				t.Errorf("%s:%d: %q is not for both databases", file, i+1, found)
			}
		}
	}
}

// Every generated query compiles on SQLite too; sqlc has checked it for PostgreSQL only.
func TestEveryQueryCompiles(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			raw := rawDB(t, engine)
			for name, text := range generated(t) {
				if err := prepare(t, raw, text); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
		})
	}
}

// generated returns the text of every query that sqlc has generated.
func generated(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("db/*.sql.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d generated files, %v", len(files), err)
	}
	queries := map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile("(?s)const (\\w+) = `-- name: [^\n]*\n(.*?)`").FindAllStringSubmatch(string(text), -1) {
			queries[m[1]] = m[2]
		}
	}
	return queries
}

// What runs for every message or every second must not read whole tables.
func TestHotQueriesUseAnIndex(t *testing.T) {
	t.Parallel()
	hot := []string{
		"caseByID", "caseByLookup", "casesByCode", "casesAfter", "caseAfterContact", "caseAfterDesk", "caseAfterStatement",
		"insertRecord", "recordsAfter", "replyCopies", "caseWrapsOfTeam", "statementsAfter", "latestDocument",
		"journalLeaves", "teamWrapsOf", "invitation", "casesWithoutWrap",
		"countWaiting", "casesToFold", "forgetJournalAbout", "goneAfter", "caseGone",
		"objectByID", "objectsOf", "objectBytes", "nameObject", "deleteWaitingObjects", "objectParts", "blobsOfReply", "blobsOfCase",
		"proposal", "proposalsOf", "proposalsIn", "approvalsOf",
	}
	queries := generated(t)
	queries["claim on sqlite"], queries["claim on postgres"] = store.ClaimSQL(false), store.ClaimSQL(true)
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			raw := rawDB(t, engine)
			if engine == storetest.Postgres {
				// On empty tables PostgreSQL reads them whole; forbidding that shows
				// whether it could do otherwise.
				raw.SetMaxOpenConns(1)
				texts(t, raw, "SELECT set_config('enable_seqscan', 'off', false)")
			}
			for _, name := range append(slices.Clone(hot), "claim on "+engine) {
				text, ok := queries[name]
				if !ok {
					t.Errorf("%s is not a query", name)
					continue
				}
				if plan := explain(t, raw, engine, text); readsAll.MatchString(plan) {
					t.Errorf("%s reads a whole table:\n%s", name, plan)
				}
			}
			if plan := explain(t, raw, engine, "SELECT * FROM statement WHERE signer = $1"); !readsAll.MatchString(plan) {
				t.Errorf("the test does not notice a query that reads a whole table:\n%s", plan)
			}
		})
	}
}

// readsAll finds in a plan the step that reads a whole table or index.
var readsAll = regexp.MustCompile(`(?m)^SCAN \w+|Seq Scan on \w+`)

func explain(t *testing.T, raw *sql.DB, engine, text string) string {
	t.Helper()
	if engine == storetest.SQLite {
		n := 0
		for strings.Contains(text, "$"+strconv.Itoa(n+1)) {
			n++
		}
		return strings.Join(texts(t, raw, "EXPLAIN QUERY PLAN "+text, make([]any, n)...), "\n")
	}
	name := fmt.Sprintf("q%x", sha256.Sum256([]byte(text)))[:33]
	if _, err := raw.ExecContext(t.Context(), "PREPARE "+name+" AS "+text); err != nil {
		t.Fatalf("prepare: %v\n%s", err, text)
	}
	var nulls string
	if err := raw.QueryRowContext(t.Context(), "SELECT concat_ws(', ', VARIADIC array_fill('NULL'::text, ARRAY[cardinality(parameter_types)])) FROM pg_prepared_statements WHERE name = $1", name).Scan(&nulls); err != nil {
		t.Fatal(err)
	}
	texts(t, raw, "SELECT set_config('plan_cache_mode', 'force_generic_plan', false)")
	run := "EXPLAIN EXECUTE " + name
	if nulls != "" {
		run = fmt.Sprintf("%s(%s)", run, nulls)
	}
	return strings.Join(texts(t, raw, run), "\n")
}

func prepare(t *testing.T, raw *sql.DB, text string) error {
	t.Helper()
	stmt, err := raw.PrepareContext(t.Context(), text)
	if err != nil {
		return err
	}
	defer func() { _ = stmt.Close() }()
	return nil
}
