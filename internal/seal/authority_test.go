package seal

import (
	"slices"
	"strings"
	"testing"

	"safeconduct/internal/hotline"
)

// house is a roster with two administrators and the sheets' key.
func house(t *testing.T) (Roster, map[string]SigningKey) {
	t.Helper()
	s := newStaff(t)
	s.add(t, "Abe", hotline.RoleAdministrator)
	r := s.roster
	r.Recovery = must(NewIdentity())(t).Recipient()
	keys := map[string]SigningKey{}
	for i, m := range r.Members {
		r.Members[i].Recipient = r.Recovery
		if slices.Contains(m.Roles, hotline.RoleAdministrator) {
			keys[m.Name] = must(NewSigningKey())(t)
			r.Members[i].Authority = keys[m.Name].Public()
		}
	}
	keys["sheets"] = must(RecoverySigningKey(must(NewIdentity())(t)))(t)
	r.RecoveryKey = keys["sheets"].Public()
	r.Authority = r.NextAuthority()
	return r, keys
}

func TestAuthorityOfTwo(t *testing.T) {
	t.Parallel()
	r, keys := house(t)
	if r.Authority.Threshold != 2 || len(r.Authority.Keys) != 3 {
		t.Fatalf("%+v", r.Authority)
	}
	for _, test := range []struct {
		signers []string
		good    bool
	}{
		{[]string{"Ada", "Abe"}, true},
		{[]string{"Ada", "sheets"}, true}, // one administrator is lost
		{[]string{"Abe", "sheets"}, true},
		{[]string{"Ada"}, false},
		{[]string{"sheets"}, false},
	} {
		var by []SigningKey
		for _, n := range test.signers {
			by = append(by, keys[n])
		}
		text := must(SignRoster(r, by...))(t).Text()
		if _, err := VerifyRoster(text, r.Authority); (err == nil) != test.good {
			t.Errorf("%v: %v", test.signers, err)
		}
	}
}

