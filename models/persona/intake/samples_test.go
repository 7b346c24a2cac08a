package intake

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math"
	"math/bits"
	"testing"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

// side is small, so that tests are quick; testLimits allow it.
const side = 32

func testLimits() Limits {
	l := DefaultLimits()
	l.MinEdge = 8
	return l
}

// quarters is a picture of w x h with red, green, blue and white quarters, from the top left in reading order.
func quarters(w, h int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	fill := func(r image.Rectangle, c color.Color) {
		draw.Draw(img, r, image.NewUniform(c), image.Point{}, draw.Src)
	}
	fill(image.Rect(0, 0, w/2, h/2), color.NRGBA{220, 20, 20, 255})
	fill(image.Rect(w/2, 0, w, h/2), color.NRGBA{20, 200, 20, 255})
	fill(image.Rect(0, h/2, w/2, h), color.NRGBA{20, 20, 220, 255})
	fill(image.Rect(w/2, h/2, w, h), color.NRGBA{240, 240, 240, 255})
	return img
}

func redraw[T draw.Image](dst T) T {
	draw.Draw(dst, dst.Bounds(), quarters(dst.Bounds().Dx(), dst.Bounds().Dy()), image.Point{}, draw.Src)
	return dst
}

func encoded(tb testing.TB, encode func(b *bytes.Buffer) error) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := encode(&b); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func jpegOf(tb testing.TB, img image.Image) []byte {
	tb.Helper()
	return encoded(tb, func(b *bytes.Buffer) error { return jpeg.Encode(b, img, &jpeg.Options{Quality: 95}) })
}

func pngOf(tb testing.TB, img image.Image) []byte {
	tb.Helper()
	return encoded(tb, func(b *bytes.Buffer) error { return png.Encode(b, img) })
}

func gifOf(tb testing.TB, frames int) []byte {
	tb.Helper()
	r := image.Rect(0, 0, side, side)
	palette := color.Palette{
		color.NRGBA{220, 20, 20, 255},
		color.NRGBA{20, 200, 20, 255},
		color.NRGBA{20, 20, 220, 255},
		color.NRGBA{240, 240, 240, 255},
		color.Transparent,
	}
	g := &gif.GIF{}
	for range frames {
		g.Image = append(g.Image, redraw(image.NewPaletted(r, palette)))
		g.Delay = append(g.Delay, 1)
	}
	return encoded(tb, func(b *bytes.Buffer) error { return gif.EncodeAll(b, g) })
}

// samples is one good file of every kind that is read.
func samples(tb testing.TB) map[string][]byte {
	tb.Helper()
	r := image.Rect(0, 0, side, side)
	q := quarters(side, side)
	web := solidWebP(side, side, color.NRGBA{220, 20, 20, 255})
	return map[string][]byte{
		"jpeg":       jpegOf(tb, q),
		"jpeg-grey":  jpegOf(tb, redraw(image.NewGray(r))),
		"jpeg-cmyk":  cmykJPEG(0, 220, 220, 20),
		"png":        pngOf(tb, q),
		"png-16":     pngOf(tb, redraw(image.NewNRGBA64(r))),
		"png-grey":   pngOf(tb, redraw(image.NewGray(r))),
		"png-grey16": pngOf(tb, redraw(image.NewGray16(r))),
		"gif":        gifOf(tb, 1),
		"gif-moving": gifOf(tb, 3),
		"webp":       web,
		"webp-anim":  animated(web, side, side),
		"bmp":        encoded(tb, func(b *bytes.Buffer) error { return bmp.Encode(b, q) }),
		"tiff":       encoded(tb, func(b *bytes.Buffer) error { return tiff.Encode(b, q, nil) }),
		"tiff-packed": encoded(tb, func(b *bytes.Buffer) error {
			return tiff.Encode(b, redraw(image.NewRGBA64(r)), &tiff.Options{Compression: tiff.Deflate, Predictor: true})
		}),
	}
}

// chunk is a PNG chunk.
func chunk(kind string, body []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	out = append(append(out, kind...), body...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
}

// insert puts part into data at a place.
func insert(data []byte, at int, part []byte) []byte {
	return append(append(append([]byte{}, data[:at]...), part...), data[at:]...)
}

// withSegment puts a marker segment after a JPEG's first two bytes.
func withSegment(data []byte, marker byte, body []byte) []byte {
	head := []byte{0xff, marker}
	head = binary.BigEndian.AppendUint16(head, uint16(len(body)+2))
	return insert(data, 2, append(head, body...))
}

// exif is a TIFF directory with an orientation.
func exif(order binary.AppendByteOrder, orientation uint16) []byte {
	out := []byte("II*\x00")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		out = []byte("MM\x00*")
	}
	out = order.AppendUint32(out, 8)
	out = order.AppendUint16(out, 1)
	out = order.AppendUint16(out, 274)
	out = order.AppendUint16(out, 3)
	out = order.AppendUint32(out, 1)
	out = order.AppendUint16(out, orientation)
	return append(out, 0, 0, 0, 0, 0, 0)
}

