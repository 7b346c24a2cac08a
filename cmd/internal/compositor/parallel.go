package compositor

import (
	"cmp"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/cputime"
)

// Parallel draws on the cores that are free: pictures of several sessions at the same time, and of a single one the rows that the
// learned layer does not need while that paints, or half of the rows. What it draws is what Layered and Geometric draw, byte for byte.
// Networks run on the caller's thread alone.
type Parallel struct {
	plain Layered // its model is nil for the geometric layer alone
	crew  *crew
	batch []pipeline.Job // of the call
	rest  [2][2]int      // rows of a single picture that others may draw
	whole func(int)      // draws a picture of the batch
	drawn []atomic.Bool  // of the batch
	todo  []int          // pictures of the batch that wait for the learned layer
	some  func(int)      // draws rest
	other time.Duration  // that took of a processor
	fault error          // of that
	adds  sharing        // to the single picture
	ahead bool           // it is others who mix that, since the caller's time is scarcer

	thrift bool // see SetThrift
}

var (
	_ pipeline.Generator = (*Parallel)(nil)
	_ pipeline.AtOnce    = (*Parallel)(nil)
	_ pipeline.Thrifty   = (*Parallel)(nil)
)

// NewParallel is New with up to helpers threads beside the caller's; model may be nil. Close ends them.
func NewParallel(model *portrait.Model, helpers int) *Parallel {
	g := &Parallel{plain: Layered{model: model}, crew: newCrew(helpers)}
	g.whole = func(i int) {
		job := &g.batch[i]
		draw(g.batch[i : i+1])
		if s := subjectOf(job); !g.plain.paints(job, s) {
			s.know(job)
		}
		g.drawn[i].Store(true)
	}
	g.some = func(int) {
		began := cputime.Thread()
		job := &g.batch[0]
		if g.ahead {
			g.adds.mix()
		}
		for _, rows := range g.rest {
			subjectOf(job).draw.DrawRows(job.Dst, rows[0], rows[1], true)
		}
		for _, rows := range g.rest {
			g.fault = cmp.Or(g.fault, g.adds.add(job.Dst, rows[0], rows[1]))
		}
		g.other = cputime.Thread() - began
	}
	return g
}

// mostHelpers is what a picture or two can use.
const mostHelpers = 3

// Helpers is how many threads can help on this machine: one core stays with the caller.
func Helpers() int { return min(runtime.GOMAXPROCS(0)-1, mostHelpers) }

// AtOnce implements pipeline.AtOnce: each thread draws a picture.
func (g *Parallel) AtOnce() int {
	if g.plain.model != nil && g.plain.model.Device().CUDA {
		return 0
	}
	return g.crew.size + 1
}

// SetThrift implements pipeline.Thrifty: a picture that one layer draws is drawn by one thread, since two would both walk through all
// triangles and wait for each other, and bodies that hardly move stand still in every second picture.
func (g *Parallel) SetThrift(on bool) { g.thrift = on }

// Close ends the threads.
func (g *Parallel) Close() { g.crew.Close() }

// Generate implements pipeline.Generator.
func (g *Parallel) Generate(batch []pipeline.Job) {
	g.batch = batch
	defer func() { g.batch = nil }()
	for i := range batch {
		subjectOf(&batch[i]).draw.SetThrift(g.thrift)
	}
	if len(batch) > 1 {
		g.several(batch)
		complete(batch)
		return
	}
	job := &batch[0]
	s := subjectOf(job)
	s.begin()
	if s.draw.Workers() > 1 || g.crew.size == 0 || g.thrift && !g.plain.paints(job, s) {
		draw(batch)
		g.plain.paint(batch, time.Now())
		complete(batch)
		return
	}
	began := cputime.Thread()
	if job.Err = s.draw.Begin(job.Dst, job.State); job.Err == nil {
		job.First = cputime.Thread() - began
		g.single(job, s)
		began = cputime.Thread()
		s.draw.End(job.Dst, job.State)
		s.behind(job)
		job.First += g.other + cputime.Thread() - began
	}
	complete(batch)
}

