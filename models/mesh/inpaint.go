package mesh

// pushPull fills the pixels of all planes whose weight is below 1 from the others, smoothly: averages weighted by w are
// pushed up a pyramid and pulled back down (Gortler et al. 1996). Pixels with weight 1 stay as they are.
func pushPull(planes []*plane, weight *plane) {
	if weight.w <= 2 && weight.h <= 2 {
		flatten(planes, weight)
		return
	}
	w2 := newPlane((weight.w+1)/2, (weight.h+1)/2)
	small := make([]*plane, len(planes))
	for i := range small {
		small[i] = newPlane(w2.w, w2.h)
	}
	for y := range weight.h {
		for x := range weight.w {
			o, q := y*weight.w+x, y/2*w2.w+x/2
			wt := weight.pix[o]
			w2.pix[q] += wt
			for i, p := range planes {
				small[i].pix[q] += wt * p.pix[o]
			}
		}
	}
	for q, wt := range w2.pix {
		if wt > 0 {
			for i := range small {
				small[i].pix[q] /= wt
			}
		}
		w2.pix[q] = min(1, wt)
	}
	pushPull(small, w2)
	for y := range weight.h {
		for x := range weight.w {
			o := y*weight.w + x
			wt := weight.pix[o]
			if wt >= 1 {
				continue
			}
			sx, sy := (float32(x)+0.5)/2, (float32(y)+0.5)/2
			for i, p := range planes {
				p.pix[o] = p.pix[o]*wt + small[i].sample(sx, sy)*(1-wt)
			}
		}
	}
}

// flatten ends the pyramid: one mean for all.
func flatten(planes []*plane, weight *plane) {
	var total float32
	for _, wt := range weight.pix {
		total += wt
	}
	for _, p := range planes {
		mean := float32(0)
		for o, wt := range weight.pix {
			mean += wt * p.pix[o]
		}
		if total > 0 {
			mean /= total
		}
		for o, wt := range weight.pix {
			p.pix[o] = p.pix[o]*wt + mean*(1-wt)
		}
	}
}

// spread is a grey dilation (grow = true) or erosion by a square of radius r.
func (p *plane) spread(r int, grow bool) *plane {
	pick := func(a, b float32) float32 {
		if (a > b) == grow {
			return a
		}
		return b
	}
	mid, out := newPlane(p.w, p.h), newPlane(p.w, p.h)
	for y := range p.h {
		for x := range p.w {
			v := p.pix[y*p.w+x]
			for i := max(0, x-r); i <= min(p.w-1, x+r); i++ {
				v = pick(v, p.pix[y*p.w+i])
			}
			mid.pix[y*p.w+x] = v
		}
	}
	for y := range p.h {
		for x := range p.w {
			v := mid.pix[y*p.w+x]
			for j := max(0, y-r); j <= min(p.h-1, y+r); j++ {
				v = pick(v, mid.pix[j*p.w+x])
			}
			out.pix[y*p.w+x] = v
		}
	}
	return out
}

// relax solves Laplace's equation where hole > 0.5, with the other pixels as boundary, in the box [x0,x1) x [y0,y1):
// a membrane. Gauss-Seidel with over-relaxation, a fixed number of rounds.
func relax(p, hole *plane, x0, y0, x1, y1, rounds int) {
	x0, y0, x1, y1 = max(x0, 1), max(y0, 1), min(x1, p.w-1), min(y1, p.h-1)
	for range rounds {
		for y := y0; y < y1; y++ {
			for x := x0; x < x1; x++ {
				o := y*p.w + x
				if hole.pix[o] <= 0.5 {
					continue
				}
				mean := (p.pix[o-1] + p.pix[o+1] + p.pix[o-p.w] + p.pix[o+p.w]) / 4
				p.pix[o] += 1.7 * (mean - p.pix[o])
			}
		}
	}
}
