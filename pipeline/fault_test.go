package pipeline

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/wall"
)

// brokenGenerator panics while a subject of that name is in the batch, after it has drawn those before it.
type brokenGenerator struct {
	watchfulGenerator
	name atomic.Int32
}

func (g *brokenGenerator) Generate(batch []Job) {
	for i := range batch {
		if batch[i].Subject.(*fakeSubject).name == byte(g.name.Load()) {
			panic("this subject cannot be drawn")
		}
		g.watchfulGenerator.Generate(batch[i : i+1])
	}
}

// brokenSubject panics when it is asked for its face, or closed.
type brokenSubject struct {
	*fakeSubject
	rest, close bool
}

func (s *brokenSubject) Rest() *motion.Rest {
	if s.rest {
		panic("this subject has no face")
	}
	return s.fakeSubject.Rest()
}

func (s *brokenSubject) Close() {
	if s.close {
		panic("this subject cannot be closed")
	}
}

type brokenEncoder struct{ fakeEncoder }

func (*brokenEncoder) Encode(*frame.Encoded, *frame.I420, time.Duration, bool) error {
	panic("this encoder is broken")
}

type brokenSink struct{}

func (brokenSink) WriteFrame(*frame.Encoded) error { panic("this sink is broken") }

// TestAFaultEndsOneSession injects a panic at every seam of the pipeline: one session is broken and counted, its neighbour goes
// on, the broken one can be closed, and the loop ends as ever.
func TestAFaultEndsOneSession(t *testing.T) {
	for where, inject := range map[string]func(*testing.T, *brokenGenerator, *Session){
		"draw": func(_ *testing.T, g *brokenGenerator, _ *Session) { g.name.Store(2) },
		"drive": func(t *testing.T, _ *brokenGenerator, s *Session) {
			if err := s.Show(&brokenSubject{fakeSubject: subject(3), rest: true}); err != nil {
				t.Fatal(err)
			}
		},
		"encode": func(t *testing.T, _ *brokenGenerator, s *Session) {
			view(t, s, Rendition{Codec: H264}, &fakeSink{})
		},
		"encode, in a sink": func(t *testing.T, _ *brokenGenerator, s *Session) {
			view(t, s, Rendition{Codec: VP8}, brokenSink{})
		},
		"drive, in what was shown": func(t *testing.T, _ *brokenGenerator, s *Session) {
			s.Show(&brokenSubject{fakeSubject: subject(3), close: true})
			time.Sleep(time.Second)
			if err := s.Show(subject(4)); err != nil {
				t.Error(err)
			}
		},
	} {
		t.Run(where, func(t *testing.T) {
			bubble(t, func(r *rig) {
				g := &brokenGenerator{}
				r.loop.gen = g
				var faults atomic.Int32
				r.loop.OnFault(func(f *wall.FaultError) {
					if f.Stack == "" {
						t.Error("a fault without a stack")
					}
					faults.Add(1)
				})
				others := r.loop.encoders
				r.loop.encoders = func(what Rendition) (Encoder, error) {
					if what.Codec == H264 {
						return &brokenEncoder{}, nil
					}
					return others(what)
				}
				good, _ := r.open(1)
				bad, _ := r.open(2)
				_, sink := r.view(good, Rendition{Codec: VP8})
				r.view(bad, Rendition{Codec: VP8})
				time.Sleep(time.Second)
				inject(t, g, bad)
				time.Sleep(2 * time.Second)
				select {
				case <-bad.Failed():
				default:
					t.Error("the broken session does not say so")
				}
				select {
				case <-good.Failed():
					t.Error("its neighbour is broken")
				default:
				}
				if faults.Load() != 1 {
					t.Errorf("%d faults were counted, want 1", faults.Load())
				}
				bad.Close()
				before := time.Now()
				time.Sleep(time.Second)
				if n := len(sink.since(before)); n < 29 {
					t.Errorf("the neighbour got %d frames in the second afterwards", n)
				}
				if n := r.loop.Sessions(); n != 1 {
					t.Errorf("%d sessions are left", n)
				}
			})
		})
	}
}

// TestAFaultOfWhatWasNeverShown: a subject that cannot even be closed costs nobody anything, since a newer one came before it was drawn.
func TestAFaultOfWhatWasNeverShown(t *testing.T) {
	bubble(t, func(r *rig) {
		var faults atomic.Int32
		r.loop.OnFault(func(*wall.FaultError) { faults.Add(1) })
		s, _ := r.open(1)
		for _, sub := range []Subject{&brokenSubject{fakeSubject: subject(2), close: true}, subject(3)} { // before anybody watches
			if err := s.Show(sub); err != nil {
				t.Fatal(err)
			}
		}
		_, sink := r.view(s, Rendition{Codec: VP8})
		time.Sleep(time.Second)
		if frames := sink.all(); len(frames) < 29 || frames[0].name != 3 || faults.Load() != 1 {
			t.Errorf("%d frames, %d faults", len(frames), faults.Load())
		}
	})
}
