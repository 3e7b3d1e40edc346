package journal_test

import (
	"encoding/binary"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"safeconduct/internal/hotline"
	"safeconduct/internal/journal"
	"safeconduct/internal/journal/journaltest"
)

// tileReader lets tlog's own tile client read what we export.
type tileReader map[string][]byte

func (tileReader) Height() int { return 8 }

func (r tileReader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	out := make([][]byte, len(tiles))
	for i, t := range tiles {
		out[i] = r[journal.TilePath(t)]
	}
	return out, nil
}

func (tileReader) SaveTiles([]tlog.Tile, [][]byte) {}

func TestTiles(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	m := journaltest.New()
	const size = 256*256 + 300
	grow(t, m, signer(t), size)
	dir := tileReader{}
	for _, tile := range journal.Tiles(size) {
		b, err := journal.ReadTile(ctx, m, size, tile)
		if err != nil {
			t.Fatal(err)
		}
		back, err := journal.ParseTilePath(journal.TilePath(tile))
		if err != nil || back != tile {
			t.Fatalf("%s: %+v, %v", journal.TilePath(tile), back, err)
		}
		dir[journal.TilePath(tile)] = b
	}
	// Names and widths as c2sp.org/tlog-tiles counts them for this size.
	for path, hashes := range map[string]int{
		"tile/0/000": 256, "tile/0/257.p/44": 44, "tile/1/000": 256, "tile/1/001.p/1": 1, "tile/2/000.p/1": 1,
	} {
		if len(dir[path]) != 32*hashes {
			t.Errorf("%s has %d bytes", path, len(dir[path]))
		}
	}
	if len(dir) != 258+258+2+1 {
		t.Errorf("%d tiles", len(dir))
	}
	root := at(t, m, size).Root
	r := tlog.TileHashReader(tlog.Tree{N: size, Hash: root}, dir)
	if got, err := tlog.TreeHash(size, r); err != nil || got != root {
		t.Fatalf("root from the tiles: %v", err)
	}
	for _, i := range []int64{0, 255, 256, 65535, 65536, size - 1} {
		p, err := tlog.ProveRecord(size, i, r)
		if err != nil {
			t.Fatal(err)
		}
		if err := journal.CheckInclusion(p, at(t, m, size), i, m.Rows[i].Commitment); err != nil {
			t.Error(err)
		}
	}
	// A bundle's entries hash to the level 0 tile.
	bundle, hashes := dir["tile/entries/257.p/44"], dir["tile/0/257.p/44"]
	for i := range 44 {
		n := int(binary.BigEndian.Uint16(bundle))
		h := tlog.RecordHash(bundle[2 : 2+n])
		if string(h[:]) != string(hashes[32*i:32*i+32]) {
			t.Fatalf("entry %d of the bundle", i)
		}
		bundle = bundle[2+n:]
	}
	if len(bundle) != 0 {
		t.Error("bytes left in the bundle")
	}
}

func TestTilesRefuse(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	m := journaltest.New()
	grow(t, m, signer(t), 300)
	for _, path := range []string{
		"", "tile", "tile/0", "tile/8/0/000", "tile/0/0", "tile/0/00x", "tile/0/x001", "tile/00/000", "tile/-1/000",
		"tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/data/000", "tile/entries/../000", "tile/9/000",
		"tile/0/x999/x999/x999/x999/x999/x999/x999/999", "/tile/0/000", "tile/entries/entries/000",
	} {
		if tile, err := journal.ParseTilePath(path); hotline.KindOf(err) != hotline.KindNotFound {
			t.Errorf("%q: %+v, %v", path, tile, err)
		}
	}
	for _, path := range []string{"tile/0/001", "tile/0/001.p/45", "tile/1/000", "tile/1/000.p/2", "tile/2/000.p/1", "tile/entries/002", "tile/0/x999/x999/x999/x999/x999/999"} {
		tile, err := journal.ParseTilePath(path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if _, err := journal.ReadTile(ctx, m, 300, tile); hotline.KindOf(err) != hotline.KindNotFound {
			t.Errorf("%s: %v", path, err)
		}
	}
	delete(m.Rows, 280)
	for _, path := range []string{"tile/entries/001.p/44", "tile/entries/001.p/30"} { // the second is full without it
		tile, err := journal.ParseTilePath(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := journal.ReadTile(ctx, m, 300, tile); hotline.KindOf(err) != hotline.KindForged {
			t.Errorf("a bundle with a gap: %v", err)
		}
	}
}
