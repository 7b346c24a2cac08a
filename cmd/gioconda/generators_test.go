package main

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gioconda-live/gioconda/cmd/internal/compositor"
	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/configs"
	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/clock"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/rtc"
)

// TestBadGenerators: one sentence each, that names the generator and what is wrong with it.
func TestBadGenerators(t *testing.T) {
	testenv.Config(t)
	inside, err := fs.Sub(portrait.Shipped(), engine.Small)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		spoil func(t *testing.T, dir string)
		says  string
	}{
		"damaged": {func(t *testing.T, dir string) {
			testenv.Write(t, filepath.Join(dir, "mouth_generator.onnx"), []byte("x"))
		}, "damaged"},
		"missing": {func(t *testing.T, dir string) { _ = os.Remove(filepath.Join(dir, "mouth_encoder.onnx")) }, "mouth_encoder.onnx is missing"},
		"version": {change(func(m *portrait.Manifest) { m.Version = 7 }), "version 7"},
		"ports":   {change(func(m *portrait.Manifest) { p := &m.Parts[0]; p.Encoder, p.Generator = p.Generator, p.Encoder }), `input "difference"`},
		"shape":   {change(func(m *portrait.Manifest) { m.Parts[0].Region.Edge = 64 }), `input "picture"`},
		"json": {func(t *testing.T, dir string) {
			testenv.Write(t, filepath.Join(dir, portrait.ManifestName), []byte("{"))
		}, "cannot be read"},
	} {
		dir := filepath.Join(t.TempDir(), "bad")
		if err := os.CopyFS(dir, inside); err != nil {
			t.Fatal(err)
		}
		c.spoil(t, dir)
		code, _, said := cli(t, "bench", "--generator", dir)
		if code == 0 || !strings.Contains(said, c.says) || !strings.Contains(said, "generator bad") || strings.Contains(said, "goroutine") {
			t.Errorf("%s: status %d: %s", name, code, said)
		}
	}
	for flag, says := range map[string]string{
		"--device=cuda": "--device cpu", "--device=abacus": "use auto, cpu", "--generator=nobody": "there are mesh, gioconda-l, gioconda-s",
	} {
		if code, _, said := cli(t, "bench", flag); code == 0 || !strings.Contains(said, says) {
			t.Errorf("%s: status %d: %s", flag, code, said)
		}
	}
	if code, _, said := cli(t, "render", "--generator=auto", "--driver=sample:talking", "-o", filepath.Join(t.TempDir(), "x.mp4")); code == 0 || !strings.Contains(said, "live") {
		t.Errorf("a film that depends on the machine: %d %s", code, said)
	}
}

// change rewrites a folder's manifest.
func change(f func(*portrait.Manifest)) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		t.Helper()
		path := filepath.Join(dir, portrait.ManifestName)
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var m portrait.Manifest
		if err := json.Unmarshal(b, &m); err != nil {
			t.Fatal(err)
		}
		f(&m)
		if b, err = json.Marshal(&m); err != nil {
			t.Fatal(err)
		}
		testenv.Write(t, path, b)
	}
}

