package portrait

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/gioconda-live/gioconda/models/ort"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// ErrNoTuning says that a generator comes without the network that tunes it.
var ErrNoTuning = errors.New("portrait: this generator cannot be tuned to a person")

// Example is a frame of a film of the portrait's own person: what it looks like, and what is drawn of it.
type Example struct {
	Picture *frame.I420 // square; as the layers below draw State
	State   motion.State
	Truth   []byte // R, G, B of the region as Tuner.Place lays it: three planes of Edge x Edge
}

// Tuner fits what a generator knows of one persona to frames of its own person. What is fitted are the numbers that are the same for
// all frames and mixed in beside what is seen, so the network takes the time that it takes with any other appearance. It belongs to one goroutine
// and has networks of its own.
type Tuner struct {
	model   *Model // a twin: what is fitted is judged as it is served
	session *ort.Session
	view    *view
	truth   []float32
	errors  []float32 // of the frames of a step
	ports   []fitted
	plain   *Appearance
	steps   int // that were taken

	picture *frame.I420 // judge's
	seen    []float32
}

// fitted is a port whose bytes are fitted; what is rounded to them is kept in float32, as are Adam's averages.
type fitted struct {
	port     int // of the encoder's outputs
	input    []float32
	gradient []float32
	mean     []float32
	square   []float32
	rate     float32 // of its spread, bytes
}

// Adam's constants (Kingma and Ba 2015).
const (
	adamMean, adamSquare = 0.9, 0.999
	adamLeast            = 1e-12
)

// tuningPart is the part that is tuned: the mouth is the only one that a film of a talking head shows enough of.
const tuningPart = 0

// NewTuner begins with what the generator finds in p by itself. The caller closes it before the Runtime. The error is ErrNoTuning
// where the generator has no network for it.
func (m *Model) NewTuner(p *persona.Persona) (*Tuner, error) {
	if len(m.Manifest.Parts) != 1 || m.Manifest.Parts[tuningPart].Tuning == nil {
		return nil, ErrNoTuning
	}
	plain, err := m.Plain(p)
	if err != nil {
		return nil, err
	}
	twin, err := m.Twin()
	if err != nil {
		return nil, err
	}
	t := &Tuner{model: twin, plain: plain}
	if err := t.open(&m.Manifest.Parts[tuningPart]); err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %s: %w", ErrGenerator, m.Manifest.Name, err), t.Close())
	}
	return t, nil
}

// open loads the network of a step and takes hold of its ports.
func (t *Tuner) open(d *Part) error {
	data, err := d.Tuning.read(t.model.dir)
	if err != nil {
		return err
	}
	if t.session, err = t.model.runtime.LoadBytes(d.Tuning.Name, data, ort.Options{Batch: 1}); err != nil {
		return err
	}
	inputs, outputs := t.session.Ports()
	shapes, gradients := map[string]ort.Port{}, map[string]ort.Port{}
	for _, port := range inputs {
		shapes[port.Name] = port
	}
	for _, port := range outputs {
		gradients[port.Name] = port
	}
	rows := 0
	if shape := shapes["picture"].Shape; len(shape) > 0 {
		rows = shape[0]
	}
	if rows < 1 || rows > maxBatch {
		return fmt.Errorf("%s takes %d pictures at once", d.Tuning.Name, rows)
	}
	e := d.Region.Edge
	if t.view, err = openView(t.session, d, rows); err != nil {
		return err
	}
	if t.truth, err = t.session.Input("truth", rows, 3, e, e); err != nil {
		return err
	}
	if t.errors, err = t.session.Output("error", rows); err != nil {
		return err
	}
	t.seen = make([]float32, 3*e*e)
	for i, port := range t.model.parts[tuningPart].encoder.ports {
		if err := t.bind(i, port, gradients); err != nil {
			return err
		}
	}
	if known := 3 + len(t.model.parts[tuningPart].encoder.ports); known != len(inputs) {
		return fmt.Errorf("%s takes %d inputs, %d are known", d.Tuning.Name, len(inputs), known)
	}
	if len(t.ports) == 0 {
		return fmt.Errorf("%s fits nothing", d.Tuning.Name)
	}
	return nil
}

// bind gives the network what the encoder found, and prepares to fit it where there is a gradient.
func (t *Tuner) bind(i int, port ort.Port, gradients map[string]ort.Port) error {
	input, err := t.session.Input(port.Name, port.Shape...)
	if err != nil {
		return err
	}
	found := &t.plain.parts[tuningPart].values[i]
	copy(input, found.floats)
	for k, b := range found.bytes {
		input[k] = float32(b)
	}
	name := port.Name + "_gradient"
	if _, ok := gradients[name]; !ok {
		return nil
	}
	if !port.Bytes {
		return fmt.Errorf("%s is the gradient of numbers that are not bytes", name)
	}
	f := fitted{port: i, input: input, mean: make([]float32, len(input)), square: make([]float32, len(input)), rate: spread(input)}
	if f.gradient, err = t.session.Output(name, port.Shape...); err != nil {
		return err
	}
	t.ports = append(t.ports, f)
	return nil
}

