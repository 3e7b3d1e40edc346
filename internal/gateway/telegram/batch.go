package telegram

import (
	"bytes"
	"cmp"
	"context"
	"maps"
	"runtime"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"safeconduct/internal/gateway"
	"safeconduct/internal/hotline"
	"safeconduct/internal/intake"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

const (
	// maxWaiting is how many updates may wait; Telegram keeps the others for a day.
	maxWaiting = 2048
	// maxBatch bounds what goes into one commit, and so how long the first of it waits.
	maxBatch = 128
	// batchers is how many batches are on their way: while one is written, the next
	// is sealed.
	batchers = 2
	// patience bounds a batch: a database that does not answer is down.
	patience = 30 * time.Second
)

var (
	errBusy    = hotline.Errorf(hotline.KindBusy, "telegram", "too many updates wait")
	errClosing = hotline.Errorf(hotline.KindUnavailable, "telegram", "the server is ending")
	errAgain   = hotline.Errorf(hotline.KindConflict, "telegram", "the chat has changed meanwhile")
)

// pending is an update on its way into the store.
type pending struct {
	in     *incoming
	handle seal.Hash
	seq    uint64 // arrival
	done   chan error

	chat *chat // as it was looked up in this round
	made *made
}

// chat is a conversation as this round found it.
type chat struct {
	settings
	known    bool // it has a row
	hasCase  bool
	conv     gateway.Conversation
	stage    hotline.Stage
	answered bool
	waiting  bool
}

// lane orders who goes first: people whom an operator has answered, people with
// a case, strangers.
func (p *pending) lane() int {
	switch {
	case p.chat.hasCase && p.chat.answered:
		return 0
	case p.chat.hasCase:
		return 1
	}
	return 2
}

// before reports whether p comes before q of the same chat: updates of a bot have
// an order, whatever way they came.
func (p *pending) before(q *pending) bool {
	if p.in.bot == q.in.bot {
		return p.in.update < q.in.update
	}
	return p.seq < q.seq
}

// waits reports whether somebody begins to wait for an answer.
func (p *pending) waits() bool {
	return !p.chat.waiting && (p.in.kind == kindText || p.in.kind == kindFile) && command(p.in.text) == ""
}

// made is what an update leaves in the store.
type made struct {
	plan
	fresh  *intake.NewCase // a case that begins
	record *gateway.Sealed // the next record of one
	box    []byte          // of the chat, if it changes
	traces []db.InsertTraceParams
	jobs   []store.Job
	note   []byte // a position
	epoch  int    // of the field team
}

// batcher keeps updates, many in one commit.
type batcher struct {
	g     *Gateway
	mu    sync.Mutex
	came  uint64
	ended bool
	queue []*pending
	busy  map[seal.Hash]bool // chats of which an update is on its way
	wake  chan struct{}
	keys  *recipients
}

func newBatcher(g *Gateway) *batcher {
	return &batcher{g: g, busy: map[seal.Hash]bool{}, wake: make(chan struct{}, batchers), keys: newRecipients()}
}

// take returns when an update is on disk; then it may be acknowledged.
func (b *batcher) take(ctx context.Context, in *incoming) error {
	select {
	case err := <-b.begin(in):
		return err
	case <-ctx.Done(): // it is kept or not kept whether anybody listens or not
		return errBusy
	}
}

// begin puts an update into the queue; what became of it comes through the channel.
func (b *batcher) begin(in *incoming) <-chan error {
	p := &pending{in: in, handle: b.g.handle(in.chat), done: make(chan error, 1)}
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.ended:
		p.done <- errClosing
		return p.done
	case len(b.queue) >= maxWaiting:
		p.done <- errBusy
		return p.done
	}
	b.came++
	p.seq = b.came
	b.queue = append(b.queue, p)
	poke(b.wake)
	return p.done
}

// run works until ctx ends, and then sends away who waits.
func (b *batcher) run(ctx context.Context) error {
	defer b.close()
	var work sync.WaitGroup
	for range batchers {
		work.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case <-b.wake:
				}
				for ctx.Err() == nil && b.round(ctx) {
				}
			}
		})
	}
	work.Wait()
	return nil
}

func (b *batcher) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ended = true
	for _, p := range b.queue {
		p.done <- errClosing
	}
	b.queue = nil
}

