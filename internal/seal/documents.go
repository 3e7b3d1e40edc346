package seal

import (
	"slices"

	"safeconduct/internal/hotline"
)

const (
	kindManifest = "manifest"
	kindRoster   = "roster"
	kindEpoch    = "epoch"
)

// Authority is who signs manifest and roster: keys of administrators, and how
// many of them must sign (one for one administrator, otherwise two).
type Authority struct {
	Keys      []PublicKey `json:"keys"`
	Threshold int         `json:"threshold"`
}

// verify checks that enough different keys of the authority signed s.
func (a Authority) verify(s Signed, kind string) error {
	n := 0
	for i, k := range a.Keys {
		if !slices.Contains(a.Keys[:i], k) && s.SignedBy(kind, k) {
			n++
		}
	}
	if a.Threshold < 1 || n < a.Threshold {
		return hotline.Errorf(hotline.KindForged, kind, "signed by %d of the %d keys that are needed", n, max(a.Threshold, 1))
	}
	return nil
}

// TeamKey is the public half of a team's epoch in a manifest.
type TeamKey struct {
	Epoch     int       `json:"epoch"`
	Recipient Recipient `json:"recipient"`
	ReplyKey  PublicKey `json:"reply_key"`
}

// ChannelAddress is one official door, for people to compare with.
type ChannelAddress struct {
	Channel hotline.Channel `json:"channel"`
	Address string          `json:"address"`
}

// Manifest is public: where to send, to which keys, and until when.
type Manifest struct {
	preamble
	Desk       DeskID                   `json:"desk"`
	Serial     int64                    `json:"serial"`
	Hour       hotline.Hour             `json:"hour"`
	Expires    hotline.Hour             `json:"expires"`   // past it a page looks for a newer one and warns
	UseUntil   hotline.Hour             `json:"use_until"` // past it a page sends no more; no team key is destroyed before
	Routes     []string                 `json:"routes"`    // origins of intake, "https://example.org"
	Channels   []ChannelAddress         `json:"channels,omitzero"`
	Intake     Recipient                `json:"intake"`
	Teams      map[hotline.Team]TeamKey `json:"teams"`
	ReplyKeys  []PublicKey              `json:"reply_keys"` // of this and of earlier epochs whose replies may still wait
	GatewayKey PublicKey                `json:"gateway_key"`
	Gateway    Recipient                `json:"gateway"`
}

// SignManifest makes a manifest.
func SignManifest(m Manifest, keys ...SigningKey) (Signed, error) {
	m.preamble = preamble{1, kindManifest}
	return signLine(kindManifest, m, keys...)
}

// VerifyManifest reads a manifest signed by the authority.
func VerifyManifest(text []byte, a Authority) (Manifest, error) {
	var m Manifest
	s, err := ParseSigned(text)
	if err != nil {
		return m, err
	}
	if err := a.verify(s, kindManifest); err != nil {
		return m, err
	}
	return decodeManifest(s)
}

func decodeManifest(s Signed) (Manifest, error) {
	var m Manifest
	if err := s.decode(kindManifest, &m); err != nil {
		return m, err
	}
	desk, ok := m.Teams[hotline.TeamDesk]
	if !ok || desk.Recipient.IsZero() || desk.Epoch < 1 || m.Intake.IsZero() || m.Serial < 1 || m.UseUntil < m.Expires {
		return m, hotline.Errorf(hotline.KindInvalid, kindManifest, "incomplete")
	}
	return m, nil
}

// ReadManifest reads a manifest that was verified when it was kept: an
// authority of later does not have to have signed it.
func ReadManifest(text []byte) (Manifest, error) {
	var m Manifest
	s, err := ParseSigned(text)
	if err != nil {
		return m, err
	}
	return m, s.decode(kindManifest, &m)
}

// OperatorID names a member of the roster: the key id of the signing key.
type OperatorID = string

// Member is a person in the roster, known by a call-name.
type Member struct {
	ID        OperatorID     `json:"id"`
	Name      string         `json:"name"`
	Roles     []hotline.Role `json:"roles"`
	Teams     []hotline.Team `json:"teams"`
	Recipient Recipient      `json:"recipient"`
	Key       PublicKey      `json:"key"`
	TLS       Hash           `json:"tls"` // SHA-256 of the client certificate's public key (SPKI)
	Since     hotline.Hour   `json:"since"`
	Until     hotline.Hour   `json:"until,omitzero"` // revoked from this hour on
	// Person is the id of the same person's first entry, for whoever has a second
	// computer; empty for a first entry. See [Member.Who].
	Person OperatorID `json:"person,omitzero"`
	// Authority is an administrator's own key of the authority; one for each person.
	Authority PublicKey `json:"authority,omitzero"`
}

