package face

import (
	"errors"
	"image"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gioconda-live/gioconda/models/weights"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

func TestTrackLosesAndFinds(t *testing.T) {
	tracker := openTracker(t)
	mona, none := readImage(t, monaLisa), noise(320, 240)
	s := landmark.Sample{Seq: 7, Flags: landmark.FlagNeutral}
	steps := []struct {
		name string
		m    Image
		lost bool
	}{
		{"nothing yet", none, true},
		{"appears", mona, false},
		{"stays", mona, false},
		{"vanishes", none, true},
		{"still away", none, true},
		{"returns", mona, false},
	}
	for _, step := range steps {
		if err := tracker.Track(step.m, &s); err != nil {
			t.Fatal(err)
		}
		if s.Lost() != step.lost || int(s.Width) != step.m.Width || int(s.Height) != step.m.Height {
			t.Errorf("%s: lost %v, %d x %d, score %v", step.name, s.Lost(), s.Width, s.Height, s.Score)
		}
		if s.Seq != 7 || s.Flags&landmark.FlagNeutral == 0 {
			t.Errorf("%s: other fields were touched: %d %b", step.name, s.Seq, s.Flags)
		}
	}
	tracker.ResetROI()
	if tracker.tracking {
		t.Error("the region was kept")
	}
	if err := tracker.Track(Image{}, &s); !errors.Is(err, ErrImage) {
		t.Errorf("an empty picture: %v", err)
	}
}

func TestTrackDoesNotAllocate(t *testing.T) {
	tracker := openTracker(t)
	m := readImage(t, monaLisa)
	var s landmark.Sample
	var err error
	n := testing.AllocsPerRun(20, func() { err = errors.Join(err, tracker.Track(m, &s)) })
	if n > 0 || err != nil || s.Lost() {
		t.Errorf("%v allocations per frame, %v, lost %v", n, err, s.Lost())
	}
}

// turned draws a picture into another of the given size, turned and scaled about its centre, the rest black.
func turned(m Image, w, h int, scale, angle float64) Image {
	out := Image{Pix: make([]byte, 4*w*h), Stride: 4 * w, Width: w, Height: h}
	sin, cos := math.Sincos(angle)
	const k = 3
	for y := range h {
		for x := range w {
			var sum [3]int
			for sub := range k * k {
				dx := (float64(x) + (float64(sub%k)+0.5)/k - float64(w)/2) / scale
				dy := (float64(y) + (float64(sub/k)+0.5)/k - float64(h)/2) / scale
				sx := int(math.Floor(dx*cos+dy*sin)) + m.Width/2
				sy := int(math.Floor(dy*cos-dx*sin)) + m.Height/2
				if sx >= 0 && sy >= 0 && sx < m.Width && sy < m.Height {
					for c := range sum {
						sum[c] += int(m.Pix[sy*m.Stride+4*sx+c])
					}
				}
			}
			for c, v := range sum {
				out.Pix[y*out.Stride+4*x+c] = byte(v / (k * k))
			}
		}
	}
	return out
}

// TestTurned: a turned picture gives turned landmarks, without needing the reference data.
func TestTurned(t *testing.T) {
	tracker := openTracker(t)
	m := readImage(t, monaLisa)
	settle := func(m Image) landmark.Sample {
		found, err := tracker.Detector().Search(m)
		if err != nil || len(found) == 0 {
			t.Fatalf("%d faces, %v", len(found), err)
		}
		var s landmark.Sample
		if err := tracker.Settle(m, &found[0], &s); err != nil || s.Lost() {
			t.Fatal(err, s.Lost())
		}
		return s
	}
	straight := settle(m)
	for _, angle := range []float64{-0.4, 0.25, 0.6} {
		s := settle(turned(m, m.Width, m.Height, 1, angle))
		sin, cos := math.Sincos(angle)
		var sum float64
		for i, p := range straight.Points {
			dx, dy := float64(p.X)-0.5, float64(p.Y)-0.5
			sum += math.Hypot(dx*cos-dy*sin+0.5-float64(s.Points[i].X), dx*sin+dy*cos+0.5-float64(s.Points[i].Y))
		}
		eyes := math.Hypot(float64(straight.Points[468].X-straight.Points[473].X), float64(straight.Points[468].Y-straight.Points[473].Y))
		if mean := sum / landmark.Count / eyes; mean > 0.02 {
			t.Errorf("turned by %v: mean distance %.2f %%", angle, 100*mean)
		}
	}
}

// TestSearchFindsSmallFaces: a face too small for the whole view is found in a window.
func TestSearchFindsSmallFaces(t *testing.T) {
	tracker := openTracker(t)
	for name, m := range map[string]Image{
		"wide": turned(readImage(t, monaLisa), 1600, 600, 0.35, 0), "tall": turned(readImage(t, monaLisa), 500, 1700, 0.35, 0),
		"far": turned(readImage(t, monaLisa), 2000, 1500, 0.35, 0),
	} {
		found, err := tracker.Detector().Search(m)
		if err != nil {
			t.Fatal(err)
		}
		seen := false
		for _, f := range slices.Clone(found) {
			var s landmark.Sample
			if err := tracker.Settle(m, &f, &s); err != nil {
				t.Fatal(err)
			}
			x := s.Points[4].X * float32(m.Width)
			seen = seen || !s.Lost() && math.Abs(float64(x)-float64(m.Width)/2) <= 20
		}
		if !seen {
			t.Errorf("%s: no nose in the middle among %d faces", name, len(found))
		}
	}
	// What is found in noise must not pass for a face.
	blank := noise(300, 200)
	found, err := tracker.Detector().Search(blank)
	if err != nil {
		t.Fatal(err)
	}
	for i := range found {
		var s landmark.Sample
		if err := tracker.Settle(blank, &found[i], &s); err != nil || !s.Lost() {
			t.Errorf("noise: lost %v, %v", s.Lost(), err)
		}
	}
}

func TestMatte(t *testing.T) {
	r, dir := open(t)
	matte, err := NewMatte(r, dir)
	if err != nil {
		t.Fatal(err)
	}
	closeAfter(t, matte)
	m := readImage(t, monaLisa)
	mask := image.NewAlpha(image.Rect(0, 0, m.Width, m.Height))
	if err = matte.Mask(m, mask); err != nil {
		t.Fatal(err)
	}
	if face, sky := mask.AlphaAt(230, 220).A, mask.AlphaAt(30, 30).A; face < 240 || sky > 15 {
		t.Errorf("face %d, sky %d", face, sky)
	}
	if n := testing.AllocsPerRun(5, func() { _, err = matte.Alpha(m) }); n > 0 || err != nil {
		t.Errorf("%v allocations, %v", n, err)
	}
	if err := matte.Mask(m, image.NewAlpha(image.Rect(0, 0, 9, 9))); !errors.Is(err, ErrImage) {
		t.Errorf("a mask of the wrong size: %v", err)
	}
}

func TestCanonical(t *testing.T) {
	_, dir := open(t)
	c, err := LoadCanonical(dir)
	if err != nil {
		t.Fatal(err)
	}
	// The nose tip is the foremost vertex, the outer eye corners are about 9 cm apart.
	for i, v := range c.Vertices {
		if v.Z > c.Vertices[4].Z+0.01 {
			t.Errorf("vertex %d is before the nose", i)
		}
	}
	if d := c.Vertices[motion.RightEyeOuter].X - c.Vertices[motion.LeftEyeOuter].X; d < 8 || d > 10 {
		t.Errorf("the eye corners are %v cm apart", d)
	}
	if len(c.Triangles) != 898 || len(c.Rigid) == 0 {
		t.Errorf("%d triangles, %d rigid points", len(c.Triangles), len(c.Rigid))
	}
	path := filepath.Join(t.TempDir(), weights.CanonicalFace)
	for _, bad := range []string{"", "{", `{"vertices":[[1,2,3]]}`} {
		if err := os.WriteFile(path, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadCanonical(filepath.Dir(path)); !errors.Is(err, ErrCanonical) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := LoadCanonical(t.TempDir()); !errors.Is(err, ErrCanonical) {
		t.Errorf("no file: %v", err)
	}
}

func TestMissingModels(t *testing.T) {
	r, _ := open(t)
	if tr, err := NewTracker(r, t.TempDir()); err == nil {
		t.Error(tr)
	}
	if m, err := NewMatte(r, t.TempDir()); err == nil {
		t.Error(m)
	}
}
