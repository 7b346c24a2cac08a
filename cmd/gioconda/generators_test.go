package main

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gioconda-live/gioconda/cmd/internal/bench"
	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/models/portrait"
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
		"missing": {func(_ *testing.T, dir string) { _ = os.Remove(filepath.Join(dir, "mouth_encoder.onnx")) }, "mouth_encoder.onnx is missing"},
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
		if err = json.Unmarshal(b, &m); err != nil {
			t.Fatal(err)
		}
		f(&m)
		if b, err = json.Marshal(&m); err != nil {
			t.Fatal(err)
		}
		testenv.Write(t, path, b)
	}
}

func TestBenchTellsTheLayersApart(t *testing.T) {
	testenv.Full(t)
	testenv.Config(t)
	code, out, said := cli(t, "bench", "--generator", engine.Small, "--device", "cpu", "--size", "256", "--seconds", "1", "--json")
	var r bench.Report
	if err := json.Unmarshal([]byte(out), &r); code != 0 || err != nil {
		t.Fatalf("status %d, %v: %s%s", code, err, out, said)
	}
	if r.Generator != engine.Small || r.Device != "cpu" || r.Ratio <= 0 || r.GPU != nil {
		t.Errorf("%+v", r)
	}
	for _, stage := range bench.Stages() {
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
