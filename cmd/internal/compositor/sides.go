package compositor

import (
	"fmt"
	"time"

	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/wall"
)

const (
	fadeSteps = 16 // pictures between the plain sides and the continued ones
	fadeEvery = time.Second / 30
)

// extended is what is beside the square in wide pictures, or why there is nothing better than before.
type extended struct {
	picture *frame.I420
	err     error
}

// extend makes what is beside s in wide pictures, on another goroutine: plain sides at once, then the portrait continued, into
// which those fade.
func (c *Cache) extend(s *Subject) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	draw, behind, persona, to := s.draw, s.draw.Background(), s.persona, s.wide
	c.running.Go(func() {
		var err error
		if fault := wall.Run("extend", func() { err = c.sides(to, draw, behind, persona) }); fault != nil {
			err = fault
		}
		if err != nil {
			put(to, extended{err: err})
		}
	})
}

func (c *Cache) sides(to chan extended, draw *mesh.Renderer, behind *frame.I420, p *persona.Persona) error {
	plain, err := plainSides(behind)
	if err != nil {
		return err
	}
	put(to, extended{picture: plain})
	whole, err := extend(draw, p)
	if err != nil {
		return err
	}
	c.fade(to, plain, whole)
	return nil
}

// put lets the newest wait for who draws. Only one goroutine puts.
func put(to chan extended, e extended) {
	select {
	case <-to:
	default:
	}
	to <- e
}

// fade goes from one picture to another, and ends at once when the cache is closed.
func (c *Cache) fade(to chan extended, from, whole *frame.I420) {
	tick := time.NewTicker(fadeEvery)
	defer tick.Stop()
	for step := 1; step < fadeSteps; step++ {
		between, err := frame.NewI420(whole.Width, whole.Height) // those that were drawn with may still be read
		if err != nil {
			break
		}
		for _, p := range [][3][]byte{{between.Y, from.Y, whole.Y}, {between.U, from.U, whole.U}, {between.V, from.V, whole.V}} {
			for i := range p[0] {
				a, b := int(p[1][i]), int(p[2][i])
				p[0][i] = byte(a + (b-a)*step/fadeSteps)
			}
		}
		put(to, extended{picture: between})
		select {
		case <-tick.C:
		case <-c.ended:
			return
		}
	}
	put(to, extended{picture: whole})
}

// extend continues a portrait to wide pictures; that takes a few hundred milliseconds.
func extend(from *mesh.Renderer, p *persona.Persona) (*frame.I420, error) {
	draw, err := from.Fork()
	if err != nil {
		return nil, err
	}
	defer draw.Close()
	f, err := draw.Extend(p, pipeline.WideWidth, pipeline.WideHeight)
	if err != nil {
		return nil, fmt.Errorf("continuing the portrait for wide pictures: %w", err)
	}
	return f, nil
}

// plainSides goes on to either side with the colours of a square background's edge. It takes about a millisecond.
func plainSides(behind *frame.I420) (*frame.I420, error) {
	f, err := frame.NewI420(pipeline.WideWidth, pipeline.WideHeight)
	if err != nil {
		return nil, err
	}
	n := behind.Width
	smear(f.Y, f.Width, f.Height, behind.Y, n)
	smear(f.U, f.Width/2, f.Height/2, behind.U, n/2)
	smear(f.V, f.Width/2, f.Height/2, behind.V, n/2)
	return f, nil
}

// smear fills each half of a plane of width x height with the colours of the nearer edge of a square plane of n x n.
func smear(dst []byte, width, height int, src []byte, n int) {
	band, reach := max(n/12, 1), max(n/16, 1) // columns of the edge, and rows to either side, that are mixed
	for _, edge := range []struct{ from, to int }{{0, 0}, {n - band, width / 2}} {
		sums := make([]int, n+1) // of the rows above
		for y := range n {
			sum := 0
			for _, v := range src[y*n+edge.from:][:band] {
				sum += int(v)
			}
			sums[y+1] = sums[y] + sum
		}
		for y := range height {
			from := y * n / height
			above, below := max(from-reach, 0), min(from+reach+1, n)
			v := byte((sums[below] - sums[above]) / (band * (below - above)))
			row := dst[y*width+edge.to:][:width-width/2]
			for x := range row {
				row[x] = v
			}
		}
	}
}
