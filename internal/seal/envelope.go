package seal

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"golang.org/x/crypto/chacha20poly1305"

	"safeconduct/internal/hotline"
)

// The operations of the contact page.
const (
	OpNew     = "new"     // a new case with its first record
	OpSend    = "send"    // one more record
	OpOpen    = "open"    // what is the state of my case
	OpFetch   = "fetch"   // the next reply that was not put away
	OpPutAway = "putaway" // I have remembered this; do not show it again
	OpPart    = "part"    // one part of an attachment
	OpFile    = "file"    // give me one part of a desk's attachment
)

// MaxEnvelope is the largest envelope in bytes that holds no attachment.
const MaxEnvelope = 64 << 10

// MaxPartEnvelope is the largest envelope in bytes: it holds a part of an attachment.
const MaxPartEnvelope = MaxPart + envelopeHead + FileOverhead + 16*(MaxPart/ageChunk)

// envelopeHead is the room for the line and the announcement beside a part.
const envelopeHead = 4 << 10

// Sizes in bytes to which the inside of envelopes and answers is padded.
var (
	envelopeClasses = [...]int{4 << 10, 8 << 10, 16 << 10, 32 << 10, 48 << 10}
	answerClasses   = map[string]int{OpNew: 1 << 10, OpSend: 1 << 10, OpPutAway: 1 << 10, OpOpen: 8 << 10, OpFetch: 24 << 10, OpPart: 1 << 10, OpFile: 1 << 10}
)

// partClasses are the sizes of envelopes with a part, beside the small ones.
var partClasses = [...]int{64<<10 + envelopeHead, 128<<10 + envelopeHead, 256<<10 + envelopeHead, 512<<10 + envelopeHead, MaxPart + envelopeHead}

// classesOf returns the sizes of an operation's envelopes, ascending.
func classesOf(op string) []int {
	if op == OpPart {
		return append(envelopeClasses[:len(envelopeClasses):len(envelopeClasses)], partClasses[:]...)
	}
	return envelopeClasses[:]
}

// answerSize is how long the inside of an answer is. For a part of a file it
// follows from the length that was asked for, in steps of 64 KiB.
func (c Call) answerSize() int {
	size := answerClasses[c.Op]
	if c.Op == OpFile {
		size += (c.Bytes + ageChunk - 1) / ageChunk * ageChunk
	}
	return size
}

// Call is the first line inside an envelope. Parts says how many bytes each
// of the parts behind it has; zero bytes follow up to the size class.
type Call struct {
	V      int      `json:"v"`
	Op     string   `json:"op"`
	Key    string   `json:"key"` // 32 bytes in hexadecimal: seals the answer
	Lookup Lookup   `json:"lookup,omitzero"`
	Code   string   `json:"code,omitzero"` // new: the channel code's 12 digits
	After  *int64   `json:"after,omitzero"`
	IDs    []Hash   `json:"ids,omitzero"`
	Parts  []int    `json:"parts"`
	Case   CallCase `json:"case,omitzero"`   // send, part: the case's id
	Object ObjectID `json:"object,omitzero"` // file
	Index  *int     `json:"index,omitzero"`  // file: which part
	Bytes  int      `json:"bytes,omitzero"`  // file: how long it is
}

// CallCase is a case id that may be absent.
type CallCase struct{ hotline.CaseID }

// IsZero reports whether no case is named.
func (c CallCase) IsZero() bool { return c.CaseID == hotline.CaseID{} }

// String shows nothing: a call holds the answer's key.
func (Call) String() string { return "call(hidden)" }

// GoString shows nothing.
func (Call) GoString() string { return "call(hidden)" }

// Envelope is an opened envelope.
type Envelope struct {
	Call  Call
	Parts [][]byte
	Hash  Hash // SHA-256 of the sealed envelope
	key   []byte
}

