package seal

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"safeconduct/internal/hotline"
)

const approvalFile = "testdata/approvals.json"

// approvalVector is a proposal or an answer to one, as it came once.
type approvalVector struct {
	Name string `json:"name"`
	Kind string `json:"kind"`
	Text string `json:"text"`
	Key  string `json:"key"`
	Good bool   `json:"good"` // parses, and the key signed it
	Hash string `json:"hash"`
}

// staff is a roster of people whose keys are known.
type staff struct {
	roster Roster
	keys   map[string]SigningKey
}

func newStaff(t testing.TB) *staff {
	t.Helper()
	s := &staff{keys: map[string]SigningKey{}}
	s.roster = Roster{Desk: DeskID{6}, Serial: 1, Hour: 1}
	s.add(t, "Ada", hotline.RoleAdministrator)
	s.add(t, "Sam", hotline.RoleSupervisor)
	s.add(t, "Sue", hotline.RoleSupervisor, hotline.RoleOperator)
	s.add(t, "Olga", hotline.RoleOperator)
	s.add(t, "Aud", hotline.RoleAuditor)
	return s
}

func (s *staff) add(t testing.TB, name string, roles ...hotline.Role) {
	t.Helper()
	seed := make([]byte, SeedSize)
	seed[0] = byte(40 + len(s.keys))
	k, err := SigningKeyFromSeed(seed)
	if err != nil {
		t.Fatal(err)
	}
	s.keys[name] = k
	s.roster.Members = append(s.roster.Members, Member{ID: k.Public().ID().String(), Name: name, Roles: roles, Key: k.Public(), Since: 1})
}

func (s *staff) member(name string) *Member {
	i := slices.IndexFunc(s.roster.Members, func(m Member) bool { return m.Name == name })
	return &s.roster.Members[i]
}

func (s *staff) proposal(t testing.TB, by string, change func(*Proposal)) []byte {
	t.Helper()
	p := Proposal{
		Desk: s.roster.Desk, Act: hotline.SharedExport, Subject: Subject(`{"to":"00","teams":["desk"]}`), Base: Hash{1},
		Reason: "Копия на случай пожара", Hour: 490000, Expires: 490072, Log: "3 00",
	}
	if change != nil {
		change(&p)
	}
	signed, err := SignProposal(p, s.keys[by])
	if err != nil {
		t.Fatal(err)
	}
	return signed.Text()
}

func (s *staff) answer(t testing.TB, by string, to []byte, d Decision) []byte {
	t.Helper()
	_, signed, err := ParseProposal(to)
	if err != nil {
		t.Fatal(err)
	}
	a, err := SignApproval(Approval{Proposal: signed.Hash(), Decision: d, Hour: 490001}, s.keys[by])
	if err != nil {
		t.Fatal(err)
	}
	return a.Text()
}

func TestCount(t *testing.T) {
	t.Parallel()
	s := newStaff(t)
	text := s.proposal(t, "Sam", nil)
	yes := func(by string) []byte { return s.answer(t, by, text, DecisionApprove) }
	other := s.proposal(t, "Sam", nil)
	for _, test := range []struct {
		name    string
		answers [][]byte
		ready   bool
		void    string
	}{
		{"nobody yet", nil, false, ""},
		{"a supervisor", [][]byte{yes("Sue")}, true, ""},
		{"an administrator", [][]byte{yes("Ada")}, true, ""},
		{"both", [][]byte{yes("Sue"), yes("Ada")}, true, ""},
		{"himself", [][]byte{yes("Sam")}, false, "cannot approve what the same person proposed"},
		{"an operator", [][]byte{yes("Olga")}, false, "role of Olga"},
		{"an auditor", [][]byte{yes("Aud")}, false, "role of Aud"},
		{"of another proposal", [][]byte{s.answer(t, "Sue", other, DecisionApprove)}, false, "another proposal"},
		{"refused", [][]byte{s.answer(t, "Sue", text, DecisionRefuse)}, false, ""},
		{"approved and refused", [][]byte{yes("Sue"), s.answer(t, "Ada", text, DecisionRefuse)}, false, ""},
		{"refused by the proposer", [][]byte{yes("Sue"), s.answer(t, "Sam", text, DecisionRefuse)}, false, ""},
		{"refused by an operator", [][]byte{yes("Sue"), s.answer(t, "Olga", text, DecisionRefuse)}, true, "role of Olga"},
		{"malformed", [][]byte{[]byte("{}\n")}, false, "malformed"},
		{"another's name under it", [][]byte{[]byte(strings.ReplaceAll(string(yes("Sue")), s.member("Sue").ID, s.member("Ada").ID))}, false, "not signed"},
	} {
		tally, err := s.roster.Count(text, test.answers...)
		if err != nil || tally.Ready() != test.ready || !strings.Contains(fmt.Sprint(tally.Void), test.void) || (test.void == "") != (len(tally.Void) == 0) {
			t.Errorf("%s: ready %v, void %q, %v", test.name, tally.Ready(), tally.Void, err)
		}
	}
	if tally, _ := s.roster.Count(text, yes("Sue")); !tally.Signed(s.member("Sam").ID) || !tally.Signed(s.member("Sue").ID) || tally.Signed(s.member("Ada").ID) {
		t.Error("who signed")
	}
}

