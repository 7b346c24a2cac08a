package pipeline

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/trace"
)

// What an encoder was told belongs to that encoder: the next one hears it anew.
func TestEveryEncoderIsToldItsBitrate(t *testing.T) {
	bubble(t, func(r *rig) {
		s, _ := r.open(1)
		for i := range 2 {
			v, _ := r.view(s, Rendition{Codec: VP8})
			v.SetBitrate(500_000)
			time.Sleep(time.Second)
			synctest.Wait()
			said, told := s.Counts().Renditions[0].BitrateBPS, r.encoders.all()[i].bps.Load()
			if said != 500_000 || told != 500_000 {
				t.Errorf("the session says %d, encoder %d was told %d", said, i, told)
			}
			v.Leave()
			synctest.Wait()
		}
	})
}

func TestEqualRenditionsShareAnEncoder(t *testing.T) {
	bubble(t, func(r *rig) {
		s, _ := r.open(1)
		var sinks []*fakeSink
		for _, what := range []Rendition{
			{Codec: VP8}, {Codec: VP8, Edge: 512}, {Codec: VP8, MaxBPS: 50_000_000}, // one and the same
			{Codec: VP8, Edge: 256}, {Codec: H264}, {Codec: VP8, MaxBPS: 300_000},
		} {
			_, sink := r.view(s, what)
			sinks = append(sinks, sink)
		}
		time.Sleep(keyframeGap + time.Second) // who joins after the first keyframe waits for the next
		made := r.encoders.all()
		if len(made) != 4 {
			t.Fatalf("%d encoders, want 4", len(made))
		}
		for i, edge := range []int{512, 512, 512, 256, 512, 512} {
			frames := sinks[i].all()
			if len(frames) < 28 || !frames[0].key {
				t.Errorf("viewer %d: %d frames", i, len(frames))
			}
			for _, f := range frames {
				if f.edge != edge {
					t.Fatalf("viewer %d got %d pixels, want %d", i, f.edge, edge)
				}
			}
		}
		if bps := made[3].bps.Load(); bps != 300_000 {
			t.Errorf("aims at %d, want its most, 300000", bps)
		}
		c := s.Counts()
		if len(c.Renditions) != 4 || c.Renditions[0].Viewers != 3 {
			t.Errorf("%+v", c.Renditions)
		}
	})
}

func TestRenditionsThatCannotBe(t *testing.T) {
	bubble(t, func(r *rig) {
		s, _ := r.open(1)
		for _, what := range []Rendition{
			{Edge: 1024}, {Edge: 64}, {Edge: 300}, {Edge: -1}, {MaxBPS: 1}, {MaxBPS: -5},
		} {
			what.Codec = VP8
			if _, err := s.View(what, nopSink{}); !errors.Is(err, ErrRendition) {
				t.Errorf("%+v: %v", what, err)
			}
		}
		r.encoders.refuse.Store(true)
		if _, err := s.View(Rendition{Codec: VP8}, &fakeSink{}); err == nil {
			t.Error("viewed without an encoder")
		}
		time.Sleep(time.Second)
		if n := r.gen.pictures.Load(); n != 0 {
			t.Errorf("%d pictures for nobody", n)
		}
	})
}

func TestBitrateIsTheLeastOfTheWishes(t *testing.T) {
	cfg := testConfig()
	bubble(t, func(r *rig) {
		s, _ := r.open(1)
		one, _ := r.view(s, Rendition{Codec: VP8, MaxBPS: 2_000_000})
		two, _ := r.view(s, Rendition{Codec: VP8, MaxBPS: 2_000_000})
		three, _ := r.view(s, Rendition{Codec: VP8, MaxBPS: 2_000_000})
		enc := r.encoders.all()[0]
		for _, c := range []struct {
			ask  func()
			want int
		}{
			{func() {}, cfg.BitrateStart},
			{func() { one.SetBitrate(1_900_000) }, 1_900_000},
			{func() { two.SetBitrate(1_100_000) }, 1_100_000},
			{func() { one.SetBitrate(9_000_000) }, 1_100_000},
			{func() { two.Leave() }, 2_000_000}, // its most, less than what one asks
			{func() { one.SetBitrate(1) }, cfg.BitrateMin},
			{func() { one.Leave() }, cfg.BitrateMin}, // three has no wish: as it was
			{func() { three.SetBitrate(700_000) }, 700_000},
		} {
			c.ask()
			time.Sleep(2 * interval)
			synctest.Wait()
			if got := enc.bps.Load(); got != int64(c.want) {
				t.Errorf("aims at %d, want %d", got, c.want)
			}
		}
	})
}

