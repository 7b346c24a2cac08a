package portrait

import (
	"io/fs"
	"testing"

	"github.com/gioconda-live/gioconda/pipeline/num"
)

// TestShipped paints with the weights that come with the program.
func TestShipped(t *testing.T) {
	m, err := Load(runtime(t), shipped(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}()
	if m.Manifest.Licence == "" || len(m.Manifest.Data) == 0 || m.Manifest.Run == nil {
		t.Error("the manifest does not say where the weights are from")
	}
	p := greyPersona(150)
	painter := painterOf(t, m, p, 256)
	changed := func(gap float32) (in, out int) {
		f := greyFrame(t, 256)
		st := opened(&p.Face, gap)
		if err := painter.Paint(f, &st); err != nil {
			t.Fatal(err)
		}
		for y := range 256 {
			for x := range 256 {
				if f.Y[y*256+x] == 100 {
					continue
				}
				if q := st.Head.Apply(st.Points[14]); num.Abs(float32(x)/256-q.X) < 0.2 && num.Abs(float32(y)/256-q.Y) < 0.2 {
					in++
				} else {
					out++
				}
			}
		}
		return in, out
	}
	if in, out := changed(0.12); in < 50 || out > 0 {
		t.Errorf("an open mouth changes %d pixels around the lips and %d elsewhere", in, out)
	}
	if painter.Faults() != 0 {
		t.Errorf("%d faults", painter.Faults())
	}
}

// TestPaintRepeats: the same picture twice, whatever was painted between.
func TestPaintRepeats(t *testing.T) {
	m, err := Load(runtime(t), toy(t, 0.2, nil))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = m.Close() }()
	p := greyPersona(90)
	painter := painterOf(t, m, p, 128)
	var got [3][]byte
	for i, gap := range []float32{0.1, 0.3, 0.1} {
		f, st := greyFrame(t, 128), opened(&p.Face, gap)
		if err := painter.Paint(f, &st); err != nil {
			t.Fatal(err)
		}
		got[i] = f.Y
	}
	if string(got[0]) != string(got[2]) || string(got[0]) == string(got[1]) {
		t.Error("pictures depend on what was painted before, or do not depend on the lips")
	}
}

// TestShippedIsWhole: the generators inside the program are those of the folder.
func TestShippedIsWhole(t *testing.T) {
	dirs, err := fs.ReadDir(Shipped(), ".")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("%v, %v", dirs, err)
	}
	for _, d := range dirs {
		sub, err := fs.Sub(Shipped(), d.Name())
		if err != nil {
			t.Fatal(err)
		}
		if m, err := ReadManifest(sub); err != nil || m.Name != d.Name() {
			t.Errorf("%s: %+v, %v", d.Name(), m, err)
		}
	}
}
