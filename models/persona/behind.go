package persona

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
)

// Behind is the background of a portrait, as other pictures by a camera that stood still show it, where the person covers it in View.
// It is immutable once made.
type Behind struct {
	// Picture has the size of Crop and lies as Crop does, opaque; only what Seen tells of counts.
	Picture *image.RGBA
	// Seen is how much each pixel is known: 255 was seen, 0 is a guess. Same size.
	Seen *image.Gray

	jpeg []byte // as loaded, or nil
}

// Names of its sections. They count with those of optional layers, as which readers from before there were such keep them.
const (
	sectionBehind = "behind.jpg"
	sectionSeen   = "behind.png"
)

const (
	// behindQuality is that of the picture: little of it is seen at a time, and behind a head that moves.
	behindQuality = 92
	// mostBehind bounds its bytes; noise of the largest size has 1.3 MB.
	mostBehind = 2 << 20
)

// sections are its parts.
func (b *Behind) sections() ([]section, error) {
	if b == nil {
		return nil, nil
	}
	seen, err := encodePNG(b.Seen)
	if err != nil {
		return nil, err
	}
	data := b.jpeg
	if data == nil {
		var out bytes.Buffer
		if err := jpeg.Encode(&out, b.Picture, &jpeg.Options{Quality: behindQuality}); err != nil {
			return nil, err
		}
		data = out.Bytes()
	}
	if len(data) > mostBehind {
		return nil, fmt.Errorf("what is behind the person has %d bytes; at most %d fit", len(data), mostBehind)
	}
	return []section{{sectionBehind, data}, {sectionSeen, seen}}, nil
}

// fits tells whether b can lie behind a crop of r.
func (b *Behind) fits(r image.Rectangle) error {
	switch {
	case b == nil:
		return nil
	case b.Picture == nil || b.Seen == nil:
		return errors.New("of what is behind the person a part is missing")
	case b.Picture.Rect != r || b.Seen.Rect != r:
		return errors.New("what is behind the person must have the crop's size")
	case !b.Picture.Opaque():
		return errors.New("what is behind the person must be opaque")
	}
	return nil
}

// take reads one part, once its header is found to fit.
func (b *Behind) take(name string, data []byte) (err error) {
	if name == sectionSeen {
		b.Seen, err = parseGrey(data)
		return err
	}
	if len(data) > mostBehind {
		return fmt.Errorf("%d bytes", len(data))
	}
	if n := bytes.Count(data, []byte("\xff\xda")); n > 1 { // each takes a pass over all pixels, for a few bytes
		return fmt.Errorf("%d scans", n)
	}
	c, err := jpeg.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return err
	}
	if c.Width != c.Height || c.Width < minFileEdge || c.Width > maxCropEdge {
		return fmt.Errorf("%d x %d pixels", c.Width, c.Height)
	}
	img, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		return err
	}
	b.Picture = image.NewRGBA(image.Rect(0, 0, c.Width, c.Height))
	draw.Draw(b.Picture, b.Picture.Rect, img, img.Bounds().Min, draw.Src)
	b.jpeg = bytes.Clone(data) // not to keep the whole file for it
	return nil
}
