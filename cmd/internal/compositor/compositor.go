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
	_ pipeline.OneByOne  = Geometric{}
)

// Generate draws one subject after the other.
func (Geometric) Generate(batch []pipeline.Job) {
	draw(batch)
	overlay(batch)
}

// OneByOne implements pipeline.OneByOne.
func (Geometric) OneByOne() bool { return true }

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
		began := cputime.Thread()
		job.Err = s.draw.Render(job.Dst, job.State)
		job.First = cputime.Thread() - began
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
	model    *portrait.Model
	strokes  []portrait.Stroke
	subjects []*Subject      // of the strokes
	jobs     []*pipeline.Job // the same
}

var (
	_ pipeline.Generator = (*Layered)(nil)
	_ pipeline.OneByOne  = (*Layered)(nil)
)

// New is what draws; model may be nil.
func New(model *portrait.Model) pipeline.Generator {
	if model == nil {
		return Geometric{}
	}
	return &Layered{model: model}
}

// OneByOne implements pipeline.OneByOne: on processors the networks take one picture at a time.
func (g *Layered) OneByOne() bool { return !g.model.Device().CUDA }

// Generate draws and paints. A picture that cannot be painted stays geometric.
func (g *Layered) Generate(batch []pipeline.Job) {
	draw(batch)
	drawn := time.Now()
	g.strokes, g.subjects, g.jobs = g.strokes[:0], g.subjects[:0], g.jobs[:0]
	for i := range batch {
		job := &batch[i]
		s := subjectOf(job)
		if s.paint == nil || s.now.Plain || job.Err != nil {
			continue
		}
		job.Drawn = drawn
		s.paint.Split(s.now.Split)
		g.strokes = append(g.strokes, portrait.Stroke{Painter: s.paint, Dst: job.Dst, State: job.State})
		g.subjects, g.jobs = append(g.subjects, s), append(g.jobs, job)
	}
	g.paint()
	for i := range g.strokes {
		if err := g.strokes[i].Fault; err != nil && g.subjects[i].onFault != nil {
			g.subjects[i].onFault(err)
		}
	}
	clear(g.strokes)
	clear(g.subjects)
	clear(g.jobs)
	overlay(batch)
}

// paint paints the strokes and shares what that took among their jobs.
func (g *Layered) paint() {
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
	for _, job := range g.jobs {
		job.Second = took
	}
}
