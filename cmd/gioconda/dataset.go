package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gioconda-live/gioconda/cmd/internal/cleanup"
	"github.com/gioconda-live/gioconda/cmd/internal/files"
)

type datasetFlags struct {
	train, out        string
	size              int
	perIdentity, each int
	heads             int
	seed              uint64
	only              string
}

func (a *app) datasetCommand() *cobra.Command {
	f := datasetFlags{}
	cmd := &cobra.Command{
		Use:   "dataset --train DIR -o DIR",
		Short: "Make training samples for the learned layer",
		Long: `Turn clips and pairs of stills into training samples with the very code that runs live:
a frame becomes a persona, other frames of the same person drive it through tracker, wire form,
retargeting and geometric layer, and every region that the learned layer repaints is written down
as geometric picture, true picture and condition maps.

DIR holds video/ID__ANYTHING.EXT (the part before __ names the person) and, if there are any, pairs of
stills with equal names, stills/NAME_neutral_front/*.jpg beside stills/NAME_smiling_front/*.jpg.
Where landmarks are known better than a tracker can see them, they lie beside a clip as CLIP.landmarks.json.
models/train/README.md says what comes out and how it is used.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.dataset(cmd.Context(), &f) },
	}
	f.choose(cmd)
	fl := cmd.Flags()
	fl.StringVarP(&f.out, "output", "o", "", "write the samples to `DIR`")
	fl.IntVar(&f.size, "size", 512, "edge of the geometric layer's picture")
	fl.IntVar(&f.heads, "heads", 0, "write one in `N` samples as a whole head too (0: none)")
	_ = cmd.MarkFlagRequired("output")
	cmd.AddCommand(a.sheetsCommand(), a.landmarksCommand(), a.measureCommand())
	return cmd
}

// choose defines the flags that say which samples are made.
func (f *datasetFlags) choose(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.train, "train", "", "folder of clips and stills that may be trained on")
	fl.IntVar(&f.perIdentity, "per-person", 360, "about how many samples of one person's clips")
	fl.IntVar(&f.each, "sources", 3, "how many frames of a clip become personas")
	fl.Uint64Var(&f.seed, "seed", 1, "of the choice of frames")
	fl.StringVar(&f.only, "only", "", "only scenes whose name contains this")
	_ = cmd.MarkFlagRequired("train")
}

func (a *app) dataset(ctx context.Context, f *datasetFlags) (err error) {
	scenes, err := findScenes(f)
	if err != nil {
		return err
	}
	o, err := a.open()
	if err != nil {
		return err
	}
	defer cleanup.Close(&err, o)
	out, err := newSampleWriter(f.out, f.size, f.heads)
	if err != nil {
		return err
	}
	defer cleanup.Close(&err, out)
	m := &sampleMaker{flags: f, networks: o.networks, maker: o.maker, out: out, log: a.err, random: rand.New(rand.NewPCG(f.seed, 0))}
	bar := newBar(a.err, "making samples")
	defer bar.done()
	m.random.Shuffle(len(scenes), func(i, j int) { scenes[i], scenes[j] = scenes[j], scenes[i] })
	for i, s := range scenes {
		bar.fraction(float64(i)/float64(len(scenes)), s.name)
		if err := m.scene(ctx, s); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			fmt.Fprintf(a.err, "\n%s is left out: %v\n", s.name, err)
		}
		if err := out.finish(f); err != nil { // what is there can be used from now on
			return err
		}
	}
	bar.fraction(1, "")
	return nil
}

// scene is footage of one person under one light.
type scene struct {
	name   string
	person string
	clip   string    // a clip, or
	pair   [2]string // two stills
	share  int       // samples wanted of it
	shots  []shot    // filled by sampleMaker
	still  bool      // the shots were not taken by one fixed camera
	known  bool      // the landmarks came with the clip
}

// findScenes lists what there is to train on.
func findScenes(f *datasetFlags) ([]*scene, error) {
	var scenes []*scene
	count := map[string]int{}
	clips, err := files.In(filepath.Join(f.train, "video"), ".mp4", ".mov", ".mpg", ".webm", ".mkv")
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
		scenes = append(scenes, &scene{name: name, person: person, clip: c})
	}
	for _, s := range scenes {
		s.share = min(max(f.perIdentity/count[s.person], 24), 150)
	}
	pairs, err := findPairs(filepath.Join(f.train, "stills"))
	if err != nil {
		return nil, err
	}
	scenes = append(scenes, pairs...)
	kept := scenes[:0]
	for _, s := range scenes {
		if strings.Contains(s.name, f.only) {
			kept = append(kept, s)
		}
	}
	if len(kept) == 0 {
		return nil, fmt.Errorf("%s has neither clips in video/ nor pairs in stills/", f.train)
	}
	return kept, nil
}

// findPairs looks for NAME_neutral_front and NAME_smiling_front.
func findPairs(dir string) ([]*scene, error) {
	folders, err := filepath.Glob(filepath.Join(dir, "*_neutral_front"))
	if err != nil {
		return nil, err
	}
	var scenes []*scene
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
					scenes = append(scenes, &scene{name: person, person: person, pair: [2]string{c, s}, still: true, share: 4})
				}
			}
		}
	}
	return scenes, nil
}
