package portrait

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"

	"github.com/gioconda-live/gioconda/models/ort"
	"github.com/gioconda-live/gioconda/models/persona"
)

// Model is a generator that has been loaded. Paint, and the Painters with it, belong to one goroutine at a time;
// Appearance may be called from any.
type Model struct {
	Manifest *Manifest
	device   ort.Device
	parts    []*part
	identity [32]byte // of the encoders: what an Appearance depends on
	tunedBy  [32]byte // the same, and of the generators: what one depends on that was tuned
	runtime  *ort.Runtime
	dir      fs.FS

	looking sync.Mutex // guards the encoders

	one   [1]Stroke // Painter.Paint's
	queue []*Stroke // strokes of the part that is being painted
}

// part is one region's networks: the generator is there once per batch size, smallest first.
type part struct {
	region  Region
	trust   *Trust
	encoder *encoder
	presses []*press
}

// Load opens the generator in the folder dir, on the CPU. The caller closes the Model before the Runtime. Errors wrap
// ErrGenerator.
func Load(rt *ort.Runtime, dir string) (*Model, error) {
	m, err := Open(rt, os.DirFS(dir), ort.Device{})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	return m, nil
}

// Open opens the generator in dir. On a GPU every batch size of the manifest is prepared; on the CPU pictures are
// painted one by one, which is no slower there. The caller closes the Model before the Runtime. Errors wrap
// ErrGenerator, and ort.ErrNoCUDA or ort.ErrMemory where the device is to blame.
func Open(rt *ort.Runtime, dir fs.FS, device ort.Device) (*Model, error) {
	m, err := ReadManifest(dir)
	if err != nil {
		return nil, err
	}
	return open(rt, dir, m, device, m.sizes(device))
}

// open prepares the networks for some batch sizes.
func open(rt *ort.Runtime, dir fs.FS, m *Manifest, device ort.Device, sizes []int) (*Model, error) {
	model := &Model{Manifest: m, device: device, runtime: rt, dir: dir}
	model.identity, model.tunedBy = m.identities()
	for i := range m.Parts {
		p, err := openPart(rt, dir, &m.Parts[i], device, sizes)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("%w: %s: %w", ErrGenerator, m.Name, err), model.Close())
		}
		model.parts = append(model.parts, p)
	}
	return model, nil
}

// Twin opens the generator once more, on the CPU, for who wants to paint on another goroutine than m's. Appearances are those of m.
// The caller closes it.
func (m *Model) Twin() (*Model, error) {
	return open(m.runtime, m.dir, m.Manifest, ort.Device{}, []int{1})
}

// sizes are the batch sizes to prepare.
func (m *Manifest) sizes(d ort.Device) []int {
	if d.CUDA && len(m.Batches) > 0 {
		return m.Batches
	}
	return []int{1}
}

func openPart(rt *ort.Runtime, dir fs.FS, d *Part, device ort.Device, sizes []int) (p *part, err error) {
	p = &part{region: d.Region, trust: d.Trust}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.Close())
		}
	}()
	if p.encoder, err = openEncoder(rt, dir, d); err != nil {
		return p, err
	}
	data, err := d.Generator.read(dir)
	if err != nil {
		return p, err
	}
	for _, n := range sizes {
		g, err := openPress(rt, d.Generator.Name, data, d, p.encoder.ports, ort.Options{Device: device, Batch: n})
		if errors.Is(err, ort.ErrMemory) && len(p.presses) > 0 {
			break // smaller batches do as well, only slower
		}
		if err != nil {
			return p, err
		}
		p.presses = append(p.presses, g)
	}
	return p, nil
}

// Device is what the generator computes on.
func (m *Model) Device() ort.Device { return m.device }

// MostAtOnce is the largest batch that a network of the generator runs in one go.
func (m *Model) MostAtOnce() int {
	most := 1
	for _, p := range m.parts {
		for _, g := range p.presses {
			most = max(most, g.rows)
		}
	}
	return most
}

// Batches are the sizes that are prepared, smallest first: those of the manifest for which the device has memory.
func (m *Model) Batches() []int {
	var out []int
	for _, p := range m.parts {
		var sizes []int
		for _, g := range p.presses {
			sizes = append(sizes, g.rows)
		}
		if out == nil || len(sizes) < len(out) {
			out = sizes
		}
	}
	return out
}

// Traffic is how many bytes the networks take in and give out for one picture, all parts together: what is copied between
// host and device in each run, since the binding to ONNX Runtime keeps every port on the host.
func (m *Model) Traffic() (in, out int) {
	for _, p := range m.parts {
		ins, outs := p.presses[0].session.Ports()
		for _, port := range ins {
			in += port.Size() / p.presses[0].rows
		}
		for _, port := range outs {
			out += port.Size() / p.presses[0].rows
		}
	}
	return in, out
}

// Appearance looks at a persona: it reads what was tuned for it (KeepTuned), or what Plain gives.
func (m *Model) Appearance(p *persona.Persona) (*Appearance, error) {
	if a := m.kept(p, true); a != nil {
		return a, nil
	}
	return m.Plain(p)
}

// Plain is what the encoders find in a persona, whatever was tuned: it reads what the persona keeps of this generator (Keep), or
// runs them, which takes some tens of milliseconds.
func (m *Model) Plain(p *persona.Persona) (*Appearance, error) {
	if a := m.kept(p, false); a != nil {
		return a, nil
	}
	picture, err := Picture(p)
	if err != nil {
		return nil, err
	}
	m.looking.Lock()
	defer m.looking.Unlock()
	if len(m.parts) == 0 {
		return nil, errClosed
	}
	a := &Appearance{persona: p}
	still := Still(&p.Face)
	for _, q := range m.parts {
		f, err := q.encoder.look(p, picture, &still)
		if err != nil {
			return nil, err
		}
		a.parts = append(a.parts, f)
	}
	return a, nil
}

// Close frees the networks.
func (m *Model) Close() error {
	m.looking.Lock()
	defer m.looking.Unlock()
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
	if p.encoder != nil {
		err = p.encoder.Close()
	}
	for _, g := range p.presses {
		err = errors.Join(err, g.Close())
	}
	return err
}

// fit is the smallest press for n pictures, or the largest there is.
func (p *part) fit(n int) *press {
	for _, g := range p.presses {
		if g.rows >= n {
			return g
		}
	}
	return p.presses[len(p.presses)-1]
}
