// Package dataset turns footage into samples for training: portraits that move as their own people do, beside the truth.
package dataset

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"github.com/gioconda-live/gioconda/cmd/internal/cleanup"
	"github.com/gioconda-live/gioconda/cmd/internal/files"
	"github.com/gioconda-live/gioconda/cmd/internal/personas"
	"github.com/gioconda-live/gioconda/models/face"
)

// Options say which samples are made, and of what. Networks and Maker are the caller's.
type Options struct {
	Train     string // folder of clips and stills
	Out       string // folder for the samples
	Size      int    // edge of the geometric layer's picture, pixels
	PerPerson int    // about how many samples of one person's clips
	Sources   int    // frames of a clip that become personas
	Views     int    // pictures of a clip that a persona is made of, persona.MaxViews at most; up to 1: one
	Heads     int    // one in so many samples is written as a whole head too, 0: none
	Seed      uint64 // of the choice of frames
	Only      string // only scenes whose name contains this

	Networks *face.Networks
	Maker    *personas.Maker
	Progress func(fraction float64, step string)
	Note     func(text string) // what is left out, and why
}

// Make goes through all footage and writes the samples. What is there when it fails can be used.
func Make(ctx context.Context, o *Options) (err error) {
	scenes, err := FindScenes(o)
	if err != nil {
		return err
	}
	out, err := newSampleWriter(o.Out, o.Size, o.Heads)
	if err != nil {
		return err
	}
	defer cleanup.Close(&err, out)
	m := NewSampler(o, out)
	m.Random = rand.New(rand.NewPCG(o.Seed, 0))
	m.Random.Shuffle(len(scenes), func(i, j int) { scenes[i], scenes[j] = scenes[j], scenes[i] })
	for i, s := range scenes {
		o.Progress(float64(i)/float64(len(scenes)), s.Name)
		if err := m.Scene(ctx, s); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			o.Note(fmt.Sprintf("%s is left out: %v", s.Name, err))
		}
		if err := out.finish(); err != nil { // what is there can be used from now on
			return err
		}
	}
	o.Progress(1, "")
	return nil
}

// Scene is footage of one person under one light.
type Scene struct {
	Name   string
	Person string
	clip   string    // a clip, or
	pair   [2]string // two stills
	share  int       // samples wanted of it
	shots  []Shot    // filled by sampleMaker
	Still  bool      // the shots were not taken by one fixed camera
	known  bool      // the landmarks came with the clip
}

// FindScenes lists what there is to train on.
func FindScenes(o *Options) ([]*Scene, error) {
	var scenes []*Scene
	count := map[string]int{}
	clips, err := files.In(filepath.Join(o.Train, "video"), ".mp4", ".mov", ".mpg", ".webm", ".mkv")
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	for _, c := range clips {
		name := filepath.Base(c)
		person, _, ok := strings.Cut(name, "__")
		if !ok {
			return nil, fmt.Errorf("%s: name clips PERSON__ANYTHING.EXT, so that people can be held out", c)
		}
		count[person]++
		scenes = append(scenes, &Scene{Name: name, Person: person, clip: c})
	}
	for _, s := range scenes {
		s.share = min(max(o.PerPerson/count[s.Person], 24), 150)
	}
	pairs, err := findPairs(filepath.Join(o.Train, "stills"))
	if err != nil {
		return nil, err
	}
	scenes = append(scenes, pairs...)
	kept := scenes[:0]
	for _, s := range scenes {
		if strings.Contains(s.Name, o.Only) {
			kept = append(kept, s)
		}
	}
	if len(kept) == 0 {
		return nil, fmt.Errorf("%s has neither clips in video/ nor pairs in stills/", o.Train)
	}
	return kept, nil
}

// findPairs looks for NAME_neutral_front and NAME_smiling_front.
func findPairs(dir string) ([]*Scene, error) {
	folders, err := filepath.Glob(filepath.Join(dir, "*_neutral_front"))
	if err != nil {
		return nil, err
	}
	var scenes []*Scene
	for _, neutral := range folders {
		smiling := strings.TrimSuffix(neutral, "_neutral_front") + "_smiling_front"
		calm, err := files.In(neutral, ".jpg", ".png")
		if err != nil {
			return nil, err
		}
		smiles, err := files.In(smiling, ".jpg", ".png")
		if err != nil {
			return nil, err
		}
		set := strings.TrimSuffix(filepath.Base(neutral), "_neutral_front")
		for _, c := range calm {
			id, _, _ := strings.Cut(filepath.Base(c), "_")
			for _, s := range smiles {
				if other, _, _ := strings.Cut(filepath.Base(s), "_"); other == id {
					person := set + "_" + id
					scenes = append(scenes, &Scene{Name: person, Person: person, pair: [2]string{c, s}, Still: true, share: 4})
				}
			}
		}
	}
	return scenes, nil
}
