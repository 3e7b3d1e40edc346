package intake

import (
	"context"
	"errors"
	"io"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// The largest bodies of a POST in bytes, head and envelope: of everything but
// attachments, and of a part of one.
const (
	maxHead     = 4 + seal.ChallengeSize + 8
	maxBody     = maxHead + seal.MaxEnvelope
	maxPartBody = maxHead + seal.MaxPartEnvelope
)

// How long a part may take on a bad line: a MiB at 8 KB/s.
const (
	partReading = 130 * time.Second
	partAnswer  = partReading + time.Minute
)

// job is an opened and verified call, ready for its turn.
type job struct {
	lane   Lane
	key    hotline.CaseID               // of which only few may wait at once
	work   int                          // counts instead of the work that was done, if it is more
	op     operation                    // nil when there is nothing to write
	before func(context.Context) error  // puts bytes on disk, or reads them, before the operation waits for its turn
	after  func(context.Context, error) // hears what became of it
	answer func() (seal.Answer, [][]byte)
}

// serveEnvelope takes a POST. The order matters: what costs nothing comes
// first, then the two hashes of the work, then one decapsulation.
func (i *Intake) serveEnvelope(w http.ResponseWriter, r *http.Request) {
	answer, err := i.take(w, r)
	if err != nil {
		problemOf(err).write(w, i.level())
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", strconv.Itoa(len(answer)))
	_, _ = w.Write(answer) //nolint:gosec // G705: sealed bytes, not markup; who went away needs no answer
}

func (i *Intake) take(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	limit, lane := int64(maxBody), LaneNew
	if r.ContentLength > maxBody && r.ContentLength <= maxPartBody {
		select {
		case i.uploads <- struct{}{}:
			defer func() { <-i.uploads }()
		default:
			return nil, errBusy
		}
		control := http.NewResponseController(w)
		_ = control.SetReadDeadline(time.Now().Add(partReading)) // a connection without deadlines is a test's
		_ = control.SetWriteDeadline(time.Now().Add(partAnswer))
		limit, lane = maxPartBody, LanePart
	}
	body, err := readBody(w, r, limit)
	if err != nil {
		return nil, err
	}
	post, err := seal.ParsePost(body)
	if err != nil {
		return nil, err
	}
	now := i.cfg.Clock()
	if err := i.challenger.Check(post, now); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(r.Context(), i.limits.MaxWait)
	defer cancel()
	work := post.Wanted() // which was done; more than that is luck
	var env seal.Envelope
	var todo job
	var failed error
	opening := newSeat(lane, work, func() {
		defer i.survive(ctx, &failed)
		if env, failed = i.openEnvelope(post.Envelope); failed == nil && env.Call.Op != seal.OpSend {
			todo, failed = i.prepare(ctx, env, post, now)
		}
	})
	if err := i.doorstep.wait(ctx, opening); err != nil {
		return nil, err
	}
	if failed == nil && env.Call.Op == seal.OpSend {
		// It waits for a look-up that it shares with others, so it does so
		// here: whoever opens goes on with the next.
		func() {
			defer i.survive(ctx, &failed)
			todo, failed = i.prepare(ctx, env, post, now)
		}()
	}
	if failed != nil {
		return nil, failed
	}
	if err := i.finish(ctx, todo, work); err != nil {
		return nil, err
	}
	a, parts := todo.answer()
	return env.SealAnswer(a, parts...)
}

// finish does what a call needs beyond reading: bytes to or from the disk,
// then its turn in the room.
func (i *Intake) finish(ctx context.Context, todo job, work int) (err error) {
	if todo.after != nil {
		defer func() { todo.after(context.WithoutCancel(ctx), err) }()
	}
	if todo.before != nil {
		if err := i.onDisk(ctx, todo.before); err != nil {
			return err
		}
	}
	if todo.op == nil {
		return nil
	}
	s := newSeat(todo.lane, max(work, todo.work), todo.op)
	s.key = todo.key
	return i.room.wait(ctx, s)
}

// survive turns a panic over one envelope into its error, so that a fault in
// reading what strangers send does not take everybody's server with it.
func (i *Intake) survive(ctx context.Context, failed *error) {
	if p := recover(); p != nil {
		// The value of a panic can hold anything, so only its type is told.
		*failed = hotline.Errorf(hotline.KindInternal, "intake", "panic: %T", p)
		i.cfg.Logger.ErrorContext(ctx, "intake: panic over an envelope", "stack", string(debug.Stack()))
	}
}

// onDisk lets few at the parts of attachments at once, so that the database's
// own flushing goes on.
func (i *Intake) onDisk(ctx context.Context, act func(context.Context) error) error {
	select {
	case i.disk <- struct{}{}:
		defer func() { <-i.disk }()
		return act(ctx)
	case <-ctx.Done():
		return errBusy
	}
}

// readBody reads a body of at most limit bytes.
func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	if r.ContentLength > limit {
		return nil, errTooBig
	}
	limited := http.MaxBytesReader(w, r.Body, limit)
	body := make([]byte, 0, max(r.ContentLength+1, 4<<10)) // one more byte, so that the end is seen without growing
	for {
		n, err := limited.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		var tooBig *http.MaxBytesError
		switch {
		case errors.Is(err, io.EOF):
			return body, nil
		case errors.As(err, &tooBig):
			return nil, errTooBig
		case err != nil:
			return nil, hotline.Errorf(hotline.KindInvalid, "intake", "the body is cut short")
		}
		if len(body) == cap(body) {
			body = append(body, 0)[:len(body)]
		}
	}
}

// openEnvelope tries the current key, then earlier ones.
func (i *Intake) openEnvelope(file []byte) (seal.Envelope, error) {
	var env seal.Envelope
	err := seal.CheckFile(file)
	for n := 0; err == nil && n < len(i.cfg.Identities); n++ {
		env, err = seal.OpenEnvelope(i.cfg.Identities[n], file)
		if hotline.KindOf(err) != hotline.KindForged || err == nil {
			return env, err
		}
		if n+1 < len(i.cfg.Identities) {
			err = nil
		}
	}
	return env, err
}

// prepare verifies a call as far as it can be verified without a lock. What is
// wrong with it goes into the job's answer; an error is a fault of ours.
func (i *Intake) prepare(ctx context.Context, env seal.Envelope, post seal.Post, now time.Time) (job, error) {
	todo, err := i.operationOf(ctx, env, post, now)
	if err != nil && refused(err) {
		return job{answer: func() (seal.Answer, [][]byte) { return refusal(err), nil }}, nil
	}
	return todo, err
}

func (i *Intake) operationOf(ctx context.Context, env seal.Envelope, post seal.Post, now time.Time) (job, error) {
	if len(post.Envelope) > seal.MaxEnvelope && env.Call.Op != seal.OpPart {
		return job{}, invalid("only a part of an attachment is so large")
	}
	switch env.Call.Op {
	case seal.OpNew:
		return i.prepareNew(ctx, env, now)
	case seal.OpSend:
		return i.prepareSend(ctx, env, now)
	case seal.OpOpen:
		return i.prepareOpen(ctx, env, post, now)
	case seal.OpFetch:
		return i.prepareFetch(ctx, env, post)
	case seal.OpPutAway:
		return i.preparePutAway(ctx, env, post)
	case seal.OpPart:
		return i.preparePart(ctx, env, now)
	case seal.OpFile:
		return i.prepareFile(ctx, env, post)
	}
	return job{}, invalid("unknown operation")
}

func invalid(format string, args ...any) error {
	return hotline.Errorf(hotline.KindInvalid, "intake", format, args...)
}

// refusal is the answer to a request that is wrong; its text is for a log on
// the person's side.
func refusal(err error) seal.Answer {
	text := "wrong request"
	var e *hotline.Error
	if errors.As(err, &e) {
		text = e.Text
	}
	return seal.Answer{Status: seal.StatusRefused, Text: text[:min(len(text), 200)]}
}
