package camera

import (
	"context"
	"errors"
	"image"
	"io"
	"sync"
	"time"

	"github.com/pion/mediadevices/pkg/driver"
	"github.com/pion/mediadevices/pkg/frame"
	"github.com/pion/mediadevices/pkg/io/video"
	"github.com/pion/mediadevices/pkg/prop"
)

// mostLate is how late a picture may come for those after it to catch up. A film's own sound waits for none that come in time.
const mostLate = 500 * time.Millisecond

// reel is pictures that take the place of a camera's.
type reel interface {
	size() (width, height int)
	rate() (num, den int) // pictures a second
	// next draws the next picture; io.EOF after the last.
	next(img *image.RGBA) error
	close() error
}

// played is a camera of mediadevices that shows a reel, again and again, in real time, until ctx ends.
type played struct {
	ctx  context.Context //nolint:containedctx // mediadevices' interface has none
	open func(ctx context.Context) (reel, error)
	film *filmClock // is told how far the reel is

	reel reel // nil while it is closed
	img  *image.RGBA
	due  time.Time
	next int // picture, which is due then
}

var (
	_ driver.Adapter       = (*played)(nil)
	_ driver.VideoRecorder = (*played)(nil)
)

// Open implements driver.Adapter.
func (p *played) Open() (err error) {
	if p.reel, err = p.open(p.ctx); err != nil {
		return err
	}
	p.img = image.NewRGBA(image.Rectangle{Max: image.Pt(p.reel.size())})
	return nil
}

// Close implements driver.Adapter.
func (p *played) Close() error {
	if p.reel == nil {
		return nil
	}
	err := p.reel.close()
	p.reel = nil
	return err
}

// Properties implements driver.Adapter.
func (p *played) Properties() []prop.Media {
	num, den := p.reel.rate()
	return []prop.Media{{Video: prop.Video{
		Width: p.img.Rect.Dx(), Height: p.img.Rect.Dy(), FrameRate: float32(num) / float32(den), FrameFormat: frame.FormatRGBA,
	}}}
}

// VideoRecord implements driver.VideoRecorder. The pictures are good until the next one.
func (p *played) VideoRecord(prop.Media) (video.Reader, error) {
	p.due = time.Now()
	p.film.begin(p.due)
	return video.ReaderFunc(p.read), nil
}

// read waits until the next picture is due.
func (p *played) read() (image.Image, func(), error) {
	if err := p.advance(); err != nil {
		return nil, func() {}, err
	}
	t := time.NewTimer(time.Until(p.due))
	defer t.Stop()
	select {
	case <-p.ctx.Done():
		return nil, func() {}, p.ctx.Err()
	case <-t.C:
	}
	num, den := p.reel.rate()
	step := time.Duration(int64(den) * int64(time.Second) / int64(num))
	p.next++
	if p.due = p.due.Add(step); time.Since(p.due) > mostLate { // reading takes longer than the film: go on from here
		p.due = time.Now()
		p.film.move(p.due.Add(-time.Duration(p.next) * step))
	}
	return p.img, func() {}, nil
}

// advance reads the next picture, from the start again where it was the last.
func (p *played) advance() error {
	err := p.reel.next(p.img)
	if !errors.Is(err, io.EOF) {
		return err
	}
	if err = p.Close(); err != nil {
		return err
	}
	if p.reel, err = p.open(p.ctx); err != nil {
		return err
	}
	p.next = 0
	if now := time.Now(); p.due.Before(now) { // opening took that long
		p.due = now
	}
	p.film.begin(p.due)
	if err = p.reel.next(p.img); errors.Is(err, io.EOF) {
		return errEmpty
	}
	return err
}

var errEmpty = errors.New("there is no picture in it")

// filmClock tells how far a reel is that is shown again and again. Methods are safe for concurrent use; the zero value is ready.
type filmClock struct {
	mu    sync.Mutex // guards the following
	n     uint64     // showings begun
	begun time.Time  // of the newest
}

// begin says when the first picture of another showing is due.
func (f *filmClock) begin(at time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.n++
	f.begun = at
}

// move says when it would have been due for what comes now to be in time.
func (f *filmClock) move(at time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.begun = at
}

// Showing tells which showing of its film a camera is at, counted from 1, and when that began, or would have begun where
// pictures came late since; 0 for a real camera.
func (c *Camera) Showing() (n uint64, begun time.Time) {
	c.film.mu.Lock()
	defer c.film.mu.Unlock()
	return c.film.n, c.film.begun
}
