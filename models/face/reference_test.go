package face

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

// reference is one picture of reference/landmarks.json.
type reference struct {
	Image  string           `json:"image"`
	Clip   string           `json:"clip"`
	Frame  int              `json:"frame"`
	Width  int              `json:"width"`
	Height int              `json:"height"`
	Points *[478][3]float64 `json:"points"`
}

func references(tb testing.TB) []reference {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join(sharedDir, "reference", "landmarks.json"))
	if err != nil {
		tb.Skipf("SKIPPED, the conversion error was not measured: %v", err)
	}
	var list []reference
	if err := json.Unmarshal(data, &list); err != nil {
		tb.Fatal(err)
	}
	return list
}

// clipFrames decodes a clip and calls each for every frame; each returns false to stop.
func clipFrames(tb testing.TB, path string, width, height int, each func(i int, m Image) bool) {
	tb.Helper()
	cmd := exec.CommandContext(tb.Context(), "ffmpeg", "-v", "error", "-i", path, "-f", "rawvideo", "-pix_fmt", "rgba", "-")
	out, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Skipf("SKIPPED: ffmpeg is needed to decode clips: %v", err)
	}
	m := Image{Pix: make([]byte, 4*width*height), Stride: 4 * width, Width: width, Height: height}
	for i := 0; ; i++ {
		if _, err := io.ReadFull(out, m.Pix); err != nil || !each(i, m) {
			break
		}
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}

// compare returns the mean and the largest distance of all points in units of the distance between the eye centres.
func compare(got *landmark.Sample, want *reference) (mean, worst float64, at int) {
	aspect := float64(want.Height) / float64(want.Width)
	position := func(i int) (float64, float64) { return want.Points[i][0], want.Points[i][1] * aspect }
	lx, ly := position(468)
	rx, ry := position(473)
	eyes := math.Hypot(rx-lx, ry-ly)
	for i, p := range got.Points {
		x, y := position(i)
		d := math.Hypot(float64(p.X)-x, float64(p.Y)-y) / eyes
		mean += d / float64(len(got.Points))
		if d > worst {
			worst, at = d, i
		}
	}
	return mean, worst, at
}

// TestReference holds the converted networks and all geometry around them against what MediaPipe itself returned.
func TestReference(t *testing.T) {
	t.Parallel()
	const bar = 0.02
	list := references(t)
	tracker := openTracker(t)
	check := func(name string, m Image, want *reference) {
		if want.Points == nil {
			return
		}
		var s landmark.Sample
		found, err := tracker.Detector().Search(m)
		if err != nil {
			t.Fatal(err)
		}
		if len(found) == 0 {
			t.Errorf("%-34s no face", name)
			return
		}
		if err := tracker.Settle(m, &found[0], &s); err != nil {
			t.Fatal(err)
		}
		mean, worst, at := compare(&s, want)
		t.Logf("%-34s mean %5.2f %%  worst %5.2f %% (point %3d)  score %.3f  face %4.0f px  faces %d",
			name, 100*mean, 100*worst, at, s.Score, tracker.region.Side/expansion, len(found))
		if mean > bar || s.Lost() {
			t.Errorf("%s: mean distance %.2f %% is over the bar of %.0f %%", name, 100*mean, 100*bar)
		}
	}
	clips := map[string][]*reference{}
	for i := range list {
		if r := &list[i]; r.Image != "" {
			check(filepath.Base(r.Image), readImage(t, filepath.Join(sharedDir, r.Image)), r)
		} else {
			clips[r.Clip] = append(clips[r.Clip], r)
		}
	}
	for clip, frames := range clips {
		next := 0
		clipFrames(t, filepath.Join(sharedDir, clip), frames[0].Width, frames[0].Height, func(i int, m Image) bool {
			if i == frames[next].Frame {
				check(fmt.Sprintf("%s %d", filepath.Base(clip), i), m, frames[next])
				next++
			}
			return next < len(frames)
		})
		if next < len(frames) {
			t.Errorf("%s: only %d of %d frames were decoded", clip, next, len(frames))
		}
	}
}
