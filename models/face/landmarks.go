package face

import (
	"errors"
	"path/filepath"

	"github.com/gioconda-live/gioconda/models/ort"
	"github.com/gioconda-live/gioconda/models/weights"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

const meshSide = 192

// port binds one input or output of a session to a field.
type port struct {
	to    *[]float32
	get   func(name string, shape ...int) ([]float32, error)
	name  string
	shape []int
}

// ports binds all ports, or closes the session and tells which one is missing.
func ports(s *ort.Session, list ...port) error {
	for _, p := range list {
		data, err := p.get(p.name, p.shape...)
		if err != nil {
			return errors.Join(err, s.Close())
		}
		*p.to = data
	}
	return nil
}

// Landmarker places the 478 landmarks of the face in a region. It belongs to one goroutine at a time.
type Landmarker struct {
	session *ort.Session
	sampler sampler
	image   []float32
	points  []float32
	score   []float32
}

// NewLandmarker loads the network from dir, a model folder made by package weights. The caller closes the Landmarker
// before the Runtime.
func NewLandmarker(r *ort.Runtime, dir string) (*Landmarker, error) {
	s, err := r.Load(filepath.Join(dir, weights.FaceLandmarksNative), ort.Options{})
	if err != nil {
		return nil, err
	}
	l := &Landmarker{session: s, sampler: sampler{n: meshSide, edge: true}}
	err = ports(s,
		port{&l.image, s.Input, "image", []int{1, 3, meshSide, meshSide}},
		port{&l.points, s.Output, "landmarks", []int{1, landmark.Count, 3}},
		port{&l.score, s.Output, "score", []int{1, 1}},
	)
	if err != nil {
		return nil, err
	}
	return l, nil
}

// Close frees the network.
func (l *Landmarker) Close() error { return l.session.Close() }

// Place writes the landmarks of the face in region r of m to points, in units of the picture's width, and returns the
// probability that r shows a face; below about 0.5 the points mean nothing. It does not allocate.
func (l *Landmarker) Place(m Image, r ROI, points *[landmark.Count]landmark.Point) (float32, error) {
	if err := m.check(); err != nil {
		return 0, err
	}
	p := r.plane()
	l.sampler.fill(l.image, m, p)
	if err := l.session.Run(); err != nil {
		return 0, err
	}
	inv := 1 / float64(m.Width)
	for i := range points {
		at := l.points[3*i : 3*i+3]
		x, y := p.at(float64(at[0])/meshSide-0.5, float64(at[1])/meshSide-0.5)
		points[i] = landmark.Point{
			X: float32(x * inv), Y: float32(y * inv), Z: float32(float64(at[2]*r.Side) / meshSide * inv),
		}
	}
	return l.score[0], nil
}
