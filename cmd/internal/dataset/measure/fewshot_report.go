package measure

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"text/tabwriter"

	"github.com/gioconda-live/gioconda/cmd/internal/stats"
)

// Few is what FewShot has measured.
type Few struct {
	Generator string    `json:"generator"`
	Size      int       `json:"size"` // edge of the pictures, pixels
	Films     []*Film   `json:"films"`
	Mean      []*fewRow `json:"mean"` // of the films
	LeftOut   []string  `json:"left_out"`
}

// Film is one film's figures, for each number of pictures.
type Film struct {
	Person    string    `json:"person"`
	Name      string    `json:"name"`
	Views     int       `json:"views"`             // that the persona has at most
	Preparing float64   `json:"preparing_seconds"` // at most
	Tuning    *tuned    `json:"tuning,omitempty"`
	Rows      []*fewRow `json:"rows"`
}

// tuned is what came of tuning to a film's first half.
type tuned struct {
	Accepted bool    `json:"accepted"`
	Why      string  `json:"why,omitempty"` // not
	Frames   int     `json:"frames"`
	Kept     int     `json:"kept_out"`
	Gain     float64 `json:"gain"` // by those that were kept out: the share of the error between the lips that goes
	Steps    int     `json:"steps"`
	Share    float32 `json:"share"`
	Alike    float64 `json:"identity_gain"`
	Seconds  float64 `json:"seconds"`
}

// fewRow is the mean over the frames of a film, or over films.
type fewRow struct {
	Pictures int         `json:"pictures"`
	Tuned    bool        `json:"tuned,omitempty"` // the learned layer, to the film's first half, where that was accepted
	Inner    fewArea     `json:"between_lips"`
	Box      fewArea     `json:"mouth_box"`
	Eyes     fewArea     `json:"eyes"`
	Face     fewArea     `json:"face"`
	Teeth    fewTeeth    `json:"teeth"`
	Identity stats.Score `json:"identity"`
	Millis   stats.Score `json:"paint_ms"`

	like, millis stats.Mean
}

// fewArea is an area's figures. Sharpness is gradient energy over the truth's.
type fewArea struct {
	L1        stats.Score `json:"l1"`
	SSIM      stats.Score `json:"ssim"`
	Sharpness stats.Score `json:"sharpness"`
	Flicker   stats.Score `json:"flicker"`

	l1, ssim, energy, true, flicker stats.Mean
}

// fewTeeth is what lies between the lips, beside the truth.
type fewTeeth struct {
	Share     stats.Score `json:"share"` // of tooth-bright pixels
	TrueShare stats.Score `json:"true_share"`
	Luma      stats.Score `json:"luma"` // 0..255
	TrueLuma  stats.Score `json:"true_luma"`
	Off       stats.Score `json:"share_off"` // mean absolute difference of the shares, frame by frame

	of [5]stats.Mean // of the above, in their order
}

func (t *fewTeeth) add(shown, truth inside) {
	for i, v := range [...]float64{shown.share, truth.share, shown.luma[0], truth.luma[0], math.Abs(shown.share - truth.share)} {
		t.of[i].Add(v)
	}
}

func (t *fewTeeth) scores() [5]*stats.Score {
	return [...]*stats.Score{&t.Share, &t.TrueShare, &t.Luma, &t.TrueLuma, &t.Off}
}

func (t *fewTeeth) finish() {
	for i, s := range t.scores() {
		*s = t.of[i].Score()
	}
}

// join adds o as one number of each kind.
func (t *fewTeeth) join(o *fewTeeth) {
	for i, s := range o.scores() {
		if s.Known() {
			t.of[i].Add(float64(*s))
		}
	}
}

func (a *fewArea) add(f figures, truth float64) {
	a.l1.Add(f.l1)
	a.ssim.Add(f.ssim)
	a.energy.Add(f.energy)
	a.true.Add(truth)
}

func (a *fewArea) finish() {
	a.L1, a.SSIM, a.Flicker = a.l1.Score(), a.ssim.Score(), a.flicker.Score()
	a.Sharpness = a.energy.Score() / max(a.true.Score(), 1e-9)
}

// join adds b as one number of each kind.
func (a *fewArea) join(b *fewArea) {
	for _, k := range []struct {
		m *stats.Mean
		v stats.Score
	}{{&a.l1, b.L1}, {&a.ssim, b.SSIM}, {&a.flicker, b.Flicker}, {&a.energy, b.Sharpness}} {
		if k.v.Known() {
			k.m.Add(float64(k.v))
		}
	}
	a.true.Add(1)
}

func (r *fewRow) areas() []*fewArea { return []*fewArea{&r.Inner, &r.Box, &r.Eyes, &r.Face} }

func (r *fewRow) finish() {
	for _, a := range r.areas() {
		a.finish()
	}
	r.Teeth.finish()
	r.Identity, r.Millis = r.like.Score(), r.millis.Score()
}

// finish works the means out; each film counts once.
func (t *Few) finish() {
	for k, v := range variants() {
		sum := &fewRow{Pictures: v.pictures, Tuned: v.tuned}
		for _, f := range t.Films {
			r := f.Rows[k]
			r.finish()
			for i, a := range sum.areas() {
				a.join(r.areas()[i])
			}
			sum.Teeth.join(&r.Teeth)
			if r.Identity.Known() {
				sum.like.Add(float64(r.Identity))
			}
			if r.Millis.Known() {
				sum.millis.Add(float64(r.Millis))
			}
		}
		sum.finish()
		t.Mean = append(t.Mean, sum)
	}
}

// Print writes a table for each film, and one of their means.
func (t *Few) Print(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "\tT\tL1: lips\t\tbox\t\teyes\t\tface\t\tSSIM: lips\tbox\tface\tsharp: lips\tbox\tface\tflicker: box\tface\tteeth\ttrue\toff\tluma\ttrue\tidentity\tms\t")
	for _, f := range t.Films {
		lines(table, f.Person, f.Rows)
	}
	lines(table, "all", t.Mean)
	return table.Flush()
}

func lines(w io.Writer, name string, rows []*fewRow) {
	one := rows[0]
	for _, r := range rows {
		cut := func(a, b *fewArea) string {
			return fmt.Sprintf("%.4f\t%+.1f %%", float64(a.L1), 100*(float64(a.L1/b.L1)-1))
		}
		pictures := strconv.Itoa(r.Pictures)
		if r.Tuned {
			pictures += " tuned"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%.3f\t%.3f\t%.3f\t%.2f\t%.2f\t%.2f\t%.4f\t%.4f\t%.3f\t%.3f\t%.3f\t%.0f\t%.0f\t%.4f\t%.2f\t\n", name, pictures,
			cut(&r.Inner, &one.Inner), cut(&r.Box, &one.Box), cut(&r.Eyes, &one.Eyes), cut(&r.Face, &one.Face),
			r.Inner.SSIM, r.Box.SSIM, r.Face.SSIM, r.Inner.Sharpness, r.Box.Sharpness, r.Face.Sharpness,
			r.Box.Flicker, r.Face.Flicker, r.Teeth.Share, r.Teeth.TrueShare, r.Teeth.Off, r.Teeth.Luma, r.Teeth.TrueLuma, r.Identity, r.Millis)
		name = ""
	}
}
