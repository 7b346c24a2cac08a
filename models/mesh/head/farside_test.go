package head

import (
	"testing"

	"github.com/gioconda-live/gioconda/models/mesh/meshtest"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// TestFarSideHidesAtRest: what is mirrored lies behind the head that the picture shows, and comes in when it turns.
func TestFarSideHidesAtRest(t *testing.T) {
	p := meshtest.MonaLisa(t)
	h, now, alpha := newTestHead(t, p, 256)
	if h.far == nil {
		t.Fatal("the Mona Lisa looks aside, yet has no far side")
	}
	hidden := 0
	for i, at := range h.far.places {
		if h.far.cover[landmark.SkinCount+i] < 0.2 {
			continue
		}
		q := h.g.Head.Apply(at)
		d, _ := h.g.Beyond(q.X, q.Y)
		if d > 0.1 && alpha.Sample(q.X, q.Y) < 0.002 {
			t.Errorf("ring vertex %d lies %.2f head units outside the face, over the background", i, d)
		}
		hidden++
	}
	if hidden < 10 {
		t.Errorf("only %d ring vertices are mirrored", hidden)
	}
	for _, tc := range []struct {
		yaw         float64
		least, most uint32
	}{{0, 0, 0}, {-20, 0, 0}, {20, 200, 256}} {
		st := meshtest.Turned(p, tc.yaw, 0, 0)
		now.Set(&st)
		h.Set(now)
		if got := h.far.opacity(h.reveal); got < tc.least || got > tc.most {
			t.Errorf("turned by %.0f degrees the far side has opacity %d of 256, want %d to %d", tc.yaw, got, tc.least, tc.most)
		}
	}
}

// TestFrontHasNoFarSide: a face turned straight at the viewer needs none.
func TestFrontHasNoFarSide(t *testing.T) {
	p := meshtest.MonaLisa(t)
	p.Face.Head.R = motion.Rotation(0, 0, 0)
	if h, _, _ := newTestHead(t, p, 256); h.far != nil {
		t.Error("a frontal face has a far side")
	}
}