// Active reports whether the member has not been revoked.
func (m Member) Active() bool { return m.Until == 0 }

// Roster is for desks only: who works here, with which keys and roles.
type Roster struct {
	preamble
	Desk      DeskID       `json:"desk"`
	Serial    int64        `json:"serial"`
	Hour      hotline.Hour `json:"hour"`
	Authority Authority    `json:"authority"` // in force from this roster on
	Members   []Member     `json:"members"`
	Journal   string       `json:"journal"`    // the journal's verifier key (signed note format)
	ServerTLS Hash         `json:"server_tls"` // SHA-256 of the desk listener's public key (SPKI)
	Recovery  Recipient    `json:"recovery"`   // R: every team key is wrapped to it as well
	// RecoveryKey is the authority's key that k sheets open (see [RecoverySigningKey]). It is one of
	// the authority's keys as soon as two must sign, so that a lost administrator locks nobody out.
	RecoveryKey PublicKey `json:"recovery_key,omitzero"`
	// Manifest is the hash of the manifest that was in force when this roster
	// was made. It stays in force although an earlier authority has signed it.
	Manifest Hash `json:"manifest,omitzero"`
}

// SignRoster makes a roster.
func SignRoster(r Roster, keys ...SigningKey) (Signed, error) {
	r.preamble = preamble{1, kindRoster}
	return signLine(kindRoster, r, keys...)
}

// VerifyRoster reads a roster signed by the authority that is in force.
func VerifyRoster(text []byte, a Authority) (Roster, error) {
	var r Roster
	s, err := ParseSigned(text)
	if err != nil {
		return r, err
	}
	if err := a.verify(s, kindRoster); err != nil {
		return r, err
	}
	return decodeRoster(s)
}

func decodeRoster(s Signed) (Roster, error) {
	var r Roster
	if err := s.decode(kindRoster, &r); err != nil {
		return r, err
	}
	if r.Serial < 1 || len(r.Authority.Keys) == 0 || r.Recovery.IsZero() {
		return r, hotline.Errorf(hotline.KindInvalid, kindRoster, "incomplete")
	}
	for i, m := range r.Members {
		if m.ID != m.Key.ID().String() || m.Recipient.IsZero() || hotline.CheckRoles(m.Roles) != nil {
			return r, hotline.Errorf(hotline.KindInvalid, kindRoster, "member %d is incomplete", i)
		}
	}
	return r, r.checkAuthority()
}

// Member returns the member with that id, revoked ones too.
func (r Roster) Member(id OperatorID) (Member, bool) {
	i := slices.IndexFunc(r.Members, func(m Member) bool { return m.ID == id })
	if i < 0 {
		return Member{}, false
	}
	return r.Members[i], true
}

// Epoch announces a new team key: signed by the member who made it.
type Epoch struct {
	preamble
	Team      hotline.Team `json:"team"`
	Epoch     int          `json:"epoch"`
	Recipient Recipient    `json:"recipient"`
	ReplyKey  PublicKey    `json:"reply_key"`
	Hour      hotline.Hour `json:"hour"`
}

// SignEpoch makes an announcement.
func SignEpoch(e Epoch, by SigningKey) (Signed, error) {
	e.preamble = preamble{1, kindEpoch}
	return signLine(kindEpoch, e, by)
}

// ParseEpoch reads an announcement; the caller checks who signed.
func ParseEpoch(text []byte) (Epoch, Signed, error) {
	var e Epoch
	s, err := ParseSigned(text)
	if err != nil {
		return e, s, err
	}
	if err := s.decode(kindEpoch, &e); err != nil {
		return e, s, err
	}
	if _, err := hotline.ParseTeam(string(e.Team)); err != nil || e.Epoch < 1 || e.Recipient.IsZero() || e.ReplyKey.IsZero() {
		return e, s, hotline.Errorf(hotline.KindInvalid, kindEpoch, "incomplete")
	}
	return e, s, nil
}

// EpochSignedBy reports whether k signed the announcement.
func EpochSignedBy(s Signed, k PublicKey) bool { return s.SignedBy(kindEpoch, k) }
