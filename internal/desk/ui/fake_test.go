package ui

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// fakeDesk is a desk of cases made up for tests: it keeps what it is told and
// does what a desk would, without keys or a server.
type fakeDesk struct {
	mu         sync.Mutex
	st         desk.Status
	cases      map[hotline.CaseID]*desk.CaseView
	people     []desk.Person
	computer   desk.Computer
	enrolments []desk.EnrolmentView
	alarms     []desk.Alarm
	outbox     []desk.OutboxItem
	opened     []hotline.CaseID
	watch      desk.WatchView
	ledger     desk.LedgerState
	ledgerRows []desk.LedgerRow
	reads      []desk.ReadCount
	renewal    desk.RenewalView
	subs       map[chan desk.Notice]struct{}

	passphrase  string
	words       map[hotline.CaseID][2]string
	bulk        desk.BulkView
	next        desk.Result // answers the next act; zero: sent
	err         error       // answers every act
	calls       []string    // acts, with what they were told
	touched     int
	revoking    func(progress func(desk.Progress)) error
	approvals   []desk.ApprovalView
	exportReady bool
	keeping     desk.KeepingView
	receipts    []api.Receipt
	addresses   desk.AddressesView
	file        desk.FileView // that is open
	showing     desk.FileView // that opens
	content     desk.FileContent
	closed      int           // how often the open attachment was closed
	exercise    *fakeExercise // nil: no training
}

func caseID(n byte) hotline.CaseID {
	return hotline.CaseID{0xa0 | n&15, n, 0x3c, 0x77, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}
}

func newFake() *fakeDesk {
	return &fakeDesk{
		st: desk.Status{
			Phase: desk.PhaseReady, Name: "Весна", ID: "vesna", Roles: []hotline.Role{hotline.RoleOperator},
			Teams: []hotline.Team{hotline.TeamDesk}, Online: true, LastContact: testNow.Add(-time.Minute),
		},
		cases: map[hotline.CaseID]*desk.CaseView{}, subs: map[chan desk.Notice]struct{}{},
		words: map[hotline.CaseID][2]string{}, passphrase: "six plain words make one key",
		computer: desk.Computer{
			Name: "Весна", ID: "vesna", Fingerprint: testFingerprint, Folder: "/home/vesna/safeconduct", Server: "https://desk.example:8443", IdleLock: 15 * time.Minute,
		},
	}
}

var testNow = time.Date(2026, 11, 21, 20, 30, 0, 0, time.UTC)

type fixedClock struct{}

func (fixedClock) Now() time.Time { return testNow }

func (f *fakeDesk) broadcast(n desk.Notice) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for c := range f.subs {
		select {
		case c <- n:
		default:
		}
	}
}

func (f *fakeDesk) set(change func(f *fakeDesk), notices ...desk.Notice) {
	f.mu.Lock()
	change(f)
	f.mu.Unlock()
	for _, n := range notices {
		f.broadcast(n)
	}
}

func (f *fakeDesk) called() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.calls)
}

// awaitCall waits until something was done: a page shows nothing of what it has
// not yet asked for.
func (f *fakeDesk) awaitCall(t *testing.T, want string, settle func()) {
	t.Helper()
	for deadline := time.Now().Add(slowest); !slices.Contains(f.called(), want); settle() {
		if time.Now().After(deadline) {
			t.Fatalf("%q was not done, but %q", want, f.called())
		}
	}
}

func (f *fakeDesk) State() desk.Status {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.st
}

func (f *fakeDesk) Subscribe() (<-chan desk.Notice, func()) {
	c := make(chan desk.Notice, 64)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.subs[c] = struct{}{}
	return c, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.subs, c)
	}
}

func (f *fakeDesk) Touch() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.touched++
}

func (f *fakeDesk) Lock() {
	f.set(func(f *fakeDesk) { f.st = desk.Status{Phase: desk.PhaseLocked} }, desk.Notice{Kind: desk.NoticeState})
}

func (f *fakeDesk) Unlock(_ context.Context, p string) error {
	if p != f.passphrase {
		return hotline.Errorf(hotline.KindDenied, "unlock", "the passphrase is wrong")
	}
	f.set(func(f *fakeDesk) { f.st = newFake().st }, desk.Notice{Kind: desk.NoticeState})
	return nil
}

func (f *fakeDesk) Queue(fl desk.Filter) ([]desk.Row, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return nil, f.err
	}
	var out []desk.Row
	for _, c := range f.cases {
		if (fl.OpenOnly && !c.Stage.Open()) || !passes(fl, c.Row) {
			continue
		}
		out = append(out, c.Row)
	}
	slices.SortFunc(out, func(a, b desk.Row) int {
		return hotline.ComparePlaces(hotline.Place{ID: a.ID, Urgency: a.Urgency, Waiting: a.Waiting}, hotline.Place{ID: b.ID, Urgency: b.Urgency, Waiting: b.Waiting})
	})
	return out, nil
}