func TestAuthorityMakesNobodyTwo(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*Roster)
		want   string
	}{
		"two keys, one is enough": {func(r *Roster) { r.Authority.Threshold = 1 }, "signs by 2"},
		"three must sign":         {func(r *Roster) { r.Authority.Threshold = 3 }, "signs by 2"},
		"a key of nobody":         {func(r *Roster) { r.Authority.Keys[1] = PublicKey{9} }, "leaves out the key"},
		"another key beside them": {func(r *Roster) { r.Authority.Keys = append(r.Authority.Keys, PublicKey{9}) }, "nobody's"},
		"a key twice":             {func(r *Roster) { r.Authority.Keys = append(r.Authority.Keys, r.Authority.Keys[0]) }, "twice"},
		"one person, two keys":    {func(r *Roster) { r.Members[5].Person = r.Members[0].ID }, "one person with two keys"},
		"one key, two persons":    {func(r *Roster) { r.Members[5].Authority = r.Members[0].Authority }, "somebody else's"},
		"the sheets' key":         {func(r *Roster) { r.Members[5].Authority = r.RecoveryKey }, "somebody else's"},
		"not an administrator":    {func(r *Roster) { r.Members[0].Roles = []hotline.Role{hotline.RoleOperator} }, "no administrator"},
		"a person who is nobody":  {func(r *Roster) { r.Members[1].Person = "0123456789abcdef" }, "second computer of nobody"},
		"one's own second":        {func(r *Roster) { r.Members[1].Person = r.Members[1].ID }, "second computer of nobody"},
		"a second of a second":    {func(r *Roster) { r.Members[1].Person, r.Members[2].Person = r.Members[2].ID, r.Members[3].ID }, "second computer of nobody"},
		"an administrator without": {func(r *Roster) {
			r.Members[5].Authority = PublicKey{}
			r.Authority = r.NextAuthority()
		}, "without a key"},
		"keys of who has left": {func(r *Roster) { r.Members[5].Until = 7 }, "nobody's"},
	} {
		r, keys := house(t)
		test.change(&r)
		_, err := VerifyRoster(must(SignRoster(r, keys["Ada"], keys["Abe"]))(t).Text(), mustHouse(r, keys))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// mustHouse is the authority before the change.
func mustHouse(_ Roster, keys map[string]SigningKey) Authority {
	return Authority{Keys: []PublicKey{keys["Ada"].Public(), keys["Abe"].Public()}, Threshold: 2}
}

// One administrator is left: one key signs, and the sheets' key stands by.
func TestAuthorityOfOneAgain(t *testing.T) {
	t.Parallel()
	r, keys := house(t)
	before := r.Authority
	r.Members[0].Until = 9
	r.Authority = r.NextAuthority()
	if len(r.Authority.Keys) != 1 || r.Authority.Threshold != 1 || r.Authority.Keys[0] != keys["Abe"].Public() {
		t.Fatalf("%+v", r.Authority)
	}
	text := must(SignRoster(r, keys["Abe"]))(t)
	if _, err := VerifyRoster(text.Text(), before); hotline.KindOf(err) != hotline.KindForged {
		t.Errorf("one of two took the other out alone: %v", err)
	}
	text.Add(kindRoster, keys["sheets"])
	if _, err := VerifyRoster(text.Text(), before); err != nil {
		t.Error(err)
	}
}

func TestCosign(t *testing.T) {
	t.Parallel()
	r, keys := house(t)
	first := must(SignRoster(r, keys["Ada"]))(t)
	second := must(Cosign(first.Text(), hotline.SharedRoster, keys["Abe"]))(t)
	key, _, err := r.Authority.SignedByOne(second.Text(), hotline.SharedRoster)
	if err != nil || key != keys["Abe"].Public() {
		t.Fatalf("%v %v", key, err)
	}
	both := must(Joined(first, second))(t)
	if _, err := VerifyRoster(both.Text(), r.Authority); err != nil {
		t.Error(err)
	}
	if _, _, err := r.Authority.SignedByOne(both.Text(), hotline.SharedRoster); err == nil {
		t.Error("two signatures are one")
	}
	if _, _, err := r.Authority.SignedByOne(first.Text(), hotline.SharedManifest); err == nil {
		t.Error("a roster passes for a manifest")
	}
	if _, err := Cosign(first.Text(), hotline.SharedExport, keys["Abe"]); err == nil {
		t.Error("an export is a document")
	}
	r.Serial++
	if _, err := Joined(first, must(SignRoster(r, keys["Abe"]))(t)); hotline.KindOf(err) != hotline.KindForged {
		t.Errorf("signatures of two texts were joined: %v", err)
	}
}

// A manifest that an earlier authority signed stays in force when the roster says so.
func TestManifestIsTakenOver(t *testing.T) {
	t.Parallel()
	r, keys := house(t)
	id := must(NewIdentity())(t)
	m := Manifest{
		Serial: 4, Intake: id.Recipient(), Expires: 10, UseUntil: 20, Routes: []string{"http://localhost:1"},
		Teams: map[hotline.Team]TeamKey{hotline.TeamDesk: {1, id.Recipient(), keys["Ada"].Public()}},
	}
	alone := must(SignManifest(m, keys["Ada"]))(t)
	if _, err := VerifyManifestIn(alone.Text(), r); hotline.KindOf(err) != hotline.KindForged {
		t.Errorf("one of two signed: %v", err)
	}
	r.Manifest = alone.Hash()
	if got, err := VerifyManifestIn(alone.Text(), r); err != nil || got.Serial != 4 {
		t.Error(err)
	}
	m.Serial = 5
	if _, err := VerifyManifestIn(must(SignManifest(m, keys["Ada"]))(t).Text(), r); hotline.KindOf(err) != hotline.KindForged {
		t.Errorf("the next one: %v", err)
	}
	if _, err := VerifyManifestIn(must(SignManifest(m, keys["Ada"], keys["Abe"]))(t).Text(), r); err != nil {
		t.Error(err)
	}
}

// A list of pages counts when two administrators have signed one line of it; twice
// by one is once.
func TestPageListOfTwo(t *testing.T) {
	t.Parallel()
	r, keys := house(t)
	begun := must(SignPageList(PageList{Desk: r.Desk, Pages: []Hash{{1}}}, keys["Ada"]))(t).Text()
	if _, err := VerifyPageList(begun, r.Authority); hotline.KindOf(err) != hotline.KindForged {
		t.Errorf("one of two: %v", err)
	}
	again := must(CosignPageList(begun, keys["Ada"]))(t).Text()
	if _, err := VerifyPageList(again, r.Authority); hotline.KindOf(err) != hotline.KindForged {
		t.Errorf("twice by one: %v", err)
	}
	both := must(CosignPageList(again, keys["Abe"]))(t).Text()
	if l, err := VerifyPageList(both, r.Authority); err != nil || !l.Has(Hash{1}) || l.Has(Hash{2}) {
		t.Errorf("by both: %+v %v", l, err)
	}
	if _, err := CosignPageList(must(SignRoster(r, keys["Ada"], keys["Abe"]))(t).Text(), keys["Abe"]); err == nil {
		t.Error("a roster passes for a list of pages")
	}
}
