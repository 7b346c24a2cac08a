// Package measure compares what is served with true pictures of people that training never saw.
package measure

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"

	"github.com/gioconda-live/gioconda/cmd/internal/cleanup"
	"github.com/gioconda-live/gioconda/cmd/internal/dataset"
	"github.com/gioconda-live/gioconda/cmd/internal/quality"
	"github.com/gioconda-live/gioconda/models/portrait"
)

// Options say what is measured. Model is the caller's.
type Options struct {
	Footage   *dataset.Options // its Out and Heads are not looked at
	Model     *portrait.Model
	Generator string   // the model's name
	NPM       string   // folder of npm packages, where the identity network may have to be converted from
	People    []string // who is measured, by the names of their clips
	Every     int      // and of pairs of stills, people whose number this divides; 0: none
}

// People measures what is served against the true frames of people that training never saw.
func People(ctx context.Context, o *Options) (_ *Report, err error) {
	scenes, err := dataset.FindScenes(o.Footage)
	if err == nil {
		err = dataset.Missing(o.People, scenes)
	}
	if err == nil {
		scenes, err = o.unseen(scenes)
	}
	if err != nil {
		return nil, err
	}
	like, err := quality.OpenLikeness(ctx, o.Footage.Networks, o.NPM)
	if err != nil {
		return nil, err
	}
	defer cleanup.Close(&err, like)
	t := &Report{Generator: o.Generator, Device: o.Model.Device().String(), Size: quality.Edge, Seed: o.Footage.Seed, LeftOut: []string{}}
	m, err := newMeasurer(o.Model, like, quality.Edge, t)
	if err != nil {
		return nil, err
	}
	footage := *o.Footage
	footage.Size = quality.Edge
	if err := measureScenes(ctx, &footage, scenes, m); err != nil {
		return nil, err
	}
	t.finish()
	t.note = likenessNote(like)
	return t, nil
}

// unseen leaves the scenes that are to be measured, and says where training may have seen them.
func (o *Options) unseen(scenes []*dataset.Scene) ([]*dataset.Scene, error) {
	own := dataset.HeldOutOf(o.Model.Manifest)
	rules := own
	if len(o.People) > 0 || o.Every > 0 {
		rules = []dataset.HeldOut{{People: o.People, Every: o.Every}}
	}
	if len(rules) == 0 {
		return nil, fmt.Errorf("the manifest of %s does not say whom training never saw; name them with --people or --every", o.Model.Manifest.Name)
	}
	kept := dataset.KeepHeldOut(scenes, rules)
	if len(kept) == 0 {
		return nil, fmt.Errorf("nobody in %s was held out; name people with --people or --every", o.Footage.Train)
	}
	if len(dataset.KeepHeldOut(kept, own)) < len(kept) {
		o.Footage.Note(fmt.Sprintf("the manifest of %s does not hold all of these people out: if training saw them, the figures say little", o.Model.Manifest.Name))
	}
	return kept, nil
}

// measureScenes goes through the scenes. What cannot be used is left out and said; what fails in measuring ends it.
func measureScenes(ctx context.Context, o *dataset.Options, scenes []*dataset.Scene, to *measurer) error {
	m := dataset.NewSampler(o, to)
	for i, s := range scenes {
		o.Progress(float64(i)/float64(len(scenes)), s.Name)
		m.Random = rand.New(rand.NewPCG(o.Seed, nameHash(s.Name))) // whatever else is measured
		err := m.Scene(ctx, s)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, errMeasuring):
			return err
		case err != nil:
			text := fmt.Sprintf("%s: %v", s.Name, err)
			o.Note("left out is " + text)
			to.report.LeftOut = append(to.report.LeftOut, text)
		}
	}
	o.Progress(1, "")
	if len(to.report.Groups) == 0 {
		return fmt.Errorf("nothing could be measured in %s", o.Train)
	}
	return nil
}

func nameHash(name string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name)) // never fails
	return h.Sum64()
}

// kindOf is the row of the table that a picture of a scene belongs to; source is the frame that became the portrait.
func kindOf(e *dataset.SourceEntry) string {
	switch {
	case e.Closed:
		return kindClosed
	case e.Still && e.Frame == 0:
		return kindSmiles
	case e.Still:
		return kindCalm
	case strings.HasPrefix(e.Person, "head"):
		return kindHeads
	default:
		return kindTalk
	}
}

// likenessNote says what identity figures mean.
func likenessNote(l *quality.Likeness) string {
	apart := l.Apart()
	if !l.Known() || !apart.Known() {
		return l.Note()
	}
	return fmt.Sprintf("Identity is the mean cosine of embeddings; the portraits of different people here reach %.3f among each other.", apart)
}
