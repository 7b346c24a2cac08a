package shade

import (
	"testing"

	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// TestOver: what is opaque hides, what is transparent does not, and half of each is both.
func TestOver(t *testing.T) {
	a, b := Texel{200, 100, 150, 1}, Texel{40, 128, 128, 1}
	half := a
	half.A = 0.5
	if got := Over(a, b); got != a {
		t.Errorf("opaque over opaque is %v", got)
	}
	if got := Over(Texel{}, b); got != b {
		t.Errorf("nothing over opaque is %v", got)
	}
	if got, same := Over(half, b), b.Blend(a, 0.5); got != (Texel{120, 114, 139, 1}) || got != same {
		t.Errorf("half over opaque is %v, blended %v", got, same)
	}
	if got := Over(half, half); num.Abs(got.A-0.75) > 1e-6 || num.Abs(got.Y-200) > 1e-3 {
		t.Errorf("half over its like is %v", got)
	}
	if got := b.Dim(0); got != (Texel{16, 128, 128, 1}) {
		t.Errorf("without light a colour is %v", got)
	}
}

// TestAffineComesBack: Back undoes To, and what has no inverse is refused.
func TestAffineComesBack(t *testing.T) {
	a, ok := NewAffine(30, -7, 2, 0.5, -0.3, 1.5)
	if !ok {
		t.Fatal("an invertible map was refused")
	}
	x, y := a.To(4, -9)
	if s, v := a.Back(x, y); num.Abs(s-4) > 1e-4 || num.Abs(v+9) > 1e-4 {
		t.Errorf("(4, -9) comes back as (%v, %v)", s, v)
	}
	if box := a.Box(-1, -2, 3, 4); !box.Holds(30, -7) {
		t.Errorf("the box %v does not hold the origin", box)
	}
	if _, ok := NewAffine(0, 0, 1, 2, 2, 4); ok {
		t.Error("a map onto a line was taken")
	}
}

// disc is opaque within 5 pixels of (20, 20).
type disc struct{}

func (disc) Shade(x, y float32) Texel {
	if (x-20)*(x-20)+(y-20)*(y-20) > 25 {
		return Texel{}
	}
	return Opaque(200, 90, 160)
}

// TestPaintStaysInBoxAndBand: a shader's pixels are drawn within box and band, and nothing else changes.
func TestPaintStaysInBoxAndBand(t *testing.T) {
	f, err := frame.NewI420(40, 40)
	if err != nil {
		t.Fatal(err)
	}
	p := NewPatch(40)
	p.Paint(f, planar.Band{Y0: 0, Y1: 22}, planar.Rect{X0: 10, Y0: 10, X1: 20, Y1: 30}, disc{})
	for o, v := range f.Y {
		x, y := o%40, o/40
		want := byte(0)
		if x < 20 && y < 22 && (disc{}).Shade(float32(x)+0.5, float32(y)+0.5).A == 1 {
			want = 200
		}
		if v != want {
			t.Fatalf("pixel (%d, %d) is %d", x, y, v)
		}
	}
}
