package seal

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"safeconduct/internal/hotline"
)

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func newContact(t testing.TB) Contact {
	t.Helper()
	return must(contactFrom(bytes.Repeat([]byte{7}, SeedSize)))(t)
}

func TestIdentityFromSeedIsTheAgeIdentity(t *testing.T) {
	t.Parallel()
	want := must(NewIdentity())(t)
	parsed := must(age.ParseHybridIdentity(want.Secret()))(t)
	if parsed.Recipient().String() != want.Recipient().String() {
		t.Error("recipients differ")
	}
	id := must(IdentityFromSeed(bytes.Repeat([]byte{9}, SeedSize)))(t)
	if _, err := age.ParseHybridIdentity(id.Secret()); err != nil || !strings.HasPrefix(id.Secret(), "AGE-SECRET-KEY-PQ-1") {
		t.Error(err)
	}
}

func TestRecordRoundTrip(t *testing.T) {
	t.Parallel()
	c, s0 := newContact(t), must(NewIdentity())(t)
	h := RecordHeader{Case: c.CaseID(), Side: hotline.SideContact, Seen: -1, Hour: 5}
	for _, n := range []int{1, 400, 3000, 15000} {
		body := must(NewBody(strings.Repeat("ж", n/2), "ru"))(t)
		rec := must(SignRecord(h, body, c.Signing))(t)
		file := must(rec.Seal(s0.Recipient()))(t)
		if err := CheckFile(file); err != nil {
			t.Fatal(err)
		}
		got := must(OpenRecord(s0, file))(t)
		if !reflect.DeepEqual(got.Body, body) || !got.SignedBy(c.Signing.Public()) || !reflect.DeepEqual(got.Header, rec.Header) {
			t.Errorf("%d: record changed", n)
		}
		if got.SignedBy(must(NewSigningKey())(t).Public()) {
			t.Error("signed by a stranger")
		}
	}
	long := must(NewBody(strings.Repeat("ж", 9000), "ru"))(t)
	rec := must(SignRecord(h, long, c.Signing))(t)
	if _, err := rec.Seal(s0.Recipient()); hotline.KindOf(err) != hotline.KindInvalid {
		t.Errorf("too long: %v", err)
	}
}

func TestEnvelopeRoundTrip(t *testing.T) {
	t.Parallel()
	intake := must(NewIdentity())(t)
	for _, n := range []int{0, 10, 5000, 40000} {
		part := bytes.Repeat([]byte{1, 0}, n/2)
		file, key, err := NewEnvelope(intake.Recipient(), Call{Op: OpSend}, part, []byte("x"))
		if err != nil {
			t.Fatal(err)
		}
		e := must(OpenEnvelope(intake, file))(t)
		if !bytes.Equal(e.Parts[0], part) || string(e.Parts[1]) != "x" {
			t.Error("parts changed")
		}
		sealed := must(e.SealAnswer(Answer{Status: StatusReceived}))(t)
		a, _, err := key.Open(sealed)
		if err != nil || a.Status != StatusReceived || len(sealed) != 1024+28 {
			t.Error(err, len(sealed))
		}
		sealed[20] ^= 1
		if _, _, err := key.Open(sealed); hotline.KindOf(err) != hotline.KindForged {
			t.Error(err)
		}
	}
}

func TestChallenge(t *testing.T) {
	t.Parallel()
	now := time.Unix(1700000000, 0)
	c := NewChallenger(bytes.Repeat([]byte{1}, 32))
	p := Post{Challenge: must(c.New(8, now.Add(time.Hour)))(t), Envelope: []byte("envelope")}
	p.Solve()
	parsed := must(ParsePost(p.Bytes()))(t)
	if err := c.Check(parsed, now); err != nil {
		t.Fatal(err)
	}
	if err := c.Check(parsed, now.Add(2*time.Hour)); hotline.KindOf(err) != hotline.KindConflict {
		t.Error(err)
	}
	parsed.Challenge[1] = 0
	if err := c.Check(parsed, now); hotline.KindOf(err) != hotline.KindConflict {
		t.Error(err)
	}
}

