package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gioconda-live/gioconda/cmd/internal/dataset/measure"
	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/models/portrait"
)

// footage is a folder to train or measure on: some seconds of the Mona Lisa talking.
func footage(t *testing.T, seconds string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "video"), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(shortPerformance(t, dir, seconds), filepath.Join(dir, "video", "lisa__talks.mp4")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestMeasureCommand goes the whole way over a film of the Mona Lisa, and refuses what it cannot use.
func TestMeasureCommand(t *testing.T) {
	testenv.Full(t)
	testenv.Config(t)
	testenv.FFmpeg(t)
	dir := footage(t, "0.5")
	to := filepath.Join(dir, "figures.json")
	code, out, said := cli(t, "dataset", "measure", "--train", dir, "--people", "lisa", "--device", "cpu", "--sources", "1", "--per-person", "30", "-o", to)
	if code != 0 || !strings.Contains(out, "talk, all mouths (samples: ") || !strings.Contains(said, "does not hold all of these people out") {
		t.Fatalf("status %d: %s%s", code, out, said)
	}
	b, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	var figures measure.Report
	if err := json.Unmarshal(b, &figures); err != nil || figures.Generator != engine.Small || len(figures.Groups) == 0 || figures.Faults != 0 {
		t.Fatalf("%v: %s", err, b)
	}
	g := figures.Groups[0]
	face := g.Areas[measure.AreaFace].Pictures
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

// TestFewShotCommand measures what further frames of a film of the Mona Lisa bring.
func TestFewShotCommand(t *testing.T) {
	testenv.Long(t)
	testenv.Config(t)
	testenv.FFmpeg(t)
	dir := footage(t, "0.5")
	to := filepath.Join(dir, "figures.json")
	code, out, said := cli(t, "dataset", "fewshot", "--train", dir, "--people", "lisa", "--device", "cpu", "--sheets", dir, "-o", to)
	if code != 0 || !strings.Contains(out, "lisa") {
		t.Fatalf("status %d: %s%s", code, out, said)
	}
	b, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	var few measure.Few
	if err := json.Unmarshal(b, &few); err != nil || len(few.Mean) != 4 {
		t.Fatalf("%v: %s", err, b)
	}
	// The layers drew this film themselves, so they lack little of it.
	if one, eight := few.Mean[0].Box.L1, few.Mean[2].Box.L1; !(one > 0 && eight < 1.03*one) {
		t.Errorf("the mouth is off by %.4f with one picture, by %.4f with eight", one, eight)
	}
	if sheets, err := filepath.Glob(filepath.Join(dir, "*.png")); err != nil || len(sheets) != 1 {
		t.Error(sheets, err)
	}
}

// TestDatasetOfViews: samples of a persona of several views say so, and are of another half of the film than those.
func TestDatasetOfViews(t *testing.T) {
	testenv.Full(t)
	testenv.Config(t)
	testenv.FFmpeg(t)
	dir := footage(t, "3")
	plain, source := mouthSamples(t, dir, "90", "1")
	several, views := mouthSamples(t, dir, "24", "4")
	if views.Frame != source.Frame || views.Views != 4 || source.Views != 0 || len(several) < 8 {
		t.Fatalf("%+v and %+v, %d samples", source, views, len(several))
	}
	var one, four float64
	for frame, off := range several {
		if frame/45 == views.Frame/45 {
			t.Errorf("frame %d drives views around %d", frame, views.Frame)
		}
		one, four = one+plain[frame], four+off
	}
	// The layers drew this film themselves, so views have little to add, and may not spoil it.
	if one == 0 || one == four || four > 1.1*one {
		t.Errorf("off by %.2f with one picture, by %.2f with four", one, four)
	}
	if code, _, said := cli(t, "dataset", "--train", dir, "-o", dir, "--views", "17"); code == 0 || !strings.Contains(said, "--views 17") {
		t.Errorf("status %d: %s", code, said)
	}
}

// mouthSamples makes samples with some views and returns, by frame, the mean difference of the mouth's geometric and true
// pictures, in levels, and the source.
func mouthSamples(t *testing.T, dir, many, views string) (off map[int]float64, source struct{ Frame, Views int }) {
	t.Helper()
	out := filepath.Join(dir, views)
	if code, _, said := cli(t, "dataset", "--train", dir, "--sources", "1", "--per-person", many, "--views", views, "-o", out); code != 0 {
		t.Fatalf("status %d: %s", code, said)
	}
	b, err := os.ReadFile(filepath.Join(out, "index.json"))
	if err != nil {
		t.Fatal(err)
	}
	var index struct {
		Sources []struct{ Frame, Views int }
		Samples []struct{ Frame int }
	}
	if err = json.Unmarshal(b, &index); err != nil || len(index.Sources) != 1 {
		t.Fatalf("%v: %s", err, b)
	}
	if b, err = os.ReadFile(filepath.Join(out, "mouth.samples")); err != nil {
		t.Fatal(err)
	}
	r := portrait.Mouth()
	n := 3 * r.Edge * r.Edge
	record := (6 + portrait.MapPlanes) * r.Edge * r.Edge
	off = map[int]float64{}
	for k, s := range index.Samples {
		var sum float64
		for i := range n {
			sum += math.Abs(float64(b[k*record+i]) - float64(b[k*record+n+i]))
		}
		off[s.Frame] = sum / float64(n)
	}
	return off, index.Sources[0]
}
