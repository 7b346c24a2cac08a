package intake

import (
	"encoding/binary"
	"errors"
	"image"
	"testing"
)

// heifBox writes one box.
func heifBox(kind string, parts ...[]byte) []byte {
	out := append(make([]byte, 4), kind...)
	for _, p := range parts {
		out = append(out, p...)
	}
	binary.BigEndian.PutUint32(out, uint32(len(out)))
	return out
}

// heif writes the header of a picture file of w x h pixels, beside a thumbnail of 8 x 8, with properties after its size.
func heif(brand string, w, h uint32, properties ...[]byte) []byte {
	size := func(w, h uint32) []byte {
		return heifBox("ispe", make([]byte, 4), binary.BigEndian.AppendUint32(nil, w), binary.BigEndian.AppendUint32(nil, h))
	}
	list := [][]byte{size(8, 8), size(w, h)}
	list = append(list, properties...)
	entry := []byte{0, 7, byte(1 + len(properties)), 0x82}
	for i := range properties {
		entry = append(entry, byte(3+i))
	}
	return append(heifBox("ftyp", []byte(brand), make([]byte, 4), []byte("mif1"), []byte(brand)), heifBox("meta", make([]byte, 4),
		heifBox("hdlr", make([]byte, 24)),
		heifBox("pitm", []byte{0, 0, 0, 0, 0, 7}),
		heifBox("iprp", heifBox("ipco", list...), heifBox("ipma", []byte{0, 0, 0, 0, 0, 0, 0, 2, 0, 3, 1, 1}, entry)))...)
}

func TestForeignPictures(t *testing.T) {
	irot := func(a byte) []byte { return heifBox("irot", []byte{a}) }
	imir := func(a byte) []byte { return heifBox("imir", []byte{a}) }
	for name, tc := range map[string]struct {
		file []byte
		kind string
		exif int
	}{
		"avif": {heif("avif", 80, 120), "avif", 1}, "heic": {heif("heic", 80, 120), "heic", 1},
		"turned": {heif("heic", 80, 120, irot(1)), "heic", 8}, "on its head": {heif("heic", 80, 120, irot(2)), "heic", 3},
		"turned back": {heif("heic", 80, 120, irot(3)), "heic", 6}, "mirrored": {heif("heic", 80, 120, imir(1)), "heic", 2},
		"flipped": {heif("heic", 80, 120, imir(0)), "heic", 4}, "turned, mirrored": {heif("avif", 80, 120, irot(1), imir(1)), "avif", 7},
		"mirrored, turned": {heif("avif", 80, 120, imir(1), irot(1)), "avif", 5},
	} {
		if got := Kind(tc.file); got != tc.kind {
			t.Errorf("%s: kind %q", name, got)
		}
		var asked Header
		p, err := DecodeWith(t.Context(), tc.file, testLimits(), func(h Header) (*image.RGBA, error) {
			asked = h
			img := image.NewRGBA(image.Rect(0, 0, h.Width, h.Height))
			img.Pix[0] = 200
			return img, nil
		})
		if err != nil || asked.Width != 80 || asked.Height != 120 || asked.Orientation != tc.exif || p.Format != tc.kind {
			t.Errorf("%s: %+v, %v", name, asked, err)
			continue
		}
		if wide := p.Image.Rect.Dx() == 120; wide != (tc.exif >= 5) {
			t.Errorf("%s: %v", name, p.Image.Rect)
		}
	}
}

// TestForeignRefusals: what cannot be decoded is refused as where nobody can, and never decoded beyond the limits.
func TestForeignRefusals(t *testing.T) {
	never := func(Header) (*image.RGBA, error) {
		t.Error("decoded")
		return nil, errors.New("never")
	}
	tile := func(h Header) (*image.RGBA, error) { return image.NewRGBA(image.Rect(0, 0, h.Width/2, h.Height)), nil }
	failed := errors.New("no decoder")
	cannot := func(Header) (*image.RGBA, error) { return nil, failed }
	for name, tc := range map[string]struct {
		file    []byte
		foreign Foreign
		want    string
	}{
		"nobody can":    {heif("heic", 80, 120), nil, CodeUnsupportedHEIC},
		"this cannot":   {heif("avif", 80, 120), cannot, CodeUnsupportedAVIF},
		"one tile":      {heif("heic", 80, 120), tile, CodeUnsupportedHEIC},
		"no size":       {heif("heic", 0, 120), never, CodeUnsupportedHEIC},
		"cut":           {heif("heic", 80, 120)[:90], never, CodeUnsupportedHEIC},
		"enormous":      {heif("heic", 1<<30, 120), never, CodeUnsupportedHEIC},
		"too large":     {heif("heic", 1<<19, 1<<19), never, CodeTooLargePixels},
		"too small":     {heif("avif", 1, 20), never, CodeTooSmall},
		"a video":       {append(heifBox("ftyp", []byte("isom"), make([]byte, 12)), 0), never, CodeUnsupportedFormat},
		"many":          {heif("avis", 80, 120), never, CodeUnsupportedAVIF},
		"quite another": {[]byte("%PDF-1.4 and more"), never, CodeUnsupportedFormat},
	} {
		_, err := DecodeWith(t.Context(), tc.file, testLimits(), tc.foreign)
		if code(err) != tc.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := DecodeWith(t.Context(), heif("avif", 80, 120), testLimits(), cannot); !errors.Is(err, failed) {
		t.Errorf("the cause is lost: %v", err)
	}
}

func FuzzHEIF(f *testing.F) {
	f.Add(heif("heic", 80, 120, heifBox("irot", []byte{3})))
	f.Add(heif("avif", 8, 8))
	f.Fuzz(func(t *testing.T, data []byte) {
		h, ok := heifHeader(data)
		if ok && (h.Width < 1 || h.Height < 1 || h.Width > 1<<20 || h.Height > 1<<20 || h.Orientation < 1 || h.Orientation > 8) {
			t.Errorf("%+v", h)
		}
	})
}
