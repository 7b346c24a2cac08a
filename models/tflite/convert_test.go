package tflite

import (
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/gioconda-live/gioconda/models/ort"
	"github.com/gioconda-live/gioconda/models/tflite/onnx"
)

// run converts a model made by a test, runs it on x (batch, height, width, channels) and returns its only output.
func run(t *testing.T, file []byte, x []float32) []float32 {
	t.Helper()
	m, err := Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	s := m.Tensors[m.Inputs[0]].Shape
	g := onnx.New("test")
	out, err := Convert(m, g, g.Input("x", s[0], s[3], s[1], s[2]))
	if err != nil {
		t.Fatal(err)
	}
	g.Output("y", out[0].Name, out[0].Shape...)
	path := filepath.Join(t.TempDir(), "m.onnx")
	if err = os.WriteFile(path, g.Marshal(), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := ort.New(ort.LibraryIn("../node_modules"))
	if errors.Is(err, ort.ErrNoLibrary) {
		t.Skipf("SKIPPED, nothing was tested: %v", err)
	} else if err != nil {
		t.Fatal(err)
	}
	session, err := r.Load(path, ort.Options{})
	if err != nil {
		t.Fatal(errors.Join(err, r.Close()))
	}
	defer func() {
		if err := errors.Join(session.Close(), r.Close()); err != nil {
			t.Error(err)
		}
	}()
	in, err1 := session.Input("x", s[0], s[3], s[1], s[2])
	y, err2 := session.Output("y", out[0].Shape...)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	for i, v := range x {
		pixel, c := i/s[3], i%s[3]
		in[c*s[1]*s[2]+pixel] = v
	}
	if err := session.Run(); err != nil {
		t.Fatal(err)
	}
	return append([]float32(nil), y...)
}

func random(n int, seed uint64) []float32 {
	r := rand.New(rand.NewPCG(seed, 1))
	out := make([]float32, n)
	for i := range out {
		out[i] = r.Float32()*2 - 1
	}
	return out
}

func near(t *testing.T, name string, got, want []float32) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values instead of %d", name, len(got), len(want))
	}
	for i := range want {
		if math.Abs(float64(got[i]-want[i])) > 2e-5 || math.IsNaN(float64(got[i])) {
			t.Fatalf("%s: value %d is %v instead of %v", name, i, got[i], want[i])
		}
	}
}

// picture is a small NHWC tensor of batch one, zero outside.
type picture struct {
	h, w, c int
	v       []float32
}

func (p picture) at(y, x, c int) float32 {
	if y < 0 || x < 0 || y >= p.h || x >= p.w {
		return 0
	}
	return p.v[(y*p.w+x)*p.c+c]
}

// each builds a picture value by value.
func each(h, w, c int, f func(y, x, c int) float32) []float32 {
	var out []float32
	for y := range h {
		for x := range w {
			for k := range c {
				out = append(out, f(y, x, k))
			}
		}
	}
	return out
}

// one builds a model of a single operator.
func one(p picture, out [3]int, build func(b *modelBuilder, in, out int)) []byte {
	var b modelBuilder
	in := b.tensor(Float32, nil, 1, p.h, p.w, p.c)
	o := b.tensor(Float32, nil, 1, out[0], out[1], out[2])
	b.inputs, b.outputs = []int{in}, []int{o}
	build(&b, in, o)
	return b.bytes()
}

