package desk

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/desk/alike"
	"safeconduct/internal/desk/paper"
	"safeconduct/internal/hotline"
	"safeconduct/internal/journal"
	"safeconduct/internal/seal"
)

// session is what an unlocked desk holds in memory. All of it is guarded by
// Desk.mu, except client, ctx and the channels; lock drops all of it.
type session struct {
	d      *Desk
	ctx    context.Context //nolint:containedctx // the session's life, from unlocking to locking
	cancel context.CancelFunc
	wg     sync.WaitGroup
	kick   chan struct{} // try to connect now
	work   chan struct{} // the worker has something to do
	// uploads: files may wait to go out.
	uploads chan struct{}

	sending  sync.Mutex    // one act at a time goes to the server; taken before Desk.mu
	keeping  sync.Mutex    // one change of keys at a time
	trusting sync.Mutex    // one reading of roster and manifest at a time: see refreshDocuments
	drawing  sync.Mutex    // one picture at a time is drawn
	reader   *paper.Reader // of documents, from the first one on; guarded by drawing
	writing  sync.Mutex    // one writer of heads and cards; taken before Desk.mu

	client *api.Client
	keys   seal.KeyFile
	kept   kept

	roster    seal.Roster // Serial 0: none yet
	manifest  seal.Manifest
	me        seal.Member // from the roster
	verifier  *journal.Verifier
	epochs    map[epochID]seal.TeamSecret // keys that this desk holds
	newest    map[hotline.Team]announced  // newest verified announcement of each of my teams
	holders   map[epochID][]string
	replyKeys map[seal.PublicKey]hotline.Team // every reply key that verifies

	fetching sync.Mutex // one fetch at a time; taken before Desk.mu

	rows   map[hotline.CaseID]api.Case
	files  map[hotline.CaseID]*caseFile
	dirty  map[hotline.CaseID]bool // to be synced
	paired map[seal.Hash]bool      // acts on two cases whose other half was asked for once more
	cursor int64
	// goneCursor is the version up to which removals are known.
	goneCursor int64
	heads      *shelf[head] // what was seen before this session, or since
	cards      *shelf[card] // see card
	texts      *shelf[texts]
	reading    map[byte]bool // drawers of texts that have not been read yet
	counted    bool          // the whole list of cases was read in this session

	groups *alike.Groups[hotline.CaseID] // first messages that say nearly the same; nil: none yet
	bulk   *bulk                         // an act on a group, nil: none

	viewed *viewing // the attachment that is open, nil: none

	staged     map[hotline.CaseID]*staged // chosen for the next reply
	uploading  *entry                     // whose files go out now, nil: none
	stopUpload context.CancelFunc

	proposals []proposed // as the server listed them

	outbox []*entry // in order of writing
	drafts map[hotline.CaseID]*draft

	online      bool
	offline     hotline.Sentence
	lastContact time.Time
	watch       api.Watch                    // alarms of tripwires, for those who watch
	watchKnown  bool                         // the server has told them once
	trips       int                          // of them not acknowledged
	told        map[hotline.CaseID]time.Time // when it was told that a case was opened by hand
	ledger      ledger                       // the journal, as far as it was read and checked here

	docsDue   bool
	watchDue  bool
	goneDue   bool
	epochsDue bool
	votesDue  bool // proposals have changed

	retention    hotline.Retention // as the server has it; none: not known yet
	rewrapDue    bool
	rewraps      map[hotline.Team]rewrapState
	destroyed    map[epochID]seal.Hash // announcements of destroyed keys
	farewells    map[epochID][]seal.OperatorID
	owesFarewell map[epochID]bool
}

type epochID struct {
	Team  hotline.Team
	Epoch int
}

type announced struct {
	seal.Epoch
	key seal.TeamKey
}

// kept is what state.age holds.
type kept struct {
	Roster      []byte                   `json:"roster,omitempty"`   // newest that verified
	Manifest    []byte                   `json:"manifest,omitempty"` // newest that verified
	Checkpoint  string                   `json:"checkpoint,omitempty"`
	Evidence    []string                 `json:"evidence,omitempty"` // checkpoints that a later journal did not continue
	Epochs      map[string]seal.Hash     `json:"epochs,omitempty"`   // announcements seen, by "team/epoch"
	GatewayKeys []seal.PublicKey         `json:"gateway_keys,omitempty"`
	Invitations map[string]ownInvitation `json:"invitations,omitempty"`
	Enrolling   *enrolling               `json:"enrolling,omitempty"`
	Chain       [][]byte                 `json:"chain,omitempty"`    // rosters that changed the authority, from the one pinned on
	Renewing    bool                     `json:"renewing,omitempty"` // a revocation of this desk's waited for a signature
	Leaving     []seal.OperatorID        `json:"leaving,omitempty"`  // whose end of access waits
	Alarms      []keptAlarm              `json:"alarms,omitempty"`
	Opened      []hotline.CaseID         `json:"opened,omitempty"`   // by hand, and not told yet
	Receipts    []keptReceipt            `json:"receipts,omitempty"` // proofs of removals that were asked for
}

