package picture

import (
	"image"
	"image/color"
)

// samples is how many pixels of a row and of a column make one of a smaller picture, at most.
const samples = 3

// shrunk draws a picture on white, no side longer than side pixels. It never enlarges.
func shrunk(src image.Image, side int) *image.RGBA {
	b := src.Bounds()
	w, h := b.Dx(), b.Dy()
	nw, nh := w, h
	if longest := max(w, h); longest > side {
		nw, nh = max(1, w*side/longest), max(1, h*side/longest)
	}
	at := colours(src)
	out := image.NewRGBA(image.Rect(0, 0, nw, nh))
	for y := range nh {
		for x := range nw {
			out.SetRGBA(x, y, mean(at, b.Min, span{x * w / nw, (x + 1) * w / nw}, span{y * h / nh, (y + 1) * h / nh}))
		}
	}
	return out
}

// colours reads pixels without making garbage where the picture knows how.
func colours(src image.Image) func(x, y int) color.RGBA64 {
	if fast, ok := src.(image.RGBA64Image); ok {
		return fast.RGBA64At
	}
	return func(x, y int) color.RGBA64 {
		r, g, b, a := src.At(x, y).RGBA()
		return color.RGBA64{uint16(r), uint16(g), uint16(b), uint16(a)} //nolint:gosec // RGBA returns 16 bits each
	}
}

type span struct{ from, to int }

// step is the distance between the pixels that are looked at.
func (s span) step() int { return max(1, (s.to-s.from)/samples) }

// mean is the mean colour of a part of the picture, on white.
func mean(at func(x, y int) color.RGBA64, origin image.Point, xs, ys span) color.RGBA {
	var r, g, b, n uint64
	for y := ys.from; y < max(ys.to, ys.from+1); y += ys.step() {
		for x := xs.from; x < max(xs.to, xs.from+1); x += xs.step() {
			c := at(origin.X+x, origin.Y+y)
			white := uint64(0xffff - c.A) // colours are multiplied by alpha already
			r, g, b, n = r+uint64(c.R)+white, g+uint64(c.G)+white, b+uint64(c.B)+white, n+1
		}
	}
	return color.RGBA{eight(r / n), eight(g / n), eight(b / n), 0xff}
}

// eight makes 8 bits of 16.
func eight(v uint64) uint8 { return uint8(min(v, 0xffff) >> 8) }

// turned undoes how the camera was held (Exif 2.32, tag 0x0112: 1 to 8).
func turned(src *image.RGBA, turn int) *image.RGBA {
	w, h := src.Bounds().Dx(), src.Bounds().Dy()
	from := map[int]func(x, y int) (int, int){
		2: func(x, y int) (int, int) { return w - 1 - x, y },
		3: func(x, y int) (int, int) { return w - 1 - x, h - 1 - y },
		4: func(x, y int) (int, int) { return x, h - 1 - y },
		5: func(x, y int) (int, int) { return y, x },
		6: func(x, y int) (int, int) { return y, h - 1 - x },
		7: func(x, y int) (int, int) { return w - 1 - y, h - 1 - x },
		8: func(x, y int) (int, int) { return w - 1 - y, x },
	}[turn]
	if from == nil {
		return src
	}
	size := image.Rect(0, 0, w, h)
	if turn >= 5 {
		size = image.Rect(0, 0, h, w)
	}
	out := image.NewRGBA(size)
	for y := range size.Dy() {
		for x := range size.Dx() {
			sx, sy := from(x, y)
			out.SetRGBA(x, y, src.RGBAAt(sx, sy))
		}
	}
	return out
}
