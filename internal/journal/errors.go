package journal

import "errors"

// What can be wrong with a journal, for errors.Is. All of them but ErrEntry and
// ErrRange come as [hotline.KindForged]: somebody must look, not try again.
var (
	// ErrEntry is an entry that has no canonical line.
	ErrEntry = errors.New("the entry is not well formed")
	// ErrOpening is a blind and a line that do not make the commitment.
	ErrOpening = errors.New("the opening does not match the commitment")
	// ErrMalformed is a checkpoint or key that cannot be read.
	ErrMalformed = errors.New("not well formed")
	// ErrSignature is a checkpoint without a good signature of a known key.
	ErrSignature = errors.New("no good signature of the journal's key")
	// ErrOrigin is a checkpoint of another journal.
	ErrOrigin = errors.New("the checkpoint is of another journal")
	// ErrRolledBack is a log that is shorter than it was.
	ErrRolledBack = errors.New("the journal is shorter than it was")
	// ErrRewritten is a log that does not contain what it once contained.
	ErrRewritten = errors.New("the journal does not continue the one seen before")
	// ErrNotIncluded is an entry that the tree does not hold at that place.
	ErrNotIncluded = errors.New("the entry is not in the journal at that place")
	// ErrRange is an index or a size outside the log.
	ErrRange = errors.New("outside the journal")
)
