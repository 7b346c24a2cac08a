package main

import (
	"context"
	"fmt"
	"image"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"time"

	"golang.org/x/image/draw"

	"github.com/gioconda-live/gioconda/cmd/internal/driver"
	"github.com/gioconda-live/gioconda/cmd/internal/personas"
	"github.com/gioconda-live/gioconda/models/face"
	"github.com/gioconda-live/gioconda/models/persona/intake"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// shot is one picture of a scene with the face in it.
type shot struct {
	view     *image.RGBA
	sample   landmark.Sample
	features motion.Features
	frame    int
}

const (
	maxShots  = 400 // pictures of a clip that are looked at
	sureScore = 0.9 // faces less sure than this are no truth
	maxTurn   = 0.7 // radians between source and target
)

// sink takes samples: each portrait, then what was drawn of it, frame by frame. It keeps nothing that it is given.
type sink interface {
	source(s *sitting, e sourceEntry) error
	sample(s *sitting, sh *shot, p placement) error
}

// sampleMaker goes through the scenes.
type sampleMaker struct {
	flags    *datasetFlags
	networks *face.Networks
	maker    *personas.Maker
	out      sink
	log      io.Writer
	random   *rand.Rand
}

// scene makes all samples of one scene. Its pictures are let go of afterwards.
func (m *sampleMaker) scene(ctx context.Context, s *scene) error {
	defer func() { s.shots = nil }()
	var err error
	if s.still {
		err = m.stills(s)
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
	if s.still {
		return m.closed(ctx, s)
	}
	return nil
}

// film reads a clip and follows the face, or takes the landmarks that lie beside the clip.
func (m *sampleMaker) film(ctx context.Context, s *scene) error {
	known, err := driver.ReadLandmarks(s.clip)
	if err != nil {
		return err
	}
	s.known = known != nil
	step := func(frames int) int { return max(1, (frames+maxShots-1)/maxShots) }
	for f, err := range driver.Follow(ctx, m.networks, s.clip, known, step) {
		if err == nil {
			err = s.add(f.View, f.Sample, f.Number)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// stills reads a pair of pictures.
func (m *sampleMaker) stills(s *scene) error {
	tracker, err := m.maker.Tracker()
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
		if err := s.add(pic.Image, &one, n); err != nil {
			return err
		}
	}
	return nil
}

// add keeps a picture whose face is sure, in the form in which landmarks travel.
func (s *scene) add(view *image.RGBA, one *landmark.Sample, n int) error {
	if one.Lost() || one.Score < sureScore {
		return nil
	}
	codec := landmark.NewCodec()
	wire := make([]byte, landmark.MaxWireSize)
	k, err := codec.Encode(wire, one)
	if err != nil {
		return nil // a face out of reach is no face
	}
	sh := shot{frame: n, view: image.NewRGBA(view.Rect)}
	if err := codec.Decode(&sh.sample, wire[:k]); err != nil {
		return err
	}
	draw.Copy(sh.view, image.Point{}, view, view.Rect, draw.Src, nil)
	sh.features = motion.NewFitter().Measure(&sh.sample.Points)
	s.shots = append(s.shots, sh)
	return nil
}

// sources chooses the pictures that become personas: the calmest, the one with the widest mouth, and others between.
func (m *sampleMaker) sources(s *scene) []int {
	if s.still {
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
	n := min(m.flags.each, len(order))
	picks := []int{order[0]}
	for k := 1; k < n; k++ {
		picks = append(picks, order[(len(order)-1)*k/max(n-1, 1)])
	}
	return picks
}

// source makes one picture a persona and drives it with others.
func (m *sampleMaker) source(ctx context.Context, s *scene, at, want int) error {
	var known *landmark.Sample
	if s.known {
		known = &s.shots[at].sample
	}
	p, err := m.persona(ctx, s, s.shots[at].view, known)
	if err != nil {
		return nil //nolint:nilerr // a frame that cannot be a portrait is no source
	}
	sit, err := openSitting(p, m.flags.size)
	if err != nil {
		return err
	}
	defer sit.render.Close()
	if err := m.out.source(sit, sourceEntry{Person: s.person, Scene: s.name, Frame: s.shots[at].frame, Still: s.still}); err != nil {
		return err
	}
	for _, i := range m.targets(s, at, want) {
		sh := &s.shots[i]
		place := placeOf(p)
		if s.still {
			place = sit.fit(&sh.sample)
		}
		if err := sit.draw(sh, place, time.Unix(1000, 0)); err != nil {
			return err
		}
		if err := m.out.sample(sit, sh, place); err != nil {
			return err
		}
	}
	return nil
}

// told is how much a picture tells of what geometry cannot know: open mouths and shut eyes.
func told(f *motion.Features) float64 {
	return f.MouthOpen + 1.2*max(0.25-min(f.EyeOpen[0], f.EyeOpen[1]), 0)
}

// targets chooses want pictures of the scene, those that tell much more often than they come.
func (m *sampleMaker) targets(s *scene, source, want int) []int {
	var order []int
	for i := range s.shots {
		a, b := &s.shots[i].features, &s.shots[source].features
		if math.Abs(a.Yaw-b.Yaw) < maxTurn && math.Abs(a.Pitch-b.Pitch) < maxTurn && (!s.still || i != source) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		if told(&s.shots[a].features) < told(&s.shots[b].features) {
			return 1
		}
		return -1
	})
	var picks []int
	for len(order) > 0 && len(picks) < want {
		u := m.random.Float64()
		k := int(math.Pow(u, 1.5) * float64(len(order)))
		picks = append(picks, order[k])
		order = slices.Delete(order, k, k+1)
	}
	slices.Sort(picks)
	return picks
}
