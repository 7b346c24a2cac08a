package main

import (
	"context"
	"encoding/json"
	"fmt"
	"image"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/gioconda-live/gioconda/cmd/internal/cleanup"
	"github.com/gioconda-live/gioconda/cmd/internal/compositor"
	"github.com/gioconda-live/gioconda/cmd/internal/driver"
	"github.com/gioconda-live/gioconda/cmd/internal/files"
	"github.com/gioconda-live/gioconda/cmd/internal/personas"
	"github.com/gioconda-live/gioconda/cmd/internal/stats"
	"github.com/gioconda-live/gioconda/models/face"
	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline"
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
the background and a still driver are; how much the rendered face is still the portrait's. A correlation is
printed only where the driver moves by more than three times the tracker's own noise. Breath and other life of its own is off.
--sheets writes contact sheets to look at.`,
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
	Portrait   string      `json:"portrait"`
	Clip       string      `json:"clip"`
	Frames     int         `json:"frames"`
	Refound    int         `json:"refound"` // frames in which the tracker finds the rendered face
	MouthOpen  stats.Score `json:"mouth_open"`
	MouthWidth stats.Score `json:"mouth_width"`
	EyeClosure stats.Score `json:"eye_closure"`
	Yaw        stats.Score `json:"yaw"`
	Pitch      stats.Score `json:"pitch"`
	Roll       stats.Score `json:"roll"`
	Gaze       stats.Score `json:"gaze"`
	MinEye     stats.Score `json:"min_eye"` // smallest tracked eye opening, height over width
	MinLip     stats.Score `json:"min_lip"` // smallest tracked lip gap, eye distances
	Background float64     `json:"background_changed"`
	StillRMS   float64     `json:"still_rms_px"`
	Identity   stats.Score `json:"identity"` // mean similarity of the rendered face to the portrait's picture
}

func (a *app) fidelity(ctx context.Context, f *fidelityFlags) (err error) {
	portraits, err := files.In(f.portraits, ".jpg", ".jpeg", ".png", ".webp", persona.Extension)
	if err != nil {
		return err
	}
	clips, err := files.In(f.clips, ".mp4", ".webm", ".mov", ".mkv")
	if err != nil {
		return err
	}
	o, err := a.open()
	if err != nil {
		return err
	}
	defer cleanup.Close(&err, o)
	drivers, err := a.recordAll(ctx, o.networks, clips, f)
	if err != nil {
		return err
	}
	j := &judge{app: a, flags: f, maker: o.maker}
	if j.tracker, err = o.networks.Tracker(); err != nil {
		return err
	}
	defer cleanup.Close(&err, j.tracker)
	if j.likeness, err = a.openLikeness(ctx, o.networks); err != nil {
		return err
	}
	defer cleanup.Close(&err, j.likeness)
	for _, path := range portraits {
		if err := j.portrait(ctx, path, drivers); err != nil {
			return err
		}
	}
	return j.print()
}

// recordAll tracks the clips, and keeps the pictures that sheets need where sheets are wanted.
func (a *app) recordAll(ctx context.Context, v *face.Networks, clips []string, f *fidelityFlags) ([]*driver.Recording, error) {
	drivers := make([]*driver.Recording, 0, len(clips))
	bar := newBar(a.err, "tracking the drivers")
	for i, c := range clips {
		bar.fraction(float64(i)/float64(len(clips)), filepath.Base(c))
		r, err := driver.Record(ctx, v, c, f.limit)
		if err != nil {
			return nil, err
		}
		if f.sheets != "" {
			if err := r.KeepViews(ctx, c); err != nil {
				return nil, err
			}
		}
		drivers = append(drivers, r)
	}
	bar.done()
	return drivers, nil
}

// judge renders and measures.
type judge struct {
	app      *app
	flags    *fidelityFlags
	maker    *personas.Maker
	tracker  *face.Tracker
	likeness *likeness
	rows     []fidelityRow
}

const judgeSize = 512

func (j *judge) portrait(ctx context.Context, path string, drivers []*driver.Recording) error {
	name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	p, err := j.maker.Portrait(ctx, path, nil)
	if err != nil {
		fmt.Fprintf(j.app.err, "%s cannot be served: %v\n", name, err)
		return nil
	}
	e := compositor.NewCache(mesh.Options{Size: judgeSize, Badge: mesh.BadgeNone}, nil, nil)
	defer e.Close()
	sub, err := e.Open(p)
	if err != nil {
		return err
	}
	defer sub.Close()
	if err := j.likeness.know(j.tracker, p.Crop); err != nil {
		return err
	}
	var sheet *sheet
	if j.flags.sheets != "" {
		sheet = newSheet(name)
	}
	bar := newBar(j.app.err, name)
	for i, d := range drivers {
		bar.fraction(float64(i)/float64(len(drivers)), d.Name)
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
func (j *judge) measure(sub *compositor.Subject, p *persona.Persona, d *driver.Recording, sheet *sheet) (fidelityRow, error) {
	row := fidelityRow{Clip: d.Name, MinEye: stats.Unknown(), MinLip: stats.Unknown()}
	o := drive.DefaultOptions()
	o.Life.Off = true // what is judged is following
	stepper := pipeline.NewStepper(sub, compositor.Geometric{}, o, d.Rate[0], d.Rate[1])
	dst, err := frame.NewI420(judgeSize, judgeSize)
	if err != nil {
		return row, err
	}
	bg := newBackgroundWatch(p.Matte, judgeSize)
	rgba := image.NewRGBA(image.Rect(0, 0, judgeSize, judgeSize))
	fitter := motion.NewFitter()
	var in, out []motion.Features
	var alike stats.Mean
	j.tracker.ResetROI()
	for i := range d.Samples {
		s := d.Samples[i]
		if err := stepper.Step(&s, dst); err != nil {
			return row, err
		}
		bg.see(dst)
		if label, ok := d.Picks[i]; ok && sheet != nil {
			if err := dst.ToRGBA(rgba); err != nil {
				return row, err
			}
			sheet.add(d.Name+" "+label, d.Views[i], rgba)
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
		if row.Refound%identityEvery == 0 {
			if err := j.likeness.compare(rgba, &again, &alike); err != nil {
				return row, err
			}
		}
		row.Refound++
		m := fitter.Measure(&again.Points)
		in, out = append(in, d.Features[i]), append(out, m)
		row.MinEye = row.MinEye.Least((m.EyeOpen[0] + m.EyeOpen[1]) / 2)
		row.MinLip = row.MinLip.Least(m.MouthOpen)
	}
	row.Identity = alike.Score()
	row.Background = bg.changed()
	row.correlate(in, out)
	row.StillRMS, err = stillness(sub, d)
	return row, err
}

func (j *judge) print() error {
	w := tabwriter.NewWriter(j.app.out, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "portrait\tclip\tframes\trefound\tmouth\twidth\teyes\tyaw\tpitch\troll\tgaze\tmin eye\tmin lip\tbg changed\tstill px\tidentity\t")
	for i := range j.rows {
		r := &j.rows[i]
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t", r.Portrait, r.Clip, r.Frames, r.Refound)
		for _, m := range metrics() {
			fmt.Fprintf(w, "%s\t", m.in(r).Text("·"))
		}
		fmt.Fprintf(w, "%s\t%s\t%.4f%%\t%.2f\t%s\t\n", r.MinEye.Text("·"), r.MinLip.Text("·"), 100*r.Background, r.StillRMS, r.Identity.Text("-"))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(j.app.out, "·: no movement to follow: the driver moves by less than three times the noise of the tracker.", j.likeness.note())
	if err := j.printVerdicts(); err != nil || j.flags.json == "" {
		return err
	}
	b, err := json.MarshalIndent(j.rows, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(j.flags.json, append(b, '\n'), 0o644) //nolint:gosec // a report to read
}

// printVerdicts sums every correlation up over the rows that could be judged, and compares it with its bar.
func (j *judge) printVerdicts() error {
	w := tabwriter.NewWriter(j.app.out, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\ncorrelation\tbar\tjudged\treach it\tmedian\tminimum\tthe bar is met by\t")
	for _, m := range metrics() {
		var all []float64
		reach := 0
		for i := range j.rows {
			if v := float64(*m.in(&j.rows[i])); !math.IsNaN(v) {
				all = append(all, v)
				if v >= m.bar {
					reach++
				}
			}
		}
		median, least := stats.Unknown(), stats.Unknown()
		if slices.Sort(all); len(all) > 0 {
			median, least = stats.Score((all[(len(all)-1)/2]+all[len(all)/2])/2), stats.Score(all[0])
		}
		bar, count, met := fmt.Sprintf("%.2f", m.bar), strconv.Itoa(reach), "nothing"
		switch {
		case m.bar == 0:
			bar, count, met = "-", "-", "-"
		case len(all) == 0:
			met = "-"
		case float64(least) >= m.bar:
			met = "every row"
		case float64(median) >= m.bar:
			met = "the median"
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\t%s\t%s\t\n", m.name, bar, len(all), count, median.Text("-"), least.Text("-"), met)
	}
	return w.Flush()
}