// Two computers of one person are one person; and who has left counts no more.
func TestCountByTheRosterInForce(t *testing.T) {
	t.Parallel()
	s := newStaff(t)
	s.add(t, "Sam (2)", hotline.RoleSupervisor)
	s.add(t, "Sue (2)", hotline.RoleSupervisor)
	text := s.proposal(t, "Sam", nil)
	second, sue, sue2 := s.answer(t, "Sam (2)", text, DecisionApprove), s.answer(t, "Sue", text, DecisionApprove), s.answer(t, "Sue (2)", text, DecisionApprove)
	if tally, err := s.roster.Count(text, second); err != nil || !tally.Ready() {
		t.Fatalf("two persons: %v", err) // as long as the roster says that they are two
	}
	s.member("Sam (2)").Person, s.member("Sue (2)").Person = s.member("Sam").ID, s.member("Sue").ID
	if tally, _ := s.roster.Count(text, second); tally.Ready() || len(tally.Void) != 1 {
		t.Error("a second computer approved what its owner proposed")
	}
	if tally, _ := s.roster.Count(text, sue, sue2); len(tally.Approved) != 1 || len(tally.Void) != 1 {
		t.Error("two computers of one person count twice")
	}
	s.member("Sue").Until = 490002
	tally, _ := s.roster.Count(text, sue)
	if tally.Ready() || len(tally.Void) != 1 {
		t.Error("the approval of somebody who has left counts")
	}
	s.member("Sam").Until = 490003
	if _, err := s.roster.Count(text, sue2); hotline.KindOf(err) != hotline.KindDenied {
		t.Errorf("the proposal of somebody who has left: %v", err)
	}
	s.member("Sam").Until = 0
	s.member("Sam").Roles = []hotline.Role{hotline.RoleOperator}
	if _, err := s.roster.Count(text, sue2); hotline.KindOf(err) != hotline.KindDenied {
		t.Errorf("the proposal of somebody who may not: %v", err)
	}
	s.roster.Desk = DeskID{7}
	if _, err := s.roster.Count(text, sue2); hotline.KindOf(err) != hotline.KindForged {
		t.Errorf("the proposal of another house: %v", err)
	}
}

// Where one person alone may act, one is enough; a second computer changes nothing.
func TestOneIsEnoughAlone(t *testing.T) {
	t.Parallel()
	s := newStaff(t)
	text := s.proposal(t, "Sam", nil)
	for _, name := range []string{"Ada", "Sue"} {
		if tally, _ := s.roster.Count(text); tally.Ready() || tally.Needed != 2 {
			t.Fatalf("before %s left one was enough", name)
		}
		s.member(name).Until = 5
	}
	s.add(t, "Sam (2)", hotline.RoleSupervisor)
	if tally, _ := s.roster.Count(text); tally.Ready() {
		t.Error("two persons are in the roster, and one was enough")
	}
	s.member("Sam (2)").Person = s.member("Sam").ID
	if tally, err := s.roster.Count(text); err != nil || !tally.Ready() || tally.Needed != 1 {
		t.Errorf("alone: %+v, %v", tally, err)
	}
}

