package server

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/journal"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
)

// settingGenesis says that the database has its beginning: the hash of the first roster.
const settingGenesis = "genesis"

// Genesis is what an installation begins with.
type Genesis struct {
	Authority     seal.Authority
	Manifest      []byte            // signed, serial 1
	Roster        []byte            // signed, serial 1
	Epochs        []api.NewEpoch    // the first epoch of each team there is
	RecoveryParts map[string][]byte // file name → sealed recovery key
}

// Bootstrap writes the beginning of an installation, with its leaves, in one
// transaction. It refuses a database that has one.
func Bootstrap(ctx context.Context, d *store.DB, signer Signer, clock func() time.Time, g Genesis) error {
	b := &beginning{Genesis: g, hour: hotline.HourOf(clock())}
	if err := b.check(signer.Verifier()); err != nil {
		return err
	}
	return d.Update(ctx, func(tx *store.Tx) error {
		head, err := tx.JournalHead(ctx)
		if err != nil {
			return err
		}
		fresh, err := tx.PutSettingOnce(ctx, settingGenesis, []byte(sum(g.Roster)))
		if err != nil {
			return err
		}
		if fresh != 1 || head.Size != 0 {
			return conflict("this database belongs to an installation already; nothing was changed")
		}
		return b.write(ctx, tx, signer)
	})
}

// beginning is a genesis that is being checked and written.
type beginning struct {
	Genesis
	hour   hotline.Hour
	epochs []seal.Epoch
	deeds  []*deed
}

func (b *beginning) check(verifier *journal.Verifier) error {
	h, err := nextHouse(nil, b.Roster)
	if err != nil {
		return err
	}
	if !reflect.DeepEqual(h.roster.Authority, b.Authority) {
		return forged("the first roster names another authority")
	}
	if err := checkRoster(h.roster, verifier); err != nil {
		return err
	}
	for _, n := range b.Epochs {
		e, signed, err := parseEpoch(n, h, func(e seal.Epoch, signed seal.Signed) bool {
			return slices.ContainsFunc(h.activeIn(e.Team), func(m seal.Member) bool { return seal.EpochSignedBy(signed, m.Key) })
		})
		if err != nil {
			return err
		}
		sameTeam := func(other seal.Epoch) bool { return other.Team == e.Team }
		if e.Epoch != 1 || slices.ContainsFunc(b.epochs, sameTeam) {
			return invalid("each team begins with one epoch, number 1")
		}
		b.epochs = append(b.epochs, e)
		b.deeds = append(b.deeds, &deed{act: actEpoch, detail: epochDetail(n, e, signed), write: func(ctx context.Context, tx *store.Tx, _ int64) error {
			return keepEpoch(ctx, tx, n, e, b.hour)
		}})
	}
	return b.checkRest()
}

// checkRest checks the recovery parts and plans the documents.
func (b *beginning) checkRest() error {
	if len(b.RecoveryParts) == 0 {
		return invalid("there are no recovery parts: a lost key would be lost for ever")
	}
	var all []byte
	for _, name := range slices.Sorted(maps.Keys(b.RecoveryParts)) {
		if err := checkSealed(b.RecoveryParts[name], maxRecordFile); err != nil {
			return err
		}
		if !fileName(name) {
			return invalid("a recovery part's name is letters, digits, dashes and one dot")
		}
		all = append(all, name+" "+sum(b.RecoveryParts[name])+"\n"...)
	}
	parts := &deed{act: actRecovery, detail: detail{"parts": number(len(b.RecoveryParts)), "hash": sum(all)}, write: b.keepParts}
	b.deeds = append([]*deed{parts}, b.deeds...)
	for _, d := range []api.Document{
		{Kind: api.DocumentRoster, Serial: 1, Text: b.Roster},
		{Kind: api.DocumentManifest, Serial: 1, Text: b.Manifest},
	} {
		b.deeds = append(b.deeds, &deed{act: actPublish, detail: documentDetail(d), write: func(ctx context.Context, tx *store.Tx, leaf int64) error {
			return keepDocument(ctx, tx, d, leaf, b.hour)
		}})
	}
	return nil
}

// fileName allows what is a plain file's name on every system.
func fileName(name string) bool {
	if len(name) > 64 || name == "" || name[0] == '.' || name[0] == '-' {
		return false
	}
	for _, r := range name {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '.' {
			return false
		}
	}
	return true
}

func (b *beginning) keepParts(ctx context.Context, tx *store.Tx, _ int64) error {
	for _, name := range slices.Sorted(maps.Keys(b.RecoveryParts)) {
		if err := tx.PutRecoveryPart(ctx, name, b.RecoveryParts[name]); err != nil {
			return err
		}
	}
	return nil
}

// write appends one leaf for each part and then writes the parts.
func (b *beginning) write(ctx context.Context, tx *store.Tx, signer Signer) error {
	entries := make([]journal.Entry, len(b.deeds))
	for i, d := range b.deeds {
		entries[i] = journal.Entry{Hour: int64(b.hour), Actor: actorGenesis, Act: d.act, Detail: d.detail}
	}
	a, err := appendSigned(ctx, tx, signer, entries...)
	if err != nil {
		return err
	}
	for i, d := range b.deeds {
		if err := d.write(ctx, tx, a.Before.Size+int64(i)); err != nil {
			return err
		}
	}
	h, err := nextHouse(nil, b.Roster)
	if err != nil {
		return err
	}
	// Last, because the manifest is checked against the epochs as they are stored.
	if err := checkManifest(ctx, tx, api.Document{Kind: api.DocumentManifest, Serial: 1, Text: b.Manifest}, h); err != nil {
		return err
	}
	for _, kind := range []string{api.EventDocument, api.EventEpoch} {
		if err := hint(ctx, tx, kind); err != nil {
			return err
		}
	}
	return nil
}
