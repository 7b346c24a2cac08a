package camera

import (
	"context"
	"errors"
	"image"
	"io"
	"time"

	"github.com/pion/mediadevices/pkg/driver"
	"github.com/pion/mediadevices/pkg/frame"
	"github.com/pion/mediadevices/pkg/io/video"
	"github.com/pion/mediadevices/pkg/prop"
)

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

	reel reel // nil while it is closed
	img  *image.RGBA
	due  time.Time
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
	if p.due = p.due.Add(step); time.Since(p.due) > step { // reading takes longer than the film: go on from here
		p.due = time.Now()
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
	if err = p.reel.next(p.img); errors.Is(err, io.EOF) {
		return errEmpty
	}
	return err
}

var errEmpty = errors.New("there is no picture in it")
