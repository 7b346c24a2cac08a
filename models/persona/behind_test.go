package persona

import (
	"bytes"
	"image"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// tinyBehind is tinyWith, behind whose person something was seen.
func tinyBehind(views int) *Persona {
	p := tinyWith(views)
	p.Behind = &Behind{Picture: image.NewRGBA(p.Crop.Rect), Seen: image.NewGray(p.Crop.Rect)}
	for i := range p.Behind.Seen.Pix {
		p.Behind.Seen.Pix[i] = uint8(3 * i)
		copy(p.Behind.Picture.Pix[4*i:], []uint8{uint8(40 + i/32), uint8(90 + i%32), 120, 255})
	}
	return p
}

// TestBehindRoundTrip: what is behind the person is read as it was written, and written again to the same bytes; a file brought from
// elsewhere keeps it.
func TestBehindRoundTrip(t *testing.T) {
	p := tinyBehind(2)
	data := fileOf(t, p)
	if got, want := strings.Join(names(t, data)[7:11], " "), "behind.jpg behind.png layer.a layer.b"; got != want {
		t.Errorf("sections %q, want %q", got, want)
	}
	q, err := Read(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	sameFile(t, "saved again", fileOf(t, q), data)
	if !reflect.DeepEqual(q.Behind.Seen, p.Behind.Seen) || q.Behind.Picture.Rect != p.Crop.Rect {
		t.Error("what was seen has changed")
	}
	for i, v := range q.Behind.Picture.Pix {
		if d := int(v) - int(p.Behind.Picture.Pix[i]); d > 4 || d < -4 {
			t.Fatalf("byte %d is %d, was %d", i, v, p.Behind.Picture.Pix[i])
		}
	}
	if q, err = ReadForeign(bytes.NewReader(data), true); err != nil || q.Behind == nil || q.Sections != nil {
		t.Error("brought from elsewhere:", err)
	}
	p.Behind = nil
	if q, err = Read(bytes.NewReader(fileOf(t, p))); err != nil || q.Behind != nil {
		t.Error("without:", err)
	}
}

// TestBehindCountsAsOptional: a file of one view keeps to what readers from before there was such a thing take.
func TestBehindCountsAsOptional(t *testing.T) {
	p := tinyBehind(1)
	p.Sections = manySections(maxOther - 2)
	if n := len(names(t, fileOf(t, p))); n != 64 {
		t.Errorf("%d sections, want 64", n)
	}
	p.Sections = manySections(maxOther - 1)
	if p.Write(&bytes.Buffer{}) == nil {
		t.Error("one section too many was written")
	}
}

func TestUnfitBehind(t *testing.T) {
	for name, spoil := range map[string]func(p *Persona){
		"no picture":        func(p *Persona) { p.Behind.Picture = nil },
		"nothing seen":      func(p *Persona) { p.Behind.Seen = nil },
		"another size":      func(p *Persona) { p.Behind = tinyBehind(1).Behind; p.View = tinyView(36) },
		"another size seen": func(p *Persona) { p.Behind.Seen = tinyView(36).Matte },
		"transparent":       func(p *Persona) { p.Behind.Picture.Pix[3] = 0 },
		"its name taken":    func(p *Persona) { p.Behind = nil; p.Sections[sectionSeen] = nil },
	} {
		p := tinyBehind(2)
		spoil(p)
		if err := p.Write(&bytes.Buffer{}); err == nil {
			t.Errorf("%s was written", name)
		}
	}
}

// TestDamagedBehind: nothing of it is believed before it is bounded.
func TestDamagedBehind(t *testing.T) {
	good, err := tinyBehind(2).sections()
	if err != nil {
		t.Fatal(err)
	}
	picture, other := part(good, sectionBehind).data, tinyBehind(2)
	other.View = tinyView(36)
	other.Behind = &Behind{Picture: other.Crop, Seen: other.Matte}
	wrong, err := other.sections()
	if err != nil {
		t.Fatal(err)
	}
	scans := slices.Concat(picture[:len(picture)-2], picture[bytes.Index(picture, []byte("\xff\xda")):])
	huge := slices.Clone(picture)
	at := bytes.Index(huge, []byte("\xff\xc0"))
	copy(huge[at+5:], "\x75\x30\x75\x30")
	for name, spoil := range map[string]func(list []section){
		"no picture":        func(list []section) { part(list, sectionBehind).name = "zebra" },
		"nothing seen":      func(list []section) { part(list, sectionSeen).name = "zebra" },
		"noise":             func(list []section) { part(list, sectionBehind).data = []byte("noise") },
		"half a picture":    func(list []section) { part(list, sectionBehind).data = picture[:len(picture)/2] },
		"a picture as seen": func(list []section) { part(list, sectionSeen).data = part(list, partCrop).data },
		"a PNG":             func(list []section) { part(list, sectionBehind).data = part(list, partCrop).data },
		"another size":      func(list []section) { part(list, sectionBehind).data = part(wrong, sectionBehind).data },
		"another size seen": func(list []section) { part(list, sectionSeen).data = part(wrong, sectionSeen).data },
		"30000 x 30000":     func(list []section) { part(list, sectionBehind).data = huge },
		"many scans":        func(list []section) { part(list, sectionBehind).data = scans },
		"more bytes than may be": func(list []section) {
			part(list, sectionBehind).data = append(slices.Clip(picture), make([]byte, mostBehind)...)
		},
	} {
		list := slices.Clone(good)
		spoil(list)
		p, err := Read(bytes.NewReader(layout(list)))
		if code(err) != CodeCorrupted || p != nil {
			t.Errorf("%s: %q (%v), want %q", name, code(err), err, CodeCorrupted)
		}
	}
}
