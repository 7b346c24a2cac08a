package intake

import (
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func code(err error) string {
	var e *Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &e):
		return e.Code()
	}
	return "untyped: " + err.Error()
}

func notes(p *Picture) (out []string) {
	for _, n := range p.Notes {
		out = append(out, n.Code)
	}
	return out
}

// near holds the pixel at (x, y) to a colour within tolerance.
func near(t *testing.T, img *image.RGBA, x, y int, want [3]int, tolerance int) {
	t.Helper()
	c := img.RGBAAt(x, y)
	for k, v := range []uint8{c.R, c.G, c.B} {
		if d := int(v) - want[k]; d > tolerance || d < -tolerance {
			t.Errorf("pixel (%d, %d) is %v, want %v within %d", x, y, c, want, tolerance)
			return
		}
	}
}

func TestDecodeKinds(t *testing.T) {
	red, white := [3]int{220, 20, 20}, [3]int{240, 240, 240}
	grey := [3]int{80, 80, 80}
	files := samples(t)
	for name, want := range map[string]struct {
		first, last [3]int
		note        string
	}{
		"jpeg": {red, white, ""}, "jpeg-grey": {grey, white, ""}, "jpeg-cmyk": {[3]int{235, 32, 32}, [3]int{235, 32, 32}, NoteCMYK},
		"png": {red, white, ""}, "png-16": {red, white, ""}, "png-grey": {grey, white, ""}, "png-grey16": {grey, white, ""},
		"gif": {red, white, ""}, "gif-moving": {red, white, NoteAnimated},
		"webp": {red, red, ""}, "webp-anim": {red, red, NoteAnimated},
		"bmp": {red, white, ""}, "tiff": {red, white, ""}, "tiff-packed": {red, white, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := Decode(files[name], testLimits())
			if err != nil {
				t.Fatal(code(err), err, errors.Unwrap(err))
			}
			if p.Image.Rect != image.Rect(0, 0, side, side) || p.Image.Stride != 4*side || !p.Image.Opaque() {
				t.Errorf("%v, stride %d, opaque %v", p.Image.Rect, p.Image.Stride, p.Image.Opaque())
			}
			if !strings.HasPrefix(name, p.Format) {
				t.Errorf("format %s", p.Format)
			}
			near(t, p.Image, 4, 4, want.first, 6)
			near(t, p.Image, side-4, side-4, want.last, 6)
			if got := strings.Join(notes(p), " "); got != want.note {
				t.Errorf("notes %q, want %q", got, want.note)
			}
		})
	}
}

func TestOrientation(t *testing.T) {
	const w, h = 48, 32
	r, g, b, n := [3]int{220, 20, 20}, [3]int{20, 200, 20}, [3]int{20, 20, 220}, [3]int{240, 240, 240}
	for o, want := range map[uint16][4][3]int{ // corners in reading order
		0: {r, g, b, n}, 1: {r, g, b, n}, 2: {g, r, n, b}, 3: {n, b, g, r}, 4: {b, n, r, g},
		5: {r, b, g, n}, 6: {b, r, n, g}, 7: {n, g, b, r}, 8: {g, n, r, b}, 9: {r, g, b, n},
	} {
		img := quarters(w, h)
		files := map[string][]byte{
			"jpeg": withSegment(jpegOf(t, img), 0xe1, append([]byte("Exif\x00\x00"), exif(binary.LittleEndian, o)...)),
			"png":  insert(pngOf(t, img), 33, chunk("eXIf", exif(binary.BigEndian, o))),
		}
		for name, data := range files {
			p, err := Decode(data, testLimits())
			if err != nil {
				t.Fatal(name, o, err)
			}
			cw, ch := w, h
			if o >= 5 && o <= 8 {
				cw, ch = h, w
			}
			if p.Image.Rect != image.Rect(0, 0, cw, ch) {
				t.Fatalf("%s, orientation %d: %v", name, o, p.Image.Rect)
			}
			near(t, p.Image, 4, 4, want[0], 6)
			near(t, p.Image, cw-4, 4, want[1], 6)
			near(t, p.Image, 4, ch-4, want[2], 6)
			near(t, p.Image, cw-4, ch-4, want[3], 6)
		}
	}
}

