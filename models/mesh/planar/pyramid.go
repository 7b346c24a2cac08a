package planar

// PushPull fills the pixels whose weight is below 1 from the others, smoothly, in all planes: averages weighted by weight (0..1)
// are pushed up a pyramid and pulled back down (Gortler et al. 1996). Pixels with weight 1 stay as they are. All planes have
// one size and are changed. Where no pixel has a weight there is nothing to fill from: the planes stay as they are.
func PushPull(planes []*Plane, weight *Plane) {
	if weight.W <= 2 && weight.H <= 2 {
		flatten(planes, weight)
		return
	}
	w2 := New((weight.W+1)/2, (weight.H+1)/2)
	small := make([]*Plane, len(planes))
	for i := range small {
		small[i] = New(w2.W, w2.H)
	}
	for y := range weight.H {
		for x := range weight.W {
			o, q := y*weight.W+x, y/2*w2.W+x/2
			wt := weight.Pix[o]
			w2.Pix[q] += wt
			for i, p := range planes {
				small[i].Pix[q] += wt * p.Pix[o]
			}
		}
	}
	for q, wt := range w2.Pix {
		if wt > 0 {
			for i := range small {
				small[i].Pix[q] /= wt
			}
		}
		w2.Pix[q] = min(1, wt)
	}
	PushPull(small, w2)
	pull(planes, small, weight)
}

// pull blends the half-size pictures, enlarged bilinearly, into the pixels that are not fully known.
func pull(planes, small []*Plane, weight *Plane) {
	w2, h2 := small[0].W, small[0].H
	for y := range weight.H {
		// Pixel centres of the small picture lie at odd quarters: weights are 3/4 and 1/4.
		j0 := (y - 1) >> 1
		fy := float32(0.25)
		if y&1 == 0 {
			fy = 0.75
		}
		r0, r1 := max(j0, 0)*w2, min(j0+1, h2-1)*w2
		row := weight.Pix[y*weight.W : (y+1)*weight.W]
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
			o := y*weight.W + x
			for i, p := range planes {
				q := small[i].Pix
				a := q[r0+i0] + (q[r0+i1]-q[r0+i0])*fx
				b := q[r1+i0] + (q[r1+i1]-q[r1+i0])*fx
				p.Pix[o] = p.Pix[o]*wt + (a+(b-a)*fy)*(1-wt)
			}
		}
	}
}

// flatten ends the pyramid: one mean for all.
func flatten(planes []*Plane, weight *Plane) {
	var total float32
	for _, wt := range weight.Pix {
		total += wt
	}
	if total <= 0 {
		return
	}
	for _, p := range planes {
		mean := float32(0)
		for o, wt := range weight.Pix {
			mean += wt * p.Pix[o]
		}
		mean /= total
		for o, wt := range weight.Pix {
			p.Pix[o] = p.Pix[o]*wt + mean*(1-wt)
		}
	}
}
