//go:build cgo

package ort

import (
	"errors"
	"strings"
	"testing"

	"github.com/gioconda-live/gioconda/models/tflite/onnx"
)

func TestParseDevice(t *testing.T) {
	for in, want := range map[string]string{"cpu": "cpu", "cuda": "cuda:0", "cuda:0": "cuda:0", "cuda:3": "cuda:3"} {
		if d, err := ParseDevice(in); err != nil || d.String() != want {
			t.Errorf("%s: %v, %v", in, d, err)
		}
	}
	for _, in := range []string{"", "auto", "gpu", "cuda:", "cuda:x", "cuda:-1", "cuda:64", "cpu:0", "CUDA"} {
		if d, err := ParseDevice(in); err == nil || !strings.Contains(err.Error(), "cuda:N") {
			t.Errorf("%q: %v, %v", in, d, err)
		}
	}
}

// TestNoCUDA: the library that the npm package brings has none, and says so in a sentence.
func TestNoCUDA(t *testing.T) {
	r := open(t)
	if err := r.HasCUDA(); !errors.Is(err, ErrNoCUDA) || !strings.Contains(err.Error(), "--device cpu") {
		t.Errorf("the library without CUDA: %v", err)
	}
	if s, err := r.Load(doubler(t, 1), Options{Device: Device{CUDA: true}}); !errors.Is(err, ErrNoCUDA) {
		t.Errorf("a session on a GPU: %v, %v", s, err)
	}
}

// TestFaultsInWords holds sentences against what libraries say; those of a GPU in use come from the sources of ONNX
// Runtime, not from a run.
func TestFaultsInWords(t *testing.T) {
	gpu := Device{CUDA: true, Index: 1}
	for said, want := range map[string]struct {
		is   error
		says string
	}{
		"CUDA execution provider is not enabled in this build.":                                                 {ErrNoCUDA, "models.library"},
		"Failed to load library libonnxruntime_providers_cuda.so with error: libcudnn.so.9: cannot open":        {ErrNoCUDA, "cuDNN"},
		"CUDA failure 100: no CUDA-capable device is detected ; GPU=-1":                                         {ErrNoCUDA, "nvidia-smi"},
		"CUDA failure 2: out of memory ; GPU=1":                                                                 {ErrMemory, "cuda:1"},
		"BFCArena::AllocateRawInternal Failed to allocate memory for requested buffer of size 1":                {ErrMemory, "net.onnx"},
		"This session contains graph nodes that are assigned to the default CPU EP, but fallback to CPU EP has": {ErrModel, "operators"},
		"something else": {ErrModel, "net.onnx on cuda:1"},
	} {
		if err := gpu.inWords("net.onnx", errors.New(said)); !errors.Is(err, want.is) || !strings.Contains(err.Error(), want.says) {
			t.Errorf("%q became %q", said, err)
		}
	}
}

// TestBatch: a first dimension that is open takes the size it is opened with, and only that one may be open.
func TestBatch(t *testing.T) {
	r := open(t)
	g := onnx.New("bytes")
	x := g.InputBytes("x", onnx.Open, 3)
	g.OutputBytes("y", g.Node("Mul", []string{x, g.Floats([]float32{2}, 1)}), onnx.Open, 3)
	data := g.Marshal()
	if s, err := r.LoadBytes("bytes", data, Options{}); !errors.Is(err, ErrModel) || !strings.Contains(err.Error(), "open shape") {
		t.Errorf("without a size: %v, %v", s, err)
	}
	for _, n := range []int{1, 4} {
		s, err := r.LoadBytes("bytes", data, Options{Batch: n})
		if err != nil {
			t.Fatal(err)
		}
		in, err := s.InputBytes("x", n, 3)
		if err != nil {
			t.Fatal(err)
		}
		out, err := s.OutputBytes("y", n, 3)
		if err != nil {
			t.Fatal(err)
		}
		for i := range in {
			in[i] = byte(i + 1)
		}
		if err := s.Run(); err != nil || out[len(out)-1] != byte(6*n) {
			t.Errorf("%d at once: %v, %v", n, out, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if s, err := r.LoadBytes("nothing", nil, Options{}); !errors.Is(err, ErrModel) {
		t.Errorf("no bytes: %v, %v", s, err)
	}
}
