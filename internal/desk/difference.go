package desk

import (
	"encoding/hex"
	"maps"
	"reflect"
	"slices"
	"strconv"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// draftLines checks the document of an open proposal against what this desk
// knows, and says in words what it changes. What does not check is not shown,
// and cannot be approved. Desk.mu must be held.
func (s *session) draftLines(p proposed) ([]ApprovalLine, error) {
	q := p.tally.Proposal
	forged := func(why string) ([]ApprovalLine, error) {
		return nil, hotline.Errorf(hotline.KindForged, "approvals", "%s", why)
	}
	var subject seal.DocumentSubject
	if err := seal.DecodeSubject(q.Subject, &subject); err != nil {
		return nil, err
	}
	key, signed, err := s.authority().SignedByOne(p.Document, q.Act)
	switch {
	case err != nil:
		return nil, err
	case signed.Hash() != subject.Hash:
		return forged("the document beside the proposal is not the one that was proposed")
	case key != p.tally.By.Authority:
		return forged("the document is not signed with the proposer's key of the authority")
	}
	kept, serial := s.kept.Roster, s.roster.Serial
	if q.Act == hotline.SharedManifest {
		kept, serial = s.kept.Manifest, s.manifest.Serial
	}
	if now, err := seal.ParseSigned(kept); err != nil || q.Base != now.Hash() || subject.Serial != serial+1 {
		return nil, hotline.Errorf(hotline.KindConflict, "approvals", "it was made on another state of the house than the one in force; it must be proposed again")
	}
	if q.Act == hotline.SharedManifest {
		m, err := seal.DraftManifest(p.Document)
		if err == nil && (m.Desk != s.manifest.Desk || m.Serial != subject.Serial) {
			return forged("the manifest is of another house, or has another number")
		}
		if err == nil {
			err = checkNew(s.manifest.Channels, m.Channels)
		}
		return manifestLines(s.manifest, m), err
	}
	r, err := seal.DraftRoster(p.Document)
	switch {
	case err != nil:
		return nil, err
	case r.Desk != s.roster.Desk || r.Serial != subject.Serial:
		return forged("the roster is of another house, or has another number")
	case !reflect.DeepEqual(r.Authority, s.roster.Authority) && !reflect.DeepEqual(r.Authority, r.NextAuthority()):
		return forged("the roster gives the authority to other keys than those of its administrators")
	}
	return rosterLines(s.roster, r), nil
}

// pastLines shows of a decided proposal what its document says by itself: the
// state that it was made on is gone.
func pastLines(p proposed) ([]ApprovalLine, error) {
	var subject seal.DocumentSubject
	if err := seal.DecodeSubject(p.tally.Proposal.Subject, &subject); err != nil {
		return nil, err
	}
	return []ApprovalLine{{Kind: LineField, Values: []string{string(p.tally.Proposal.Act), strconv.FormatInt(subject.Serial, 10)}}}, nil
}

// rosterLines says what one roster changes of another. Every field that
// differs gives a line: a test changes each of them.
func rosterLines(old, next seal.Roster) []ApprovalLine {
	var out []ApprovalLine
	for _, m := range next.Members {
		before, known := old.Member(m.ID)
		if !known {
			out = append(out, joins(next, m))
			continue
		}
		out = append(out, memberLines(before, m)...)
	}
	for _, m := range old.Members {
		if _, still := next.Member(m.ID); !still {
			out = append(out, ApprovalLine{Kind: LineGone, Name: m.Name})
		}
	}
	if !reflect.DeepEqual(old.Authority, next.Authority) {
		out = append(out, ApprovalLine{Kind: LineAuthority, Values: []string{
			strconv.Itoa(next.Authority.Threshold), strconv.Itoa(len(next.Authority.Keys)),
		}})
	}
	for _, f := range []struct {
		name   string
		differ bool
	}{
		{"journal", old.Journal != next.Journal},
		{"server_tls", old.ServerTLS != next.ServerTLS},
		{"recovery", old.Recovery.String() != next.Recovery.String()},
		{"recovery_key", old.RecoveryKey != next.RecoveryKey},
	} {
		if f.differ {
			out = append(out, ApprovalLine{Kind: LineHouse, Values: []string{f.name}})
		}
	}
	if len(out) == 0 {
		out = append(out, ApprovalLine{Kind: LineNothing})
	}
	return out
}

func joins(r seal.Roster, m seal.Member) ApprovalLine {
	id := m.Key.ID()
	l := ApprovalLine{Kind: LineJoins, Name: m.Name, Roles: m.Roles, Teams: m.Teams, Values: []string{hex.EncodeToString(id[:])}}
	if owner, ok := r.Member(m.Person); ok {
		l.Kind, l.Values = LineSecond, []string{owner.Name}
	}
	return l
}

func memberLines(old, next seal.Member) []ApprovalLine {
	var out []ApprovalLine
	line := func(k LineKind, values ...string) {
		out = append(out, ApprovalLine{Kind: k, Name: old.Name, Roles: next.Roles, Teams: next.Teams, Values: values})
	}
	switch {
	case old.Active() && !next.Active():
		line(LineLeaves)
	case !old.Active() && next.Active():
		line(LineReturns)
	case old.Until != next.Until:
		line(LineKeys, "until")
	}
	if !slices.Equal(old.Roles, next.Roles) {
		line(LineRoles)
	}
	if !slices.Equal(old.Teams, next.Teams) {
		line(LineTeams)
	}
	for _, f := range []struct {
		name   string
		differ bool
	}{
		{"name " + next.Name, old.Name != next.Name},
		{"key", old.Key != next.Key},
		{"recipient", old.Recipient.String() != next.Recipient.String()},
		{"tls", old.TLS != next.TLS},
		{"since", old.Since != next.Since},
		{"person", old.Person != next.Person},
		{"authority", old.Authority != next.Authority},
	} {
		if f.differ {
			line(LineKeys, f.name)
		}
	}
	return out
}

// manifestLines says what one manifest changes of another.
func manifestLines(old, next seal.Manifest) []ApprovalLine {
	out := []ApprovalLine{{Kind: LineRenewed, Hours: []hotline.Hour{next.Expires, next.UseUntil}}}
	for _, team := range slices.Sorted(maps.Keys(next.Teams)) {
		key := next.Teams[team]
		if before, ok := old.Teams[team]; !ok || before.Epoch != key.Epoch || !sameKey(before, key) {
			out = append(out, ApprovalLine{Kind: LineTeamKey, Teams: []hotline.Team{team}, Values: []string{strconv.Itoa(key.Epoch)}})
		}
	}
	for _, team := range slices.Sorted(maps.Keys(old.Teams)) {
		if _, ok := next.Teams[team]; !ok {
			out = append(out, ApprovalLine{Kind: LineTeamOff, Teams: []hotline.Team{team}})
		}
	}
	out = append(out, changed(old.Routes, next.Routes, LineRouteOn, LineRouteOff, func(r string) []string { return []string{r} })...)
	out = append(out, changed(old.Channels, next.Channels, LineDoorOn, LineDoorOff, func(c seal.ChannelAddress) []string {
		return []string{string(c.Channel), c.Address}
	})...)
	out = append(out, changed(old.ReplyKeys, next.ReplyKeys, LineReplyOn, LineReplyOff, func(k seal.PublicKey) []string {
		return []string{k.ID().String()}
	})...)
	if old.Intake.String() != next.Intake.String() {
		out = append(out, ApprovalLine{Kind: LineIntake})
	}
	if old.GatewayKey != next.GatewayKey || old.Gateway.String() != next.Gateway.String() {
		out = append(out, ApprovalLine{Kind: LineGateway})
	}
	return out
}

// changed lists what is new in a list and what is not in it any more.
func changed[T comparable](old, next []T, on, off LineKind, values func(T) []string) []ApprovalLine {
	var out []ApprovalLine
	for _, v := range next {
		if !slices.Contains(old, v) {
			out = append(out, ApprovalLine{Kind: on, Values: values(v)})
		}
	}
	for _, v := range old {
		if !slices.Contains(next, v) {
			out = append(out, ApprovalLine{Kind: off, Values: values(v)})
		}
	}
	return out
}
