package desk

import (
	"errors"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

const (
	signerPerson  = "the person"
	signerGateway = "gateway"
	signerUnknown = "unknown"
)

// takeGenerations verifies the chain of a case's keys and opens those wraps
// for which this desk holds a team key.
func (s *session) takeGenerations(f *caseFile, in []api.KeyGeneration) {
	chain := make([][]byte, len(in))
	for i, g := range in {
		chain[i] = g.Statement
	}
	generations, hashes, err := s.verifyGenerations(f.id, chain)
	f.keyTrouble, f.short = hotline.Sentence{}, nil
	switch {
	case err != nil:
		f.keyTrouble = hotline.Say("The keys of this case do not verify: %v. Nothing new is opened or sealed with them.", err)
		return
	case len(hashes) < len(f.genHashes):
		f.note(ProblemRollback, "The server shows fewer keys of this case than before.")
		return
	}
	for i, h := range f.genHashes {
		if hashes[i] != h {
			f.note(ProblemKey, "The server shows other keys of this case than before. The ones known before stay in use.")
			return
		}
	}
	f.generations, f.genHashes = generations, hashes
	f.phrase = phraseFrom(chain[0])
	for i, g := range in {
		if _, have := f.keys[i]; !have {
			s.openWraps(f, generations[i], g.Wraps)
		}
	}
}

// phraseFrom makes a phrase of a first key that verifies.
func phraseFrom(first []byte) []byte {
	signed, err := seal.ParseSigned(first)
	if err != nil {
		return nil
	}
	numbers := seal.Phrase(signed)
	return numbers[:]
}

func (s *session) verifyGenerations(id hotline.CaseID, chain [][]byte) ([]seal.Generation, []seal.Hash, error) {
	byOperator := func(text seal.Signed, g seal.Generation) bool {
		signedBy := func(k seal.PublicKey) bool { return seal.GenerationSignedBy(text, k) }
		_, ok := s.signer(text, g.Hour, signedBy)
		return ok && s.byReplyKey(signedBy)
	}
	err := error(hotline.Errorf(hotline.KindForged, "generation", "the case has no key"))
	var generations []seal.Generation
	gateways := s.kept.GatewayKeys
	if len(gateways) == 0 {
		gateways = []seal.PublicKey{{}}
	}
	for _, gateway := range gateways {
		if generations, err = seal.VerifyGenerations(chain, gateway, byOperator); err == nil {
			break
		}
	}
	if err != nil {
		return nil, nil, err
	}
	hashes := make([]seal.Hash, len(chain))
	for i, text := range chain {
		_, signed, err := seal.ParseGeneration(text)
		if err != nil {
			return nil, nil, err
		}
		hashes[i] = signed.Hash()
	}
	if generations[0].Case != id {
		return nil, nil, hotline.Errorf(hotline.KindForged, "generation", "they are of another case")
	}
	for _, g := range generations { // whoever holds the newest key must be the one who can answer it
		if g.ContactRecipient.String() != generations[0].ContactRecipient.String() {
			return nil, nil, hotline.Errorf(hotline.KindForged, "generation", "the person's key changes on the way")
		}
	}
	return generations, hashes, nil
}

func (s *session) openWraps(f *caseFile, g seal.Generation, wraps []api.Wrap) {
	bad := false
	for _, w := range wraps {
		secret, ok := s.epochs[epochID{w.Team, w.Epoch}]
		if !ok {
			continue
		}
		key, err := seal.UnwrapIdentity(secret.Identity, w.File, g.Recipient)
		if err != nil {
			bad = true
			continue
		}
		f.keys[g.Gen] = key
	}
	if bad {
		f.note(ProblemKey, "A wrapped key of this case (number %d) is not the one that was announced.", g.Gen)
	}
}

// note adds a problem of the case as a whole, once.
func (f *caseFile) note(kind ProblemKind, format string, args ...any) {
	p := Problem{kind, hotline.Say(format, args...)}
	for _, q := range f.lasting {
		if p.Kind == q.Kind && p.Text.Equal(q.Text) {
			return
		}
	}
	f.lasting, f.short = append(f.lasting, p), nil
}

// openRecord checks what can be checked of one record alone.
func (s *session) openRecord(f *caseFile, in api.Record) openRecord {
	r := openRecord{place: in.Place, id: recordID(in.File), side: in.Side, arrived: in.Hour, signer: signerUnknown}
	header, signed, err := seal.ParseRecordHeader(in.Header)
	if err != nil {
		r.add(ProblemForged, hotline.Say("What the server shows here is not a signed message."))
		return r
	}
	r.header, r.hash = header, signed.Hash()
	if header.Case != f.id {
		r.add(ProblemMoved, hotline.Say("This message belongs to another case and was moved here."))
	}
	if header.Side != in.Side {
		r.add(ProblemForged, hotline.Say("The server says that it is from somebody else than who signed it."))
	}
	outer := seal.Record{Signed: signed}
	r.signer, r.verified = s.whoSigned(f, header, outer)
	rec, err := s.decrypt(f, header, in.File)
	switch {
	case err != nil && hotline.KindOf(err) == hotline.KindLocked:
		r.add(ProblemUnreadable, hotline.Say("No key on this desk opens this message yet."))
	case errors.Is(err, seal.ErrFiles) && rec.Signed.Hash() == r.hash:
		rec.Body.Files = nil // the text is what was signed: a fault in the list must not hide it
		r.body, r.readable = rec.Body, true
		r.add(ProblemFiles, hotline.Say("The attachments are not named as a writer names them. None of them can be opened."))
	case err != nil:
		r.add(ProblemUnreadable, hotline.Say("This message is damaged, or sealed to another key."))
	case rec.Signed.Hash() != r.hash:
		r.add(ProblemSwapped, hotline.Say("What is sealed is another message than the one announced beside it."))
	default:
		r.body, r.readable = rec.Body, true
		if r.verified {
			_, r.verified = s.whoSigned(f, header, rec)
		}
	}
	if header.Case != f.id || header.Side != in.Side || r.has(ProblemSwapped) {
		r.verified = false
	}
	if !r.verified {
		r.signer = signerUnknown
		if !r.has(ProblemForged) {
			r.add(ProblemForged, hotline.Say("The signature is not that of who should have written this."))
		}
	}
	return r
}

func (s *session) decrypt(f *caseFile, h seal.RecordHeader, file []byte) (seal.Record, error) {
	key, ok := f.keys[h.Gen]
	if !ok {
		return seal.Record{}, hotline.Errorf(hotline.KindLocked, "open", "no key")
	}
	return seal.OpenRecord(key, file)
}

// whoSigned checks the signatures that a side needs.
func (s *session) whoSigned(f *caseFile, h seal.RecordHeader, rec seal.Record) (string, bool) {
	switch h.Side {
	case hotline.SideContact:
		return signerPerson, rec.SignedBy(f.contactKey())
	case hotline.SideGateway:
		for _, k := range s.kept.GatewayKeys {
			if rec.SignedBy(k) {
				return signerGateway, true
			}
		}
	case hotline.SideDesk:
		m, ok := s.signer(rec.Signed, h.Hour, rec.SignedBy)
		return m.Name, ok && s.byReplyKey(rec.SignedBy)
	}
	return signerUnknown, false
}

// openStatement checks what can be checked of one statement alone.
func (s *session) openStatement(f *caseFile, in api.Statement) openStatement {
	o := openStatement{seq: in.Seq}
	st, signed, err := seal.ParseStatement(in.Text)
	if err != nil {
		o.add(ProblemForged, "What the server shows here is not a signed act.")
		return o
	}
	o.st, o.hash = st, signed.Hash()
	signedBy := func(k seal.PublicKey) bool { return seal.StatementSignedBy(signed, k) }
	o.by, o.verified = s.signer(signed, st.Hour, signedBy)
	switch {
	case !o.verified:
		o.add(ProblemForged, "Nobody who worked here at that time has signed this act.")
	case st.Case != f.id:
		o.verified = false
		o.add(ProblemMoved, "This act belongs to another case and was moved here.")
	case st.Seq != in.Seq:
		o.verified = false
		o.add(ProblemReplayed, "This act was made earlier and is shown again.")
	}
	if st.Body.IsZero() {
		return o
	}
	key, ok := f.keys[st.Gen]
	if !ok {
		o.add(ProblemUnreadable, "No key on this desk opens the text of this act yet.")
		return o
	}
	body, err := seal.OpenStatementBody(key, in.Sealed, signed)
	switch {
	case err == nil:
		o.body = body
	case len(in.Sealed) == 0:
		o.add(ProblemMissing, "The sealed text of this act is missing.")
	default:
		o.add(ProblemSwapped, "The sealed text is damaged or belongs to another act.")
	}
	return o
}

func (r *openRecord) add(kind ProblemKind, text hotline.Sentence) {
	r.problems = append(r.problems, Problem{kind, text})
}

func (r *openRecord) has(kind ProblemKind) bool { return hasProblem(r.problems, kind) }

func (o *openStatement) add(kind ProblemKind, format string, args ...any) {
	o.problems = append(o.problems, Problem{kind, hotline.Say(format, args...)})
}

func hasProblem(ps []Problem, kind ProblemKind) bool {
	for _, p := range ps {
		if p.Kind == kind {
			return true
		}
	}
	return false
}
