package portrait

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/gioconda-live/gioconda/models/ort"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// encoder looks at portraits for one part. It computes on the CPU whatever the generator does, since it runs once per
// portrait, on whatever goroutine makes a persona ready: a GPU stays with the loop's thread alone.
type encoder struct {
	session *ort.Session
	view    *view
	ports   []ort.Port
	values  []values
}

// features is what an encoder found in one region of a portrait.
type features struct{ values []values }

// values are those of one output: numbers, or bytes.
type values struct {
	floats []float32
	bytes  []byte
}

func (v *values) clone() values { return values{slices.Clone(v.floats), slices.Clone(v.bytes)} }

func openEncoder(rt *ort.Runtime, dir fs.FS, d *Part) (*encoder, error) {
	data, err := d.Encoder.read(dir)
	if err != nil {
		return nil, err
	}
	e := &encoder{}
	if e.session, err = rt.LoadBytes(d.Encoder.Name, data, ort.Options{Batch: 1}); err != nil {
		return nil, err
	}
	if e.view, err = openView(e.session, d, 1); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	_, e.ports = e.session.Ports()
	for _, port := range e.ports {
		var v values
		if port.Bytes {
			v.bytes, err = e.session.OutputBytes(port.Name, port.Shape...)
		} else {
			v.floats, err = e.session.Output(port.Name, port.Shape...)
		}
		if err != nil {
			return nil, errors.Join(err, e.Close())
		}
		e.values = append(e.values, v)
	}
	return e, nil
}

// look finds the features of a portrait, given its picture.
func (e *encoder) look(p *persona.Persona, picture *frame.I420, still *motion.State) (*features, error) {
	r := &e.view.region
	anchor := r.Anchor(&p.Face)
	at := r.Align(&p.Face.Head, anchor)
	if !at.usable() {
		return nil, errors.New("portrait: the persona's face has no usable pose")
	}
	px := at.Scaled(float32(picture.Width))
	e.view.look(0, picture, &px, still, &p.Face, anchor)
	if err := e.session.Run(); err != nil {
		return nil, err
	}
	f := &features{}
	for i := range e.values {
		if !finite(e.values[i].floats) {
			return nil, fmt.Errorf("%w: its encoder of the %s gives numbers that are not finite", ErrGenerator, r.Name)
		}
		f.values = append(f.values, e.values[i].clone())
	}
	return f, nil
}

// Close frees the network.
func (e *encoder) Close() error { return e.session.Close() }

func finite(v []float32) bool {
	var sum float32
	for _, x := range v {
		sum += x - x
	}
	return sum == 0
}
