package portrait

import (
	"bytes"
	"strings"
	"testing"

	"github.com/gioconda-live/gioconda/models/ort"
	"github.com/gioconda-live/gioconda/models/persona"
)

// TestAppearanceIsKept: what a persona keeps is what the encoder found, until it is another encoder's or damaged.
func TestAppearanceIsKept(t *testing.T) {
	rt := runtime(t)
	m, err := Load(rt, toy(t, 0.2, nil))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = m.Close() }()
	p := greyPersona(90)
	a, err := m.Appearance(p)
	if err != nil {
		t.Fatal(err)
	}
	old := &persona.Persona{Sections: map[string][]byte{
		"appearance.000000000000": append([]byte{appearanceVersion, 0, 3}, "toy and more"...),
		"appearance.111111111111": append([]byte{appearanceVersion, 0, 5}, "other"...),
		"somebody.else":           {1},
	}}
	p.Sections = old.Sections
	kept := m.Keep(p, a)
	section := kept.Sections[m.Section()]
	if len(kept.Sections) != 3 || kept.Sections["appearance.000000000000"] != nil || len(section) == 0 || len(m.Section()) > 24 {
		t.Errorf("sections %v", kept.Sections)
	}
	if len(p.Sections) != 3 || p.Sections[m.Section()] != nil {
		t.Error("the persona itself was changed")
	}
	if m.Keep(kept, a) != kept {
		t.Error("what is kept already was kept again")
	}
	got := m.kept(kept, false)
	if got == nil || got.persona != kept || got.parts[0].values[0].floats[0] != a.parts[0].values[0].floats[0] {
		t.Fatalf("kept is %+v, found was %+v", got, a)
	}
	// An appearance that is kept is used: here it says something else than the encoder would.
	lie := bytes.Clone(section)
	copy(lie[len(lie)-4:], []byte{0, 0, 128, 63}) // 1
	kept.Sections[m.Section()] = lie
	b, err := m.Appearance(kept)
	if err != nil || b.parts[0].values[0].floats[0] != 1 {
		t.Errorf("%+v, %v", b, err)
	}
	for name, spoil := range map[string]func([]byte) []byte{
		"empty":     func([]byte) []byte { return nil },
		"cut":       func(b []byte) []byte { return b[:len(b)-1] },
		"longer":    func(b []byte) []byte { return append(b, 0) },
		"version":   func(b []byte) []byte { b[0] = 9; return b },
		"hash":      func(b []byte) []byte { b[8]++; return b },
		"not a sum": func(b []byte) []byte { copy(b[len(b)-4:], []byte{0, 0, 192, 127}); return b },
	} {
		kept.Sections[m.Section()] = spoil(bytes.Clone(section))
		b, err = m.Appearance(kept)
		if err != nil || b.parts[0].values[0].floats[0] != a.parts[0].values[0].floats[0] {
			t.Errorf("%s: %+v, %v", name, b, err)
		}
	}
	other, err := Load(rt, toy(t, 0.2, func(m *Manifest, _ string) { m.Parts[0].Region.DY = 0.2 }))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	if other.Section() == m.Section() {
		t.Error("another region has the same section")
	}
}

// TestTunedIsKept: what was tuned lies beside what the encoders found and goes before it, as long as it is of these networks and whole.
func TestTunedIsKept(t *testing.T) {
	rt := runtime(t)
	m, err := Load(rt, toy(t, 0.2, nil))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = m.Close() }()
	p := greyPersona(90)
	plain, err := m.Appearance(p)
	if err != nil {
		t.Fatal(err)
	}
	p = m.Keep(p, plain)
	p.Sections["tuned.000000000000"] = append([]byte{appearanceVersion, 0, 3}, "toy before"...)
	p.Sections["tuned.111111111111"] = append([]byte{appearanceVersion, 0, 5}, "other"...)
	better := &Appearance{persona: p, parts: []*features{{values: []values{{floats: []float32{0.75}}}}}}
	kept := m.KeepTuned(p, better)
	section := kept.Sections[m.TunedSection()]
	if len(p.Sections) != 3 || len(kept.Sections) != 3 || kept.Sections["tuned.000000000000"] != nil || len(section) == 0 || len(m.TunedSection()) > 24 {
		t.Errorf("sections %v of %v", kept.Sections, p.Sections)
	}
	is := func(name string, p *persona.Persona, tuned bool) {
		t.Helper()
		a, err := m.Appearance(p)
		want := plain
		if tuned {
			want = better
		}
		if err != nil || a.Tuned() != tuned || a.persona != p || a.parts[0].values[0].floats[0] != want.parts[0].values[0].floats[0] {
			t.Errorf("%s: %+v, %v", name, a, err)
		}
		if a, err = m.Plain(p); err != nil || a.Tuned() || a.parts[0].values[0].floats[0] != plain.parts[0].values[0].floats[0] {
			t.Errorf("%s: plain is %+v, %v", name, a, err)
		}
	}
	is("before", p, false)
	is("kept", kept, true)
	without := m.KeepTuned(kept, nil)
	is("taken back", without, false)
	if len(without.Sections) != 2 || len(kept.Sections) != 3 {
		t.Errorf("sections %v of %v", without.Sections, kept.Sections)
	}
	if bare := Untuned(kept); len(bare.Sections) != 1 || bare.Sections[m.Section()] == nil || Untuned(bare) != bare || len(kept.Sections) != 3 {
		t.Errorf("without what any was tuned to: %v", bare.Sections)
	}
	a, err := m.Appearance(kept)
	if err != nil || m.KeepTuned(p, a).Sections[m.TunedSection()] == nil {
		t.Error("what was tuned cannot be kept again", err)
	}
	alone := greyPersona(90)
	if m.Keep(alone, a) != alone {
		t.Error("what was tuned is kept as what the encoders found")
	}
	for name, spoil := range map[string]func([]byte) []byte{
		"empty":         func([]byte) []byte { return nil },
		"cut":           func(b []byte) []byte { return b[:len(b)-1] },
		"longer":        func(b []byte) []byte { return append(b, 0) },
		"version":       func(b []byte) []byte { b[0] = 9; return b },
		"hash":          func(b []byte) []byte { b[8]++; return b },
		"more numbers":  func(b []byte) []byte { b[len(b)-8]++; return b },
		"not a number":  func(b []byte) []byte { copy(b[len(b)-4:], []byte{0, 0, 192, 127}); return b },
		"not tuned":     func([]byte) []byte { return kept.Sections[m.Section()] },
		"a name beyond": func(b []byte) []byte { b[2] = 255; return b },
	} {
		damaged := m.KeepTuned(kept, better)
		damaged.Sections[m.TunedSection()] = spoil(bytes.Clone(section))
		is(name, damaged, false)
	}
	other, err := Load(rt, toy(t, 0.3, nil))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	if other.Section() != m.Section() || other.TunedSection() == m.TunedSection() {
		t.Error("what was tuned for another generator with this encoder is taken for this one's")
	}
	twin, err := m.Twin()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = twin.Close() }()
	if twin.TunedSection() != m.TunedSection() {
		t.Error("a twin reads other sections")
	}
}

