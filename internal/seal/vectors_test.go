package seal

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"safeconduct/internal/hotline"
)

var update = flag.Bool("update", false, "write testdata/vectors.json anew")

const vectorFile = "testdata/vectors.json"

// vectors is one file of test vectors that Go and the contact page read.
// Files sealed by age are not deterministic; they stand here as they came
// once, and both sides must open them.
type vectors struct {
	About    string            `json:"about"`
	Codes    []codeVector      `json:"codes"`
	Receipts []receiptVector   `json:"receipts"`
	Signed   []signedVector    `json:"signed"`
	Wraps    []wrapVector      `json:"wraps"`
	Records  []recordVector    `json:"records"`
	Files    []fileVector      `json:"files"`
	Calls    []envelopeVector  `json:"envelopes"`
	Work     []workVector      `json:"work"`
	Manifest []manifestVector  `json:"manifests"`
	Sizes    []sizeVector      `json:"sizes"`
	Objects  objectVectors     `json:"objects"`
	Phrases  []phraseVector    `json:"phrases"`
	Handles  []handleVector    `json:"handles"`
	Padme    map[string]int64  `json:"padme"`
	Keys     map[string]string `json:"keys"`
}

type codeVector struct {
	Kind   string `json:"kind"` // receipt or channel_code
	Typed  string `json:"typed"`
	Digits string `json:"digits"` // "" when it is refused
	Error  string `json:"error"`  // length, character, check
}

type receiptVector struct {
	Receipt   string `json:"receipt"`
	Desk      string `json:"desk"`
	Lookup    string `json:"lookup"`
	Identity  string `json:"identity"`
	Recipient string `json:"recipient"`
	Key       string `json:"key"`
	Seed      string `json:"signing_seed"`
	Code      string `json:"code"`
	Case      string `json:"case"`
}

type signedVector struct {
	Name string `json:"name"`
	Kind string `json:"kind"`
	Text string `json:"text"`
	Key  string `json:"key"`
	Good bool   `json:"good"`
	Hash string `json:"hash"`
}

type wrapVector struct {
	Holder    string `json:"holder"` // identity that opens it
	File      string `json:"file"`
	Recipient string `json:"recipient"` // of the identity inside
}

type recordVector struct {
	Name     string `json:"name"`
	Identity string `json:"identity"`
	File     string `json:"file"`
	Key      string `json:"key"` // who signed
	Good     bool   `json:"good"`
	Text     string `json:"text"`
	Side     string `json:"side"`
	Seq      int64  `json:"seq"`
}

type fileVector struct {
	Name string `json:"name"`
	File string `json:"file"`
	Good bool   `json:"good"` // shape only
}

type envelopeVector struct {
	Identity string   `json:"identity"`
	File     string   `json:"file"`
	Op       string   `json:"op"`
	Parts    []string `json:"parts"`
	Key      string   `json:"key"` // seals the answer
	Answer   string   `json:"answer"`
	Status   string   `json:"status"`
}

type workVector struct {
	Challenge string `json:"challenge"`
	Envelope  string `json:"envelope"`
	Nonce     string `json:"nonce"`
	Work      int    `json:"work"`
}

type manifestVector struct {
	Name      string    `json:"name"`
	Text      string    `json:"text"`
	Authority Authority `json:"authority"`
	Good      bool      `json:"good"`
	Serial    int64     `json:"serial"`
}

func b64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

func unb64(t testing.TB, s string) []byte {
	t.Helper()
	return must(base64.StdEncoding.DecodeString(s))(t)
}

