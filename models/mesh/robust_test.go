package mesh

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gioconda-live/gioconda/models/mesh/meshtest"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// TestNonsenseIsDrawn: no state may crash or write outside the picture, whatever it holds.
func TestNonsenseIsDrawn(t *testing.T) {
	p := meshtest.MonaLisa(t)
	r := newTestRenderer(t, Options{Size: 256, Workers: 2})
	rng := rand.New(rand.NewPCG(1, 2))
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for range 60 {
		st := meshtest.Turned(p, rng.Float64()*720, rng.Float64()*720, rng.Float64()*720)
		for range 200 {
			q := &st.Points[rng.IntN(len(st.Points))]
			for _, v := range []*float32{&q.X, &q.Y, &q.Z} {
				*v = []float32{nan, inf, -inf, 1e30, -1e30, 3, -3, 0}[rng.IntN(8)]
			}
		}
		st.Jaw, st.Breath, st.Lid[0], st.Lid[1] = nan, inf, -inf, 1e9
		st.Lean.X, st.Lean.Y = inf, nan
		if rng.IntN(3) == 0 {
			st.Head.Scale = []float32{nan, 0, 1e20, -1, 1e-20}[rng.IntN(5)]
		}
		if rng.IntN(3) == 0 {
			st.Head.T.X, st.Head.R[rng.IntN(9)] = 1e10, nan
		}
		render(t, r, &st)
	}
	render(t, r, &motion.State{})
}

func FuzzRender(f *testing.F) {
	p := meshtest.MonaLisa(f)
	r, err := New(p, Options{Size: 256})
	if err != nil {
		f.Fatal(err)
	}
	dst := meshtest.Frame(f, 256)
	f.Add(float32(0), float32(0), float32(0), float32(0.2), float32(1), uint16(3))
	f.Add(float32(1e9), float32(-3), float32(0.5), float32(-1), float32(0), uint16(152))
	f.Fuzz(func(t *testing.T, x, y, turn, jaw, lid float32, index uint16) {
		st := meshtest.Turned(p, float64(turn), float64(x), float64(y))
		st.Points[int(index)%len(st.Points)] = motion.Vec3{X: x, Y: y, Z: turn}
		st.Jaw, st.MouthOpen, st.Lid[0], st.Head.T.X = jaw, jaw, lid, x
		if err := r.Render(dst, &st); err != nil {
			t.Fatal(err)
		}
	})
}
