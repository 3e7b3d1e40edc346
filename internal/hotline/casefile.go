package hotline

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"time"
)

// CaseID names a case: 16 bytes, shown as 32 lower-case hexadecimal digits.
// It is a hash (web) or random (other doors), never a running number.
type CaseID [16]byte

// ParseCaseID reads 32 hexadecimal digits.
func ParseCaseID(s string) (CaseID, error) {
	var id CaseID
	if len(s) != 2*len(id) {
		return id, Errorf(KindInvalid, "case id", "must be %d hexadecimal digits", 2*len(id))
	}
	b, err := hex.DecodeString(s)
	if err != nil {
		return id, Errorf(KindInvalid, "case id", "must be %d hexadecimal digits", 2*len(id))
	}
	copy(id[:], b)
	return id, nil
}

// String returns the hexadecimal form.
func (id CaseID) String() string { return hex.EncodeToString(id[:]) }

// Short returns the first eight digits, enough to tell cases apart on a page.
func (id CaseID) Short() string { return id.String()[:8] }

// MarshalText implements encoding.TextMarshaler.
func (id CaseID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (id *CaseID) UnmarshalText(b []byte) error {
	v, err := ParseCaseID(string(b))
	*id = v
	return err
}

// Hour is a point in time to the hour, counted from the Unix epoch. Records
// carry hours so that a stolen database tells no minute of anybody's life.
type Hour int64

// HourOf returns the hour in which t lies.
func HourOf(t time.Time) Hour { return Hour(t.Unix() / 3600) }

// Time returns the beginning of the hour, in UTC.
func (h Hour) Time() time.Time { return time.Unix(int64(h)*3600, 0).UTC() }

// Channel is the door by which a case came.
type Channel string

// The doors.
const (
	ChannelWeb      Channel = "web"      // sealed in the person's browser
	ChannelForm     Channel = "form"     // plain form, sealed by our gateway
	ChannelTelegram Channel = "telegram" // sealed by our gateway
	ChannelPhone    Channel = "phone"    // sealed by our gateway
	ChannelDesk     Channel = "desk"     // no door: made at the desk for people who left another case
)

// Door reports whether a person can be reached in a case of this channel.
func (c Channel) Door() bool { return c != ChannelDesk }

// Sealed reports whether the person's own device sealed and signed what it
// sent; otherwise a gateway of ours did, and said so.
func (c Channel) Sealed() bool { return c == ChannelWeb }

// Side is who a record comes from.
type Side string

// The sides of a conversation.
const (
	SideContact Side = "contact" // signed by the person's key
	SideDesk    Side = "desk"    // signed by the team's reply key and an operator
	SideGateway Side = "gateway" // signed by the gateway that saw it in plain
)

// Urgency orders the queue before waiting time does.
type Urgency int

// The urgencies.
const (
	UrgencyCalm   Urgency = 0 // asks, in case
	UrgencySoon   Urgency = 1 // will be sent soon
	UrgencyUrgent Urgency = 2 // at the front
	UrgencyNow    Urgency = 3 // life in danger now
)

// Valid reports whether u is one of the four.
func (u Urgency) Valid() bool { return u >= UrgencyCalm && u <= UrgencyNow }

// Place is what the queue needs to know of a case.
type Place struct {
	ID      CaseID
	Urgency Urgency
	Waiting time.Time // zero: nobody waits for an answer
}

// ComparePlaces orders the queue: urgency, then who waits before who does
// not, then who has waited longest, then the id so that order is stable.
func ComparePlaces(a, b Place) int {
	if c := cmp.Compare(b.Urgency, a.Urgency); c != 0 {
		return c
	}
	if c := boolFirst(!a.Waiting.IsZero(), !b.Waiting.IsZero()); c != 0 {
		return c
	}
	if c := a.Waiting.Compare(b.Waiting); c != 0 {
		return c
	}
	return bytes.Compare(a.ID[:], b.ID[:])
}

func boolFirst(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// Team is a compartment: a key, not only a rule.
type Team string

// The teams.
const (
	TeamDesk     Team = "desk"
	TeamField    Team = "field"
	TeamRegistry Team = "registry"
	TeamClaims   Team = "claims"
)

// ParseTeam reads a team's name.
func ParseTeam(s string) (Team, error) {
	switch t := Team(s); t {
	case TeamDesk, TeamField, TeamRegistry, TeamClaims:
		return t, nil
	}
	return "", Errorf(KindInvalid, "team", "%q is no team", s)
}
