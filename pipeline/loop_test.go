package pipeline

import (
	"errors"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/drive"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/perform"
	"github.com/gioconda-live/gioconda/pipeline/trace"
)

func TestNewestSampleWins(t *testing.T) {
	bubble(t, func(r *rig) {
		r.gen.delay.Store(int64(20 * time.Millisecond))
		s, _ := r.open(1)
		_, sink := r.view(s, Rendition{Codec: VP8})
		const n = 200
		for i := uint32(1); i <= n; i++ {
			put(s, i)
			time.Sleep(2 * time.Millisecond)
		}
		time.Sleep(3 * interval)
		frames := sink.all()
		var last uint32
		fed := 0
		for i, f := range frames {
			if f.trace.HasSample {
				fed++
				if f.trace.Seq <= last {
					t.Errorf("frame %d goes back from %d to %d", i, last, f.trace.Seq)
				}
				last = f.trace.Seq
			}
			checkStamps(t, i, &f.trace)
			if i > 0 && f.pts <= frames[i-1].pts {
				t.Errorf("pts %v after %v", f.pts, frames[i-1].pts)
			}
		}
		if last != n {
			t.Errorf("the last sample shown is %d of %d", last, n)
		}
		if c := s.Counts(); c.Overwritten+uint64(fed) != n {
			t.Errorf("overwritten %d + drawn %d != %d sent", c.Overwritten, fed, n)
		}
		if !frames[0].key {
			t.Error("the first frame is not a keyframe")
		}
	})
}

// checkStamps makes sure that a frame passed every stage, in order.
func checkStamps(t *testing.T, i int, f *trace.Frame) {
	t.Helper()
	last := trace.Taken
	for st := last + 1; st < trace.Stages; st++ {
		if st == trace.Drawn { // this generator has one layer
			if !f.At[st].IsZero() {
				t.Errorf("frame %d was drawn by nobody", i)
			}
			continue
		}
		if f.Between(last, st) < 0 || f.At[st].IsZero() {
			t.Errorf("frame %d: %v before %v", i, st, last)
		}
		last = st
	}
	if f.Bytes == 0 {
		t.Errorf("frame %d has no size", i)
	}
}

func TestStreamGoesOnWithoutSamples(t *testing.T) {
	bubble(t, func(r *rig) {
		s, _ := r.open(1)
		_, sink := r.view(s, Rendition{Codec: VP8})
		begin := time.Now()
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if n := len(sink.all()); n < 300 || n > 302 {
			t.Errorf("%d idle frames in 10 s, want 301", n)
		}
		feed(s, time.Second) // a driver comes, and goes
		gone := time.Now()
		time.Sleep(time.Second)
		frames := sink.since(begin)
		var last, idle got
		for _, f := range frames {
			if f.trace.HasSample {
				last = f
			} else if idle.at.IsZero() && f.at.After(gone.Add(-interval/2)) {
				idle = f
			}
		}
		if held := idle.at.Sub(last.at); held < interval*3/2-time.Millisecond || held > interval*3/2+time.Millisecond {
			t.Errorf("the first picture after the last sample came after %v, want one interval and a half", held)
		}
	})
}

// TestPicturesGoOnWhereSamplesAreLost: a sample that does not come costs no picture, and those that come are not held up, however far
// apart the driver's are.
func TestPicturesGoOnWhereSamplesAreLost(t *testing.T) {
	for _, spacing := range []time.Duration{interval, 2 * interval} {
		bubble(t, func(r *rig) {
			s, _ := r.open(1)
			_, sink := r.view(s, Rendition{Codec: VP8})
			begin := time.Now()
			for i := range uint32(300) {
				if i < 30 || i%10 != 0 {
					a := landmark.Arrival{Received: time.Now()}
					a.Sample.Seq, a.Sample.CaptureMicros, a.Sample.Flags = i+1, uint64(i+1)*uint64(spacing.Microseconds()), landmark.FlagLost
					s.Mailbox().Put(&a)
				}
				time.Sleep(spacing)
			}
			synctest.Wait()
			all, held := 0, time.Duration(0)
			for _, f := range sink.since(begin.Add(30 * spacing)) {
				all++
				if f.trace.HasSample {
					held = max(held, f.trace.Between(trace.Received, trace.Taken))
				}
			}
			if all < 265 || all > 275 || held > spacing/2+2*time.Millisecond {
				t.Errorf("a driver every %v: %d pictures for 270 samples of which 27 were lost, one waited %v", spacing, all, held)
			}
		})
	}
}

func TestNothingIsDrawnForNobody(t *testing.T) {
	bubble(t, func(r *rig) {
		s, _ := r.open(1)
		feed(s, time.Second)
		if n := r.gen.pictures.Load(); n != 0 {
			t.Errorf("%d pictures without a viewer", n)
		}
		v, _ := r.view(s, Rendition{Codec: VP8})
		time.Sleep(time.Second)
		v.Leave()
		synctest.Wait()
		n := r.gen.pictures.Load()
		time.Sleep(time.Second)
		if m := r.gen.pictures.Load(); n == 0 || m != n {
			t.Errorf("%d pictures, and %d after the viewer left", n, m-n)
		}
		if !r.encoders.all()[0].closed.Load() {
			t.Error("the encoder is not closed")
		}
	})
}

