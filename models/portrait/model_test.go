package portrait

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"image"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gioconda-live/gioconda/models/ort"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/models/tflite/onnx"
	"github.com/gioconda-live/gioconda/pipeline/frame"
)

func runtime(tb testing.TB) *ort.Runtime {
	tb.Helper()
	rt, err := ort.New(ort.LibraryIn("../node_modules"))
	if errors.Is(err, ort.ErrNoLibrary) {
		tb.Skipf("SKIPPED, nothing was tested: %v", err)
	} else if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := rt.Close(); err != nil {
			tb.Error(err)
		}
	})
	return rt
}

const testEdge = 64

// toy writes a generator that brightens the mask by the mean of the portrait's picture, times gain.
func toy(t *testing.T, gain float32, change func(*Manifest, string)) string {
	t.Helper()
	return toyOf(t, gain, false, change)
}

// toyOf is toy, whose mean goes from network to network as a byte if asked, in 255 parts of the range.
func toyOf(t *testing.T, gain float32, asByte bool, change func(*Manifest, string)) string {
	t.Helper()
	dir := t.TempDir()
	e := onnx.New("encoder")
	pic := e.Input("picture", 1, 3, testEdge, testEdge)
	e.Input("maps", 1, MapPlanes, testEdge, testEdge)
	mean := e.Node("ReduceMean", []string{pic}, onnx.Ints("axes", 1, 2, 3), onnx.Int("keepdims", 1))
	g := onnx.New("generator")
	geo := g.Input("picture", 1, 3, testEdge, testEdge)
	maps := g.Input("maps", 1, MapPlanes, testEdge, testEdge)
	var look string
	if asByte {
		const float, byteType = 1, 2 // in ONNX
		e.OutputBytes("look", e.Node("Cast", []string{e.Node("Mul", []string{mean, e.Floats([]float32{255}, 1)})}, onnx.Int("to", byteType)), 1, 1, 1, 1)
		look = g.Node("Mul", []string{g.Node("Cast", []string{g.InputBytes("look", 1, 1, 1, 1)}, onnx.Int("to", float)), g.Floats([]float32{1. / 255}, 1)})
	} else {
		e.Output("look", mean, 1, 1, 1, 1)
		look = g.Input("look", 1, 1, 1, 1)
	}
	weights := make([]float32, 3*MapPlanes)
	for k := range 3 {
		weights[k*MapPlanes+PlaneMask] = gain
	}
	mask := g.Node("Conv", []string{maps, g.Floats(weights, 3, MapPlanes, 1, 1)})
	nothing := g.Node("Mul", []string{geo, g.Floats([]float32{0}, 1)})
	g.Output("difference", g.Node("Add", []string{nothing, g.Node("Mul", []string{mask, look})}), 1, 3, testEdge, testEdge)
	file := func(name string, b []byte) File {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(b)
		return File{name, hex.EncodeToString(sum[:])}
	}
	m := &Manifest{Version: 1, Name: "toy", Parts: []Part{{
		Region: Region{Name: "mouth", Edge: testEdge, Side: 1.44, DY: 0.22}, Maps: MapPlanes,
		Encoder: file("encoder.onnx", e.Marshal()), Generator: file("generator.onnx", g.Marshal()),
	}}}
	if change != nil {
		change(m, dir)
	}
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, ManifestName), b, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func greyPersona(level uint8) *persona.Persona {
	p := &persona.Persona{View: persona.View{Crop: image.NewRGBA(image.Rect(0, 0, 256, 256)), Face: *someRest()}}
	for i := range p.Crop.Pix {
		p.Crop.Pix[i] = level
		if i%4 == 3 {
			p.Crop.Pix[i] = 255
		}
	}
	return p
}

func greyFrame(tb testing.TB, size int) *frame.I420 {
	tb.Helper()
	f, err := frame.NewI420(size, size)
	if err != nil {
		tb.Fatal(err)
	}
	for i := range f.Y {
		f.Y[i] = 100
	}
	for i := range f.U {
		f.U[i], f.V[i] = 128, 128
	}
	return f
}

func TestPaint(t *testing.T) {
	const much = 0.1 // little enough that a mouth's light lets it pass
	m, err := Load(runtime(t), toy(t, much, nil))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}()
	var looks []byte
	for _, level := range []uint8{50, 200} { // two personas take turns on one model
		p := greyPersona(level)
		a, err := m.Appearance(p)
		if err != nil {
			t.Fatal(err)
		}
		painter, err := m.NewPainter(a, 256)
		if err != nil {
			t.Fatal(err)
		}
		f := greyFrame(t, 256)
		st := opened(&p.Face, 0.2)
		if err = painter.Paint(f, &st); err != nil {
			t.Fatal(err)
		}
		at := st.Head.Apply(st.Points[13])
		got := f.Y[int(at.Y*256)*256+int(at.X*256)]
		near(t, "the lips' luma", float64(got), 100+much*float64(level)/255*219, 2)
		looks = append(looks, got)
		if f.Y[0] != 100 || f.Y[256*256-1] != 100 || painter.Faults() != 0 {
			t.Error("something changed far from the mouth, or counts as a fault")
		}
		if n := testing.AllocsPerRun(5, func() { err = errors.Join(err, painter.Paint(f, &st)) }); n > 0 || err != nil {
			t.Errorf("%v allocations, %v", n, err)
		}
		if err := painter.Paint(greyFrame(t, 128), &st); err == nil {
			t.Error("a picture of another size was painted")
		}
		st.Head.Scale = float32(math.NaN())
		if err := painter.Paint(f, &st); err != nil || painter.Faults() != 1 {
			t.Errorf("a pose that is no number: %v, %d faults", err, painter.Faults())
		}
	}
	if looks[0] >= looks[1] {
		t.Error("both personas look alike")
	}
}

