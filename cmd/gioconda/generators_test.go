package main

import (
	"encoding/json"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/pipeline"
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
	if s, err := a.source("nobody"); err == nil || !strings.Contains(err.Error(), "mesh, gioconda-s") || !strings.Contains(err.Error(), "other") {
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
		"--device=cuda": "--device cpu", "--device=abacus": "use auto, cpu", "--generator=nobody": "there are mesh, gioconda-s",
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
