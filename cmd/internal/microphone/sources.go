package microphone

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pion/mediadevices/pkg/wave"

	"github.com/gioconda-live/gioconda/cmd/internal/files"
	"github.com/gioconda-live/gioconda/pipeline/clip"
	"github.com/gioconda-live/gioconda/rtc/opus"
	"github.com/gioconda-live/gioconda/rtc/voice"
)

// FilePrefix stands before the name of a clip that takes a microphone's place.
const FilePrefix = "file:"

// Tone is the id of a beep that takes its place.
const Tone = "tone"

// Check says early that there is nothing to take a microphone's place. A microphone may come later.
func Check(id string) error {
	if path, ok := strings.CutPrefix(id, FilePrefix); ok {
		return files.CheckInput(path)
	}
	switch kind, name, _ := strings.Cut(id, ":"); {
	case id == Any, id == Tone, (kind == pulseKind || kind == alsaKind) && name != "":
		return nil
	}
	return fmt.Errorf("there can be no microphone %q; gioconda cameras lists those that are, or write any, none, tone or file:CLIP", id)
}

// open opens what is called so.
func open(ctx context.Context, o *Options) (source, error) {
	if path, ok := strings.CutPrefix(o.ID, FilePrefix); ok {
		if err := files.CheckInput(path); err != nil {
			return nil, fmt.Errorf("%w: %w", errMissing, err)
		}
		if ok, err := clip.HasSound(ctx, path); err != nil || !ok {
			return nil, errors.Join(err, errSilent)
		}
		p := &played{ctx: ctx, path: path, film: o.Film}
		if p.film == nil {
			p.own = &ownFilm{}
			p.film = p.own
		}
		return p, nil
	}
	if o.ID == Tone {
		return newBeep(ctx), nil
	}
	id, err := find(ctx, o.ID)
	if err != nil {
		return nil, err
	}
	return capture(ctx, id)
}

// captured is a device.
type captured struct {
	*child
	clock voice.Clock
	stamp uint32
	at    time.Time

	watching sync.WaitGroup
}

// capture opens a device.
func capture(ctx context.Context, id string) (source, error) {
	child, err := start(ctx, inputOf(id)...)
	if err != nil {
		return nil, err
	}
	c := &captured{child: child}
	if strings.HasPrefix(id, pulseKind+":") && !strings.HasSuffix(id, monitor) {
		c.watching.Go(func() { c.watch(child.ctx, id) })
	}
	return c, nil
}

// watchEvery is how often it is asked whether a microphone is still there.
const watchEvery = 2 * time.Second

// watch ends a device that the sound server has no more: that gives us whatever else it has then, such as what it plays.
func (c *captured) watch(ctx context.Context, id string) {
	for wait(ctx, time.Now().Add(watchEvery)) == nil {
		all, ok := listPulse(ctx)
		if ok && !slices.ContainsFunc(all, func(i Info) bool { return i.ID == id }) {
			c.stop()
		}
	}
}

// Close implements io.Closer.
func (c *captured) Close() error {
	err := c.child.Close()
	c.watching.Wait()
	return err
}

// Read implements audio.Reader.
func (c *captured) Read() (wave.Audio, func(), error) {
	a, release, err := c.child.Read()
	if errors.Is(err, io.EOF) || err != nil && c.ctx.Err() != nil { // devices have no end; or it was taken away
		err = errMissing
	}
	if err == nil {
		c.at = c.clock.At(c.stamp, span, time.Now())
		c.stamp += uint32(opus.Ticks(span))
	}
	return a, release, err
}

func (c *captured) began() time.Time { return c.at }

// beep sounds a tenth of a second at each full second of its own.
type beep struct {
	ctx   context.Context //nolint:containedctx // audio.Reader has none
	begin time.Time
	count int // pieces
	piece wave.Int16Interleaved
}

const (
	beepHertz  = 1000
	beepPieces = 5
)

func newBeep(ctx context.Context) *beep {
	return &beep{ctx: ctx, begin: time.Now(), count: -1, piece: wave.Int16Interleaved{
		Data: make([]int16, samples), Size: wave.ChunkInfo{Len: samples, Channels: 1, SamplingRate: rate},
	}}
}

// Read implements audio.Reader.
func (b *beep) Read() (wave.Audio, func(), error) {
	b.count++
	if late := time.Since(b.began()); late > time.Second { // this machine slept
		b.count += int(late / span)
	}
	on := b.count%int(time.Second/span) < beepPieces
	for i := range b.piece.Data {
		b.piece.Data[i] = 0
		if on {
			b.piece.Data[i] = int16(8000 * math.Sin(2*math.Pi*beepHertz*float64(i)/rate))
		}
	}
	return &b.piece, nop, wait(b.ctx, b.began().Add(span))
}

func (b *beep) began() time.Time { return b.begin.Add(time.Duration(b.count) * span) }
func (b *beep) Close() error     { return nil }

// wait sleeps until a time; it fails once ctx ends.
func wait(ctx context.Context, until time.Time) error {
	t := time.NewTimer(time.Until(until))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
