package main

import (
	"image"
	"math"
	"math/rand/v2"

	"github.com/gioconda-live/gioconda/pipeline/drive"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
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

// stillness feeds one frame of the clip again and again, with the tracker's own noise added, and returns how far the
// portrait's landmarks stray from their mean: pixels rms in the drawn picture.
func stillness(sub *sitter, d *recording) (float64, error) {
	base := 0
	for base < len(d.samples)-1 && d.samples[base].Lost() {
		base++
	}
	o := drive.DefaultOptions()
	o.Life.Off = true
	pup := newPuppet(sub, nothing{}, o, 30, 1)
	rnd := rand.New(rand.NewPCG(3, 4))
	const frames, settle = 150, 60
	var sum, sq [landmark.Count][2]float64
	for i := range frames {
		s := d.samples[base]
		// The tracker's noise on a still face: measured on repeated pictures with camera noise, about 0.15 % of the face.
		noise := float32(0.0003)
		for k := range s.Points {
			s.Points[k].X += noise * float32(rnd.NormFloat64())
			s.Points[k].Y += noise * float32(rnd.NormFloat64())
			s.Points[k].Z += noise * float32(rnd.NormFloat64())
		}
		if err := pup.step(&s, nil); err != nil {
			return 0, err
		}
		if i < settle {
			continue
		}
		for k := range sum {
			p := pup.state.Head.Apply(pup.state.Points[k])
			for c, v := range [2]float64{float64(p.X) * judgeSize, float64(p.Y) * judgeSize} {
				sum[k][c] += v
				sq[k][c] += v * v
			}
		}
	}
	var total float64
	for k := range sum {
		for c := range 2 {
			n := float64(frames - settle)
			mean := sum[k][c] / n
			total += max(0, sq[k][c]/n-mean*mean)
		}
	}
	return math.Sqrt(total / landmark.Count), nil
}
