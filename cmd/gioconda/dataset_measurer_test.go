package main

import (
	"encoding/json"
	"image"
	"io"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// TestMeasurerKnowsTheTruth: where the true frames are the geometric layer's pictures that layer has no error and the
// still portrait has, and where they are the learned layer's, that one.
func TestMeasurerKnowsTheTruth(t *testing.T) {
	testenv.Full(t)
	a := &app{cfg: testenv.Config(t), log: slog.New(slog.DiscardHandler)}
	a.err, a.cfg.Generators.Use, a.cfg.Generators.Device = io.Discard, engine.Small, "cpu"
	w, err := a.open()
	if err != nil {
		t.Fatal(err)
	}
	testenv.CloseAfter(t, w)
	p, err := w.maker.MonaLisa(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	l, err := engine.Load(w.networks, a.engineOptions())
	if err != nil {
		t.Fatal(err)
	}
	testenv.CloseAfter(t, l)
	draw, err := mesh.New(p, mesh.Options{Size: judgeSize, Badge: mesh.BadgeNone})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(draw.Close)
	for name, best := range map[string]int{"geometric": picGeometric, "learned": picLearned} {
		sit, err := newSitting(p, draw, judgeSize)
		if err != nil {
			t.Fatal(err)
		}
		result := &tally{}
		m, err := newMeasurer(l.Model, &likeness{}, judgeSize, result)
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
func playTo(t *testing.T, m *measurer, sit *sitting, truth int) {
	t.Helper()
	if err := m.source(sit, sourceEntry{Person: "lisa", Scene: "test"}); err != nil {
		t.Fatal(err)
	}
	whole := placement{a: 1}
	rest := &sit.persona.Face
	for i, n := range []int{3, 4, 7, 8} {
		sh := &shot{frame: n, view: image.NewRGBA(image.Rect(0, 0, judgeSize, judgeSize))}
		still := portrait.Still(rest)
		sh.sample.Points = *placed(&still)
		drop := 0.06 * rest.Head.Scale * float32(i) * 2
		for _, k := range []int{14, 87, 317, 178, 402, 17, 84, 314, 181, 405, 152} {
			sh.sample.Points[k].Y += drop
		}
		if err := sit.draw(sh, whole, time.Unix(int64(i), 0)); err != nil {
			t.Fatal(err)
		}
		picture, err := frame.NewI420(judgeSize, judgeSize)
		if err == nil {
			err = picture.Blit(sit.drawn, 0, 0)
		}
		if err == nil && truth == picLearned {
			err = m.painter.Paint(picture, &sit.state)
		}
		if err == nil {
			err = picture.ToRGBA(sh.view)
		}
		if err == nil {
			err = m.sample(sit, sh, whole)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestMeasureCommand goes the whole way over a film of the Mona Lisa, and refuses what it cannot use.
func TestMeasureCommand(t *testing.T) {
	testenv.Full(t)
	testenv.Config(t)
	testenv.FFmpeg(t)
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "video"), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(shortPerformance(t, dir), filepath.Join(dir, "video", "lisa__talks.mp4")); err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(dir, "figures.json")
	code, out, said := cli(t, "dataset", "measure", "--train", dir, "--people", "lisa", "--device", "cpu", "--sources", "1", "--per-person", "30", "-o", to)
	if code != 0 || !strings.Contains(out, "talk, all mouths (samples: ") || !strings.Contains(said, "does not hold all of these people out") {
		t.Fatalf("status %d: %s%s", code, out, said)
	}
	b, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	var figures tally
	if err := json.Unmarshal(b, &figures); err != nil || figures.Generator != engine.Small || len(figures.Groups) == 0 || figures.Faults != 0 {
		t.Fatalf("%v: %s", err, b)
	}
	g := figures.Groups[0]
	face := g.Areas[areaFace].Pictures
	if g.Samples < 5 || g.People[0] != "lisa" || face["geometric"].L1 <= 0 || face["geometric"].L1 > 0.05 || face["geometric"].SSIM < 0.7 {
		t.Errorf("%+v", g)
	}
	for args, says := range map[string]string{
		"--people lisa --generator mesh": "beside the geometric layer", "--people mona": "nobody here is called \"mona\"; there are clips of lisa",
		"--every -1": "--every -1", "--people lisa --sources 0": "--sources", "": "nobody in", "--people lisa --generator nobody": "no generator \"nobody\"",
	} {
		code, _, said := cli(t, append([]string{"dataset", "measure", "--train", dir}, strings.Fields(args)...)...)
		if code == 0 || !strings.Contains(said, says) || strings.Contains(said, "goroutine") {
			t.Errorf("%q: status %d: %s", args, code, said)
		}
	}
}
