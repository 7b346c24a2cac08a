package measure

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/gioconda-live/gioconda/cmd/internal/dataset"
	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// painted is a picture whose three colours are all of(x, y).
func painted(edge int, of func(x, y int) float32) *picture {
	p := newPicture(edge)
	for i := range p.luma {
		v := of(i%edge, i/edge)
		p.rgb[0][i], p.rgb[1][i], p.rgb[2][i], p.luma[i] = v, v, v, v
	}
	return p
}

func near(t *testing.T, what string, got, want, most float64) {
	t.Helper()
	if !(math.Abs(got-want) <= most) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// TestFigures compares pictures whose figures can be worked out by hand.
func TestFigures(t *testing.T) {
	const edge = 32
	flat := func(v float32) func(int, int) float32 { return func(int, int) float32 { return v } }
	ramp := func(by float32) func(int, int) float32 { return func(x, _ int) float32 { return float32(x) * by } }
	board := func(lo, hi float32) func(int, int) float32 {
		return func(x, y int) float32 { return lo + (hi-lo)*float32((x+y)%2) }
	}
	// A constant shift of a flat picture: SSIM is its luminance term alone.
	const c1 = 0.0001
	shifted := (2*0.5*0.6 + c1) / (0.5*0.5 + 0.6*0.6 + c1)
	for name, c := range map[string]struct {
		picture, truth func(int, int) float32
		want           figures
	}{
		"identical":      {board(0.2, 0.6), board(0.2, 0.6), figures{0, 80, 1, 0.32}},
		"brighter":       {flat(0.6), flat(0.5), figures{0.1, 20, shifted, 0}},
		"turned around":  {board(0, 1), board(1, 0), figures{1, 0, -0.996, 2}},
		"ramp":           {ramp(0.02), ramp(0.02), figures{0, 80, 1, 0.0004}},
		"shifted by one": {ramp(0.02), func(x, _ int) float32 { return float32(x+1) * 0.02 }, figures{0.02, 33.979, 0.995, 0.0004}},
	} {
		p, truth := painted(edge, c.picture), painted(edge, c.truth)
		alike, weight := make([]float32, edge*edge), make([]float32, edge*edge)
		for i := range weight {
			if x, y := i%edge, i/edge; x >= 8 && x < 24 && y >= 8 && y < 24 {
				weight[i] = 0.5
			}
		}
		s := newSimilarity(edge)
		s.to(truth)
		s.of(p, alike)
		got := p.compare(truth, alike, weight)
		near(t, name+": L1", got.l1, c.want.l1, 1e-6)
		near(t, name+": PSNR", got.psnr, c.want.psnr, 0.01)
		near(t, name+": SSIM", got.ssim, c.want.ssim, 0.005)
		near(t, name+": energy", got.energy, c.want.energy, 1e-6)
	}
}

// TestSimilarityOfNoise: white noise of variance v, independent in both pictures around the same grey, leaves of SSIM
// c2/(2v+c2) beside what the window's few pixels let through.
func TestSimilarityOfNoise(t *testing.T) {
	const edge, v = 96, 0.02
	seed := uint32(1)
	noise := func(int, int) float32 {
		var sum float32
		for range 12 { // nearly normal, variance 1
			seed = seed*1664525 + 1013904223
			sum += float32(seed>>8) / (1 << 24)
		}
		return 0.5 + (sum-6)*float32(math.Sqrt(v))
	}
	a, b := painted(edge, noise), painted(edge, noise)
	s := newSimilarity(edge)
	alike := make([]float32, edge*edge)
	s.to(a)
	s.of(b, alike)
	var sum float64
	for _, x := range alike {
		sum += float64(x)
	}
	near(t, "SSIM of noise with other noise", sum/float64(len(alike)), 0.0009/(2*v+0.0009), 0.03)
	s.of(a, alike)
	near(t, "SSIM of noise with itself", float64(alike[edge*edge/2]), 1, 1e-4)
}

func TestFlicker(t *testing.T) {
	const edge = 8
	flat := func(v float32) *picture { return painted(edge, func(int, int) float32 { return v }) }
	all, half := make([]float32, edge*edge), make([]float32, edge*edge)
	for i := range all {
		all[i] = 1
		if i%edge < edge/2 {
			half[i] = 1
		}
	}
	near(t, "flicker of a still picture", flicker(flat(0.3), flat(0.3), flat(0.5), flat(0.4), all, all), 0.1, 1e-6)
	near(t, "flicker of a picture that changes as the truth does", flicker(flat(0.3), flat(0.2), flat(0.5), flat(0.4), all, all), 0, 1e-6)
	left := painted(edge, func(x, _ int) float32 { return 0.2 + 0.4*float32(x*2/edge) })
	near(t, "flicker where the area is in both frames", flicker(left, flat(0.2), flat(0.5), flat(0.5), all, half), 0, 1e-6)
	near(t, "flicker everywhere", flicker(left, flat(0.2), flat(0.5), flat(0.5), all, all), 0.2, 1e-6)
}

// TestHeldOut: the rule of held_out and held_out_every in training configurations.
func TestHeldOut(t *testing.T) {
	h := dataset.HeldOut{People: []string{"ann", "head7"}, Every: 6}
	for person, c := range map[string]struct{ clip, pair bool }{
		"ann": {true, true}, "bob": {false, true}, "head7": {true, true}, "head12": {false, true}, "london_006": {false, true},
		"london_007": {false, false}, "london_036": {false, true}, "set2_005": {false, false}, "set2_004": {false, true},
		"x_123456789012345678901234567890": {false, true}, "x_123456789012345678901234567891": {false, false},
	} {
		if got := h.Has(&dataset.Scene{Person: person}); got != c.clip {
			t.Errorf("clip of %s: held out %v", person, got)
		}
		if got := h.Has(&dataset.Scene{Person: person, Still: true}); got != c.pair {
			t.Errorf("pair of %s: held out %v", person, got)
		}
	}
	if (&dataset.HeldOut{}).Has(&dataset.Scene{Person: "london_006", Still: true}) {
		t.Error("nobody is held out, and somebody is")
	}
	scenes := []*dataset.Scene{{Person: "ann"}, {Person: "ann"}, {Person: "bob"}, {Person: "x_6", Still: true}}
	if got := dataset.KeepHeldOut(scenes, []dataset.HeldOut{h, {People: []string{"ann"}}}); len(got) != 2 || len(scenes) != 4 || scenes[2].Person != "bob" {
		t.Errorf("held out of two trainings: %d scenes, of %d", len(got), len(scenes))
	}
	if err := dataset.Missing([]string{"ann", "eve"}, scenes); err == nil || !strings.Contains(err.Error(), `"eve"`) || !strings.Contains(err.Error(), "clips of ann, bob") || strings.Contains(err.Error(), "x_6") {
		t.Errorf("somebody who is not there: %v", err)
	}
}

func TestKinds(t *testing.T) {
	for want, e := range map[string]dataset.SourceEntry{
		kindSmiles: {Person: "london_006", Still: true}, kindCalm: {Person: "london_006", Still: true, Frame: 1},
		kindClosed: {Person: "london_006", Still: true, Closed: true, Frame: 2}, kindTalk: {Person: "ann"}, kindHeads: {Person: "head104"},
	} {
		if got := kindOf(&e); got != want {
			t.Errorf("%+v is one of the %s, want %s", e, got, want)
		}
	}
}

// TestManifestSaysWhoIsHeldOut: what is shipped says it, and what says nothing or anything is no rule.
func TestManifestSaysWhoIsHeldOut(t *testing.T) {
	for run, want := range map[string]int{
		`[{"config":{"held_out":["ann"],"held_out_every":3}},{"config":{"held_out":[]}}]`: 1, `"a week"`: 0, `null`: 0, `[{"steps":3}]`: 0,
	} {
		var m portrait.Manifest
		if err := json.Unmarshal([]byte(run), &m.Run); err != nil {
			t.Fatal(err)
		}
		if got := dataset.HeldOutOf(&m); len(got) != want || want == 1 && (got[0].Every != 3 || got[0].People[0] != "ann") {
			t.Errorf("%s: %+v", run, got)
		}
	}
	src, err := engine.Catalog{}.Find(engine.Small)
	if err != nil {
		t.Fatal(err)
	}
	m, err := portrait.ReadManifest(src.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := dataset.HeldOutOf(m); len(got) != 1 || got[0].Every == 0 {
		t.Errorf("%s holds out %+v", m.Name, got)
	}
}

// TestAreas: on an average face areas lie where they are called after, and a shut mouth has no inside.
func TestAreas(t *testing.T) {
	const edge = 256
	rest := &motion.Rest{Points: *motion.AverageFace(), Neutral: *motion.AverageFace()}
	rest.Head = motion.Rigid{R: motion.Rotation(0, 0, 0), T: motion.Vec3{X: 0.5, Y: 0.45}, Scale: 0.2}
	st := portrait.Still(rest)
	a, s := newAreas(edge), newAreaFinder(edge)
	at := func(k, landmark int) float32 {
		p := st.Head.Apply(st.Points[landmark])
		return a.weight[k][int(p.Y*edge)*edge+int(p.X*edge)]
	}
	s.find(&a, &st, rest)
	shut := a.sum[areaInner]
	for k, inside := range map[int][]int{areaMouth: {0, 17, 61, 291}, areaEyes: {159, 145, 386, 374}, AreaFace: {0, 4, 159, 386, 152, 10}} {
		for _, l := range inside {
			if at(k, l) < 0.9 {
				t.Errorf("landmark %d counts %v for the %s", l, at(k, l), areaNames()[k])
			}
		}
	}
	for k, outside := range map[int][]int{areaMouth: {159, 10, 152}, areaEyes: {4, 61, 152}} {
		for _, l := range outside {
			if at(k, l) > 0 {
				t.Errorf("landmark %d counts %v for the %s", l, at(k, l), areaNames()[k])
			}
		}
	}
	for _, i := range []int{14, 87, 317, 178, 402} {
		st.Points[i].Y += 0.4
	}
	s.find(&a, &st, rest)
	if open := a.sum[areaInner]; !a.there(areaInner) || open < shut+100 {
		t.Errorf("%v pixels between the lips, shut %v", open, shut)
	}
	if i := 5*edge + 5; a.weight[AreaFace][i] != 0 {
		t.Error("the corner of the picture belongs to the face")
	}
}
