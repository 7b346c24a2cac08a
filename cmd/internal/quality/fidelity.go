// Package quality measures how faithfully portraits follow their drivers: they are rendered, and tracked again.
package quality

import (
	"context"
	"fmt"
	"image"
	"path/filepath"
	"strings"

	"github.com/gioconda-live/gioconda/cmd/internal/cleanup"
	"github.com/gioconda-live/gioconda/cmd/internal/compositor"
	"github.com/gioconda-live/gioconda/cmd/internal/driver"
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

// Row is one portrait moved by one clip.
type Row struct {
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

// Options say what is measured. Networks and Maker are the caller's.
type Options struct {
	Networks  *face.Networks
	Maker     *personas.Maker
	NPM       string   // folder of npm packages, where the identity network may have to be converted from
	Portraits []string // pictures and personas
	Clips     []string
	Sheets    string // folder for contact sheets, "" for none
	Every     int    // of a clip's frames one in so many is measured; all are rendered
	Limit     int    // frames of a clip, 0: all

	Progress func(fraction float64, step string)
	Note     func(text string) // what is left out, and why
}

// Report is what came out.
type Report struct {
	Rows []Row
	note string // of the identities
}

// Measure renders every clip on every portrait and tracks the pictures again.
func Measure(ctx context.Context, o *Options) (_ *Report, err error) {
	drivers, err := recordAll(ctx, o.Networks, o.Clips, o.Limit, o.Sheets != "", func(done float64, step string) {
		o.Progress(0.1*done, "tracking "+step)
	})
	if err != nil {
		return nil, err
	}
	j := &judge{Options: o}
	if j.tracker, err = o.Networks.Tracker(); err != nil {
		return nil, err
	}
	defer cleanup.Close(&err, j.tracker)
	if j.likeness, err = OpenLikeness(ctx, o.Networks, o.NPM); err != nil {
		return nil, err
	}
	defer cleanup.Close(&err, j.likeness)
	for i, path := range o.Portraits {
		begin, share := 0.1+0.9*float64(i)/float64(len(o.Portraits)), 0.9/float64(len(o.Portraits))
		err := j.portrait(ctx, path, drivers, func(done float64, step string) { o.Progress(begin+share*done, step) })
		if err != nil {
			return nil, err
		}
	}
	return &Report{Rows: j.rows, note: j.likeness.Note()}, nil
}

// recordAll tracks the clips, and keeps the pictures that sheets need where views are wanted.
func recordAll(ctx context.Context, n *face.Networks, clips []string, limit int, views bool, progress func(float64, string)) ([]*driver.Recording, error) {
	drivers := make([]*driver.Recording, 0, len(clips))
	for i, c := range clips {
		progress(float64(i)/float64(len(clips)), filepath.Base(c))
		r, err := driver.Record(ctx, n, c, limit)
		if err == nil && views {
			err = r.KeepViews(ctx, c)
		}
		if err != nil {
			return nil, err
		}
		drivers = append(drivers, r)
	}
	return drivers, nil
}

// judge renders and measures.
type judge struct {
	*Options
	tracker  *face.Tracker
	likeness *Likeness
	rows     []Row
}

// Edge is the edge of the pictures that are measured, in pixels.
const Edge = 512

func (j *judge) portrait(ctx context.Context, path string, drivers []*driver.Recording, progress func(float64, string)) error {
	name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	p, err := j.Maker.Portrait(ctx, path, persona.Options{}, nil)
	if err != nil {
		j.Note(fmt.Sprintf("%s cannot be served: %v", name, err))
		return nil
	}
	e := compositor.NewCache(mesh.Options{Size: Edge, Badge: mesh.BadgeNone}, nil, nil)
	defer e.Close()
	sub, err := e.Open(ctx, p)
	if err != nil {
		return err
	}
	defer sub.Close()
	if err := j.likeness.know(j.tracker, p.Crop); err != nil {
		return err
	}
	var sheet *sheet
	if j.Sheets != "" {
		sheet = newSheet(name)
	}
	for i, d := range drivers {
		progress(float64(i)/float64(len(drivers)), name+" by "+d.Name)
		row, err := j.measure(sub, p, d, sheet)
		if err != nil {
			return err
		}
		row.Portrait = name
		j.rows = append(j.rows, row)
	}
	if sheet != nil {
		return sheet.write(j.Sheets)
	}
	return nil
}

// measure renders one clip and tracks the result.
func (j *judge) measure(sub *compositor.Subject, p *persona.Persona, d *driver.Recording, sheet *sheet) (Row, error) {
	row := Row{Clip: d.Name, MinEye: stats.Unknown(), MinLip: stats.Unknown()}
	o := drive.DefaultOptions()
	o.Life.Off = true // what is judged is following
	stepper := pipeline.NewStepper(sub, compositor.Geometric{}, o, d.Rate[0], d.Rate[1])
	dst, err := frame.NewI420(Edge, Edge)
	if err != nil {
		return row, err
	}
	bg := newBackgroundWatch(p.Matte, Edge)
	rgba := image.NewRGBA(image.Rect(0, 0, Edge, Edge))
	fitter := motion.NewFitter()
	var in, out []motion.Features
	var alike stats.Mean
	j.tracker.ResetROI()
	for i := range d.Samples {
		s := d.Samples[i]
		if err = stepper.Step(&s, dst); err != nil {
			return row, err
		}
		bg.see(dst)
		if label, ok := d.Picks[i]; ok && sheet != nil {
			if err = dst.ToRGBA(rgba); err != nil {
				return row, err
			}
			sheet.add(d.Name+" "+label, d.Views[i], rgba)
		}
		if i%max(1, j.Every) != 0 || s.Lost() {
			continue
		}
		if err = dst.ToRGBA(rgba); err != nil {
			return row, err
		}
		row.Frames++
		var again landmark.Sample
		if err = j.tracker.Track(face.FromRGBA(rgba), &again); err != nil {
			return row, err
		}
		if again.Lost() {
			continue
		}
		if row.Refound%IdentityEvery == 0 {
			if err = j.likeness.compare(rgba, &again, &alike); err != nil {
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
