package main

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/compositor"
	"github.com/gioconda-live/gioconda/configs"
	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/clock"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/rtc"
)

// TestGeneratorsAreFound: those inside, those of a folder, and a sentence with the list for a name that nobody has.
func TestGeneratorsAreFound(t *testing.T) {
	a := &app{log: slog.New(slog.DiscardHandler)}
	a.cfg.Generators.Dir = t.TempDir()
	other := filepath.Join(a.cfg.Generators.Dir, "other")
	inside, err := fs.Sub(portrait.Shipped(), smallGenerator)
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{other, filepath.Join(a.cfg.Generators.Dir, smallGenerator)} {
		if err := os.CopyFS(dir, inside); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(a.cfg.Generators.Dir, "no generator"), 0o750); err != nil {
		t.Fatal(err)
	}
	for name, from := range map[string]string{
		"other": other, smallGenerator: filepath.Join(a.cfg.Generators.Dir, smallGenerator), other: other,
	} {
		if s, err := a.source(name); err != nil || s.from != from {
			t.Errorf("%s is found in %q: %v", name, s.from, err)
		}
	}
	if s, err := a.source("nobody"); err == nil || !strings.Contains(err.Error(), "mesh, gioconda-l, gioconda-s") || !strings.Contains(err.Error(), "other") {
		t.Errorf("%+v, %v", s, err)
	}
	a.cfg.Generators.Dir = filepath.Join(a.cfg.Generators.Dir, "none")
	if s, err := a.source(smallGenerator); err != nil || s.from != "built in" {
		t.Errorf("%+v, %v", s, err)
	}
}

// TestBadGenerators: one sentence each, that names the generator and what is wrong with it.
func TestBadGenerators(t *testing.T) {
	needModels(t)
	inside, err := fs.Sub(portrait.Shipped(), smallGenerator)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		spoil func(t *testing.T, dir string)
		says  string
	}{
		"damaged": {func(t *testing.T, dir string) { write(t, filepath.Join(dir, "mouth_generator.onnx"), []byte("x")) }, "damaged"},
		"missing": {func(t *testing.T, dir string) { _ = os.Remove(filepath.Join(dir, "mouth_encoder.onnx")) }, "mouth_encoder.onnx is missing"},
		"version": {change(func(m *portrait.Manifest) { m.Version = 7 }), "version 7"},
		"ports":   {change(func(m *portrait.Manifest) { p := &m.Parts[0]; p.Encoder, p.Generator = p.Generator, p.Encoder }), `input "difference"`},
		"shape":   {change(func(m *portrait.Manifest) { m.Parts[0].Region.Edge = 64 }), `input "picture"`},
		"json":    {func(t *testing.T, dir string) { write(t, filepath.Join(dir, portrait.ManifestName), []byte("{")) }, "cannot be read"},
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
		write(t, path, b)
	}
}

func TestLayerSaysWhatFits(t *testing.T) {
	ms := time.Millisecond
	l := &layer{name: meshOnly, speed: speed{512, 30, 5 * ms, 8 * ms, 4 * ms}, room: pipeline.NewRoom(30, 2, 0)}
	both, plain := l.costs()
	if both.Loop != 13*ms || both.Cores != 17*ms || plain.Loop != 5*ms || plain.Cores != 9*ms {
		t.Errorf("costs %v and %v", both, plain)
	}
	if got := l.String(); !strings.Contains(got, "alone: 5.0 ms") || !strings.Contains(got, "room for 5 sessions at 30 fps") {
		t.Error(got)
	}
	l.name = smallGenerator
	for learned, says := range map[time.Duration]string{19 * ms: "", 21 * ms: "26.0 ms a frame, more than the 25.0 ms that 30 fps"} {
		l.speed.learned = learned
		if got := l.tooSlow(); (got == "") != (says == "") || !strings.Contains(got, says) {
			t.Errorf("%v: %q", learned, got)
		}
	}
	l.speed.learned, l.speed.encode = 10*ms, 40*ms
	if got := l.tooSlow(); !strings.Contains(got, "encoding would take 55.0 ms") {
		t.Error(got)
	}
	l.named, l.speed.learned = true, time.Second
	if both, _ = l.costs(); l.room.Fits(both) != 1 {
		t.Errorf("a generator that was asked for by name, too slow as it is, fits %d times", l.room.Fits(both))
	}
}

func TestMemoryOfAProcess(t *testing.T) {
	table := "12, 300\n4711, 1234\n"
	if got := memoryOf(table, 4711); got != 1234 {
		t.Errorf("%d MiB", got)
	}
	if got := memoryOf(table+"9, [N/A]\n", 9); got != -1 {
		t.Errorf("%d MiB", got)
	}
}

// TestLayeredDoesNotAllocate draws and paints two sitters at once, one of them with the learned layer off.
func TestLayeredDoesNotAllocate(t *testing.T) {
	d := openDemo(t, smallGenerator)
	p, err := d.host.persona("mona-lisa")
	if err != nil {
		t.Fatal(err)
	}
	gen := compositor.New(d.layer.model, clock.System{})
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
	full(t)
	d := openDemo(t, configs.Auto)
	l := d.layer
	both, _ := l.costs()
	switch {
	case l.model == nil && (l.name != meshOnly || !strings.Contains(l.note, smallGenerator)):
		t.Errorf("none was chosen, and the reason is %q", l.note)
	case l.model != nil && (l.name != smallGenerator || l.room.Fits(both) == 0):
		t.Errorf("%s was chosen, and %d sessions fit", l.name, l.room.Fits(both))
	case l.speed.geometric <= 0 || l.speed.encode <= 0:
		t.Errorf("measured was %+v", l.speed)
	}
	s, err := d.host.Open(t.Context(), rtc.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if got := s.Info(); got.Generator != l.name || got.GeneratorNote != l.note {
		t.Errorf("the first session is told %+v", got)
	}
}

func TestBenchTellsTheLayersApart(t *testing.T) {
	full(t)
	needModels(t)
	code, out, said := cli(t, "bench", "--generator", smallGenerator, "--device", "cpu", "--size", "256", "--seconds", "1", "--json")
	var r benchReport
	if err := json.Unmarshal([]byte(out), &r); code != 0 || err != nil {
		t.Fatalf("status %d, %v: %s%s", code, err, out, said)
	}
	if r.Generator != smallGenerator || r.Device != "cpu" || r.Ratio <= 0 || r.GPU != nil {
		t.Errorf("%+v", r)
	}
	for _, stage := range benchStages() {
		if r.Stages[stage].Count == 0 {
			t.Errorf("stage %s was not measured", stage)
		}
	}
	code, out, said = cli(t, "bench", "--generator", smallGenerator, "--device", "cpu", "--size", "256", "--seconds", "1", "--batches")
	if code != 0 || !strings.Contains(out, "ms a frame") {
		t.Errorf("status %d: %s%s", code, out, said)
	}
	if code, _, said = cli(t, "bench", "--generator", meshOnly, "--batches"); code == 0 || !strings.Contains(said, "--generator") {
		t.Errorf("batches of nothing: %d %s", code, said)
	}
}
