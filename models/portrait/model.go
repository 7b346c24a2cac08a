package portrait

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/gioconda-live/gioconda/models/ort"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// Model is a generator that has been loaded. It belongs to one goroutine at a time, together with all its Painters.
type Model struct {
	Manifest *Manifest
	parts    []*part
}

// part is one region's pair of networks with their memory.
type part struct {
	region     Region
	trust      *Trust
	mapper     *Mapper
	encoder    *ort.Session
	generator  *ort.Session
	encPicture []float32
	encMaps    []float32
	encOut     []ort.Port
	encValues  [][]float32
	picture    []float32
	maps       []float32
	appearance [][]float32 // the generator's inputs, in the order of encOut
	difference []float32
	planes     []byte    // maps as drawn
	last       *features // whose appearance the generator's inputs hold
}

// features is what the encoder found in one region of a portrait.
type features struct{ values [][]float32 }

// Appearance is what a Model knows of one persona. It is immutable and may be shared by Painters of the same Model.
type Appearance struct {
	persona *persona.Persona
	parts   []*features
}

// Load opens the generator in dir. The caller closes the Model before the Runtime. Errors wrap ErrGenerator.
func Load(rt *ort.Runtime, dir string) (*Model, error) {
	m, err := ReadManifest(dir)
	if err != nil {
		return nil, err
	}
	model := &Model{Manifest: m}
	for i := range m.Parts {
		p, err := loadPart(rt, dir, &m.Parts[i])
		if err != nil {
			return nil, errors.Join(fmt.Errorf("%w: %s: %w", ErrGenerator, m.Name, err), model.Close())
		}
		model.parts = append(model.parts, p)
	}
	return model, nil
}

func loadPart(rt *ort.Runtime, dir string, d *Part) (*part, error) {
	p := &part{region: d.Region, trust: d.Trust, mapper: NewMapper(d.Region)}
	e := d.Region.Edge
	p.planes = make([]byte, MapPlanes*e*e)
	var err error
	if p.encoder, err = rt.Load(filepath.Join(dir, d.Encoder.Name), ort.Options{}); err != nil {
		return nil, err
	}
	if p.generator, err = rt.Load(filepath.Join(dir, d.Generator.Name), ort.Options{}); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	if err := p.bind(e); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// bind takes hold of the ports, or says which one is wrong.
func (p *part) bind(e int) error {
	var errs [5]error
	p.encPicture, errs[0] = p.encoder.Input("picture", 1, 3, e, e)
	p.encMaps, errs[1] = p.encoder.Input("maps", 1, MapPlanes, e, e)
	p.picture, errs[2] = p.generator.Input("picture", 1, 3, e, e)
	p.maps, errs[3] = p.generator.Input("maps", 1, MapPlanes, e, e)
	p.difference, errs[4] = p.generator.Output("difference", 1, 3, e, e)
	if err := errors.Join(errs[:]...); err != nil {
		return err
	}
	_, p.encOut = p.encoder.Ports()
	known := []string{"picture", "maps"}
	for _, port := range p.encOut {
		out, err := p.encoder.Output(port.Name, port.Shape...)
		if err != nil {
			return err
		}
		in, err := p.generator.Input(port.Name, port.Shape...)
		if err != nil {
			return fmt.Errorf("the encoder gives %q, which the generator does not take in that shape: %w", port.Name, err)
		}
		p.encValues, p.appearance = append(p.encValues, out), append(p.appearance, in)
		known = append(known, port.Name)
	}
	inputs, _ := p.generator.Ports()
	for _, port := range inputs {
		if !slices.Contains(known, port.Name) {
			return fmt.Errorf("the generator wants %q, which nothing gives", port.Name)
		}
	}
	return nil
}

// Appearance looks at a persona once. It takes some tens of milliseconds.
func (m *Model) Appearance(p *persona.Persona) (*Appearance, error) {
	picture, err := Picture(p)
	if err != nil {
		return nil, err
	}
	a := &Appearance{persona: p}
	still := Still(&p.Face)
	for _, q := range m.parts {
		anchor := q.region.Anchor(&p.Face)
		at := q.region.Align(&p.Face.Head, anchor)
		if !at.usable() {
			return nil, errors.New("portrait: the persona's face has no usable pose")
		}
		px := at.Scaled(float32(picture.Width))
		q.region.Read(q.encPicture, picture, &px)
		q.draw(q.encMaps, &still, &p.Face, anchor, &at)
		if err := q.encoder.Run(); err != nil {
			return nil, err
		}
		f := &features{}
		for _, v := range q.encValues {
			if !finite(v) {
				return nil, fmt.Errorf("%w: the encoder of %s gives numbers that are not finite", ErrGenerator, m.Manifest.Name)
			}
			f.values = append(f.values, slices.Clone(v))
		}
		a.parts = append(a.parts, f)
	}
	return a, nil
}

// draw draws the maps and turns them into the network's numbers.
func (p *part) draw(dst []float32, st *motion.State, rest *motion.Rest, anchor motion.Vec3, a *Alignment) {
	p.mapper.Maps(p.planes, st, rest, anchor, a)
	for i, v := range p.planes {
		dst[i] = float32(v) * (1.0 / 255)
	}
}

func finite(v []float32) bool {
	var sum float32
	for _, x := range v {
		sum += x - x
	}
	return sum == 0
}

// Close frees the networks.
func (m *Model) Close() error {
	var err error
	for _, p := range m.parts {
		err = errors.Join(err, p.Close())
	}
	m.parts = nil
	return err
}

// Close frees the part's networks.
func (p *part) Close() error {
	var err error
	for _, s := range []*ort.Session{p.encoder, p.generator} {
		if s != nil {
			err = errors.Join(err, s.Close())
		}
	}
	return err
}
