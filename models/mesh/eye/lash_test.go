package eye

import (
	"math"
	"testing"

	"github.com/gioconda-live/gioconda/models/mesh/meshtest"
	"github.com/gioconda-live/gioconda/models/mesh/shade"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// A shut eye is one bow: lowest between the corners, without a kink anywhere.
func TestShutEyeIsOneBow(t *testing.T) {
	r := newTestEyes(t, 512)
	r.lidsAt(0)
	for k := range r.eyes {
		e := r.eyes[k]
		chord := (e.opening.At(-e.left) + e.opening.At(e.right)) / 2
		if sag := (e.opening.At((e.right-e.left)/2) - chord) / e.length; sag < 0.03 || sag > 0.35 {
			t.Errorf("eye %d: the bow hangs %.3f of the eye's length below its corners", k, sag)
		}
		for s := -e.left + 3; s < e.right-3; s++ {
			bend := e.opening.At(s-1) - 2*e.opening.At(s) + e.opening.At(s+1)
			if num.Abs(bend) > 4/e.length {
				t.Errorf("eye %d: bends by %.2f pixels at %.0f", k, bend, s)
			}
		}
	}
}

// The line of lashes comes in with closing and is dark in every column of a shut eye's middle.
func TestLashesComeInWithClosing(t *testing.T) {
	r := newTestEyes(t, 512)
	last := float32(0)
	for _, open := range []float32{1, 0.7, 0.5, 0.3, 0.15, 0} {
		f := r.lidsAt(open)
		e := r.eyes[1]
		mid := (e.right - e.left) / 2
		k := e.lash(mid, 0)
		if open >= lashBegin && (k != 0 || e.shut != 0) || k < last {
			t.Errorf("open %.2f: opacity %.2f after %.2f", open, k, last)
		}
		last = k
		if open > 0 {
			continue
		}
		for s := mid - 0.25*e.length; s < mid+0.25*e.length; s++ {
			luma := func(dt float32) float64 {
				x, y := e.to.To(s, e.opening.At(s)+dt)
				return float64(f.Y[int(y)*f.Width+int(x)])
			}
			line := math.Min(luma(-0.5), luma(0.5))
			if skin := luma(-0.15 * e.length); line > 0.95*skin {
				t.Errorf("at %.0f the line has luma %.0f, the lid above %.0f", s, line, skin)
			}
		}
	}
	if last < 0.3 {
		t.Errorf("shut, the line has opacity %.2f only", last)
	}
}

// Lids well apart are drawn without any of a shut eye's parts.
func TestShutSkinLeavesOpenEyes(t *testing.T) {
	r := newTestEyes(t, 256)
	want := r.lidsAt(0.8)
	for k := range r.eyes {
		r.eyes[k].over, r.eyes[k].line = &shade.Decal{}, lashLine{}
	}
	if db := meshtest.PSNR(r.lidsAt(0.8), want, nil); db != 99 {
		t.Errorf("an open eye changes with a shut one's skin: %.1f dB", db)
	}
}
