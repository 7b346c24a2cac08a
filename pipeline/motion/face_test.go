package motion

import (
	"math"
	"testing"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

func TestTurnVector(t *testing.T) {
	for _, tc := range []struct{ yaw, pitch, roll float64 }{
		{0, 0, 0}, {0.3, 0, 0}, {-0.4, 0.3, 0.2}, {1e-4, -1e-4, 0}, {1.2, -0.8, 0.5}, {0, 0, 3},
	} {
		r := Rotation(tc.yaw, tc.pitch, tc.roll)
		v := TurnVector(&r)
		if back := FromTurnVector(v); off(&r, &back) > 1e-4 {
			t.Errorf("%+v: %v", tc, back)
		}
		identity := Rotation(0, 0, 0)
		half := Turn(&identity, &r, 0.5)
		if whole := Multiply(&half, &half); off(&r, &whole) > 1e-4 {
			t.Errorf("%+v: twice the half is %v", tc, whole)
		}
		skewed := r
		for i := range skewed {
			skewed[i] *= 1.01
		}
		if straight := Orthonormal(&skewed); off(&r, &straight) > 1e-4 {
			t.Errorf("%+v: orthonormal %v", tc, straight)
		}
	}
}

func off(a, b *[9]float32) (most float64) {
	for i := range a {
		most = max(most, math.Abs(float64(a[i]-b[i])))
	}
	return most
}

func TestBetween(t *testing.T) {
	a := Rigid{R: Rotation(0.2, 0, 0), T: Vec3{X: 1}, Scale: 1}
	b := Rigid{R: Rotation(0.6, 0, 0), T: Vec3{X: 3}, Scale: 2}
	if Between(&a, &b, 0) != a || Between(&a, &b, 1) != b || Between(&a, &b, 2) != b {
		t.Error("the ends are not exact")
	}
	m := Between(&a, &b, 0.5)
	if yaw, _, _ := Angles(m.R); math.Abs(yaw-0.4) > 1e-5 || m.T.X != 2 || m.Scale != 1.5 {
		t.Errorf("the middle is %+v", m)
	}
}

func TestPosedAboutKeepsThePivot(t *testing.T) {
	home := Rigid{R: Rotation(0.1, 0.2, 0), T: Vec3{X: 0.5, Y: 0.4}, Scale: 0.2}
	pose := home.PosedAbout(Neck(), Rotation(-0.4, 0.1, 0.3), 0.25, Vec3{X: 0.1})
	was, is := home.Apply(Neck()), pose.Apply(Neck())
	if Distance(Vec3{X: was.X + 0.1, Y: was.Y, Z: was.Z}, is) > 1e-6 {
		t.Errorf("the neck went from %v to %v", was, is)
	}
}

func TestAverageFaceIsAFace(t *testing.T) {
	face := AverageFace()
	if d := Distance(Middle(face[33], face[133]), Middle(face[263], face[362])); math.Abs(d-1) > 1e-3 {
		t.Errorf("the unit is %v", d)
	}
	table := MirrorTable()
	for i, j := range table {
		if int(table[j]) != i {
			t.Errorf("the mirror image of %d is %d, whose is %d", i, j, table[j])
		}
		p, q := face[i], face[j]
		if Distance(Vec3{X: -p.X, Y: p.Y, Z: p.Z}, q) > 0.02 {
			t.Errorf("%d and %d are no mirror images", i, j)
		}
	}
	for k, c := range LipColumns() {
		if Distance(face[c.Upper[3]], face[c.Lower[3]]) > 2e-3 {
			t.Errorf("lips are apart in column %d", k)
		}
		m := LipColumns()[8-k]
		for ring := range 4 {
			if table[c.Upper[ring]] != m.Upper[ring] || table[c.Lower[ring]] != m.Lower[ring] {
				t.Errorf("lip columns %d and %d are no mirror images", k, 8-k)
			}
		}
	}
	left, right := Eyes()[0], Eyes()[1]
	for k := range left.Upper {
		if table[left.Upper[k]] != right.Upper[k] || table[left.Lower[k]] != right.Lower[k] ||
			table[left.UpperFold[k]] != right.UpperFold[k] || table[left.LowerFold[k]] != right.LowerFold[k] {
			t.Errorf("lids differ between the eyes at %d", k)
		}
	}
	for k, i := range Brows()[0] {
		if table[i] != Brows()[1][k] {
			t.Errorf("brows differ at %d", k)
		}
	}
	pose := NewFitter().FitAverage(face)
	if yaw, pitch, roll := Angles(pose.R); math.Abs(yaw)+math.Abs(pitch)+math.Abs(roll) > 0.01 {
		t.Errorf("looks aside: %v %v %v", yaw, pitch, roll)
	}
}

func TestSetLid(t *testing.T) {
	face := AverageFace()
	for side, e := range Eyes() {
		for _, open := range []float32{0, 0.3, 1, 1.3} {
			for _, rise := range []float32{-0.1, 0, 0.3} {
				p := *face
				SetLid(&p, face, &e, open, rise)
				for k := range e.Upper {
					gap, calm := p[e.Lower[k]].Y-p[e.Upper[k]].Y, face[e.Lower[k]].Y-face[e.Upper[k]].Y
					if math.Abs(float64(gap-open*calm)) > 1e-5 {
						t.Errorf("eye %d open %v: gap %v of %v", side, open, gap, calm)
					}
					if open == 0 && p[e.Upper[k]] != p[e.Lower[k]] {
						t.Errorf("eye %d: shut lids do not meet", side)
					}
					if p[e.UpperFold[k]].Y > p[e.Upper[k]].Y || p[e.LowerFold[k]].Y < p[e.Lower[k]].Y {
						t.Errorf("eye %d open %v rise %v: a fold is inside the lids", side, open, rise)
					}
				}
				for i := range p {
					if rise == 0 && open == 1 && Distance(p[i], face[i]) > 1e-6 {
						t.Errorf("landmark %d moves at the neutral opening", i)
					}
				}
			}
		}
	}
}

func TestBlend(t *testing.T) {
	face := AverageFace()
	a := State{Head: Rigid{R: Rotation(0, 0, 0), Scale: 1}, Points: *face, Lid: [2]float32{1, 1}}
	b := State{Head: Rigid{R: Rotation(0.4, 0, 0), Scale: 1}, Points: *face, HasMarker: true, Marker: 9}
	b.Points[14].Y += 0.2
	b.MouthOpen = 0.2
	var m State
	Blend(&m, &a, &b, 0.25)
	if m.Lid[0] != 0.75 || m.Marker != 9 || math.Abs(float64(m.MouthOpen-(m.Points[14].Y-m.Points[13].Y))) > 2e-3 {
		t.Errorf("lid %v, mouth %v, marker %v", m.Lid, m.MouthOpen, m.Marker)
	}
	b.MouthOpen = 0
	Blend(&a, &a, &b, 0.5) // in place
	if a.MouthOpen != 0 || a.Lid[1] != 0.5 {
		t.Errorf("in place: %v, %v", a.MouthOpen, a.Lid)
	}
	var none [landmark.Count]Vec3
	if NewFitter().Measure(&none) != (Features{}) {
		t.Error("no face has features")
	}
}
