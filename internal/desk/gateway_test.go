package desk_test

import (
	"crypto/rand"
	"testing"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/intake" //nolint:depguard // the tests boot the real server
	"safeconduct/internal/seal"
	"safeconduct/internal/store" //nolint:depguard // the tests boot the real server
)

// TestGatewayCase works on a case whose person has no keys: a gateway sealed
// and signed it.
func TestGatewayCase(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	var id hotline.CaseID
	_, _ = rand.Read(id[:])
	s0, code, hour := must(seal.NewIdentity()), hotline.NewChannelCode(), hotline.HourOf(w.clock.Now())
	gen := must(seal.SignGeneration(seal.Generation{Case: id, Team: hotline.TeamDesk, Epoch: 1, Recipient: s0.Recipient(), Hour: hour}, w.gateway))
	body := must(seal.NewBody("пишу из формы", "ru"))
	body.Code = code.Digits()
	rec := must(seal.SignRecord(seal.RecordHeader{Case: id, Side: hotline.SideGateway, Seen: -1, Hour: hour}, body, w.gateway))
	ok(t, w.db.Update(t.Context(), func(tx *store.Tx) error {
		version, err := tx.NextVersion(t.Context())
		if err != nil {
			return err
		}
		return intake.NewCase{
			ID: id, Channel: hotline.ChannelForm, CodeIndex: intake.CodeIndex(w.index, code), Team: hotline.TeamDesk, Epoch: 1,
			Statement: gen.Text(), Wrap: must(seal.WrapIdentity(w.team.Identity.Recipient(), s0)), Side: hotline.SideGateway,
			Header: rec.Signed.Text(), Record: must(rec.Seal(s0.Recipient())), Hour: hour, Now: w.clock.Now(),
		}.Insert(t.Context(), tx, version)
	}))
	st := w.work(&w.anna)
	v := st.view(id)
	if len(v.Messages) != 1 || v.Messages[0].Signer != "gateway" || !v.Messages[0].Verified || v.Unread != 1 || v.Problems != 0 || len(v.Code) != 3 {
		t.Fatalf("%+v", v)
	}
	r, err := st.MarkRead(ctx, id)
	sent(t, r, err)
	r, err = st.Reply(ctx, id, "позвоните по коду")
	sent(t, r, err)
	v = st.view(id)
	if len(v.Messages) != 2 || v.Unread != 0 || v.Problems != 0 || !v.Messages[1].PutAway {
		t.Fatalf("%+v", v)
	}
	if hits := must(st.Search(code.Digits(), 5)); len(hits) != 1 {
		t.Errorf("%+v", hits)
	}
	r, err = st.Note(ctx, id, "по форме")
	sent(t, r, err)
	// A new key of such a case works as well.
	ok(t, st.Revoke(ctx, w.boris.OperatorID(), nil))
	if v := st.view(id); v.Generation != 1 || v.Problems != 0 || v.Notes[0].Text != "по форме" {
		t.Errorf("%+v", v)
	}
	if got := must(st.Queue(desk.Filter{Stages: []hotline.Stage{hotline.StageNew}})); len(got) != 1 || got[0].Channel != hotline.ChannelForm {
		t.Errorf("%+v", got)
	}
}
