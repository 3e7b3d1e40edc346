package seal

import (
	"crypto/sha256"

	"safeconduct/internal/hotline"
)

const kindRequest = "request"

// Request proves that an operation on a case comes from who holds its
// receipt: it is signed by the contact's key over the operation, the hash of
// the operation's arguments and the server's fresh challenge. There is no
// bearer secret that could be copied from a log.
type Request struct {
	preamble
	Case      hotline.CaseID `json:"case"`
	Op        string         `json:"op"`
	Args      Hash           `json:"args"`      // SHA-256 of the operation's arguments
	Challenge Hash           `json:"challenge"` // SHA-256 of the challenge
}

// SignRequest makes a request.
func SignRequest(id hotline.CaseID, op string, args, challenge []byte, by SigningKey) (Signed, error) {
	return signLine(kindRequest, Request{
		preamble: preamble{1, kindRequest}, Case: id, Op: op,
		Args: sha256.Sum256(args), Challenge: sha256.Sum256(challenge),
	}, by)
}

// VerifyRequest checks that text is a request for exactly this operation,
// signed by key.
func VerifyRequest(text []byte, id hotline.CaseID, op string, args, challenge []byte, key PublicKey) error {
	s, err := ParseSigned(text)
	if err != nil {
		return err
	}
	var r Request
	if err := s.decode(kindRequest, &r); err != nil {
		return err
	}
	signed := s.SignedBy(kindRequest, key)
	if !signed || r.Case != id || r.Op != op || r.Args != sha256.Sum256(args) || r.Challenge != sha256.Sum256(challenge) {
		return hotline.Errorf(hotline.KindForged, "request", "not signed by the key of this case for this act")
	}
	return nil
}
