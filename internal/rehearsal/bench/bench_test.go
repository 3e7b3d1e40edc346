package bench_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"testing"
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/installation"
	"safeconduct/internal/rehearsal/bench"
	"safeconduct/internal/store/storetest"
)

// asServer makes the test's own program the server that is measured.
const asServer = "SAFECONDUCT_TEST_SERVE"

func TestMain(m *testing.M) {
	if dir := os.Getenv(asServer); dir != "" {
		err := bench.Serve(context.Background(), dir, os.Stdin, os.Stdout, installation.Run{Clock: time.Now, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func program(ctx context.Context, dir string) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self)
	cmd.Env = append(os.Environ(), asServer+"="+dir)
	cmd.Stderr = os.Stderr
	return cmd, nil
}

func TestIntakeKeepsWhatItAcknowledges(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			o := bench.Intake{
				Connections: 4, Duration: 600 * time.Millisecond, Prepare: 150,
				Program: program, Clock: time.Now, Say: t.Logf,
			}
			if engine == storetest.Postgres {
				o.Database = storetest.URL(t, engine)
			}
			f, err := o.Run(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if f.Lost != 0 || f.Doubled != 0 || f.Refused != 0 || f.Broken != 0 {
				t.Errorf("lost %d, doubled %d, refused %d, broken %d: %s", f.Lost, f.Doubled, f.Refused, f.Broken, f.Why)
			}
			if f.Engine != engine || f.NewCases < 4 || f.Messages < 4 || f.MessagesPerS <= 0 || f.NewCasesPerS <= 0 {
				t.Errorf("nothing was measured: %+v", f)
			}
			if f.CPUMessage.Server <= 0 || f.CPUMessage.Generator <= 0 || (f.CPUNew.Database > 0) != (engine == storetest.Postgres) {
				t.Errorf("who used the processors: %+v %+v", f.CPUNew, f.CPUMessage)
			}
			if f.P50 <= 0 || f.P99 < f.P50 || f.CPUPerMessage <= 0 || f.PartsCPU <= 0 || f.RSS <= 0 || f.Batch <= 0 {
				t.Errorf("a figure is missing: %+v", f)
			}
			var out bytes.Buffer
			if err := f.WriteJSON(&out); err != nil {
				t.Fatal(err)
			}
			var keys map[string]any
			if err := json.Unmarshal(out.Bytes(), &keys); err != nil {
				t.Fatal(err)
			}
			for _, key := range []string{
				"new_cases_per_s", "messages_per_s", "p50_ms", "p99_ms", "cpu_ms_per_message", "parts_cpu_ms", "rss_mib", "lost", "doubled",
			} {
				if _, ok := keys[key].(float64); !ok {
					t.Errorf("the figures have no %q", key)
				}
			}
		})
	}
}

// The door of bots keeps what it acknowledges, and its figures have the keys of the web door's.
func TestHooksKeepWhatTheyAcknowledge(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			o := bench.Intake{
				Channel: hotline.ChannelTelegram, Senders: 20, Connections: 4, Duration: 600 * time.Millisecond, Prepare: 150,
				Program: program, Clock: time.Now, Say: t.Logf,
			}
			if engine == storetest.Postgres {
				o.Database = storetest.URL(t, engine)
			}
			f, err := o.Run(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if f.Lost != 0 || f.Doubled != 0 || f.Refused != 0 || f.Broken != 0 {
				t.Errorf("lost %d, doubled %d, refused %d, broken %d: %s", f.Lost, f.Doubled, f.Refused, f.Broken, f.Why)
			}
			if f.Channel != "telegram" || f.Engine != engine || f.NewCases != 20 || f.Messages < 4 || f.P50 <= 0 || f.P99 < f.P50 || f.PartsCPU <= 0 || f.RSS <= 0 {
				t.Errorf("a figure is missing: %+v", f)
			}
		})
	}
}

// Every new case of a surge is accepted, with work where the door asks for it.
func TestSurge(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			o := bench.Intake{Connections: 30, Cases: 60, Duration: time.Second, Program: program, Clock: time.Now, Say: t.Logf}
			if engine == storetest.Postgres {
				o.Database = storetest.URL(t, engine)
			}
			f, err := o.Run(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if f.NewCases != 60 || f.Lost != 0 || f.Doubled != 0 || f.NewSeconds <= 0 || f.NewP99 < f.NewP50 || f.NewP50 <= 0 || f.Messages != 0 {
				t.Errorf("%+v", f)
			}
		})
	}
}
