package eye

import (
	"image"
	"math"
	"testing"

	"github.com/gioconda-live/gioconda/models/mesh/meshtest"
	"github.com/gioconda-live/gioconda/models/mesh/shade"
	"github.com/gioconda-live/gioconda/pipeline/frame"
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

// The line on a shut eye is the picture's own: not much steeper than the open lid's edge, which a blurred picture has softer, no
// darker than that, and fainter towards the corners.
func TestLashLineIsAsSoftAsThePicture(t *testing.T) {
	for _, blur := range []int{0, 4} {
		p := meshtest.MonaLisa(t)
		if blur > 0 {
			p.Crop = blurred(p.Crop, blur)
		}
		r := newEyesOf(t, p, 512)
		open, shut := r.lidsAt(1), r.lidsAt(0)
		for k := range r.eyes {
			e := r.eyes[k]
			var steep, dark [2]float64
			n := 0.0
			for s := -0.6 * e.left; s < 0.6*e.right; s++ {
				for j, f := range []*frame.I420{open, shut} {
					edge := &e.upper
					if j == 1 {
						edge = &e.opening
					}
					least, most := 255.0, 0.0
					for d := float32(-6); d < 3; d++ { // above the eyeball
						v, w := lumaAt(f, &e.to, s, edge.At(s)+d), lumaAt(f, &e.to, s, edge.At(s)+d+1)
						least, most = math.Min(least, w), math.Max(most, math.Abs(v-w))
					}
					steep[j], dark[j] = steep[j]+most, dark[j]+least
				}
				n++
			}
			t.Logf("blur %d, eye %d: steepest %.1f open, %.1f shut; darkest %.0f, %.0f", blur, k, steep[0]/n, steep[1]/n, dark[0]/n, dark[1]/n)
			if steep[1] > 1.45*steep[0] {
				t.Errorf("blur %d, eye %d: the line's edge rises by %.1f a pixel, in the picture by %.1f", blur, k, steep[1]/n, steep[0]/n)
			}
			if dark[1] < dark[0] {
				t.Errorf("blur %d, eye %d: the line has luma %.0f, in the picture %.0f", blur, k, dark[1]/n, dark[0]/n)
			}
			mid := e.lash((e.right-e.left)/2, 0)
			for _, s := range []float32{-0.97 * e.left, 0.97 * e.right} {
				if a := e.lash(s, 0); e.across(s)*e.outer < 0 && a > 0.2*mid || a > 0.6*mid {
					t.Errorf("blur %d, eye %d: opacity %.2f in a corner, %.2f in the middle", blur, k, a, mid)
				}
			}
		}
	}
}

// lumaAt is bilinear at the local place (s, t).
func lumaAt(f *frame.I420, to *shade.Affine, s, t float32) float64 {
	x, y := to.To(s, t)
	x, y = x-0.5, y-0.5
	o := int(y)*f.Width + int(x)
	fx, fy := float64(x)-math.Floor(float64(x)), float64(y)-math.Floor(float64(y))
	top := float64(f.Y[o])*(1-fx) + float64(f.Y[o+1])*fx
	low := float64(f.Y[o+f.Width])*(1-fx) + float64(f.Y[o+f.Width+1])*fx
	return top*(1-fy) + low*fy
}

// blurred is the mean of m over squares of 2*r+1 pixels.
func blurred(m *image.RGBA, r int) *image.RGBA {
	out := image.NewRGBA(m.Rect)
	for y := range m.Rect.Dy() {
		for x := range m.Rect.Dx() {
			var sum [4]int
			n := 0
			for j := max(y-r, 0); j <= min(y+r, m.Rect.Dy()-1); j++ {
				for i := max(x-r, 0); i <= min(x+r, m.Rect.Dx()-1); i++ {
					for c := range sum {
						sum[c] += int(m.Pix[m.PixOffset(i, j)+c])
					}
					n++
				}
			}
			for c := range sum {
				out.Pix[out.PixOffset(x, y)+c] = byte(sum[c] / n)
			}
		}
	}
	return out
}