// icc is an RGB profile with the given primaries (columns of XYZ, D50) and one gamma.
func icc(gamma float64, primaries [3][3]float64) []byte {
	number := func(v float64) []byte { return binary.BigEndian.AppendUint32(nil, uint32(int32(math.Round(v*65536)))) }
	curve := append([]byte("curv\x00\x00\x00\x00\x00\x00\x00\x01"), byte(int(gamma*256)>>8), byte(int(gamma*256)), 0, 0)
	out := make([]byte, 132)
	copy(out[16:], "RGB XYZ ")
	copy(out[36:], "acsp")
	binary.BigEndian.PutUint32(out[128:], 6)
	at := 132 + 6*12
	var body []byte
	for i, name := range []string{"r", "g", "b"} {
		xyz := []byte("XYZ \x00\x00\x00\x00")
		for _, v := range primaries[i] {
			xyz = append(xyz, number(v)...)
		}
		for tag, element := range map[string][]byte{name + "XYZ": xyz, name + "TRC": curve} {
			out = append(out, tag...)
			out = binary.BigEndian.AppendUint32(out, uint32(at+len(body)))
			out = binary.BigEndian.AppendUint32(out, uint32(len(element)))
			body = append(body, element...)
		}
	}
	return append(out, body...)
}

// bitWriter writes VP8L bit streams.
type bitWriter struct {
	out   []byte
	value uint64
	n     int
}

// low appends n bits, least significant first, as VP8L has them.
func (b *bitWriter) low(v uint64, n int) {
	b.value |= v << b.n
	for b.n += n; b.n >= 8; b.n -= 8 {
		b.out = append(b.out, byte(b.value))
		b.value >>= 8
	}
}

// solidWebP is a lossless WebP of one colour: every prefix code has a single symbol, so pixels take no bits.
func solidWebP(w, h int, c color.NRGBA) []byte {
	b := &bitWriter{out: []byte{0x2f}}
	b.low(uint64(w-1), 14)
	b.low(uint64(h-1), 14)
	b.low(1, 1) // alpha is used
	b.low(0, 3) // version
	b.low(0, 3) // no transform, no colour cache, one group of codes
	for _, v := range []uint8{c.G, c.R, c.B, c.A} {
		b.low(0b101, 3) // simple, one symbol, of eight bits
		b.low(uint64(v), 8)
	}
	b.low(0b0001, 4) // distance: simple, one symbol, of one bit: 0
	b.low(0, 64-b.n%8)
	return riff(riffChunk("VP8L", b.out))
}

func riffChunk(kind string, body []byte) []byte {
	out := binary.LittleEndian.AppendUint32([]byte(kind), uint32(len(body)))
	out = append(out, body...)
	return append(out, make([]byte, len(body)%2)...)
}

func riff(body []byte) []byte {
	out := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body)+4))
	return append(append(out, "WEBP"...), body...)
}

// animated makes an animation of two frames of a still.
func animated(still []byte, w, h int) []byte {
	size := []byte{byte(w - 1), byte((w - 1) >> 8), 0, byte(h - 1), byte((h - 1) >> 8), 0}
	body := riffChunk("VP8X", append([]byte{0x12, 0, 0, 0}, size...))
	body = append(body, riffChunk("ANIM", make([]byte, 6))...)
	frame := append(make([]byte, 6), size...)
	frame = append(append(frame, 10, 0, 0, 0), still[12:]...)
	for range 2 {
		body = append(body, riffChunk("ANMF", frame)...)
	}
	return riff(body)
}

// cmykJPEG is a JPEG of one colour in four inks (0 none, 255 full), stored inverted with Adobe's marker. The sizes
// of DC differences have codes of four bits; every block ends after its DC.
func cmykJPEG(c, m, y, k uint8) []byte {
	out := []byte{0xff, 0xd8}
	segment := func(marker byte, body ...byte) {
		out = append(out, 0xff, marker, byte((len(body)+2)>>8), byte(len(body)+2))
		out = append(out, body...)
	}
	segment(0xee, append([]byte("Adobe"), 0, 100, 0, 0, 0, 0, 0)...)
	table := make([]byte, 65)
	for i := range table[1:] {
		table[1+i] = 1
	}
	segment(0xdb, table...)
	segment(0xc0, 8, 0, side, 0, side, 4, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 4, 0x11, 0)
	codes := func(class byte, length int, symbols ...byte) { // all of one length
		counts := make([]byte, 16)
		counts[length-1] = byte(len(symbols))
		segment(0xc4, append(append([]byte{class}, counts...), symbols...)...)
	}
	codes(0x00, 4, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
	codes(0x10, 1, 0)
	segment(0xda, 4, 1, 0, 2, 0, 3, 0, 4, 0, 0, 63, 0)
	var text []byte // of '0' and '1'
	for block := range side / 8 * side / 8 {
		for _, ink := range []uint8{c, m, y, k} {
			level := 8 * (int(255-ink) - 128)
			if block > 0 {
				level = 0 // the difference to the block before
			}
			size := bits.Len(uint(max(level, -level)))
			if level < 0 {
				level += 1<<size - 1
			}
			text = fmt.Appendf(text, "%04b", size)
			if size > 0 {
				text = fmt.Appendf(text, "%0*b", size, level)
			}
			text = append(text, '0')
		}
	}
	for len(text)%8 != 0 {
		text = append(text, '1')
	}
	for ; len(text) > 0; text = text[8:] {
		var v byte
		for _, bit := range text[:8] {
			v = v<<1 | (bit - '0')
		}
		if out = append(out, v); v == 0xff {
			out = append(out, 0)
		}
	}
	return append(out, 0xff, 0xd9)
}
