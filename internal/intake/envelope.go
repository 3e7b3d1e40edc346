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

// maxBody is the largest body of a POST: head and envelope.
const maxBody = 4 + seal.ChallengeSize + 8 + seal.MaxEnvelope

// job is an opened and verified call, ready for its turn.
type job struct {
	lane   Lane
	key    hotline.CaseID // of which only few may wait at once
	op     operation      // nil when there is nothing to write
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
	body, err := readBody(w, r)
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
	work := post.Work()
	var env seal.Envelope
	var todo job
	var failed error
	opening := newSeat(LaneNew, work, func() {
		defer i.survive(ctx, &failed)
		if env, failed = i.openEnvelope(post.Envelope); failed == nil {
			todo, failed = i.prepare(ctx, env, post, now)
		}
	})
	if err := i.doorstep.wait(ctx, opening); err != nil {
		return nil, err
	}
	if failed != nil {
		return nil, failed
	}
	if todo.op != nil {
		s := newSeat(todo.lane, work, todo.op)
		s.key = todo.key
		if err := i.room.wait(ctx, s); err != nil {
			return nil, err
		}
	}
	a, parts := todo.answer()
	return env.SealAnswer(a, parts...)
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

// readBody reads a body of at most maxBody bytes.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.ContentLength > maxBody {
		return nil, errTooBig
	}
	limited := http.MaxBytesReader(w, r.Body, maxBody)
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
