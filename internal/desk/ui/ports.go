package ui

import (
	"context"
	"io"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// Clock is time as the pages see it.
type Clock interface {
	Now() time.Time
}

// Desk is what the pages need of a desk. [desk.Desk] is one; tests have
// another.
type Desk interface {
	keeper
	reader
	writer
	decider
	sorter
	journalist
	watcher
	auditor
	team
	keyring
	newcomer
	owner
	approver
	exporter
	letter
	forgetter
	lister
	viewer
	sender
	joiner
}

// sender sends files.
type sender interface {
	AttachFile(id hotline.CaseID, content []byte) (desk.Staged, error)
	AttachAgain(ctx context.Context, id hotline.CaseID, object seal.ObjectID) (desk.Staged, error)
	DropFile(id hotline.CaseID) error
	ReplyWithFile(ctx context.Context, id hotline.CaseID, text, token string, deskSeq int64) (desk.Result, error)
}

// keeper locks and unlocks, and says when something has changed.
type keeper interface {
	State() desk.Status
	Subscribe() (<-chan desk.Notice, func())
	Touch()
	Lock()
	Unlock(ctx context.Context, passphrase string) error
}

// reader shows cases.
type reader interface {
	Queue(f desk.Filter) ([]desk.Row, error)
	Search(query string, limit int) ([]desk.Hit, error)
	Locate(ctx context.Context, code string) ([]desk.Row, error)
	Case(ctx context.Context, id hotline.CaseID) (desk.CaseView, error)
	CheckWord(id hotline.CaseID, word string) (desk.WordCheck, error)
}

// joiner says that cases are of one person, makes one of them, and lets people
// of a case leave it.
type joiner interface {
	Link(ctx context.Context, id, other hotline.CaseID, word string) (desk.Result, error)
	ProposeLink(ctx context.Context, id, other hotline.CaseID, reason string) error
	Merge(ctx context.Context, id, other, main hotline.CaseID) (desk.Result, error)
	Untie(ctx context.Context, id, other hotline.CaseID) (desk.Result, error)
	Split(ctx context.Context, id hotline.CaseID, p desk.Parting) (hotline.CaseID, error)
}

// writer keeps what is written about a case.
type writer interface {
	ReplyBy(ctx context.Context, id, door hotline.CaseID, text string, deskSeq int64) (desk.Result, error)
	SaveDraft(id hotline.CaseID, text string) error
	Note(ctx context.Context, id hotline.CaseID, text string) (desk.Result, error)
	Handover(ctx context.Context, id hotline.CaseID, text string, to seal.OperatorID) (desk.Result, error)
	SetFacts(ctx context.Context, id hotline.CaseID, f desk.Facts) (desk.Result, error)
	SetWords(ctx context.Context, id hotline.CaseID, word, duress string) (desk.Result, error)
}

// decider moves cases on.
type decider interface {
	SetStage(ctx context.Context, id hotline.CaseID, s hotline.Stage) (desk.Result, error)
	SetUrgency(ctx context.Context, id hotline.CaseID, u hotline.Urgency) (desk.Result, error)
	Assign(ctx context.Context, id hotline.CaseID, to seal.OperatorID) (desk.Result, error)
	MarkRead(ctx context.Context, id hotline.CaseID) (desk.Result, error)
}

// sorter acts on all messages of a group that say nearly the same.
type sorter interface {
	Bulk() desk.BulkView
	PlanBulk(group int64, act desk.BulkAct) (desk.BulkView, error)
	RunBulk(id int64) error
	StopBulk(id int64) error
	UndoBulk(id int64) error
}

// journalist shows what was done and what does not verify.
type journalist interface {
	Outbox() []desk.OutboxItem
	Retry(ctx context.Context, outboxID string) (desk.Result, error)
	Discard(outboxID string) error
	Alarms() []desk.Alarm
	Acknowledge(alarmID string) error
}

// watcher shows who does unusually much, and says what was opened by hand.
type watcher interface {
	Opened(id hotline.CaseID) error
	Watch() desk.WatchView
	CalmAlarm(ctx context.Context, id seal.Hash, count int64, note string) error
	Plant(ctx context.Context, id hotline.CaseID) error
	Lift(ctx context.Context, id hotline.CaseID) error
}

// auditor reads the journal and checks it here.
type auditor interface {
	ReadLedger(patience time.Duration) error
	Ledger() desk.LedgerState
	LedgerPage(f desk.LedgerFilter, skip, n int) ([]desk.LedgerRow, int)
	LedgerActs() []string
	LedgerReads(f desk.LedgerFilter) []desk.ReadCount
	LedgerReaders(f desk.LedgerFilter) []desk.CaseReader
}

// team is the roster and who may join it.
type team interface {
	People() []desk.Person
	Invite(ctx context.Context, name string, roles []hotline.Role, teams []hotline.Team, valid time.Duration) (string, error)
	Enrolments(ctx context.Context) ([]desk.EnrolmentView, error)
	ConfirmEnrolment(ctx context.Context, id seal.Hash, fingerprint string) error
	RefuseEnrolment(ctx context.Context, id seal.Hash) error
}

// keyring takes keys away from who has left.
type keyring interface {
	Revoke(ctx context.Context, member seal.OperatorID, progress func(desk.Progress)) error
	Renewal() desk.RenewalView
	Renew(ctx context.Context, progress func(desk.Progress)) error
}

// owner is whose computer this is.
type owner interface {
	Computer() (desk.Computer, error)
	ChangePassphrase(old, passphrase string) error
}

// newcomer makes this computer a desk.
type newcomer interface {
	Enrol(ctx context.Context, invitation, name, passphrase string) (string, error)
}

// approver shows and decides what needs two persons.
type approver interface {
	Approvals() ([]desk.ApprovalView, error)
	Answer(ctx context.Context, id seal.Hash, approve bool) error
	Withdraw(ctx context.Context, id seal.Hash) error
}

// viewer shows one attachment at a time.
type viewer interface {
	OpenFile(id hotline.CaseID, object seal.ObjectID) error
	ShowPage(page, zoom int) error
	FileView() desk.FileView
	FileContent(token string) (desk.FileContent, error)
	CloseFile()
}

// letter shows how long things are kept, and lets go of what two people decide on.
type letter interface {
	Keeping(ctx context.Context) (desk.KeepingView, error)
	ProposeRetention(ctx context.Context, line string, days int, reason string) error
	ProposeDestroy(ctx context.Context, team hotline.Team, epoch int, reason string) error
	ProposeRewrap(ctx context.Context, team hotline.Team, reason string) error
	KeepAfterReview(ctx context.Context, id hotline.CaseID) (desk.Result, error)
	TrustClock(ctx context.Context) error
}

// forgetter lets go of whoever asks for it, and keeps the proof.
type forgetter interface {
	ProposeForget(ctx context.Context, id hotline.CaseID, reason string) error
	Receipts() []api.Receipt
}

// lister keeps the official addresses, which people compare with.
type lister interface {
	Addresses() (desk.AddressesView, error)
	SetAddresses(ctx context.Context, list []seal.ChannelAddress) (*desk.Waiting, error)
}

// exporter takes everything out, sealed as it is.
type exporter interface {
	ProposeExport(ctx context.Context, reason string) (seal.Hash, error)
	ExportReady() bool
	ExportTo(ctx context.Context, w io.Writer) error
}
