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
	return New(g, matte.Separate(p.Crop, p.Matte, p.Inside, matte.Bounds{}, 256, g.Pad).Picture), g.NewPose()
}

// TestTeethMeetInAGrin: lips that part over a hardly moving jaw bare closed teeth; a gaping jaw parts them.
func TestTeethMeetInAGrin(t *testing.T) {
	p := meshtest.MonaLisa(t)
	m, now := newTestMouth(t, p)
	lips := m.NewPosed()
	for _, tc := range []struct{ jaw, lips, least, most float32 }{
		{0.06, 0.12, 0, 0.04}, {0.30, 0.35, 0.24, 0.3},
	} {
		st := meshtest.AtRest(p)
		meshtest.Gape(p, &st, tc.lips)
		st.Jaw = tc.jaw
		now.Set(&st)
		lips.Set(now)
		if d := lips.drop; !lips.on || d < tc.least || d > tc.most {
			t.Errorf("jaw %.2f, lips %.2f: the lower teeth hang %.3f head units low, want %.2f to %.2f", tc.jaw, tc.lips, d, tc.least, tc.most)
		}
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
