package pipeline

import "github.com/gioconda-live/gioconda/pipeline/wall"

// Failed is closed when a fault of the program has broken the session: nothing is drawn for it any more, and its owner has to close
// it.
func (s *Session) Failed() <-chan struct{} { return s.failed }

// Fail breaks the session because of a fault that was caught in its work elsewhere. Of several the first counts. Safe from
// any goroutine.
func (s *Session) Fail(f *wall.FaultError) {
	if !s.broken.CompareAndSwap(false, true) {
		return
	}
	s.loop.fault(f)
	close(s.failed)
}

// fault says and counts one.
func (l *Loop) fault(f *wall.FaultError) {
	l.log.Error("a fault was caught", "error", f, "stack", f.Stack)
	if l.faulted != nil {
		l.faulted(f)
	}
}

// OnFault has f called, on any goroutine, with every fault that was caught in drawing or compressing. Call it before Open, once.
func (l *Loop) OnFault(f func(*wall.FaultError)) { l.faulted = f }

// generate draws a batch. Where a fault in one of its pictures spoils all, they are drawn one by one, and the session of that one
// is broken.
func (l *Loop) generate(batch []Job, who []*Session) {
	if l.generated(batch) == nil {
		return
	}
	for i := range batch {
		one := batch[i : i+1]
		one[0].Err = nil
		if fault := l.generated(one); fault != nil {
			one[0].Err = fault
			who[i].Fail(fault)
		}
	}
}

func (l *Loop) generated(batch []Job) (fault *wall.FaultError) {
	defer wall.Catch("draw", func(f *wall.FaultError) { fault = f })
	l.gen.Generate(batch)
	return nil
}