func (f *fakeDesk) Search(query string, limit int) ([]desk.Hit, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, "search "+query)
	var out []desk.Hit
	for _, c := range f.cases {
		for _, m := range c.Messages {
			if strings.Contains(strings.ToLower(m.Text), strings.ToLower(query)) && len(out) < limit {
				out = append(out, desk.Hit{Row: c.Row, Snippet: m.Text})
				break
			}
		}
	}
	slices.SortFunc(out, func(a, b desk.Hit) int { return cmp.Compare(a.Row.Short, b.Row.Short) })
	return out, nil
}

func (f *fakeDesk) Locate(_ context.Context, code string) ([]desk.Row, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	parsed, err := hotline.ParseChannelCode(code)
	if err != nil {
		return nil, err
	}
	if !f.st.Online {
		return nil, hotline.Errorf(hotline.KindUnavailable, "locate", "no connection")
	}
	f.calls = append(f.calls, "locate")
	var out []desk.Row
	for _, c := range f.cases {
		if strings.Join(c.Code, "") == parsed.Digits() {
			out = append(out, c.Row)
		}
	}
	return out, nil
}

func (f *fakeDesk) Case(_ context.Context, id hotline.CaseID) (desk.CaseView, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, ok := f.cases[id]
	if !ok {
		return desk.CaseView{}, hotline.Errorf(hotline.KindNotFound, "case", "this desk knows no such case")
	}
	v := *c
	v.Messages = slices.Clone(c.Messages)
	for i, m := range v.Messages {
		if (m.Case == hotline.CaseID{}) {
			v.Messages[i].Case, v.Messages[i].Channel = id, c.Channel
		}
	}
	v.NextStages = c.Stage.Next()
	return v, nil
}

func (f *fakeDesk) CheckWord(id hotline.CaseID, word string) (desk.WordCheck, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	w, ok := f.words[id]
	switch {
	case !ok:
		return desk.WordNo, hotline.Errorf(hotline.KindNotFound, "check word", "no word was agreed in this case")
	case word == w[1]:
		return desk.WordDuress, nil
	case word == w[0]:
		return desk.WordMatch, nil
	}
	return desk.WordNo, nil
}

// act notes a call and changes a case, unless the next result says otherwise.
func (f *fakeDesk) act(id hotline.CaseID, call string, change func(c *desk.CaseView)) (desk.Result, error) {
	f.mu.Lock()
	f.calls = append(f.calls, call)
	c, ok := f.cases[id]
	res, err := f.next, f.err
	f.next = desk.Result{}
	if res.Outcome == "" {
		res.Outcome = desk.OutcomeSent
	}
	if err == nil && !ok {
		err = hotline.Errorf(hotline.KindNotFound, "act", "this desk knows no such case")
	}
	if err == nil && (res.Outcome == desk.OutcomeSent || res.Outcome == desk.OutcomeQueued) {
		change(c)
	}
	f.mu.Unlock()
	f.broadcast(desk.Notice{Kind: desk.NoticeCase, Case: id})
	f.broadcast(desk.Notice{Kind: desk.NoticeQueue})
	return res, err
}

func (f *fakeDesk) ReplyBy(_ context.Context, id, door hotline.CaseID, text string, after int64) (desk.Result, error) {
	what := "reply "
	if door != id {
		what = "reply by " + door.Short() + " "
	}
	return f.act(id, what+text, func(c *desk.CaseView) {
		c.DeskSeq = after + 1
		c.Draft, c.Row.Draft = "", false
		c.Waiting = time.Time{}
		c.Messages = append(c.Messages, desk.Message{Side: hotline.SideDesk, Seq: after + 1, Hour: hotline.HourOf(testNow), Arrived: hotline.HourOf(testNow), Text: text, Signer: "Весна", Verified: true})
	})
}

func (f *fakeDesk) SaveDraft(id hotline.CaseID, text string) error {
	_, err := f.act(id, "draft "+text, func(c *desk.CaseView) { c.Draft, c.Row.Draft = text, text != "" })
	return err
}

func (f *fakeDesk) Note(_ context.Context, id hotline.CaseID, text string) (desk.Result, error) {
	return f.act(id, "note "+text, func(c *desk.CaseView) {
		c.Notes = append(c.Notes, desk.StatementView{Act: seal.ActNote, Text: text, By: "Весна", Verified: true, Hour: hotline.HourOf(testNow)})
	})
}

func (f *fakeDesk) Handover(_ context.Context, id hotline.CaseID, text string, to seal.OperatorID) (desk.Result, error) {
	return f.act(id, "handover "+to+" "+text, func(c *desk.CaseView) { c.Assignee, c.Mine = to, false })
}

