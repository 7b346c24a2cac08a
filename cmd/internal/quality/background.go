package quality

import (
	"image"

	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// backgroundWatch counts changes of pixels that are well away from the person.
type backgroundWatch struct {
	first  []byte
	far    []bool // pixels further than a fifth of the picture from the person
	count  int
	differ []bool
}

func newBackgroundWatch(matte *image.Gray, size int) *backgroundWatch {
	b := &backgroundWatch{far: make([]bool, size*size), differ: make([]bool, size*size)}
	const cell = 16
	n := size / cell
	person := make([]bool, n*n)
	edge := matte.Bounds().Dx()
	for y := range edge {
		for x := range edge {
			if matte.Pix[y*matte.Stride+x] > 8 {
				person[y*n/edge*n+x*n/edge] = true
			}
		}
	}
	reach := n / 5
	for i := range b.far {
		cx, cy := i%size/cell, i/size/cell
		b.far[i] = true
		for y := max(0, cy-reach); y <= min(n-1, cy+reach) && b.far[i]; y++ {
			for x := max(0, cx-reach); x <= min(n-1, cx+reach); x++ {
				if person[y*n+x] {
					b.far[i] = false
					break
				}
			}
		}
		if b.far[i] {
			b.count++
		}
	}
	return b
}

func (b *backgroundWatch) see(f *frame.I420) {
	if b.first == nil {
		b.first = append([]byte(nil), f.Y...)
		return
	}
	for i, v := range f.Y {
		if b.far[i] && v != b.first[i] {
			b.differ[i] = true
		}
	}
}

// changed is the share of the far background that was ever different from the first frame.
func (b *backgroundWatch) changed() float64 {
	n := 0
	for _, d := range b.differ {
		if d {
			n++
		}
	}
	if b.count == 0 {
		return 0
	}
	return float64(n) / float64(b.count)
}
