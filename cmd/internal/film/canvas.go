package film

import (
	"errors"
	"image"

	"github.com/gioconda-live/gioconda/cmd/internal/imaging"
	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// canvas arranges driver, portrait or whole picture in one film frame.
type canvas struct {
	out  *frame.I420 // what is written
	crop *frame.I420 // what the generator draws; out itself when nothing else is shown
	side *image.RGBA // scaled view of the driver
	pane *frame.I420
	full *fullFrame
}

func newCanvas(size int, sideBySide bool, full *fullFrame) (c *canvas, err error) {
	c = &canvas{full: full}
	if c.crop, err = frame.NewI420(size, size); err != nil {
		return nil, err
	}
	c.out = c.crop
	if full != nil {
		c.out = full.out
	}
	if !sideBySide {
		return c, nil
	}
	h := c.out.Height
	c.side = image.NewRGBA(image.Rect(0, 0, h, h))
	if c.pane, err = frame.NewI420(h, h); err != nil {
		return nil, err
	}
	c.out, err = frame.NewI420(h+c.out.Width, h)
	return c, err
}

// compose builds the frame after the generator has drawn c.crop. view may be nil.
func (c *canvas) compose(view *image.RGBA) error {
	picture := c.crop
	if c.full != nil {
		if err := c.full.compose(c.crop); err != nil {
			return err
		}
		picture = c.full.out
	}
	if c.pane == nil {
		return nil
	}
	if view != nil {
		imaging.Fit(c.side, view)
	}
	if err := c.pane.FromRGBA(c.side); err != nil {
		return err
	}
	return errors.Join(c.out.Blit(c.pane, 0, 0), c.out.Blit(picture, c.pane.Width, 0))
}
