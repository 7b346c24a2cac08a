package mesh

import "testing"

// TestPushPullKeepsWhatIsKnown: known pixels stay, unknown ones lie between the known values.
func TestPushPullKeepsWhatIsKnown(t *testing.T) {
	p, w := newPlane(61, 43), newPlane(61, 43)
	for o := range p.pix {
		p.pix[o] = -1000
		if o%97 == 0 {
			p.pix[o], w.pix[o] = float32(100+o%50), 1
		}
	}
	before := p.clone()
	pushPull([]*plane{p}, w)
	for o, v := range p.pix {
		if w.pix[o] == 1 && v != before.pix[o] {
			t.Fatalf("known pixel %d changed from %v to %v", o, before.pix[o], v)
		}
		if v < 99.9 || v > 150 {
			t.Fatalf("pixel %d was filled with %v", o, v)
		}
	}
}