func TestVectors(t *testing.T) {
	t.Parallel()
	if *update {
		writeVectors(t)
	}
	var v vectors
	if err := json.Unmarshal(must(os.ReadFile(vectorFile))(t), &v); err != nil {
		t.Fatal(err)
	}
	checkCodes(t, v.Codes)
	checkReceipts(t, v.Receipts)
	checkChats(t, v)
	for _, s := range v.Signed {
		parsed, err := ParseSigned([]byte(s.Text))
		var key PublicKey
		if uerr := key.UnmarshalText([]byte(s.Key)); uerr != nil {
			t.Fatal(uerr)
		}
		if good := err == nil && parsed.SignedBy(s.Kind, key); good != s.Good {
			t.Errorf("signed %s: %v", s.Name, err)
		} else if good && parsed.Hash().String() != s.Hash {
			t.Errorf("signed %s: hash", s.Name)
		}
	}
	for _, w := range v.Wraps {
		r := must(ParseRecipient(w.Recipient))(t)
		must(UnwrapIdentity(must(ParseIdentity(w.Holder))(t), unb64(t, w.File), r))(t)
	}
	checkRecords(t, v.Records)
	for _, f := range v.Files {
		if err := CheckFile(unb64(t, f.File)); (err == nil) != f.Good {
			t.Errorf("file %s: %v", f.Name, err)
		}
	}
	checkEnvelopes(t, v.Calls)
	checkObjects(t, v)
	for i, w := range v.Work {
		p := Post{unb64(t, w.Challenge), unb64(t, w.Nonce), unb64(t, w.Envelope)}
		if p.Work() != w.Work {
			t.Errorf("work %d: %d", i, p.Work())
		}
	}
	for _, m := range v.Manifest {
		got, err := VerifyManifest([]byte(m.Text), m.Authority)
		if (err == nil) != m.Good || (err == nil && got.Serial != m.Serial) {
			t.Errorf("manifest %s: %v", m.Name, err)
		}
	}
}

func checkCodes(t *testing.T, codes []codeVector) {
	reasons := map[error]string{hotline.ErrCodeLength: "length", hotline.ErrCodeCharacter: "character", hotline.ErrCodeCheck: "check"}
	for _, c := range codes {
		var digits string
		var err error
		if c.Kind == "receipt" {
			var r hotline.Receipt
			r, err = hotline.ParseReceipt(c.Typed)
			digits = r.Digits()
		} else {
			var code hotline.ChannelCode
			code, err = hotline.ParseChannelCode(c.Typed)
			digits = code.Digits()
		}
		why := ""
		for e, name := range reasons {
			if errors.Is(err, e) {
				why = name
			}
		}
		if digits != c.Digits || why != c.Error {
			t.Errorf("code %q: %q %v", c.Typed, digits, err)
		}
	}
}

func checkReceipts(t *testing.T, receipts []receiptVector) {
	for _, r := range receipts {
		var desk DeskID
		if err := desk.UnmarshalText([]byte(r.Desk)); err != nil {
			t.Fatal(err)
		}
		c := must(DeriveContact(must(hotline.ParseReceipt(r.Receipt))(t), desk))(t)
		got := receiptVector{
			r.Receipt, r.Desk, c.Lookup.String(), c.Identity.Secret(), c.Identity.Recipient().String(),
			c.Signing.Public().String(), hex.EncodeToString(c.Signing.Seed()), c.Code.Digits(), c.CaseID().String(),
		}
		if got != r {
			t.Errorf("receipt: got %+v", got)
		}
	}
}

func checkRecords(t *testing.T, records []recordVector) {
	for _, r := range records {
		rec, err := OpenRecord(must(ParseIdentity(r.Identity))(t), unb64(t, r.File))
		var key PublicKey
		if uerr := key.UnmarshalText([]byte(r.Key)); uerr != nil {
			t.Fatal(uerr)
		}
		good := err == nil && rec.SignedBy(key)
		if good != r.Good {
			t.Errorf("record %s: %v", r.Name, err)
		} else if good && (rec.Body.Text != r.Text || string(rec.Header.Side) != r.Side || rec.Header.Seq != r.Seq) {
			t.Errorf("record %s: changed", r.Name)
		}
	}
}