// heads are the first updates of all chats of which none is on its way; the next
// of a chat follows what the first changes.
func (b *batcher) heads() []*pending {
	b.mu.Lock()
	defer b.mu.Unlock()
	first := map[seal.Hash]*pending{}
	for _, p := range b.queue {
		if q := first[p.handle]; !b.busy[p.handle] && (q == nil || p.before(q)) {
			first[p.handle] = p
		}
	}
	heads := slices.SortedFunc(maps.Values(first), func(x, y *pending) int { return cmp.Compare(x.seq, y.seq) })
	for _, p := range heads {
		b.busy[p.handle] = true
	}
	return heads
}

// leave lets others have the chats.
func (b *batcher) leave(ps []*pending) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range ps {
		delete(b.busy, p.handle)
	}
}

// settle takes updates out of the queue and tells their callers. Where one has to
// come again, those of its chat that wait behind it must not overtake it.
func (b *batcher) settle(ps []*pending, err error) {
	b.mu.Lock()
	if err != nil && !hopeless(err) {
		ps = slices.Clone(ps)
		for _, p := range b.queue {
			if !slices.Contains(ps, p) && slices.ContainsFunc(ps, func(q *pending) bool { return q.handle == p.handle }) {
				ps = append(ps, p)
			}
		}
	}
	b.queue = slices.DeleteFunc(b.queue, func(p *pending) bool { return slices.Contains(ps, p) })
	b.mu.Unlock()
	for _, p := range ps {
		p.done <- err
	}
}

// round keeps one batch; false: nobody waits.
func (b *batcher) round(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	batch, err := b.choose(ctx)
	if len(batch) == 0 {
		return false
	}
	defer b.leave(batch)
	if err == nil {
		err = b.seal(ctx, batch)
	}
	if err == nil {
		err = b.keep(ctx, batch)
	}
	if err != nil && len(batch) > 1 && hotline.KindOf(err) != hotline.KindUnavailable {
		b.oneByOne(ctx, batch) // one of them failed and took the others with it
		return true
	}
	b.answer(batch, err)
	return true
}

// answer settles a batch. What met a change stays and is looked up anew.
func (b *batcher) answer(batch []*pending, err error) {
	if hotline.KindOf(err) == hotline.KindConflict && err != nil {
		return
	}
	if err != nil {
		b.g.cfg.Log.Warn("telegram: updates were not kept", "kind", hotline.KindOf(err).String(), "updates", len(batch))
	}
	b.settle(batch, err)
	if err != nil {
		return
	}
	for _, p := range batch {
		if p.made == nil {
			continue
		}
		if f := p.made.fresh; f != nil {
			b.keys.put(recipientOf{id: f.ID}, f.Recipient)
		}
		if len(p.made.words) > 0 {
			poke(b.g.out.wake)
		}
		if p.made.file != nil {
			poke(b.g.files)
		}
	}
}

func (b *batcher) oneByOne(ctx context.Context, batch []*pending) {
	for _, p := range batch {
		one := []*pending{p}
		err := b.lookUp(ctx, one)
		if err == nil {
			err = b.seal(ctx, one)
		}
		if err == nil {
			err = b.keep(ctx, one)
		}
		b.answer(one, err)
	}
}

// choose looks up the chats of those who wait and picks who goes first.
func (b *batcher) choose(ctx context.Context) ([]*pending, error) {
	heads := b.heads()
	if err := b.lookUp(ctx, heads); err != nil {
		return heads, err
	}
	slices.SortStableFunc(heads, func(x, y *pending) int { return cmp.Compare(x.lane(), y.lane()) })
	chosen := heads[:min(len(heads), maxBatch)]
	b.leave(heads[len(chosen):])
	return chosen, nil
}

// lookUp finds chats and where their cases stand.
func (b *batcher) lookUp(ctx context.Context, ps []*pending) error {
	handles := make([][]byte, len(ps))
	for i, p := range ps {
		handles[i] = p.handle[:]
	}
	var rows []store.ChatDoor
	var keys map[hotline.CaseID][]byte
	err := b.g.cfg.DB.View(ctx, func(tx *store.Tx) (err error) {
		if rows, err = tx.Chats(ctx, handles); err != nil {
			return err
		}
		keys, err = tx.NewestKeys(ctx, b.keys.missing(rows))
		return err
	})
	if err != nil {
		return err
	}
	found := make(map[seal.Hash]*chat, len(rows))
	for _, row := range rows {
		c, err := b.open(ctx, row, keys)
		if err != nil {
			return err
		}
		found[seal.Hash(row.Handle)] = c
	}
	for _, p := range ps {
		if p.chat = found[p.handle]; p.chat == nil {
			p.chat = &chat{settings: settings{Stay: stayDefault}}
		}
	}
	return nil
}