func TestRecoveryAnyKSheets(t *testing.T) {
	t.Parallel()
	r := must(NewRecovery(2, 3))(t)
	if len(r.Parts) != 3 {
		t.Fatal(len(r.Parts))
	}
	key := must(JoinSheets(r.Parts["recovery-1-3.age"], r.Sheets[0], r.Sheets[2]))(t)
	if key.Secret() != r.Key.Secret() {
		t.Error("another key")
	}
	if _, err := JoinSheets(r.Parts["recovery-1-3.age"], r.Sheets[0], r.Sheets[1]); err == nil {
		t.Error("the wrong sheets open")
	}
	if _, err := JoinSheets(r.Parts["recovery-1-3.age"], r.Sheets[0]); err == nil {
		t.Error("one sheet opens")
	}
}

func TestKeyFile(t *testing.T) {
	t.Parallel()
	k := KeyFile{
		Name: "Vesna", Identity: must(NewIdentity())(t), Signing: must(NewSigningKey())(t), TLS: must(NewSigningKey())(t),
		Authority: must(NewSigningKey())(t), Server: "127.0.0.1:1", Trust: Authority{Threshold: 1},
	}
	file := must(k.Lock("correct horse", 10))(t)
	got := must(Unlock(file, "correct horse"))(t)
	if got.Identity.Secret() != k.Identity.Secret() || got.Authority.Public() != k.Authority.Public() || got.Name != k.Name {
		t.Error("changed")
	}
	if _, err := Unlock(file, "wrong"); hotline.KindOf(err) != hotline.KindDenied {
		t.Error(err)
	}
	if _, err := Unlock(file[:40], "correct horse"); hotline.KindOf(err) != hotline.KindInvalid {
		t.Error(err)
	}
}

func TestDocuments(t *testing.T) {
	t.Parallel()
	a1, a2 := must(NewSigningKey())(t), must(NewSigningKey())(t)
	id, key := must(NewIdentity())(t), must(NewSigningKey())(t)
	m := Manifest{
		Serial: 1, Intake: id.Recipient(), Expires: 10, UseUntil: 20, Routes: []string{"http://localhost:1"},
		Teams: map[hotline.Team]TeamKey{hotline.TeamDesk: {1, id.Recipient(), key.Public()}},
	}
	two := Authority{Keys: []PublicKey{a1.Public(), a2.Public()}, Threshold: 2}
	both := must(SignManifest(m, a1, a2))(t)
	got := must(VerifyManifest(both.Text(), two))(t)
	if got.Teams[hotline.TeamDesk].ReplyKey != key.Public() {
		t.Error("changed")
	}
	one := must(SignManifest(m, a1))(t)
	if _, err := VerifyManifest(one.Text(), two); hotline.KindOf(err) != hotline.KindForged {
		t.Error(err)
	}
	if _, err := VerifyManifest(one.Text(), Authority{Keys: []PublicKey{a1.Public(), a1.Public()}, Threshold: 2}); hotline.KindOf(err) != hotline.KindForged {
		t.Error("one key counts twice")
	}
	r := Roster{Serial: 1, Authority: two, Recovery: id.Recipient()}
	for i, a := range two.Keys {
		k := must(NewSigningKey())(t).Public()
		r.Members = append(r.Members, Member{
			ID: k.ID().String(), Name: string(rune('A' + i)), Roles: []hotline.Role{hotline.RoleAdministrator}, Recipient: id.Recipient(), Key: k, Authority: a,
		})
	}
	if _, err := VerifyRoster(must(SignRoster(r, a1, a2))(t).Text(), two); err != nil {
		t.Error(err)
	}
	if _, err := VerifyRoster(must(SignManifest(m, a1, a2))(t).Text(), two); err == nil {
		t.Error("a manifest passes for a roster")
	}
}