// TestConvolutions compares with sums written out, on odd sizes with stride 2, where SAME padding is lopsided.
func TestConvolutions(t *testing.T) {
	p := picture{5, 6, 3, random(5*6*3, 1)}
	k, bias := random(4*3*3*3, 2), random(4, 3)
	const padH, padW = 1, 0 // 5 rows: one before, one after; 6 columns: none before, one after
	got := run(t, one(p, [3]int{3, 3, 4}, func(b *modelBuilder, in, out int) {
		w := b.tensor(Float32, floats(k...), 4, 3, 3, 3)
		b.op(opConv, "", fbTable{byte(0), 2, 2, byte(1)}, nil, []int{in, w, b.tensor(Float32, floats(bias...), 4)}, out)
	}), p.v)
	near(t, "conv, relu", got, each(3, 3, 4, func(y, x, o int) float32 {
		sum := bias[o]
		for i := range 3 * 3 * 3 {
			ky, kx, c := i/9, i/3%3, i%3
			sum += p.at(2*y+ky-padH, 2*x+kx-padW, c) * k[o*27+i]
		}
		return max(0, sum)
	}))
	got = run(t, one(p, [3]int{3, 3, 3}, func(b *modelBuilder, in, out int) {
		w := b.tensor(Float32, floats(k[:27]...), 1, 3, 3, 3)
		b.op(opDepthwiseConv, "", fbTable{byte(0), 2, 2, 1, byte(3)}, nil,
			[]int{in, w, b.tensor(Float32, floats(bias[:3]...), 3)}, out)
	}), p.v)
	near(t, "depthwise, relu6", got, each(3, 3, 3, func(y, x, c int) float32 {
		sum := bias[c]
		for i := range 9 {
			sum += p.at(2*y+i/3-padH, 2*x+i%3-padW, c) * k[i*3+c]
		}
		return min(6, max(0, sum))
	}))
	p = picture{4, 6, 3, p.v[:4*6*3]}
	got = run(t, one(p, [3]int{8, 12, 1}, func(b *modelBuilder, in, out int) {
		w := b.tensor(Float32, floats(k[:12]...), 1, 2, 2, 3)
		b.op(opCustom, "Convolution2DTransposeBias", nil, int32s(1, 2, 2),
			[]int{in, w, b.tensor(Float32, floats(bias[:1]...), 1)}, out)
	}), p.v)
	near(t, "transposed", got, each(8, 12, 1, func(y, x, _ int) float32 {
		sum := bias[0]
		for c := range 3 {
			sum += p.at(y/2, x/2, c) * k[(y%2*2+x%2)*3+c]
		}
		return sum
	}))
}

func TestElementwiseAndPools(t *testing.T) {
	p := picture{4, 6, 2, random(4*6*2, 5)}
	slope := []float32{0.25, -0.5}
	sigmoid := func(v float32) float32 { return float32(1 / (1 + math.Exp(-float64(v)))) }
	for _, c := range []struct {
		name  string
		out   [3]int
		build func(b *modelBuilder, in, out int)
		want  func(y, x, c int) float32
	}{
		{"prelu", [3]int{4, 6, 2}, func(b *modelBuilder, in, out int) {
			b.op(opPRelu, "", nil, nil, []int{in, b.tensor(Float32, floats(slope...), 1, 1, 2)}, out)
		}, func(y, x, c int) float32 { v := p.at(y, x, c); return max(v, 0) + slope[c]*min(v, 0) }},
		{"add itself, relu", [3]int{4, 6, 2}, func(b *modelBuilder, in, out int) {
			b.op(opAdd, "", fbTable{byte(1)}, nil, []int{in, in}, out)
		}, func(y, x, c int) float32 { return max(0, 2*p.at(y, x, c)) }},
		{"mul by constant", [3]int{4, 6, 2}, func(b *modelBuilder, in, out int) {
			b.op(opMul, "", fbTable{byte(0)}, nil, []int{in, b.tensor(Float32, floats(slope...), 2)}, out)
		}, func(y, x, c int) float32 { return p.at(y, x, c) * slope[c] }},
		{"logistic", [3]int{4, 6, 2}, func(b *modelBuilder, in, out int) {
			b.op(opLogistic, "", nil, nil, []int{in}, out)
		}, func(y, x, c int) float32 { return sigmoid(p.at(y, x, c)) }},
		{"hard swish", [3]int{4, 6, 2}, func(b *modelBuilder, in, out int) {
			b.op(opHardSwish, "", nil, nil, []int{in}, out)
		}, func(y, x, c int) float32 { v := p.at(y, x, c); return v * min(6, max(0, v+3)) / 6 }},
		{"max pool", [3]int{2, 3, 2}, func(b *modelBuilder, in, out int) {
			b.op(opMaxPool, "", fbTable{byte(0), 2, 2, 2, 2, byte(0)}, nil, []int{in}, out)
		}, func(y, x, c int) float32 {
			return max(p.at(2*y, 2*x, c), p.at(2*y+1, 2*x, c), p.at(2*y, 2*x+1, c), p.at(2*y+1, 2*x+1, c))
		}},
		{"pad", [3]int{5, 6, 3}, func(b *modelBuilder, in, out int) {
			b.op(opPad, "", nil, nil, []int{in, b.tensor(Int32, int32s(0, 0, 1, 0, 0, 0, 0, 1), 4, 2)}, out)
		}, func(y, x, c int) float32 {
			if c == 2 {
				return 0
			}
			return p.at(y-1, x, c)
		}},
	} {
		near(t, c.name, run(t, one(p, c.out, c.build), p.v), each(c.out[0], c.out[1], c.out[2], c.want))
	}
}

