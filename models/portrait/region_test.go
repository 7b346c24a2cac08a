package portrait

import (
	"math"
	"testing"

	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// someRest is the average face in the middle of a crop.
func someRest() *motion.Rest {
	r := &motion.Rest{Points: *motion.AverageFace(), Neutral: *motion.AverageFace()}
	r.Head = motion.Rigid{R: motion.Rotation(0, 0, 0), T: motion.Vec3{X: 0.5, Y: 0.45}, Scale: 0.2}
	return r
}

// opened is the rest with the lower lip and the chin hanging by gap head units.
func opened(rest *motion.Rest, gap float32) motion.State {
	st := Still(rest)
	for _, c := range motion.LipColumns() {
		for _, i := range c.Lower {
			st.Points[i].Y += gap
		}
	}
	st.Points[chin].Y += gap
	return st
}

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if !(math.Abs(got-want) <= within) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

func TestAlignment(t *testing.T) {
	rest := someRest()
	r := Mouth()
	anchor := r.Anchor(rest)
	for _, c := range []struct{ yaw, pitch, roll, scale float64 }{{0, 0, 0, 0.2}, {0.4, 0.2, 0.5, 0.15}, {-0.5, -0.3, -1.2, 0.3}, {0, 0, 3, 0.2}} {
		head := motion.Rigid{R: motion.Rotation(c.yaw, c.pitch, c.roll), T: motion.Vec3{X: 0.4, Y: 0.6}, Scale: float32(c.scale)}
		a := r.Align(&head, anchor)
		if !a.usable() {
			t.Fatalf("%+v: not usable", c)
		}
		x, y := a.At(31, 77)
		i, j := a.Into(x, y)
		near(t, "i", float64(i), 31, 1e-3)
		near(t, "j", float64(j), 77, 1e-3)
		p := head.Apply(anchor)
		i, j = a.Into(p.X, p.Y)
		near(t, "the anchor's column", float64(i), 64, 1e-3)
		near(t, "the anchor's row", float64(j), 64-0.22/1.44*128, 1e-3)
		near(t, "the step", math.Hypot(float64(a.UX), float64(a.UY)), c.scale*1.44/128, 1e-6)
		if c.yaw == 0 && c.pitch == 0 {
			near(t, "the turn", math.Remainder(math.Atan2(float64(a.UY), float64(a.UX))-c.roll, 2*math.Pi), 0, 1e-5)
		}
	}
	broken := motion.Rigid{Scale: float32(math.NaN())}
	if a := r.Align(&broken, anchor); a.usable() {
		t.Error("a pose that is no number counts as usable")
	}
}

func TestMaps(t *testing.T) {
	rest := someRest()
	r := Mouth()
	m := NewMapper(r)
	anchor := r.Anchor(rest)
	a := r.Align(&rest.Head, anchor)
	n := r.Edge * r.Edge
	planes := make([]byte, MapPlanes*n)
	draw := func(st *motion.State) [MapPlanes]float64 {
		m.Maps(planes, st, rest, anchor, &a)
		var sum [MapPlanes]float64
		for k := range sum {
			for _, v := range planes[k*n : (k+1)*n] {
				sum[k] += float64(v) / 255
			}
		}
		return sum
	}
	shut, open := Still(rest), opened(rest, 0.3)
	s, o := draw(&shut), draw(&open)
	if s[PlaneInner] > 20 || o[PlaneInner] < 800 {
		t.Errorf("inside of the lips: %v pixels shut, %v open", s[PlaneInner], o[PlaneInner])
	}
	if !(s[PlaneOuter] > s[PlaneInner] && s[PlaneMask] > s[PlaneOuter]) {
		t.Errorf("shut: inner %v, outer %v, mask %v do not nest", s[PlaneInner], s[PlaneOuter], s[PlaneMask])
	}
	near(t, "the rows by which the lower teeth hang", (s[PlaneLower]-o[PlaneLower])/float64(r.Edge), 0.3/1.44*128, 1.5)
	near(t, "the change of the upper teeth", s[PlaneUpper]-o[PlaneUpper], 0, 1)
	mask := planes[PlaneMask*n : (PlaneMask+1)*n]
	for i := range r.Edge {
		if mask[i] != 0 || mask[n-1-i] != 0 || mask[i*r.Edge] != 0 || mask[i*r.Edge+r.Edge-1] != 0 {
			t.Fatal("the mask reaches the region's edge")
		}
	}
	if planes[PlaneYaw*n] != 128 || planes[PlanePitch*n] != 128 {
		t.Error("a head that looks ahead has an angle")
	}
	if k := testing.AllocsPerRun(5, func() { m.Maps(planes, &open, rest, anchor, &a) }); k > 0 {
		t.Errorf("%v allocations", k)
	}
}

func TestEyesMirrorEachOther(t *testing.T) {
	rest := someRest()
	st := Still(rest)
	st.Head.R = motion.Rotation(0, 0, 0.2)
	st.Lid = [2]float32{1, 1}
	eyes := Eyes()
	n := eyes[0].Edge * eyes[0].Edge
	var planes [2][]byte
	for k, r := range eyes {
		planes[k] = make([]byte, MapPlanes*n)
		anchor := r.Anchor(rest)
		a := r.Align(&st.Head, anchor)
		p := st.Head.Apply(anchor)
		i, j := a.Into(p.X, p.Y)
		near(t, "the anchor's column", float64(i), 32, 1e-3)
		near(t, "the anchor's row", float64(j), 32, 1e-3)
		x, y := a.At(5, 40)
		i, j = a.Into(x, y)
		near(t, "column and back", float64(i), 5, 1e-3)
		near(t, "row and back", float64(j), 40, 1e-3)
		outer := motion.Eyes()[k].Outer
		p = st.Head.Apply(st.Points[outer])
		if i, _ := a.Into(p.X, p.Y); i > 24 {
			t.Errorf("%s: the outer corner is at column %v, not on the left", r.Name, i)
		}
		NewMapper(r).Maps(planes[k], &st, rest, anchor, &a)
	}
	for k, what := range []string{"opening", "ring", "mask", "iris", "lid"} {
		var sum [2]float64
		var differ float64
		for i := range n {
			a, b := float64(planes[0][k*n+i])/255, float64(planes[1][k*n+i])/255
			sum[0] += a
			sum[1] += b
			differ += math.Abs(a - b)
		}
		// The average face is nearly, not quite, its own mirror image.
		if sum[0] < 20 || differ > 0.15*sum[0]+10 {
			t.Errorf("%s: %v pixels on the left, %v on the right, %v differ", what, sum[0], sum[1], differ)
		}
	}
	st.Lid[0] = 0
	motion.SetLid(&st.Points, &rest.Neutral, &[]motion.EyeParts{motion.Eyes()[0]}[0], 0, 0)
	r := eyes[0]
	anchor := r.Anchor(rest)
	a := r.Align(&st.Head, anchor)
	NewMapper(r).Maps(planes[0], &st, rest, anchor, &a)
	open := 0
	for _, v := range planes[0][:n] {
		if v > 128 {
			open++
		}
	}
	if open > 5 || planes[0][PlaneLid*n] != 0 {
		t.Errorf("a shut eye shows %d pixels and an opening of %d", open, planes[0][PlaneLid*n])
	}
}

func TestHeadMaps(t *testing.T) {
	rest := someRest()
	st := opened(rest, 0.2)
	r := Head()
	r.Edge = 128
	a := r.Align(&st.Head, r.Anchor(rest))
	if x, y := a.At(128, 64); x != 1 || y != 0.5 {
		t.Fatalf("the head's region ends at (%v, %v), not at the crop's edge", x, y)
	}
	m := NewMapper(r)
	n := r.Edge * r.Edge
	planes := make([]byte, MapPlanes*n)
	m.Maps(planes, &st, rest, r.Anchor(rest), &a)
	for k := PlaneInner; k <= PlaneLid; k++ {
		sum := 0
		for _, v := range planes[k*n : (k+1)*n] {
			sum += int(v)
		}
		if share := float64(sum) / 255 / float64(n); share < 0.001 || share > 0.6 {
			t.Errorf("plane %d covers %v of the crop", k, share)
		}
	}
	p := st.Head.Apply(st.Points[1]) // the nose
	if at := int(p.Y*128)*128 + int(p.X*128); planes[PlaneMask*n+at] != 255 || planes[PlaneMask*n] != 0 {
		t.Errorf("the mask is %d on the nose and %d in the corner", planes[PlaneMask*n+at], planes[PlaneMask*n])
	}
	if k := testing.AllocsPerRun(5, func() { m.Maps(planes, &st, rest, motion.Vec3{}, &a) }); k > 0 {
		t.Errorf("%v allocations", k)
	}
}

func TestReadAndAdd(t *testing.T) {
	f, err := frame.NewI420(200, 200)
	if err != nil {
		t.Fatal(err)
	}
	fill := func() {
		for i := range f.Y {
			f.Y[i] = 100
		}
		for i := range f.U {
			f.U[i], f.V[i] = 110, 150
		}
	}
	fill()
	r := Region{Name: "test", Edge: 32, Side: 1}
	a := Alignment{OX: 60, OY: 50, UX: 2, UY: 0.5}
	planes := make([]float32, 3*32*32)
	r.Read(planes, f, &a)
	near(t, "red", float64(planes[5]), (100-16)/219.0+1.402*22/224, 0.002)
	near(t, "green", float64(planes[32*32+5]), (100-16)/219.0+0.344136*18/224-0.714136*22/224, 0.002)
	near(t, "blue", float64(planes[2*32*32+5]), (100-16)/219.0-1.772*18/224, 0.002)

	d := make([]float32, 3*32*32)
	mask := make([]byte, 32*32)
	for y := 8; y < 24; y++ {
		for x := 8; x < 24; x++ {
			for k := range 3 {
				d[k*32*32+y*32+x] = 0.1 // grey, so that colour stays
			}
			mask[y*32+x] = 255
		}
	}
	if !toYUV(d, 1) {
		t.Fatal("finite differences count as none")
	}
	r.add(f, d, &a, extent(mask, 32), 0, &gamut{x: 1, lo: [2]float32{-128, -128}, hi: [2]float32{127, 127}})
	in := func(i, j float32) (x, y int) { p, q := a.At(i, j); return int(p), int(q) }
	x, y := in(16, 16)
	if got := f.Y[y*200+x]; got != 122 {
		t.Errorf("luma in the middle is %d, want 122", got)
	}
	if f.U[y/2*100+x/2] != 110 || f.V[y/2*100+x/2] != 150 {
		t.Error("a grey difference changed the colour")
	}
	x, y = in(3, 3)
	if f.Y[y*200+x] != 100 || f.Y[0] != 100 {
		t.Error("something changed outside the mask")
	}
	d[7] = float32(math.Inf(1))
	if toYUV(d, 1) {
		t.Error("an infinite difference counts as usable")
	}
}
