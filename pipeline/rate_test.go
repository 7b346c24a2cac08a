package pipeline

import (
	"context"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

// drivesAt feeds a session so many samples a second until the bubble's test ends.
func drivesAt(t *testing.T, s *Session, fps int) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	t.Cleanup(func() { cancel(); <-done })
	go func() {
		defer close(done)
		begin := time.Now()
		for seq := 1; ctx.Err() == nil; seq++ {
			at := time.Duration(seq) * time.Second / time.Duration(fps)
			time.Sleep(time.Until(begin.Add(at)))
			s.Mailbox().Put(&landmark.Arrival{
				Sample:   landmark.Sample{Seq: uint32(seq), CaptureMicros: uint64(1_000_000 + at.Microseconds())},
				Received: time.Now(),
			})
		}
	}()
}

// TestASessionAtSixtyCostsNobodyAFrame: four drivers, of whom one is lent sixty pictures a second. Where there is room for that it has
// them; where there is not it is back at thirty before anybody else has lost one. A picture takes cost milliseconds.
func TestASessionAtSixtyCostsNobodyAFrame(t *testing.T) {
	for name, c := range map[string]struct {
		cost        byte
		least, most float64
	}{"room": {4, 59, 61}, "no room": {7, 29, 33}} {
		t.Run(name, func(t *testing.T) {
			costly(t, func(t *testing.T, l *Loop, encoders *fakeEncoders) {
				var sinks []*fakeSink
				var fast *Session
				for i := range 4 {
					s, _ := openOn(t, l, c.cost)
					sink := &fakeSink{}
					view(t, s, Rendition{Codec: VP8}, sink)
					sinks = append(sinks, sink)
					if i == 1 { // neither the first nor the last
						fast = s
						drivesAt(t, s, 60)
					} else {
						drives(t, s, time.Duration(i)*8*time.Millisecond, false)
					}
				}
				time.Sleep(2 * time.Second)
				before := time.Now()
				fast.SetRate(60)
				time.Sleep(time.Second)
				from := time.Now()
				time.Sleep(10 * time.Second)
				for i, sink := range sinks {
					if fps := perSecond(sink, before); i != 1 && fps < 29.5 {
						t.Errorf("session %d has %.1f frames/s beside one that asked for sixty", i, fps)
					}
				}
				if fps := perSecond(sinks[1], from); fps < c.least || fps > c.most {
					t.Errorf("the one that asked for sixty has %.1f frames/s, want %v to %v", fps, c.least, c.most)
				}
				eased := c.most < 40
				if fast.Eased() != eased || eased && fast.Rate() != 30 || !eased && fast.Rate() != 60 || fast.Slower() != 1 {
					t.Errorf("its rate is %d, eased %v, slowed %.2f times", fast.Rate(), fast.Eased(), fast.Slower())
				}
				if told := int(encoders.all()[1].fps.Load()); !eased && told != 60 || eased && told != 30 && told != 0 {
					t.Errorf("its encoder was told %d", told)
				}
			})
		})
	}
}

// TestOneAloneIsEasedToo: sixty pictures that do not fit come as thirty even ones; asked for again where they fit they come again.
func TestOneAloneIsEasedToo(t *testing.T) {
	costly(t, func(t *testing.T, l *Loop, encoders *fakeEncoders) {
		s, _ := openOn(t, l, 20)
		sink := &fakeSink{}
		view(t, s, Rendition{Codec: VP8}, sink)
		drivesAt(t, s, 60)
		s.SetRate(60)
		time.Sleep(3 * time.Second)
		from := time.Now()
		time.Sleep(5 * time.Second)
		if fps := perSecond(sink, from); fps < 29 || fps > 33 || !s.Eased() {
			t.Errorf("%.1f frames/s, eased %v", fps, s.Eased())
		}
		if err := s.Show(subject(5)); err != nil {
			t.Fatal(err)
		}
		s.SetRate(60)
		time.Sleep(3 * time.Second) // what it costs is an average of the last pictures
		s.SetRate(60)
		time.Sleep(time.Second)
		from = time.Now()
		time.Sleep(5 * time.Second)
		if fps := perSecond(sink, from); fps < 59 || s.Eased() {
			t.Errorf("cheap pictures: %.1f frames/s, eased %v", fps, s.Eased())
		}
		if told := encoders.all()[0].fps.Load(); told != 60 {
			t.Errorf("the encoder was told %d", told)
		}
	})
}

// TestPicturesFollowSamples: at sixty a second each sample still gets one picture, as evenly as the samples came, also where a tracker
// manages fewer, or the driver's camera has no more; nobody's portrait lives at the full rate.
func TestPicturesFollowSamples(t *testing.T) {
	for _, samples := range []int{30, 45, 60, 0} {
		bubble(t, func(r *rig) {
			s, _ := r.open('a')
			_, sink := r.view(s, Rendition{Codec: VP8})
			s.SetRate(60)
			want := float64(samples)
			if samples > 0 {
				drivesAt(r.t, s, samples)
			} else {
				want = 60
			}
			time.Sleep(3 * time.Second)
			from := time.Now()
			time.Sleep(10 * time.Second)
			if fps := perSecond(sink, from); fps < want-1 || fps > want+1 {
				t.Errorf("%d samples a second: %.1f frames/s", samples, fps)
			}
			frames := sink.since(from)
			for i := 1; i < len(frames); i++ {
				even := time.Duration(float64(time.Second) / want)
				if step := frames[i].pts - frames[i-1].pts; (step - even).Abs() > 3*time.Millisecond {
					t.Fatalf("%d samples a second: frame %d is presented %v after the one before, want %v", samples, i, step, even)
				}
				if samples > 0 && !frames[i].trace.HasSample {
					t.Fatalf("%d samples a second: frame %d is of none", samples, i)
				}
			}
		})
	}
}

func TestRatesAreBounded(t *testing.T) {
	cfg := testConfig()
	cfg.MostFPS = 50
	bubbleOf(t, cfg, func(r *rig) {
		s, _ := r.open('a')
		for _, c := range [][2]int{{-1, 30}, {0, 30}, {29, 30}, {50, 50}, {60, 50}, {1 << 40, 50}, {30, 30}} {
			if s.SetRate(c[0]); s.Rate() != c[1] {
				t.Errorf("of %d: %d, want %d", c[0], s.Rate(), c[1])
			}
		}
	})
}
