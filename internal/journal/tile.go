package journal

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"safeconduct/internal/hotline"
)

const (
	tileHeight = 8 // c2sp.org/tlog-tiles: 256 hashes to a tile
	entryLevel = -1
)

// ParseTilePath reads a path of c2sp.org/tlog-tiles: "tile/<L>/<N>[.p/<W>]" or,
// with level -1, "tile/entries/<N>[.p/<W>]". It differs from tlog's own by not
// naming the height.
func ParseTilePath(path string) (tlog.Tile, error) {
	rest, ok := strings.CutPrefix(path, "tile/")
	if entries, found := strings.CutPrefix(rest, "entries/"); found {
		rest = "data/" + entries
	} else if strings.HasPrefix(rest, "data/") {
		ok = false
	}
	t, err := tlog.ParseTilePath(fmt.Sprintf("tile/%d/%s", tileHeight, rest))
	if !ok || err != nil || t.L > (64-tileHeight)/tileHeight {
		return tlog.Tile{}, hotline.Errorf(hotline.KindNotFound, "journal: tile", "%w: path", ErrRange)
	}
	return t, nil
}

// TilePath is the inverse of [ParseTilePath].
func TilePath(t tlog.Tile) string {
	rest := strings.TrimPrefix(t.Path(), fmt.Sprintf("tile/%d/", tileHeight))
	if entries, found := strings.CutPrefix(rest, "data/"); found {
		rest = "entries/" + entries
	}
	return "tile/" + rest
}

// Tiles lists every tile and entry bundle of a tree of the given size, so that
// a directory of them is a log that other software can check.
func Tiles(size int64) []tlog.Tile {
	var all []tlog.Tile
	for l, n := entryLevel, size; l < 0 || n > 0; l++ {
		for at := int64(0); at < n; at += 1 << tileHeight {
			w := min(n-at, 1<<tileHeight)
			all = append(all, tlog.Tile{H: tileHeight, L: l, N: at >> tileHeight, W: int(w)})
		}
		if l >= 0 {
			n >>= tileHeight
		}
	}
	return all
}

// TileSource is what tiles are made from.
type TileSource interface {
	HashReader
	Leaves(ctx context.Context, from int64, n int) ([]StoredLeaf, error)
}

// ReadTile returns the content of one tile of the tree of the given size: hashes, or
// for level -1 the commitments, each after its length in two bytes.
func ReadTile(ctx context.Context, src TileSource, size int64, t tlog.Tile) ([]byte, error) {
	if !holds(size, t) {
		return nil, hotline.Errorf(hotline.KindNotFound, "journal: tile", "%w: %s of %d entries", ErrRange, TilePath(t), size)
	}
	if t.L != entryLevel {
		b, err := tlog.ReadTileData(t, reader(ctx, src))
		if err != nil {
			return nil, fmt.Errorf("journal: %s: %w", TilePath(t), err)
		}
		return b, nil
	}
	first := t.N << tileHeight
	leaves, err := src.Leaves(ctx, first, t.W)
	if err != nil {
		return nil, fmt.Errorf("journal: %s: %w", TilePath(t), err)
	}
	var b []byte
	for i, l := range leaves {
		if l.Index != first+int64(i) {
			break
		}
		b = binary.BigEndian.AppendUint16(b, uint16(len(l.Commitment)))
		b = append(b, l.Commitment[:]...)
	}
	if len(b) != t.W*(2+len(Commitment{})) {
		return nil, hotline.Errorf(hotline.KindForged, "journal: tile", "%s: a leaf is missing", TilePath(t))
	}
	return b, nil
}

// holds reports whether the tree of size has all hashes of t.
func holds(size int64, t tlog.Tile) bool {
	if size < 0 || size > MaxSize || t.H != tileHeight || t.W < 1 || t.W > 1<<tileHeight || t.L < entryLevel || t.L > 5 {
		return false
	}
	whole := size >> (tileHeight * max(t.L, 0)) // hashes at this level
	return t.N >= 0 && t.N < math.MaxInt64>>tileHeight && t.N<<tileHeight+int64(t.W) <= whole
}
