package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/gioconda-live/gioconda/models/face"
	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/drive"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

type fidelityFlags struct {
	portraits, clips, sheets, json string
	every, limit                   int
}

func (a *app) fidelityCommand() *cobra.Command {
	var f fidelityFlags
	cmd := &cobra.Command{
		Use:   "fidelity --portraits DIR --clips DIR",
		Short: "Measure how faithfully portraits follow their drivers",
		Long: `Render every clip on every portrait, track the rendered pictures again with the same
tracker, and print how well what comes out follows what went in: correlation of mouth opening
and width, eye closure, yaw, pitch, roll and gaze; the smallest eye and lip opening reached; how still
the background and a still driver are. --sheets writes contact sheets to look at.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.fidelity(cmd.Context(), &f) },
	}
	fl := cmd.Flags()
	fl.StringVar(&f.portraits, "portraits", "", "folder of pictures")
	fl.StringVar(&f.clips, "clips", "", "folder of clips")
	fl.StringVar(&f.sheets, "sheets", "", "write contact sheets (PNG) to `DIR`")
	fl.StringVar(&f.json, "json", "", "write the table to `FILE` as JSON")
	fl.IntVar(&f.every, "every", 1, "measure every `N`th frame of a clip (all frames are rendered)")
	fl.IntVar(&f.limit, "frames", 0, "stop each clip after `N` frames (0: whole clips)")
	_ = cmd.MarkFlagRequired("portraits")
	_ = cmd.MarkFlagRequired("clips")
	return cmd
}

// fidelityRow is one portrait moved by one clip.
type fidelityRow struct {
	Portrait   string  `json:"portrait"`
	Clip       string  `json:"clip"`
	Frames     int     `json:"frames"`
	Refound    int     `json:"refound"` // frames in which the tracker finds the rendered face
	MouthOpen  float64 `json:"mouth_open"`
	MouthWidth float64 `json:"mouth_width"`
	EyeClosure float64 `json:"eye_closure"`
	Yaw        float64 `json:"yaw"`
	Pitch      float64 `json:"pitch"`
	Roll       float64 `json:"roll"`
	Gaze       float64 `json:"gaze"`
	MinEye     float64 `json:"min_eye"` // smallest tracked eye opening, height over width
	MinLip     float64 `json:"min_lip"` // smallest tracked lip gap, eye distances
	Background float64 `json:"background_changed"`
	StillRMS   float64 `json:"still_rms_px"`
}

func (a *app) fidelity(ctx context.Context, f *fidelityFlags) (err error) {
	portraits, err := filesIn(f.portraits, ".jpg", ".jpeg", ".png", ".webp", persona.Extension)
	if err != nil {
		return err
	}
	clips, err := filesIn(f.clips, ".mp4", ".webm", ".mov", ".mkv")
	if err != nil {
		return err
	}
	v, err := a.openVision()
	if err != nil {
		return err
	}
	defer closeInto(&err, v)
	st, err := openStudio(v)
	if err != nil {
		return err
	}
	defer closeInto(&err, st)
	drivers := make([]*recording, 0, len(clips))
	bar := newBar(a.err, "tracking the drivers")
	for i, c := range clips {
		bar.fraction(float64(i)/float64(len(clips)), filepath.Base(c))
		r, err := record(ctx, v, c, f.limit)
		if err != nil {
			return err
		}
		drivers = append(drivers, r)
	}
	bar.done()
	j := &judge{app: a, flags: f, vision: v}
	if j.tracker, err = v.tracker(); err != nil {
		return err
	}
	defer closeInto(&err, j.tracker)
	for _, path := range portraits {
		if err := j.portrait(ctx, st, path, drivers); err != nil {
			return err
		}
	}
	return j.print()
}

// filesIn lists the files of a folder with one of the endings, sorted.
func filesIn(dir string, endings ...string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		if slices.Contains(endings, strings.ToLower(filepath.Ext(e.Name()))) {
			out = append(out, filepath.Join(dir, e.Name()))
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s has no files that end in %s", dir, strings.Join(endings, ", "))
	}
	return out, nil
}

// recording is a clip tracked once, to move many portraits.
type recording struct {
	name     string
	rate     [2]int
	samples  []landmark.Sample
	features []motion.Features
	views    map[int]*image.RGBA // small pictures of the frames that sheets show
}

const viewEdge = 256

func record(ctx context.Context, v *vision, path string, limit int) (r *recording, err error) {
	p, err := openPerformer(ctx, v, path)
	if err != nil {
		return nil, err
	}
	defer closeInto(&err, p)
	r = &recording{name: strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)), views: map[int]*image.RGBA{}}
	r.rate[0], r.rate[1] = p.Rate()
	fitter := motion.NewFitter()
	for limit == 0 || len(r.samples) < limit {
		var s landmark.Sample
		if err := p.Next(&s); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		view := image.NewRGBA(image.Rect(0, 0, viewEdge, viewEdge))
		fit(view, p.View())
		r.views[len(r.samples)] = view
		r.samples = append(r.samples, s)
		r.features = append(r.features, fitter.Measure(&s.Points))
	}
	return r, nil
}

// judge renders and measures.
type judge struct {
	app     *app
	flags   *fidelityFlags
	vision  *vision
	tracker *face.Tracker
	rows    []fidelityRow
}

const judgeSize = 512

func (j *judge) portrait(ctx context.Context, st *studio, path string, drivers []*recording) error {
	name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	var p *persona.Persona
	var err error
	if filepath.Ext(path) == persona.Extension {
		p, err = persona.Load(path)
	} else {
		p, err = j.app.buildFrom(ctx, st, path, &personaliseFlags{name: name}, nil)
	}
	if err != nil {
		fmt.Fprintf(j.app.err, "%s cannot be served: %v\n", name, err)
		return nil
	}
	e := &easel{options: mesh.Options{Size: judgeSize, Badge: mesh.BadgeNone}}
	defer e.Close()
	sub, err := e.sit(p)
	if err != nil {
		return err
	}
	defer sub.Close()
	var sheet *sheet
	if j.flags.sheets != "" {
		sheet = newSheet(name)
	}
	bar := newBar(j.app.err, name)
	for i, d := range drivers {
		bar.fraction(float64(i)/float64(len(drivers)), d.name)
		row, err := j.measure(sub, p, d, sheet)
		if err != nil {
			return err
		}
		row.Portrait = name
		j.rows = append(j.rows, row)
	}
	bar.done()
	if sheet != nil {
		return sheet.write(j.flags.sheets)
	}
	return nil
}

// measure renders one clip and tracks the result.
func (j *judge) measure(sub *sitter, p *persona.Persona, d *recording, sheet *sheet) (fidelityRow, error) {
	row := fidelityRow{Clip: d.name, MinEye: math.Inf(1), MinLip: math.Inf(1)}
	pup := newPuppet(sub, geometric{}, drive.DefaultOptions(), d.rate[0], d.rate[1])
	dst, err := frame.NewI420(judgeSize, judgeSize)
	if err != nil {
		return row, err
	}
	bg := newBackgroundWatch(p.Matte, judgeSize)
	rgba := image.NewRGBA(image.Rect(0, 0, judgeSize, judgeSize))
	fitter := motion.NewFitter()
	var in, out []motion.Features
	want := map[int]string{}
	if sheet != nil {
		want = pickFrames(d)
	}
	j.tracker.ResetROI()
	for i := range d.samples {
		s := d.samples[i]
		if err := pup.step(&s, dst); err != nil {
			return row, err
		}
		bg.see(dst)
		if label, ok := want[i]; ok {
			if err := dst.ToRGBA(rgba); err != nil {
				return row, err
			}
			sheet.add(d.name+" "+label, d.views[i], rgba)
		}
		if i%max(1, j.flags.every) != 0 || s.Lost() {
			continue
		}
		if err := dst.ToRGBA(rgba); err != nil {
			return row, err
		}
		row.Frames++
		var again landmark.Sample
		if err := j.tracker.Track(face.FromRGBA(rgba), &again); err != nil {
			return row, err
		}
		if again.Lost() {
			continue
		}
		row.Refound++
		m := fitter.Measure(&again.Points)
		in, out = append(in, d.features[i]), append(out, m)
		row.MinEye = min(row.MinEye, (m.EyeOpen[0]+m.EyeOpen[1])/2)
		row.MinLip = min(row.MinLip, m.MouthOpen)
	}
	row.Background = bg.changed()
	row.correlate(in, out)
	row.StillRMS, err = stillness(sub, d)
	return row, err
}

func (r *fidelityRow) correlate(in, out []motion.Features) {
	corr := func(f func(*motion.Features) float64) float64 {
		a, b := make([]float64, len(in)), make([]float64, len(out))
		for i := range in {
			a[i], b[i] = f(&in[i]), f(&out[i])
		}
		return motion.Correlation(a, b)
	}
	r.MouthOpen = corr(func(f *motion.Features) float64 { return f.MouthOpen })
	r.MouthWidth = corr(func(f *motion.Features) float64 { return f.MouthWidth })
	r.EyeClosure = corr(func(f *motion.Features) float64 { return f.EyeOpen[0] + f.EyeOpen[1] })
	r.Yaw = corr(func(f *motion.Features) float64 { return f.Yaw })
	r.Pitch = corr(func(f *motion.Features) float64 { return f.Pitch })
	r.Roll = corr(func(f *motion.Features) float64 { return f.Roll })
	r.Gaze = corr(func(f *motion.Features) float64 { return f.GazeX })
}

func (j *judge) print() error {
	w := tabwriter.NewWriter(j.app.out, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "portrait\tclip\tframes\trefound\tmouth\twidth\teyes\tyaw\tpitch\troll\tgaze\tmin eye\tmin lip\tbg changed\tstill px\t")
	for i := range j.rows {
		r := &j.rows[i]
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%.3f\t%.3f\t%.3f\t%.3f\t%.3f\t%.3f\t%.3f\t%.3f\t%.3f\t%.4f%%\t%.2f\t\n", r.Portrait, r.Clip, r.Frames, r.Refound,
			r.MouthOpen, r.MouthWidth, r.EyeClosure, r.Yaw, r.Pitch, r.Roll, r.Gaze, r.MinEye, r.MinLip, 100*r.Background, r.StillRMS)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if j.flags.json == "" {
		return nil
	}
	b, err := json.MarshalIndent(j.rows, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(j.flags.json, append(b, '\n'), 0o644) //nolint:gosec // a report to read
}
