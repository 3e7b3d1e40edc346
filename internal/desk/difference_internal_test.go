package desk

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// quiet are the fields that change with every document: their difference is
// not a line of its own.
var quiet = map[string]bool{"Serial": true, "Hour": true, "Desk": true, "Manifest": true, "Members": true, "ID": true}

func testHouse(t *testing.T) (seal.Roster, seal.Manifest) {
	t.Helper()
	key := func() seal.PublicKey {
		k, err := seal.NewSigningKey()
		if err != nil {
			t.Fatal(err)
		}
		return k.Public()
	}
	recipient := func() seal.Recipient {
		i, err := seal.NewIdentity()
		if err != nil {
			t.Fatal(err)
		}
		return i.Recipient()
	}
	r := seal.Roster{
		Serial: 3, Authority: seal.Authority{Keys: []seal.PublicKey{key()}, Threshold: 1}, Journal: "j", ServerTLS: seal.Hash{1}, Recovery: recipient(),
		RecoveryKey: key(), Members: []seal.Member{{
			Name: "Anna", Roles: []hotline.Role{hotline.RoleOperator}, Teams: []hotline.Team{hotline.TeamDesk},
			Recipient: recipient(), Key: key(), TLS: seal.Hash{2}, Since: 5, Person: "x", Authority: key(),
		}},
	}
	r.Members[0].ID = r.Members[0].Key.ID().String()
	m := seal.Manifest{
		Serial: 3, Expires: 9, UseUntil: 10, Routes: []string{"https://example.org"}, Channels: []seal.ChannelAddress{{Channel: "x", Address: "y"}},
		Intake: recipient(), Teams: map[hotline.Team]seal.TeamKey{hotline.TeamDesk: {Epoch: 1, Recipient: recipient(), ReplyKey: key()}},
		ReplyKeys: []seal.PublicKey{key()}, GatewayKey: key(), Gateway: recipient(),
	}
	return r, m
}

// each puts the value of other into every field of v in turn that is not quiet.
func each(t *testing.T, v, other reflect.Value, changed func(name string)) {
	t.Helper()
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if !f.IsExported() || quiet[f.Name] {
			continue
		}
		t.Run(f.Name, func(t *testing.T) {
			before := reflect.New(f.Type).Elem()
			before.Set(v.Field(i))
			if reflect.DeepEqual(before.Interface(), other.Field(i).Interface()) {
				t.Fatal("the test changes nothing: give the two houses different values")
			}
			v.Field(i).Set(other.Field(i))
			changed(f.Name)
			v.Field(i).Set(before)
		})
	}
}

// Whatever differs between two documents is said to who is asked to sign: a
// field that is added later fails here until it has words.
func TestEveryDifferenceIsSaid(t *testing.T) {
	t.Parallel()
	r, m := testHouse(t)
	r2, m2 := testHouse(t)
	r2.Journal, r2.ServerTLS, r2.Authority.Threshold = "k", seal.Hash{9}, 2
	o := &r2.Members[0]
	o.Name, o.Roles, o.Teams, o.TLS = "Abel", []hotline.Role{hotline.RoleAuditor}, []hotline.Team{hotline.TeamField}, seal.Hash{8}
	o.Since, o.Until, o.Person = 6, 7, "y"
	m2.Expires, m2.UseUntil, m2.Routes, m2.Channels[0].Address = 19, 20, []string{"https://example.net"}, "z"

	if l := rosterLines(r, r); len(l) != 1 || l[0].Kind != LineNothing {
		t.Errorf("two equal rosters: %+v", l)
	}
	next := r
	each(t, reflect.ValueOf(&next).Elem(), reflect.ValueOf(r2), func(name string) {
		if l := rosterLines(r, next); len(l) == 0 || l[0].Kind == LineNothing {
			t.Errorf("nobody is told that %s changes: %+v", name, l)
		}
	})
	next.Members = []seal.Member{r.Members[0]}
	each(t, reflect.ValueOf(&next.Members[0]).Elem(), reflect.ValueOf(*o), func(name string) {
		if l := rosterLines(r, next); len(l) == 0 || l[0].Kind == LineNothing {
			t.Errorf("nobody is told that %s changes: %+v", name, l)
		}
	})
	same := fmt.Sprint(manifestLines(m, m))
	manifest := m
	each(t, reflect.ValueOf(&manifest).Elem(), reflect.ValueOf(m2), func(name string) {
		if l := fmt.Sprint(manifestLines(m, manifest)); l == same {
			t.Errorf("nobody is told that %s changes: %s", name, l)
		}
	})
	gone := r
	gone.Members = nil
	if l := rosterLines(r, gone); len(l) != 1 || l[0].Kind != LineGone {
		t.Errorf("%+v", l)
	}
	if l := rosterLines(gone, r); len(l) != 1 || l[0].Kind != LineJoins {
		t.Errorf("%+v", l)
	}
}

// TestSubjectsInWords: what two persons approve is never shown as raw names and
// values, and a subject with something more in it is not shown at all.
func TestSubjectsInWords(t *testing.T) {
	t.Parallel()
	s := &session{}
	for act, subject := range map[hotline.Shared]any{
		hotline.SharedExport:    seal.ExportSubject{To: "0123456789abcdef", Teams: []hotline.Team{hotline.TeamDesk}},
		hotline.SharedRetention: seal.RetentionSubject{Line: "silence", From: 365, To: 300},
		hotline.SharedDestroy:   seal.DestroySubject{Team: hotline.TeamDesk, Epoch: 4, Cases: 17, Oldest: "2026-03-01", Newest: "2026-05-30"},
		hotline.SharedRewrap:    seal.RewrapSubject{Team: hotline.TeamDesk, Epoch: 4},
		hotline.SharedForget:    seal.ForgetSubject{Case: hotline.CaseID{1}},
	} {
		text, err := json.Marshal(subject)
		if err != nil {
			t.Fatal(err)
		}
		lines, err := s.subjectLines(act, text)
		if err != nil || len(lines) != 1 || lines[0].Kind == LineField {
			t.Errorf("%s is shown as %+v: %v", act, lines, err)
		}
		more := append(slices.Clone(text[:len(text)-1]), `,"more":"hidden"}`...)
		if lines, err := s.subjectLines(act, more); err == nil {
			t.Errorf("%s with something hidden is shown as %+v", act, lines)
		}
	}
}
