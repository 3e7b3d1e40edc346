package seal

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/bits"
	"time"

	"safeconduct/internal/hotline"
)

// ChallengeSize is the length of a challenge in bytes: version 1, work bits
// 1, expiry 8 (unix seconds, big endian), random 16, HMAC-SHA256 cut to 16.
const ChallengeSize = 1 + 1 + 8 + 16 + 16

// MaxWork caps the work that is ever asked for, in bits: 2^15 hashes on the
// average, at most 2 s in the script engine of a cheap phone.
const MaxWork = 15

// postMagic begins the body of a POST: magic, challenge, nonce (8 bytes),
// envelope.
const postMagic = "SCE1"

const postHead = len(postMagic) + ChallengeSize + 8

// Challenger makes and checks challenges without keeping any.
type Challenger struct{ key []byte }

// NewChallenger uses key (32 bytes) for the HMAC; nodes that share it accept
// each other's challenges.
func NewChallenger(key []byte) Challenger { return Challenger{key} }

// New makes a challenge that asks for the given bits of work.
func (c Challenger) New(work int, expires time.Time) ([]byte, error) {
	b := make([]byte, 26, ChallengeSize)
	b[0], b[1] = 1, byte(min(max(work, 0), MaxWork))
	binary.BigEndian.PutUint64(b[2:], uint64(expires.Unix()))
	if _, err := rand.Read(b[10:26]); err != nil {
		return nil, fmt.Errorf("challenge: %w", err)
	}
	return append(b, c.mac(b)...), nil
}

func (c Challenger) mac(b []byte) []byte {
	h := hmac.New(sha256.New, c.key)
	h.Write([]byte("safeconduct challenge v1\n"))
	h.Write(b)
	return h.Sum(nil)[:16]
}

// Post is the body of a POST to the intake, taken apart.
type Post struct {
	Challenge []byte
	Nonce     []byte
	Envelope  []byte
}

// ParsePost takes a body apart; it computes nothing.
func ParsePost(body []byte) (Post, error) {
	if len(body) < postHead || string(body[:len(postMagic)]) != postMagic {
		return Post{}, hotline.Errorf(hotline.KindInvalid, "post", "not an envelope of this protocol")
	}
	if len(body) > postHead+MaxPartEnvelope {
		return Post{}, hotline.Errorf(hotline.KindInvalid, "post", "too large")
	}
	rest := body[len(postMagic):]
	return Post{rest[:ChallengeSize], rest[ChallengeSize : ChallengeSize+8], rest[ChallengeSize+8:]}, nil
}

// Bytes puts a body together.
func (p Post) Bytes() []byte {
	b := append([]byte(postMagic), p.Challenge...)
	return append(append(b, p.Nonce...), p.Envelope...)
}

// Work is what a body's nonce proves: SHA-256(challenge ‖ SHA-256(envelope) ‖
// nonce) begins with that many zero bits. It is bound to the envelope, so a
// replay can only be a resend of the same thing.
func (p Post) Work() int {
	return p.work(sha256.Sum256(p.Envelope))
}

func (p Post) work(envelope Hash) int {
	b := make([]byte, 0, ChallengeSize+len(envelope)+8)
	b = append(append(append(b, p.Challenge...), envelope[:]...), p.Nonce...)
	sum := sha256.Sum256(b)
	for i := 0; i < len(sum); i += 8 {
		if v := binary.BigEndian.Uint64(sum[i:]); v != 0 {
			return i*8 + bits.LeadingZeros64(v)
		}
	}
	return 256
}

// partWork is how many bits more a large envelope costs: it takes a server
// eight times what a message does.
const partWork = 3

// Wanted is how much work the challenge asks for with this envelope.
func (p Post) Wanted() int {
	want := int(p.Challenge[1])
	if want > 0 && len(p.Envelope) > MaxEnvelope {
		want = min(want+partWork, MaxWork)
	}
	return want
}

// Solve finds a nonce for the work that the challenge asks for.
func (p *Post) Solve() {
	want := p.Wanted()
	envelope := sha256.Sum256(p.Envelope)
	p.Nonce = make([]byte, 8)
	for n := uint64(0); ; n++ {
		binary.BigEndian.PutUint64(p.Nonce, n)
		if p.work(envelope) >= want {
			return
		}
	}
}

// Check verifies that the challenge is ours, still good, and worked for. A
// stale or foreign challenge is KindConflict: take a new one and send the
// same envelope again. It costs two hashes.
func (c Challenger) Check(p Post, now time.Time) error {
	if !hmac.Equal(c.mac(p.Challenge[:26]), p.Challenge[26:]) || p.Challenge[0] != 1 {
		return hotline.Errorf(hotline.KindConflict, "challenge", "not a challenge of this server")
	}
	if uint64(now.Unix()) > binary.BigEndian.Uint64(p.Challenge[2:]) {
		return hotline.Errorf(hotline.KindConflict, "challenge", "the challenge has expired")
	}
	if p.Work() < p.Wanted() {
		return hotline.Errorf(hotline.KindInvalid, "challenge", "the work was not done")
	}
	return nil
}
