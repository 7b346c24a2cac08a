// Package compositor joins the layers that draw a portrait into one picture: it is the pipeline's Generator, and keeps personas
// ready for it.
package compositor

import (
	"errors"
	"time"

	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/pipeline"
)

// Geometric is the geometric layer as a Generator.
type Geometric struct{}

var _ pipeline.Generator = Geometric{}

// Generate draws one subject after the other.
func (Geometric) Generate(batch []pipeline.Job) {
	draw(batch)
	overlay(batch)
}

var errForeign = errors.New("compositor: a subject that no Cache has opened cannot be drawn")

// draw draws the geometric layer of each subject.
func draw(batch []pipeline.Job) {
	for i := range batch {
		job := &batch[i]
		s, ok := job.Subject.(*Subject)
		if !ok {
			job.Err = errForeign
			continue
		}
		s.now = s.look.Load()
		job.Err = s.draw.Render(job.Dst, job.State)
	}
}

// overlay draws what nothing may paint over.
func overlay(batch []pipeline.Job) {
	for i := range batch {
		job := &batch[i]
		s, ok := job.Subject.(*Subject)
		if !ok || job.Err != nil {
			continue
		}
		s.now.Badge.Draw(job.Dst)
		if job.State.HasMarker {
			mesh.DrawMarker(job.Dst, job.State.Marker)
		}
	}
}

// Layered is both layers as a Generator: the geometric one for every job, then the learned one for all that have it.
type Layered struct {
	model    *portrait.Model
	strokes  []portrait.Stroke
	subjects []*Subject // of the strokes
}

var _ pipeline.Generator = (*Layered)(nil)

// New is what draws; model may be nil.
func New(model *portrait.Model) pipeline.Generator {
	if model == nil {
		return Geometric{}
	}
	return &Layered{model: model}
}

// Generate draws and paints. A picture that cannot be painted stays geometric.
func (g *Layered) Generate(batch []pipeline.Job) {
	draw(batch)
	drawn := time.Now()
	g.strokes, g.subjects = g.strokes[:0], g.subjects[:0]
	for i := range batch {
		job := &batch[i]
		s, ok := job.Subject.(*Subject)
		if !ok || job.Err != nil || s.paint == nil || s.now.Plain {
			continue
		}
		job.Drawn = drawn
		s.paint.Split(s.now.Split)
		g.strokes = append(g.strokes, portrait.Stroke{Painter: s.paint, Dst: job.Dst, State: job.State})
		g.subjects = append(g.subjects, s)
	}
	g.model.Paint(g.strokes)
	for i := range g.strokes {
		if err := g.strokes[i].Fault; err != nil && g.subjects[i].onFault != nil {
			g.subjects[i].onFault(err)
		}
	}
	clear(g.strokes)
	clear(g.subjects)
	overlay(batch)
}
