package intake_test

import (
	"bytes"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

// contents is what may not change when something is refused.
type contents struct {
	cases []string // version and number of records
}

func (h *house) contents() (c contents) {
	h.t.Helper()
	for _, row := range h.cases() {
		c.cases = append(c.cases, strconv.FormatInt(row.Version, 10)+" "+strconv.Itoa(len(h.records(hotline.CaseID(row.ID)))))
	}
	return c
}

// Every way to spoil a new case is refused inside the sealed answer, and
// nothing is kept.
func TestNewIsRefused(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		other := must[seal.SigningKey](t)(seal.NewSigningKey())
		known := h.draft().finish(t)
		if r := h.send(known); r.answer.Status != seal.StatusReceived {
			t.Fatalf("the base case: %+v", r)
		}
		before := h.contents()
		for name, spoil := range map[string]func(d *draft){
			"generation signed by another": func(d *draft) { d.genBy = []seal.SigningKey{other}; d.finish(t) },
			"generation signed by two":     func(d *draft) { d.genBy = append(d.genBy, other); d.finish(t) },
			"generation one":               func(d *draft) { d.gen.Gen, d.gen.Prev = 1, seal.Hash{1}; d.finish(t) },
			"case id of other keys":        func(d *draft) { d.gen.Case[0] ^= 1; d.header.Case = d.gen.Case; d.finish(t) },
			"no contact keys": func(d *draft) {
				d.gen.ContactKey, d.gen.ContactRecipient = seal.PublicKey{}, seal.Recipient{}
				d.finish(t)
			},
			"unknown team":                        func(d *draft) { d.gen.Team = hotline.TeamField; d.finish(t) },
			"epoch of the future":                 func(d *draft) { d.gen.Epoch = 3; d.finish(t) },
			"epoch that was never there":          func(d *draft) { d.gen.Epoch = 1; d.finish(t) },
			"generation too old":                  func(d *draft) { d.gen.Hour -= 337; d.finish(t) },
			"record too old":                      func(d *draft) { d.header.Hour -= 337; d.finish(t) },
			"record of the future":                func(d *draft) { d.header.Hour += 337; d.finish(t) },
			"header of another case":              func(d *draft) { d.header.Case = known.gen.Case; d.finish(t) },
			"header signed by another":            func(d *draft) { d.headerBy = []seal.SigningKey{other}; d.finish(t) },
			"header signed by two":                func(d *draft) { d.headerBy = append(d.headerBy, other); d.finish(t) },
			"header of the desk":                  func(d *draft) { d.header.Side = hotline.SideDesk; d.finish(t) },
			"header of a gateway":                 func(d *draft) { d.header.Side = hotline.SideGateway; d.finish(t) },
			"second record":                       func(d *draft) { d.header.Seq, d.header.Prev = 1, seal.Hash{1}; d.finish(t) },
			"sealed to a later generation":        func(d *draft) { d.header.Gen = 1; d.finish(t) },
			"a reply seen before the first":       func(d *draft) { d.header.Seen = 0; d.finish(t) },
			"no code":                             func(d *draft) { d.call.Code = "" },
			"code with wrong check digits":        func(d *draft) { d.call.Code = "123456789012" },
			"code with spaces":                    func(d *draft) { d.call.Code = d.call.Code[:4] + " " + d.call.Code[4:] },
			"a field of another operation":        func(d *draft) { d.call.Case = seal.CallCase{CaseID: d.gen.Case} },
			"ids":                                 func(d *draft) { d.call.IDs = []seal.Hash{{1}} },
			"too few parts":                       func(d *draft) { d.parts = d.parts[:3] },
			"too many parts":                      func(d *draft) { d.parts = append(d.parts, []byte("x")) },
			"empty parts":                         func(d *draft) { d.parts = make([][]byte, 4) },
			"garbage for a generation":            func(d *draft) { d.parts[0] = []byte("garbage") },
			"garbage for a wrap":                  func(d *draft) { d.parts[1] = random(len(d.parts[1])) },
			"garbage for a header":                func(d *draft) { d.parts[2] = []byte("{}\n") },
			"garbage for a record":                func(d *draft) { d.parts[3] = random(len(d.parts[3])) },
			"wrap with a classic recipient":       func(d *draft) { d.parts[1] = classicFile(t, len(d.parts[1])) },
			"wrap of more than a key":             func(d *draft) { d.parts[1] = must[[]byte](t)(seal.Encrypt(d.teamKey, make([]byte, 79))) },
			"record with a classic recipient":     func(d *draft) { d.parts[3] = classicFile(t, len(d.parts[3])) },
			"record with mixed recipients":        func(d *draft) { d.parts[3] = mixedFile(t, d.parts[3]) },
			"record with two recipients":          func(d *draft) { d.parts[3] = twoRecipients(t, d.s0, h.intakeKey) },
			"record that is not padded":           func(d *draft) { d.parts[3] = must[[]byte](t)(seal.Encrypt(d.s0.Recipient(), []byte("x"))) },
			"record cut short":                    func(d *draft) { d.parts[3] = d.parts[3][:1024+100] },
			"lookup of another case":              func(d *draft) { d.call.Lookup = known.keys.Lookup },
			"record of another case":              func(d *draft) { d.parts[3] = known.parts[3] },
			"the known case with another record":  func(d *draft) { *d = *known; d.parts = slices.Clone(known.parts); d.finish(t) },
			"the known case with another look-up": func(d *draft) { *d = *known; d.call.Lookup[0] ^= 1; d.header.Hour--; d.finish(t) },
		} {
			d := h.draft().finish(t)
			spoil(d)
			r := h.send(d)
			if r.status != 200 || r.answer.Status != seal.StatusRefused || r.answer.Text == "" || r.size != 1024+28 {
				t.Errorf("%s: %d %s %q", name, r.status, r.kind, r.answer.Status)
			}
		}
		if after := h.contents(); !slices.Equal(before.cases, after.cases) {
			t.Errorf("kept: %v, before %v", after.cases, before.cases)
		}
		if h.log.Len() != 0 && strings.Contains(h.log.String(), known.gen.Case.String()) {
			t.Error("the log names a case")
		}
	})
}

