package views

import (
	"math"
	"testing"

	"github.com/gioconda-live/gioconda/models/mesh/meshtest"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// TestSmallMouths: a mouth that opens twice as wide as any view's is left as it is drawn; what a view showed of its own would lie in
// the middle of it.
func TestSmallMouths(t *testing.T) {
	p, r := taught(t)
	p.Others = p.Others[:1] // opened by 0.2
	posed := newViews(t, p, r).NewPosed()
	for _, c := range []struct {
		open  float32
		shown bool
	}{{0.2, true}, {0.45, false}} {
		st := gaping(p, c.open)
		was, got := draw(t, r, &st), draw(t, r, &st)
		if err := posed.Paint(got, &st, 0); err != nil {
			t.Fatal(err)
		}
		if off := mouthError(was, got, &st); off > 20 != c.shown || !c.shown && off > 3 {
			t.Errorf("open by %.2f: what lies between the lips differs by %.1f from what is drawn, shown: %v", c.open, off, c.shown)
		}
	}
}

// TestWhatFillsAMouth counts whole, however small its share was.
func TestWhatFillsAMouth(t *testing.T) {
	p := meshtest.MonaLisa(t)
	g := newGroup(groupInside)
	for i, open := range []float32{0.2, 0.25, 0.4} {
		st := gaping(p, open)
		g.add(i, &st)
	}
	g.fit(make([]float64, 9))
	st := gaping(p, 0.46)
	var dst, near, kernel [3]float32
	if !g.mouth(dst[:], near[:], make([]float32, 0, 1024), kernel[:], &st) {
		t.Fatal("no mouth is like one that opens by 0.06 more")
	}
	if dst[0] > 0.01 || dst[1] > 0.1 || dst[2] < 0.85 {
		t.Errorf("shares are %.3f", dst)
	}
}

// TestEdgeOfTheMouth: how much of a pixel lies between the lips changes by no more than the way to the next, also where lips are steep.
func TestEdgeOfTheMouth(t *testing.T) {
	var a aperture
	var u, l [11][2]float32
	for k := range u {
		x := float32(20 + 8*k)
		y := 3 * float32(math.Abs(float64(k-5))) * 8 // three down for one across
		u[k], l[k] = [2]float32{x, 10 + y/2}, [2]float32{x, 230 - y/2}
	}
	a.from, a.to = u[0][0], u[10][0]
	a.top.through(&u)
	a.low.through(&l)
	const step = 0.125
	for y := float32(0); y < 128; y += 0.5 {
		was := a.cover(0, y)
		for x := float32(step); x < 128; x += step {
			c := a.cover(x, y)
			if d := max(c-was, was-c); d > 1.01*step {
				t.Fatalf("at (%.2f, %.2f) the cover leaps by %.2f", x, y, d)
			}
			was = c
		}
	}
}

// looking is a moment with both irises moved aside, head units.
func looking(p *persona.Persona, aside float32) motion.State {
	st := meshtest.AtRest(p)
	for _, e := range motion.Eyes() {
		for _, i := range e.Iris {
			st.Points[i].X += aside
		}
	}
	return st
}

// TestAnotherGaze: what a view shows between the lids is shown at its own gaze, and not over the iris of another.
func TestAnotherGaze(t *testing.T) {
	p := meshtest.MonaLisa(t)
	r := renderer(t, p)
	st := looking(p, 0.08)
	p.Others = append(p.Others, photograph(t, r, &st, 1))
	view := p.Others[0].Crop
	eyes := motion.Eyes()
	for _, e := range eyes {
		c := st.Head.Apply(st.Points[e.Iris[0]])
		for o := range view.Pix {
			x, y := float32(o/4%size)/size-c.X, float32(o/4/size)/size-c.Y
			if k := 0.06 * st.Head.Scale; x*x+y*y < k*k {
				view.Pix[o] = 255
			}
		}
	}
	posed := newViews(t, p, r).NewPosed()
	for _, c := range []struct {
		aside, least, most float64
	}{{0.08, 40, 255}, {0.03, 0, 30}, {0, 0, 1}} {
		st := looking(p, float32(c.aside))
		was, got := draw(t, r, &st), draw(t, r, &st)
		if err := posed.Paint(got, &st, 0); err != nil {
			t.Fatal(err)
		}
		for i, e := range eyes {
			at := st.Head.Apply(motion.Middle(st.Points[e.Upper[3]], st.Points[e.Lower[3]]))
			var off float64
			for d := -5; d <= 5; d++ {
				o := int(at.Y*size)*size + int(at.X*size) + d
				off = max(off, math.Abs(float64(got.Y[o])-float64(was.Y[o])))
			}
			if off < c.least || off > c.most {
				t.Errorf("eye %d, irises aside by %.2f: between the lids the picture differs by %.0f from what is drawn, want %.0f to %.0f", i, c.aside, off, c.least, c.most)
			}
		}
	}
}

// TestMasks: each texel between the lids belongs to the gaze alone, none at the edge of the lips to anything, and none counts twice.
func TestMasks(t *testing.T) {
	p := meshtest.MonaLisa(t)
	c := newChart(&p.Face, p.Triangles, mostUnit)
	masks, within, lips := c.masks(), c.eyeOpenings(), innerLips()
	gaze, edge := 0, 0
	for o := range c.texels {
		k := c.texels[o].triangle
		if k < 0 {
			continue
		}
		var all float32
		for _, m := range masks {
			all += m[o]
		}
		if all > 1.001 || within[k] != (masks[groupGaze][o] > 0) || within[k] && all != 1 {
			t.Fatalf("texel %d: masks add up to %.2f, between the lids: %v", o, all, within[k])
		}
		if within[k] {
			gaze++
		} else if c.fromLips(&lips, float32(o%c.w)+0.5, float32(o/c.w)+0.5) < 0.5 {
			edge++
			if all > 0.3 {
				t.Errorf("texel %d at the edge of the lips counts %.2f", o, all)
			}
		}
	}
	if gaze < 50 || edge < 20 {
		t.Errorf("%d texels lie between the lids, %d at the lips", gaze, edge)
	}
}