func checkEnvelopes(t *testing.T, calls []envelopeVector) {
	for _, c := range calls {
		file := unb64(t, c.File)
		e := must(OpenEnvelope(must(ParseIdentity(c.Identity))(t), file))(t)
		var parts []string
		for _, p := range e.Parts {
			parts = append(parts, b64(p))
		}
		if e.Call.Op != c.Op || strings.Join(parts, " ") != strings.Join(c.Parts, " ") || e.Call.Key != c.Key {
			t.Errorf("envelope %s changed", c.Op)
		}
		key := AnswerKey{must(hex.DecodeString(c.Key))(t), e.Hash}
		a, _, err := key.Open(unb64(t, c.Answer))
		if err != nil || a.Status != c.Status {
			t.Errorf("answer %s: %v", c.Op, err)
		}
	}
}

func writeVectors(t *testing.T) {
	v := vectors{
		About: "Test vectors of docs/sealing.md, read by Go and by the contact page. Binary values are base64.",
		Padme: map[string]int64{"9": 10, "1000": 1024, "1000001": 1015808, "26214400": 26214400},
		Keys:  map[string]string{},
	}
	seed := func(n byte) []byte { return bytes.Repeat([]byte{n}, SeedSize) }
	id := func(n byte) Identity { return must(IdentityFromSeed(seed(n)))(t) }
	sk := func(n byte) SigningKey { return must(SigningKeyFromSeed(seed(n)))(t) }
	v.Keys["identity of seed 01…01"] = id(1).Secret()
	v.Phrases, v.Handles = chatVectors(t, id(1).Secret())
	v.Keys["recipient of seed 01…01"] = id(1).Recipient().String()
	v.Keys["key id of signing seed 02…02"] = sk(2).Public().ID().String()
	writeCodeVectors(&v)
	contact := writeReceiptVectors(t, &v)
	writeSignedVectors(t, &v, contact, sk(2))
	s0 := id(3)
	v.Wraps = append(v.Wraps, wrapVector{id(1).Secret(), b64(must(WrapIdentity(id(1).Recipient(), s0))(t)), s0.Recipient().String()})
	writeRecordVectors(t, &v, contact, s0, sk(2))
	writeEnvelopeVectors(t, &v, id(4))
	writeObjectVectors(t, &v, id(3))
	c := NewChallenger(seed(5))
	for bits := range 3 {
		p := Post{Challenge: must(c.New(4*bits, time.Unix(1800000000, 0)))(t), Envelope: []byte("an envelope")}
		p.Solve()
		v.Work = append(v.Work, workVector{b64(p.Challenge), b64(p.Envelope), b64(p.Nonce), p.Work()})
	}
	m := Manifest{
		Desk: DeskID(seed(6)[:16]), Serial: 7, Hour: 490000, Expires: 491000, UseUntil: 495000,
		Routes: []string{"http://localhost:8080"}, Channels: []ChannelAddress{{hotline.ChannelTelegram, "@example_bot"}},
		Intake: id(4).Recipient(), Teams: map[hotline.Team]TeamKey{hotline.TeamDesk: {1, id(1).Recipient(), sk(2).Public()}},
		ReplyKeys: []PublicKey{sk(2).Public()}, GatewayKey: sk(8).Public(), Gateway: id(8).Recipient(),
	}
	one := Authority{Keys: []PublicKey{sk(9).Public()}, Threshold: 1}
	two := Authority{Keys: []PublicKey{sk(9).Public(), sk(10).Public()}, Threshold: 2}
	text := string(must(SignManifest(m, sk(9)))(t).Text())
	v.Manifest = []manifestVector{
		{"one of one", text, one, true, 7},
		{"one of two", text, two, false, 7},
		{"two of two", string(must(SignManifest(m, sk(9), sk(10)))(t).Text()), two, true, 7},
		{"changed", strings.Replace(text, `"serial":7`, `"serial":8`, 1), one, false, 8},
		{"unknown field", strings.Replace(text, `{"v":1`, `{"extra":1,"v":1`, 1), one, false, 7},
	}
	out := must(json.MarshalIndent(v, "", " "))(t)
	if err := os.WriteFile(vectorFile, append(out, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

func writeCodeVectors(v *vectors) {
	r := "006602920167446908096267" // the check digits come below
	for c := range 97 {
		try := r[:22] + string([]byte{byte('0' + c/10), byte('0' + c%10)})
		if _, err := hotline.ParseReceipt(try); err == nil {
			r = try
			break
		}
	}
	code := hotline.ChannelCodeOf(1234567890).Digits()
	arabic := strings.NewReplacer("0", "٠", "1", "١", "2", "٢", "3", "٣", "4", "٤", "5", "٥", "6", "٦", "7", "٧", "8", "٨", "9", "٩")
	persian := strings.NewReplacer("0", "۰", "1", "۱", "2", "۲", "3", "۳", "4", "۴", "5", "۵", "6", "۶", "7", "۷", "8", "۸", "9", "۹")
	grouped := r[:4] + " " + r[4:8] + "–" + r[8:12] + "-" + r[12:16] + "  " + r[16:20] + "." + r[20:]
	v.Codes = []codeVector{
		{"receipt", r, r, ""},
		{"receipt", grouped, r, ""},
		{"receipt", " " + arabic.Replace(grouped) + "\n", r, ""},
		{"receipt", persian.Replace(r), r, ""},
		{"receipt", r[:23], "", "length"},
		{"receipt", r + "1", "", "length"},
		{"receipt", "", "", "length"},
		{"receipt", "o" + r[1:], "", "character"},
		{"receipt", r[:10] + "²" + r[11:], "", "character"},
		{"receipt", r[:2] + "5" + r[3:], "", "check"},
		{"receipt", r[:4] + r[5:6] + r[4:5] + r[6:], "", "check"},
		{"channel_code", code, code, ""},
		{"channel_code", code[:4] + " " + code[4:8] + " " + code[8:], code, ""},
		{"channel_code", code[:11], "", "length"},
		{"channel_code", code[1:2] + code[:1] + code[2:], "", "check"},
	}
}

func writeReceiptVectors(t *testing.T, v *vectors) Contact {
	var last Contact
	for _, desk := range []DeskID{DeskID([]byte("desk-salt-16byte")), {1, 2, 3}} {
		r := must(hotline.ParseReceipt(v.Codes[0].Digits))(t)
		c := must(DeriveContact(r, desk))(t)
		v.Receipts = append(v.Receipts, receiptVector{
			r.Digits(), desk.String(), c.Lookup.String(), c.Identity.Secret(), c.Identity.Recipient().String(),
			c.Signing.Public().String(), hex.EncodeToString(c.Signing.Seed()), c.Code.Digits(), c.CaseID().String(),
		})
		last = c
	}
	return last
}

func writeSignedVectors(t *testing.T, v *vectors, c Contact, other SigningKey) {
	h := RecordHeader{Case: c.CaseID(), Side: hotline.SideContact, Seen: -1, Hour: 490001}
	rec := must(SignRecord(h, Body{Salt: strings.Repeat("ab", 16), Text: "«Да» <b>&\u2028"}, c.Signing))(t)
	text, key, hash := string(rec.Signed.Text()), c.Signing.Public().String(), rec.Signed.Hash().String()
	v.Signed = []signedVector{
		{"header", kindRecord, text, key, true, hash},
		{"another kind", kindRequest, text, key, false, hash},
		{"another key", kindRecord, text, other.Public().String(), false, hash},
		{"changed line", kindRecord, strings.Replace(text, `"seen":-1`, `"seen":-2`, 1), key, false, hash},
		{"cut", kindRecord, text[:len(text)-1], key, false, hash},
		{"unsigned", kindRecord, string(rec.Signed.Line) + "\n", key, false, hash},
		{"something after", kindRecord, text + "x", key, false, hash},
		{"signed twice", kindRecord, text + strings.SplitAfter(text, "\n")[1], key, false, hash},
	}
	two := rec.Signed
	two.Add(kindRecord, other)
	v.Signed = append(v.Signed,
		signedVector{"two signers, first", kindRecord, string(two.Text()), key, true, hash},
		signedVector{"two signers, second", kindRecord, string(two.Text()), other.Public().String(), true, hash})
	g := Generation{
		Case: c.CaseID(), Team: hotline.TeamDesk, Epoch: 1, Recipient: must(IdentityFromSeed(bytes.Repeat([]byte{3}, 32)))(t).Recipient(),
		ContactKey: c.Signing.Public(), ContactRecipient: c.Identity.Recipient(), Hour: 490001,
	}
	s := must(SignGeneration(g, c.Signing))(t)
	v.Signed = append(v.Signed, signedVector{"generation", kindGeneration, string(s.Text()), key, true, s.Hash().String()})
}

func writeRecordVectors(t *testing.T, v *vectors, c Contact, s0 Identity, other SigningKey) {
	add := func(name, text string, side hotline.Side, seq int64, signer SigningKey, checked PublicKey, good bool) []byte {
		h := RecordHeader{Case: c.CaseID(), Side: side, Seq: seq, Seen: -1, Hour: 490001}
		if seq > 0 {
			h.Prev = Hash{1}
		}
		rec := must(SignRecord(h, must(NewBody(text, "ru"))(t), signer))(t)
		file := must(rec.Seal(s0.Recipient()))(t)
		v.Records = append(v.Records, recordVector{name, s0.Secret(), b64(file), checked.String(), good, text, string(side), seq})
		return file
	}
	file := add("short", "Здравствуйте. Это правда не ловушка?", hotline.SideContact, 0, c.Signing, c.Signing.Public(), true)
	add("8 KiB", strings.Repeat("Ї є ґ ў. ", 400), hotline.SideContact, 3, c.Signing, c.Signing.Public(), true)
	add("from the desk", "Так, гэта датычыцца і вас.", hotline.SideDesk, 0, other, other.Public(), true)
	add("signed by a stranger", "Нет.", hotline.SideDesk, 1, other, c.Signing.Public(), false)
	broken := bytes.Clone(file)
	broken[len(broken)-1] ^= 1
	v.Records = append(v.Records, recordVector{"last byte changed", s0.Secret(), b64(broken), c.Signing.Public().String(), false, "", "contact", 0})
	v.Records = append(v.Records, recordVector{"cut", s0.Secret(), b64(file[:len(file)-20]), c.Signing.Public().String(), false, "", "contact", 0})
	mixed := bytes.Replace(file, []byte("\n--- "), []byte("\n-> X25519 "+strings.Repeat("A", 43)+"\n"+strings.Repeat("A", 43)+"\n--- "), 1)
	classic := bytes.Replace(file, []byte("mlkem768x25519"), []byte("X25519"), 1)
	v.Files = []fileVector{
		{"good", b64(file), true},
		{"mixed recipients", b64(mixed), false},
		{"classic recipient", b64(classic), false},
		{"no payload", b64(file[:bytes.Index(file, []byte("\n---"))+60]), false},
		{"empty", "", false},
	}
}

func writeEnvelopeVectors(t *testing.T, v *vectors, intake Identity) {
	for _, op := range []string{OpNew, OpSend, OpOpen, OpFetch, OpPutAway} {
		parts := [][]byte{[]byte("one"), bytes.Repeat([]byte{0xff, 0}, 3000)}
		file, _, err := NewEnvelope(intake.Recipient(), Call{Op: op}, parts...)
		if err != nil {
			t.Fatal(err)
		}
		e := must(OpenEnvelope(intake, file))(t)
		answer := must(e.SealAnswer(Answer{Status: StatusReceived}))(t)
		v.Calls = append(v.Calls, envelopeVector{
			intake.Secret(), b64(file), op, []string{b64(parts[0]), b64(parts[1])}, e.Call.Key, b64(answer), StatusReceived,
		})
	}
}
