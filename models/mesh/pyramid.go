package mesh

// pushPull fills the pixels of all planes whose weight is below 1 from the others, smoothly: averages weighted by w
// are pushed up a pyramid and pulled back down (Gortler et al. 1996). Pixels with weight 1 stay as they are.
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
	pull(planes, small, weight)
}

// pull blends the half-size pictures, enlarged bilinearly, into the pixels that are not fully known.
func pull(planes, small []*plane, weight *plane) {
	w2, h2 := small[0].w, small[0].h
	for y := range weight.h {
		// Pixel centres of the small picture lie at odd quarters: weights are 3/4 and 1/4.
		j0 := (y - 1) >> 1
		fy := float32(0.25)
		if y&1 == 0 {
			fy = 0.75
		}
		r0, r1 := max(j0, 0)*w2, min(j0+1, h2-1)*w2
		row := weight.pix[y*weight.w : (y+1)*weight.w]
		for x, wt := range row {
			if wt >= 1 {
				continue
			}
			i0 := (x - 1) >> 1
			fx := float32(0.25)
			if x&1 == 0 {
				fx = 0.75
			}
			i1 := min(i0+1, w2-1)
			i0 = max(i0, 0)
			o := y*weight.w + x
			for i, p := range planes {
				q := small[i].pix
				a := q[r0+i0] + (q[r0+i1]-q[r0+i0])*fx
				b := q[r1+i0] + (q[r1+i1]-q[r1+i0])*fx
				p.pix[o] = p.pix[o]*wt + (a+(b-a)*fy)*(1-wt)
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
