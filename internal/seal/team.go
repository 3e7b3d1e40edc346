package seal

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"

	"safeconduct/internal/hotline"
)

// TeamSecret is the private half of a team's epoch: T and the reply key.
type TeamSecret struct {
	Team     hotline.Team
	Epoch    int
	Identity Identity
	Reply    SigningKey
}

// NewTeamSecret draws a team key.
func NewTeamSecret(team hotline.Team, epoch int) (TeamSecret, error) {
	id, err := NewIdentity()
	if err != nil {
		return TeamSecret{}, err
	}
	reply, err := NewSigningKey()
	if err != nil {
		return TeamSecret{}, err
	}
	return TeamSecret{team, epoch, id, reply}, nil
}

// Public returns the half for the manifest.
func (t TeamSecret) Public() TeamKey {
	return TeamKey{Epoch: t.Epoch, Recipient: t.Identity.Recipient(), ReplyKey: t.Reply.Public()}
}

// String shows nothing.
func (TeamSecret) String() string { return "team secret(hidden)" }

// GoString shows nothing.
func (TeamSecret) GoString() string { return "team secret(hidden)" }

// Wrap seals the team key to a member or to the recovery key. The file inside
// is an age identity file with comments, so the stock age program takes it
// with -i.
func (t TeamSecret) Wrap(to Recipient) ([]byte, error) {
	return Encrypt(to, fmt.Appendf(nil, "# safeconduct team %s epoch %d\n# reply key %s\n%s\n",
		t.Team, t.Epoch, hex.EncodeToString(t.Reply.Seed()), t.Identity.Secret()))
}

// OpenTeamSecret unwraps a team key and checks it against what was announced.
func OpenTeamSecret(with Identity, wrap []byte, team hotline.Team, announced TeamKey) (TeamSecret, error) {
	plain, err := Decrypt(with, wrap)
	if err != nil {
		return TeamSecret{}, err
	}
	bad := hotline.Errorf(hotline.KindForged, "open team key", "the wrapped key is not the one announced")
	lines := strings.Split(string(bytes.TrimSuffix(plain, []byte{'\n'})), "\n")
	if len(lines) != 3 || lines[0] != fmt.Sprintf("# safeconduct team %s epoch %d", team, announced.Epoch) {
		return TeamSecret{}, bad
	}
	seedHex, ok := strings.CutPrefix(lines[1], "# reply key ")
	seed, err := hex.DecodeString(seedHex)
	if !ok || err != nil {
		return TeamSecret{}, bad
	}
	t := TeamSecret{Team: team, Epoch: announced.Epoch}
	if t.Reply, err = SigningKeyFromSeed(seed); err != nil {
		return TeamSecret{}, bad
	}
	if t.Identity, err = ParseIdentity(lines[2]); err != nil {
		return TeamSecret{}, bad
	}
	if t.Identity.Recipient().String() != announced.Recipient.String() || t.Reply.Public() != announced.ReplyKey {
		return TeamSecret{}, bad
	}
	return t, nil
}