func TestKeyframesComeRegularlyWhereAsked(t *testing.T) {
	bubble(t, func(r *rig) {
		s, _ := r.open(1)
		_, sink := r.view(s, Rendition{Codec: VP8, KeyEvery: time.Second})
		_, other := r.view(s, Rendition{Codec: VP8})
		time.Sleep(5*time.Second + 100*time.Millisecond)
		keys := keysOf(sink.all())
		if len(keys) != 6 && len(keys) != 5 {
			t.Fatalf("%d keyframes in five seconds, want one a second", len(keys))
		}
		for i, k := range keys[1:] {
			if gap := k.at.Sub(keys[i].at); gap < time.Second || gap > time.Second+2*interval {
				t.Errorf("a keyframe %v after the last one", gap)
			}
		}
		if n := len(keysOf(other.all())); n != 1 {
			t.Errorf("another rendition got %d keyframes, want its first", n)
		}
		if _, err := s.View(Rendition{Codec: VP8, KeyEvery: time.Millisecond}, nopSink{}); !errors.Is(err, ErrRendition) {
			t.Errorf("a keyframe every millisecond: %v", err)
		}
	})
}

func TestKeyframeWishesAreJoined(t *testing.T) {
	bubble(t, func(r *rig) {
		s, _ := r.open(1)
		one, sink := r.view(s, Rendition{Codec: VP8})
		two, _ := r.view(s, Rendition{Codec: VP8})
		time.Sleep(2 * time.Second)
		synctest.Wait()
		asked := time.Now()
		if keys := keysOf(sink.since(asked.Add(-time.Second))); len(keys) != 0 {
			t.Fatalf("%d keyframes while nobody asked", len(keys))
		}
		for range 5 { // at once, and joined
			one.Keyframe()
			two.Keyframe()
			time.Sleep(interval)
		}
		time.Sleep(2 * time.Second)
		keys := keysOf(sink.since(asked))
		if len(keys) != 2 {
			t.Fatalf("%d keyframes for ten wishes within 300 ms, want 2", len(keys))
		}
		if wait := keys[0].at.Sub(asked); wait > interval {
			t.Errorf("the first came after %v, want the next picture", wait)
		}
		if gap := keys[1].at.Sub(keys[0].at); gap < keyframeGap || gap > keyframeGap+interval {
			t.Errorf("the second came %v after it, want %v", gap, keyframeGap)
		}
	})
}

// A wish for which no keyframe came is not forgotten.
func TestAKeyframeThatFailsIsMadeUp(t *testing.T) {
	for name, spoil := range map[string]func(e *fakeEncoder, on bool){
		"fails":   func(e *fakeEncoder, on bool) { e.fail.Store(on) },
		"dropped": func(e *fakeEncoder, on bool) { e.drop.Store(on) },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(r *rig) {
				s, _ := r.open(1)
				v, sink := r.view(s, Rendition{Codec: VP8})
				time.Sleep(time.Second)
				synctest.Wait()
				enc, at := r.encoders.all()[0], time.Now()
				spoil(enc, true)
				v.Keyframe()
				time.Sleep(3 * interval)
				synctest.Wait()
				spoil(enc, false)
				time.Sleep(2 * interval)
				if frames := sink.since(at); len(frames) == 0 || !frames[0].key {
					t.Errorf("%d frames after the fault, the first is no keyframe", len(frames))
				}
				if c := s.Counts(); c.Failed+c.RateDropped < 3 {
					t.Errorf("not counted: %+v", c)
				}
			})
		})
	}
}

// A slow encoder costs neither the loop nor the other renditions a picture, and gets the newest when it is ready.
func TestASlowRenditionIsSkipped(t *testing.T) {
	bubble(t, func(r *rig) {
		r.gen.delay.Store(int64(8 * time.Millisecond))
		r.encoders.prepare = func(e *fakeEncoder) {
			e.delay.Store(int64(5 * time.Millisecond))
			if e.what.Codec == H264 {
				e.delay.Store(int64(200 * time.Millisecond))
			}
		}
		s, _ := r.open(1)
		_, fast := r.view(s, Rendition{Codec: VP8})
		_, slow := r.view(s, Rendition{Codec: H264})
		feed(s, 10*time.Second)
		frames := fast.all()
		if n := len(frames); n < 299 {
			t.Errorf("the fast one got %d frames in 10 s, want 300", n)
		}
		for i, f := range frames {
			if late := f.trace.Between(trace.Received, trace.Sent); i > 1 && late > 15*time.Millisecond {
				t.Errorf("frame %d took %v, want 13 ms", i, late)
			}
		}
		late := slow.all()
		if n := len(late); n < 48 || n > 50 {
			t.Errorf("the slow one got %d frames in 10 s, want 49", n)
		}
		for i, f := range late {
			if age := f.trace.Between(trace.Generated, trace.Sent); age > 200*time.Millisecond+interval {
				t.Errorf("frame %d was %v old: it is not the newest that it began", i, age)
			}
		}
		c := s.Counts()
		if vp8, h264 := c.Renditions[0], c.Renditions[1]; vp8.Skipped != 0 || h264.Skipped+h264.Encoded+2 < c.Generated || h264.Skipped < 240 {
			t.Errorf("generated %d; encoded %d and %d, skipped %d and %d", c.Generated, vp8.Encoded, h264.Encoded, vp8.Skipped, h264.Skipped)
		}
		if n := s.buffers.total; n != 3 {
			t.Errorf("%d buffers for two renditions, want 3", n)
		}
	})
}