// head is how long a case was when it was last seen, so that a server that
// goes back in time is found out after a restart too.
type head struct {
	Contact       int64     `json:"c"`
	Gateway       int64     `json:"g"`
	Desk          int64     `json:"d"`
	DeskHead      seal.Hash `json:"dh"`
	Statement     int64     `json:"s"`
	StatementHead seal.Hash `json:"sh"`
	Generation    int       `json:"n"`
	Open          bool      `json:"o"`
	// Main is the case that it is a part of: with that one it may be forgotten.
	Main hotline.CaseID `json:"m,omitzero"`
}

var errGone = hotline.Errorf(hotline.KindLocked, "desk", "the desk has been locked meanwhile: nothing was done")

// newSession reads what the folder holds. The caller starts it.
func (d *Desk) newSession(keys seal.KeyFile) (*session, error) {
	ctx, cancel := context.WithCancel(context.Background())
	s := &session{
		d: d, ctx: ctx, cancel: cancel, keys: keys,
		kick: make(chan struct{}, 1), work: make(chan struct{}, 1), uploads: make(chan struct{}, 1), staged: map[hotline.CaseID]*staged{},
		epochs: map[epochID]seal.TeamSecret{}, newest: map[hotline.Team]announced{}, holders: map[epochID][]string{},
		replyKeys: map[seal.PublicKey]hotline.Team{},
		rows:      map[hotline.CaseID]api.Case{}, files: map[hotline.CaseID]*caseFile{}, dirty: map[hotline.CaseID]bool{}, paired: map[seal.Hash]bool{},
		heads: newShelf[head](dirHeads), cards: newShelf[card](dirCards), texts: newShelf[texts](dirTexts), drafts: map[hotline.CaseID]*draft{},
		told:      map[hotline.CaseID]time.Time{},
		destroyed: map[epochID]seal.Hash{}, farewells: map[epochID][]seal.OperatorID{}, owesFarewell: map[epochID]bool{},
		offline: hotline.Say("connecting"),
	}
	if err := d.dir.readSealed(keys.Identity, fileState, &s.kept); err != nil {
		return nil, err
	}
	if err := s.heads.load(d.dir, keys.Identity, nil); err != nil {
		return nil, err
	}
	if err := s.restoreDocuments(); err != nil {
		return nil, err
	}
	if err := s.loadCards(); err != nil {
		return nil, err
	}
	if err := s.loadOutbox(); err != nil {
		return nil, err
	}
	return s, s.loadDrafts()
}

// keep writes state.age.
func (s *session) keep() error {
	return s.d.dir.writeSealed(s.keys.Identity.Recipient(), fileState, s.kept)
}

func (s *session) hour() hotline.Hour { return hotline.HourOf(s.d.cfg.Clock.Now()) }

// live reports whether s is still the desk's session; Desk.mu must be held.
func (s *session) live() bool { return s.d.s == s }

// under runs f with Desk.mu held, unless the desk has been locked meanwhile.
func (s *session) under(f func() error) error {
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	if !s.live() {
		return errGone
	}
	return f()
}

func (s *session) status() Status {
	st := Status{
		Phase: PhaseReady, Name: s.keys.Name, ID: s.keys.OperatorID(),
		Roles: slices.Clone(s.me.Roles), Teams: slices.Clone(s.me.Teams),
		Online: s.online, Offline: s.offline, LastContact: s.lastContact,
		Blocked: s.blocked(), Cases: len(s.rows), Checkpoint: s.log(), Tripped: s.trips,
	}
	if s.kept.Enrolling != nil {
		st.Phase, st.Fingerprint = PhaseEnrolling, s.kept.Enrolling.Fingerprint
	}
	for _, e := range s.outbox {
		if e.Outcome == OutcomeQueued {
			st.Waiting++
		} else {
			st.Undecided++
		}
	}
	for _, a := range s.kept.Alarms {
		if !a.Acknowledged {
			st.Alarms++
		}
	}
	st.Asked, st.Signs = s.asked(), s.manifestSigns()
	st.Synced = max(0, len(s.rows)-len(s.dirty)-len(s.rows)*len(s.reading)/drawers)
	return st
}

// log is the checkpoint as statements cite it.
func (s *session) log() string {
	c, err := s.checkpoint()
	if err != nil || s.kept.Checkpoint == "" {
		return ""
	}
	return c.cite()
}

// wipe drops everything that was opened. Desk.mu must be held. Go cannot
// promise that no copy stays in freed memory; nothing reaches the disk.
func (s *session) wipe() {
	s.keys, s.kept, s.roster, s.manifest, s.me = seal.KeyFile{}, kept{}, seal.Roster{}, seal.Manifest{}, seal.Member{}
	clear(s.epochs)
	clear(s.newest)
	clear(s.holders)
	clear(s.replyKeys)
	clear(s.rows)
	for _, f := range s.files {
		f.wipe()
	}
	clear(s.files)
	clear(s.dirty)
	s.heads.clear()
	s.cards.clear()
	s.texts.clear()
	clear(s.drafts)
	s.closeFile()
	for _, id := range sortedIDs(s.staged) {
		s.unstage(id)
	}
	s.outbox, s.groups, s.bulk = nil, nil, nil
	s.proposals = nil
	s.online, s.offline = false, hotline.Say("the desk is locked")
}

// poke wakes whoever reads from a channel of one.
func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func sortedIDs[V any](m map[hotline.CaseID]V) []hotline.CaseID {
	return slices.SortedFunc(maps.Keys(m), func(a, b hotline.CaseID) int { return slices.Compare(a[:], b[:]) })
}