func TestSendIsRefused(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		other := must[seal.SigningKey](t)(seal.NewSigningKey())
		a, b := h.draft().finish(t), h.draft().finish(t)
		for _, d := range []*draft{a, b} {
			if r := h.send(d); r.answer.Status != seal.StatusReceived {
				t.Fatalf("the base cases: %+v", r)
			}
		}
		_, first, err := seal.ParseRecordHeader(a.parts[2])
		if err != nil {
			t.Fatal(err)
		}
		before := h.contents()
		type sending struct {
			id     hotline.CaseID
			header seal.RecordHeader
			by     []seal.SigningKey
			change func(*seal.Call, *[][]byte)
		}
		for name, spoil := range map[string]func(s *sending){
			"signed by another":       func(s *sending) { s.by = []seal.SigningKey{other} },
			"signed by another case":  func(s *sending) { s.by = []seal.SigningKey{b.keys.Signing} },
			"header of another case":  func(s *sending) { s.header.Case = b.gen.Case },
			"to another case":         func(s *sending) { s.id = b.gen.Case },
			"to no case":              func(s *sending) { s.id = hotline.CaseID{} },
			"a key that is not there": func(s *sending) { s.header.Gen = 1 },
			"too old":                 func(s *sending) { s.header.Hour -= 337 },
			"as the desk":             func(s *sending) { s.header.Side = hotline.SideDesk },
			"one part":                func(s *sending) { s.change = func(_ *seal.Call, p *[][]byte) { *p = (*p)[:1] } },
			"a lookup":                func(s *sending) { s.change = func(c *seal.Call, _ *[][]byte) { c.Lookup = a.keys.Lookup } },
			"the record of another case": func(s *sending) {
				s.change = func(_ *seal.Call, p *[][]byte) { (*p)[1] = b.parts[3] }
			},
			"not padded": func(s *sending) {
				s.change = func(_ *seal.Call, p *[][]byte) {
					(*p)[1] = must[[]byte](t)(seal.Encrypt(a.s0.Recipient(), make([]byte, 3000)))
				}
			},
		} {
			s := &sending{id: a.gen.Case, by: []seal.SigningKey{a.keys.Signing}, header: seal.RecordHeader{
				Case: a.gen.Case, Side: hotline.SideContact, Seq: 1, Prev: first.Hash(), Seen: -1, Hour: a.header.Hour,
			}}
			spoil(s)
			header, file := record(t, s.header, a.s0.Recipient(), s.by...)
			parts := [][]byte{header, file}
			call := seal.Call{Op: seal.OpSend, Case: seal.CallCase{CaseID: s.id}}
			if s.change != nil {
				s.change(&call, &parts)
			}
			envelope, key, err := seal.NewEnvelope(h.intakeKey.Recipient(), call, parts...)
			if err != nil {
				t.Fatal(err)
			}
			if r := h.deliver(envelope, key, nil); r.status != 200 || r.answer.Status != seal.StatusRefused {
				t.Errorf("%s: %d %q", name, r.status, r.answer.Status)
			}
		}
		// A case that is not there, or no longer, is answered as an unknown receipt is.
		gone := a.gen.Case
		gone[3] ^= 1
		header, file := record(t, seal.RecordHeader{
			Case: gone, Side: hotline.SideContact, Seq: 1, Prev: first.Hash(), Seen: -1, Hour: a.header.Hour,
		}, a.s0.Recipient(), a.keys.Signing)
		envelope, key, err := seal.NewEnvelope(h.intakeKey.Recipient(), seal.Call{Op: seal.OpSend, Case: seal.CallCase{CaseID: gone}}, header, file)
		if err != nil {
			t.Fatal(err)
		}
		if r := h.deliver(envelope, key, nil); r.status != 200 || r.answer.Status != seal.StatusUnknown {
			t.Errorf("to no known case: %d %q", r.status, r.answer.Status)
		}
		if after := h.contents(); !slices.Equal(before.cases, after.cases) {
			t.Errorf("kept: %v, before %v", after.cases, before.cases)
		}
	})
}

