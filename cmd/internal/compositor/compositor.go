// Package compositor joins the layers that draw a portrait into one picture: it is the pipeline's Generator, and keeps personas
// ready for it.
package compositor

import (
	"time"

	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/cputime"
)

// Geometric is the geometric layer as a Generator.
type Geometric struct{}

var (
	_ pipeline.Generator = Geometric{}
	_ pipeline.AtOnce    = Geometric{}
)

// Generate draws one subject after the other.
func (Geometric) Generate(batch []pipeline.Job) {
	draw(batch)
	complete(batch)
}

// AtOnce implements pipeline.AtOnce.
func (Geometric) AtOnce() int { return 1 }

// subjectOf is the subject of a job: sessions that this generator draws are opened with subjects of this package.
func subjectOf(job *pipeline.Job) *Subject {
	return job.Subject.(*Subject) //nolint:forcetypeassert // another generator's subject is a fault of the wiring
}

// draw draws the geometric layer of each subject, and what the learned one paints over.
func draw(batch []pipeline.Job) {
	for i := range batch {
		job := &batch[i]
		s := subjectOf(job)
		s.begin()
		began := cputime.Thread()
		job.Err = s.draw.Render(job.Dst, job.State)
		job.First = cputime.Thread() - began
		if s.tuned { // the learned layer paints over that
			s.know(job)
		}
		s.behind(job)
	}
}

// begin is called before a picture is drawn.
func (s *Subject) begin() { s.now, s.painted, s.known = s.look.Load(), false, false }

// behind says what a picture was drawn over.
func (s *Subject) behind(job *pipeline.Job) {
	if job.Dst.Matte != nil {
		job.Behind.Square = s.draw.Background()
	}
	if job.Bare != nil {
		job.Behind.Wide = s.beside()
	}
}

// complete adds what further views of a persona know, where that is not there yet, and then what nothing may paint over.
func complete(batch []pipeline.Job) {
	for i := range batch {
		job := &batch[i]
		s := subjectOf(job)
		s.know(job)
		if job.Err != nil {
			continue
		}
		if job.Bare != nil {
			job.Bare.CopyFrom(job.Dst)
			job.Badge = s.now.Wide
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
	subjects []*Subject      // of the strokes
	jobs     []*pipeline.Job // the same
}

var (
	_ pipeline.Generator = (*Layered)(nil)
	_ pipeline.AtOnce    = (*Layered)(nil)
)

// New is what draws; model may be nil.
func New(model *portrait.Model) pipeline.Generator {
	if model == nil {
		return Geometric{}
	}
	return &Layered{model: model}
}

// AtOnce implements pipeline.AtOnce: on processors the networks take one picture at a time.
func (g *Layered) AtOnce() int {
	if g.model.Device().CUDA {
		return 0
	}
	return 1
}

// Generate draws and paints. A picture that cannot be painted stays as it is without the learned layer.
func (g *Layered) Generate(batch []pipeline.Job) {
	draw(batch)
	g.paint(batch, time.Now())
	complete(batch)
}

// paints tells whether the learned layer has something to do with a picture.
func (g *Layered) paints(job *pipeline.Job, s *Subject) bool {
	return g.model != nil && s.paint != nil && !s.now.Plain && job.Err == nil
}

// paint has the learned layer paint what was drawn until then, and shares what that took among the jobs.
func (g *Layered) paint(batch []pipeline.Job, drawn time.Time) {
	g.strokes, g.subjects, g.jobs = g.strokes[:0], g.subjects[:0], g.jobs[:0]
	for i := range batch {
		job := &batch[i]
		s := subjectOf(job)
		if !g.paints(job, s) {
			continue
		}
		job.Drawn = drawn
		s.paint.Split(s.now.Split)
		g.strokes = append(g.strokes, portrait.Stroke{Painter: s.paint, Dst: job.Dst, State: job.State})
		g.subjects, g.jobs = append(g.subjects, s), append(g.jobs, job)
	}
	if len(g.strokes) == 0 {
		return
	}
	clock := cputime.Thread
	if g.model.Device().CUDA { // that keeps the thread waiting
		begin := time.Now()
		clock = func() time.Duration { return time.Since(begin) }
	}
	began := clock()
	g.model.Paint(g.strokes)
	took := (clock() - began) / time.Duration(len(g.strokes))
	for i := range g.strokes {
		g.jobs[i].Second = took
		s, err := g.subjects[i], g.strokes[i].Fault
		if s.painted = err == nil; err != nil && s.onFault != nil {
			s.onFault(err)
		}
	}
	clear(g.strokes)
	clear(g.subjects)
	clear(g.jobs)
}
