package persona

import (
	"image"
	"math"
)

// setNeighbours keeps where the other faces of the picture are. number is that of the chosen one, from 1.
func (b *builder) setNeighbours(faces []Face, number int) {
	for i := range faces {
		if i != number-1 {
			b.others = append(b.others, faceBounds(&faces[i].Points))
		}
	}
}

// leaveOut clears from the coarse matte of the crop what belongs to somebody else: cells that are nearer to another face than to the
// chosen one, each measured by its face's height. Neighbours then are part of the background, and stand still.
func (b *builder) leaveOut(m *image.Gray) {
	if len(b.others) == 0 {
		return
	}
	side := float64(m.Rect.Dx())
	own := faceBounds(&b.face.Points).scaled(side)
	var others []bounds
	scale := float64(b.source.Rect.Dx()) / float64(b.place.edge)
	x, y := float64(b.place.x)/float64(b.place.edge), float64(b.place.y)/float64(b.place.edge)
	for _, o := range b.others {
		o = o.scaled(scale)
		others = append(others, bounds{o.x0 - x, o.y0 - y, o.x1 - x, o.y1 - y}.scaled(side))
	}
	for j := range m.Rect.Dy() {
		for i := range m.Rect.Dx() {
			px, py := float64(i)+0.5, float64(j)+0.5
			for _, o := range others {
				if o.far(px, py) < own.far(px, py) {
					m.Pix[j*m.Stride+i] = 0
				}
			}
		}
	}
}

// far is the distance of a point from the box's middle, in heights of the box.
func (b bounds) far(x, y float64) float64 {
	return math.Hypot(x-(b.x0+b.x1)/2, y-(b.y0+b.y1)/2) / b.height()
}
