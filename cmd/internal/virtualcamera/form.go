package virtualcamera

import (
	"fmt"

	"github.com/gioconda-live/gioconda/pipeline"
)

// form is how a device takes pictures.
type form struct {
	what          pipeline.Rendition
	kind          uint32 // yuyv or yu12
	width, height int
}

// String is the form for people.
func (f form) String() string {
	name := []byte{byte(f.kind), byte(f.kind >> 8), byte(f.kind >> 16), byte(f.kind >> 24)}
	for i, c := range name {
		if c < ' ' || c > '~' {
			name[i] = '?'
		}
	}
	return fmt.Sprintf("%s %dx%d", name, f.width, f.height)
}

// bytes is how long a picture is.
func (f form) bytes() int {
	if f.kind == yuyv {
		return 2 * f.width * f.height
	}
	return f.width * f.height * 3 / 2
}

// fill writes a picture, the planes of an I420 one after another, into dst in the device's form.
func (f form) fill(dst, planes []byte) {
	if f.kind == yu12 {
		copy(dst, planes)
		return
	}
	w, n := f.width, f.width*f.height
	y, u, v := planes[:n], planes[n:n+n/4], planes[n+n/4:n+n/2]
	for row := range f.height {
		line, luma := dst[2*w*row:][:2*w], y[w*row:][:w]
		us, vs := u[w/2*(row/2):][:w/2], v[w/2*(row/2):][:w/2]
		for i := range us {
			line[4*i], line[4*i+1], line[4*i+2], line[4*i+3] = luma[2*i], us[i], luma[2*i+1], vs[i]
		}
	}
}
