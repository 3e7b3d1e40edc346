package drill_test

import (
	"strings"
	"testing"

	"safeconduct/internal/rehearsal"
	"safeconduct/internal/rehearsal/drill"
	"safeconduct/internal/store/storetest"
)

// play runs a drill on SQLite, or on the PostgreSQL database at url.
func play(t *testing.T, scenarios []rehearsal.Scenario, url string) drill.Report {
	t.Helper()
	report, err := drill.Run(t.Context(), drill.Options{Scenarios: scenarios, Dir: t.TempDir(), Database: url})
	if err != nil {
		t.Fatalf("drill: %v", err)
	}
	return report
}

func table(r drill.Report) string {
	var b strings.Builder
	_ = r.WriteTable(&b) // a Builder takes everything
	return b.String()
}

func TestBuiltinScenariosPass(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			scenarios, err := rehearsal.Builtin()
			if err != nil {
				t.Fatal(err)
			}
			url := ""
			if engine == storetest.Postgres {
				url = storetest.URL(t, engine)
			}
			r := play(t, scenarios, url)
			if r.Failed != 0 || r.Passed != len(scenarios) {
				t.Errorf("passed %d, failed %d\n%s", r.Passed, r.Failed, table(r))
			}
			t.Log(table(r))
		})
	}
}