// open, fetch and putaway need the signature of the case's key over the
// operation, its arguments and the challenge of the same POST.
func TestRequestsAreRefused(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		d := h.draft().finish(t)
		if r := h.send(d); r.answer.Status != seal.StatusReceived {
			t.Fatalf("the base case: %+v", r)
		}
		h.reply(d.gen.Case, 0, seal.Hash{}, "reply")
		other := must[seal.SigningKey](t)(seal.NewSigningKey())
		after, lookup := int64(-1), d.keys.Lookup
		open := seal.Call{Op: seal.OpOpen, Lookup: lookup}
		fetch := seal.Call{Op: seal.OpFetch, Lookup: lookup, After: &after}
		away := seal.Call{Op: seal.OpPutAway, Lookup: lookup, IDs: []seal.Hash{{1}}}
		for name, c := range map[string]struct {
			call   seal.Call
			args   string
			signer seal.SigningKey
		}{
			"open signed by another":          {open, lookup.String(), other},
			"open over another lookup":        {open, seal.Lookup{1}.String(), d.keys.Signing},
			"open without a lookup":           {seal.Call{Op: seal.OpOpen}, "", d.keys.Signing},
			"open with ids":                   {seal.Call{Op: seal.OpOpen, Lookup: lookup, IDs: []seal.Hash{{1}}}, lookup.String(), d.keys.Signing},
			"fetch over another number":       {fetch, lookup.String() + " 0", d.keys.Signing},
			"fetch signed by another":         {fetch, lookup.String() + " -1", other},
			"fetch without a number":          {seal.Call{Op: seal.OpFetch, Lookup: lookup}, lookup.String() + " -1", d.keys.Signing},
			"putaway over other ids":          {away, lookup.String() + " " + seal.Hash{2}.String(), d.keys.Signing},
			"putaway signed by another":       {away, lookup.String() + " " + seal.Hash{1}.String(), other},
			"putaway of nothing":              {seal.Call{Op: seal.OpPutAway, Lookup: lookup}, lookup.String(), d.keys.Signing},
			"putaway of more than one should": {seal.Call{Op: seal.OpPutAway, Lookup: lookup, IDs: make([]seal.Hash, 65)}, lookup.String(), d.keys.Signing},
		} {
			if r := h.request(d.keys, c.call, c.args, c.signer); r.status != 200 || r.answer.Status != seal.StatusRefused {
				t.Errorf("%s: %d %q", name, r.status, r.answer.Status)
			}
		}
		// A request that was made for another challenge is worth nothing.
		req := must[seal.Signed](t)(seal.SignRequest(d.gen.Case, seal.OpOpen, []byte(lookup.String()), h.challenge(), d.keys.Signing))
		envelope, key, err := seal.NewEnvelope(h.intakeKey.Recipient(), open, req.Text())
		if err != nil {
			t.Fatal(err)
		}
		if r := h.deliver(envelope, key, h.challenge()); r.answer.Status != seal.StatusRefused {
			t.Errorf("another challenge: %q", r.answer.Status)
		}
		if row := h.row(d.gen.Case); row.UsedCount != 0 {
			t.Errorf("a refused request counts as a use: %d", row.UsedCount)
		}
		if r := h.request(d.keys, fetch, lookup.String()+" -1", d.keys.Signing); r.answer.Status != seal.StatusKnown {
			t.Errorf("the reply is gone: %q", r.answer.Status)
		}
	})
}

