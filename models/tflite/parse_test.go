package tflite

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/gioconda-live/gioconda/models/tflite/onnx"
)

// seeds are small models for the fuzzer.
func seeds() [][]byte {
	p := picture{4, 4, 2, nil}
	half := []byte{0x00, 0x3c, 0x00, 0x40, 0x00, 0x42, 0x00, 0x44} // 1, 2, 3, 4 as float16
	return [][]byte{
		cropModel(true), cropModel(false),
		one(p, [3]int{2, 2, 2}, func(b *modelBuilder, in, out int) {
			w := b.tensor(Float32, nil, 2, 1, 1, 2)
			b.op(opDequantize, "", nil, nil, []int{b.tensor(Float16, half, 2, 1, 1, 2)}, w)
			bias := b.tensor(Float32, floats(0, 1), 2)
			b.op(opConv, "", fbTable{byte(0), 2, 2, byte(1)}, nil, []int{in, w, bias}, out)
		}),
		one(p, [3]int{4, 4, 4}, func(b *modelBuilder, in, out int) {
			b.op(opPad, "", nil, nil, []int{in, b.tensor(Int32, int32s(0, 0, 0, 0, 0, 0, 1, 1), 4, 2)}, out)
		}),
	}
}

// FuzzParse: no bytes make the reader or the converter panic, and every refusal says why.
func FuzzParse(f *testing.F) {
	for _, s := range seeds() {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Parse(data)
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Fatalf("untyped error: %v", err)
			}
			return
		}
		g := onnx.New("fuzz")
		if _, err := Convert(m, g, g.Input("x", 1, 1, 1, 1)); err != nil {
			if !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrUnsupported) {
				t.Fatalf("untyped error: %v", err)
			}
			return
		}
		g.Marshal()
	})
}

func TestParse(t *testing.T) {
	m, err := Parse(cropModel(false))
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Operators) != 3 || m.Operators[1].Custom != "Landmarks2TransformMatrix" || len(m.Tensors) != 4 {
		t.Errorf("%+v", m)
	}
	if in := m.Tensors[m.Inputs[0]]; !slices.Equal(in.Shape, []int{1, 12, 16, 3}) || in.Elements() != 576 || in.Data != nil {
		t.Errorf("%+v", in)
	}
}

func TestParseFaults(t *testing.T) {
	good := cropModel(false)
	for name, data := range map[string][]byte{
		"empty": nil, "identifier only": []byte("0000TFL3"), "other file": []byte(strings.Repeat("\x08ONNX file", 10)),
		"zeros": append([]byte("\x08\x00\x00\x00TFL3"), make([]byte, 64)...), "root outside": []byte("\xff\xff\xff\xffTFL3........"),
		"too big": make([]byte, MaxFileSize+1),
	} {
		if _, err := Parse(data); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for cut := range good {
		if m, err := Parse(good[:cut]); err == nil && cut < len(good)-64 {
			t.Fatalf("the first %d bytes were accepted: %+v", cut, m)
		}
	}
	for i := range good {
		bad := slices.Clone(good)
		bad[i] ^= 0xff
		if m, err := Parse(bad); err == nil {
			g := onnx.New("x")
			_, _ = Convert(m, g, g.Input("x", 1, 3, 12, 16))
		}
	}
}

func TestConvertFaults(t *testing.T) {
	p := picture{4, 4, 2, nil}
	flat := func(b *modelBuilder, n int) int { return b.tensor(Float32, floats(make([]float32, n)...), n) }
	for name, build := range map[string]func(b *modelBuilder, in, out int){
		"unknown operator":  func(b *modelBuilder, in, out int) { b.op(99, "", nil, nil, []int{in}, out) },
		"unknown custom":    func(b *modelBuilder, in, out int) { b.op(opCustom, "Mystery", nil, nil, []int{in}, out) },
		"too few operands":  func(b *modelBuilder, in, out int) { b.op(opConv, "", nil, nil, []int{in}, out) },
		"operand left out":  func(b *modelBuilder, in, out int) { b.op(opAdd, "", nil, nil, []int{in, -1}, out) },
		"weights not there": func(b *modelBuilder, in, out int) { b.op(opConv, "", nil, nil, []int{in, in, in}, out) },
		"weights of rank 1": func(b *modelBuilder, in, out int) { b.op(opConv, "", nil, nil, []int{in, flat(b, 4), flat(b, 2)}, out) },
		"no stride": func(b *modelBuilder, in, out int) {
			b.op(opMaxPool, "", fbTable{byte(0), 0, 0, 0, 0}, nil, []int{in}, out)
		},
		"strange activation": func(b *modelBuilder, in, out int) { b.op(opAdd, "", fbTable{byte(77)}, nil, []int{in, in}, out) },
		"axis outside":       func(b *modelBuilder, in, out int) { b.op(opConcatenation, "", fbTable{9}, nil, []int{in, in}, out) },
		"no crop options": func(b *modelBuilder, in, out int) {
			b.op(opCustom, "Convolution2DTransposeBias", nil, nil, []int{in, in, in}, out)
		},
		"crop of a picture": func(b *modelBuilder, in, out int) {
			b.op(opCustom, "Landmarks2TransformMatrix", nil, nil, []int{in}, out)
		},
		"dequantised floats": func(b *modelBuilder, _, out int) { b.op(opDequantize, "", nil, nil, []int{flat(b, 2)}, out) },
		"mean over channels": func(b *modelBuilder, in, out int) {
			b.op(opMean, "", fbTable{byte(1)}, nil, []int{in, b.tensor(Int32, int32s(3), 1)}, out)
		},
	} {
		m, err := Parse(one(p, [3]int{4, 4, 2}, build))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		g := onnx.New("x")
		if _, err := Convert(m, g, g.Input("x", 1, 2, 4, 4)); !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrUnsupported) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
