package portrait

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gioconda-live/gioconda/models/ort"
	"github.com/gioconda-live/gioconda/models/tflite/onnx"
)

// toyPicture writes a generator of kind picture, for any batch: it brightens Y by gain times the portrait's mean Y where
// the maps' mask is, and leaves U and V. change may spoil it.
func toyPicture(t *testing.T, gain float32, change func(*Manifest, string)) string {
	t.Helper()
	dir := t.TempDir()
	const e = testEdge
	enc := onnx.New("encoder")
	pic := enc.InputBytes("picture", 1, e*3/2, e)
	enc.InputBytes("maps", 1, MapPlanes, e/2, e/2)
	luma := enc.Node("Slice", []string{pic, enc.Int64s(0), enc.Int64s(e), enc.Int64s(1)})
	enc.Output("look", enc.Node("ReduceMean", []string{luma}, onnx.Ints("axes", 1, 2), onnx.Int("keepdims", 1)), 1, 1, 1)
	g := onnx.New("generator")
	geo := g.InputBytes("picture", onnx.Open, e*3/2, e)
	maps := g.InputBytes("maps", onnx.Open, MapPlanes, e/2, e/2)
	look := g.Input("look", onnx.Open, 1, 1)
	mask := g.Node("Slice", []string{maps, g.Int64s(PlaneMask), g.Int64s(PlaneMask + 1), g.Int64s(1)})
	large := g.Node("Resize", []string{mask, "", g.Floats([]float32{1, 1, 2, 2}, 4)}, onnx.Text("mode", "nearest"))
	flat := g.Node("Squeeze", []string{large, g.Int64s(1)})
	lift := g.Node("Mul", []string{g.Node("Mul", []string{flat, look}), g.Floats([]float32{gain / 255}, 1)})
	y := g.Node("Slice", []string{geo, g.Int64s(0), g.Int64s(e), g.Int64s(1)})
	uv := g.Node("Slice", []string{geo, g.Int64s(e), g.Int64s(e * 3 / 2), g.Int64s(1)})
	out := g.Node("Concat", []string{g.Node("Add", []string{y, lift}), uv}, onnx.Int("axis", 1))
	g.OutputBytes("painted", out, onnx.Open, e*3/2, e)
	file := func(name string, b []byte) File {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(b)
		return File{name, hex.EncodeToString(sum[:])}
	}
	m := &Manifest{Version: 1, Name: "toy-picture", Batches: []int{1, 2, 4}, Parts: []Part{{
		Kind: KindPicture, Region: Region{Name: "mouth", Edge: e, Side: 1.44, DY: 0.22}, Maps: MapPlanes,
		Encoder: file("encoder.onnx", enc.Marshal()), Generator: file("generator.onnx", g.Marshal()),
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

// openSizes opens a generator on the CPU with the batch sizes that a GPU would get.
func openSizes(t *testing.T, rt *ort.Runtime, dir string, sizes ...int) *Model {
	t.Helper()
	m, err := ReadManifest(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	model, err := open(rt, os.DirFS(dir), m, ort.Device{}, sizes)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := model.Close(); err != nil {
			t.Error(err)
		}
	})
	return model
}

// strokes makes n pictures of personas of different greys, mouths opened differently.
func strokes(t *testing.T, m *Model, n int) []Stroke {
	t.Helper()
	var out []Stroke
	for i := range n {
		p := greyPersona(uint8(60 + 20*i))
		a, err := m.Appearance(p)
		if err != nil {
			t.Fatal(err)
		}
		painter, err := m.NewPainter(a, 128)
		if err != nil {
			t.Fatal(err)
		}
		st := opened(&p.Face, 0.1+0.02*float32(i))
		out = append(out, Stroke{Painter: painter, Dst: greyFrame(t, 128), State: &st})
	}
	return out
}

// TestBatchesPaintAlike: seven pictures, whatever the sizes that are prepared, come out as one by one.
func TestBatchesPaintAlike(t *testing.T) {
	rt := runtime(t)
	var want []string
	for _, sizes := range [][]int{{1}, {1, 2, 4}, {4}, {8}} {
		m := openSizes(t, rt, toyPicture(t, 0.5, nil), sizes...)
		if got := m.Batches(); !slices.Equal(got, sizes) {
			t.Errorf("sizes %v are prepared, not %v", got, sizes)
		}
		batch := strokes(t, m, 7)
		m.Paint(batch)
		for i := range batch {
			got := string(batch[i].Dst.Y)
			if batch[i].Fault != nil || got == string(greyFrame(t, 128).Y) {
				t.Fatalf("sizes %v: picture %d was not painted: %v", sizes, i, batch[i].Fault)
			}
			if len(sizes) == 1 && sizes[0] == 1 {
				want = append(want, got)
			} else if got != want[i] {
				t.Errorf("sizes %v: picture %d differs from the one painted alone", sizes, i)
			}
		}
		if n := testing.AllocsPerRun(3, func() { m.Paint(batch) }); n > 0 {
			t.Errorf("sizes %v: %v allocations", sizes, n)
		}
	}
}

func TestPicturePart(t *testing.T) {
	m := openSizes(t, runtime(t), toyPicture(t, 0.5, nil), 1)
	p := greyPersona(120)
	painter := painterOf(t, m, p, 256)
	f, st := greyFrame(t, 256), opened(&p.Face, 0.1)
	if err := painter.Paint(f, &st); err != nil {
		t.Fatal(err)
	}
	lips := st.Head.Apply(st.Points[13])
	at := int(lips.Y*256)*256 + int(lips.X*256)
	near(t, "the lips' luma", float64(f.Y[at]), 100+0.5*(16+120.0/255*219), 3)
	if f.Y[0] != 100 || f.Y[256*256-1] != 100 {
		t.Error("something changed far from the mouth")
	}
	for i, v := range f.U {
		if v != 128 || f.V[i] != 128 {
			t.Fatal("colour changed, which the network left alone")
		}
	}
	painter.Split(lips.X + 0.02)
	f = greyFrame(t, 256)
	if err := painter.Paint(f, &st); err != nil {
		t.Fatal(err)
	}
	if f.Y[at] != 100 || f.Y[at+12] == 100 {
		t.Errorf("split beside the lips: %d on the left of it, %d on the right", f.Y[at], f.Y[at+12])
	}
}

// TestOneBadPictureOfABatch: a pose that is no number spoils its own picture only.
func TestOneBadPictureOfABatch(t *testing.T) {
	m := openSizes(t, runtime(t), toyPicture(t, 0.5, nil), 4)
	batch := strokes(t, m, 3)
	batch[1].State.Head.Scale = float32(math.NaN())
	m.Paint(batch)
	grey := string(greyFrame(t, 128).Y)
	for i := range batch {
		if bad := i == 1; (batch[i].Fault != nil) != bad || (string(batch[i].Dst.Y) == grey) != bad || (batch[i].Painter.Faults() > 0) != bad {
			t.Errorf("picture %d: %v, %d faults", i, batch[i].Fault, batch[i].Painter.Faults())
		}
	}
}

func TestLoadRefusesPictures(t *testing.T) {
	rt := runtime(t)
	for name, c := range map[string]struct {
		change func(*Manifest, string)
		says   string
	}{
		"kind":         {func(m *Manifest, _ string) { m.Parts[0].Kind = "painting" }, `kind "painting"`},
		"other kind":   {func(m *Manifest, _ string) { m.Parts[0].Kind = "" }, `"picture"`},
		"edge":         {func(m *Manifest, _ string) { m.Parts[0].Region.Edge = 66 }, "multiple of 4"},
		"batches":      {func(m *Manifest, _ string) { m.Batches = []int{4, 2} }, "growing sizes"},
		"huge batches": {func(m *Manifest, _ string) { m.Batches = []int{1000} }, "growing sizes"},
		"swapped": {func(m *Manifest, _ string) {
			m.Parts[0].Encoder, m.Parts[0].Generator = m.Parts[0].Generator, m.Parts[0].Encoder
		}, "painted"},
	} {
		if m, err := Load(rt, toyPicture(t, 1, c.change)); !errors.Is(err, ErrGenerator) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v %v", name, m, err)
		}
	}
	if m, err := Open(rt, os.DirFS(toyPicture(t, 1, nil)), ort.Device{CUDA: true}); !errors.Is(err, ort.ErrNoCUDA) {
		t.Errorf("on a GPU without CUDA: %v %v", m, err)
	}
}
