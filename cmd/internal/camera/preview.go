package camera

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"sync"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/imaging"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

// preview is what the tracker saw last, for whoever looks. While nobody does it costs nothing.
type preview struct {
	mu    sync.Mutex // guards the following
	asked time.Time
	view  *image.RGBA
	seen  landmark.Sample
	full  bool
}

const (
	previewWidth  = 480
	previewHeight = 360
	previewFor    = 3 * time.Second // after somebody asked
)

// keep takes a picture and what was seen in it.
func (v *preview) keep(p *picture, s *landmark.Sample) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if time.Since(v.asked) > previewFor {
		v.full = false
		return
	}
	if v.view == nil {
		v.view = image.NewRGBA(image.Rect(0, 0, previewWidth, previewHeight))
	}
	imaging.Fit(v.view, p.img)
	v.seen, v.full = *s, true
}

// Picture is what the tracker saw last as a small JPEG, a dot for each landmark; false where there is none yet. The first
// call asks for one.
func (c *Camera) Picture() ([]byte, bool) {
	v := &c.preview
	v.mu.Lock()
	defer v.mu.Unlock()
	v.asked = time.Now()
	if !v.full {
		return nil, false
	}
	if !v.seen.Lost() {
		dots(v.view, &v.seen)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, v.view, &jpeg.Options{Quality: 70}); err != nil {
		return nil, false
	}
	return b.Bytes(), true
}

// dots draws the landmarks, in units of the width, into a picture that shows the whole of the camera's, over black.
func dots(img *image.RGBA, s *landmark.Sample) {
	w, h := float64(s.Width), float64(s.Height)
	k := min(previewWidth/w, previewHeight/h)
	left, top := (previewWidth-k*w)/2, (previewHeight-k*h)/2
	green := color.RGBA{R: 60, G: 255, B: 120, A: 255}
	for i := range s.Points {
		x, y := int(left+k*w*float64(s.Points[i].X)), int(top+k*w*float64(s.Points[i].Y))
		for dy := range 2 {
			for dx := range 2 {
				img.SetRGBA(x+dx, y+dy, green) // nothing happens outside
			}
		}
	}
}
