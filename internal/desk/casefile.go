package desk

import (
	"slices"
	"strings"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// caseFile is a case as this desk has opened it. It is guarded by Desk.mu.
type caseFile struct {
	id           hotline.CaseID
	row          api.Case // the server's word
	synced       int64    // version of the row with which the content came; 0: never
	gone         bool     // the server does not have it any more
	generations  []seal.Generation
	genHashes    []seal.Hash
	keys         map[int]seal.Identity // by generation
	records      []openRecord          // by place
	statements   []openStatement       // by seq
	pending      []int64
	lasting      []Problem        // of the case as a whole, found while merging
	keyTrouble   hotline.Sentence // why the newest chain of keys was not believed
	reload       bool             // a new key may open what was unreadable
	short        *gist            // nil after a change
	sentReply    link             // newest that the server took from here
	sentAct      link
	content      *content // all that is known of the content, when it comes from a card
	index        string   // folded text for searching, packed
	pieces       []string // what index was made from
	sentHarmless int64    // statements up to here, not included, that were sent from here leave it in its group
	grouped      bool     // its first message was given to session.groups
	phrase       []byte   // numbers of the words, see seal.Phrase
	deliveries   map[seal.Hash]seal.Delivery
	notes        map[seal.Hash]fieldNote // by the record beside which they came
	astray       []Problem               // with what a gateway left beside the records
}

// link is the end of a chain. The zero value is older than any.
type link struct {
	seq  int64
	hash seal.Hash
}

// openRecord is a record after everything that can be checked alone.
type openRecord struct {
	place    int64
	id       seal.Hash // of the sealed file
	side     hotline.Side
	header   seal.RecordHeader
	hash     seal.Hash // of the header's line; zero when it cannot be read
	arrived  hotline.Hour
	body     seal.Body
	readable bool
	signer   string
	verified bool
	problems []Problem
}

// openStatement is a statement after everything that can be checked alone.
type openStatement struct {
	seq      int64 // as the server says
	st       seal.Statement
	hash     seal.Hash
	by       seal.Member
	verified bool
	body     seal.StatementBody
	problems []Problem
}

func (f *caseFile) upToDate() bool { return !f.gone && f.synced >= f.row.Version && f.synced > 0 }

func (f *caseFile) wipe() { *f = caseFile{} }

// contactKey is the key of the person's own records; none for a gateway's case.
func (f *caseFile) contactKey() seal.PublicKey {
	if len(f.generations) == 0 {
		return seal.PublicKey{}
	}
	return f.generations[0].ContactKey
}

// newestKey is the newest generation, and whether this desk holds its key.
func (f *caseFile) newestKey() (g seal.Generation, held bool) {
	if len(f.generations) == 0 {
		return seal.Generation{}, false
	}
	g = f.generations[len(f.generations)-1]
	_, held = f.keys[g.Gen]
	return g, held
}

// last returns the newest verified record of a side.
func (f *caseFile) last(side hotline.Side) (seq int64, hash seal.Hash) {
	seq = -1
	for _, r := range f.records {
		if r.verified && r.header.Side == side && r.header.Seq > seq {
			seq, hash = r.header.Seq, r.hash
		}
	}
	return seq, hash
}

// lastOfPerson is the number of the newest verified message that the row's
// ContactSeq counts: in a case from a browser what the person's own device
// signed; what a gateway adds to it stands apart.
func (f *caseFile) lastOfPerson() int64 {
	contact, _ := f.last(hotline.SideContact)
	gateway, _ := f.last(hotline.SideGateway)
	if f.row.Channel.Sealed() {
		return contact
	}
	return max(contact, gateway)
}

// lastStatement returns the newest statement that was shown, verified or not:
// the next one has to follow it.
func (f *caseFile) lastStatement() (seq int64, hash seal.Hash) {
	if len(f.statements) == 0 {
		return -1, seal.Hash{}
	}
	s := f.statements[len(f.statements)-1]
	return s.seq, s.hash
}

// acts are what the verified statements say in the end.
type acts struct {
	stage    hotline.Stage
	urgency  hotline.Urgency
	urged    bool
	assignee seal.OperatorID
	title    string
	language string
	people   *int
	word     seal.StatementBody
	hasWord  bool
	handover int // index of the newest one, -1 for none
	ties     []seal.Tie
	unfit    int // acts on two cases that do not fit what was before
}

func (f *caseFile) acts() acts {
	if f.content != nil {
		return f.content.gist().acts
	}
	a := acts{stage: hotline.StageNew, handover: -1}
	for i, s := range f.statements {
		if !s.verified {
			continue
		}
		switch s.st.Act {
		case seal.ActStage:
			a.stage = s.st.Stage
		case seal.ActUrgency:
			a.urgency, a.urged = s.st.Urgency, true
		case seal.ActAssign:
			a.assignee = s.st.Assignee
		case seal.ActHandover:
			a.handover = i
		case seal.ActFacts:
			if s.body.Title != "" {
				a.title = s.body.Title
			}
			if s.body.Language != "" {
				a.language = s.body.Language
			}
			if s.body.People != nil {
				a.people = s.body.People
			}
		case seal.ActWord:
			a.word, a.hasWord = s.body, s.body.Word != ""
		default:
			a.tie(s, f.id)
		}
	}
	if !a.urged {
		a.urgency = f.row.Urgency
	}
	return a
}

// tie takes an act on this case and another.
func (a *acts) tie(o openStatement, id hotline.CaseID) {
	if !seal.IsTie(o.st.Act) {
		return
	}
	var fits bool
	if a.ties, fits = seal.Retie(a.ties, o.st, o.by); !fits {
		a.unfit++
		return
	}
	if o.st.Act == seal.ActSplit && o.st.Main != id {
		a.stage = o.st.Stage
	}
	if o.body.People != nil {
		a.people = o.body.People
	}
	if o.body.Title != "" {
		a.title = o.body.Title
	}
}

// code returns the groups of the channel code from the person's first record.
func (f *caseFile) code() []string {
	if f.content != nil {
		return f.content.Code
	}
	for _, r := range f.records {
		if r.verified && r.readable && r.header.Side != hotline.SideDesk && r.body.Code != "" {
			if c, err := hotline.ParseChannelCode(r.body.Code); err == nil {
				return c.Groups()
			}
		}
	}
	return nil
}

// said returns language and number of people as the person gave them last.
func (f *caseFile) said() (language string, people int) {
	for _, r := range f.records {
		if !r.verified || !r.readable || r.header.Side == hotline.SideDesk {
			continue
		}
		if r.body.Language != "" {
			language = r.body.Language
		}
		if r.body.People > 0 {
			people = r.body.People
		}
	}
	return language, people
}

// title is what operators called the case, or how the person began.
func (f *caseFile) title(a acts) string {
	if a.title != "" {
		return a.title
	}
	for _, r := range f.records {
		if r.readable && r.header.Side != hotline.SideDesk {
			return shorten(r.body.Text, 80)
		}
	}
	return ""
}

func (f *caseFile) snippet() string {
	for _, r := range slices.Backward(f.records) {
		if r.readable {
			return shorten(r.body.Text, 120)
		}
	}
	return ""
}

// shorten returns at most n characters of text on one line.
func shorten(text string, n int) string {
	r := []rune(strings.Join(strings.Fields(text), " "))
	if len(r) <= n {
		return string(r)
	}
	return strings.TrimSpace(string(r[:n-1])) + "…"
}
