package pipeline

import (
	"fmt"
	"net/url"
)

// Form is how a rendition shows the portrait. The zero value is the picture as it is drawn, a square.
type Form struct {
	// Alpha gives what is drawn over the background, for a viewer that has another one: two pictures above one another, the
	// colours over black (premultiplied), and the matte as luma, 16 for nothing to 235 for all. Badge and marker are in both.
	Alpha bool
	// Wide is 16:9: the square at full height in the middle, beside it what goes on from its background, with Alpha nothing.
	Wide bool
}

// The full size of a wide picture, pixels.
const (
	WideWidth  = 1280
	WideHeight = 720
)

// ParseForm reads a form from the query of a URL: alpha=0 or 1, aspect=1:1 or 16:9; what is absent is as in unless. It fails with
// ErrRendition.
func ParseForm(q url.Values, unless Form) (Form, error) {
	f := unless
	switch v := q.Get("alpha"); v {
	case "":
	case "0":
		f.Alpha = false
	case "1":
		f.Alpha = true
	default:
		return Form{}, fmt.Errorf("%w: alpha=%q; use alpha=1 for a transparent background, alpha=0 for the drawn one", ErrRendition, v)
	}
	switch v := q.Get("aspect"); v {
	case "":
	case "1:1":
		f.Wide = false
	case "16:9":
		f.Wide = true
	default:
		return Form{}, fmt.Errorf("%w: aspect=%q; use 1:1 or 16:9", ErrRendition, v)
	}
	return f, nil
}

// Size is the size of what is compressed, in pixels.
func (r Rendition) Size() (width, height int) {
	width, height = r.Edge, r.Edge
	if r.Wide {
		width = r.Edge * WideWidth / WideHeight
	}
	if r.Alpha {
		height *= 2
	}
	return width, height
}