// NewEnvelope seals a call and its parts to the intake key. It returns the
// envelope and what opens the answer.
func NewEnvelope(to Recipient, c Call, parts ...[]byte) ([]byte, AnswerKey, error) {
	key := make([]byte, chacha20poly1305.KeySize)
	if _, err := rand.Read(key); err != nil {
		return nil, AnswerKey{}, fmt.Errorf("envelope: %w", err)
	}
	c.V, c.Key = 1, hex.EncodeToString(key)
	c.Parts = make([]int, len(parts))
	for i, p := range parts {
		c.Parts[i] = len(p)
	}
	plain, err := frame(c, parts)
	if err != nil {
		return nil, AnswerKey{}, err
	}
	size := 0
	for _, class := range classesOf(c.Op) {
		if len(plain) <= class {
			size = class
			break
		}
	}
	if size == 0 {
		return nil, AnswerKey{}, hotline.Errorf(hotline.KindInvalid, "envelope", "too large")
	}
	file, err := Encrypt(to, append(plain, make([]byte, size-len(plain))...))
	if err != nil {
		return nil, AnswerKey{}, err
	}
	return file, AnswerKey{key: key, envelope: sha256.Sum256(file)}, nil
}

// OpenEnvelope opens an envelope. Malformed ones are an error of KindInvalid
// or KindForged and have cost one decapsulation at most.
func OpenEnvelope(id Identity, file []byte) (Envelope, error) {
	plain, err := Decrypt(id, file)
	if err != nil {
		return Envelope{}, err
	}
	e := Envelope{Hash: sha256.Sum256(file)}
	if e.Parts, err = unframe(plain, &e.Call); err != nil {
		return e, err
	}
	if !slices.Contains(classesOf(e.Call.Op), len(plain)) {
		return e, hotline.Errorf(hotline.KindInvalid, "envelope", "not padded to a class")
	}
	if e.Call.Bytes < 0 || e.Call.Bytes > MaxPart {
		return e, hotline.Errorf(hotline.KindInvalid, "envelope", "no part is so long")
	}
	e.key, err = hex.DecodeString(e.Call.Key)
	if err != nil || len(e.key) != chacha20poly1305.KeySize {
		return e, hotline.Errorf(hotline.KindInvalid, "envelope", "no key for the answer")
	}
	if _, known := answerClasses[e.Call.Op]; e.Call.V != 1 || !known {
		return e, hotline.Errorf(hotline.KindInvalid, "envelope", "unknown operation")
	}
	return e, nil
}

// Answer is the first line inside an answer.
type Answer struct {
	V          int          `json:"v"`
	Status     string       `json:"status"`              // see the Status constants
	Text       string       `json:"text,omitzero"`       // for a log, in English, no secret
	Case       CallCase     `json:"case,omitzero"`       // open
	Generation int          `json:"gen,omitzero"`        // open: index of the newest generation
	Pending    int          `json:"pending,omitzero"`    // open: replies not put away
	More       bool         `json:"more,omitzero"`       // fetch: others follow
	Read       *int64       `json:"read,omitzero"`       // open: last seq that an operator has read
	ReadHour   hotline.Hour `json:"read_hour,omitzero"`  // open
	UsedHour   hotline.Hour `json:"used_hour,omitzero"`  // open: last use of the receipt before this one
	UsedCount  int64        `json:"used_count,omitzero"` // open: uses before this one
	Answered   bool         `json:"answered,omitzero"`   // open: an operator has answered
	Seq        int64        `json:"seq,omitzero"`        // fetch: seq of the reply
	Manifest   int64        `json:"manifest,omitzero"`   // open: serial of the newest manifest
	Have       []int        `json:"have,omitempty"`      // part: the parts of the object that are on disk
	Parts      []int        `json:"parts"`               // lengths of what follows
}