// What is wrong with the outside is an HTTP error and costs no key operation.
func TestPostIsRefused(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		d := h.draft().finish(t)
		envelope, _, err := seal.NewEnvelope(h.intakeKey.Recipient(), d.call, d.parts...)
		if err != nil {
			t.Fatal(err)
		}
		solved := func(challenge, envelope []byte) []byte {
			p := seal.Post{Challenge: challenge, Envelope: envelope}
			p.Solve()
			return p.Bytes()
		}
		now, hard := h.clock.Now(), seal.NewChallenger(bytes.Repeat([]byte{3}, 32))
		make1 := func(c seal.Challenger, bits int, expires time.Time) []byte {
			return must[[]byte](t)(c.New(bits, expires))
		}
		unworked := seal.Post{Challenge: make1(hard, 15, now.Add(time.Minute)), Envelope: envelope, Nonce: make([]byte, 8)}
		for unworked.Work() >= 15 {
			unworked.Nonce[0]++
		}
		spliced := slices.Clone(make1(hard, 15, now.Add(time.Minute)))
		spliced[1] = 0
		prolonged := slices.Clone(make1(hard, 0, now.Add(-time.Minute)))
		prolonged[9]++
		classed, _, err := seal.NewEnvelope(h.intakeKey.Recipient(), seal.Call{Op: "delete"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		good := h.challenge()
		for name, c := range map[string]struct {
			body   []byte
			status int
			kind   string
		}{
			"nothing":                        {nil, 400, "invalid"},
			"garbage":                        {random(5000), 400, "invalid"},
			"a head and nothing else":        {[]byte("SCE1"), 400, "invalid"},
			"an empty envelope":              {solved(good, nil), 400, "invalid"},
			"an envelope of garbage":         {solved(good, random(6000)), 400, "invalid"},
			"an envelope cut short":          {solved(good, envelope[:len(envelope)-1]), 400, "invalid"},
			"an envelope with a tail":        {solved(good, append(slices.Clone(envelope), 0)), 400, "invalid"},
			"an envelope to another key":     {solved(good, must[[]byte](t)(seal.Encrypt(d.teamKey, make([]byte, 4096)))), 400, "invalid"},
			"an envelope to a classic key":   {solved(good, classicFile(t, 6000)), 400, "invalid"},
			"an envelope to mixed keys":      {solved(good, mixedFile(t, envelope)), 400, "invalid"},
			"an envelope to two keys":        {solved(good, twoRecipients(t, h.intakeKey, h.team.Identity)), 400, "invalid"},
			"an envelope of no class":        {solved(good, must[[]byte](t)(seal.Encrypt(d.to, make([]byte, 4097)))), 400, "invalid"},
			"an operation that is not there": {solved(good, classed), 400, "invalid"},
			"lengths of parts that lie":      {solved(good, framed(t, d.to, `{"v":1,"op":"send","key":"`+strings.Repeat("a", 64)+`","parts":[9999999]}`)), 400, "invalid"},
			"lengths below zero":             {solved(good, framed(t, d.to, `{"v":1,"op":"send","key":"`+strings.Repeat("a", 64)+`","parts":[-1]}`)), 400, "invalid"},
			"too many parts":                 {solved(good, framed(t, d.to, `{"v":1,"op":"send","key":"`+strings.Repeat("a", 64)+`","parts":[`+strings.Repeat("0,", 16)+`0]}`)), 400, "invalid"},
			"a short answer key":             {solved(good, framed(t, d.to, `{"v":1,"op":"send","key":"aa","parts":[]}`)), 400, "invalid"},
			"no answer key":                  {solved(good, framed(t, d.to, `{"v":1,"op":"send","parts":[]}`)), 400, "invalid"},
			"an unknown field":               {solved(good, framed(t, d.to, `{"v":1,"op":"send","key":"`+strings.Repeat("a", 64)+`","parts":[],"x":1}`)), 400, "invalid"},
			"a field said twice":             {solved(good, framed(t, d.to, `{"v":1,"v":1,"op":"send","key":"`+strings.Repeat("a", 64)+`","parts":[]}`)), 400, "invalid"},
			"too large":                      {append(solved(good, envelope), make([]byte, 1_200_000)...), 413, "invalid"},
			"as large as an attachment":      {append(solved(good, envelope), make([]byte, 70_000)...), 400, "invalid"},
			"no work":                        {unworked.Bytes(), 400, "invalid"},
			"a challenge of another server":  {solved(make1(seal.NewChallenger(random(32)), 0, now.Add(time.Minute)), envelope), 409, "conflict"},
			"an expired challenge":           {solved(make1(hard, 0, now.Add(-time.Minute)), envelope), 409, "conflict"},
			"a challenge with less work":     {solved(spliced, envelope), 409, "conflict"},
			"a challenge with a longer life": {solved(prolonged, envelope), 409, "conflict"},
			"a challenge of another version": {solved(append([]byte{2}, good[1:]...), envelope), 409, "conflict"},
			"a challenge of random bytes":    {solved(append([]byte{1, 0}, random(40)...), envelope), 409, "conflict"},
			"the work of another challenge":  {seal.Post{Challenge: make1(hard, 15, now.Add(time.Minute)), Nonce: unworked.Nonce, Envelope: classed}.Bytes(), 400, "invalid"},
			"the work of another envelope":   {otherEnvelope(hardPost(t, make1(hard, 15, now.Add(time.Minute)), envelope), classed), 400, "invalid"},
		} {
			if r := h.postBody(c.body, nil); r.status != c.status || r.kind != c.kind {
				t.Errorf("%s: %d %q, want %d %q", name, r.status, r.kind, c.status, c.kind)
			}
		}
		if n := len(h.cases()); n != 0 {
			t.Errorf("%d cases", n)
		}
		// The same envelope with work that was done is kept.
		if r := h.postBody(hardPost(t, make1(hard, 12, now.Add(time.Minute)), envelope).Bytes(), nil); r.status != 200 || len(h.cases()) != 1 {
			t.Errorf("an honest one: %d %s", r.status, r.kind)
		}
	})
}