func (f *fakeDesk) SetFacts(_ context.Context, id hotline.CaseID, x desk.Facts) (desk.Result, error) {
	return f.act(id, "facts "+x.Title+" "+x.Language, func(c *desk.CaseView) { c.Title = x.Title })
}

func (f *fakeDesk) SetWords(_ context.Context, id hotline.CaseID, word, duress string) (desk.Result, error) {
	return f.act(id, "words", func(c *desk.CaseView) {
		f.words[id] = [2]string{word, duress}
		c.WordSet, c.DuressSet = true, duress != ""
	})
}

func (f *fakeDesk) SetStage(_ context.Context, id hotline.CaseID, s hotline.Stage) (desk.Result, error) {
	return f.act(id, "stage "+string(s), func(c *desk.CaseView) { c.Stage = s })
}

func (f *fakeDesk) SetUrgency(_ context.Context, id hotline.CaseID, u hotline.Urgency) (desk.Result, error) {
	return f.act(id, "urgency "+string(rune('0'+u)), func(c *desk.CaseView) { c.Urgency = u })
}

func (f *fakeDesk) Assign(_ context.Context, id hotline.CaseID, to seal.OperatorID) (desk.Result, error) {
	return f.act(id, "assign "+to, func(c *desk.CaseView) { c.Assignee, c.Mine = to, to == "vesna" })
}

func (f *fakeDesk) MarkRead(_ context.Context, id hotline.CaseID) (desk.Result, error) {
	return f.act(id, "read", func(c *desk.CaseView) {
		c.Unread = 0
		for i := range c.Messages {
			c.Messages[i].New = false
		}
	})
}

func (f *fakeDesk) Bulk() desk.BulkView {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.bulk
}

func (f *fakeDesk) PlanBulk(group int64, act desk.BulkAct) (desk.BulkView, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, fmt.Sprintf("plan %s of %d", act, group))
	n := 0
	for _, c := range f.cases {
		if c.Group == group && group != 0 {
			n++
		}
	}
	if f.err != nil || n == 0 {
		return desk.BulkView{}, cmp.Or[error](f.err, hotline.Errorf(hotline.KindNotFound, "bulk", "nothing is left to do for this group"))
	}
	f.bulk = desk.BulkView{ID: f.bulk.ID + 1, Group: group, Act: act, State: desk.BulkPlanned, Total: n}
	return f.bulk, nil
}

// RunBulk does half of it: the rest is up to the test.
func (f *fakeDesk) RunBulk(id int64) error {
	return f.onBulk("run", id, func() { f.bulk.State, f.bulk.Done = desk.BulkRunning, f.bulk.Total/2 })
}

func (f *fakeDesk) StopBulk(id int64) error {
	return f.onBulk("stop", id, func() { f.bulk = desk.BulkView{ID: f.bulk.ID} })
}

func (f *fakeDesk) UndoBulk(id int64) error {
	return f.onBulk("undo", id, func() { f.bulk.State, f.bulk.Back, f.bulk.Undo = desk.BulkUndone, f.bulk.Done, false })
}

func (f *fakeDesk) onBulk(call string, id int64, change func()) error {
	f.mu.Lock()
	f.calls = append(f.calls, fmt.Sprintf("%s %d", call, id))
	if f.err == nil {
		change()
	}
	err := f.err
	f.mu.Unlock()
	f.broadcast(desk.Notice{Kind: desk.NoticeQueue})
	return err
}

func (f *fakeDesk) Outbox() []desk.OutboxItem {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.outbox)
}

func (f *fakeDesk) Retry(_ context.Context, id string) (desk.Result, error) {
	f.set(func(f *fakeDesk) { f.calls = append(f.calls, "retry "+id); f.outbox = nil })
	return desk.Result{Outcome: desk.OutcomeSent}, f.err
}

func (f *fakeDesk) Discard(id string) error {
	f.set(func(f *fakeDesk) { f.calls = append(f.calls, "discard "+id); f.outbox = nil })
	return f.err
}

func (f *fakeDesk) Alarms() []desk.Alarm {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.alarms)
}

func (f *fakeDesk) Acknowledge(id string) error {
	f.set(func(f *fakeDesk) { f.calls = append(f.calls, "acknowledge "+id) })
	return f.err
}

func (f *fakeDesk) Opened(id hotline.CaseID) error {
	f.set(func(f *fakeDesk) { f.opened = append(f.opened, id) })
	return nil
}

func (f *fakeDesk) Watch() desk.WatchView {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.watch
}

func (f *fakeDesk) CalmAlarm(_ context.Context, id seal.Hash, count int64, note string) error {
	f.set(func(f *fakeDesk) { f.calls = append(f.calls, "calm "+id.String()[:4]+" "+note) })
	return f.err
}

