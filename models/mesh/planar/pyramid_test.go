package planar

import "testing"

// TestPushPullKeepsWhatIsKnown: known pixels stay, unknown ones lie between the known values.
func TestPushPullKeepsWhatIsKnown(t *testing.T) {
	p, w := New(61, 43), New(61, 43)
	for o := range p.Pix {
		p.Pix[o] = -1000
		if o%97 == 0 {
			p.Pix[o], w.Pix[o] = float32(100+o%50), 1
		}
	}
	before := p.Clone()
	PushPull([]*Plane{p}, w)
	for o, v := range p.Pix {
		if w.Pix[o] == 1 && v != before.Pix[o] {
			t.Fatalf("known pixel %d changed from %v to %v", o, before.Pix[o], v)
		}
		if v < 99.9 || v > 150 {
			t.Fatalf("pixel %d was filled with %v", o, v)
		}
	}
}
