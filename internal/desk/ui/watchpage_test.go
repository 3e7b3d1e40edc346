package ui

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// Opening a case by hand is told, once for each opening; drawing it anew is not.
func TestOpeningByHandIsTold(t *testing.T) {
	t.Parallel()
	f := busy()
	u := newUI(t, f, "en")
	w := launched(t, u)
	path := "/case/" + u.refs.of(caseID(1))
	w.get(path)
	w.get(path + "/live")
	w.post(path+"/note", url.Values{"text": {"x"}})
	if !slices.Equal(f.opened, []hotline.CaseID{caseID(1)}) {
		t.Errorf("told: %v", f.opened)
	}
}

func TestWatchPage(t *testing.T) {
	t.Parallel()
	for _, lang := range languages() {
		f := supervised()
		w := launched(t, newUI(t, f, lang))
		x := textsOf(lang)
		body := w.get("/watch").Body.String()
		for _, want := range []string{x.Watch.Wires[hotline.WireCanary], "Явір", caseID(9).Short(), "47", x.Watch.Doubtful, "Рута", "/watch/calm", `class="count bad">2<`} {
			if !strings.Contains(body, want) {
				t.Errorf("%s: the page lacks %q", lang, want)
			}
		}
		if strings.Contains(body, "<script>alert") || strings.Contains(body, caseID(9).String()) {
			t.Errorf("%s: the page shows markup or a whole id", lang)
		}
		id := seal.Hash{0x71}.String()
		if res := w.post("/watch/calm", url.Values{"id": {id}, "count": {"2"}, "text": {"we spoke"}}); res.Code != http.StatusSeeOther {
			t.Errorf("%s: status %d", lang, res.Code)
		}
		for _, bad := range []url.Values{{}, {"id": {id}}, {"id": {"x"}, "count": {"1"}}, {"id": {id}, "count": {"many"}}} {
			if res := w.post("/watch/calm", bad); res.Code < 400 {
				t.Errorf("%s: %v is taken", lang, bad)
			}
		}
		if calls := f.called(); len(calls) != 1 || calls[0] != "calm 7100 we spoke" {
			t.Errorf("%s: %v", lang, calls)
		}
		f.set(func(f *fakeDesk) { f.watch.Known, f.watch.Alarms = false, nil })
		if body := w.get("/watch").Body.String(); !strings.Contains(body, x.Watch.LoadingHead) {
			t.Errorf("%s: not known yet is not said", lang)
		}
		f.set(func(f *fakeDesk) { f.watch.Known = true })
		if body := w.get("/watch").Body.String(); !strings.Contains(body, x.Watch.EmptyHead) {
			t.Errorf("%s: nothing to look into is not said", lang)
		}
	}
}

func TestJournalPage(t *testing.T) {
	t.Parallel()
	for _, lang := range languages() {
		f := supervised()
		w := launched(t, newUI(t, f, lang))
		x := textsOf(lang)
		body := w.get("/journal").Body.String()
		for _, want := range []string{x.Journal.Proved, x.Journal.NotProved, x.Ledger.Acts["case.read"], x.Journal.Gone, "safeconduct verify", x.Journal.Older, "61"} {
			if !strings.Contains(body, want) {
				t.Errorf("%s: the page lacks %q", lang, want)
			}
		}
		if strings.Contains(body, x.Journal.Newer) {
			t.Errorf("%s: there is something newer than the newest", lang)
		}
		res := w.post("/journal", url.Values{"who": {"vesna"}, "act": {"case.read"}, "case": {"a1013c77"}, "day": {"2026-11-20"}, "skip": {"100"}})
		if body := res.Body.String(); !strings.Contains(body, x.Journal.ReadersHead) || !strings.Contains(body, x.Journal.Newer) || strings.Contains(body, `value="200"`) {
			t.Errorf("%s: filtered and paged: %d", lang, res.Code)
		}
		if calls := f.called(); !slices.Contains(calls, "ledger vesna case.read a1013c77") {
			t.Errorf("%s: %v", lang, calls)
		}
		for _, bad := range []url.Values{{"case": {"a1"}}, {"case": {"xyzw"}}, {"case": {hostile}}, {"day": {"yesterday"}}} {
			if body := w.post("/journal", bad).Body.String(); !strings.Contains(body, `role="alert">`+x.Journal.CaseHint) {
				t.Errorf("%s: %v is taken", lang, bad)
			}
		}
		file := w.get("/journal/checkpoint")
		if file.Body.String() != string(f.ledger.Checkpoint) || !strings.Contains(file.Header().Get("Content-Disposition"), "checkpoint-4211.txt") {
			t.Errorf("%s: the checkpoint: %q", lang, file.Body)
		}
		f.set(func(f *fakeDesk) { f.ledger.Loading, f.ledger.Loaded = true, 1200 })
		if body := w.get("/journal").Body.String(); !strings.Contains(body, `<progress max="4211" value="1200"`) {
			t.Errorf("%s: how far it is is not said", lang)
		}
		f.set(func(f *fakeDesk) {
			f.ledgerRows, f.ledger.Loading, f.ledger.Broken = nil, false, 1
			f.ledger.Fault = hotline.Say("there is no connection to the server")
		})
		body = w.get("/journal").Body.String()
		if !strings.Contains(body, x.Journal.EmptyHead) || !strings.Contains(body, x.Journal.FaultHead) {
			t.Errorf("%s: nothing and a fault are not said", lang)
		}
	}
}