func TestProfiles(t *testing.T) {
	adobe := icc(2.19921875, [3][3]float64{{0.60974, 0.31111, 0.01947}, {0.20528, 0.62567, 0.06087}, {0.14919, 0.06322, 0.74457}})
	p3 := icc(2.2, [3][3]float64{{0.51512, 0.2412, -0.00105}, {0.29198, 0.69225, 0.04189}, {0.1571, 0.06657, 0.78407}})
	standard := icc(2.2, [3][3]float64{{0.43607, 0.22249, 0.01392}, {0.38515, 0.71687, 0.09708}, {0.14307, 0.06061, 0.7141}})
	for _, c := range []struct {
		name     string
		profile  []byte
		from, to [3]int
		note     string
	}{
		{"Adobe RGB holds sRGB green so", adobe, [3]int{144, 255, 60}, [3]int{0, 255, 0}, ""},
		{"Display P3 holds sRGB red so", p3, [3]int{234, 51, 35}, [3]int{255, 0, 0}, ""},
		{"greys stay", p3, [3]int{128, 128, 128}, [3]int{128, 128, 128}, ""},
		{"nearly sRGB is left alone", standard, [3]int{200, 100, 50}, [3]int{200, 100, 50}, ""},
		{"broken", p3[:150], [3]int{200, 100, 50}, [3]int{200, 100, 50}, NoteProfileIgnored},
		{"no profile at all", []byte("hello"), [3]int{200, 100, 50}, [3]int{200, 100, 50}, NoteProfileIgnored},
	} {
		img := image.NewNRGBA(image.Rect(0, 0, side, side))
		for i := range side * side {
			img.SetNRGBA(i%side, i/side, color.NRGBA{uint8(c.from[0]), uint8(c.from[1]), uint8(c.from[2]), 255})
		}
		body := append([]byte("ICC_PROFILE\x00\x01\x01"), c.profile...)
		p, err := Decode(withSegment(jpegOf(t, img), 0xe2, body), testLimits())
		if err != nil {
			t.Fatal(c.name, err)
		}
		near(t, p.Image, side/2, side/2, c.to, 10)
		if got := strings.Join(notes(p), " "); got != c.note {
			t.Errorf("%s: notes %q, want %q", c.name, got, c.note)
		}
	}
}

func TestTransparent(t *testing.T) {
	img := quarters(side, side)
	for i := range side * side {
		if x, y := i%side, i/side; x < 8 || y < 8 { // a good part of the picture
			img.SetNRGBA(x, y, color.NRGBA{})
		}
	}
	p, err := Decode(pngOf(t, img), testLimits())
	if err != nil {
		t.Fatal(err)
	}
	if !p.Image.Opaque() || !slices.Contains(notes(p), NoteTransparent) {
		t.Error("not flattened", notes(p))
	}
	if c := p.Image.RGBAAt(2, 2); c.R < 60 || c.R != c.G || c.G != c.B {
		t.Errorf("the background is %v, want a grey that is not black", c)
	}
	near(t, p.Image, 12, 12, [3]int{220, 20, 20}, 0)
}

func TestRefusals(t *testing.T) {
	brand := func(b string) []byte { return []byte("\x00\x00\x00\x18ftyp" + b + "\x00\x00\x00\x00mif1" + b + "....") }
	limits := testLimits()
	limits.MaxBytes = 1 << 20
	small := DefaultLimits()
	for _, c := range []struct {
		name   string
		data   []byte
		limits Limits
		want   string
	}{
		{"nothing", nil, limits, CodeEmpty},
		{"text", []byte("hello, this is only text\n"), limits, CodeNotAnImage},
		{"zeros", make([]byte, 4096), limits, CodeNotAnImage},
		{"too many bytes", make([]byte, 1<<20+1), limits, CodeTooLargeBytes},
		{"heic", brand("heic"), limits, CodeUnsupportedHEIC},
		{"avif", brand("avif"), limits, CodeUnsupportedAVIF},
		{"video", brand("isom")[:16], limits, CodeUnsupportedFormat},
		{"photoshop", []byte("8BPS\x00\x01............"), limits, CodeUnsupportedFormat},
		{"pdf", []byte("%PDF-1.7 ..."), limits, CodeUnsupportedFormat},
		{"svg", []byte("<svg xmlns='x'/>"), limits, CodeUnsupportedFormat},
		{"tiny", samples(t)["png"], small, CodeTooSmall},
		{"many scans", append(samples(t)["jpeg"], []byte(strings.Repeat("\xff\xda", 500))...), limits, CodeTooComplex},
		{"two bytes", []byte{0xff, 0xd8}, limits, CodeNotAnImage},
		{"jpeg without a picture", []byte{0xff, 0xd8, 0xff, 0xd9}, limits, CodeDamaged},
	} {
		_, err := Decode(c.data, c.limits)
		if code(err) != c.want {
			t.Errorf("%s: %q (%v), want %q", c.name, code(err), err, c.want)
		} else if s := err.Error(); !strings.HasSuffix(s, ".") || len(s) < 30 {
			t.Errorf("%s: %q is not a sentence", c.name, s)
		}
	}
}

func TestTruncated(t *testing.T) {
	for name, data := range samples(t) {
		for _, n := range []int{3, 12, 20, len(data) / 4, len(data) / 2, len(data) * 3 / 4} {
			if _, err := Decode(data[:min(n, len(data))], testLimits()); err == nil && name != "gif-moving" && name != "webp" {
				t.Errorf("%s cut after %d of %d bytes was read", name, n, len(data))
			} else if c := code(err); strings.HasPrefix(c, "untyped") {
				t.Errorf("%s cut after %d: %s", name, n, c)
			}
		}
		if _, err := Decode(data[:len(data)/2], testLimits()); code(err) == CodeTruncated {
			continue
		} else if slices.Contains([]string{"jpeg", "png", "bmp", "tiff", "gif"}, name) {
			t.Errorf("half of %s: %v (%v), want %s", name, err, errors.Unwrap(err), CodeTruncated)
		}
	}
}

