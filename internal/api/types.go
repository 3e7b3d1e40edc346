package api

import (
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// Case is what the server knows of a case: the row of a queue.
type Case struct {
	ID            hotline.CaseID  `json:"id"`
	Channel       hotline.Channel `json:"channel"`
	Stage         hotline.Stage   `json:"stage"`
	Urgency       hotline.Urgency `json:"urgency"`
	Team          hotline.Team    `json:"team"`
	Assignee      seal.OperatorID `json:"assignee"`
	Generation    int             `json:"generation"`
	ContactSeq    int64           `json:"contact_seq"`   // newest record of the contact or gateway, -1 for none
	SeenSeq       int64           `json:"seen_seq"`      // newest of them that an operator has read, -1 for none
	DeskSeq       int64           `json:"desk_seq"`      // newest reply, -1 for none
	DeskHead      seal.Hash       `json:"desk_head"`     // hash of the newest reply's header
	StatementSeq  int64           `json:"statement_seq"` // newest statement, -1 for none
	StatementHead seal.Hash       `json:"statement_head"`
	WaitingSince  int64           `json:"waiting_since"` // unix milliseconds; 0 when nobody waits
	Answered      bool            `json:"answered"`
	Created       hotline.Hour    `json:"created"` // of a folded case: the first hour of the day
	Folded        bool            `json:"folded,omitempty"`
	Version       int64           `json:"version"` // rises with every change of any case
}

// CasePage is a page of cases in order of their versions.
type CasePage struct {
	Cases  []Case `json:"cases"`
	Cursor int64  `json:"cursor"` // highest version in the page; ask again after it
	More   bool   `json:"more"`
}

// SyncItem asks for what a desk does not have yet of one case.
type SyncItem struct {
	ID             hotline.CaseID `json:"id"`
	AfterPlace     int64          `json:"after_place"`     // -1: all records
	AfterStatement int64          `json:"after_statement"` // -1: all statements
}

// SyncRequest asks for several cases at once (100 at most). It is one leaf of
// the journal, which commits to the ids.
type SyncRequest struct {
	Items []SyncItem `json:"items"`
}

// SyncAnswer holds them in the same order; a case that is gone is left out.
type SyncAnswer struct {
	Cases []Bundle `json:"cases"`
	Leaf  int64    `json:"leaf"` // index in the journal
}

// Bundle is the sealed content of a case.
type Bundle struct {
	Case        Case            `json:"case"`
	Generations []KeyGeneration `json:"generations"`
	Records     []Record        `json:"records"`
	Statements  []Statement     `json:"statements"`
	Fold        []byte          `json:"fold,omitempty"` // of a folded case, see seal.Fold: then the texts that it holds are left out, and a generation's statement is its recipient
	Pending     []int64         `json:"pending"`        // seqs of replies that the person has not put away
	Deliveries  [][]byte        `json:"deliveries"`     // signed texts, see seal.Delivery: what became of replies that a gateway delivers
	FieldNotes  []FieldNote     `json:"field_notes"`    // those sealed to a team of the caller
}

// FieldNote is what a person told for one team alone, see seal.FieldNote.
type FieldNote struct {
	Record seal.Hash    `json:"record"` // SHA-256 of the sealed file of the record that says that it came
	Team   hotline.Team `json:"team"`
	Epoch  int          `json:"epoch"`
	File   []byte       `json:"file"`
}

// KeyGeneration is a signed generation with those wraps of its key that are
// sealed to epochs of teams to which the caller belongs.
type KeyGeneration struct {
	Statement []byte `json:"statement"`
	Wraps     []Wrap `json:"wraps"`
}

// Wrap is a case key sealed to an epoch of a team.
type Wrap struct {
	Team  hotline.Team `json:"team"`
	Epoch int          `json:"epoch"`
	File  []byte       `json:"file"`
}

// Record is a sealed record as it is stored.
type Record struct {
	Place  int64        `json:"place"` // order of arrival inside the case: 0, 1, 2…
	Side   hotline.Side `json:"side"`
	Header []byte       `json:"header"` // signed text
	File   []byte       `json:"file"`   // sealed to the case key
	Hour   hotline.Hour `json:"hour"`   // of arrival
}

// Statement is a signed statement with its sealed part, if it has one.
type Statement struct {
	Seq    int64  `json:"seq"`
	Text   []byte `json:"text"`   // signed text
	Sealed []byte `json:"sealed"` // nil when it has none
}

// Reply is an answer to the person: one header, two files.
type Reply struct {
	Header []byte `json:"header"` // signed by the team's reply key and by the operator
	File   []byte `json:"file"`   // sealed to the case key
	Copy   []byte `json:"copy"`   // sealed to the contact, or to the gateway that delivers it; nil where neither has a key
}

// Part is one part of a sealed file that an operator sends.
type Part struct {
	Object  seal.ObjectID `json:"object"`
	Index   int           `json:"index"`
	Parts   int           `json:"parts"`
	Size    int64         `json:"size"` // of the whole sealed file
	Copy    bool          `json:"copy"` // sealed to the contact; otherwise to the case
	Content []byte        `json:"content"`
}

// Parts says which parts of a file are on the server's disk.
type Parts struct {
	Have []int `json:"have"`
}

// ReadObject asks for the sealed file of an attachment, from one part on.
type ReadObject struct {
	Object seal.ObjectID `json:"object"`
	From   int           `json:"from"`
}

// NewStatement is a statement to append.
type NewStatement struct {
	Text   []byte `json:"text"`
	Sealed []byte `json:"sealed,omitempty"`
}

// Read says up to which record an operator has read a case.
type Read struct {
	Seq int64 `json:"seq"`
}

// NewGeneration is a new key of a case with its wraps.
type NewGeneration struct {
	Statement []byte `json:"statement"`
	Wraps     []Wrap `json:"wraps"`
}

// Rewrap adds a wrap of an existing generation for another epoch.
type Rewrap struct {
	Generation int  `json:"generation"`
	Wrap       Wrap `json:"wrap"`
}

// RewrapList names cases that have no wrap yet for an epoch.
type RewrapList struct {
	Cases []hotline.CaseID `json:"cases"`
	More  bool             `json:"more"`
	Left  int              `json:"left"` // cases of all teams that are left, these included
}

// Epoch is a team's epoch as one member gets it.
type Epoch struct {
	Team         hotline.Team `json:"team"`
	Epoch        int          `json:"epoch"`
	Announcement []byte       `json:"announcement"` // signed text, see seal.Epoch
	Wrap         []byte       `json:"wrap"`         // sealed to the caller; nil when nobody has wrapped it yet
	Holders      []string     `json:"holders"`      // who has a wrap: operator ids and "recovery"
	Retired      hotline.Hour `json:"retired"`      // 0 while it is the newest
	Destroyed    bool         `json:"destroyed,omitempty"`
	Farewells    [][]byte     `json:"farewells,omitempty"` // signed texts, see seal.Farewell
}

// HolderRecovery is the holder of the wrap to the recovery key.
const HolderRecovery = "recovery"

// NewEpoch starts an epoch. Wraps must hold one for the recovery key and one
// for every active member of the team, and for nobody else.
type NewEpoch struct {
	Announcement []byte            `json:"announcement"`
	Wraps        map[string][]byte `json:"wraps"`
}

// TeamWrap gives a member the key of an epoch.
type TeamWrap struct {
	Holder string `json:"holder"`
	File   []byte `json:"file"`
}

// The states of an invitation.
const (
	InvitationOpen      = "open"      // nobody has used it
	InvitationKeys      = "keys"      // the newcomer's keys are here, to be compared by voice
	InvitationContested = "contested" // keys are here, and other keys came with the same secret: somebody else has it
	InvitationSigned    = "signed"    // in the roster
	InvitationRevoked   = "revoked"   // taken back, or refused after the comparison
	InvitationExpired   = "expired"
)

// NewInvitation registers a one-time invitation. The secret itself stays at
// the administrator's desk; the server knows its SHA-256.
type NewInvitation struct {
	ID      seal.Hash      `json:"id"`
	Name    string         `json:"name"` // call-name proposed to the newcomer
	Roles   []hotline.Role `json:"roles"`
	Teams   []hotline.Team `json:"teams"`
	Expires int64          `json:"expires"` // unix milliseconds
}

// Invitation is one as the administrator sees it.
type Invitation struct {
	NewInvitation
	State  string `json:"state"`
	Bundle []byte `json:"bundle"` // the newcomer's keys as one line, see seal.Bundle
}

// Enrol is the newcomer's request; it is sent with the client certificate
// whose key is in the bundle.
type Enrol struct {
	Secret []byte `json:"secret"`
	Bundle []byte `json:"bundle"`
}

// Enrolment is what the newcomer sees while waiting.
type Enrolment struct {
	State  string `json:"state"`
	Roster []byte `json:"roster"` // once signed
}

// Document is a signed text of the authority.
type Document struct {
	Kind   string `json:"kind"` // DocumentManifest, DocumentRoster
	Serial int64  `json:"serial"`
	Text   []byte `json:"text"`
}

// The kinds of documents.
const (
	DocumentManifest = "manifest"
	DocumentRoster   = "roster"
)

// Me is who the server takes the caller for.
type Me struct {
	Member seal.Member  `json:"member"`
	Hour   hotline.Hour `json:"hour"` // the server's clock
	Roster int64        `json:"roster"`
}

// Locate asks which cases a channel code names.
type Locate struct {
	Code string `json:"code"` // 12 digits
}

// Located answers it. None or several are possible: a code proves nothing.
type Located struct {
	Cases []hotline.CaseID `json:"cases"`
}

// JournalProof proves that the tree of Size extends the one of From.
type JournalProof struct {
	From   int64       `json:"from"`
	Size   int64       `json:"size"`
	Hashes []seal.Hash `json:"hashes"`
}

// Leaf is an entry of the journal with its opening, for auditors.
type Leaf struct {
	Index      int64     `json:"index"`
	Commitment seal.Hash `json:"commitment"`
	Blind      seal.Hash `json:"blind"` // none when the opening was let go
	Entry      string    `json:"entry"`
}

// LeafPage is a page of leaves.
type LeafPage struct {
	Leaves []Leaf `json:"leaves"`
	Size   int64  `json:"size"`
}

// The kinds of events of the live feed.
const (
	EventCase     = "case"     // Case has changed
	EventDocument = "document" // roster or manifest has a new serial: ask for it
	EventEpoch    = "epoch"    // epochs or wraps have changed
	EventEnrol    = "enrol"    // an invitation has changed
	EventGone     = "gone"     // a case was removed: ask which
	EventApproval = "approval" // a proposal or an answer to one: ask for the list
	EventReady    = "ready"    // all that had happened before the connection has been sent
)

// Event is one event of the live feed; its id is the cursor to resume from.
type Event struct {
	Kind   string `json:"kind"`
	Cursor int64  `json:"cursor"`
	Case   *Case  `json:"case,omitempty"`
}
