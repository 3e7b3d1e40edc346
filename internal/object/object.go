// Package object keeps attachments on the server: their sealed parts in a
// [blob.Store], and in the database which case and which record they belong
// to. Both doors use it: intake for what people send, the server for desks.
//
// Bytes come first, then the row; when something goes, the row goes first, then
// the bytes. So a crash leaves bytes without a row at the worst, and [Keeper.Sweep]
// removes them.
//
// It must not know what is in a file, nor its type or name.
package object

import (
	"context"
	"crypto/sha256"
	"log/slog"
	"sync"
	"time"

	"safeconduct/internal/blob"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

// Side says who an object belongs to.
type Side string

// The sides.
const (
	SideContact Side = "contact" // from the person, sealed to the case
	SideDesk    Side = "desk"    // from the desk, sealed to the case
	SideCopy    Side = "copy"    // the same file, sealed to the person; goes when it is put away
)

// waitHours is how long parts wait for the record that names them: a day, and
// three more, so that a clock that leaps takes nothing away from who is sending.
const waitHours = 24 + 72

// Limits bounds what is kept. Zero values are replaced by the defaults.
type Limits struct {
	CaseBytes int64   // of one side of a case, sealed; default 100 MiB
	Strangers float64 // how full the disk may be for those whom nobody has answered; default 0.80
	Everybody float64 // how full it may be for all others; default 0.95
}

func (l Limits) withDefaults() Limits {
	if l.CaseBytes <= 0 {
		l.CaseBytes = 100 << 20
	}
	if l.Strangers <= 0 {
		l.Strangers = 0.80
	}
	if l.Everybody <= 0 {
		l.Everybody = 0.95
	}
	return l
}

// Config is what a keeper is made of.
type Config struct {
	DB     *store.DB
	Blobs  blob.Store
	Disk   func() (float64, error) // how full the disk is, 0 to 1
	Clock  func() time.Time
	Log    *slog.Logger // gets no id
	Limits Limits
}

// Keeper keeps attachments.
type Keeper struct {
	cfg    Config
	limits Limits

	mu      sync.Mutex
	orphans map[blob.Key]bool // seen without a row by the last sweep
}

// New makes a keeper.
func New(c Config) (*Keeper, error) {
	if c.DB == nil || c.Blobs == nil || c.Disk == nil || c.Clock == nil || c.Log == nil {
		return nil, hotline.Errorf(hotline.KindInvalid, "object", "a store, blobs, a disk, a clock and a logger are needed")
	}
	return &Keeper{cfg: c, limits: c.Limits.withDefaults()}, nil
}

// Part is one part of an object on its way in; its bytes have been checked
// against it (seal.Part.Check).
type Part struct {
	seal.Part
	Side Side
	Key  blob.Key
}

// Room reports whether there is disk for one more part. An error of KindBusy
// means: not now, come again; text goes on.
func (k *Keeper) Room(ctx context.Context, answered bool) error {
	used, err := k.cfg.Disk()
	if err != nil {
		k.cfg.Log.WarnContext(ctx, "attachments: the disk does not say how full it is", "kind", hotline.KindOf(err).String())
		return err
	}
	bound := k.limits.Strangers
	if answered {
		bound = k.limits.Everybody
	}
	if used >= bound {
		return hotline.Errorf(hotline.KindBusy, "object", "the disk is nearly full: attachments wait, text does not")
	}
	return nil
}

// Held reports whether exactly this part is on disk, and which parts are. A part
// with other bytes in its place is an error of KindConflict.
func (k *Keeper) Held(ctx context.Context, tx *store.Tx, p Part) (bool, []int, error) {
	parts, err := tx.ObjectParts(ctx, p.Case[:], p.Object[:])
	if err != nil {
		return false, nil, err
	}
	held := false
	for _, row := range parts {
		if row.Idx != int64(p.Index) {
			continue
		}
		if held = seal.Hash(row.Hash) == p.Hash; !held {
			return false, nil, hotline.Errorf(hotline.KindConflict, "object", "another part is kept in this place")
		}
	}
	return held, indexes(parts), nil
}

func indexes(parts []db.ObjectPart) []int {
	have := make([]int, len(parts))
	for i, row := range parts {
		have[i] = int(row.Idx)
	}
	return have
}

// Write puts the bytes of a part on disk under a fresh name. They are an
// orphan until Take gives them a row.
func (k *Keeper) Write(ctx context.Context, side Side, content []byte) (blob.Key, error) {
	draw := blob.NewKey
	if side == SideCopy {
		draw = blob.NewPassingKey
	}
	key, err := draw()
	if err != nil {
		return key, err
	}
	return key, k.cfg.Blobs.Put(ctx, key, content)
}

// Drop removes bytes that got no row. Failing is no harm: the sweep finds them.
func (k *Keeper) Drop(ctx context.Context, keys ...blob.Key) {
	for _, key := range keys {
		if err := k.cfg.Blobs.Delete(ctx, key); err != nil {
			k.cfg.Log.WarnContext(ctx, "attachments: bytes could not be removed yet", "kind", hotline.KindOf(err).String())
		}
	}
}

// Take writes the row of a part whose bytes are on disk. The case is locked
// and passed as it is. It returns the parts that are kept now, and whether this
// one came with these bytes; otherwise drop them.
func (k *Keeper) Take(ctx context.Context, tx *store.Tx, row db.HotlineCase, p Part) (have []int, kept bool, err error) {
	o, err := tx.ObjectByID(ctx, row.ID, p.Object[:])
	switch {
	case store.Missing(err):
		if err := k.open(ctx, tx, row, p); err != nil {
			return nil, false, err
		}
	case err != nil:
		return nil, false, err
	case o.Side != string(p.Side) || o.Size != p.Size || o.Parts != int64(p.Parts):
		return nil, false, hotline.Errorf(hotline.KindConflict, "object", "this is a part of another file")
	}
	n, err := tx.InsertObjectPart(ctx, db.InsertObjectPartParams{
		CaseID: row.ID, ObjectID: p.Object[:], Idx: int64(p.Index), Hash: p.Hash[:], Blob: p.Key[:],
	})
	if err != nil {
		return nil, false, err
	}
	parts, err := tx.ObjectParts(ctx, row.ID, p.Object[:])
	if err != nil {
		return nil, false, err
	}
	for _, part := range parts {
		if part.Idx == int64(p.Index) && seal.Hash(part.Hash) != p.Hash {
			return nil, false, hotline.Errorf(hotline.KindConflict, "object", "another part is kept in this place")
		}
		kept = kept || blob.Key(part.Blob) == p.Key
	}
	return indexes(parts), kept || n == 1, nil
}

// open begins an object: its whole size counts from the first part on.
func (k *Keeper) open(ctx context.Context, tx *store.Tx, row db.HotlineCase, p Part) error {
	if err := seal.CheckObjectSize(p.Size, p.Parts); err != nil {
		return err
	}
	held, err := tx.ObjectBytes(ctx, row.ID, string(p.Side))
	if err != nil {
		return err
	}
	switch {
	case p.Side == SideContact && !row.Answered && held+p.Size > seal.SealedSize(seal.MaxStrangerFile):
		return hotline.Errorf(hotline.KindDenied, "object", "before an operator has answered, a case takes %d bytes of attachments", seal.MaxStrangerFile)
	case held+p.Size > k.limits.CaseBytes:
		return hotline.Errorf(hotline.KindDenied, "object", "the attachments of this case have reached their bound of %d bytes", k.limits.CaseBytes)
	}
	_, err = tx.InsertObject(ctx, db.InsertObjectParams{
		CaseID: row.ID, ID: p.Object[:], Side: string(p.Side), Size: p.Size, Parts: int64(p.Parts), Hour: int64(hotline.HourOf(k.cfg.Clock())),
	})
	return err
}

// Name ties the objects of a record's header to the record. A record whose
// attachments are not all there is refused: nothing of it is to be kept.
func Name(ctx context.Context, tx *store.Tx, h seal.RecordHeader, record []byte) error {
	side := SideContact
	if h.Side == hotline.SideDesk {
		side = SideDesk
	}
	for _, id := range h.Objects {
		if err := name(ctx, tx, db.NameObjectParams{RecordID: record, CaseID: h.Case[:], ID: id[:], Side: string(side)}); err != nil {
			return err
		}
	}
	for _, id := range h.Copies {
		p := db.NameObjectParams{RecordID: record, ReplyID: record, CaseID: h.Case[:], ID: id[:], Side: string(SideCopy)}
		if err := name(ctx, tx, p); err != nil {
			return err
		}
	}
	return nil
}

// Whole reports whether every part of the objects is there and no record names them yet.
func Whole(ctx context.Context, tx *store.Tx, h seal.RecordHeader) error {
	for i, id := range append(h.Objects[:len(h.Objects):len(h.Objects)], h.Copies...) {
		o, err := tx.ObjectByID(ctx, h.Case[:], id[:])
		if store.Missing(err) {
			return incomplete(i)
		}
		if err != nil {
			return err
		}
		parts, err := tx.ObjectParts(ctx, h.Case[:], id[:])
		if err != nil {
			return err
		}
		if int64(len(parts)) != o.Parts || len(o.RecordID) != 0 {
			return incomplete(i)
		}
	}
	return nil
}

func incomplete(i int) error {
	return hotline.Errorf(hotline.KindInvalid, "object", "attachment %d is not here whole, or belongs to another message; send its parts first", i+1)
}

func name(ctx context.Context, tx *store.Tx, p db.NameObjectParams) error {
	n, err := tx.NameObject(ctx, p)
	if err == nil && n != 1 {
		err = hotline.Errorf(hotline.KindInvalid, "object", "an attachment is not of this side of the case")
	}
	return err
}

// Read returns one part of an object of a case; what is damaged on disk is an
// error and not handed out.
func (k *Keeper) Read(ctx context.Context, part db.ObjectPart) ([]byte, error) {
	content, err := k.cfg.Blobs.Get(ctx, blob.Key(part.Blob))
	if hotline.KindOf(err) == hotline.KindNotFound {
		return nil, hotline.Errorf(hotline.KindInternal, "object", "a part of an attachment is gone from the disk")
	}
	if err != nil {
		return nil, err
	}
	if seal.Hash(part.Hash) != sha256.Sum256(content) {
		return nil, hotline.Errorf(hotline.KindInternal, "object", "a part of an attachment is damaged on disk")
	}
	return content, nil
}

// DropReply removes, once the transaction is on disk, the bytes of what goes
// with a reply's copy.
func (k *Keeper) DropReply(ctx context.Context, tx *store.Tx, record []byte) error {
	blobs, err := tx.BlobsOfReply(ctx, record)
	k.dropAfter(ctx, tx, blobs)
	return err
}

// DropCase removes, once the transaction is on disk, the bytes of a case that
// it deletes. Call it before the case's rows are gone.
func (k *Keeper) DropCase(ctx context.Context, tx *store.Tx, id hotline.CaseID) error {
	blobs, err := tx.BlobsOfCase(ctx, id[:])
	k.dropAfter(ctx, tx, blobs)
	return err
}

func (k *Keeper) dropAfter(ctx context.Context, tx *store.Tx, blobs [][]byte) {
	if len(blobs) == 0 {
		return
	}
	keys := make([]blob.Key, len(blobs))
	for i, b := range blobs {
		keys[i] = blob.Key(b)
	}
	tx.AfterCommit(func() { k.Drop(context.WithoutCancel(ctx), keys...) })
}