func hardPost(t testing.TB, challenge, envelope []byte) seal.Post {
	t.Helper()
	p := seal.Post{Challenge: challenge, Envelope: envelope}
	p.Solve()
	return p
}

// otherEnvelope keeps the nonce; by chance (2^-15) it might fit, so it is made not to.
func otherEnvelope(p seal.Post, envelope []byte) []byte {
	for p.Envelope = envelope; p.Work() >= int(p.Challenge[1]); {
		p.Nonce[7]++
	}
	return p.Bytes()
}

func framed(t testing.TB, to seal.Recipient, line string) []byte {
	t.Helper()
	plain := append([]byte(line), '\n')
	return must[[]byte](t)(seal.Encrypt(to, append(plain, make([]byte, 4096-len(plain))...)))
}

// classicFile is sealed to a classic recipient and has n bytes.
func classicFile(t testing.TB, n int) []byte {
	t.Helper()
	classic := must[*age.X25519Identity](t)(age.GenerateX25519Identity())
	return ageFile(t, n-200, classic.Recipient())
}

func ageFile(t testing.TB, n int, to ...age.Recipient) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := age.Encrypt(&b, to...)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = w.Write(make([]byte, n))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func twoRecipients(t testing.TB, a, b seal.Identity) []byte {
	t.Helper()
	x := must[*age.HybridRecipient](t)(age.ParseHybridRecipient(a.Recipient().String()))
	y := must[*age.HybridRecipient](t)(age.ParseHybridRecipient(b.Recipient().String()))
	return ageFile(t, 4096, x, y)
}