func (f *fakeDesk) Plant(context.Context, hotline.CaseID) error {
	f.set(func(f *fakeDesk) { f.calls = append(f.calls, "plant") })
	return f.err
}

func (f *fakeDesk) Lift(context.Context, hotline.CaseID) error {
	f.set(func(f *fakeDesk) { f.calls = append(f.calls, "lift") })
	return f.err
}

func (f *fakeDesk) ReadLedger(time.Duration) error { return nil }

func (f *fakeDesk) Ledger() desk.LedgerState {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.ledger
}

func (f *fakeDesk) LedgerPage(fl desk.LedgerFilter, skip, n int) ([]desk.LedgerRow, int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, "ledger "+fl.Actor+" "+fl.Act+" "+fl.Case)
	rows := f.ledgerRows
	return rows[min(skip, len(rows)):min(skip+n, len(rows))], len(rows)
}

func (f *fakeDesk) LedgerActs() []string { return []string{"case.read", "tripwire.alarm"} }

func (f *fakeDesk) LedgerReads(desk.LedgerFilter) []desk.ReadCount {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.reads
}

func (f *fakeDesk) LedgerReaders(desk.LedgerFilter) []desk.CaseReader {
	return []desk.CaseReader{{Actor: "vesna", Name: "Весна", Times: 3, First: hoursAgo(30), Last: hoursAgo(1)}}
}

func (f *fakeDesk) People() []desk.Person {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.people)
}

func (f *fakeDesk) Invite(_ context.Context, name string, roles []hotline.Role, _ []hotline.Team, _ time.Duration) (string, error) {
	if err := hotline.CheckRoles(roles); err != nil {
		return "", err
	}
	f.set(func(f *fakeDesk) { f.calls = append(f.calls, "invite "+name) })
	return "scinvite1.eyJzZXJ2ZXIiOiJkZXNrLmV4YW1wbGU6NDQzIiwicGluIjoiNmQ1ZjE4IiwiZGVzayI6IjA4YTEiLCJzZWNyZXQiOiJPa3ZQIn0", f.err
}

func (f *fakeDesk) Enrolments(context.Context) ([]desk.EnrolmentView, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.st.Online {
		return nil, hotline.Errorf(hotline.KindUnavailable, "enrolments", "no connection")
	}
	return slices.Clone(f.enrolments), f.err
}

func (f *fakeDesk) ConfirmEnrolment(_ context.Context, id seal.Hash, fingerprint string) error {
	f.set(func(f *fakeDesk) {
		f.calls = append(f.calls, "confirm "+id.String()[:4]+" "+fingerprint)
	})
	return f.err
}

func (f *fakeDesk) RefuseEnrolment(_ context.Context, id seal.Hash) error {
	f.set(func(f *fakeDesk) { f.calls = append(f.calls, "refuse "+id.String()[:4]) })
	return f.err
}

func (f *fakeDesk) Revoke(_ context.Context, member seal.OperatorID, progress func(desk.Progress)) error {
	f.set(func(f *fakeDesk) { f.calls = append(f.calls, "revoke "+member) })
	if f.revoking != nil {
		return f.revoking(progress)
	}
	return f.err
}

func (f *fakeDesk) Renewal() desk.RenewalView {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.renewal
}

func (f *fakeDesk) Renew(_ context.Context, progress func(desk.Progress)) error {
	f.set(func(f *fakeDesk) { f.calls = append(f.calls, "renew") })
	progress(desk.Progress{Step: hotline.Say("new keys for open cases"), Done: 1, Total: 1})
	return f.err
}

func (f *fakeDesk) Enrol(_ context.Context, invitation, name, _ string) (string, error) {
	if !strings.HasPrefix(invitation, "scinvite1.") {
		return "", hotline.Errorf(hotline.KindInvalid, "invitation", "this is not an invitation, or a part of it is missing")
	}
	f.set(func(f *fakeDesk) {
		f.calls = append(f.calls, "enrol "+name)
		f.st = desk.Status{Phase: desk.PhaseEnrolling, Name: name, Online: true, Fingerprint: testFingerprint, LastContact: testNow}
	}, desk.Notice{Kind: desk.NoticeState})
	return testFingerprint, nil
}

const testFingerprint = "40718 22956 90314 55627 18803 647291"

func (f *fakeDesk) Computer() (desk.Computer, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.computer, nil
}

func (f *fakeDesk) ChangePassphrase(old, passphrase string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.err != nil:
		return f.err
	case old != f.passphrase:
		return hotline.Errorf(hotline.KindDenied, "key file", "the passphrase is wrong")
	}
	f.passphrase = passphrase
	return nil
}
