package engine

import (
	"context"
	"runtime"
	"slices"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/cleanup"
	"github.com/gioconda-live/gioconda/cmd/internal/compositor"
	"github.com/gioconda-live/gioconda/cmd/internal/stats"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/cputime"
	"github.com/gioconda-live/gioconda/pipeline/drive"
	"github.com/gioconda-live/gioconda/pipeline/encode"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/perform"
)

// Speed is what a frame takes of a processor here, at the size and rate at which it was measured; of a GPU, how long it takes.
type Speed struct {
	Size, FPS                  int
	Geometric, Learned, Encode time.Duration
}

const (
	measureFor  = 500 * time.Millisecond
	measureWarm = 3                      // frames that do not count
	measureMin  = 4                      // that count at least, on a slow machine
	measureIdle = 100 * time.Microsecond // less than any network takes
)

// measure draws and compresses p for half a second at the frame rate, pauses included: in a tight loop the caches
// stay warm and a frame takes half of what it takes live. It notes medians, of the learned layer that of
// the frames that it paints, and processor time: that other programs are busy at the moment does not decide.
func (e *Engine) measure(ctx context.Context, p *persona.Persona, o *Options) error {
	s, err := speed(ctx, p, o, e.Model)
	if err == nil {
		e.Speed = s
	}
	return err
}

// Again measures once more, while nobody is drawn for: what a session costs was perhaps measured on a busy minute, or the machine
// is busier now. Whoever comes afterwards is let in by what it finds; whether there is a learned layer at all stays as it was. That
// layer belongs to the loop, so it is taken to be slower or faster than at the start by as much as the geometric one.
func (e *Engine) Again(ctx context.Context, p *persona.Persona, o *Options) error {
	s, err := speed(ctx, p, o, nil)
	if err == nil {
		if e.Speed.Geometric > 0 {
			s.Learned = time.Duration(float64(e.Speed.Learned) * float64(s.Geometric) / float64(e.Speed.Geometric))
		}
		e.mu.Lock()
		defer e.mu.Unlock()
		e.alone, e.now = s, s
	}
	return err
}

const (
	learnFrom = 30  // pictures of a session, fewer say nothing
	paintFrom = 10  // of those, painted
	believed  = 1.6 // times less or more than what was measured alone: a driver may make frames costly, not everybody's
)

// Learn has what is known follow what sessions have spent lately, in the middle of them, half the way each time.
func (e *Engine) Learn(lately []pipeline.Spent) {
	var geometric, learned, encode []time.Duration
	for _, s := range lately {
		if s.Pictures < learnFrom {
			continue
		}
		geometric = append(geometric, s.First/time.Duration(s.Pictures))
		encode = append(encode, s.Encode/time.Duration(s.Pictures))
		if s.Painted >= paintFrom {
			learned = append(learned, s.Second/time.Duration(s.Painted))
		}
	}
	now := e.Now()
	e.mu.Lock()
	defer e.mu.Unlock()
	base := e.alone
	if base.FPS == 0 {
		base = e.Speed
	}
	follow(&now.Geometric, geometric, base.Geometric)
	follow(&now.Learned, learned, base.Learned)
	follow(&now.Encode, encode, base.Encode)
	e.now = now
}

// follow moves now towards the middle of what was seen, as far as that can be believed beside base. It reorders seen.
func follow(now *time.Duration, seen []time.Duration, base time.Duration) {
	if len(seen) == 0 {
		return
	}
	least, most := time.Duration(float64(base)/believed), time.Duration(float64(base)*believed)
	*now += (min(max(stats.Median(seen), least), most) - *now) / 2
}

// speed draws and compresses with a model, which may be nil.
func speed(ctx context.Context, p *persona.Persona, o *Options, model *portrait.Model) (found Speed, err error) {
	cfg := &o.Pipeline
	cache := compositor.NewCache(o.Mesh, model, nil)
	defer cache.Close()
	sub, err := cache.Open(ctx, p)
	if err != nil {
		return found, err
	}
	defer sub.Close()
	enc, err := encode.New(*cfg)(pipeline.Rendition{Codec: pipeline.VP8, Edge: cfg.Size, MaxBPS: cfg.BitrateMax})
	if err != nil {
		return found, err
	}
	defer cleanup.Close(&err, enc)
	dst, err := frame.NewI420(cfg.Size, cfg.Size)
	if err != nil {
		return found, err
	}
	play, err := perform.New("talking")
	if err != nil {
		return found, err
	}
	runtime.LockOSThread() // whose time is measured
	defer runtime.UnlockOSThread()
	stepper := pipeline.NewStepper(sub, compositor.New(model), drive.DefaultOptions(), cfg.FPS, 1)
	interval := time.Second / time.Duration(cfg.FPS)
	begin, tick := time.Now(), time.NewTicker(interval)
	defer tick.Stop()
	var geometric, learned, encode []time.Duration
	var s landmark.Sample
	var out frame.Encoded
	for n := 0; n < measureWarm+measureMin || time.Since(begin) < measureFor; n++ {
		// Two seconds into the performance, where it talks.
		play.At(2*time.Second+time.Duration(n)*interval, &s)
		t0 := cputime.Thread()
		if err := stepper.Step(&s, dst); err != nil {
			return found, err
		}
		t1, second := cputime.Thread(), stepper.Second()
		if err := enc.Encode(&out, dst, time.Duration(n)*interval, n == 0); err != nil {
			return found, err
		}
		if n >= measureWarm {
			first := t1 - t0
			if model == nil || !model.Device().CUDA { // a GPU's time is not the thread's
				first -= second
			}
			geometric, learned, encode = append(geometric, first), append(learned, second), append(encode, cputime.Thread()-t1)
		}
		select {
		case <-ctx.Done():
			return found, ctx.Err()
		case <-tick.C:
		}
	}
	return Speed{cfg.Size, cfg.FPS, stats.Median(geometric), whilePainting(learned), stats.Median(encode)}, nil
}

// whilePainting is the median of the frames in which the learned layer painted; where lips meet it has nothing to do, and a
// machine must hold the frame rate where it has. It reorders d.
func whilePainting(d []time.Duration) time.Duration {
	d = slices.DeleteFunc(d, func(t time.Duration) bool { return t < measureIdle })
	if len(d) == 0 {
		return 0
	}
	return stats.Median(d)
}