func TestPageList(t *testing.T) {
	t.Parallel()
	a := must(NewSigningKey())(t)
	trust := Authority{Keys: []PublicKey{a.Public()}, Threshold: 1}
	list := must(SignPageList(PageList{Hour: 5, Pages: []Hash{{1}, {2}}}, a))(t)
	got := must(VerifyPageList(list.Text(), trust))(t)
	if !got.Has(Hash{2}) || got.Has(Hash{3}) || got.Hour != 5 {
		t.Error("changed")
	}
	stranger := must(SignPageList(PageList{Pages: []Hash{{1}}}, must(NewSigningKey())(t)))(t)
	if _, err := VerifyPageList(stranger.Text(), trust); hotline.KindOf(err) != hotline.KindForged {
		t.Error(err)
	}
}

func TestTeamSecretAndWraps(t *testing.T) {
	t.Parallel()
	o, secret := must(NewIdentity())(t), must(NewTeamSecret(hotline.TeamDesk, 3))(t)
	wrap := must(secret.Wrap(o.Recipient()))(t)
	got := must(OpenTeamSecret(o, wrap, hotline.TeamDesk, secret.Public()))(t)
	if got.Reply.Public() != secret.Reply.Public() {
		t.Error("changed")
	}
	other := must(NewTeamSecret(hotline.TeamDesk, 3))(t)
	if _, err := OpenTeamSecret(o, must(other.Wrap(o.Recipient()))(t), hotline.TeamDesk, secret.Public()); hotline.KindOf(err) != hotline.KindForged {
		t.Error(err)
	}
}

func TestStatement(t *testing.T) {
	t.Parallel()
	s0, op := must(NewIdentity())(t), must(NewSigningKey())(t)
	people := 11
	st, file, err := SignStatement(Statement{Act: ActFacts}, &StatementBody{Salt: "00", People: &people, Language: "ru"}, s0.Recipient(), op)
	if err != nil {
		t.Fatal(err)
	}
	if _, s, err := ParseStatement(st.Text()); err != nil || !StatementSignedBy(s, op.Public()) {
		t.Error(err)
	}
	body, err := OpenStatementBody(s0, file, st)
	if err != nil || *body.People != 11 {
		t.Error(err)
	}
}

func TestFingerprintAndWord(t *testing.T) {
	t.Parallel()
	f := must(Fingerprint(Authority{Threshold: 1}, []byte("bundle")))(t)
	if len(strings.ReplaceAll(f, " ", "")) != 31 {
		t.Error(f)
	}
	h := must(HashWord(" Берёза  белая "))(t)
	if !CheckWord(h, "береза белая") || CheckWord(h, "береза") || CheckWord("x", "x") {
		t.Error("word")
	}
}

func TestSecretsCannotBePrinted(t *testing.T) {
	t.Parallel()
	id, k := must(NewIdentity())(t), must(NewSigningKey())(t)
	shown := fmt.Sprintf("%v %+v %#v %s %v %#v", id, id, id, id, k, k)
	if strings.Contains(shown, id.Secret()) || strings.Contains(shown, "PrivateKey") {
		t.Error("a secret shows")
	}
}

func TestClassicRecipientsAreRefused(t *testing.T) {
	t.Parallel()
	classic := must(age.GenerateX25519Identity())(t)
	if _, err := ParseRecipient(classic.Recipient().String()); err == nil {
		t.Error("a classic recipient is accepted")
	}
	var b bytes.Buffer
	w := must(age.Encrypt(&b, classic.Recipient()))(t)
	w.Write([]byte("x"))
	w.Close()
	if err := CheckFile(b.Bytes()); err == nil {
		t.Error("a classic file is accepted")
	}
}

func TestPadme(t *testing.T) {
	t.Parallel()
	for in, want := range map[int64]int64{0: 0, 1: 1, 9: 10, 1000: 1024, 26214400: 26214400, 1000001: 1015808} {
		if got := Padme(in); got != want {
			t.Errorf("Padme(%d) = %d, want %d", in, got, want)
		}
	}
}
