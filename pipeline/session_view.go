package pipeline

import (
	"slices"
	"time"
)

// View starts a way out to a viewer in one form: it joins the encoder of an equal Rendition, or starts one, and begins with
// a keyframe. While nobody views a session nothing is drawn. It fails with ErrRendition, ErrViewers, ErrClosed, or as the
// encoder does.
func (s *Session) View(what Rendition, to Sink) (*Viewer, error) {
	what, err := what.resolve(&s.loop.cfg)
	if err != nil {
		return nil, err
	}
	s.change.Lock()
	defer s.change.Unlock()
	if s.isClosed() || s.loop.over() {
		return nil, ErrClosed
	}
	if len(s.viewers) >= MaxViewers {
		return nil, ErrViewers
	}
	r, err := s.rendition(what, false)
	if err != nil {
		return nil, err
	}
	v := &Viewer{session: s, asked: what, sink: to, came: time.Now()}
	v.join(r)
	s.viewers = append(s.viewers, v)
	s.sweep()
	s.loop.nudge()
	return v, nil
}

// Room fails with ErrViewers where View would not let another viewer in now, or with ErrRendition or ErrClosed.
func (s *Session) Room(what Rendition) error {
	what, err := what.resolve(&s.loop.cfg)
	if err != nil {
		return err
	}
	s.change.Lock()
	defer s.change.Unlock()
	if s.isClosed() || s.loop.over() {
		return ErrClosed
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	shared := slices.ContainsFunc(s.renditions, func(r *rendition) bool { return r.Rendition == what && !r.lowered })
	if len(s.viewers) >= MaxViewers || !shared && len(s.renditions)+len(s.ending) >= MaxRenditions {
		return ErrViewers
	}
	return nil
}

// rendition finds what or starts it; lowered as in the type. s.change is held.
func (s *Session) rendition(what Rendition, lowered bool) (*rendition, error) {
	s.mu.Lock()
	running, ending := s.renditions, s.ending
	s.mu.Unlock()
	if i := slices.IndexFunc(running, func(r *rendition) bool { return r.Rendition == what && r.lowered == lowered }); i >= 0 {
		return running[i], nil
	}
	if len(running)+len(ending) >= MaxRenditions {
		return nil, ErrViewers
	}
	r, err := newRendition(s, what, lowered)
	if err != nil {
		return nil, err
	}
	s.running.Go(func() {
		r.run()
		s.ended(r)
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.renditions = append(slices.Clone(running), r)
	return r, nil
}

// stop takes r out; its goroutine and its encoder end when the picture that they are at is done. s.change is held.
func (s *Session) stop(r *rendition) {
	s.mu.Lock()
	s.renditions = without(s.renditions, r)
	s.ending = append(slices.Clone(s.ending), r)
	s.mu.Unlock()
	if b := r.waiting.Swap(nil); b != nil { // not left to the goroutine, which may be stuck
		s.loop.compressed()
		b.release()
	}
	close(r.quit)
}

// ended is the last that r's goroutine does.
func (s *Session) ended(r *rendition) {
	s.buffers.shrink()
	counts := r.counted.counts()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ending = without(s.ending, r)
	s.past.add(&counts)
}

// without is a copy of list that lacks v.
func without[T comparable](list []T, v T) []T {
	return slices.DeleteFunc(slices.Clone(list), func(w T) bool { return w == v })
}
