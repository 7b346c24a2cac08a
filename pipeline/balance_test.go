package pipeline

import (
	"testing"
	"testing/synctest"
	"time"
)

// room opens a session with viewers of one rendition.
func (r *rig) room(n int) (s *Session, viewers []*Viewer, sinks []*fakeSink) {
	s, _ = r.open(1)
	for range n {
		v, sink := r.view(s, Rendition{Codec: VP8})
		viewers, sinks = append(viewers, v), append(sinks, sink)
	}
	return s, viewers, sinks
}

func edgeOf(sink *fakeSink) int {
	frames := sink.all()
	return frames[len(frames)-1].edge
}

// checkSteady makes sure that a stream is decodable and goes on without a hole.
func checkSteady(t *testing.T, frames []got) {
	t.Helper()
	checkStream(t, frames)
	for i := 1; i < len(frames); i++ {
		if gap := frames[i].at.Sub(frames[i-1].at); gap > 2*interval {
			t.Errorf("nothing for %v before frame %d of %d pixels", gap, i, frames[i].edge)
		}
	}
}

// One viewer on a bad network goes to the half size, alone, and comes back when the network is good again.
func TestASlowViewerIsMoved(t *testing.T) {
	for name, delay := range map[string]func(edge int) time.Duration{
		"small is faster": func(edge int) time.Duration { return time.Duration(edge) * 10 * time.Microsecond },
		"small is slower": func(edge int) time.Duration { return time.Duration(512*128/edge) * 50 * time.Microsecond },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(r *rig) {
				r.encoders.prepare = func(e *fakeEncoder) { e.delay.Store(int64(delay(e.what.Edge))) }
				s, viewers, sinks := r.room(4)
				for _, v := range viewers {
					v.SetBitrate(2_000_000)
				}
				time.Sleep(time.Second)
				bad := time.Now()
				viewers[3].SetBitrate(300_000)
				time.Sleep(time.Second)
				if got := r.encoders.all()[0].bps.Load(); got != 300_000 || edgeOf(sinks[3]) != 512 {
					t.Errorf("after a second: %d bit/s, %d pixels; too soon to move it", got, edgeOf(sinks[3]))
				}
				time.Sleep(2 * time.Second)
				if got := edgeOf(sinks[3]); got != 256 {
					t.Fatalf("the slow viewer still gets %d pixels", got)
				}
				first := sinks[3].since(bad)
				for i := range first {
					if first[i].edge == 256 {
						t.Logf("moved after %v", first[i].at.Sub(bad))
						break
					}
				}
				full, small := r.encoders.all()[0], r.encoders.all()[1]
				if full.bps.Load() != 2_000_000 || small.bps.Load() != 300_000 {
					t.Errorf("%d and %d bit/s, want 2000000 and 300000", full.bps.Load(), small.bps.Load())
				}
				viewers[3].SetBitrate(1_600_000)
				time.Sleep(wellFor + time.Second)
				synctest.Wait()
				if got := edgeOf(sinks[3]); got != 512 || !small.closed.Load() {
					t.Errorf("recovered, it gets %d pixels; the small encoder is closed: %v", got, small.closed.Load())
				}
				for i, sink := range sinks {
					checkSteady(t, sink.all())
					if n := len(keysOf(sink.since(bad))); i < 3 && n > 1 {
						t.Errorf("viewer %d got %d keyframes, want the one for the return", i, n)
					}
				}
				if n := s.buffers.total; n != 2 {
					t.Errorf("%d buffers are left, want 2", n)
				}
			})
		})
	}
}

// Two slow viewers do not hide each other, and share the small encoder; one excellent viewer does not send the others away.
func TestWhoIsMoved(t *testing.T) {
	for name, c := range map[string]struct {
		wishes []int
		small  []bool
	}{
		"one of two":            {[]int{2_000_000, 500_000}, []bool{false, true}},
		"two of three":          {[]int{2_000_000, 500_000, 400_000}, []bool{false, true, true}},
		"two of six":            {[]int{2e6, 5e5, 4e5, 2e6, 2e6, 2e6}, []bool{false, true, true, false, false, false}},
		"one is excellent":      {[]int{4e6, 15e5, 15e5, 15e5}, []bool{false, false, false, false}},
		"a little behind":       {[]int{2_000_000, 1_100_000}, []bool{false, false}},
		"all are bad":           {[]int{300_000, 250_000, 200_000}, []bool{false, false, false}},
		"some without a wish":   {[]int{0, 0, 200_000}, []bool{false, false, false}},
		"beyond the most asked": {[]int{9e6, 3e6}, []bool{false, false}}, // 4 and 3 Mbit/s
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(r *rig) {
				s, viewers, sinks := r.room(len(c.wishes))
				for i, v := range viewers {
					if c.wishes[i] > 0 {
						v.SetBitrate(c.wishes[i])
					}
				}
				time.Sleep(5 * time.Second)
				for i, sink := range sinks {
					if got := edgeOf(sink) == 256; got != c.small[i] {
						t.Errorf("viewer %d with %d bit/s gets %d pixels", i, c.wishes[i], edgeOf(sink))
					}
				}
				if n := len(s.Counts().Renditions); n > 2 {
					t.Errorf("%d renditions", n)
				}
			})
		})
	}
}

