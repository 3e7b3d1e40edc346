package hotline

import (
	"errors"
	"fmt"
)

// Kind says what a caller can do about an error. The edge (HTTP, command
// line, page) translates kinds; nothing in between does.
type Kind int

// The kinds of error.
const (
	// KindInternal is a fault of ours: nothing the caller sent explains it.
	KindInternal Kind = iota
	// KindInvalid is bad input: sending it again cannot help.
	KindInvalid
	// KindDenied is an act that the policy table does not allow.
	KindDenied
	// KindNotFound is a thing that is not there, or not for this caller.
	KindNotFound
	// KindConflict is an act on a state that has moved on: read again, then decide.
	KindConflict
	// KindBusy is a full waiting room: the same request may be sent again later.
	KindBusy
	// KindUnavailable is a part that is down (database, disk): nothing was kept.
	KindUnavailable
	// KindUnknown is an answer that was lost: the thing may have been kept, or not.
	KindUnknown
	// KindForged is a signature, hash or proof that does not verify.
	KindForged
	// KindLocked is a desk whose keys are not in memory.
	KindLocked
)

var kindNames = [...]string{
	KindInternal: "internal", KindInvalid: "invalid", KindDenied: "denied",
	KindNotFound: "not_found", KindConflict: "conflict", KindBusy: "busy",
	KindUnavailable: "unavailable", KindUnknown: "unknown", KindForged: "forged",
	KindLocked: "locked",
}

// String returns the kind's name on the wire.
func (k Kind) String() string {
	if k < 0 || int(k) >= len(kindNames) {
		return kindNames[KindInternal]
	}
	return kindNames[k]
}

// ParseKind is the inverse of [Kind.String]; an unknown name is KindInternal.
func ParseKind(s string) Kind {
	for k, name := range kindNames {
		if name == s {
			return Kind(k)
		}
	}
	return KindInternal
}

// Error is the one error type that carries a kind. Op names the operation
// ("intake: new case"). Said is written for a person and holds no secret; Text
// is the same in English, with the operations of what it wraps, for logs.
type Error struct {
	Kind Kind
	Op   string
	Text string
	Said Sentence
	Err  error
}

// Errorf makes an Error of kind k; %w wraps as in fmt.Errorf.
func Errorf(k Kind, op, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Kind: k, Op: op, Text: err.Error(), Said: sentence(format, args), Err: errors.Unwrap(err)}
}

// Error implements error.
func (e *Error) Error() string {
	if e.Op == "" {
		return e.Text
	}
	return e.Op + ": " + e.Text
}

// Unwrap implements the errors contract.
func (e *Error) Unwrap() error { return e.Err }

// KindOf returns the kind of the outermost Error in err's chain, and
// KindInternal when there is none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return KindInternal
}
