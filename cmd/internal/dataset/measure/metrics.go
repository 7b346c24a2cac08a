package measure

import (
	"image"
	"math"
)

// picture is a picture as it is measured: planes of edge x edge numbers, 0..1.
type picture struct {
	edge int
	rgb  [3][]float32
	luma []float32
}

func newPicture(edge int) *picture {
	p := &picture{edge: edge, luma: make([]float32, edge*edge)}
	for k := range p.rgb {
		p.rgb[k] = make([]float32, edge*edge)
	}
	return p
}

// set takes the colours of a picture of edge x edge pixels.
func (p *picture) set(m *image.RGBA) {
	for i := range p.luma {
		r, g, b := float32(m.Pix[4*i])/255, float32(m.Pix[4*i+1])/255, float32(m.Pix[4*i+2])/255
		p.rgb[0][i], p.rgb[1][i], p.rgb[2][i] = r, g, b
		p.luma[i] = 0.299*r + 0.587*g + 0.114*b
	}
}

// figures are how a picture differs from the true one inside an area.
type figures struct {
	l1     float64 // mean absolute difference of R, G and B, 0..1
	psnr   float64 // decibels
	ssim   float64
	energy float64 // of the picture's own slopes, see energy
}

// compare measures p against the truth where weight says so; alike is the SSIM of every pixel.
func (p *picture) compare(truth *picture, alike, weight []float32) figures {
	var sum, squares, same, total float64
	for i, w := range weight {
		if w == 0 {
			continue
		}
		for k := range p.rgb {
			d := float64(p.rgb[k][i] - truth.rgb[k][i])
			sum += float64(w) * math.Abs(d)
			squares += float64(w) * d * d
		}
		same += float64(w) * float64(alike[i])
		total += float64(w)
	}
	return figures{
		l1: sum / total / 3, psnr: -10 * math.Log10(squares/total/3+1e-8), ssim: same / total, energy: p.energy(weight),
	}
}

// energy is the mean square of the slopes to the left and upwards: how crisp a picture is.
func (p *picture) energy(weight []float32) float64 {
	var across, down, wide, high float64
	e := p.edge
	for i, w := range weight {
		if w == 0 {
			continue
		}
		x, y := i%e, i/e
		for _, c := range p.rgb {
			if x > 0 {
				d := float64(c[i] - c[i-1])
				across += float64(w) * d * d
			}
			if y > 0 {
				d := float64(c[i] - c[i-e])
				down += float64(w) * d * d
			}
		}
		if x > 0 {
			wide += float64(w)
		}
		if y > 0 {
			high += float64(w)
		}
	}
	return (across/max(wide, 1e-6) + down/max(high, 1e-6)) / 3
}

// flicker is how much more or less than the truth's a picture changes from one frame to the next: mean absolute
// difference of both changes, where the area is in both frames.
func flicker(now, before, truth, truthBefore *picture, weight, weightBefore []float32) float64 {
	var sum, total float64
	for i, w := range weight {
		w := float64(min(w, weightBefore[i]))
		if w == 0 {
			continue
		}
		for k := range now.rgb {
			d := now.rgb[k][i] - before.rgb[k][i] - truth.rgb[k][i] + truthBefore.rgb[k][i]
			sum += w * math.Abs(float64(d))
		}
		total += w
	}
	return sum / max(total, 1e-6) / 3
}

// similarity is structural similarity of luma with one true picture: Wang et al. 2004, Gaussian window of sigma 1.5 cut
// at two sigma, edge pixels repeated beyond the picture.
type similarity struct {
	edge         int
	window       [7]float32
	truth        *picture
	mean, spread []float32 // of the truth
	own, square  []float32 // of the picture at work
	both         []float32
	rows         []float32
}

func newSimilarity(edge int) *similarity {
	s := &similarity{edge: edge}
	var sum float32
	for i := range s.window {
		d := float64(i - len(s.window)/2)
		s.window[i] = float32(math.Exp(-d * d / (2 * 1.5 * 1.5)))
		sum += s.window[i]
	}
	for i := range s.window {
		s.window[i] /= sum
	}
	for _, p := range []*[]float32{&s.mean, &s.spread, &s.own, &s.square, &s.both, &s.rows} {
		*p = make([]float32, edge*edge)
	}
	return s
}

// to takes the truth. It stays the caller's and unchanged until the next call.
func (s *similarity) to(truth *picture) {
	s.truth = truth
	s.blur(s.mean, truth.luma, truth.luma, false)
	s.blur(s.spread, truth.luma, truth.luma, true)
}

// of writes the similarity of p with the truth around every pixel.
func (s *similarity) of(p *picture, dst []float32) {
	s.blur(s.own, p.luma, p.luma, false)
	s.blur(s.square, p.luma, p.luma, true)
	s.blur(s.both, p.luma, s.truth.luma, true)
	const c1, c2 = 0.01 * 0.01, 0.03 * 0.03
	for i := range dst {
		a, b := s.own[i], s.mean[i]
		va, vb, vab := s.square[i]-a*a, s.spread[i]-b*b, s.both[i]-a*b
		dst[i] = (2*a*b + c1) * (2*vab + c2) / ((a*a + b*b + c1) * (va + vb + c2))
	}
}

// blur writes a, or with times a*b, seen through the window.
func (s *similarity) blur(dst, a, b []float32, times bool) {
	e, r := s.edge, len(s.window)/2
	line := make([]float32, e+2*r)
	for y := range e {
		copy(line[r:], a[y*e:(y+1)*e])
		if times {
			for x, v := range b[y*e : (y+1)*e] {
				line[r+x] *= v
			}
		}
		for k := range r {
			line[k], line[r+e+k] = line[r], line[r+e-1]
		}
		row := s.rows[y*e : (y+1)*e]
		for x := range row {
			var v float32
			for k, w := range s.window {
				v += w * line[x+k]
			}
			row[x] = v
		}
	}
	clear(dst)
	for y := range e {
		row := dst[y*e : (y+1)*e]
		for k, w := range s.window {
			from := min(max(y+k-r, 0), e-1) * e
			for x, v := range s.rows[from : from+e] {
				row[x] += w * v
			}
		}
	}
}
