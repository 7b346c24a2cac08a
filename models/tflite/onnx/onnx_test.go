package onnx

import (
	"bytes"
	"encoding/hex"
	"testing"
)

func sample() *Graph {
	g := New("g")
	x := g.Input("x", 1, 300)
	y := g.Node("Op", []string{x, "", g.Floats([]float32{1}, 1)}, Int("i", -1), Float("f", 0.5), Text("s", "t"), Ints("l", 1, 200))
	g.Output("y", g.Node("Add", []string{y, g.Halves([]uint16{0x3c00})}), 1, 300)
	g.Int64s(7)
	g.Note("k", "v")
	return g
}

func TestMarshalIsDeterministic(t *testing.T) {
	if a, b := sample().Marshal(), sample().Marshal(); !bytes.Equal(a, b) {
		t.Error("the same calls gave other bytes")
	}
}

// TestEncoding checks single pieces against encodings worked out by hand.
func TestEncoding(t *testing.T) {
	for name, c := range map[string]struct {
		build func(*message)
		want  string
	}{
		"varint":     {func(m *message) { m.int(1, 300) }, "08ac02"},
		"negative":   {func(m *message) { m.int(3, -1) }, "18ffffffffffffffffff01"},
		"float":      {func(m *message) { m.float(2, 0.5) }, "150000003f"},
		"text":       {func(m *message) { m.text(4, "ab") }, "22026162"},
		"high field": {func(m *message) { m.int(20, 1) }, "a00101"},
		"packed":     {func(m *message) { m.ints(8, []int64{1, 200}) }, "420301c801"},
		"nested":     {func(m *message) { m.sub(1, func(n *message) { n.int(1, 5) }) }, "0a020805"},
		"attribute":  {func(m *message) { Int("i", 2).encode(m) }, "0a0169" + "1802" + "a00102"},
	} {
		var m message
		c.build(&m)
		if got := hex.EncodeToString(m.b); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
