package pipeline

import (
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/drive"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

func TestAViewerBeginsWithAKeyframe(t *testing.T) {
	bubble(t, func(r *rig) {
		s, _ := r.open(1)
		_, first := r.view(s, Rendition{Codec: VP8})
		time.Sleep(100 * time.Millisecond) // the first keyframe is not long ago
		joined := time.Now()
		_, second := r.view(s, Rendition{Codec: VP8})
		time.Sleep(time.Second)
		frames := second.all()
		if len(frames) == 0 || !frames[0].key {
			t.Fatal("the second viewer does not begin with a keyframe")
		}
		if wait := frames[0].at.Sub(joined); wait > keyframeGap {
			t.Errorf("it waited %v for it", wait)
		}
		if n := len(keysOf(first.all())); n != 2 {
			t.Errorf("the first viewer got %d keyframes, want its own and one for the newcomer", n)
		}
		if n := len(keysOf(frames)); n != 1 {
			t.Errorf("the second got %d", n)
		}
	})
}

// A viewer may come back to a rendition that has not had a picture since it went.
func TestJoiningTwiceIsJoiningOnce(t *testing.T) {
	bubble(t, func(r *rig) {
		s, _ := r.open(1)
		v, sink := r.view(s, Rendition{Codec: VP8})
		time.Sleep(time.Second)
		synctest.Wait()
		v.join(v.settled())
		time.Sleep(time.Second)
		checkStream(t, sink.all())
		if n := s.Counts().Renditions[0].Viewers; n != 1 {
			t.Errorf("%d viewers, want 1", n)
		}
	})
}

func TestNoFrameAfterLeave(t *testing.T) {
	bubble(t, func(r *rig) {
		r.encoders.prepare = func(e *fakeEncoder) { e.delay.Store(int64(20 * time.Millisecond)) }
		s, _ := r.open(1)
		v, sink := r.view(s, Rendition{Codec: VP8})
		_, other := r.view(s, Rendition{Codec: VP8})
		time.Sleep(time.Second + 10*time.Millisecond) // a frame is being compressed
		v.Leave()
		v.Leave()
		n, at := len(sink.all()), time.Now()
		time.Sleep(time.Second)
		if m := len(sink.all()); n == 0 || m != n {
			t.Errorf("%d frames, and %d after it left", n, m-n)
		}
		if m := len(other.since(at)); m < 29 {
			t.Errorf("the other viewer got %d frames in a second", m)
		}
		v.Keyframe()
		v.SetBitrate(1_000_000)
	})
}

func TestAFailingSinkCostsTheOthersNothing(t *testing.T) {
	bubble(t, func(r *rig) {
		s, _ := r.open(1)
		_, bad := r.view(s, Rendition{Codec: VP8})
		_, good := r.view(s, Rendition{Codec: VP8})
		bad.fail.Store(true)
		time.Sleep(keyframeGap + 10*time.Second) // who joins after the first keyframe waits for the next
		c := s.Counts()
		if n := len(good.all()); n < 299 || c.Unsent < 299 || c.Failed != 0 {
			t.Errorf("the other got %d frames; %+v", n, c)
		}
	})
}

// A sink that blocks breaks its contract: the others wait, and the counts say so.
func TestASlowSinkIsCounted(t *testing.T) {
	bubble(t, func(r *rig) {
		s, _ := r.open(1)
		_, sink := r.view(s, Rendition{Codec: VP8})
		time.Sleep(time.Second)
		synctest.Wait()
		if c := s.Counts(); c.Slow != 0 {
			t.Errorf("%d slow writes", c.Slow)
		}
		sink.delay.Store(int64(SlowWrite + time.Millisecond))
		time.Sleep(time.Second)
		sink.delay.Store(0)
		time.Sleep(interval)
		synctest.Wait()
		if c := s.Counts(); c.Slow < 28 || c.Slow > 32 {
			t.Errorf("%d slow writes, want 30", c.Slow)
		}
	})
}

func TestTooManyViewers(t *testing.T) {
	bubble(t, func(r *rig) {
		s, _ := r.open(1)
		var last *Viewer
		for range MaxViewers {
			last, _ = r.view(s, Rendition{Codec: VP8})
		}
		_, err := s.View(Rendition{Codec: VP8}, &fakeSink{})
		if !errors.Is(err, ErrViewers) || errors.Is(err, ErrFull) {
			t.Errorf("one too many: %v", err)
		}
		if err := s.Room(Rendition{Codec: VP8}); !errors.Is(err, ErrViewers) {
			t.Errorf("room for one too many: %v", err)
		}
		last.Leave()
		if err := s.Room(Rendition{Codec: VP8}); err != nil {
			t.Errorf("no room where one has left: %v", err)
		}
		r.view(s, Rendition{Codec: VP8})
		s.Close()
		if _, err := s.View(Rendition{Codec: VP8}, &fakeSink{}); !errors.Is(err, ErrClosed) {
			t.Errorf("View after Close: %v", err)
		}
		if n := s.buffers.total; n != 0 {
			t.Errorf("%d buffers are left", n)
		}
	})
}

// TestTooManyForms: one that asks first hears what View would say.
func TestTooManyForms(t *testing.T) {
	bubble(t, func(r *rig) {
		s, _ := r.open(1)
		form := func(n int) Rendition { return Rendition{Codec: VP8, MaxBPS: DefaultConfig().BitrateMax - n} }
		for n := range MaxRenditions {
			if err := s.Room(form(n)); err != nil {
				t.Errorf("form %d: %v", n, err)
			}
			r.view(s, form(n))
		}
		for n, want := range map[int]error{0: nil, MaxRenditions - 1: nil, MaxRenditions: ErrViewers} {
			if err := s.Room(form(n)); !errors.Is(err, want) {
				t.Errorf("room for another of form %d: %v, want %v", n, err, want)
			}
		}
		if _, err := s.View(form(MaxRenditions), &fakeSink{}); !errors.Is(err, ErrViewers) {
			t.Errorf("one form too many: %v", err)
		}
		if err := s.Room(Rendition{Codec: VP8, Edge: 7}); !errors.Is(err, ErrRendition) {
			t.Errorf("a form that is none: %v", err)
		}
		s.Close()
		if err := s.Room(form(0)); !errors.Is(err, ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
	})
}

// Everybody does everything at once.
func TestViewersComeAndGo(t *testing.T) {
	bubble(t, func(r *rig) {
		s, _ := r.open(1)
		r.encoders.prepare = func(e *fakeEncoder) { e.delay.Store(int64(7 * time.Millisecond)) }
		var wg sync.WaitGroup
		for i := range 12 {
			wg.Go(func() {
				rng := rand.New(rand.NewPCG(uint64(i), 1))
				for range 15 {
					what := Rendition{Codec: []string{VP8, H264}[rng.IntN(2)], Edge: 512 >> rng.IntN(2)}
					sink := &fakeSink{}
					v, err := s.View(what, sink)
					if err != nil {
						t.Error(err)
						return
					}
					v.SetBitrate(100_000 << rng.IntN(5))
					time.Sleep(time.Duration(rng.IntN(4000)) * time.Millisecond)
					v.Keyframe()
					v.Leave()
					checkStream(t, sink.all())
				}
			})
		}
		wg.Go(func() {
			for i := range 300 {
				put(s, uint32(i+1))
				if err := errors.Join(s.Show(subject(byte(i))), s.Drive(drive.DefaultOptions())); err != nil {
					t.Error(err)
				}
				time.Sleep(interval)
				s.Counts()
			}
		})
		wg.Wait()
		synctest.Wait()
		c := s.Counts()
		if c.Encoded != r.encoded() || c.Failed != 0 || len(c.Renditions) != 0 || s.buffers.total != 0 {
			t.Errorf("%+v, %d encoded, %d buffers", c, r.encoded(), s.buffers.total)
		}
	})
}

// checkStream makes sure that one viewer can decode what it got: a keyframe first, and at each new size, and PTS that grow.
func checkStream(t *testing.T, frames []got) {
	t.Helper()
	for i, f := range frames {
		if (i == 0 || f.edge != frames[i-1].edge) && !f.key {
			t.Errorf("frame %d has %d pixels and is no keyframe", i, f.edge)
		}
		if i > 0 && f.pts <= frames[i-1].pts {
			t.Errorf("frame %d at %v after %v", i, f.pts, frames[i-1].pts)
		}
	}
}

func TestFrameDoesNotAllocateWithEightViewers(t *testing.T) {
	encoders := &fakeEncoders{}
	l := NewLoop(testConfig(), &fakeGenerator{}, encoders.make, quiet())
	s, _ := openOn(t, l, 1)
	for i := range 8 {
		view(t, s, Rendition{Codec: VP8, Edge: 512 >> (i / 4)}, nopSink{}).SetBitrate(1_000_000 + i)
	}
	var seq uint32
	a := landmark.Arrival{}
	n := testing.AllocsPerRun(50, func() {
		seq++
		a.Sample.Seq = seq
		s.Mailbox().Put(&a)
		if seq%10 == 0 {
			s.viewers[0].Keyframe()
			s.viewers[0].SetBitrate(900_000 + int(seq))
			if s.Drive(drive.DefaultOptions()) != nil {
				t.Error("closed")
			}
		}
		for busy := false; !busy; {
			_, busy = l.pass()
		}
	})
	if n > 0 {
		t.Errorf("%v allocations a frame, want 0", n)
	}
	if l.batch[:1][0].Subject != nil || l.who[:1][0] != nil {
		t.Error("between two passes the loop holds on to a session, which may be closed by then")
	}
}