// When the others have left there is nobody to spare, and the one who was moved gets the full size again.
func TestTheLastViewerComesBack(t *testing.T) {
	bubble(t, func(r *rig) {
		s, viewers, sinks := r.room(3)
		for i, v := range viewers {
			v.SetBitrate(2_000_000 - i*850_000)
		}
		time.Sleep(4 * time.Second)
		if got := edgeOf(sinks[2]); got != 256 {
			t.Fatalf("%d pixels", got)
		}
		viewers[0].Leave()
		viewers[1].Leave()
		time.Sleep(wellFor + 2*time.Second)
		synctest.Wait()
		if got := edgeOf(sinks[2]); got != 512 || len(s.Counts().Renditions) != 1 {
			t.Errorf("alone it gets %d pixels, of %d renditions", got, len(s.Counts().Renditions))
		}
		checkSteady(t, sinks[2].all())
	})
}

// Who asked for the small picture does not share the bitrate of those who were moved to that size.
func TestMovedViewersKeepToThemselves(t *testing.T) {
	bubble(t, func(r *rig) {
		s, viewers, sinks := r.room(3)
		content, small := r.view(s, Rendition{Codec: VP8, Edge: 256})
		for _, v := range append(viewers, content) {
			v.SetBitrate(1_500_000)
		}
		viewers[1].SetBitrate(300_000)
		viewers[2].SetBitrate(200_000)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if edgeOf(sinks[1]) != 256 || edgeOf(sinks[2]) != 256 || edgeOf(small) != 256 {
			t.Errorf("%d, %d and %d pixels", edgeOf(sinks[1]), edgeOf(sinks[2]), edgeOf(small))
		}
		for _, c := range s.Counts().Renditions {
			want := RenditionCounts{Viewers: 1, BitrateBPS: 1_500_000}
			if c.Lowered {
				want = RenditionCounts{Viewers: 2, BitrateBPS: 200_000}
			}
			if c.Viewers != want.Viewers || c.BitrateBPS != want.BitrateBPS {
				t.Errorf("%+v", c)
			}
		}
	})
}

func TestABurstDoesNotMoveAViewer(t *testing.T) {
	bubble(t, func(r *rig) {
		_, viewers, sinks := r.room(2)
		viewers[0].SetBitrate(2_000_000)
		for range 10 {
			viewers[1].SetBitrate(400_000)
			time.Sleep(slowFor - balanceEvery)
			viewers[1].SetBitrate(1_500_000)
			time.Sleep(balanceEvery + interval)
		}
		for _, f := range sinks[1].all() {
			if f.edge != 512 {
				t.Fatal("moved by bursts")
			}
		}
	})
}

// Each return that fails makes the next one wait longer; one that holds makes up for it.
func TestReturnsThatFailBecomeRarer(t *testing.T) {
	now := time.Unix(1000, 0)
	var n network
	stay := func(small bool, wish int) time.Duration {
		begin := now
		for !n.judge(small, wish, 1_000_000, now) {
			if now = now.Add(balanceEvery); now.Sub(begin) > time.Hour {
				t.Fatal("it stays for ever")
			}
		}
		return now.Sub(begin)
	}
	for i, want := range []int{5, 10, 20, 40, 80, 120, 120} {
		if got := stay(false, 100_000); got != slowFor {
			t.Errorf("it left after %v, want %v", got, slowFor)
		}
		if got := stay(true, 900_000); got != time.Duration(want)*time.Second {
			t.Errorf("return %d after %v, want %d s", i, got, want)
		}
	}
	now = now.Add(2 * returnHolds)
	stay(false, 100_000)
	if got := stay(true, 900_000); got != wellFor {
		t.Errorf("return after %v, want %v", got, wellFor)
	}
	for _, wish := range []int{499_999, 600_000, 749_000} { // neither bad nor well
		for range 1000 {
			if now = now.Add(balanceEvery); n.judge(true, wish, 1_000_000, now) || wish > 500_000 && n.judge(false, wish, 1_000_000, now) {
				t.Fatalf("moved with %d bit/s", wish)
			}
		}
	}
}

// The small encoder fails just when the viewer changes over: it stays where it was, and has a keyframe for what it missed.
func TestAMoveThatFails(t *testing.T) {
	bubble(t, func(r *rig) {
		r.encoders.prepare = func(e *fakeEncoder) {
			e.delay.Store(int64(5 * time.Millisecond))
			if e.what.Edge == 256 {
				e.delay.Store(int64(20 * time.Millisecond)) // the full one has its frame first, and withholds it
				e.fail.Store(true)
			}
		}
		_, viewers, sinks := r.room(2)
		viewers[0].SetBitrate(2_000_000)
		viewers[1].SetBitrate(300_000)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		frames := sinks[1].all()
		if edgeOf(sinks[1]) != 512 || len(frames) < 290 {
			t.Errorf("%d frames, the last of %d pixels", len(frames), edgeOf(sinks[1]))
		}
		lost := 0
		for i := 1; i < len(frames); i++ {
			if gap := frames[i].at.Sub(frames[i-1].at); gap > interval+interval/2 {
				lost++
				if !frames[i].key {
					t.Errorf("frame %d follows a hole of %v and is no keyframe", i, gap)
				}
			}
		}
		if lost == 0 || r.encoders.all()[1].last != 0 {
			t.Errorf("%d holes: the move was not tried", lost)
		}
	})
}

func TestNoSmallerSizeForASmallPicture(t *testing.T) {
	bubble(t, func(r *rig) {
		s, _ := r.open(1)
		one, _ := r.view(s, Rendition{Codec: VP8, Edge: 128})
		two, sink := r.view(s, Rendition{Codec: VP8, Edge: 128})
		one.SetBitrate(2_000_000)
		two.SetBitrate(200_000)
		time.Sleep(10 * time.Second)
		if got := edgeOf(sink); got != 128 {
			t.Errorf("%d pixels", got)
		}
		checkSteady(t, sink.all())
	})
}