// TestAppearanceInBytes: an encoder may give bytes. They reach the generator, are kept in a section, and paint what numbers do.
func TestAppearanceInBytes(t *testing.T) {
	rt := runtime(t)
	var luma [2][]byte
	for k, asByte := range []bool{false, true} {
		m, err := Load(rt, toyOf(t, 0.2, asByte, nil))
		if err != nil {
			t.Fatal(err)
		}
		p := greyPersona(90)
		a, err := m.Appearance(p)
		if err != nil {
			t.Fatal(err)
		}
		kept := m.Keep(p, a)
		b := m.kept(kept, false)
		if b == nil || len(b.parts[0].values[0].bytes) != k || len(b.parts[0].values[0].floats) != 1-k {
			t.Fatalf("kept %+v of %+v", b, a)
		}
		if section := kept.Sections[m.Section()]; asByte {
			section[len(section)-1] ^= 0x80
			if other, err := m.Appearance(kept); err != nil || other.parts[0].values[0].bytes[0] != a.parts[0].values[0].bytes[0]^0x80 {
				t.Errorf("a byte that is kept is not used: %+v, %v", other, err)
			}
		}
		painter, err := m.NewPainter(b, 128)
		if err != nil {
			t.Fatal(err)
		}
		f, st := greyFrame(t, 128), opened(&p.Face, 0.2)
		if err := painter.Paint(f, &st); err != nil {
			t.Fatal(err)
		}
		luma[k] = f.Y
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}
	changed := 0
	for i, y := range luma[0] {
		if d := int(y) - int(luma[1][i]); d < -1 || d > 1 {
			t.Fatalf("pixel %d is %d by numbers and %d by bytes", i, y, luma[1][i])
		}
		if y != 100 {
			changed++
		}
	}
	if changed == 0 {
		t.Error("nothing was painted")
	}
}

// TestWhatAnEncoderGivesFits: the generator takes it by name, kind and shape, for batches with a first dimension of 1.
func TestWhatAnEncoderGivesFits(t *testing.T) {
	m, err := Load(runtime(t), toy(t, 0.2, nil))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = m.Close() }()
	session := m.parts[0].presses[0].session
	for want, c := range map[string]struct {
		port ort.Port
		rows int
	}{
		"for batches":          {ort.Port{Name: "look", Shape: []int{3, 1}}, 2},
		"does not take":        {ort.Port{Name: "look", Shape: []int{1, 1, 1, 1}, Bytes: true}, 1},
		"which nothing gives":  {ort.Port{Name: "maps", Shape: []int{1, MapPlanes, testEdge, testEdge}}, 1},
		"wanted is float32 [3": {ort.Port{Name: "look", Shape: []int{3, 1, 1, 1}}, 1},
	} {
		if _, err := openWires(session, []ort.Port{c.port}, c.rows); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, not %q", c.port, err, want)
		}
	}
	if _, err := openWires(session, []ort.Port{{Name: "look", Shape: []int{1, 1, 1, 1}}}, 1); err != nil {
		t.Error(err)
	}
}

func FuzzAppearance(f *testing.F) {
	rt := runtime(f)
	m, err := Load(rt, shipped(f))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = m.Close() })
	a, err := m.Appearance(greyPersona(90))
	if err != nil {
		f.Fatal(err)
	}
	good := m.encode(a)
	f.Add(good)
	f.Add(good[:50])
	f.Add(m.encode(&Appearance{parts: a.parts, tuned: true}))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, tuned := range []bool{false, true} {
			if a, err := m.decode(b, tuned); err == nil && (a.tuned != tuned || !bytes.Equal(m.encode(a), b)) {
				t.Error("a section that was read is written differently")
			}
		}
		_ = generatorOf(b)
	})
}