func TestMeansSlicesAndJoins(t *testing.T) {
	p := picture{2, 3, 2, random(12, 7)}
	mean := func(_, _, c int) float32 {
		var sum float32
		for i := range 6 {
			sum += p.v[2*i+c]
		}
		return sum / 6
	}
	for name, build := range map[string]func(b *modelBuilder, in, out int){
		"average pool": func(b *modelBuilder, in, out int) {
			b.op(opAveragePool, "", fbTable{byte(1), 3, 2, 3, 2, byte(0)}, nil, []int{in}, out)
		},
		"mean": func(b *modelBuilder, in, out int) {
			b.op(opMean, "", fbTable{byte(1)}, nil, []int{in, b.tensor(Int32, int32s(1, 2), 2)}, out)
		},
	} {
		near(t, name, run(t, one(p, [3]int{1, 1, 2}, build), p.v), each(1, 1, 2, mean))
	}
	got := run(t, one(p, [3]int{1, 2, 2}, func(b *modelBuilder, in, out int) {
		b.op(opStridedSlice, "", fbTable{1, 0, 0, 0, 0}, nil, []int{
			in, b.tensor(Int32, int32s(9, 1, 0, 0), 4), b.tensor(Int32, int32s(1, 2, 3, 2), 4), b.tensor(Int32, int32s(1, 1, 2, 1), 4),
		}, out)
	}), p.v)
	near(t, "slice", got, each(1, 2, 2, func(_, x, c int) float32 { return p.at(1, 2*x, c) }))
	got = run(t, one(p, [3]int{2, 3, 4}, func(b *modelBuilder, in, out int) {
		b.op(opConcatenation, "", fbTable{-1, byte(0)}, nil, []int{in, in}, out)
	}), p.v)
	near(t, "concat", got, each(2, 3, 4, func(y, x, c int) float32 { return p.at(y, x, c%2) }))
	got = run(t, one(p, [3]int{4, 6, 2}, func(b *modelBuilder, in, out int) {
		b.op(opResize, "", fbTable{nil, nil, byte(0), byte(1)}, nil, []int{in, b.tensor(Int32, int32s(4, 6), 2)}, out)
	}), p.v)
	near(t, "resize", got, each(4, 6, 2, func(y, x, c int) float32 {
		v, u := max(0, (float32(y)+0.5)/2-0.5), max(0, (float32(x)+0.5)/2-0.5)
		y0, x0 := int(v), int(u)
		y1, x1 := min(y0+1, 1), min(x0+1, 2)
		fv, fu := v-float32(y0), u-float32(x0)
		return (1-fv)*((1-fu)*p.at(y0, x0, c)+fu*p.at(y0, x1, c)) + fv*((1-fu)*p.at(y1, x0, c)+fu*p.at(y1, x1, c))
	}))
}
