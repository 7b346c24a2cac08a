package portrait

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/gioconda-live/gioconda/models/persona"
)

// tunerOf opens the shipped generator and tunes it to a grey persona.
func tunerOf(t *testing.T) (*Tuner, *persona.Persona) {
	t.Helper()
	m, err := Load(runtime(t), shipped(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	p := greyPersona(150)
	tuner, err := m.NewTuner(p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tuner.Close(); err != nil {
			t.Error(err)
		}
	})
	return tuner, p
}

// striped are frames of a grey face with opened lips that in truth has bright and dark stripes between them.
func striped(t *testing.T, tuner *Tuner, p *persona.Persona, n int) []*Example {
	t.Helper()
	r := tuner.Region()
	var out []*Example
	for k := range n {
		x := &Example{Picture: greyFrame(t, 256), State: opened(&p.Face, 0.06+0.1*float32(k)/float32(n)), Truth: make([]byte, 3*r.Edge*r.Edge)}
		for i := range x.Truth {
			x.Truth[i] = 60
			if i/r.Edge%16 < 8 {
				x.Truth[i] = 160
			}
		}
		out = append(out, x)
	}
	return out
}

func (t *Tuner) judgeAll(tb testing.TB, a *Appearance, examples []*Example) float32 {
	tb.Helper()
	var painter *Painter
	if a != nil {
		var err error
		if painter, err = t.Painter(a, examples[0].Picture.Width); err != nil {
			tb.Fatal(err)
		}
	}
	var sum float32
	for _, x := range examples {
		e, err := t.Judge(painter, x)
		if err != nil {
			tb.Fatal(err)
		}
		sum += e
	}
	return sum / float32(len(examples))
}

// TestTunerLearns what lies between the lips of frames, also for openings that it has not been shown.
func TestTunerLearns(t *testing.T) {
	tuner, p := tunerOf(t)
	all := striped(t, tuner, p, 4*tuner.Rows())
	var shown, kept []*Example
	for i, x := range all {
		if i%4 == 3 {
			kept = append(kept, x)
		} else {
			shown = append(shown, x)
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	batch := make([]*Example, tuner.Rows())
	var first, last float32
	const steps = 60
	for k := range steps {
		for i, j := range random.Perm(len(shown))[:len(batch)] {
			batch[i] = shown[j]
		}
		e, err := tuner.Step(batch, 0.03)
		if err != nil {
			t.Fatal(err)
		}
		if k == 0 {
			first = e
		}
		last = e
	}
	if last > 0.5*first {
		t.Errorf("the error went from %.4f to %.4f in %d steps", first, last, steps)
	}
	bare, plain, tuned := tuner.judgeAll(t, nil, kept), tuner.judgeAll(t, tuner.Plain(), kept), tuner.judgeAll(t, tuner.Appearance(1), kept)
	half, none := tuner.judgeAll(t, tuner.Appearance(0.5), kept), tuner.judgeAll(t, tuner.Appearance(0), kept)
	t.Logf("kept out: drawn %.4f, plain %.4f, tuned %.4f, half of it %.4f, none %.4f", bare, plain, tuned, half, none)
	if tuned > 0.8*min(bare, plain) {
		t.Errorf("tuned, frames kept out are off by %.4f; before by %.4f, as drawn by %.4f", tuned, plain, bare)
	}
	if !(half > tuned && half < bare) {
		t.Errorf("half of what was learned is off by %.4f", half)
	}
	if math.Abs(float64(none-bare)) > 1e-6 {
		t.Errorf("none of what was learned is off by %.5f, the picture itself by %.5f", none, bare)
	}
}

// TestStepComputesWhatIsServed: float32 and bytes say nearly the same, so what is fitted in one serves in the other.
func TestStepComputesWhatIsServed(t *testing.T) {
	tuner, p := tunerOf(t)
	all := striped(t, tuner, p, tuner.Rows())
	e, err := tuner.Step(all, 0)
	if err != nil {
		t.Fatal(err)
	}
	served, bare := tuner.judgeAll(t, tuner.Plain(), all), tuner.judgeAll(t, nil, all)
	again := tuner.judgeAll(t, tuner.Appearance(1), all)
	t.Logf("step %.4f, served %.4f, as drawn %.4f", e, served, bare)
	if d := math.Abs(float64(e - served)); d > 0.25*math.Abs(float64(served-bare)) {
		t.Errorf("a step sees an error of %.4f, what is served has one of %.4f; the picture as drawn %.4f", e, served, bare)
	}
	if again != served { //nolint:testifylint // bytes that were not changed
		t.Errorf("unchanged, it is off by %.5f instead of %.5f", again, served)
	}
}

// TestGradient: a small move along the gradient changes the error by as much as the gradient says.
func TestGradient(t *testing.T) {
	tuner, p := tunerOf(t)
	all := striped(t, tuner, p, tuner.Rows())
	mean := func() float64 {
		var sum float64
		for row, x := range all {
			if err := tuner.show(row, x); err != nil {
				t.Fatal(err)
			}
		}
		if err := tuner.session.Run(); err != nil {
			t.Fatal(err)
		}
		for _, e := range tuner.errors {
			sum += float64(e)
		}
		return sum / float64(len(tuner.errors))
	}
	for i := range tuner.ports {
		f := &tuner.ports[i]
		mean()
		var squares float64
		slope := make([]float32, len(f.gradient))
		for k, g := range f.gradient {
			squares += float64(g) * float64(g)
			slope[k] = g
		}
		if squares == 0 {
			t.Fatalf("port %d has no gradient", f.port)
		}
		const move = 2 // bytes, of the whole port together
		step := move / math.Sqrt(squares)
		start := append([]float32(nil), f.input...)
		at := func(way float64) float64 {
			for k := range f.input {
				f.input[k] = start[k] + float32(way*step)*slope[k]
			}
			return mean()
		}
		got, want := (at(1)-at(-1))/2, move*math.Sqrt(squares)
		copy(f.input, start)
		if math.Abs(got/want-1) > 0.05 {
			t.Errorf("port %d: a move by the gradient changes the error by %.3g instead of %.3g", f.port, got, want)
		}
	}
}

// TestNoTuning: generators without the network, and with one that is none.
func TestNoTuning(t *testing.T) {
	rt := runtime(t)
	m, err := Load(rt, toy(t, 0.2, nil))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = m.Close() }()
	if _, err := m.NewTuner(greyPersona(90)); !errors.Is(err, ErrNoTuning) {
		t.Errorf("%v instead of %v", err, ErrNoTuning)
	}
	foreign := toy(t, 0.2, func(m *Manifest, dir string) {
		b, err := os.ReadFile(filepath.Join(dir, "encoder.onnx"))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(b)
		m.Parts[0].Tuning = &File{"encoder.onnx", hex.EncodeToString(sum[:])}
	})
	other, err := Load(rt, foreign)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	if _, err := other.NewTuner(greyPersona(90)); !errors.Is(err, ErrGenerator) {
		t.Errorf("a foreign network: %v", err)
	}
	missing := toy(t, 0.2, func(m *Manifest, _ string) { m.Parts[0].Tuning = &File{"none.onnx", "00"} })
	if _, err := Load(rt, missing); !errors.Is(err, ErrGenerator) {
		t.Errorf("a file that is not there: %v", err)
	}
}

// TestStepRefuses examples that are not what the network takes.
func TestStepRefuses(t *testing.T) {
	tuner, p := tunerOf(t)
	all := striped(t, tuner, p, tuner.Rows())
	if _, err := tuner.Step(all[1:], 0.03); err == nil {
		t.Error("a batch that is too small was taken")
	}
	all[0].Truth = all[0].Truth[1:]
	if _, err := tuner.Step(all, 0.03); err == nil {
		t.Error("a truth that is too small was taken")
	}
}