func TestBadProposals(t *testing.T) {
	t.Parallel()
	s := newStaff(t)
	for name, change := range map[string]func(*Proposal){
		"unknown act":         func(p *Proposal) { p.Act = "else" },
		"white space":         func(p *Proposal) { p.Subject = Subject(`{"to": "00"}`) },
		"a list":              func(p *Proposal) { p.Subject = Subject(`["to"]`) },
		"too large":           func(p *Proposal) { p.Subject = Subject(`{"to":"` + strings.Repeat("x", maxSubject) + `"}`) },
		"no reason":           func(p *Proposal) { p.Reason = "" },
		"an empty reason":     func(p *Proposal) { p.Reason = " " },
		"a long reason":       func(p *Proposal) { p.Reason = strings.Repeat("я", maxReason+1) },
		"two lines":           func(p *Proposal) { p.Reason = "a\nb" },
		"a turned reason":     func(p *Proposal) { p.Reason = "a\u202eb" },
		"over before it came": func(p *Proposal) { p.Expires = p.Hour },
		"too long a life":     func(p *Proposal) { p.Expires = p.Hour + 73 },
		"before time":         func(p *Proposal) { p.Hour = -1 },
	} {
		p := Proposal{
			Desk: s.roster.Desk, Act: hotline.SharedExport, Subject: Subject(`{"to":"00"}`), Reason: "r", Hour: 490000, Expires: 490001,
		}
		change(&p)
		signed, err := SignProposal(p, s.keys["Sam"])
		if err == nil {
			_, _, err = ParseProposal(signed.Text())
		}
		// White space is written away by whoever signs; what was signed with it is refused below.
		if name == "white space" {
			continue
		}
		if hotline.KindOf(err) != hotline.KindInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	good := string(s.proposal(t, "Sam", nil))
	for name, text := range map[string]string{
		"white space":     strings.Replace(good, `{"to":`, `{"to": `, 1),
		"a repeated name": strings.Replace(good, `{"to":"00",`, `{"to":"00","to":"01",`, 1),
		"a strange name":  strings.Replace(good, `"reason"`, `"Reason"`, 1),
		"a short salt":    strings.Replace(good, `"salt":"`, `"salt":"","x":"`, 1),
	} {
		if _, _, err := ParseProposal([]byte(text)); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestApprovalVectors(t *testing.T) {
	t.Parallel()
	if *update {
		writeApprovals(t)
	}
	for _, v := range approvals(t) {
		var signed Signed
		var err error
		if v.Kind == kindProposal {
			_, signed, err = ParseProposal([]byte(v.Text))
		} else {
			_, signed, err = ParseApproval([]byte(v.Text))
		}
		var key PublicKey
		if uerr := key.UnmarshalText([]byte(v.Key)); uerr != nil {
			t.Fatal(uerr)
		}
		good := err == nil && signed.SignedBy(v.Kind, key)
		if good != v.Good || (good && signed.Hash().String() != v.Hash) {
			t.Errorf("%s: good %v, %v", v.Name, good, err)
		}
	}
}

func approvals(t testing.TB) []approvalVector {
	t.Helper()
	raw, err := os.ReadFile(approvalFile)
	if err != nil {
		t.Fatal(err)
	}
	var out []approvalVector
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func writeApprovals(t *testing.T) {
	s := newStaff(t)
	var out []approvalVector
	add := func(name, kind, by string, text []byte, good bool) {
		signed := must(ParseSigned(text))(t)
		out = append(out, approvalVector{name, kind, string(text), s.keys[by].Public().String(), good, signed.Hash().String()})
	}
	export := s.proposal(t, "Sam", nil)
	add("export", kindProposal, "Sam", export, true)
	add("another's key", kindProposal, "Sue", export, false)
	subject := must(NewSubject(DocumentSubject{Serial: 7, Hash: Hash{9}}))(t)
	add("roster", kindProposal, "Ada", s.proposal(t, "Ada", func(p *Proposal) { p.Act, p.Subject = hotline.SharedRoster, subject }), true)
	add("changed", kindProposal, "Sam", []byte(strings.Replace(string(export), "desk\"]", "field\"]", 1)), false)
	add("white space", kindProposal, "Sam", []byte(strings.Replace(string(export), `"to":`, `"to" :`, 1)), false)
	yes, no := s.answer(t, "Sue", export, DecisionApprove), s.answer(t, "Ada", export, DecisionRefuse)
	add("approve", kindApproval, "Sue", yes, true)
	add("refuse", kindApproval, "Ada", no, true)
	add("turned round", kindApproval, "Ada", []byte(strings.Replace(string(no), "refuse", "approve", 1)), false)
	add("a proposal", kindApproval, "Sam", export, false)
	b := must(json.MarshalIndent(out, "", " "))(t)
	if err := os.WriteFile(approvalFile, append(b, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

func FuzzApproval(f *testing.F) {
	for _, v := range approvals(f) {
		f.Add([]byte(v.Text))
	}
	s := newStaff(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		if p, signed, err := ParseProposal(text); err == nil {
			again, err := NewSubject(p.Subject)
			if err != nil || string(again) != string(p.Subject) || string(signed.Text()) != string(text) {
				t.Fatalf("a proposal changed on the way: %v", err)
			}
		}
		_, _, _ = ParseApproval(text)
		if tally, err := s.roster.Count(text, text); err == nil && len(tally.Approved) > 0 {
			t.Fatal("one text is a proposal and its approval")
		}
	})
}
