package pipeline

import (
	"time"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/trace"
	"github.com/gioconda-live/gioconda/pipeline/wall"
)

// wanted applies what waited, and tells whether a rendition would take a picture. It is called on the loop's goroutine.
func (s *Session) wanted() (yes bool) {
	s.mu.Lock()
	p := s.pending
	s.pending = pending{}
	s.alpha, s.wide = false, false
	for _, r := range s.renditions {
		yes = yes || r.waiting.Load() == nil
		s.alpha, s.wide = s.alpha || r.Alpha, s.wide || r.Wide && !r.Alpha
	}
	s.mu.Unlock()
	if p.subject != nil {
		if rest := p.subject.Rest(); rest != s.subject.Rest() { // not only another background
			s.driver.SetRest(rest)
		}
		s.subject.Close()
		s.subject = p.subject
	}
	if p.driven {
		s.driver.SetOptions(p.options)
	}
	if p.calibrate {
		s.driver.Calibrate()
	}
	return yes
}

// begin readies the next picture at now: it takes the newest sample, if there is one, and a buffer.
func (s *Session) begin(now time.Time, b *buffer) Job {
	hasSample := s.in.Take(&s.arrival)
	s.current = b
	b.withMatte(s.alpha)
	b.withBare(s.wide)
	b.trace = trace.Frame{}
	var capture uint64
	if hasSample {
		capture = s.arrival.Sample.CaptureMicros
		b.trace.HasSample, b.trace.Seq, b.trace.CaptureMicros = true, s.arrival.Sample.Seq, capture
		b.trace.Stamp(trace.Received, s.arrival.Received)
		s.driver.Feed(&s.arrival.Sample, now)
		s.cadence.follow(s.arrival.Sample.Seq, capture)
	}
	b.trace.Stamp(trace.Taken, now)
	s.driver.Pose(&s.state, now)
	smp := &s.arrival.Sample
	s.state.HasMarker = hasSample && smp.Flags&landmark.FlagMarker != 0
	s.state.Marker = smp.Marker
	b.pts = s.clock.at(now, capture)
	if hasSample && !s.arrival.Captured.IsZero() {
		s.sound.follow(s.clock.start.Add(b.pts).Sub(s.arrival.Captured))
	}
	b.trace.Stamp(trace.Retargeted, time.Now())
	s.cadence.began(now, hasSample)
	return Job{Subject: s.subject, State: &s.state, Dst: b.img, Bare: b.bare}
}

// finish gives a drawn picture to the renditions.
func (s *Session) finish(job *Job) {
	defer wall.Catch("give", s.Fail)
	b := s.current
	s.current = nil
	defer b.release()
	s.burden.add(s.spent.drew(job, s.loop.most))
	s.burden.layered = job.Second >= idleLayer
	if job.Err != nil {
		s.undrawn.Add(1)
		return
	}
	b.behind, b.badge = job.Behind, job.Badge
	b.trace.Stamp(trace.Drawn, job.Drawn)
	b.trace.Stamp(trace.Generated, time.Now())
	s.generated.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.renditions {
		r.give(b)
	}
}
