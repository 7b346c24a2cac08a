package face

import (
	"encoding/json"
	"flag"
	"image"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

// The golden files are read by the browser tracker's tests too: see testdata/golden/README.md.
const goldenDir = "testdata/golden"

// goldenCrop checks geometry and sampling on a picture made by a formula.
type goldenCrop struct {
	Width  int           `json:"width"`
	Height int           `json:"height"`
	Cases  []goldenPatch `json:"cases"`
}

type goldenPatch struct {
	ROI    goldenROI `json:"roi"`
	N      int       `json:"n"`
	Edge   string    `json:"edge"`
	Values []float64 `json:"values"`
}

type goldenROI struct {
	CX    float64 `json:"cx"`
	CY    float64 `json:"cy"`
	Side  float64 `json:"side"`
	Angle float64 `json:"angle"`
}

func (g goldenROI) roi() ROI {
	return ROI{float32(g.CX), float32(g.CY), float32(g.Side), float32(g.Angle)}
}

func toGolden(r ROI) goldenROI {
	return goldenROI{round(r.CX, 3), round(r.CY, 3), round(r.Side, 3), round(r.Angle, 5)}
}

// goldenDetection is a Detection in pixels.
type goldenDetection struct {
	Score     float64       `json:"score"`
	Box       [4]float64    `json:"box"`
	Keypoints [6][2]float64 `json:"keypoints"`
}

// goldenFace is everything that happens to the Mona Lisa.
type goldenFace struct {
	Image           string          `json:"image"`
	Width           int             `json:"width"`
	Height          int             `json:"height"`
	Detection       goldenDetection `json:"detection"`
	DetectionROI    goldenROI       `json:"detectionRoi"`
	FirstScore      float64         `json:"firstScore"`
	FirstPoints     [][3]float64    `json:"firstPoints"`
	NextROI         goldenROI       `json:"nextRoi"`
	SettledPoints   [][3]float64    `json:"settledPoints"`
	SettledROI      goldenROI       `json:"settledRoi"`
	Crop            string          `json:"crop"`
	CropScore       float64         `json:"cropScore"`
	CropLandmarks   [][3]float64    `json:"cropLandmarks"`
	ToleranceMean   float64         `json:"toleranceMean"`
	TolerancePixels float64         `json:"tolerancePixels"`
}

func update() bool { return flag.Lookup("update").Value.String() == "true" }

func round(x float32, digits int) float64 {
	p := math.Pow10(digits)
	return math.Round(float64(x)*p) / p
}

func rounded(points []landmark.Point, digits int) [][3]float64 {
	var out [][3]float64
	for _, p := range points {
		out = append(out, [3]float64{round(p.X, digits), round(p.Y, digits), round(p.Z, digits)})
	}
	return out
}

// formula is the picture of crop.json: pixel (x, y) has red 5x+3y, green 7y+11, blue x*y, all modulo 256.
func formula(w, h int) Image {
	m := Image{Pix: make([]byte, 4*w*h), Stride: 4 * w, Width: w, Height: h}
	for y := range h {
		for x := range w {
			copy(m.Pix[y*m.Stride+4*x:], []byte{byte(5*x + 3*y), byte(7*y + 11), byte(x * y), 255})
		}
	}
	return m
}

// golden reads a golden file into want, or with -update writes got there first.
func golden(t *testing.T, name string, got, want any) {
	t.Helper()
	path := filepath.Join(goldenDir, name)
	if update() {
		data, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, append(data, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, want); err != nil {
		t.Fatal(err)
	}
}

func TestGoldenCrop(t *testing.T) {
	got := goldenCrop{Width: 64, Height: 48, Cases: []goldenPatch{
		{ROI: goldenROI{32, 24, 24, 0}, N: 6, Edge: "repeat"},
		{ROI: goldenROI{30.5, 20.25, 20, 0.5}, N: 6, Edge: "repeat"},
		{ROI: goldenROI{32, 24, 40, -0.3}, N: 8, Edge: "repeat"},
		{ROI: goldenROI{4, 44, 30, 1.2}, N: 6, Edge: "repeat"},
		{ROI: goldenROI{32, 24, 64, 0}, N: 8, Edge: "black"},
	}}
	m := formula(got.Width, got.Height)
	for i := range got.Cases {
		c := &got.Cases[i]
		dst := make([]float32, 3*c.N*c.N)
		s := sampler{n: c.N, edge: c.Edge == "repeat"}
		s.fill(dst, m, c.ROI.roi().plane())
		for _, v := range dst {
			c.Values = append(c.Values, round(v, 4))
		}
	}
	var want goldenCrop
	golden(t, "crop.json", got, &want)
	for i, c := range want.Cases {
		for k, v := range c.Values {
			if math.Abs(v-got.Cases[i].Values[k]) > 2e-4 {
				t.Fatalf("case %d, value %d: got %v, want %v", i, k, got.Cases[i].Values[k], v)
			}
		}
	}
}

func TestGoldenFace(t *testing.T) {
	tracker := openTracker(t)
	m := readImage(t, monaLisa)
	got := goldenFace{
		Image: "configs/monalisa.png", Width: m.Width, Height: m.Height, Crop: "monalisa_crop.png",
		ToleranceMean: 0.01, TolerancePixels: 0.05,
	}
	found, err := tracker.Detector().Detect(m)
	if err != nil || len(found) != 1 {
		t.Fatal(len(found), err)
	}
	d := found[0]
	got.Detection = goldenDetection{
		Score: round(d.Score, 4),
		Box:   [4]float64{round(d.X, 3), round(d.Y, 3), round(d.Width, 3), round(d.Height, 3)},
	}
	for i, k := range d.Keypoints {
		got.Detection.Keypoints[i] = [2]float64{round(k[0], 3), round(k[1], 3)}
	}
	var s landmark.Sample
	got.DetectionROI = toGolden(d.Region())
	if s.Score, err = tracker.landmarker.Place(m, d.Region(), &s.Points); err != nil {
		t.Fatal(err)
	}
	got.FirstScore, got.FirstPoints = round(s.Score, 4), rounded(s.Points[:], 5)
	got.NextROI = toGolden(regionOf(&s.Points, m.Width))
	if err := tracker.Settle(m, &d, &s); err != nil || s.Lost() {
		t.Fatal(err, s.Lost())
	}
	got.SettledPoints, got.SettledROI = rounded(s.Points[:], 5), toGolden(tracker.region)
	goldenNetwork(t, tracker.landmarker, m, &got)

	var want goldenFace
	golden(t, "monalisa.json", got, &want)
	compareGolden(t, &got, &want)
}

// goldenNetwork runs the landmark network on a crop stored as a picture, which takes sampling out of the comparison.
func goldenNetwork(t *testing.T, l *Landmarker, m Image, got *goldenFace) {
	t.Helper()
	path := filepath.Join(goldenDir, got.Crop)
	if update() {
		l.sampler.fill(l.image, m, got.SettledROI.roi().plane())
		crop := image.NewRGBA(image.Rect(0, 0, meshSide, meshSide))
		for i := range meshSide * meshSide {
			for c := range 3 {
				crop.Pix[4*i+c] = byte(l.image[c*meshSide*meshSide+i]*255 + 0.5)
			}
			crop.Pix[4*i+3] = 255
		}
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(f, crop); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	crop := readImage(t, path)
	var points [landmark.Count]landmark.Point
	score, err := l.Place(crop, crop.square(), &points)
	if err != nil {
		t.Fatal(err)
	}
	for i := range points {
		p := &points[i]
		p.X, p.Y, p.Z = p.X*meshSide, p.Y*meshSide, p.Z*meshSide
	}
	got.CropScore, got.CropLandmarks = round(score, 4), rounded(points[:], 3)
}

func compareGolden(t *testing.T, got, want *goldenFace) {
	t.Helper()
	near := func(what string, a, b, tolerance float64) {
		if math.Abs(a-b) > tolerance || math.IsNaN(a) {
			t.Errorf("%s: got %v, want %v", what, a, b)
		}
	}
	near("score", got.Detection.Score, want.Detection.Score, 0.01)
	for i := range want.Detection.Box {
		near("box", got.Detection.Box[i], want.Detection.Box[i], 0.5)
	}
	near("side", got.DetectionROI.Side, want.DetectionROI.Side, 0.5)
	near("angle", got.DetectionROI.Angle, want.DetectionROI.Angle, 0.01)
	near("next side", got.NextROI.Side, want.NextROI.Side, 0.5)
	near("crop score", got.CropScore, want.CropScore, 0.001)
	for i, p := range want.CropLandmarks {
		for c := range p {
			near("landmark of the crop", got.CropLandmarks[i][c], p[c], want.TolerancePixels)
		}
		for c := range p {
			near("settled point", got.SettledPoints[i][c], want.SettledPoints[i][c], 0.001)
			near("first point", got.FirstPoints[i][c], want.FirstPoints[i][c], 0.001)
		}
	}
}
