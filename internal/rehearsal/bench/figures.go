package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"text/tabwriter"
)

// Figures are what the intake was measured to do.
type Figures struct {
	Channel      string  `json:"channel"`
	Engine       string  `json:"engine"`
	Connections  int     `json:"connections"`
	Rate         float64 `json:"rate"` // asked for; 0: as fast as answers come
	MessageBytes int     `json:"message_bytes"`
	CaseBytes    int     `json:"case_bytes"`

	PreparedCases    int     `json:"prepared_cases"`
	NewCases         int     `json:"new_cases"`
	NewCasesPerS     float64 `json:"new_cases_per_s"`
	NewSeconds       float64 `json:"new_cases_s"`
	MostWork         int     `json:"most_work_bits"` // asked of a new case
	NewP50           float64 `json:"new_p50_ms"`
	NewP99           float64 `json:"new_p99_ms"`
	PreparedMessages int     `json:"prepared_messages"`
	Messages         int     `json:"messages"`
	MessagesPerS     float64 `json:"messages_per_s"`
	P50              float64 `json:"p50_ms"`
	P99              float64 `json:"p99_ms"`
	Seconds          float64 `json:"seconds"` // of the messages

	CPUPerMessage float64 `json:"cpu_ms_per_message"` // the server's, user and system
	CPUMessage    CPU     `json:"cpu_message"`
	CPUNew        CPU     `json:"cpu_new_case"`
	LoadBefore    float64 `json:"load_average_before"` // of the machine
	LoadAfter     float64 `json:"load_average_after"`
	PartsCPU      float64 `json:"parts_cpu_ms"` // open + verify + insert
	Parts         Parts   `json:"parts"`
	Batch         float64 `json:"batch"` // operations in one commit
	RSS           float64 `json:"rss_mib"`
	RSSHighest    float64 `json:"rss_highest_mib"`

	Refused int    `json:"refused"` // answered, but not "received"
	Broken  int    `json:"broken"`  // not answered
	Lost    int    `json:"lost"`    // acknowledged, and not in the database after the server was killed
	Doubled int    `json:"doubled"` // kept twice
	Why     string `json:"why,omitempty"`
	Dry     bool   `json:"dry"` // the prepared messages ran out before the time did
}

// CPU is the processor time of a message or a new case in milliseconds, user
// and system. Database is 0 where that is in the server's process or elsewhere.
type CPU struct {
	Server    float64 `json:"server_ms"`
	Database  float64 `json:"database_ms"`
	Generator float64 `json:"generator_ms"`
}

// whole says what n processors could do if nobody else wanted them.
func (c CPU) whole() string {
	all := c.Server + c.Database + c.Generator
	return fmt.Sprintf("server %.3f, database %.3f, generator %.3f ms: %d processors of this speed have time for %.0f/s",
		c.Server, c.Database, c.Generator, runtime.NumCPU(), float64(runtime.NumCPU())*1000/max(all, 0.001))
}

// Parts is what a message costs where nothing but the part is done, in
// milliseconds of processor time.
type Parts struct {
	Open   float64 `json:"open_ms"`
	Verify float64 `json:"verify_ms"`
	Insert float64 `json:"insert_ms"`
}

// OK reports whether every promise about single messages held.
func (f Figures) OK() bool { return f.Lost == 0 && f.Doubled == 0 }

// writeJSON writes figures for programs.
func writeJSON(w io.Writer, figures any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(figures)
}

// WriteJSON writes the figures for programs.
func (f Figures) WriteJSON(w io.Writer) error { return writeJSON(w, f) }

// WriteTable writes the figures for people.
func (f Figures) WriteTable(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	line := func(name, format string, args ...any) { fmt.Fprintf(t, "%s\t%s\n", name, fmt.Sprintf(format, args...)) }
	how := "each when the one before was answered"
	if f.Rate > 0 {
		how = fmt.Sprintf("%.0f a second", f.Rate)
	}
	line("door", "%s", f.Channel)
	line("database", "%s", f.Engine)
	line("machine", "%d processors; wanted by %.1f before and %.1f after (load average, this program included)", runtime.NumCPU(), f.LoadBefore, f.LoadAfter)
	line("load", "%d connections, messages %s, %d bytes each", f.Connections, how, f.MessageBytes)
	line("new cases", "%.0f/s (%d of %d prepared in %.1f s)  p50 %.1f ms  p99 %.1f ms", f.NewCasesPerS, f.NewCases, f.PreparedCases, f.NewSeconds, f.NewP50, f.NewP99)
	line("processor per new case", "%s", f.CPUNew.whole())
	if f.MostWork > 0 {
		line("work asked for", "%d bits at the most", f.MostWork)
	}
	if f.PreparedMessages > 0 {
		line("messages", "%.0f/s (%d of %d prepared)  p50 %.1f ms  p99 %.1f ms", f.MessagesPerS, f.Messages, f.PreparedMessages, f.P50, f.P99)
		line("processor per message", "%s", f.CPUMessage.whole())
		line("", "its parts alone %.3f ms: open %.3f, verify %.3f, insert %.3f", f.PartsCPU, f.Parts.Open, f.Parts.Verify, f.Parts.Insert)
	}
	line("operations in a commit", "%.1f", f.Batch)
	if f.PartsCPU > 0 {
		line("", "the server takes %.2f times its parts", f.CPUPerMessage/f.PartsCPU)
	}
	line("memory", "%.0f MiB, %.0f MiB at the highest", f.RSS, f.RSSHighest)
	line("lost, doubled", "%d, %d (looked for after the server was killed)", f.Lost, f.Doubled)
	if f.Refused+f.Broken > 0 {
		line("not kept", "%d refused, %d connections broken; last: %s", f.Refused, f.Broken, f.Why)
	}
	if f.Dry {
		line("note", "the prepared messages ran out after %.1f s; prepare more, or measure for a shorter time", f.Seconds)
	}
	return t.Flush()
}
