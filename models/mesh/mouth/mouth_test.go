package mouth

import (
	"testing"

	"github.com/gioconda-live/gioconda/models/mesh/matte"
	"github.com/gioconda-live/gioconda/models/mesh/meshtest"
	"github.com/gioconda-live/gioconda/models/mesh/pose"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// newTestMouth is the mouth of a portrait and a pose to move it by.
func newTestMouth(tb testing.TB, p *persona.Persona) (*Mouth, *pose.Pose) {
	tb.Helper()
	g, err := pose.New(&p.Face, 256)
	if err != nil {
		tb.Fatal(err)
	}
	return New(g, matte.Separate(matte.Source{Crop: p.Crop, Matte: p.Matte, Inside: p.Inside}, matte.Bounds{}, 256, g.Pad).Picture), g.NewPose()
}

// widen draws the corners of the mouth out until it is by times as wide.
func widen(p *persona.Persona, st *motion.State, by float32) {
	l, r := p.Face.Points[78], p.Face.Points[308]
	d := (by - 1) / 2 * (r.X - l.X)
	for i := range st.Points {
		q := &st.Points[i]
		if q.Y > l.Y-0.25 && q.Y < l.Y+0.45 {
			q.X += d * num.Bound((p.Face.Points[i].X-(l.X+r.X)/2)/((r.X-l.X)/2), 1)
		}
	}
}

// TestLipsHideTheLowerTeeth: lips that only part keep them covered, however far the jaw hangs; lips that are drawn wide,
// or down while the chin stays, bare some.
func TestLipsHideTheLowerTeeth(t *testing.T) {
	p := meshtest.MonaLisa(t)
	m, now := newTestMouth(t, p)
	lips := m.NewPosed()
	for _, tc := range []struct{ chin, lips, wide, least, most float32 }{
		{0.07, 0.12, 1, -0.1, 0.01},
		{0.20, 0.35, 1, 0, 0.01},
		{0.25, 0.6, 0.9, -0.1, 0.01},
		{0.08, 0.15, 1.3, 0.06, 0.13},
		{0.2, 0.4, 1.3, 0.06, 0.13},
		{0, 0.12, 1, 0.07, 0.12},
		{0.02, 0.12, 1, 0.05, 0.10},
		{0.2, 0.6, 1, 0, 0.01},
	} {
		st := meshtest.AtRest(p)
		meshtest.Gape(p, &st, tc.lips)
		widen(p, &st, tc.wide)
		st.Points[motion.ChinTip].Y, st.Jaw = p.Face.Points[motion.ChinTip].Y+tc.chin, tc.chin
		now.Set(&st)
		lips.Set(now)
		bare := lips.bottom.At((lips.to0+lips.to1)/2)/lips.tall - lips.drop
		if bare /= m.scale; !lips.on || bare < tc.least || bare > tc.most {
			t.Errorf("chin %.2f, lips %.2f, %.1f as wide: %.3f of the lower teeth are bare, want %.2f to %.2f", tc.chin, tc.lips, tc.wide, bare, tc.least, tc.most)
		}
	}
}

// TestUpperTeethShowAsTheLipRises: a lip that stays shows a sliver to 4 mm of them, dim; one that rises shows more, in more light.
func TestUpperTeethShowAsTheLipRises(t *testing.T) {
	const mm = 1.0 / 63
	p := meshtest.MonaLisa(t)
	m, now := newTestMouth(t, p)
	lips := m.NewPosed()
	peak := func(raise float32) (bare, brightest float32) {
		st := meshtest.AtRest(p)
		for i, q := range st.Points {
			if q.Y > p.Face.Points[13].Y-0.12 && q.Y <= p.Face.Points[13].Y+0.001 && num.Abs(q.X-p.Face.Points[13].X) < 0.3 {
				st.Points[i].Y -= raise
			}
		}
		meshtest.Gape(p, &st, 0.2)
		now.Set(&st)
		lips.Set(now)
		mid := (lips.to0 + lips.to1) / 2
		for d := float32(0); d < 0.2*lips.tall; d += 0.5 {
			x, y := lips.to.To(mid+0.03*lips.wide, lips.top.At(mid)+d)
			brightest = max(brightest, lips.Shade(x, y).Y)
		}
		return -lips.top.At(mid) / lips.tall, brightest
	}
	rest, dim := peak(0)
	risen, bright := peak(0.10)
	if rest < 0.7*mm || rest > 4*mm || risen < rest+0.08 || bright < 1.4*dim || bright < 0.7*m.tooth.Y {
		t.Errorf("at rest %.1f mm with luma %.0f, with the lip raised %.1f mm with %.0f", rest/mm, dim, risen/mm, bright)
	}
}

// TestTeethFollowTheNose: where the whole lower face lies higher in the state's head frame than in the picture, so do the teeth: lips
// that have not moved on the skull bare no more of them.
func TestTeethFollowTheNose(t *testing.T) {
	p := meshtest.MonaLisa(t)
	m, now := newTestMouth(t, p)
	lips := m.NewPosed()
	bared := func(shift float32) float32 {
		st := meshtest.AtRest(p)
		for i := range st.Points {
			if p.Face.Points[i].Y > p.Face.Points[motion.NoseTip].Y-0.2 {
				st.Points[i].Y -= shift
			}
		}
		for _, i := range []int{14, 87, 317, 178, 402} {
			st.Points[i].Y += 0.15
		}
		now.Set(&st)
		lips.Set(now)
		return -lips.top.At((lips.to0+lips.to1)/2) / lips.tall
	}
	if a, b := bared(0), bared(0.12); num.Abs(a-b) > 0.01 {
		t.Errorf("the upper teeth show %.3f head units, %.3f where nose and mouth lie higher", a, b)
	}
}

// TestDrawnTeethContinueThePicturesOwn: where the picture shows two rows, the drawn upper one ends with the upper of them, so that a lip
// that rises further bares the same teeth and no second row.
func TestDrawnTeethContinueThePicturesOwn(t *testing.T) {
	p := meshtest.MonaLisa(t)
	st := meshtest.AtRest(p)
	meshtest.Gape(p, &st, 0.35)
	p.Face.Points, p.Face.Neutral = st.Points, st.Points
	edge := p.Crop.Rect.Dx()
	up, low := st.Points[13].Y, st.Points[14].Y
	for o := 0; o < len(p.Crop.Pix); o += 4 {
		q := st.Head.Invert(motion.Vec3{X: (float32(o/4%edge) + 0.5) / float32(edge), Y: (float32(o/4/edge) + 0.5) / float32(edge), Z: st.Head.Apply(st.Points[13]).Z})
		if num.Abs(q.X-st.Points[13].X) > 0.25 || q.Y < up-0.01 || q.Y > low+0.01 {
			continue
		}
		v := byte(25)
		if d := q.Y - up; d < 0.145 || d > 0.2 && d < 0.28 {
			v = 225
		}
		p.Crop.Pix[o], p.Crop.Pix[o+1], p.Crop.Pix[o+2] = v, v, v
	}
	m, _ := newTestMouth(t, p)
	if d := m.y - up; d < 0.13 || d > 0.17 {
		t.Errorf("the upper row ends %.3f head units below the lip, the picture's at 0.145", d)
	}
}

// TestMouthIsNoHole: what lies behind the teeth has the light of the scene, brighter in front than deep inside, darker than skin.
func TestMouthIsNoHole(t *testing.T) {
	p := meshtest.MonaLisa(t)
	m, now := newTestMouth(t, p)
	lips := m.NewPosed()
	st := meshtest.AtRest(p)
	meshtest.Gape(p, &st, 0.45)
	now.Set(&st)
	lips.Set(now)
	mid := (lips.to0 + lips.to1) / 2
	at := func(f float32) float32 {
		top, low := lips.top.At(mid), lips.bottom.At(mid)
		x, y := lips.to.To(mid, top+(low-top)*f)
		return lips.Shade(x, y).Y
	}
	deep, front := at(0.3), at(0.8)
	if skin := m.flesh.Y - 16; deep-16 < 0.15*skin || front < deep+0.1*skin || front-16 > 0.9*skin {
		t.Errorf("luma %.0f deep inside, %.0f in front, where skin has %.0f", deep, front, m.flesh.Y)
	}
}

// TestAMouthAgapeHasATongue: a wide mouth shows a tongue before a dark throat, brighter than what lies beside it; a mouth that talks is
// one soft cavity.
func TestAMouthAgapeHasATongue(t *testing.T) {
	p := meshtest.MonaLisa(t)
	m, now := newTestMouth(t, p)
	lips := m.NewPosed()
	for _, tc := range []struct {
		gape   float32
		tongue bool
	}{{0.2, false}, {0.6, true}} {
		st := meshtest.AtRest(p)
		meshtest.Gape(p, &st, tc.gape)
		now.Set(&st)
		lips.Set(now)
		mid, half := (lips.to0+lips.to1)/2, (lips.to1-lips.to0)/2
		at := func(x, f float32) float32 {
			s := mid + x*half
			top, low := lips.top.At(s), lips.bottom.At(s)
			return lips.cavity(s, top+(low-top)*f, top, low).Y - 16
		}
		back, above, tongue, beside := at(0, 0.2), at(0, 0.32), at(0.15, 0.65), at(0.85, 0.65)
		if got := tongue > 2*back && tongue > 1.6*above && tongue > 1.4*beside; got != tc.tongue {
			t.Errorf("open by %.1f: light of throat %.0f, above the tongue %.0f, tongue %.0f, beside it %.0f", tc.gape, back, above, tongue, beside)
		}
	}
}

// TestSoftPicturesGetSoftTeeth: an enlarged picture's teeth are no crisper than its face.
func TestSoftPicturesGetSoftTeeth(t *testing.T) {
	p := meshtest.MonaLisa(t)
	g, err := pose.New(&p.Face, 256)
	if err != nil {
		t.Fatal(err)
	}
	sharp := matte.Separate(matte.Source{Crop: p.Crop, Matte: p.Matte, Inside: p.Inside}, matte.Bounds{}, 256, g.Pad).Picture
	slope := func(m *Mouth) (most float32) {
		row := m.upper
		for i := 1; i < len(row.value); i++ {
			if i%row.w > 0 {
				most = max(most, num.Abs(row.value[i].light-row.value[i-1].light)*row.value[i].a)
			}
		}
		return most
	}
	soft := sharp
	for k := range soft {
		for range 2 {
			soft[k] = soft[k].Blur(2)
		}
	}
	a, b := slope(New(g, sharp)), slope(New(g, soft))
	if s, most := softness(g, soft), softness(g, sharp); s < 1 || most > 0.8*s || b > 0.7*a {
		t.Errorf("softness %.2f of the sharp picture, %.2f of the soft one; steepest teeth %.3f and %.3f", most, s, a, b)
	}
}

// Dark skin has no dark teeth: the eyes' white tells how bright the light is.
func TestTeethAreAsBrightAsTheLight(t *testing.T) {
	tooth := func(light float32, eyesToo bool) float32 {
		p := meshtest.MonaLisa(t)
		edge := p.Crop.Rect.Dx()
		var eyes [2]motion.Vec3
		for i, c := range motion.Eyes() {
			eyes[i] = p.Face.Head.Apply(p.Face.Points[c.Iris[0]])
		}
		for o := 0; o < len(p.Crop.Pix); o += 4 {
			x, y := (float32(o/4%edge)+0.5)/float32(edge), (float32(o/4/edge)+0.5)/float32(edge)
			near := num.Abs(x-eyes[0].X) < 0.06 && num.Abs(y-eyes[0].Y) < 0.03 || num.Abs(x-eyes[1].X) < 0.06 && num.Abs(y-eyes[1].Y) < 0.03
			if near && !eyesToo {
				continue
			}
			for k := range 3 {
				p.Crop.Pix[o+k] = byte(float32(p.Crop.Pix[o+k]) * light)
			}
		}
		m, _ := newTestMouth(t, p)
		return m.tooth.Y
	}
	asPainted, darkSkin, darkRoom := tooth(1, true), tooth(0.4, false), tooth(0.4, true)
	if darkSkin < 0.85*asPainted || darkRoom > 0.7*asPainted {
		t.Errorf("teeth have luma %.0f, of dark skin %.0f, in a dark room %.0f", asPainted, darkSkin, darkRoom)
	}
}