// spread is the standard deviation of some numbers, 1 at least.
func spread(v []float32) float32 {
	var sum, squares float64
	for _, x := range v {
		sum += float64(x)
		squares += float64(x) * float64(x)
	}
	n := float64(max(len(v), 1))
	return float32(math.Sqrt(max(squares/n-sum*sum/(n*n), 1)))
}

// Region is what is repainted.
func (t *Tuner) Region() Region { return t.view.region }

// Place is where the region lies in a state of the face, in crop units; false where it lies nowhere.
func (t *Tuner) Place(st *motion.State) (Alignment, bool) {
	at := t.view.region.Align(&st.Head, t.view.region.Anchor(&t.plain.persona.Face))
	return at, at.usable()
}

// Rows is how many examples a step takes.
func (t *Tuner) Rows() int { return len(t.errors) }

// Step moves what is fitted towards what makes some examples, Rows of them, like their truth between the lips. rate is how far a
// number may move, in spreads of its port (0.03 is a good one). It returns the error before the step: the mean difference of R, G, B
// between the lips, 1 is full range, in float32 and with nothing taken off by trust or bounds.
func (t *Tuner) Step(batch []*Example, rate float32) (float32, error) {
	if len(batch) != t.Rows() {
		return 0, fmt.Errorf("portrait: %d examples for a step that takes %d", len(batch), t.Rows())
	}
	for row, x := range batch {
		if err := t.show(row, x); err != nil {
			return 0, err
		}
	}
	if err := t.session.Run(); err != nil {
		return 0, err
	}
	var sum float32
	for _, e := range t.errors {
		sum += e
	}
	for i := range t.ports {
		if !finite(t.ports[i].gradient) {
			return 0, errNumbers
		}
	}
	t.steps++
	for i := range t.ports {
		t.ports[i].step(rate, t.steps)
	}
	return sum / float32(len(t.errors)), nil
}

// show fills a row of the network.
func (t *Tuner) show(row int, x *Example) error {
	at, ok := t.Place(&x.State)
	n := len(t.seen)
	if !ok || len(x.Truth) != n {
		return errPose
	}
	px := at.Scaled(float32(x.Picture.Width))
	rest := &t.plain.persona.Face
	t.view.look(row, x.Picture, &px, &x.State, rest, t.view.region.Anchor(rest))
	toUnit(t.truth[row*n:(row+1)*n], x.Truth)
	return nil
}

// step is Adam's k-th, from 1, within bytes.
func (f *fitted) step(rate float32, k int) {
	rate *= f.rate * float32(math.Sqrt(1-math.Pow(adamSquare, float64(k)))/(1-math.Pow(adamMean, float64(k))))
	for i, g := range f.gradient {
		f.mean[i] += (1 - adamMean) * (g - f.mean[i])
		f.square[i] += (1 - adamSquare) * (g*g - f.square[i])
		moved := f.input[i] - rate*f.mean[i]/(float32(math.Sqrt(float64(f.square[i])))+adamLeast)
		f.input[i] = min(max(moved, 0), 255)
	}
}

// Plain is what the tuner began with.
func (t *Tuner) Plain() *Appearance { return t.plain }

// Appearance is what has been fitted so far, rounded as it is served; share, 0..1, is how much of what the network says counts.
func (t *Tuner) Appearance(share float32) *Appearance {
	part := &features{values: slices.Clone(t.plain.parts[tuningPart].values)}
	for i := range t.ports {
		f := &t.ports[i]
		b := make([]byte, len(f.input))
		for k, x := range f.input {
			b[k] = byte(x + 0.5)
		}
		part.values[f.port] = values{bytes: b}
	}
	for i, port := range t.model.parts[tuningPart].encoder.ports {
		if port.Name != "back" { // what the network's colours are multiplied by in the end
			continue
		}
		scaled := slices.Clone(part.values[i].floats)
		for k := range scaled {
			scaled[k] *= share
		}
		part.values[i] = values{floats: scaled}
	}
	return &Appearance{persona: t.plain.persona, parts: []*features{part}, tuned: true}
}

// Close frees the networks.
func (t *Tuner) Close() error {
	err := t.model.Close()
	if t.session != nil {
		err = errors.Join(err, t.session.Close())
	}
	return err
}
