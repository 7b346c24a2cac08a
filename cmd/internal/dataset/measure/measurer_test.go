package measure

import (
	"image"
	"math"
	"path/filepath"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/dataset"
	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/cmd/internal/personas"
	"github.com/gioconda-live/gioconda/cmd/internal/quality"
	"github.com/gioconda-live/gioconda/cmd/internal/reenact"
	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// TestMeasurerKnowsTheTruth: where the true frames are the geometric layer's pictures that layer has no error and the
// still portrait has, and where they are the learned layer's, that one.
func TestMeasurerKnowsTheTruth(t *testing.T) {
	testenv.Full(t)
	n := testenv.Networks(t)
	maker := personas.NewMaker(n, filepath.Join(filepath.Dir(n.Dir), "builtin"))
	testenv.CloseAfter(t, maker)
	p, err := maker.MonaLisa(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	l, err := engine.Load(n, &engine.Options{Use: engine.Small, Device: "cpu"})
	if err != nil {
		t.Fatal(err)
	}
	testenv.CloseAfter(t, l)
	draw, err := mesh.New(p, mesh.Options{Size: quality.Edge, Badge: mesh.BadgeNone})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(draw.Close)
	for name, best := range map[string]int{"geometric": picGeometric, "learned": picLearned} {
		sit, err := reenact.New(p, draw, quality.Edge)
		if err != nil {
			t.Fatal(err)
		}
		result := &Report{}
		m, err := newMeasurer(l.Model, &quality.Likeness{}, quality.Edge, result)
		if err != nil {
			t.Fatal(err)
		}
		playTo(t, m, sit, best)
		result.finish()
		g := result.Groups[0]
		if g.Kind != kindTalk || g.Mouths != "all" || g.Samples != 4 || result.Groups[1].Samples != 3 {
			t.Fatalf("%+v", g)
		}
		for _, area := range g.Areas {
			right, still := area.Pictures[name], area.Pictures["still"]
			if right.L1 > 0.003 || right.SSIM < 0.995 || math.Abs(float64(right.Sharpness)-1) > 0.03 || right.Flicker > 0.004 {
				t.Errorf("the truth is %s, and of that %s: %+v", name, area.Area, right)
			}
			if area.Area != "eyes" && (still.L1 < 2*right.L1 || still.Flicker < 2*right.Flicker) {
				t.Errorf("the still portrait is as good: %s %+v", area.Area, still)
			}
			if area.Pairs != 2 {
				t.Errorf("%d pairs of neighbouring frames of %s", area.Pairs, area.Area)
			}
		}
		if cut := g.Areas[areaInner].Cut; (cut > 0.8) != (best == picLearned) {
			t.Errorf("the truth is %s, and the learned layer cuts %v", name, cut)
		}
	}
}

// playTo gives m a portrait and four frames, the third of which does not follow on the second, whose truth is what the layer drew.
func playTo(t *testing.T, m *measurer, sit *reenact.Reenactor, truth int) {
	t.Helper()
	if err := m.Source(sit, dataset.SourceEntry{Person: "lisa", Scene: "test"}); err != nil {
		t.Fatal(err)
	}
	whole := reenact.Placement{A: 1}
	rest := &sit.Persona.Face
	for i, n := range []int{3, 4, 7, 8} {
		sh := &dataset.Shot{Frame: n, View: image.NewRGBA(image.Rect(0, 0, quality.Edge, quality.Edge))}
		still := portrait.Still(rest)
		sh.Sample.Points = *placed(&still)
		drop := 0.06 * rest.Head.Scale * float32(i) * 2
		for _, k := range []int{14, 87, 317, 178, 402, 17, 84, 314, 181, 405, 152} {
			sh.Sample.Points[k].Y += drop
		}
		if err := sit.Draw(&sh.Sample, whole, time.Unix(int64(i), 0)); err != nil {
			t.Fatal(err)
		}
		picture, err := frame.NewI420(quality.Edge, quality.Edge)
		if err == nil {
			err = picture.Blit(sit.Drawn, 0, 0)
		}
		if err == nil && truth == picLearned {
			err = m.painter.Paint(picture, &sit.State)
		}
		if err == nil {
			err = picture.ToRGBA(sh.View)
		}
		if err == nil {
			err = m.Sample(sit, sh, whole)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