// open reads a chat's row.
func (b *batcher) open(ctx context.Context, row store.ChatDoor, keys map[hotline.CaseID][]byte) (*chat, error) {
	c := &chat{known: true}
	if err := b.g.unlock(purposeChat, row.Box, &c.settings); err != nil {
		return nil, err
	}
	if len(row.CaseID) == 0 {
		return c, nil
	}
	id := hotline.CaseID(row.CaseID)
	to, err := b.keys.get(ctx, b.g.cfg.Sealer, id, int(row.Generation), keys[id])
	if err != nil {
		return nil, err
	}
	c.hasCase, c.stage, c.answered, c.waiting = true, row.Stage, row.Answered, row.Waiting
	c.conv = gateway.Conversation{Case: id, Gen: int(row.Generation), To: to, Seq: row.Seq}
	if row.Seq >= 0 {
		last, err := seal.ParseSigned(row.Header)
		if err != nil {
			return nil, err
		}
		c.conv.Prev = last.Hash()
	}
	return c, nil
}

// seal plans and seals, on all processors.
func (b *batcher) seal(ctx context.Context, batch []*pending) error {
	var more int64
	for _, p := range batch {
		if p.waits() {
			more++
		}
	}
	crowd, err := b.g.crowd.now(ctx, more)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	workers := min(runtime.GOMAXPROCS(0), len(batch))
	for w := range workers { // not one for each: a cipher needs a deep stack, and a new one has to grow
		group.Go(func() (err error) {
			for i := w; i < len(batch) && err == nil; i += workers {
				batch[i].made, err = b.g.make(ctx, batch[i], crowd)
			}
			return err
		})
	}
	return group.Wait()
}

// keep writes a batch in one transaction.
func (b *batcher) keep(ctx context.Context, batch []*pending) error {
	slices.SortFunc(batch, func(x, y *pending) int { // locks in one order
		return bytes.Compare(x.chat.conv.Case[:], y.chat.conv.Case[:])
	})
	return b.g.cfg.DB.Update(ctx, func(tx *store.Tx) error { return b.write(ctx, tx, batch) })
}

func (b *batcher) write(ctx context.Context, tx *store.Tx, batch []*pending) error {
	if err := unchanged(ctx, tx, batch); err != nil {
		return err
	}
	fresh, err := b.updates(ctx, tx, batch)
	if err != nil || len(fresh) == 0 {
		return err
	}
	w := writing{g: b.g, tx: tx, batch: fresh}
	for _, step := range []func(context.Context) error{w.chats, w.records, w.feed, w.rest} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// unchanged locks the cases and compares them with what was sealed for.
func unchanged(ctx context.Context, tx *store.Tx, batch []*pending) error {
	var ids [][]byte
	at := map[hotline.CaseID]*pending{}
	for _, p := range batch {
		if p.chat.hasCase && p.made.record != nil {
			id := p.chat.conv.Case
			ids, at[id] = append(ids, id[:]), p
		}
	}
	rows, err := tx.LockCases(ctx, ids)
	if err != nil {
		return err
	}
	if len(rows) != len(ids) {
		return errAgain
	}
	for _, row := range rows {
		conv := at[hotline.CaseID(row.ID)].chat.conv
		if row.FoldedDay.Valid || row.ContactSeq != conv.Seq || row.Generation != int64(conv.Gen) {
			return errAgain
		}
	}
	return nil
}

// updates notes what was handled and returns what had not been before.
func (b *batcher) updates(ctx context.Context, tx *store.Tx, batch []*pending) ([]*pending, error) {
	day := int64(hotline.HourOf(b.g.clock()).Day())
	bySource := map[*client][]*pending{}
	for _, p := range batch {
		bySource[p.in.bot] = append(bySource[p.in.bot], p)
	}
	var fresh []*pending
	for _, c := range b.g.bots {
		ps := bySource[c]
		if len(ps) == 0 {
			continue
		}
		numbers := make([]int64, len(ps))
		for i, p := range ps {
			numbers[i] = p.in.update
		}
		unseen, err := tx.InsertUpdates(ctx, c.source(), numbers, day)
		if err != nil {
			return nil, err
		}
		for i, p := range ps {
			if unseen[i] {
				fresh = append(fresh, p)
			}
		}
	}
	return fresh, nil
}
