package persona

import (
	"bytes"
	"fmt"
	"image"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gioconda-live/gioconda/pipeline/retarget"
)

// tinyView is a view with a crop of edge pixels, unlike those of other edges.
func tinyView(edge int) View {
	r := image.Rect(0, 0, edge, edge)
	v := View{
		Crop: image.NewRGBA(r), Inside: image.NewGray(r), Matte: image.NewGray(r),
		Place: Place{X: 1, Y: float64(-edge), Edge: 2 * float64(edge)},
	}
	for i := range v.Matte.Pix {
		v.Matte.Pix[i], v.Inside.Pix[i] = uint8(i*edge), 255
		copy(v.Crop.Pix[4*i:], []uint8{uint8(i), uint8(i / edge), uint8(edge), 255})
	}
	face := fakeFace(float64(edge)/2, float64(edge)/2, float64(edge)/3, 0.2, float64(edge))
	v.Face = retarget.NewRest(&face.Points)
	return v
}

// tinyWith is tinyPersona with as many views.
func tinyWith(views int) *Persona {
	p := tinyPersona("tiny")
	for i := 1; i < views; i++ {
		p.Others = append(p.Others, tinyView(32+4*i))
	}
	return p
}

func names(tb testing.TB, data []byte) (out []string) {
	tb.Helper()
	table, err := parseTable(data, int64(len(data)))
	if err != nil {
		tb.Fatal(err)
	}
	for _, e := range table {
		out = append(out, e.name)
	}
	return out
}

