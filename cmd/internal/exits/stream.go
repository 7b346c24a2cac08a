package exits

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/exits/ffmpeg"
	"github.com/gioconda-live/gioconda/cmd/internal/exits/matroska"
	"github.com/gioconda-live/gioconda/pipeline"
)

const (
	// regularKeys keeps keyframes at most 2 s apart, as platforms ask: one comes with the first frame after it.
	regularKeys = 1800 * time.Millisecond
	// healthy is how long a child must have run for the next fault to be a first one again.
	healthy = 30 * time.Second
	// stuckAfter is how long a child may write nothing although it is fed.
	stuckAfter = 10 * time.Second
	// grace is how long a child may take to finish its file or to say goodbye.
	grace = 3 * time.Second
	// lookEvery is how often a child is looked at.
	lookEvery = 500 * time.Millisecond
)

// stream is an exit through one ffmpeg child, which copies the picture and knows the protocols and the files. A child that
// ends or is stuck is followed by another, after a while.
type stream struct {
	to      string  // the other side, without secrets
	secrets secrets // that nothing said may hold
	codec   matroska.Codec
	output  func(context.Context) (*output, error) // of the next child
	o       Options

	over  bool   // Ended was reported
	file  string // of the newest child, as people are told
	bytes atomic.Uint64
}

// output is where a child writes to.
type output struct {
	ffmpeg.Output
	to   string // for people
	file string // that was made for it; "": none
}

// tidy removes the file where nothing was written into it.
func (s *stream) tidy(o *output) {
	if st, err := os.Stat(o.file); err == nil && st.Size() == 0 {
		_ = os.Remove(o.file)
		s.file = ""
	}
}

// named is a file as people are told: those who may not know the folders of this machine get its name.
func (s *stream) named(file string) string {
	if s.o.Dir == "" || file == "" {
		return file
	}
	return filepath.Base(file)
}

// Run implements pipeline.Exit. It gives up where ffmpeg is missing, the disk is full, or the session has ended.
func (s *stream) Run(ctx context.Context, from pipeline.Feed) error {
	wait := newBackoff()
	s.report(Connecting, "", 0)
	defer s.report(Ended, "", 0)
	for {
		begin := time.Now()
		err := s.once(ctx, from)
		fault, ok := errors.AsType[*ffmpeg.FaultError](err)
		switch {
		case err == nil && ctx.Err() != nil:
			return nil
		case !ok || fault.Final:
			s.report(Ended, sentence(err), 0)
			return err
		case ctx.Err() != nil:
			s.o.Log.Warn("an exit did not end in order", "to", s.to, "error", err)
			s.report(Ended, sentence(err), 0)
			return nil
		}
		s.o.Log.Warn("an exit broke off; it is tried again", "to", s.to, "error", err)
		s.report(Waiting, sentence(err), 0)
		if time.Since(begin) > healthy {
			wait.Reset()
		}
		if !wait.Wait(ctx) {
			return nil
		}
	}
}

// report tells a change, and the bytes and what is added while all is well.
func (s *stream) report(state State, message string, added time.Duration) {
	if s.over {
		return
	}
	s.over = state == Ended
	s.o.Report(Status{State: state, Message: message, Bytes: s.bytes.Load(), Added: added, File: s.file})
}

// once runs one child until it ends, is stuck, or ctx ends; then it finishes in order. It fails with an *ffmpeg.FaultError where
// ffmpeg is to blame.
func (s *stream) once(ctx context.Context, from pipeline.Feed) error {
	out, err := s.output(ctx)
	if err != nil {
		return err
	}
	s.to, s.file = out.to, s.named(out.file)
	child, err := ffmpeg.Start(&out.Output)
	if err != nil {
		s.tidy(out)
		return err
	}
	c := &carrier{child: child, queue: newQueue(), sent: &s.bytes, written: make(chan struct{})}
	go c.write(s.codec)
	err = guarded(func() error { return s.watch(ctx, from, c) }) // the child is finished also after a fault
	c.finish()
	s.tidy(out)
	if c.fed.Load() == 0 && child.Progress() == 0 && ctx.Err() != nil {
		return &ffmpeg.FaultError{Sentence: "no picture came, so nothing went to " + s.to}
	}
	if err == nil && child.Err() != nil {
		err = errChild
	}
	s.o.Log.Debug("an ffmpeg ended", "to", s.to, "said", s.secrets.mask(child.Said()), "dropped", c.queue.lost())
	if errors.Is(err, matroska.ErrParameters) {
		return &ffmpeg.FaultError{Sentence: "the picture changed its form, so " + s.to + " is begun anew"}
	}
	if !errors.Is(err, errChild) {
		return err
	}
	said := child.Said()
	if said == "" && child.Err() != nil {
		said = "ffmpeg says nothing, but " + child.Err().Error() // such as: signal: killed
	}
	f := ffmpeg.Explain(said, s.to)
	f.Sentence = s.secrets.mask(f.Sentence)
	return f
}

// errChild says that the child ended; what it said tells why.
var errChild = errors.New("the child ended")

// watch lets the session feed the child until something ends.
func (s *stream) watch(ctx context.Context, from pipeline.Feed, c *carrier) error {
	l, err := from.Listen(c.queue) // first, so that it is known before the first frame whether somebody speaks
	if err != nil {
		return err
	}
	defer l.Leave()
	v, err := from.View(pipeline.Rendition{Codec: s.codecName(), Form: s.o.Form, MaxBPS: s.o.MaxBPS, KeyEvery: regularKeys}, c.queue)
	if err != nil {
		return err
	}
	defer v.Leave()
	c.queue.wantKeyframes(v.Keyframe)
	if s.o.MaxBPS > 0 {
		v.SetBitrate(s.o.MaxBPS)
	}
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	var seen, lost uint64
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-c.written:
			return c.err
		case <-c.child.Done():
			return errChild
		case <-look.C:
		}
		switch n := c.child.Progress(); {
		case n != seen:
			seen = n
			c.fed.Store(0)
			added, _ := c.late.median(time.Now())
			s.report(Live, behind(lost, c.queue.lost()), added)
			lost = c.queue.lost()
		case c.hungry() > stuckAfter:
			c.child.Kill()
			return &ffmpeg.FaultError{Sentence: fmt.Sprintf("nothing was taken by %s for %.0f s; it is tried anew", s.to, stuckAfter.Seconds())}
		}
	}
}

// codecName is the codec as the pipeline names it.
func (s *stream) codecName() string {
	if s.codec == matroska.VP8 {
		return pipeline.VP8
	}
	return pipeline.H264
}

// behind says that frames were dropped.
func behind(before, now uint64) string {
	if before == now {
		return ""
	}
	return fmt.Sprintf("%v: %d", errBehind, now-before)
}
