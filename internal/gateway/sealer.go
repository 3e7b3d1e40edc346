package gateway

import (
	"context"
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/intake"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
)

// Door is the way into the store: the intake's waiting room.
type Door interface {
	Admit(ctx context.Context, lane intake.Lane, work int, fn func(context.Context, *store.Tx) error) error
}

// Manifest returns the newest manifest, as signed text and read.
type Manifest func(context.Context) ([]byte, seal.Manifest, error)

// Sealer makes cases on behalf of people who cannot seal themselves.
type Sealer struct {
	Door     Door
	Manifest Manifest
	Key      seal.SigningKey // G, which the manifest names
	IndexKey []byte
	Clock    func() time.Time
}

// Story is what a person told a gateway. Plaintext: it cannot be printed by
// accident.
type Story struct {
	Case     hotline.CaseID // the same for the same thing sent twice
	Code     hotline.ChannelCode
	Channel  hotline.Channel
	Text     string
	Language string
	People   int
	Chat     *seal.Chat // what the channel told beside the text
}

// String shows nothing.
func (Story) String() string { return "story(hidden)" }

// GoString shows nothing.
func (Story) GoString() string { return "story(hidden)" }

// Keep returns when a sealed story is on disk as a new case. A story whose
// case is there already changes nothing and is no error.
func (s Sealer) Keep(ctx context.Context, c intake.NewCase) error {
	return s.Door.Admit(ctx, intake.LaneGateway, 0, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.CaseByID(ctx, c.ID[:])
		if !store.Missing(err) {
			return err
		}
		version, err := tx.NextVersion(ctx)
		if err != nil {
			return err
		}
		return c.Insert(ctx, tx, version)
	})
}

// Seal seals a story as a new case. It costs about a millisecond of processor.
//
// The case key is made here, wrapped to the team and forgotten. The generation
// names no key of the contact and is signed by the gateway, so that every
// reader sees that the person's own device did not seal this.
func (s Sealer) Seal(ctx context.Context, st Story) (intake.NewCase, error) {
	var none intake.NewCase
	now := s.Clock()
	_, m, err := s.Manifest(ctx)
	if err != nil {
		return none, err
	}
	if m.GatewayKey != s.Key.Public() {
		return none, hotline.Errorf(hotline.KindUnavailable, "gateway", "the manifest names another gateway key")
	}
	team, hour := m.Teams[hotline.TeamDesk], hotline.HourOf(now)
	s0, err := seal.NewIdentity()
	if err != nil {
		return none, err
	}
	statement, err := seal.SignGeneration(seal.Generation{
		Case: st.Case, Team: hotline.TeamDesk, Epoch: team.Epoch, Recipient: s0.Recipient(), Hour: hour,
	}, s.Key)
	if err != nil {
		return none, err
	}
	wrap, err := seal.WrapIdentity(team.Recipient, s0)
	if err != nil {
		return none, err
	}
	body, err := seal.NewBody(st.Text, st.Language)
	if err != nil {
		return none, err
	}
	body.Code, body.People, body.Chat = st.Code.Digits(), st.People, st.Chat
	rec, err := seal.SignRecord(seal.RecordHeader{Case: st.Case, Side: hotline.SideGateway, Seen: -1, Hour: hour}, body, s.Key)
	if err != nil {
		return none, err
	}
	file, err := rec.Seal(s0.Recipient())
	if err != nil {
		return none, err
	}
	return intake.NewCase{
		ID: st.Case, Channel: st.Channel, CodeIndex: intake.CodeIndex(s.IndexKey, st.Code), Team: hotline.TeamDesk, Epoch: team.Epoch,
		Statement: statement.Text(), Recipient: s0.Recipient(), Wrap: wrap, Side: hotline.SideGateway, Header: rec.Signed.Text(), Record: file, Hour: hour, Now: now,
	}, nil
}