// TestLayeredDoesNotAllocate draws and paints two sitters at once, one of them with the learned layer off.
func TestLayeredDoesNotAllocate(t *testing.T) {
	d := openDemo(t, engine.Small)
	p, err := d.host.persona("mona-lisa")
	if err != nil {
		t.Fatal(err)
	}
	gen := compositor.New(d.engine.Model, clock.System{})
	var batch []pipeline.Job
	for i := range 2 {
		s, err := d.easel.Open(p)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if err := s.Dress(compositor.Look{Badge: compositor.BadgePlace(d.app.cfg.Picture.Badge), Plain: i == 1}); err != nil {
			t.Fatal(err)
		}
		dst, err := frame.NewI420(256, 256)
		if err != nil {
			t.Fatal(err)
		}
		st := portrait.Still(s.Rest())
		st.Points[14].Y += 0.1
		batch = append(batch, pipeline.Job{Subject: s, State: &st, Dst: dst})
	}
	if n := testing.AllocsPerRun(10, func() { gen.Generate(batch) }); n > 0 {
		t.Errorf("%v allocations a batch", n)
	}
	if batch[0].Err != nil || batch[1].Err != nil || batch[0].Drawn.IsZero() || !batch[1].Drawn.IsZero() {
		t.Errorf("%+v", batch)
	}
	if bytes.Equal(batch[0].Dst.Y, batch[1].Dst.Y) {
		t.Error("the learned layer changed nothing")
	}
	// The badge and the marker lie over both layers, whichever painted.
	bare, err := d.easel.OpenWith(p, false)
	if err != nil {
		t.Fatal(err)
	}
	defer bare.Close()
	want, err := frame.NewI420(256, 256)
	if err != nil {
		t.Fatal(err)
	}
	for i := range batch {
		batch[i].State.HasMarker, batch[i].State.Marker = true, 1234
	}
	gen.Generate(batch)
	plain := []pipeline.Job{{Subject: bare, State: batch[1].State, Dst: want}}
	compositor.Geometric{}.Generate(plain)
	if err := plain[0].Err; err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(batch[1].Dst.Y, want.Y) || !bytes.Equal(batch[1].Dst.U, want.U) {
		t.Error("with the learned layer off the picture is not the geometric layer's")
	}
	if code, ok := mesh.ReadMarker(batch[0].Dst); !ok || code != 1234 {
		t.Errorf("the marker reads %d, %v", code, ok)
	}
	for y := 232; y < 252; y++ {
		if row := y*256 + 228; !bytes.Equal(batch[0].Dst.Y[row:row+24], want.Y[row:row+24]) {
			t.Fatal("the badge is not where it should be")
		}
	}
}

// TestAutoKeepsItsWord: whatever this machine is worth at the moment, a learned layer that was chosen fits, and where none
// was chosen a sentence says why.
func TestAutoKeepsItsWord(t *testing.T) {
	testenv.Full(t)
	d := openDemo(t, configs.Auto)
	l := d.engine
	both, _ := l.Costs()
	switch {
	case l.Model == nil && (l.Name != engine.MeshOnly || !strings.Contains(l.Note, engine.Small)):
		t.Errorf("none was chosen, and the reason is %q", l.Note)
	case l.Model != nil && (l.Name != engine.Small || l.Room.Fits(both) == 0):
		t.Errorf("%s was chosen, and %d sessions fit", l.Name, l.Room.Fits(both))
	case l.Speed.Geometric <= 0 || l.Speed.Encode <= 0:
		t.Errorf("measured was %+v", l.Speed)
	}
	s, err := d.host.Open(t.Context(), rtc.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if got := s.Info(); got.Generator != l.Name || got.GeneratorNote != l.Note {
		t.Errorf("the first session is told %+v", got)
	}
}

func TestBenchTellsTheLayersApart(t *testing.T) {
	testenv.Full(t)
	testenv.Config(t)
	code, out, said := cli(t, "bench", "--generator", engine.Small, "--device", "cpu", "--size", "256", "--seconds", "1", "--json")
	var r benchReport
	if err := json.Unmarshal([]byte(out), &r); code != 0 || err != nil {
		t.Fatalf("status %d, %v: %s%s", code, err, out, said)
	}
	if r.Generator != engine.Small || r.Device != "cpu" || r.Ratio <= 0 || r.GPU != nil {
		t.Errorf("%+v", r)
	}
	for _, stage := range benchStages() {
		if r.Stages[stage].Count == 0 {
			t.Errorf("stage %s was not measured", stage)
		}
	}
	code, out, said = cli(t, "bench", "--generator", engine.Small, "--device", "cpu", "--size", "256", "--seconds", "1", "--batches")
	if code != 0 || !strings.Contains(out, "ms a frame") {
		t.Errorf("status %d: %s%s", code, out, said)
	}
	if code, _, said = cli(t, "bench", "--generator", engine.MeshOnly, "--batches"); code == 0 || !strings.Contains(said, "--generator") {
		t.Errorf("batches of nothing: %d %s", code, said)
	}
}
