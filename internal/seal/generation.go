package seal

import (
	"bytes"

	"safeconduct/internal/hotline"
)

const kindGeneration = "generation"

// Generation is the signed statement that introduces the n-th key of a case:
// the recipient to which the case's records are sealed from then on.
// Generation 0 is signed by the contact (or, for a case from a gateway, by
// the gateway); later ones by an operator and by the team's reply key.
// Nobody seals to a recipient whose statement does not verify, and whoever
// opens a wrap compares the key inside with Recipient, so a server that swaps
// wraps is found out.
type Generation struct {
	preamble
	Case             hotline.CaseID `json:"case"`
	Gen              int            `json:"gen"`
	Prev             Hash           `json:"prev"` // line of the previous generation, none for 0
	Team             hotline.Team   `json:"team"`
	Epoch            int            `json:"epoch"` // epoch of the team key that first wraps it
	Recipient        Recipient      `json:"recipient"`
	ContactKey       PublicKey      `json:"contact_key"`       // none for a case from a gateway
	ContactRecipient Recipient      `json:"contact_recipient"` // none for a case from a gateway
	Hour             hotline.Hour   `json:"hour"`
	// Parent is the case that the people of this one left; it has no contact
	// keys, and its generation 0 is signed like the later ones.
	Parent hotline.CaseID `json:"parent,omitzero"`
}

// SignGeneration makes the statement.
func SignGeneration(g Generation, keys ...SigningKey) (Signed, error) {
	g.preamble = preamble{1, kindGeneration}
	return signLine(kindGeneration, g, keys...)
}

// ParseGeneration reads a statement. It checks that the id belongs to the
// contact's keys, not who signed: see [Generation.VerifyFirst] and SignedBy.
func ParseGeneration(text []byte) (Generation, Signed, error) {
	var g Generation
	s, err := ParseSigned(text)
	if err != nil {
		return g, s, err
	}
	if err := s.decode(kindGeneration, &g); err != nil {
		return g, s, err
	}
	_, teamErr := hotline.ParseTeam(string(g.Team))
	switch {
	case g.Gen < 0 || g.Epoch < 1 || g.Hour < 0 || teamErr != nil || g.Recipient.IsZero():
		return g, s, hotline.Errorf(hotline.KindInvalid, "generation", "a field is out of range")
	case (g.Gen == 0) != g.Prev.IsZero():
		return g, s, hotline.Errorf(hotline.KindInvalid, "generation", "generation 0 has no previous one, every other has")
	case g.ContactKey.IsZero() != g.ContactRecipient.IsZero():
		return g, s, hotline.Errorf(hotline.KindInvalid, "generation", "one of the contact's two keys is missing")
	case !g.ContactKey.IsZero() && CaseIDOf(g.ContactKey, g.ContactRecipient) != g.Case:
		return g, s, hotline.Errorf(hotline.KindForged, "generation", "the case id does not belong to these keys")
	case g.Parent != hotline.CaseID{} && (!g.ContactKey.IsZero() || g.Parent == g.Case || (g.Gen == 0 && SplitCaseID(g.Parent, g.Recipient) != g.Case)):
		return g, s, hotline.Errorf(hotline.KindForged, "generation", "the case id does not belong to the case that it left")
	}
	return g, s, nil
}

// GenerationSignedBy reports whether k signed the statement.
func GenerationSignedBy(s Signed, k PublicKey) bool { return s.SignedBy(kindGeneration, k) }

// VerifyGenerations checks a case's chain of generations: numbers without
// gaps, each bound to the one before, the contact's keys unchanged, the first
// signed by first (the contact's own key when it is none), the later ones by
// one of the reply keys and by an operator whom byOperator accepts.
func VerifyGenerations(chain [][]byte, gateway PublicKey, byOperator func(Signed, Generation) bool) ([]Generation, error) {
	forged := func(why string) error { return hotline.Errorf(hotline.KindForged, "generation", "%s", why) }
	var out []Generation
	var prev Signed
	for n, text := range chain {
		g, s, err := ParseGeneration(text)
		if err != nil {
			return nil, err
		}
		if g.Gen != n || (n > 0 && (g.Prev != prev.Hash() || g.Case != out[0].Case || g.ContactKey != out[0].ContactKey || g.Parent != out[0].Parent)) {
			return nil, forged("the chain of key generations is broken")
		}
		first := g.ContactKey
		if first.IsZero() {
			first = gateway
		}
		switch {
		case n == 0 && g.Parent != hotline.CaseID{}:
			if !byOperator(s, g) {
				return nil, forged("the first key of a case made at the desk is not signed by an operator of the roster")
			}
		case n == 0 && !GenerationSignedBy(s, first):
			return nil, forged("the first key of the case is not signed by the person")
		case n > 0 && !byOperator(s, g):
			return nil, forged("a new key of the case is not signed by an operator of the roster")
		}
		out, prev = append(out, g), s
	}
	if len(out) == 0 {
		return nil, forged("the case has no key")
	}
	return out, nil
}

// WrapIdentity wraps an identity: an age file that holds its one line, which
// the stock age program takes as an identity file.
func WrapIdentity(to Recipient, id Identity) ([]byte, error) {
	return Encrypt(to, []byte(id.Secret()+"\n"))
}

// UnwrapIdentity unwraps an identity and checks that it is the one announced.
func UnwrapIdentity(with Identity, wrap []byte, announced Recipient) (Identity, error) {
	plain, err := Decrypt(with, wrap)
	if err != nil {
		return Identity{}, err
	}
	id, err := ParseIdentity(string(bytes.TrimSuffix(plain, []byte{'\n'})))
	if err != nil {
		return Identity{}, err
	}
	if id.Recipient().String() != announced.String() {
		return Identity{}, hotline.Errorf(hotline.KindForged, "open key", "the wrapped key is not the one announced")
	}
	return id, nil
}
