package seal

import (
	"slices"
	"strings"
	"testing"

	"safeconduct/internal/hotline"
)

func tieMember(t *testing.T) (SigningKey, Member) {
	t.Helper()
	k, err := NewSigningKey()
	if err != nil {
		t.Fatal(err)
	}
	return k, Member{ID: k.Public().ID().String(), Key: k.Public()}
}

func TestHostileTies(t *testing.T) {
	t.Parallel()
	key, _ := tieMember(t)
	a, b, c := hotline.CaseID{1}, hotline.CaseID{2}, hotline.CaseID{3}
	good := map[string]Statement{
		"link":         {Act: ActLink, Case: a, Other: b, How: HowWord},
		"link by two":  {Act: ActLink, Case: a, Other: b, How: HowTwo, Proposal: Hash{1}},
		"unlink":       {Act: ActUnlink, Case: a, Other: b, OtherPrev: Hash{1}},
		"merge":        {Act: ActMerge, Case: a, Other: b, Main: b},
		"unmerge":      {Act: ActUnmerge, Case: a, Other: b, Main: a},
		"split":        {Act: ActSplit, Case: a, Other: b, Main: a, Stage: hotline.StageStandby},
		"split, child": {Act: ActSplit, Case: b, Other: a, Main: a, Stage: hotline.StageStandby, OtherPrev: Hash{1}},
		"unsplit":      {Act: ActUnsplit, Case: a, Other: b, Main: a, OtherPrev: Hash{1}},
	}
	bad := map[string]Statement{
		"with itself":              {Act: ActLink, Case: a, Other: a, How: HowWord},
		"with nothing":             {Act: ActLink, Case: a, How: HowWord},
		"nobody says how":          {Act: ActLink, Case: a, Other: b},
		"some other how":           {Act: ActLink, Case: a, Other: b, How: "guess"},
		"two without a proposal":   {Act: ActLink, Case: a, Other: b, How: HowTwo},
		"word with a proposal":     {Act: ActLink, Case: a, Other: b, How: HowWord, Proposal: Hash{1}},
		"link with a main case":    {Act: ActLink, Case: a, Other: b, How: HowWord, Main: a},
		"merge without one":        {Act: ActMerge, Case: a, Other: b},
		"merge into a third":       {Act: ActMerge, Case: a, Other: b, Main: c},
		"merge that says how":      {Act: ActMerge, Case: a, Other: b, Main: a, How: HowWord},
		"merge with a stage":       {Act: ActMerge, Case: a, Other: b, Main: a, Stage: hotline.StageStandby},
		"split without a stage":    {Act: ActSplit, Case: a, Other: b, Main: a},
		"split into an ended one":  {Act: ActSplit, Case: a, Other: b, Main: a, Stage: hotline.StageClosed},
		"split from an old child":  {Act: ActSplit, Case: a, Other: b, Main: a, Stage: hotline.StageStandby, OtherPrev: Hash{1}},
		"child that was there":     {Act: ActSplit, Case: b, Other: a, Main: a, Stage: hotline.StageStandby, Seq: 1, Prev: Hash{1}},
		"unsplit by the child":     {Act: ActUnsplit, Case: b, Other: a, Main: a, OtherPrev: Hash{1}},
		"unsplit of nothing":       {Act: ActUnsplit, Case: a, Other: b, Main: a},
		"a note that names a case": {Act: ActNote, Case: a, Other: b},
		"a step that names one":    {Act: ActStage, Case: a, Stage: hotline.StageNew, Main: b},
		"an unknown act":           {Act: "join", Case: a, Other: b},
	}
	for want, list := range map[bool]map[string]Statement{true: good, false: bad} {
		for name, st := range list {
			signed, _, err := SignStatement(st, nil, Recipient{}, key)
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err := ParseStatement(signed.Text()); (err == nil) != want {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// The two statements of an act have one pair; whatever differs makes another.
func TestPairs(t *testing.T) {
	t.Parallel()
	key, _ := tieMember(t)
	other, _ := tieMember(t)
	st := Statement{Act: ActMerge, Case: hotline.CaseID{1}, Other: hotline.CaseID{2}, Main: hotline.CaseID{2}, Prev: Hash{3}, OtherPrev: Hash{4}, Seq: 5, Hour: 6}
	pair, k := st.Pair(key.Public()), key.Public()
	twin := st.Twin(9, 1)
	if twin.Pair(k) != pair || twin.Case != st.Other || twin.Twin(5, 0).Pair(k) != pair {
		t.Fatal("the twin makes another pair")
	}
	for name, change := range map[string]func(*Statement){
		"act":        func(s *Statement) { s.Act = ActUnmerge },
		"case":       func(s *Statement) { s.Case = hotline.CaseID{9} },
		"other":      func(s *Statement) { s.Other = hotline.CaseID{9} },
		"main":       func(s *Statement) { s.Main = s.Case },
		"prev":       func(s *Statement) { s.Prev = Hash{9} },
		"other prev": func(s *Statement) { s.OtherPrev = Hash{9} },
		"swapped":    func(s *Statement) { s.Prev, s.OtherPrev = s.OtherPrev, s.Prev },
		"hour":       func(s *Statement) { s.Hour++ },
		"how":        func(s *Statement) { s.How = HowWord },
		"proposal":   func(s *Statement) { s.Proposal = Hash{9} },
		"stage":      func(s *Statement) { s.Stage = hotline.StageNew },
	} {
		changed := st
		change(&changed)
		if changed.Pair(k) == pair {
			t.Errorf("another %s makes the same pair", name)
		}
	}
	if st.Pair(other.Public()) == pair {
		t.Error("another signer makes the same pair")
	}
}

func TestRetie(t *testing.T) {
	t.Parallel()
	_, by := tieMember(t)
	a, b, c := hotline.CaseID{1}, hotline.CaseID{2}, hotline.CaseID{3}
	link := func(o hotline.CaseID) Statement {
		return Statement{Act: ActLink, Case: a, Other: o, How: HowTwo, Proposal: Hash{7}}
	}
	merge := func(o, main hotline.CaseID) Statement { return Statement{Act: ActMerge, Case: a, Other: o, Main: main} }
	unmerge := func(o, main hotline.CaseID) Statement {
		return Statement{Act: ActUnmerge, Case: a, Other: o, Main: main}
	}
	split := Statement{Act: ActSplit, Case: a, Other: b, Main: a, Stage: hotline.StageNew}
	for name, x := range map[string]struct {
		acts  []Statement
		fits  string // of each act: y or n
		kinds string
	}{
		"merge and back":           {[]Statement{link(b), merge(b, a), unmerge(b, a), {Act: ActUnlink, Case: a, Other: b}}, "yyyy", ""},
		"merge without a link":     {[]Statement{merge(b, a)}, "n", ""},
		"linked twice":             {[]Statement{link(b), link(b)}, "yn", "link"},
		"merged twice":             {[]Statement{link(b), merge(b, a), merge(b, b)}, "yyn", "merge"},
		"two parts":                {[]Statement{link(b), link(c), merge(b, a), merge(c, a)}, "yyyy", "merge merge"},
		"a part of two":            {[]Statement{link(b), link(c), merge(b, b), merge(c, c)}, "yyyn", "link merge"},
		"a part has no parts":      {[]Statement{link(b), link(c), merge(b, b), merge(c, a)}, "yyyn", "link merge"},
		"who has parts is none":    {[]Statement{link(b), link(c), merge(b, a), merge(c, c)}, "yyyn", "link merge"},
		"undone the other way":     {[]Statement{link(b), merge(b, a), unmerge(b, b)}, "yyn", "merge"},
		"unlinked while merged":    {[]Statement{link(b), merge(b, a), {Act: ActUnlink, Case: a, Other: b}}, "yyn", "merge"},
		"left and back":            {[]Statement{split, {Act: ActUnsplit, Case: a, Other: b, Main: a, OtherPrev: Hash{1}}}, "yy", ""},
		"left twice":               {[]Statement{split, split}, "yn", "split"},
		"linked with who left":     {[]Statement{split, link(b)}, "yn", "split"},
		"a part is not left":       {[]Statement{link(c), merge(c, c), split}, "yyn", "merge"},
		"a note changes nothing":   {[]Statement{link(b), {Act: ActNote, Case: a}}, "yn", "link"},
		"back without having left": {[]Statement{{Act: ActUnsplit, Case: a, Other: b, Main: a, OtherPrev: Hash{1}}}, "n", ""},
	} {
		var ties []Tie
		fits := ""
		for _, st := range x.acts {
			var ok bool
			before := slices.Clone(ties)
			if ties, ok = Retie(ties, st, by); ok {
				fits += "y"
			} else {
				fits += "n"
				if !slices.Equal(before, ties) {
					t.Errorf("%s: an act that does not fit has changed something", name)
				}
			}
		}
		var kinds []string
		for _, tie := range ties {
			kinds = append(kinds, tie.Kind)
			if tie.Kind != TieSplit && (tie.How != HowTwo || tie.Proposal != Hash{7}) {
				t.Errorf("%s: how the link is known is forgotten", name)
			}
		}
		slices.Sort(kinds)
		if fits != x.fits || strings.Join(kinds, " ") != x.kinds {
			t.Errorf("%s: %s, %v", name, fits, kinds)
		}
	}
}

// The first key of a case made at the desk: its id is bound to the case that
// was left, and an operator signs it.
func TestChildGeneration(t *testing.T) {
	t.Parallel()
	key, _ := tieMember(t)
	id, err := NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	parent := hotline.CaseID{1}
	good := Generation{Case: SplitCaseID(parent, id.Recipient()), Parent: parent, Team: hotline.TeamDesk, Epoch: 1, Recipient: id.Recipient()}
	text := func(change func(*Generation)) []byte {
		g := good
		if change != nil {
			change(&g)
		}
		s, err := SignGeneration(g, key)
		if err != nil {
			t.Fatal(err)
		}
		return s.Text()
	}
	yes := func(s Signed, _ Generation) bool { return GenerationSignedBy(s, key.Public()) }
	no := func(Signed, Generation) bool { return false }
	if _, err := VerifyGenerations([][]byte{text(nil)}, PublicKey{}, yes); err != nil {
		t.Error(err)
	}
	// Neither a gateway nor nobody makes such a case.
	if _, err := VerifyGenerations([][]byte{text(nil)}, key.Public(), no); err == nil {
		t.Error("a key of the desk's that no operator signed was believed")
	}
	for name, change := range map[string]func(*Generation){
		"another parent": func(g *Generation) { g.Parent = hotline.CaseID{2} },
		"another id":     func(g *Generation) { g.Case = hotline.CaseID{2} },
		"its own parent": func(g *Generation) { g.Parent = g.Case },
		"contact keys":   func(g *Generation) { g.ContactKey, g.ContactRecipient = key.Public(), id.Recipient() },
	} {
		if _, err := VerifyGenerations([][]byte{text(change)}, PublicKey{}, yes); err == nil {
			t.Errorf("%s: believed", name)
		}
	}
}