func TestSessionsAreBatchedAndApart(t *testing.T) {
	bubble(t, func(r *rig) {
		r.gen.delay.Store(int64(3 * time.Millisecond))
		var sinks []*fakeSink
		var all []*Session
		for i := range 3 {
			s, _ := r.open(byte(i + 1))
			_, sink := r.view(s, Rendition{Codec: VP8})
			all, sinks = append(all, s), append(sinks, sink)
		}
		for i := uint32(1); i < 30; i++ {
			for _, s := range all {
				put(s, i)
			}
			time.Sleep(interval)
		}
		if n := r.gen.maxBatch.Load(); n != 3 {
			t.Errorf("batches of at most %d, want 3: the sessions were ready together", n)
		}
		for i, sink := range sinks {
			frames := sink.all()
			for _, f := range frames {
				if f.name != byte(i+1) {
					t.Errorf("session %d got a picture of %d", i+1, f.name)
				}
			}
			if len(frames) < 28 {
				t.Errorf("session %d got %d frames", i+1, len(frames))
			}
		}
	})
}

// Who opens, looks or closes does not wait for the picture of another session, save that Close waits until the loop has
// let go.
func TestOpenDoesNotWaitForAPicture(t *testing.T) {
	bubble(t, func(r *rig) {
		r.gen.delay.Store(int64(time.Second))
		s, sub := r.open(1)
		r.view(s, Rendition{Codec: VP8})
		time.Sleep(time.Millisecond) // a picture is being drawn
		begin := time.Now()
		other, _ := r.open(2)
		if n := r.loop.Sessions(); n != 2 {
			t.Errorf("%d sessions", n)
		}
		if err := other.Show(subject(3)); err != nil {
			t.Error(err)
		}
		if took := time.Since(begin); took > 0 {
			t.Errorf("opening and showing took %v", took)
		}
		s.Close()
		if took := time.Since(begin); took < 900*time.Millisecond || took > time.Second {
			t.Errorf("closing took %v: the picture takes 1 s and is the session's until it is done", took)
		}
		if sub.closed.Load() != 1 {
			t.Error("the subject is not closed")
		}
		other.Close()
	})
}