// The statuses of answers.
const (
	StatusReceived = "received" // new, send, putaway, part: on disk
	StatusKnown    = "known"    // open, fetch, file: here it is
	StatusUnknown  = "unknown"  // no case answers to this receipt
	StatusNothing  = "nothing"  // fetch: no reply is waiting
	StatusRefused  = "refused"  // the request is wrong; Text says why
)

// SealAnswer answers an envelope. The length depends on the operation alone.
func (e Envelope) SealAnswer(a Answer, parts ...[]byte) ([]byte, error) {
	a.V = 1
	a.Parts = make([]int, len(parts))
	for i, p := range parts {
		a.Parts[i] = len(p)
	}
	plain, err := frame(a, parts)
	if err != nil {
		return nil, err
	}
	size := e.Call.answerSize()
	if len(plain) > size {
		return nil, hotline.Errorf(hotline.KindInternal, "answer", "%d bytes do not fit into %d", len(plain), size)
	}
	plain = append(plain, make([]byte, size-len(plain))...)
	aead, err := chacha20poly1305.New(e.key)
	if err != nil {
		return nil, fmt.Errorf("answer: %w", err)
	}
	nonce := make([]byte, chacha20poly1305.NonceSize, chacha20poly1305.NonceSize+size+chacha20poly1305.Overhead)
	if _, err := rand.Read(nonce); err != nil {
		return nil, fmt.Errorf("answer: %w", err)
	}
	return aead.Seal(nonce, nonce, plain, e.Hash[:]), nil
}

// AnswerKey opens the answer to one envelope.
type AnswerKey struct {
	key      []byte
	envelope Hash
}

// Open opens an answer. A relay cannot make one, nor take one of another
// envelope: the envelope's hash is authenticated with it.
func (k AnswerKey) Open(sealed []byte) (Answer, [][]byte, error) {
	var a Answer
	aead, err := chacha20poly1305.New(k.key)
	if err != nil {
		return a, nil, fmt.Errorf("answer: %w", err)
	}
	if len(sealed) < chacha20poly1305.NonceSize {
		return a, nil, hotline.Errorf(hotline.KindForged, "answer", "cut short")
	}
	nonce, ct := sealed[:chacha20poly1305.NonceSize], sealed[chacha20poly1305.NonceSize:]
	plain, err := aead.Open(nil, nonce, ct, k.envelope[:])
	if err != nil {
		return a, nil, hotline.Errorf(hotline.KindForged, "answer", "not the server's answer to this envelope")
	}
	parts, err := unframe(plain, &a)
	return a, parts, err
}

func (c *Call) partLengths() []int   { return c.Parts }
func (a *Answer) partLengths() []int { return a.Parts }

// frame writes one line of JSON and the parts behind it.
func frame(head any, parts [][]byte) ([]byte, error) {
	line, err := encodeLine(head)
	if err != nil {
		return nil, err
	}
	return append(append(line, '\n'), bytes.Join(parts, nil)...), nil
}

// unframe reads what frame wrote and checks that only zero bytes follow.
func unframe(plain []byte, head interface{ partLengths() []int }) ([][]byte, error) {
	line, rest, found := bytes.Cut(plain, []byte{'\n'})
	if !found {
		return nil, hotline.Errorf(hotline.KindInvalid, "frame", "no first line")
	}
	if err := decodeStrict(line, head); err != nil {
		return nil, err
	}
	lengths := head.partLengths()
	if len(lengths) > 16 {
		return nil, hotline.Errorf(hotline.KindInvalid, "frame", "too many parts")
	}
	parts := make([][]byte, 0, len(lengths))
	for _, n := range lengths {
		if n < 0 || n > len(rest) {
			return nil, hotline.Errorf(hotline.KindInvalid, "frame", "a part is longer than the frame")
		}
		parts, rest = append(parts, rest[:n:n]), rest[n:]
	}
	if len(bytes.TrimLeft(rest, "\x00")) != 0 {
		return nil, hotline.Errorf(hotline.KindInvalid, "frame", "something stands after the parts")
	}
	return parts, nil
}
