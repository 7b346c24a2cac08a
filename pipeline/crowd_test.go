package pipeline

import (
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

// thriftyGenerator is told when the house is crowded.
type thriftyGenerator struct {
	crewGenerator
	told []bool
}

// SetThrift implements Thrifty.
func (g *thriftyGenerator) SetThrift(on bool) { g.told = append(g.told, on) }

// TestACrowdedHouseIsThrifty: where sessions take most of the processors, generator and encoders are told to be thrifty, also an encoder
// that comes later, and pictures are drawn by one thread each; where there is room again all are told that it is over.
func TestACrowdedHouseIsThrifty(t *testing.T) {
	gen := &thriftyGenerator{}
	drawnBy(t, gen, func(t *testing.T, l *Loop, encoders *fakeEncoders) {
		encoders.prepare = func(e *fakeEncoder) { e.delay.Store(int64(25 * time.Millisecond)) }
		cores := runtime.GOMAXPROCS(0)
		for i := range cores + 1 {
			s, _ := openOn(t, l, 0)
			view(t, s, Rendition{Codec: VP8}, &fakeSink{})
			drives(t, s, time.Duration(i/2)*time.Millisecond, false)
		}
		time.Sleep(4 * time.Second)
		synctest.Wait()
		if !l.Crowded() || len(gen.told) != 1 || !gen.told[0] || gen.most != 2 {
			t.Errorf("%d sessions that encode for 25 ms on %d processors: crowded %v, generator told %v, batches of at most %d", cores+1, cores, l.Crowded(), gen.told, gen.most)
		}
		s, _ := openOn(t, l, 0)
		view(t, s, Rendition{Codec: VP8}, &fakeSink{})
		time.Sleep(time.Second)
		for i, e := range encoders.all() {
			if !e.thrifty.Load() {
				t.Errorf("encoder %d is not thrifty in a crowded house", i)
			}
			e.delay.Store(int64(time.Millisecond))
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if l.Crowded() || len(gen.told) != 2 || gen.told[1] {
			t.Errorf("where there is room again: crowded %v, generator told %v", l.Crowded(), gen.told)
		}
		for i, e := range encoders.all() {
			if e.thrifty.Load() {
				t.Errorf("encoder %d is thrifty where there is room", i)
			}
		}
	})
}

// TestCrowd: a moment is no crowd, who is alone is none, and what thrift saves does not end it.
func TestCrowd(t *testing.T) {
	var c crowd
	see := func(looks, sessions int, taken float64) bool {
		for range looks {
			c.look(sessions, taken)
		}
		return c.is
	}
	if see(crowdedAfter-1, 9, 0.9) || see(1, 9, 0.1) || see(crowdedAfter-1, 9, 0.9) {
		t.Error("a moment counts as crowded")
	}
	if see(1, 9, 0.1) || see(100, 1, 1) {
		t.Error("one session alone counts as a crowd")
	}
	if !see(crowdedAfter, 2, crowdedFrom) {
		t.Error("a full house does not count as crowded")
	}
	if !see(100, 9, crowdedFrom*0.67) {
		t.Error("a crowd ends by its own thrift")
	}
	if !see(emptyAfter-1, 9, 0.1) || see(1, 9, 0.1) {
		t.Error("a crowd does not end in time")
	}
	if !see(crowdedAfter, 9, 1) || see(emptyAfter, 1, 1) {
		t.Error("who is left alone is still a crowd")
	}
}

// four are sessions of l with a viewer each, named 0 to 3.
func four(t *testing.T, l *Loop) (all []*Session) {
	t.Helper()
	for i := range 4 {
		s, _ := openOn(t, l, byte(i))
		view(t, s, Rendition{Codec: VP8}, &fakeSink{})
		all = append(all, s)
	}
	return all
}

// TestWhoHasWaitedLongestIsFirstInACrowd: whatever the order of coming; lent pictures come last, and pictures of two layers alone.
func TestWhoHasWaitedLongestIsFirstInACrowd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLoop(testConfig(), &crewGenerator{}, (&fakeEncoders{}).make, quiet())
		all := four(t, l)
		time.Sleep(time.Second)
		now := time.Now()
		took := func(layered bool, ago ...time.Duration) (names []byte) {
			for i, s := range all {
				s.burden.layered = layered
				s.cadence.last, s.cadence.next = now.Add(-ago[i]), now
				s.Mailbox().Put(&landmark.Arrival{Sample: landmark.Sample{Seq: 1}, Received: now})
			}
			l.takeLongest(all, now, now.Add(time.Hour))
			for i, s := range l.who {
				names = append(names, s.subject.(*fakeSubject).name)
				l.who[i].current.release()
			}
			l.batch, l.who = l.batch[:0], l.who[:0]
			return names
		}
		if got := took(false, 30, 60, 40, 50); string(got) != "\x01\x03" {
			t.Errorf("took %v, want 1 and 3, who have waited longest", got)
		}
		if got := took(true, 30, 60, 40, 70); string(got) != "\x03" {
			t.Errorf("of pictures of two layers took %v, want 3 alone", got)
		}
		all[1].cadence.interval /= 2
		if got := took(false, 30, 60, 40, 50); string(got) != "\x03\x02" {
			t.Errorf("where 1 has more pictures than others took %v, want 3 and 2", got)
		}
	})
}