// mixedFile slips a classic stanza into the header of a file.
func mixedFile(t testing.TB, file []byte) []byte {
	t.Helper()
	classic := classicFile(t, 5000)
	from, to := bytes.Index(classic, []byte("-> ")), bytes.Index(classic, []byte("--- "))
	at := bytes.Index(file, []byte("--- "))
	return slices.Concat(file[:at], classic[from:to], file[at:])
}

// An earlier epoch is taken as long as somebody can still open it.
func TestEarlierEpoch(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		err := h.db.Update(ctx, func(tx *store.Tx) error {
			if _, err := tx.InsertTeamEpoch(ctx, db.InsertTeamEpochParams{Team: "desk", N: 1, Recipient: "age1pq1", ReplyKey: random(32), Statement: []byte("s")}); err != nil {
				return err
			}
			if _, err := tx.InsertTeamEpoch(ctx, db.InsertTeamEpochParams{Team: "desk", N: 3, Recipient: "age1pq1", ReplyKey: random(32), Statement: []byte("s")}); err != nil {
				return err
			}
			return errors.Join(
				tx.PutTeamWrap(ctx, db.PutTeamWrapParams{Team: "desk", N: 1, Holder: "somebody", Wrap: []byte("wrap")}),
				tx.PutTeamWrap(ctx, db.PutTeamWrapParams{Team: "desk", N: 3, Holder: "somebody", Wrap: []byte("wrap")}),
			)
		})
		if err != nil {
			t.Fatal(err)
		}
		d := h.draft()
		d.gen.Epoch = 3
		if r := h.send(d.finish(t)); r.answer.Status != seal.StatusRefused {
			t.Errorf("before the manifest names it: %+v", r.answer)
		}
		d = h.draft()
		d.gen.Epoch = 1
		if r := h.send(d.finish(t)); r.answer.Status != seal.StatusReceived {
			t.Errorf("before its destruction: %+v", r.answer)
		}
		if err := h.db.Update(ctx, func(tx *store.Tx) error { _, err := tx.DestroyTeamEpoch(ctx, "desk", 1); return err }); err != nil {
			t.Fatal(err)
		}
		d = h.draft()
		d.gen.Epoch = 1
		if r := h.send(d.finish(t)); r.answer.Status != seal.StatusRefused {
			t.Errorf("after its destruction: %+v", r.answer)
		}
	})
}

// Envelopes to an earlier intake key still open.
func TestEarlierIntakeKey(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		d := h.draft().finish(t)
		d.to = h.earlier.Recipient()
		if r := h.send(d); r.answer.Status != seal.StatusReceived {
			t.Errorf("%d %s", r.status, r.kind)
		}
	})
}
