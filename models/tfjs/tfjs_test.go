package tfjs

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gioconda-live/gioconda/models/tflite/onnx"
)

const small = `[{"paths": ["x.bin"], "weights": [
  {"name": "plain", "shape": [1, 2], "dtype": "float32"},
  {"name": "bytes", "shape": [3], "dtype": "float32", "quantization": {"dtype": "uint8", "scale": 0.5, "min": -1}},
  {"name": "one", "shape": [], "dtype": "float32", "quantization": {"dtype": "uint8", "scale": 2, "min": 0}}]}]`

func smallData() []byte { return []byte{0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 0, 2, 255, 7} }

func TestRead(t *testing.T) {
	w, err := Read([]byte(small), smallData())
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]float32{"plain": {1, -2}, "bytes": {-1, 0, 126.5}, "one": {14}} {
		if !slices.Equal(w[name].Data, want) {
			t.Errorf("%s is %v, want %v", name, w[name].Data, want)
		}
	}
	if s := w["plain"].Shape; !slices.Equal(s, []int{1, 2}) {
		t.Errorf("shape %v", s)
	}
	if len(w) != 3 {
		t.Errorf("%d tensors", len(w))
	}
}

func TestReadFaults(t *testing.T) {
	swap := func(old, to string) string { return strings.Replace(small, old, to, 1) }
	for name, c := range map[string]struct {
		manifest string
		data     []byte
		want     error
	}{
		"empty":         {"", nil, ErrMalformed},
		"not a list":    {`{"a": 1}`, nil, ErrMalformed},
		"cut":           {small[:60], smallData(), ErrMalformed},
		"too short":     {small, smallData()[:11], ErrMalformed},
		"too long":      {small, append(smallData(), 0), ErrMalformed},
		"nothing":       {small, nil, ErrMalformed},
		"negative":      {swap("[3]", "[-3]"), smallData(), ErrMalformed},
		"no elements":   {swap("[3]", "[0]"), smallData(), ErrMalformed},
		"overflow":      {swap("[3]", "[4611686018427387904, 4]"), smallData(), ErrMalformed},
		"many axes":     {swap("[3]", "[1,1,1,1,1,1,1,1,3]"), smallData(), ErrMalformed},
		"fraction":      {swap("[3]", "[1.5]"), smallData(), ErrMalformed},
		"twice":         {swap(`"bytes"`, `"plain"`), smallData(), ErrMalformed},
		"not finite":    {swap("0.5", "1e300"), smallData(), ErrMalformed},
		"not a number":  {small, append([]byte{0, 0, 0xc0, 0x7f}, smallData()[4:]...), ErrMalformed},
		"other type":    {swap("float32", "int32"), smallData(), ErrUnsupported},
		"other bytes":   {swap("uint8", "uint16"), smallData(), ErrUnsupported},
		"large":         {"[]", make([]byte, MaxData+1), ErrMalformed},
		"long manifest": {strings.Repeat(" ", MaxManifest+1), nil, ErrMalformed},
	} {
		if _, err := Read([]byte(c.manifest), c.data); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzRead: no bytes make the reader panic, every refusal says why, and what is accepted is whole.
func FuzzRead(f *testing.F) {
	f.Add([]byte(small), smallData())
	f.Add([]byte(`[{"weights": [{"name": "fc", "shape": [1], "dtype": "float32"}]}]`), []byte{1, 2, 3, 4})
	f.Add([]byte(`[]`), []byte{})
	f.Fuzz(func(t *testing.T, manifest, data []byte) {
		w, err := Read(manifest, data)
		if err != nil {
			if !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrUnsupported) {
				t.Fatalf("untyped error: %v", err)
			}
			return
		}
		for name, x := range w {
			n := 1
			for _, d := range x.Shape {
				n *= d
			}
			if n != len(x.Data) || n > len(data) {
				t.Fatalf("%q of shape %v has %d numbers", name, x.Shape, len(x.Data))
			}
		}
		g := onnx.New("fuzz")
		if _, err := FaceRecognition(w, g, g.Input("image", 1, 3, RecognitionSide, RecognitionSide)); !errors.Is(err, ErrMalformed) {
			t.Fatalf("a network out of these weights: %v", err)
		}
	})
}

// blank are weights of the right names and shapes, all the same number.
func blank(v float32) Weights {
	w := Weights{}
	add := func(name string, shape ...int) {
		n := 1
		for _, d := range shape {
			n *= d
		}
		w[name] = Tensor{shape, slices.Repeat([]float32{v}, n)}
	}
	conv := func(name string, kernel, in, out int) {
		add(name+"/conv/filters", kernel, kernel, in, out)
		for _, s := range []string{"/conv/bias", "/scale/weights", "/scale/biases"} {
			add(name+s, out)
		}
	}
	conv("conv32_down", 7, 3, 32)
	in := 32
	for _, s := range []struct {
		width, count int
	}{{32, 3}, {64, 3}, {128, 2}, {256, 2}} {
		if s.width != in {
			conv(fmt.Sprintf("conv%d_down/conv1", s.width), 3, in, s.width)
			conv(fmt.Sprintf("conv%d_down/conv2", s.width), 3, s.width, s.width)
		}
		in = s.width
		for i := range s.count {
			for _, c := range []string{"conv1", "conv2"} {
				conv(fmt.Sprintf("conv%d_%d/%s", s.width, i+1, c), 3, s.width, s.width)
			}
		}
	}
	conv("conv256_down_out/conv1", 3, 256, 256)
	conv("conv256_down_out/conv2", 3, 256, 256)
	add("fc", 256, RecognitionSize)
	return w
}

func TestFaceRecognition(t *testing.T) {
	model := func(w Weights) ([]byte, error) {
		g := onnx.New("test")
		out, err := FaceRecognition(w, g, g.Input("image", 1, 3, RecognitionSide, RecognitionSide))
		if err != nil {
			return nil, err
		}
		g.Output("embedding", out, 1, RecognitionSize)
		return g.Marshal(), nil
	}
	w := blank(0.25)
	a, err := model(w)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := model(w); err != nil || !bytes.Equal(a, b) {
		t.Errorf("the same weights gave other bytes: %v", err)
	}
	w["fc"] = Tensor{[]int{128, 256}, w["fc"].Data}
	if _, err := model(w); !errors.Is(err, ErrMalformed) || !strings.Contains(err.Error(), `"fc"`) {
		t.Errorf("a turned tensor: %v", err)
	}
	w = blank(0)
	delete(w, "conv128_1/conv2/scale/biases")
	if _, err := model(w); !errors.Is(err, ErrMalformed) || !strings.Contains(err.Error(), "conv128_1/conv2/scale/biases") {
		t.Errorf("a missing tensor: %v", err)
	}
}

func TestHalf(t *testing.T) {
	for v, want := range map[float32]uint16{
		0: 0, 1: 0x3c00, -2: 0xc000, 65504: 0x7bff, 65519: 0x7bff, 65520: 0x7c00, -1e9: 0xfc00,
		1 + 1.0/2048: 0x3c00, 1 + 3.0/2048: 0x3c02, 1 + 1.01/2048: 0x3c01, // ties go to the even one
		1.0 / (1 << 14): 0x0400, 1.0 / (1 << 24): 1, 1.0 / (1 << 25): 0, 3.0 / (1 << 25): 2, // below what has all its bits
		float32(math.Inf(1)): 0x7c00,
	} {
		if got := half(v); got != want {
			t.Errorf("%v became %#x instead of %#x", v, got, want)
		}
	}
}