func TestPersonaSwitchShowsInNextPicture(t *testing.T) {
	bubble(t, func(r *rig) {
		s, old := r.open(1)
		_, sink := r.view(s, Rendition{Codec: VP8})
		time.Sleep(time.Second)
		synctest.Wait()
		between, next := subject(8), subject(9)
		at := time.Now()
		if err := errors.Join(s.Show(between), s.Show(next)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		frames := sink.since(at)
		for i, f := range frames {
			if i > 0 && f.name != 9 {
				t.Errorf("frame %d shows %d, want the newest subject", i, f.name)
			}
		}
		for _, sub := range []*fakeSubject{old, between} {
			if sub.closed.Load() != 1 || sub.closedOn.Load() != r.gen.on.Load() {
				t.Errorf("subject %d: closed %d times, on %v; the loop is %v", sub.name, sub.closed.Load(), sub.closedOn.Load(), r.gen.on.Load())
			}
		}
		if next.closed.Load() != 0 {
			t.Error("the subject that shows is closed")
		}
	})
}

// Another background is another subject of the same portrait: the driver's easing into idle goes on through it.
func TestTheSamePortraitGoesOn(t *testing.T) {
	run := func(swap bool) (heads []motion.Rigid) {
		bubble(t, func(r *rig) {
			play, err := perform.New("looking-around")
			if err != nil {
				t.Fatal(err)
			}
			s, sub := r.open(1)
			r.view(s, Rendition{Codec: VP8})
			var a landmark.Arrival
			for i := range 90 {
				play.At(3*time.Second+time.Duration(i)*interval, &a.Sample)
				a.Sample.CaptureMicros = uint64(i+1) * 33_333
				s.Mailbox().Put(&a)
				time.Sleep(interval)
			}
			time.Sleep(900 * time.Millisecond) // held for 0.5 s, then easing for 0.8
			if swap {
				if err := s.Show(&fakeSubject{rest: sub.rest, name: 1}); err != nil {
					t.Fatal(err)
				}
			}
			for range 10 {
				time.Sleep(interval)
				head, _ := r.gen.heads.Load(byte(1))
				heads = append(heads, head.(motion.Rigid))
			}
		})
		return heads
	}
	without, with := run(false), run(true)
	for i := range with {
		if with[i] != without[i] {
			t.Fatalf("picture %d after the swap is drawn elsewhere", i)
		}
	}
	if without[0] == without[9] {
		t.Error("nothing was easing")
	}
}

// A subject may hold what only the loop's thread can free.
func TestSubjectsAreClosedOnTheLoop(t *testing.T) {
	bubble(t, func(r *rig) {
		s, sub := r.open(1)
		r.view(s, Rendition{Codec: VP8})
		time.Sleep(time.Second)
		pending := subject(2)
		r.gen.delay.Store(int64(100 * time.Millisecond)) // what is shown now waits for a picture to be drawn
		time.Sleep(2 * interval)
		if err := s.Show(pending); err != nil {
			t.Fatal(err)
		}
		s.Close()
		s.Close()
		idle, unseen := r.open(3) // nobody watches it
		if err := idle.Show(subject(4)); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		for _, sub := range []*fakeSubject{sub, pending, unseen} {
			if sub.closed.Load() != 1 || sub.closedOn.Load() != r.gen.on.Load() {
				t.Errorf("subject %d: closed %d times, on %v; the loop is %v", sub.name, sub.closed.Load(), sub.closedOn.Load(), r.gen.on.Load())
			}
		}
	})
}

func TestAfterTheLoop(t *testing.T) {
	bubble(t, func(r *rig) {
		s, sub := r.open(1)
		r.view(s, Rendition{Codec: VP8})
		time.Sleep(time.Second)
		r.stop()
		late := subject(2)
		if err := s.Show(late); !errors.Is(err, ErrClosed) || late.closed.Load() != 0 {
			t.Errorf("Show: %v, closed %d times; it stays the caller's", err, late.closed.Load())
		}
		if _, err := s.View(Rendition{Codec: VP8}, &fakeSink{}); !errors.Is(err, ErrClosed) {
			t.Errorf("View: %v", err)
		}
		if _, err := r.loop.Open(late, newDriver(late.Rest())); !errors.Is(err, ErrClosed) || late.closed.Load() != 1 {
			t.Errorf("Open: %v, closed %d times; it is the loop's", err, late.closed.Load())
		}
		s.Close()
		if sub.closed.Load() != 1 || !r.encoders.all()[0].closed.Load() {
			t.Error("closing after the loop leaves something open")
		}
	})
}

func TestDriveAndCalibrateReachTheDriver(t *testing.T) {
	bubble(t, func(r *rig) {
		play, err := perform.New("looking-around")
		if err != nil {
			t.Fatal(err)
		}
		s, _ := r.open(1)
		r.view(s, Rendition{Codec: VP8})
		var a landmark.Arrival
		step := func(at time.Duration) {
			play.At(at, &a.Sample)
			a.Sample.CaptureMicros = uint64(time.Now().UnixMicro())
			s.Mailbox().Put(&a)
			time.Sleep(interval)
		}
		turned := func() float64 {
			head, _ := r.gen.heads.Load(byte(1))
			yaw, _, _ := motion.Angles(head.(motion.Rigid).R)
			at, _, _ := motion.Angles(face().Head.R)
			return yaw - at
		}
		var most float64
		var when time.Duration
		for at := time.Duration(0); at < 8*time.Second; at += interval {
			step(at)
			if y := turned(); math.Abs(y) > math.Abs(most) {
				most, when = y, at
			}
		}
		for range 20 {
			step(when)
		}
		straight := turned()
		o := drive.DefaultOptions()
		o.Retarget.Mirror = true
		if err := errors.Join(s.Drive(drive.DefaultOptions()), s.Drive(o)); err != nil {
			t.Fatal(err)
		}
		step(when)
		step(when)
		if y := turned(); straight*y >= 0 || math.Abs(straight) < 0.1 {
			t.Errorf("turned by %.2f, mirrored by %.2f", straight, y)
		}
		if err := s.Calibrate(); err != nil {
			t.Fatal(err)
		}
		for range 40 {
			step(when)
		}
		if y := turned(); math.Abs(y) > 0.05 {
			t.Errorf("turned by %.2f in its own neutral", y)
		}
	})
}

func TestAPictureThatFails(t *testing.T) {
	bubble(t, func(r *rig) {
		s, _ := r.open(1)
		r.gen.fail.Store(true)
		_, sink := r.view(s, Rendition{Codec: VP8})
		time.Sleep(time.Second)
		if c := s.Counts(); c.Undrawn < 29 || c.Generated != 0 || len(sink.all()) != 0 {
			t.Errorf("%+v", c)
		}
		r.gen.fail.Store(false)
		time.Sleep(time.Second)
		if n := len(sink.all()); n < 29 {
			t.Errorf("%d frames after it recovered", n)
		}
		s.Close()
		for name, err := range map[string]error{
			"Drive": s.Drive(drive.DefaultOptions()), "Calibrate": s.Calibrate(), "Show": s.Show(subject(2)),
		} {
			if !errors.Is(err, ErrClosed) {
				t.Errorf("%s after Close: %v", name, err)
			}
		}
	})
}
