package portrait

import (
	"errors"
	"fmt"

	"github.com/gioconda-live/gioconda/models/ort"
	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// press is a part's generator prepared for one batch size, with its memory.
type press struct {
	rows       int
	session    *ort.Session
	view       *view
	wires      []wire
	last       []*features // whose features each row holds
	difference []float32   // what to add to the frame, rows of planes Y, U, V
	picture    []byte      // the network's, for KindPicture
}

func openPress(rt *ort.Runtime, name string, data []byte, d *Part, given []ort.Port, o ort.Options) (*press, error) {
	p := &press{rows: o.Batch, last: make([]*features, o.Batch)}
	var err error
	if p.session, err = rt.LoadBytes(name, data, o); err != nil {
		return nil, err
	}
	if err := p.bind(d, given); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

func (p *press) bind(d *Part, given []ort.Port) (err error) {
	if p.view, err = openView(p.session, d, p.rows); err != nil {
		return err
	}
	if p.wires, err = openWires(p.session, given, p.rows); err != nil {
		return err
	}
	e := d.Region.Edge
	if d.Kind == KindPicture {
		_, outs := p.session.Ports()
		if len(outs) != 1 {
			return fmt.Errorf("%s has %d outputs; a generator of kind %s has one, the picture", d.Generator.Name, len(outs), KindPicture)
		}
		p.picture, err = p.session.OutputBytes(outs[0].Name, p.rows, e*3/2, e)
		p.difference = make([]float32, e*e*3/2)
		return err
	}
	p.difference, err = p.session.Output("difference", p.rows, 3, e, e)
	return err
}

// give makes sure that a row holds the features of a persona.
func (p *press) give(row int, f *features) {
	if p.last[row] == f {
		return
	}
	for k := range p.wires {
		p.wires[k].give(row, &f.values[k])
	}
	p.last[row] = f
}

// lay adds a row's result, share of it, to the frame from the column left on, its chroma within g and a
// mouth's light and colours near the picture's where the network gives differences, and tells whether it could be used.
func (p *press) lay(row int, dst *frame.I420, px *Alignment, share float32, left int, g *gamut) bool {
	r := &p.view.region
	n := r.Edge * r.Edge
	if p.picture != nil {
		n = n * 3 / 2
		r.subtract(p.difference, p.picture[row*n:(row+1)*n], p.view.raw.picture[row*n:(row+1)*n], share)
		r.addI420(dst, p.difference, px, left)
		return true
	}
	d := p.difference[row*3*n : (row+1)*3*n]
	if !toYUV(d, share) {
		return false
	}
	if r.Name == NameMouth {
		picture, inner := p.view.floats.picture[row*3*n:(row+1)*3*n], p.view.maps(row)[PlaneInner*n:(PlaneInner+1)*n]
		tieLight(d, picture, inner, share)
		tieColour(d, picture, inner)
	}
	r.add(dst, d, px, extent(p.view.mask(row), r.Edge), left, g)
	return true
}

// Close frees the network.
func (p *press) Close() error { return p.session.Close() }
