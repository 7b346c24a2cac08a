package dataset

import (
	"context"
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"time"

	"golang.org/x/image/draw"

	"github.com/gioconda-live/gioconda/cmd/internal/driver"
	"github.com/gioconda-live/gioconda/cmd/internal/reenact"
	"github.com/gioconda-live/gioconda/models/face"
	"github.com/gioconda-live/gioconda/models/persona/intake"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// Shot is one picture of a scene with the face in it.
type Shot struct {
	View     *image.RGBA
	Sample   landmark.Sample
	features motion.Features
	Frame    int
}

const (
	maxShots  = 400 // pictures of a clip that are looked at
	sureScore = 0.9 // faces less sure than this are no truth
	maxTurn   = 0.7 // radians between source and target
)

// Sink takes samples: each portrait, then what was drawn of it, frame by frame. It keeps nothing that it is given.
type Sink interface {
	Source(s *reenact.Reenactor, e SourceEntry) error
	Sample(s *reenact.Reenactor, sh *Shot, p reenact.Placement) error
}

// Sampler goes through the scenes.
type Sampler struct {
	*Options
	codec  *landmark.Codec
	fitter *motion.Fitter
	out    Sink
	Random *rand.Rand
}

// NewSampler makes samples for out; its random numbers are the caller's to set before each scene, or once.
func NewSampler(o *Options, out Sink) *Sampler {
	return &Sampler{Options: o, out: out, codec: landmark.NewCodec(), fitter: motion.NewFitter()}
}

// Scene makes all samples of one scene. Its pictures are let go of afterwards.
func (m *Sampler) Scene(ctx context.Context, s *Scene) error {
	defer func() { s.shots = nil }()
	if s.Still && m.Views > 1 {
		return nil // a pair has no further views
	}
	var err error
	if s.Still {
		err = m.stills(s) //nolint:contextcheck // one picture is soon read
	} else {
		err = m.film(ctx, s)
	}
	if err != nil {
		return err
	}
	if len(s.shots) < 2 {
		return fmt.Errorf("only %d of its pictures show a face well", len(s.shots))
	}
	sources := m.sources(s)
	for _, at := range sources {
		if err := m.source(ctx, s, at, s.share/len(sources)); err != nil {
			return err
		}
	}
	if s.Still {
		return m.closed(ctx, s)
	}
	return nil
}

// film reads a clip and follows the face, or takes the landmarks that lie beside the clip.
func (m *Sampler) film(ctx context.Context, s *Scene) error {
	known, err := driver.ReadLandmarks(s.clip)
	if err != nil {
		return err
	}
	s.known = known != nil
	step := func(frames int) int { return max(1, (frames+maxShots-1)/maxShots) }
	for f, err := range driver.Follow(ctx, m.Networks, s.clip, known, step) {
		if err == nil {
			err = m.add(s, f.View, f.Sample, f.Number)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// stills reads a pair of pictures.
func (m *Sampler) stills(s *Scene) error {
	tracker, err := m.Maker.Tracker()
	if err != nil {
		return err
	}
	for n, path := range s.pair {
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		pic, err := intake.Decode(b, intake.DefaultLimits())
		if err != nil {
			return err
		}
		im := face.FromRGBA(pic.Image)
		found, err := tracker.Detector().Search(im)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return fmt.Errorf("%s shows no face", path)
		}
		var one landmark.Sample
		best := found[0]
		if err := tracker.Settle(im, &best, &one); err != nil {
			return err
		}
		if err := m.add(s, pic.Image, &one, n); err != nil {
			return err
		}
	}
	return nil
}

// add keeps a picture whose face is sure, in the form in which landmarks travel.
func (m *Sampler) add(s *Scene, view *image.RGBA, one *landmark.Sample, n int) error {
	if one.Lost() || one.Score < sureScore {
		return nil
	}
	wire := make([]byte, landmark.MaxWireSize)
	k, err := m.codec.Encode(wire, one)
	if err != nil {
		return nil //nolint:nilerr // a face out of reach is no face
	}
	sh := Shot{Frame: n, View: image.NewRGBA(view.Rect)}
	if err := m.codec.Decode(&sh.Sample, wire[:k]); err != nil {
		return err
	}
	draw.Copy(sh.View, image.Point{}, view, view.Rect, draw.Src, nil)
	sh.features = m.fitter.Measure(&sh.Sample.Points)
	s.shots = append(s.shots, sh)
	return nil
}

// sources chooses the pictures that become personas: the calmest, the one with the widest mouth, and others between; where further
// views are of the source's half of the film, the calmest of the two halves in turn.
func (m *Sampler) sources(s *Scene) []int {
	if s.Still {
		return []int{0, 1}
	}
	order := make([]int, len(s.shots))
	for i := range order {
		order[i] = i
	}
	cost := func(i int) float64 {
		f := &s.shots[i].features
		return 4*f.MouthOpen + math.Abs(f.Yaw) + 0.5*math.Abs(f.Pitch)
	}
	slices.SortStableFunc(order, func(a, b int) int {
		if cost(a) < cost(b) {
			return -1
		}
		return 1
	})
	n := min(m.Sources, len(order))
	if m.Views > 1 {
		return calmest(order, n)
	}
	picks := []int{order[0]}
	for k := 1; k < n; k++ {
		picks = append(picks, order[(len(order)-1)*k/max(n-1, 1)])
	}
	return picks
}

// calmest are the first n of order, of the halves of a film in turn.
func calmest(order []int, n int) (picks []int) {
	var halves [2][]int
	first := 2 * order[0] / len(order)
	for _, i := range order {
		h := (2*i/len(order) + first) % 2
		halves[h] = append(halves[h], i)
	}
	for k := 0; len(picks) < n; k++ {
		if h := halves[k%2]; k/2 < len(h) {
			picks = append(picks, h[k/2])
		}
	}
	return picks
}

// source makes one picture a persona and drives it with others.
func (m *Sampler) source(ctx context.Context, s *Scene, at, want int) error {
	picks, may := []int{at}, func(int) bool { return true }
	if m.Views > 1 {
		var err error
		if picks, may, err = m.apart(s, at); err != nil {
			return err
		}
	}
	p, _, err := m.Several(ctx, s, s.shots, picks)
	if err != nil {
		return nil // a frame that cannot be a portrait is no source
	}
	sit, err := reenact.Open(p, m.Size, nil)
	if err != nil {
		return err
	}
	defer sit.Close()
	entry := SourceEntry{Person: s.Person, Scene: s.Name, Frame: s.shots[at].Frame, Still: s.Still}
	if len(p.Others) > 0 {
		entry.Views = 1 + len(p.Others)
	}
	if err := m.out.Source(sit, entry); err != nil {
		return err
	}
	for _, i := range m.targets(s, at, want, may) {
		sh := &s.shots[i]
		place := reenact.PlaceOf(p)
		if s.Still {
			place = sit.Fit(&sh.Sample)
		}
		if err := sit.Draw(&sh.Sample, place, time.Unix(1000, 0)); err != nil {
			return err
		}
		if err := m.out.Sample(sit, sh, place); err != nil {
			return err
		}
	}
	return nil
}

// informative is how much a picture tells of what geometry cannot know: open mouths and shut eyes.
func informative(f *motion.Features) float64 {
	return f.MouthOpen + 1.2*max(0.25-min(f.EyeOpen[0], f.EyeOpen[1]), 0)
}

// targets chooses want pictures of the scene, of those that may be, those that tell much more often than they come.
func (m *Sampler) targets(s *Scene, source, want int, may func(i int) bool) []int {
	var order []int
	for i := range s.shots {
		a, b := &s.shots[i].features, &s.shots[source].features
		if math.Abs(a.Yaw-b.Yaw) < maxTurn && math.Abs(a.Pitch-b.Pitch) < maxTurn && (!s.Still || i != source) && may(i) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		if informative(&s.shots[a].features) < informative(&s.shots[b].features) {
			return 1
		}
		return -1
	})
	var picks []int
	for len(order) > 0 && len(picks) < want {
		u := m.Random.Float64()
		k := int(math.Pow(u, 1.5) * float64(len(order)))
		picks = append(picks, order[k])
		order = slices.Delete(order, k, k+1)
	}
	slices.Sort(picks)
	return picks
}

// Shots are the pictures of a film in which the face is sure, in their order; they are the caller's.
func (m *Sampler) Shots(ctx context.Context, s *Scene) ([]Shot, error) {
	defer func() { s.shots = nil }()
	err := m.film(ctx, s)
	return s.shots, err
}
