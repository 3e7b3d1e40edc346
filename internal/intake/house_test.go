package intake_test

import (
	"testing"

	"safeconduct/internal/hotline"
	"safeconduct/internal/intake"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
	"safeconduct/internal/store/storetest"
)

// A node that was set up with the first administrator's key believes what the
// two who came after him sign, and nothing that one of them signs alone.
func TestHouseFollowsItsRosters(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			d := storetest.Open(t, storetest.URL(t, engine))
			key := func() seal.SigningKey { return must[seal.SigningKey](t)(seal.NewSigningKey()) }
			first, second, third, sheets := key(), key(), key(), key()
			recipient := must[seal.Identity](t)(seal.NewIdentity()).Recipient()
			pinned := seal.Authority{Keys: []seal.PublicKey{first.Public()}, Threshold: 1}
			keep := func(kind string, serial int64, signed seal.Signed, err error) {
				t.Helper()
				if err != nil {
					t.Fatal(err)
				}
				err = d.Update(ctx, func(tx *store.Tx) error {
					_, err := tx.InsertDocument(t.Context(), db.InsertDocumentParams{Kind: kind, Serial: serial, Body: signed.Text()})
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			manifest := func(serial int64, by ...seal.SigningKey) seal.Signed {
				m := seal.Manifest{
					Serial: serial, Expires: 5, UseUntil: 6, Intake: recipient, Routes: []string{"https://example.org"},
					Teams: map[hotline.Team]seal.TeamKey{hotline.TeamDesk: {Epoch: 1, Recipient: recipient, ReplyKey: second.Public()}},
				}
				s := must[seal.Signed](t)(seal.SignManifest(m, by...))
				keep("manifest", serial, s, nil)
				return s
			}
			member := func(name string, authority seal.SigningKey) seal.Member {
				k := key().Public()
				return seal.Member{
					ID: k.ID().String(), Name: name, Roles: []hotline.Role{hotline.RoleAdministrator}, Recipient: recipient, Key: k, Authority: authority.Public(),
				}
			}
			h := intake.NewHouse(d, pinned)
			signedBy := func(want seal.Authority) {
				t.Helper()
				_, _, by, err := h.Manifest(ctx)
				if err != nil || len(by.Keys) != len(want.Keys) {
					t.Fatalf("signed by %d keys, want %d: %v", len(by.Keys), len(want.Keys), err)
				}
			}
			taken := manifest(1, first)
			signedBy(pinned) // no roster yet
			r := seal.Roster{Serial: 1, Recovery: recipient, RecoveryKey: sheets.Public(), Members: []seal.Member{member("a", first)}}
			r.Authority = r.NextAuthority()
			s, err := seal.SignRoster(r, first)
			keep("roster", 1, s, err)
			signedBy(pinned)
			r.Serial, r.Manifest = 2, taken.Hash()
			r.Members = append(r.Members, member("b", second), member("c", third))
			r.Authority = r.NextAuthority()
			s, err = seal.SignRoster(r, first)
			keep("roster", 2, s, err)
			signedBy(pinned) // taken over: pages go on to be stamped for the first
			manifest(2, second, third)
			signedBy(r.Authority)
			h = intake.NewHouse(d, pinned) // after a restart
			signedBy(r.Authority)
			now, before, err := h.Authorities(ctx)
			if err != nil || len(now.Keys) != len(r.Authority.Keys) || len(before) != 1 || len(before[0].Keys) != 1 {
				t.Errorf("the chain leads to %+v after %+v: %v", now, before, err)
			}
			manifest(3, first)
			if _, _, _, err := h.Manifest(ctx); hotline.KindOf(err) != hotline.KindForged {
				t.Errorf("one administrator alone: %v", err)
			}
		})
	}
}
