package compositor

import (
	"sync/atomic"

	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/models/views"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// Look is how a subject is drawn, besides its motion and its background, which cannot change under it. It is immutable.
type Look struct {
	Badge *mesh.Badge // made for the size of the pictures; nil: none
	Wide  *mesh.Badge // made for wide pictures; nil: none
	Plain bool        // without the learned layer
	Split float32     // 0..1: left of it the geometric layer alone
}

// Looks is where a subject finds its newest Look, for each picture anew. Any goroutine may store one.
type Looks = atomic.Pointer[Look]

// Subject is a persona made ready for one session: the pipeline.Subject of both layers.
type Subject struct {
	persona *persona.Persona
	draw    *mesh.Renderer
	paint   *portrait.Painter // nil: the geometric layer alone
	plain   *views.Posed      // what further views add to the geometric layer; nil: nothing
	whole   *views.Posed      // what they add to both layers; nil where the learned layer is tuned
	tuned   bool              // the learned layer paints over what plain has added
	look    *Looks
	onFault func(error) // called on the loop's goroutine for each picture that the learned layer could not paint

	now     *Look // of the picture being drawn
	painted bool  // the learned layer has painted it
	known   bool  // what further views add is in it
	half    int   // rows from the top that one of two threads draws, even

	cache *Cache // where wide is made
	wide  chan extended
	sides *frame.I420 // the newest that wide gave, nil before
}

var _ pipeline.Subject = (*Subject)(nil)

// Rest implements pipeline.Subject.
func (s *Subject) Rest() *motion.Rest { return &s.persona.Face }

// Close implements pipeline.Subject.
func (s *Subject) Close() { s.draw.Close() }

// beside is what wide pictures show beside the square: nil until it is made, which begins with the first call, then plain for a
// while. It is called on the goroutine that draws.
func (s *Subject) beside() *frame.I420 {
	if s.wide == nil {
		s.wide = make(chan extended, 1)
		s.cache.extend(s)
	}
	select {
	case e := <-s.wide:
		if e.picture != nil {
			s.sides = e.picture
		}
		if e.err != nil && s.onFault != nil {
			s.onFault(e.err)
		}
	default:
	}
	return s.sides
}

// Painter is the learned layer of this portrait, nil where there is none.
func (s *Subject) Painter() *portrait.Painter { return s.paint }

// ReportFaults has f called, on the goroutine that draws, for each picture that the learned layer could not paint. It is
// called before the first.
func (s *Subject) ReportFaults(f func(error)) { s.onFault = f }
