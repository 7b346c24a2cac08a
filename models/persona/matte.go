package persona

import (
	"context"
	"errors"
	"fmt"
	"image"
	"slices"

	"github.com/gioconda-live/gioconda/models/persona/raster"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

const (
	matteSide   = 256      // of the coarse matte
	matteRadius = 1.0 / 64 // of the crop's edge: how far a soft edge may move
	matteEps    = 4e-4     // colour differences below 2 % are no edge
	matteLow    = 0.12     // what is taken for background
	matteHigh   = 0.88     // and for person
	matteCore   = 0.75     // certainly person
	matteRim    = 4        // cells of the coarse matte about the core that may be partly person
)

// matteView is one way of showing the crop to the network. Rocks beside a shoulder are taken for a person in some views
// and not in others; the median of several is right more often than any one.
type matteView struct {
	zoom   float64 // edge of what is shown over the crop's
	mirror bool
}

func matteViews() []matteView {
	return []matteView{{1, false}, {1, true}, {1.25, false}, {1.25, true}, {1.5, true}}
}

// coarseMatte is the person's opacity over the crop, matteSide x matteSide, blobs that do not touch the face removed. missed is the
// share of the face that the network took for background.
func (b *builder) coarseMatte(ctx context.Context) (_ *image.Gray, missed float64, err error) {
	views := matteViews()
	seen := make([]*image.Gray, len(views))
	for i, v := range views {
		if err := ctx.Err(); err != nil {
			return nil, 0, err
		}
		soft, err := b.analyser.Matte(b.view(v))
		if err != nil {
			return nil, 0, fmt.Errorf("telling the person from the background: %w", err)
		}
		if soft == nil || soft.Rect.Empty() {
			return nil, 0, errors.New("telling the person from the background: the matte is empty")
		}
		seen[i] = v.back(soft)
	}
	out := image.NewGray(seen[0].Rect)
	values := make([]uint8, len(views))
	for i := range out.Pix {
		for k, m := range seen {
			values[k] = m.Pix[i]
		}
		slices.Sort(values)
		out.Pix[i] = values[len(values)/2]
	}
	b.leaveOut(out)
	missed = trustFace(out, &b.face.Points)
	keepCore(out, b.coreSeeds())
	return out, missed, nil
}

// view draws the crop and, zoomed out, what lies about it in the picture.
func (b *builder) view(v matteView) *image.RGBA {
	from, area := b.persona.Crop, raster.Area{W: float64(b.persona.Crop.Rect.Dx()), H: float64(b.persona.Crop.Rect.Dy())}
	if v.zoom > 1 {
		p, edge := b.persona.Place, b.persona.Place.Edge*v.zoom
		from, area = b.full, raster.Area{X: p.X - (edge-p.Edge)/2, Y: p.Y - (edge-p.Edge)/2, W: edge, H: edge}
	}
	out := raster.Resample(from, area, matteSide, matteSide)
	if v.mirror {
		for y := range matteSide {
			row := out.Pix[y*out.Stride : y*out.Stride+4*matteSide]
			for x, z := 0, 4*(matteSide-1); x < z; x, z = x+4, z-4 {
				a, b := (*[4]uint8)(row[x:]), (*[4]uint8)(row[z:])
				*a, *b = *b, *a
			}
		}
	}
	return out
}

// back brings the matte of a view to the crop.
func (v matteView) back(soft *image.Gray) *image.Gray {
	values := raster.Enlarge(soft, matteSide, matteSide)
	out := image.NewGray(image.Rect(0, 0, matteSide, matteSide))
	at := func(i int) (lo int, part float32) {
		f := ((float64(i)+0.5)/matteSide-0.5)/v.zoom + 0.5
		f = max(0, min(matteSide-1, f*matteSide-0.5))
		lo = min(int(f), matteSide-2)
		return lo, float32(f) - float32(lo)
	}
	for y := range matteSide {
		ly, py := at(y)
		for x := range matteSide {
			lx, px := at(x)
			if v.mirror {
				lx, px = matteSide-2-lx, 1-px
			}
			p := values[ly*matteSide+lx:]
			top := p[0] + px*(p[1]-p[0])
			low := p[matteSide] + px*(p[matteSide+1]-p[matteSide])
			out.Pix[y*matteSide+x] = uint8(255*(top+py*(low-top)) + 0.5)
		}
	}
	return out
}

// coreSeeds are places of the coarse matte that are in the face.
func (b *builder) coreSeeds() []image.Point {
	var out []image.Point
	for _, i := range []int{motion.NoseTip, 6, 9, 50, 280, motion.ChinTip} {
		p := b.face.Points[i]
		q := image.Pt(int(p.X*matteSide), int(p.Y*matteSide))
		if q.In(image.Rect(0, 0, matteSide, matteSide)) {
			out = append(out, q)
		}
	}
	return out
}

// keepCore clears what is not within a rim of the certain pixels that hang together with a seed: a soft edge is
// narrow, and wide areas of doubt are background.
func keepCore(m *image.Gray, seeds []image.Point) {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	keep := make([]bool, w*h)
	var queue []image.Point
	push := func(p image.Point, certain bool) {
		if !p.In(m.Rect) || keep[p.Y*w+p.X] || certain && float64(m.Pix[p.Y*m.Stride+p.X]) < 255*matteCore {
			return
		}
		keep[p.Y*w+p.X] = true
		queue = append(queue, p)
	}
	spread := func(from []image.Point, certain bool) {
		for _, p := range from {
			push(p.Add(image.Pt(1, 0)), certain)
			push(p.Add(image.Pt(-1, 0)), certain)
			push(p.Add(image.Pt(0, 1)), certain)
			push(p.Add(image.Pt(0, -1)), certain)
		}
	}
	for _, p := range seeds {
		push(p, true)
	}
	for i := 0; i < len(queue); i++ {
		spread(queue[i:i+1], true)
	}
	if len(queue) == 0 { // no face in the matte: nothing to tell the person by
		return
	}
	ring := queue
	for range matteRim {
		done := len(queue)
		spread(ring, false)
		ring = queue[done:]
	}
	for i, k := range keep {
		if !k {
			m.Pix[i/w*m.Stride+i%w] = 0
		}
	}
}

// refineMatte brings a coarse matte to the crop's size and edges.
func refineMatte(crop *image.RGBA, soft *image.Gray) *image.Gray {
	edge := crop.Rect.Dx()
	coarse := raster.Enlarge(soft, edge, edge)
	fine := raster.Guide(crop, coarse, max(2, int(matteRadius*float64(edge))), matteEps)
	out := image.NewGray(crop.Rect)
	for i, v := range fine {
		v = max(0, min(1, (v-matteLow)/(matteHigh-matteLow)))
		out.Pix[i] = uint8(255*v + 0.5)
	}
	return out
}
