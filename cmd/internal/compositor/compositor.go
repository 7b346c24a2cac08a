// Package compositor joins the layers that draw a portrait into one picture: it is the pipeline's Generator, and keeps personas
// ready for it.
package compositor

import (
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
	for i := range batch {
		subjectOf(&batch[i]).know(&batch[i], false, 0)
	}
	overlay(batch)
}

// subjectOf is the subject of a job: sessions that this generator draws are opened with subjects of this package.
func subjectOf(job *pipeline.Job) *Subject {
	return job.Subject.(*Subject) //nolint:forcetypeassert // another generator's subject is a fault of the wiring
}

// draw draws the geometric layer of each subject.
func draw(batch []pipeline.Job) {
	for i := range batch {
		job := &batch[i]
		s := subjectOf(job)
		s.now = s.look.Load()
		job.Err = s.draw.Render(job.Dst, job.State)
		if job.Dst.Matte != nil {
			job.Behind.Square = s.draw.Background()
		}
		if job.Bare != nil {
			job.Behind.Wide = s.beside()
		}
	}
}

// overlay draws what nothing may paint over.
func overlay(batch []pipeline.Job) {
	for i := range batch {
		job := &batch[i]
		if job.Err != nil {
			continue
		}
		look := subjectOf(job).now
		if job.Bare != nil {
			job.Bare.CopyFrom(job.Dst)
			job.Badge = look.Wide
		}
		look.Badge.Draw(job.Dst)
		if job.State.HasMarker {
			mesh.DrawMarker(job.Dst, job.State.Marker)
		}
	}
}

// Layered is both layers as a Generator: the geometric one for every job, then the learned one for all that have it.
type Layered struct {
	model   *portrait.Model
	strokes []portrait.Stroke
	jobs    []*pipeline.Job // of the strokes
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
	g.strokes, g.jobs = g.strokes[:0], g.jobs[:0]
	for i := range batch {
		job := &batch[i]
		s := subjectOf(job)
		if s.paint == nil || s.now.Plain || job.Err != nil {
			s.know(job, false, 0)
			continue
		}
		job.Drawn = drawn
		s.paint.Split(s.now.Split)
		g.strokes = append(g.strokes, portrait.Stroke{Painter: s.paint, Dst: job.Dst, State: job.State})
		g.jobs = append(g.jobs, job)
	}
	g.model.Paint(g.strokes)
	for i := range g.strokes {
		s, err := subjectOf(g.jobs[i]), g.strokes[i].Fault
		if err != nil && s.onFault != nil {
			s.onFault(err)
		}
		s.know(g.jobs[i], err == nil, s.paint.Left())
	}
	clear(g.strokes)
	clear(g.jobs)
	overlay(batch)
}