// bombs are files whose headers claim 30000 x 30000 pixels (WebP: its largest).
func bombs(tb testing.TB) map[string][]byte {
	tb.Helper()
	files := maps.Clone(samples(tb))
	const big = 30000
	sof := func(data []byte, marker byte) []byte {
		data = slices.Clone(data)
		for i := 2; i < len(data)-9; i++ {
			if data[i] == 0xff && data[i+1] == 0xc0 {
				data[i+1] = marker
				binary.BigEndian.PutUint16(data[i+5:], big)
				binary.BigEndian.PutUint16(data[i+7:], big)
				break
			}
		}
		return data
	}
	header := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, big), big)
	files["jpeg-progressive"] = sof(files["jpeg"], 0xc2)
	files["jpeg"] = sof(files["jpeg"], 0xc0)
	files["jpeg-cmyk"] = sof(files["jpeg-cmyk"], 0xc0)
	for _, name := range []string{"png", "png-16"} {
		data := files[name]
		files[name] = append(append(data[:8:8], chunk("IHDR", append(header, data[24:29]...))...), data[33:]...)
	}
	files["gif"] = slices.Clone(files["gif"])
	binary.LittleEndian.PutUint16(files["gif"][6:], big)
	binary.LittleEndian.PutUint16(files["gif"][8:], big)
	files["bmp"] = slices.Clone(files["bmp"])
	binary.LittleEndian.PutUint32(files["bmp"][18:], big)
	binary.LittleEndian.PutUint32(files["bmp"][22:], big)
	files["tiff"] = tiffSized(files["tiff"], big)
	files["webp"] = solidWebP(16384, 16384, color.NRGBA{A: 255})
	files["webp-anim"] = animated(files["webp"], 64, 64)
	for _, name := range []string{"jpeg-grey", "png-grey", "png-grey16", "gif-moving", "tiff-packed"} {
		delete(files, name)
	}
	return files
}

// tiffSized changes width and height in the first directory.
func tiffSized(data []byte, n uint32) []byte {
	data = slices.Clone(data)
	at := binary.LittleEndian.Uint32(data[4:])
	for i := range int(binary.LittleEndian.Uint16(data[at:])) {
		e := data[int(at)+2+12*i:]
		if tag := binary.LittleEndian.Uint16(e); tag == 256 || tag == 257 {
			binary.LittleEndian.PutUint32(e[8:], n)
		}
	}
	return data
}

func TestHeaderBombs(t *testing.T) {
	for name, data := range bombs(t) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Decode(data, testLimits())
		runtime.ReadMemStats(&after)
		if code(err) != CodeTooLargePixels {
			t.Errorf("%s: %q (%v), want %q", name, code(err), err, CodeTooLargePixels)
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
			t.Errorf("%s: %d bytes allocated", name, n)
		}
	}
	// Within the limits, but there cannot be enough data: refused before allocating, too.
	for _, name := range []string{"jpeg", "png", "bmp"} {
		l := testLimits()
		l.MaxPixels, l.MaxEdge, l.MaxMemory = 1<<40, 1<<20, 1<<50
		if _, err := Decode(bombs(t)[name], l); code(err) != CodeTruncated {
			t.Errorf("%s without limits: %q, want %q", name, code(err), CodeTruncated)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, data := range samples(f) {
		f.Add(data)
	}
	for _, data := range bombs(f) {
		f.Add(data)
	}
	f.Add([]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"))
	limits := Limits{MaxBytes: 1 << 16, MaxEdge: 512, MaxPixels: 1 << 14, MaxMemory: 1 << 20, MinEdge: 1}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Decode(data, limits)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Code() == "" || e.Error() == "" {
				t.Fatalf("%v is no refusal in words", err)
			}
			return
		}
		if w, h := p.Image.Rect.Dx(), p.Image.Rect.Dy(); w < 1 || h < 1 || w*h > 1<<14 || len(p.Image.Pix) != 4*w*h {
			t.Fatal(p.Image.Rect)
		}
	})
}

func FuzzHeaders(f *testing.F) {
	for _, data := range samples(f) {
		f.Add(data)
	}
	for _, data := range bombs(f) {
		f.Add(data)
	}
	f.Add(icc(2.2, [3][3]float64{{0.4, 0.2, 0.01}, {0.4, 0.7, 0.1}, {0.1, 0.1, 0.7}}))
	f.Add(exif(binary.LittleEndian, 6))
	f.Fuzz(func(t *testing.T, data []byte) {
		h, err := Inspect(data, DefaultLimits())
		if err == nil && (h.Width > 12000 || h.Height > 12000 || h.Width < 64 || h.Orientation < 1 || h.Orientation > 8) {
			t.Fatalf("%+v was let through", h)
		}
		readTIFF(data)
		if p, err := parseProfile(data); err == nil {
			p.apply(image.NewRGBA(image.Rect(0, 0, 2, 2)))
		}
	})
}