// TestWhatIsBegunIsFinishedFirstInACrowd: pictures are drawn as far as processors do not compress others, and where none is free they
// wait, but not for ever; those of two layers do not.
func TestWhatIsBegunIsFinishedFirstInACrowd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLoop(testConfig(), &crewGenerator{}, (&fakeEncoders{}).make, quiet())
		all := four(t, l)
		cores := int32(runtime.GOMAXPROCS(0))
		took := func(compressing int32, layered bool) (n int, again time.Duration) {
			now := time.Now()
			for _, s := range all {
				s.burden.layered = layered
				s.cadence.next = now
				s.Mailbox().Put(&landmark.Arrival{Sample: landmark.Sample{Seq: 1}, Received: now})
			}
			l.compressing.Store(compressing)
			again = l.takeLongest(all, now, now.Add(time.Hour)).Sub(now)
			for _, s := range l.who {
				s.current.release()
			}
			n, l.batch, l.who = len(l.batch), l.batch[:0], l.who[:0]
			return n, again
		}
		for _, c := range []struct {
			compressing int32
			layered     bool
			want        int
		}{{0, false, 2}, {cores - 1, false, 2}, {cores, false, 1}, {cores + 1, false, 0}, {cores + 1, true, 1}, {cores + 1, false, 0}} {
			if n, again := took(c.compressing, c.layered); n != c.want || n == 0 && again != holdMost {
				t.Errorf("while %d of %d are compressed, layered %v: took %d, looks again after %v; want %d", c.compressing, cores, c.layered, n, again, c.want)
			}
		}
		time.Sleep(holdMost)
		if n, _ := took(cores+1, false); n != 1 {
			t.Errorf("took %d where encoders are stuck, want one at a time", n)
		}
		if n, _ := took(cores+1, false); n != 0 {
			t.Errorf("took %d at once after that, want to wait again", n)
		}
	})
}

// TestCompressingIsCounted: whatever becomes of pictures that were given to a rendition, none stays counted as being compressed.
func TestCompressingIsCounted(t *testing.T) {
	drawnBy(t, &crewGenerator{}, func(t *testing.T, l *Loop, encoders *fakeEncoders) {
		var views []*Viewer
		for i := range 3 {
			s, _ := openOn(t, l, 0)
			views = append(views, view(t, s, Rendition{Codec: VP8}, &fakeSink{}))
			drives(t, s, time.Duration(i)*time.Millisecond, false)
		}
		for _, e := range encoders.all() {
			e.delay.Store(int64(90 * time.Millisecond)) // pictures that wait are replaced
		}
		time.Sleep(time.Second)
		if l.compressing.Load() == 0 {
			t.Error("slow encoders compress nothing")
		}
		for _, v := range views {
			v.Leave()
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if n := l.compressing.Load(); n != 0 {
			t.Errorf("%d pictures are being compressed where nobody watches", n)
		}
	})
}