// With one rendition the loop goes at the encoder's pace: nothing is drawn that would be skipped.
func TestTheLoopWaitsForItsOnlyRendition(t *testing.T) {
	bubble(t, func(r *rig) {
		r.encoders.prepare = func(e *fakeEncoder) { e.delay.Store(int64(100 * time.Millisecond)) }
		s, _ := r.open(1)
		_, sink := r.view(s, Rendition{Codec: VP8})
		feed(s, 10*time.Second)
		c := s.Counts()
		if n := len(sink.all()); n < 98 || c.Skipped != 0 || c.Generated > uint64(n)+2 {
			t.Errorf("%d frames of %d pictures, %d skipped", n, c.Generated, c.Skipped)
		}
		if n := s.buffers.total; n != 2 {
			t.Errorf("%d buffers, want 2", n)
		}
	})
}

// An encoder that never comes back starves nobody, does not keep its viewer from leaving, and cannot be piled up.
func TestAStuckRendition(t *testing.T) {
	bubble(t, func(r *rig) {
		stuck := make(chan struct{})
		r.encoders.prepare = func(e *fakeEncoder) {
			if e.what.Codec == H264 {
				e.stuck = stuck
			}
		}
		s, _ := r.open(1)
		_, fine := r.view(s, Rendition{Codec: VP8})
		made := 1
		for range 20 {
			v, err := s.View(Rendition{Codec: H264}, &fakeSink{})
			if errors.Is(err, ErrViewers) {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			made++
			time.Sleep(time.Second)
			begin := time.Now()
			v.Leave()
			if took := time.Since(begin); took > 0 {
				t.Errorf("leaving took %v", took)
			}
		}
		if made != MaxRenditions || s.buffers.total > MaxRenditions+1 {
			t.Errorf("%d renditions and %d buffers, want at most %d and one more", made, s.buffers.total, MaxRenditions)
		}
		at := time.Now()
		time.Sleep(10 * time.Second)
		if n := len(fine.since(at)); n < 299 {
			t.Errorf("the other rendition got %d frames in 10 s", n)
		}
		close(stuck)
		synctest.Wait()
		if n := s.buffers.total; n != 2 {
			t.Errorf("%d buffers are left, want 2", n)
		}
		if got, want := s.Counts().Encoded, r.encoded(); got != want {
			t.Errorf("%d frames counted, %d encoded", got, want)
		}
	})
}

// Totals do not go back when a rendition ends, not even while it is still at its last picture.
func TestCountsOnlyGrow(t *testing.T) {
	bubble(t, func(r *rig) {
		s, _ := r.open(1)
		v, _ := r.view(s, Rendition{Codec: VP8})
		time.Sleep(time.Second)
		r.encoders.all()[0].delay.Store(int64(time.Second))
		time.Sleep(100 * time.Millisecond)
		before := s.Counts()
		v.Leave()
		if c := s.Counts(); c.Encoded < before.Encoded || before.Encoded < 29 || len(c.Renditions) != 0 {
			t.Errorf("%+v after %+v", c, before)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if c := s.Counts(); c.Encoded != r.encoded() {
			t.Errorf("%d counted, %d encoded", c.Encoded, r.encoded())
		}
	})
}

// encoded is what the encoders themselves say.
func (r *rig) encoded() (n uint64) {
	for _, e := range r.encoders.all() {
		n += uint64(e.calls.Load())
	}
	return n
}

func TestWarningsAreThrottled(t *testing.T) {
	bubble(t, func(r *rig) {
		s, _ := r.open(1)
		r.view(s, Rendition{Codec: VP8})
		r.encoders.all()[0].fail.Store(true)
		time.Sleep(10 * time.Second)
		s.Close()
		r.stop()
		if n := strings.Count(r.log.String(), "compressing a frame"); n < 9 || n > 11 {
			t.Errorf("%d warnings in 10 s, want one a second:\n%s", n, r.log.String())
		}
		if !strings.Contains(r.log.String(), "times=31") {
			t.Errorf("the warnings do not say how often:\n%s", r.log.String())
		}
	})
}

type nopSink struct{}

func (nopSink) WriteFrame(*frame.Encoded) error { return nil }