func TestViewsRoundTrip(t *testing.T) {
	p := tinyWith(3)
	p.Others[0].Full = NewFull(p.Others[0].Crop)
	p.Sections["view2.hair.png"], p.Sections["view17.crop.png"] = []byte{7}, []byte{8}
	data := fileOf(t, p)
	if got, want := strings.Join(names(t, data), " "), "manifest.json crop.png inside.png matte.png rest.f32 triangles.u16 full.jpg "+
		"layer.a layer.b view17.crop.png view2.crop.png view2.full.jpg view2.hair.png view2.inside.png view2.matte.png view2.rest.f32 "+
		"view3.crop.png view3.inside.png view3.matte.png view3.rest.f32"; got != want {
		t.Errorf("sections\n%s, want\n%s", got, want)
	}
	q, err := Read(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if w, h := q.Others[0].Full.Size(); w != 36 || h != 36 || q.Others[1].Full != nil {
		t.Error("the whole pictures", w, h, q.Others[1].Full)
	}
	sameFile(t, "saved again", fileOf(t, q), data)
	p.Full, q.Full, p.Others[0].Full, q.Others[0].Full = nil, nil, nil, nil // JPEG loses a little
	if !reflect.DeepEqual(p, q) {
		t.Errorf("want %+v,\n got %+v", p.Manifest, q.Manifest)
	}
}

// TestMostViews: a persona may have all that the format allows, and one more of anything is too many.
func TestMostViews(t *testing.T) {
	p := tinyWith(MaxViews)
	for i := range p.Others {
		p.Others[i].Full = p.Full
	}
	for len(p.Sections) < maxOther {
		p.Sections[fmt.Sprintf("other.%d", len(p.Sections))] = []byte{1}
	}
	data := fileOf(t, p)
	if n := len(names(t, data)); n != maxSections {
		t.Errorf("%d sections, want %d", n, maxSections)
	}
	q, err := Read(bytes.NewReader(data))
	if err != nil || len(q.Others) != MaxViews-1 || len(q.Sections) != maxOther {
		t.Fatal(err)
	}
	if m, err := readManifest(bytes.NewReader(data), int64(len(data))); err != nil || m.ID != "tiny" {
		t.Error(m, err)
	}
	// Files of one view keep to what could be read before there were others.
	p.Others = nil
	if n := len(names(t, fileOf(t, p))); n != 64 {
		t.Errorf("%d sections beside one view, want 64", n)
	}
}

func TestUnfitViews(t *testing.T) {
	for name, spoil := range map[string]func(p *Persona){
		"17 views":                func(p *Persona) { *p = *tinyWith(MaxViews + 1) },
		"no crop":                 func(p *Persona) { p.Others[1].Crop = nil },
		"crop too large":          func(p *Persona) { p.Others[1] = tinyView(1028) },
		"crop too small":          func(p *Persona) { p.Others[1] = tinyView(28) },
		"other matte":             func(p *Persona) { p.Others[1].Matte = p.Others[0].Matte },
		"transparent":             func(p *Persona) { p.Others[1].Crop.Pix[3] = 0 },
		"no scale":                func(p *Persona) { p.Others[1].Face.Head.Scale = 0 },
		"no scale in the first":   func(p *Persona) { p.Face.Head.Scale = 0 },
		"not a number":            func(p *Persona) { p.Others[1].Face.Neutral[477].Z = float32(math.NaN()) },
		"a place beyond floats":   func(p *Persona) { p.Others[1].Place.X = 1e300 },
		"a large whole picture":   func(p *Persona) { p.Others[1].Full = NewFull(image.NewRGBA(image.Rect(0, 0, 2049, 1))) },
		"a section of a view":     func(p *Persona) { p.Sections["view3.matte.png"] = nil },
		"a section of no view":    func(p *Persona) { p.Sections["view16.rest.f32"] = nil },
		"one section too many":    func(p *Persona) { p.Sections = manySections(maxOther + 1) },
		"a manifest of 64 KiB":    func(p *Persona) { p.Manifest.Credit = strings.Repeat("x", maxManifest) },
		"more bytes than allowed": func(p *Persona) { p.Sections["much"] = make([]byte, maxFile) },
	} {
		p := tinyWith(3)
		spoil(p)
		if err := p.Write(&bytes.Buffer{}); err == nil {
			t.Errorf("%s was written", name)
		}
	}
}

func manySections(n int) map[string][]byte {
	out := map[string][]byte{}
	for i := range n {
		out[fmt.Sprintf("many.%d", i)] = nil
	}
	return out
}

// part is the section of that name.
func part(list []section, name string) *section {
	return &list[slices.IndexFunc(list, func(s section) bool { return s.name == name })]
}

// readSpoilt reads a file of three views after a change, and wants it refused.
func readSpoilt(t *testing.T, name string, spoil func(list []section) []section) {
	t.Helper()
	list, err := tinyWith(3).sections()
	if err != nil {
		t.Fatal(err)
	}
	if _, err = Read(bytes.NewReader(layout(list))); err != nil {
		t.Fatal("undamaged:", err)
	}
	p, err := Read(bytes.NewReader(layout(spoil(list))))
	if code(err) != CodeCorrupted || p != nil {
		t.Errorf("%s: %q (%v), want %q", name, code(err), err, CodeCorrupted)
	}
}

func TestIncompleteViews(t *testing.T) {
	for _, name := range []string{"view2.crop.png", "view3.inside.png", "view2.matte.png", "view3.rest.f32"} {
		readSpoilt(t, "no "+name, func(list []section) []section {
			return slices.DeleteFunc(list, func(s section) bool { return s.name == name })
		})
	}
	readSpoilt(t, "a gap", func(list []section) []section {
		for i := range list {
			list[i].name = strings.Replace(list[i].name, "view2.", "view4.", 1)
		}
		return list
	})
	readSpoilt(t, "only a part of the last view", func(list []section) []section {
		return append(list, section{"view16.rest.f32", part(list, "view2.rest.f32").data})
	})
}

func TestDamagedViews(t *testing.T) {
	other, err := tinyWith(7).sections() // with pictures of other sizes
	if err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(list []section){
		"a crop of another size": func(list []section) {
			part(list, "view2.crop.png").data = part(other, "view5.crop.png").data
		},
		"a grey crop": func(list []section) {
			part(list, "view2.crop.png").data = part(list, "view2.matte.png").data
		},
		"a matte in colours": func(list []section) {
			part(list, "view2.matte.png").data = part(list, "view2.crop.png").data
		},
		"a crop of 30000 x 30000": func(list []section) {
			copy(part(list, "view3.crop.png").data[16:], "\x00\x00\x75\x30\x00\x00\x75\x30")
		},
		"a number that is none": func(list []section) {
			copy(part(list, "view3.rest.f32").data[4*500:], "\x00\x00\xc0\x7f")
		},
		"a short rest": func(list []section) {
			part(list, "view3.rest.f32").data = part(list, "view3.rest.f32").data[4:]
		},
		"a whole picture that is none": func(list []section) {
			*part(list, "layer.a") = section{"view2.full.jpg", []byte("noise")}
		},
	} {
		readSpoilt(t, name, func(list []section) []section { spoil(list); return list })
	}
	readSpoilt(t, "too many other sections", func(list []section) []section {
		for name := range manySections(maxOther - 1) {
			list = append(list, section{name, nil})
		}
		return list
	})
}

func TestViewPart(t *testing.T) {
	for name, want := range map[string]string{
		"crop.png": "1 crop.png", "full.jpg": "1 full.jpg", "view2.crop.png": "2 crop.png", "view10.rest.f32": "10 rest.f32",
		"view16.matte.png": "16 matte.png", "view1.crop.png": "0 ", "view17.crop.png": "0 ", "view02.crop.png": "0 ",
		"view2.view3.crop.png": "0 ", "view2.triangles.u16": "0 ", "view2": "0 ", "view2.": "0 ", "": "0 ", "manifest.json": "0 ",
	} {
		n, part := viewPart(name)
		if got := fmt.Sprint(n, " ", part); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

// TestFirstDamageIsTold: however many cores read a file, what is wrong with it is told the same way.
func TestFirstDamageIsTold(t *testing.T) {
	p := tinyWith(4)
	sections, err := p.sections()
	if err != nil {
		t.Fatal(err)
	}
	for i := range sections {
		if n, part := viewPart(sections[i].name); n > 1 && part == partMatte {
			sections[i].data = []byte("no picture")
		}
	}
	for range 20 {
		if _, err := parse(layout(sections)); err == nil || !strings.HasPrefix(err.Error(), "view2.matte.png: ") {
			t.Fatal(err)
		}
	}
}
