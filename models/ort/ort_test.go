//go:build cgo

package ort

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gioconda-live/gioconda/models/tflite/onnx"
)

func open(t *testing.T) *Runtime {
	t.Helper()
	r, err := New(LibraryIn("../node_modules"))
	if errors.Is(err, ErrNoLibrary) {
		t.Skipf("SKIPPED, nothing was tested: %v", err)
	} else if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil && !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
	})
	return r
}

// doubler writes a model that computes y = 2x on two numbers.
func doubler(t *testing.T, shape ...int) string {
	t.Helper()
	g := onnx.New("doubler")
	x := g.Input("x", shape...)
	g.Output("y", g.Node("Mul", []string{x, g.Floats([]float32{2}, 1)}), shape...)
	path := filepath.Join(t.TempDir(), "doubler.onnx")
	if err := os.WriteFile(path, g.Marshal(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRun(t *testing.T) {
	s, err := open(t).Load(doubler(t, 1, 2), Options{})
	if err != nil {
		t.Fatal(err)
	}
	x, err := s.Input("x", 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	y, err := s.Output("y", 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	x[0], x[1] = 3, -4
	if err = s.Run(); err != nil || y[0] != 6 || y[1] != -8 {
		t.Fatalf("got %v, %v", y, err)
	}
	if n := testing.AllocsPerRun(100, func() { err = errors.Join(err, s.Run()) }); n > 0 || err != nil {
		t.Errorf("%v allocations per run, %v", n, err)
	}
	for name, f := range map[string]func() error{
		"no input":     func() error { _, err := s.Input("image", 1, 2); return err },
		"other shape":  func() error { _, err := s.Output("y", 2); return err },
		"other type":   func() error { _, err := s.InputBytes("x", 1, 2); return err },
		"wrong side":   func() error { _, err := s.Output("x", 1, 2); return err },
		"no such byte": func() error { _, err := s.OutputBytes("z", 1, 2); return err },
	} {
		if err := f(); !errors.Is(err, ErrModel) || !strings.Contains(err.Error(), "another model") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if in, out := s.Ports(); len(in) != 1 || len(out) != 1 || in[0].Name != "x" || out[0].Shape[1] != 2 {
		t.Errorf("ports %v %v", in, out)
	}
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Error(err)
	}
	if err := s.Run(); !errors.Is(err, ErrClosed) {
		t.Errorf("running a closed session: %v", err)
	}
}

func TestFaults(t *testing.T) {
	if _, err := New(filepath.Join(t.TempDir(), "none.so")); !errors.Is(err, ErrNoLibrary) ||
		!strings.Contains(err.Error(), "npm ci") {
		t.Errorf("missing library: %v", err)
	}
	fake := filepath.Join(t.TempDir(), "fake.so")
	if err := os.WriteFile(fake, []byte("no library"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(fake); !errors.Is(err, ErrNoLibrary) {
		t.Errorf("a file that is no library: %v", err)
	}
	r := open(t)
	if r.Version() == "" {
		t.Error("no version")
	}
	if _, err := New(LibraryIn("../node_modules")); !errors.Is(err, ErrInUse) {
		t.Errorf("a second runtime: %v", err)
	}
	for name, path := range map[string]string{
		"missing": filepath.Join(t.TempDir(), "none.onnx"), "garbage": fake, "open shape": doubler(t, 0), "scalar": doubler(t),
	} {
		if s, err := r.Load(path, Options{}); !errors.Is(err, ErrModel) {
			t.Errorf("%s: %v %v", name, s, err)
		}
	}
	s, err := r.Load(doubler(t, 1), Options{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); !errors.Is(err, ErrInUse) {
		t.Errorf("closing under a session: %v", err)
	}
	if err := errors.Join(s.Close(), r.Close()); err != nil {
		t.Error(err)
	}
	if err := r.Close(); !errors.Is(err, ErrClosed) {
		t.Errorf("closing twice: %v", err)
	}
	if _, err := r.Load(doubler(t, 1), Options{}); !errors.Is(err, ErrClosed) {
		t.Errorf("loading after close: %v", err)
	}
}
