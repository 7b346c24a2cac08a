package persona

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"sync"

	"golang.org/x/image/draw"
)

// fullEdge is the longer side of the whole picture at most, as it is kept.
const fullEdge = 2048

// fullQuality keeps the seam invisible where the moving crop is pasted back.
const fullQuality = 95

// Full is the whole picture, longer side at most 2048 pixels. In a file it is a JPEG, decoded when first asked for.
// It is safe for concurrent use.
type Full struct {
	width, height int
	once          sync.Once
	jpeg          []byte // as loaded, or nil
	image         *image.RGBA
	err           error
}

// NewFull keeps img, opaque with bounds from (0, 0); it must not be changed afterwards.
func NewFull(img *image.RGBA) *Full {
	return &Full{width: img.Rect.Dx(), height: img.Rect.Dy(), image: img}
}

// newFullJPEG checks the header of an encoded picture; its pixels are decoded later.
func newFullJPEG(data []byte) (*Full, error) {
	c, err := jpeg.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	if !fullFits(c.Width, c.Height) {
		return nil, fmt.Errorf("%d x %d pixels", c.Width, c.Height)
	}
	return &Full{width: c.Width, height: c.Height, jpeg: data}, nil
}

func fullFits(width, height int) bool {
	return min(width, height) >= 1 && max(width, height) <= fullEdge
}

// Size is the picture's width and height in pixels.
func (f *Full) Size() (width, height int) { return f.width, f.height }

// Image decodes the picture on first use and then shares it: it must not be changed.
func (f *Full) Image() (*image.RGBA, error) {
	if f == nil {
		return nil, refuse(CodeCorrupted, "This persona does not hold the whole picture; make it again from the picture.")
	}
	f.once.Do(func() {
		if f.image != nil {
			return
		}
		img, err := jpeg.Decode(bytes.NewReader(f.jpeg))
		if err != nil {
			f.err = refuseFor(err, CodeCorrupted, "The whole picture in this persona is damaged; make the persona again.")
			return
		}
		f.image = image.NewRGBA(image.Rect(0, 0, f.width, f.height))
		draw.Draw(f.image, f.image.Rect, img, img.Bounds().Min, draw.Src)
	})
	return f.image, f.err
}

// encoded is the picture as a JPEG, the same bytes that it was loaded from.
func (f *Full) encoded() ([]byte, error) {
	if f.jpeg != nil {
		return f.jpeg, nil
	}
	var b bytes.Buffer
	err := jpeg.Encode(&b, f.image, &jpeg.Options{Quality: fullQuality})
	return b.Bytes(), err
}
