package portrait

import (
	"os"
	"path/filepath"
	"testing"
)

// shipped is the folder of the weights that come with the program.
func shipped(tb testing.TB) string {
	tb.Helper()
	dir := filepath.Join("weights", "gioconda-s")
	if v := os.Getenv("GIOCONDA_GENERATOR"); v != "" {
		dir = v
	}
	if _, err := os.Stat(filepath.Join(dir, ManifestName)); err != nil {
		tb.Skipf("SKIPPED, nothing was tested: no weights in %s", dir)
	}
	return dir
}

func BenchmarkPaint(b *testing.B) {
	m, err := Load(runtime(b), shipped(b))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = m.Close() }()
	p := greyPersona(128)
	a, err := m.Appearance(p)
	if err != nil {
		b.Fatal(err)
	}
	painter, err := m.NewPainter(a, 512)
	if err != nil {
		b.Fatal(err)
	}
	f, st := greyFrame(b, 512), opened(&p.Face, 0.2)
	b.Run("whole", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := painter.Paint(f, &st); err != nil {
				b.Fatal(err)
			}
		}
	})
	p0, view := m.parts[0], m.parts[0].presses[0].view
	anchor := p0.region.Anchor(&p.Face)
	at := p0.region.Align(&st.Head, anchor)
	px := at.Scaled(512)
	b.Run("maps", func(b *testing.B) {
		for b.Loop() {
			view.mapper.Maps(view.maps(0), &st, &p.Face, anchor, &at)
		}
	})
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			p0.region.Read(view.floats.picture, f, &px)
		}
	})
	b.Run("lay", func(b *testing.B) {
		for b.Loop() {
			p0.presses[0].lay(0, f, &px, 1, 0, &gamut{x: 1})
		}
	})
	b.Run("network", func(b *testing.B) {
		for b.Loop() {
			if err := m.parts[0].presses[0].session.Run(); err != nil {
				b.Fatal(err)
			}
		}
	})
}