// several draws many pictures. A network that takes one at a time paints each as soon as it is drawn, while others draw; one that
// takes many waits for all.
func (g *Parallel) several(batch []pipeline.Job) {
	if n := len(batch); n > len(g.drawn) {
		g.drawn = make([]atomic.Bool, 2*n)
	}
	g.todo = g.todo[:0]
	for i := range batch {
		g.drawn[i].Store(false)
		g.todo = append(g.todo, i)
	}
	g.crew.offer(len(batch), g.whole)
	oneByOne := g.plain.model != nil && g.plain.model.MostAtOnce() == 1
	for oneByOne && len(g.todo) > 0 {
		left := g.crew.notDone()
		k := slices.IndexFunc(g.todo, func(i int) bool { return g.drawn[i].Load() })
		switch {
		case k >= 0:
			i := g.todo[k]
			g.todo = slices.Delete(g.todo, k, k+1)
			g.plain.paint(batch[i:i+1], time.Now())
		case g.crew.take():
		case left == 0: // what is not drawn then has failed, as wait will say
			g.todo = g.todo[:0]
		default:
			g.crew.waitBelow(left)
		}
	}
	for g.crew.take() {
	}
	g.crew.wait()
	if !oneByOne {
		g.plain.paint(batch, time.Now())
	}
}

// single draws one picture: the rows that the learned layer needs, which then paints, while others draw the rest. Further views are added
// by rows, too: under a learned layer that is tuned before it paints, else over it.
func (g *Parallel) single(job *pipeline.Job, s *Subject) {
	paints, size := g.plain.paints(job, s), s.draw.Size()
	y0, y1, known := 0, s.half, true // before it has painted
	if paints {
		s.paint.Split(s.now.Split)
		from, to := s.paint.Rows(job.State)
		if known = from < to; known {
			y0, y1 = from, to
		}
	}
	posed, left := s.adds(paints)
	if s.known = known; !known {
		posed = nil // whether it can paint is not known, and so what is to be added
	}
	g.adds.begin(posed, left, job.State)
	g.ahead = paints && posed != nil
	g.rest, g.fault = [2][2]int{{0, y0}, {y1, size}}, nil
	g.crew.offer(1, g.some)
	before := job.First
	fault := g.rows(job, s, y0, y1, paints)
	if job.Err = cmp.Or(fault, g.fault); paints && !s.tuned && posed != nil && !s.painted {
		s.draw.DrawRows(job.Dst, 0, size, false) // what was added belongs to a picture that is painted
		s.known = false
	}
	if !paints {
		s.balance(job.First-before, g.other)
	}
}

// balance moves the row up to which the caller draws towards where both take as long.
func (s *Subject) balance(caller, other time.Duration) {
	const step = 8 // rows
	size := s.draw.Size()
	switch few := (caller + other) / 32; {
	case caller > other+few:
		s.half = max(s.half-step, size/4&^1)
	case other > caller+few:
		s.half = min(s.half+step, size*3/4&^1)
	}
}

// rows draws the caller's rows of a single picture, and sees to it that the others are drawn.
func (g *Parallel) rows(job *pipeline.Job, s *Subject, y0, y1 int, paints bool) (fault error) {
	defer func() { // also where this panics: nobody may still be drawing then
		for g.crew.take() {
		}
		g.crew.wait()
	}()
	began := cputime.Thread()
	if g.adds.posed != nil && !g.ahead {
		g.adds.mix()
	}
	s.draw.DrawRows(job.Dst, y0, y1, false)
	over := paints && !s.tuned
	if !over {
		fault = g.adds.add(job.Dst, y0, y1)
	}
	job.First += cputime.Thread() - began
	g.plain.paint(g.batch, time.Now())
	if over && s.painted {
		began = cputime.Thread()
		fault = g.adds.add(job.Dst, y0, y1)
		job.First += cputime.Thread() - began
	}
	return fault
}
