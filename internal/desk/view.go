package desk

import (
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// Phase is how far a desk is from working.
type Phase string

// The phases.
const (
	PhaseNoKeys    Phase = "no_keys"   // no key file: enrol first
	PhaseLocked    Phase = "locked"    // the key file waits for its passphrase
	PhaseEnrolling Phase = "enrolling" // keys made and sent; the administrator has not signed yet
	PhaseReady     Phase = "ready"     // in the roster
)

// Status is the state of a desk as a page shows it in its head.
type Status struct {
	Phase       Phase
	Name        string          // call-name; empty while locked
	ID          seal.OperatorID // empty while locked
	Roles       []hotline.Role
	Teams       []hotline.Team
	Fingerprint string // while enrolling: to be read aloud to the administrator

	Online      bool
	Offline     hotline.Sentence // why not
	LastContact time.Time        // zero: not since unlocking
	LockAt      time.Time        // when the desk locks by itself; zero: never

	Waiting   int  // acts in the outbox that go out by themselves
	Undecided int  // acts in the outbox that wait for the operator's decision
	Alarms    int  // not acknowledged
	Blocked   bool // an alarm forbids acts until it has been acknowledged

	Asked int // proposals of others that wait for this person's decision

	Cases  int // known
	Synced int // of them up to date; ended cases are fetched when they are opened

	// Signs is when the manifest runs out if nobody signs it; 0 while that is far, or for who cannot.
	Signs hotline.Hour

	Tripped int // alarms of tripwires that nobody has acknowledged, for those who watch

	Checkpoint string // newest journal checkpoint that was verified: "<size> <root>"
}

// May reports whether the roster lets the operator do a.
func (s Status) May(a hotline.Action) bool { return hotline.Allowed(a, s.Roles...) }

// NoticeKind says what a page should draw again.
type NoticeKind string

// The kinds of notices.
const (
	NoticeQueue NoticeKind = "queue" // rows of the queue
	NoticeCase  NoticeKind = "case"  // the case Case (the queue too)
	NoticeState NoticeKind = "state" // Status, alarms, outbox, people
)

// Notice says that something changed.
type Notice struct {
	Kind NoticeKind
	Case hotline.CaseID // of NoticeCase
}

// Problem is something that does not verify, in plain words.
type Problem struct {
	Kind ProblemKind
	Text hotline.Sentence
}

// ProblemKind names a problem for tests and for styling.
type ProblemKind string

// The kinds of problems.
const (
	ProblemForged     ProblemKind = "forged"     // not signed by who it claims
	ProblemGap        ProblemKind = "gap"        // messages before it are missing
	ProblemFork       ProblemKind = "fork"       // two devices wrote under one number
	ProblemUnreadable ProblemKind = "unreadable" // no key opens it, or it is damaged
	ProblemSwapped    ProblemKind = "swapped"    // what is sealed is not what stands beside it
	ProblemReplayed   ProblemKind = "replayed"   // shown a second time
	ProblemMoved      ProblemKind = "moved"      // belongs to another case
	ProblemOrder      ProblemKind = "order"      // out of order
	ProblemMissing    ProblemKind = "missing"    // less is shown than there must be
	ProblemRow        ProblemKind = "row"        // the server's row says something else than what was signed
	ProblemRollback   ProblemKind = "rollback"   // the case is shorter than it was
	ProblemKey        ProblemKind = "key"        // a key or wrap of the case does not verify
	ProblemTie        ProblemKind = "tie"        // an act on two cases is shown on one of them only
	ProblemFiles      ProblemKind = "files"      // its attachments are not named as they must be
	ProblemPending    ProblemKind = "pending"    // an act of this desk needs a decision
)

// Delivery says how far something written here has come.
type Delivery string

// The deliveries.
const (
	DeliveryKept     Delivery = ""         // at the server, on disk
	DeliveryWaiting  Delivery = "waiting"  // in the sealed outbox; goes out by itself
	DeliveryConflict Delivery = "conflict" // somebody was quicker; see Outbox
	DeliveryRefused  Delivery = "refused"  // the server refused it; see Outbox
)

// Message is one record of a case.
type Message struct {
	Side     hotline.Side
	Seq      int64
	Hour     hotline.Hour // as the writer signed it
	Arrived  hotline.Hour // as the server says
	Text     string       // empty when unreadable, or when only files were sent
	Files    []Attachment // what went with it, in the writer's order
	Language string
	Signer   string    // "the person", "gateway", the operator's call-name; "unknown" when forged
	Verified bool      // the signature is good
	People   int       // how many they say they are; 0: not said
	Effort   bool      // sent without a receipt: the person cannot come back by the page
	New      bool      // nobody has read it yet (person and gateway only)
	PutAway  bool      // desk only: the person has put it away (or it never had a copy)
	Chat     ChatFacts // what a gateway told beside the text
	Carried  *Carried  // desk only: how far a gateway has come with it; nil: none delivers it, or that was let go
	Delivery Delivery
	OutboxID string  // while Delivery is not DeliveryKept
	Upload   *Upload // while the files of a reply go out
	Problems []Problem
	Case     hotline.CaseID // in which it came: the one that is shown, or a part of it
	Channel  hotline.Channel
}

// Upload is how far the files of a reply are.
type Upload struct {
	Done, Total int64            // sealed bytes, both forms
	Waits       hotline.Sentence // why nothing goes out just now; none: it does
}

// StatementView is one act in a case's history.
type StatementView struct {
	Seq      int64
	Act      string // see the seal.Act constants
	Hour     hotline.Hour
	By       string // call-name; "unknown" when it does not verify
	Verified bool
	Stage    hotline.Stage
	Urgency  hotline.Urgency
	Assignee string // call-name; empty: nobody
	Text     string // of notes and handovers
	Title    string
	Language string
	People   *int
	Word     bool           // act word: a word was set
	Duress   bool           // act word: a duress word was set
	Other    hotline.CaseID // of acts on two cases: the other one
	Main     bool           // of a merge or a split: this case is the main one
	How      string         // of a link: see the seal.How constants
	Delivery Delivery
	OutboxID string
	Problems []Problem
}

// Row is a case in the queue.
type Row struct {
	ID       hotline.CaseID
	Short    string
	Channel  hotline.Channel
	Stage    hotline.Stage
	Urgency  hotline.Urgency
	Assignee string // call-name; empty: nobody
	Mine     bool
	Waiting  time.Time // zero: nobody waits
	Unread   int
	Language string
	People   int // 0: not known
	Title    string
	Snippet  string     // the newest message, shortened
	Files    []FileKind // what went with the newest message
	Opened   bool       // false: not fetched yet, or no key
	Problems int
	Answered bool
	Draft    bool
	Folded   bool  // ended long ago: it can be read and nothing more
	Parts    int   // cases that are one with it; their messages and waiting are counted here
	Linked   bool  // it is linked to another case
	Group    int64 // of first messages that say nearly the same; 0: stands alone

	// Of a conversation through a gateway.
	Event       hotline.ChatEvent // what the newest message says where it has no text
	Began       hotline.ChatEvent // what the first message says where it has no text and there is no title
	Blocked     bool              // the person has blocked our address, and nothing came since
	QuietPlease bool              // the person asked not to be written to first, and has not written since
	Undelivered bool              // the newest reply did not arrive
}

// CaseView is a case as a page shows it.
type CaseView struct {
	Row
	NextStages []hotline.Stage
	Created    hotline.Hour
	Team       hotline.Team
	Generation int
	Messages   []Message       // in order of arrival; replies that still wait here come last
	Notes      []StatementView // notes and handovers
	Handover   *StatementView  // the newest handover
	History    []StatementView // every statement, oldest first
	WordSet    bool
	DuressSet  bool
	Code       []string // groups of the channel code; tell it again only after the word
	Pending    []int64  // seqs of replies that the person has not put away
	CanReply   bool     // false: no key, or blocked; WhyNot says why
	WhyNot     hotline.Sentence
	Draft      string
	CanAttach  bool      // a file can be sent to this person
	Staged     Staged    // the file that is chosen for the next reply
	DeskSeq    int64     // newest reply that this view shows, -1 for none: hand it to ReplyAfter
	Summary    []Problem // of the case as a whole
	Ties       []TieView
	Doors      []Door         // to the person, the one used last first
	PartOf     hotline.CaseID // the case that this one is a part of
	Phrase     string         // three words that the chat says of this case too; none where no gateway speaks with the person
	Position   *Position      // the newest that came; nil: none
}

// Filter narrows the queue; zero values do not narrow.
type Filter struct {
	Stages   []hotline.Stage
	OpenOnly bool
	Unread   bool
	Mine     bool
	Free     bool // assigned to nobody
	Language string
	Text     string // as in Search
	Limit    int    // 0: all
}

// Outcome says where an act is now.
type Outcome string

// The outcomes of acts.
const (
	OutcomeSent     Outcome = "sent"     // at the server, on disk
	OutcomeQueued   Outcome = "queued"   // on this computer's disk, sealed; goes out by itself
	OutcomeConflict Outcome = "conflict" // not sent: somebody was quicker; read, then decide
	OutcomeRefused  Outcome = "refused"  // the server refused it; kept here to be looked at
)

// Result is what became of an act.
type Result struct {
	Outcome  Outcome
	OutboxID string           // set unless sent
	Text     hotline.Sentence // for the operator
	Newer    []Message        // on a conflict of a reply: what was added meanwhile
}

// OutboxItem is an act that is not at the server yet.
type OutboxItem struct {
	ID      string // opaque, for Retry and Discard
	Case    hotline.CaseID
	Act     string     // "reply", "read" or one of the seal.Act constants
	Text    string     // of replies, notes and handovers
	Files   []FileKind // of replies
	At      time.Time
	Outcome Outcome // queued, conflict or refused
	Why     hotline.Sentence
}

// WordCheck is the result of comparing a word.
type WordCheck string

// The results of CheckWord.
const (
	WordNo     WordCheck = "no"
	WordMatch  WordCheck = "match"
	WordDuress WordCheck = "duress" // must look the same to anybody who watches the person
)

// Hit is a result of Search.
type Hit struct {
	Row     Row
	Snippet string // around the first word; plain text
}

// Alarm is something that does not verify and is not about one message.
type Alarm struct {
	ID           string
	When         time.Time
	Text         hotline.Sentence
	Blocking     bool            // acts are refused until it has been acknowledged
	Case         *hotline.CaseID // when it is about one case
	Acknowledged bool
	Accepted     bool     // of a restore: this administrator has accepted it
	By           []string // of a restore: call-names of who has
	Open         []string // of a restore: call-names of administrators who have not
}

// Person is a member of the roster as a page shows it.
type Person struct {
	ID    seal.OperatorID
	Name  string
	Roles []hotline.Role
	Teams []hotline.Team
	Since hotline.Hour
	Until hotline.Hour // 0: active
	Me    bool
	// Person is the id of the same person's first entry: a second computer is no second person.
	Person seal.OperatorID
	Leaves *Waiting // the end of access waits for another administrator; nil: it does not
}

// EnrolmentView is an invitation and how far it has come.
type EnrolmentView struct {
	ID          seal.Hash
	Name        string // as invited
	Proposed    string // as the newcomer calls himself
	Roles       []hotline.Role
	Teams       []hotline.Team
	Expires     time.Time
	State       string   // see the api.Invitation constants
	Fingerprint string   // once the keys are here: compare it by voice
	Ours        bool     // made on this computer: only then can it be confirmed here
	Joins       *Waiting // confirmed, and another administrator has not signed yet
}

// Progress is how far a renewal of keys is.
type Progress struct {
	Step  hotline.Sentence
	Done  int
	Total int
}

// RenewalView says what is left to do after a revocation.
type RenewalView struct {
	Epochs   []hotline.Team // teams that need a new epoch
	Manifest bool           // the manifest lags behind the epochs
	Cases    int            // open cases whose key is older than the newest epoch
	Waits    *Waiting       // the manifest waits for another administrator's signature
}

// Facts are what operators note about a case for the queue.
type Facts struct {
	Language string
	People   *int
	Title    string
}
