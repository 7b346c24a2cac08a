package pipeline

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/trace"
)

// output compresses a session's pictures on a goroutine of its own, so that the next is drawn meanwhile.
type output struct {
	log   *slog.Logger
	free  chan<- *buffer
	work  chan *buffer // room for one
	nudge func()
	done  chan struct{}

	key     atomic.Bool
	bitrate atomic.Int64

	mu   sync.Mutex // held while compressing, so attach never swaps an encoder in use
	enc  Encoder
	sink Sink
	on   atomic.Bool

	generated, encoded, rateDropped, failed atomic.Uint64
}

func newOutput(l *Loop, free chan<- *buffer, log *slog.Logger) *output {
	o := &output{
		log: log, free: free, nudge: l.nudge,
		work: make(chan *buffer, 1), done: make(chan struct{}),
	}
	o.bitrate.Store(int64(l.cfg.BitrateStart))
	go o.run()
	return o
}

// live tells whether anybody watches.
func (o *output) live() bool { return o.on.Load() }

func (o *output) attach(enc Encoder, sink Sink) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.drop()
	o.enc, o.sink = enc, sink
	o.key.Store(true)
	o.on.Store(true)
}

func (o *output) detach(sink Sink) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.sink == sink {
		o.drop()
	}
}

// drop closes the encoder; called with mu held.
func (o *output) drop() {
	o.on.Store(false)
	if o.enc != nil {
		if err := o.enc.Close(); err != nil {
			o.log.Warn("closing the encoder", "error", err)
		}
	}
	o.enc, o.sink = nil, nil
}

// run ends when work is closed.
func (o *output) run() {
	defer close(o.done)
	var f frame.Encoded
	applied := int64(0)
	for pic := range o.work {
		o.mu.Lock()
		if o.enc != nil {
			o.encode(&f, pic, &applied)
		}
		o.mu.Unlock()
		o.free <- pic
		o.nudge()
	}
}

// encode compresses and sends one picture; called with mu held.
func (o *output) encode(f *frame.Encoded, pic *buffer, applied *int64) {
	if want := o.bitrate.Load(); want != *applied {
		if err := o.enc.SetBitrate(int(want)); err != nil {
			o.log.Warn("changing the bitrate", "bps", want, "error", err)
		}
		*applied = want
	}
	key := o.key.Swap(false)
	f.Trace = pic.trace
	if err := o.enc.Encode(f, pic.img, pic.pts, key); err != nil {
		o.failed.Add(1)
		o.key.Store(true)
		o.log.Warn("compressing a frame", "error", err)
		return
	}
	if len(f.Data) == 0 {
		o.rateDropped.Add(1)
		if key {
			o.key.Store(true)
		}
		return
	}
	f.PTS = pic.pts
	f.Trace.Key, f.Trace.Bytes = f.Key, len(f.Data)
	f.Trace.Stamp(trace.Encoded, time.Now())
	o.encoded.Add(1)
	if err := o.sink.WriteFrame(f); err != nil {
		o.failed.Add(1)
		o.log.Debug("sending a frame", "error", err)
	}
}

func (o *output) counts() Counts {
	return Counts{
		Generated: o.generated.Load(), Encoded: o.encoded.Load(),
		RateDropped: o.rateDropped.Load(), Failed: o.failed.Load(),
	}
}

// close ends the goroutine; the loop no longer knows the session by then, so nothing is put into work.
func (o *output) close() {
	close(o.work)
	<-o.done
	o.mu.Lock()
	defer o.mu.Unlock()
	o.drop()
}
