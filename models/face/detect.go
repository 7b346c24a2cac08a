package face

import (
	"math"
	"path/filepath"
	"slices"

	"github.com/gioconda-live/gioconda/models/ort"
	"github.com/gioconda-live/gioconda/models/weights"
)

const (
	detectSide  = 128
	boxCount    = 896
	boxValues   = 16
	minScore    = 0.5
	sureScore   = 0.75
	maxOverlap  = 0.3
	keypoints   = 6
	maxAccepted = 128
)

// Detection is a face found in a picture, in pixels. X, Y is the upper left corner. Keypoints are the eye left in the
// picture, the eye right in it, nose tip, mouth, the ear left in the picture, the ear right in it.
type Detection struct {
	Score               float32
	X, Y, Width, Height float32
	Keypoints           [keypoints][2]float32
}

// Detector finds faces that fill at least about a tenth of the square it looks at. It belongs to one goroutine at a
// time.
type Detector struct {
	session *ort.Session
	sampler sampler
	image   []float32
	boxes   []float32
	scores  []float32
	found   []Detection
	merged  []Detection
	taken   []bool
}

// NewDetector loads the network from dir, a model folder made by package weights. The caller closes the Detector before
// the Runtime.
func NewDetector(r *ort.Runtime, dir string) (*Detector, error) {
	s, err := r.Load(filepath.Join(dir, weights.FaceDetection), ort.Options{})
	if err != nil {
		return nil, err
	}
	d := &Detector{
		session: s, sampler: sampler{n: detectSide}, found: make([]Detection, 0, maxAccepted), merged: make([]Detection, 0, maxAccepted),
		taken: make([]bool, maxAccepted),
	}
	err = ports(s,
		port{&d.image, s.Input, "image", []int{1, 3, detectSide, detectSide}},
		port{&d.boxes, s.Output, "boxes", []int{1, boxCount, boxValues}},
		port{&d.scores, s.Output, "scores", []int{1, boxCount}},
	)
	if err != nil {
		return nil, err
	}
	return d, nil
}

// Close frees the network.
func (d *Detector) Close() error { return d.session.Close() }

// Detect returns the faces of the whole picture, best first. The slice is reused by the next call.
func (d *Detector) Detect(m Image) ([]Detection, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	return d.detectIn(m, m.square())
}

// detectIn returns the faces of a region, best first. The slice is reused by the next call.
func (d *Detector) detectIn(m Image, r ROI) ([]Detection, error) {
	p := r.plane()
	d.sampler.fill(d.image, m, p)
	if err := d.session.Run(); err != nil {
		return nil, err
	}
	d.found = d.found[:0]
	for i, score := range d.scores {
		if score < minScore || math.IsNaN(float64(score)) || len(d.found) == maxAccepted {
			continue
		}
		b := d.boxes[i*boxValues : (i+1)*boxValues]
		f := Detection{Score: score, Width: b[2] * r.Side, Height: b[3] * r.Side}
		x, y := p.at(float64(b[0])-0.5, float64(b[1])-0.5)
		f.X, f.Y = float32(x)-f.Width/2, float32(y)-f.Height/2
		for k := range f.Keypoints {
			x, y := p.at(float64(b[4+2*k])-0.5, float64(b[5+2*k])-0.5)
			f.Keypoints[k] = [2]float32{float32(x), float32(y)}
		}
		d.found = append(d.found, f)
	}
	d.merge()
	return d.merged, nil
}

// merge is weighted non-maximum suppression of found into merged.
func (d *Detector) merge() {
	slices.SortStableFunc(d.found, func(a, b Detection) int {
		switch {
		case a.Score > b.Score:
			return -1
		case a.Score < b.Score:
			return 1
		}
		return 0
	})
	d.merged = d.merged[:0]
	clear(d.taken)
	for i := range d.found {
		if d.taken[i] {
			continue
		}
		best := &d.found[i]
		mean, total := Detection{Score: best.Score}, float32(0)
		for j := i; j < len(d.found); j++ {
			if d.taken[j] || j > i && overlap(best, &d.found[j]) <= maxOverlap {
				continue
			}
			d.taken[j] = true
			total += d.found[j].Score
			mean.accumulate(&d.found[j], d.found[j].Score)
		}
		mean.divide(total)
		d.merged = append(d.merged, mean)
	}
}

func (d *Detection) accumulate(o *Detection, w float32) {
	d.X += w * o.X
	d.Y += w * o.Y
	d.Width += w * o.Width
	d.Height += w * o.Height
	for k := range d.Keypoints {
		d.Keypoints[k][0] += w * o.Keypoints[k][0]
		d.Keypoints[k][1] += w * o.Keypoints[k][1]
	}
}

func (d *Detection) divide(total float32) {
	d.X /= total
	d.Y /= total
	d.Width /= total
	d.Height /= total
	for k := range d.Keypoints {
		d.Keypoints[k][0] /= total
		d.Keypoints[k][1] /= total
	}
}

// overlap is the intersection over the union of both boxes.
func overlap(a, b *Detection) float32 {
	w := min(a.X+a.Width, b.X+b.Width) - max(a.X, b.X)
	h := min(a.Y+a.Height, b.Y+b.Height) - max(a.Y, b.Y)
	if w <= 0 || h <= 0 {
		return 0
	}
	return w * h / (a.Width*a.Height + b.Width*b.Height - w*h)
}