func TestPaintSurvivesNaN(t *testing.T) {
	m, err := Load(runtime(t), toy(t, float32(math.NaN()), nil))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = m.Close() }()
	p := greyPersona(128)
	painter := painterOf(t, m, p, 256)
	f, st := greyFrame(t, 256), opened(&p.Face, 0.2)
	if err := painter.Paint(f, &st); err != nil || painter.Faults() != 1 {
		t.Errorf("%v, %d faults", err, painter.Faults())
	}
	for _, v := range f.Y {
		if v != 100 {
			t.Fatal("the geometric picture was changed")
		}
	}
	if err := m.Close(); err != nil {
		t.Error(err)
	}
	if err := painter.Paint(f, &st); err == nil {
		t.Error("a closed model painted")
	}
}

func TestLoadRefuses(t *testing.T) {
	rt := runtime(t)
	for name, c := range map[string]struct {
		change func(*Manifest, string)
		says   string
	}{
		"version":  {func(m *Manifest, _ string) { m.Version = 9 }, "version 9"},
		"no parts": {func(m *Manifest, _ string) { m.Parts = nil }, "no parts"},
		"edge":     {func(m *Manifest, _ string) { m.Parts[0].Region.Edge = 7 }, "edge of 7"},
		"region":   {func(m *Manifest, _ string) { m.Parts[0].Region.Side = 40 }, "not on a face"},
		"maps":     {func(m *Manifest, _ string) { m.Parts[0].Maps = 3 }, "3 map planes"},
		"escape":   {func(m *Manifest, _ string) { m.Parts[0].Encoder.Name = "../x.onnx" }, "no file name"},
		"missing":  {func(m *Manifest, _ string) { m.Parts[0].Encoder.Name = "none.onnx" }, "none.onnx is missing"},
		"trust":    {func(m *Manifest, _ string) { m.Parts[0].Trust = &Trust{From: 0.3, Sure: 0.2} }, "not trusted up to"},
		"range":    {func(m *Manifest, _ string) { m.Parts[0].Trust = &Trust{Full: 0.3, None: 0.2} }, "trusted in full up to"},
		"no sure":  {func(m *Manifest, _ string) { m.Parts[0].Trust = &Trust{From: 0.1} }, "not trusted up to"},
		"no none":  {func(m *Manifest, _ string) { m.Parts[0].Trust = &Trust{Full: 0.3} }, "trusted in full up to"},
		"empty":    {func(m *Manifest, _ string) { m.Parts[0].Trust = &Trust{} }, "without thresholds"},
		"hash":     {func(m *Manifest, _ string) { m.Parts[0].Generator.SHA256 = "00" }, "damaged"},
		"swapped": {func(m *Manifest, _ string) {
			m.Parts[0].Encoder, m.Parts[0].Generator = m.Parts[0].Generator, m.Parts[0].Encoder
		}, "difference"},
		"shape": {func(m *Manifest, _ string) { m.Parts[0].Region.Edge = 32 }, "picture"},
		"garbage": {func(m *Manifest, dir string) {
			b := []byte("no network")
			if err := os.WriteFile(filepath.Join(dir, "encoder.onnx"), b, 0o600); err != nil {
				t.Fatal(err)
			}
			sum := sha256.Sum256(b)
			m.Parts[0].Encoder.SHA256 = hex.EncodeToString(sum[:])
		}, "encoder.onnx"},
	} {
		if m, err := Load(rt, toy(t, 1, c.change)); !errors.Is(err, ErrGenerator) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v %v", name, m, err)
		}
	}
	if _, err := Load(rt, t.TempDir()); !errors.Is(err, ErrGenerator) {
		t.Errorf("an empty folder: %v", err)
	}
}

func TestTrustDependsOnTheOpening(t *testing.T) {
	m, err := Load(runtime(t), toy(t, 0.2, func(m *Manifest, _ string) { m.Parts[0].Trust = &Trust{From: 0.02, Sure: 0.06, Full: 0.2, None: 0.4} }))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = m.Close() }()
	p := greyPersona(128)
	painter := painterOf(t, m, p, 256)
	var luma [5]byte
	for i, gap := range []float32{0.01, 0.04, 0.1, 0.3, 0.5} {
		f, st := greyFrame(t, 256), opened(&p.Face, gap)
		if err := painter.Paint(f, &st); err != nil {
			t.Fatal(err)
		}
		at := st.Head.Apply(st.Points[13])
		luma[i] = f.Y[int(at.Y*256)*256+int(at.X*256)]
	}
	rises, falls := luma[0] == 100 && luma[1] > luma[0] && luma[2] > luma[1], luma[3] < luma[2] && luma[3] > luma[4] && luma[4] == 100
	if !rises || !falls {
		t.Errorf("the lips' luma at five openings is %v", luma)
	}
}

// painterOf prepares p for pictures of size x size.
func painterOf(tb testing.TB, m *Model, p *persona.Persona, size int) *Painter {
	tb.Helper()
	a, err := m.Appearance(p)
	if err != nil {
		tb.Fatal(err)
	}
	painter, err := m.NewPainter(a, size)
	if err != nil {
		tb.Fatal(err)
	}
	return painter
}
