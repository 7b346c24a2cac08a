package texmap

import "github.com/gioconda-live/gioconda/models/mesh/planar"

// fillSpans makes the pixels of a triangle opaque in a matte.
func fillSpans(dst []byte, stride int, rows planar.Band, e *edges) {
	from, to := e.rows(rows)
	for y := from; y < to; y++ {
		x0, x1 := e.span(y, stride)
		if x0 >= x1 {
			continue
		}
		row := dst[y*stride+x0 : y*stride+x1]
		for i := range row {
			row[i] = 255
		}
	}
}

// cover lays the opacity q of a triangle, lowered to fade/256, over a matte. q is as fine as what g is of, or with half half as fine.
func (q *quadPlane) cover(dst []byte, stride int, rows planar.Band, e *edges, g *gradient, fade uint32, half bool) {
	from, to := e.rows(rows)
	for y := from; y < to; y++ {
		x0, x1 := e.span(y, stride)
		if x0 >= x1 {
			continue
		}
		s, v := g.at(x0, y)
		row := dst[y*stride+x0 : y*stride+x1]
		for i := range row {
			as, av := s, v
			if half {
				as, av = coarse(s), coarse(v)
			}
			if o := int(av>>16)*q.w + int(as>>16); row[i] != 255 && uint(o) < uint(len(q.pix)) {
				switch quad := q.pix[o]; {
				case quad == 0:
				case quad == 0xffffffff && fade == 256:
					row[i] = 255
				default:
					row[i] = Mix(row[i], 255, bilinear(quad, uint32(as)>>8&255, uint32(av)>>8&255)*fade>>8)
				}
			}
			s += g.dsdx
			v += g.dtdx
		}
	}
}

// covered is a plane of opacity 1.
type covered struct{}

func (covered) sample(int32, int32) (uint32, bool) { return 255, true }
