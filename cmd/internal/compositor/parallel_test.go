package compositor

import (
	"bytes"
	"os"
	"testing"

	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/models/mesh/meshtest"
	"github.com/gioconda-live/gioconda/models/ort"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// shipped is the learned layer that comes with the program.
func shipped(t *testing.T) *portrait.Model {
	t.Helper()
	return loaded(t, "../../../models/portrait/weights/gioconda-s")
}

// loaded is the generator in dir.
func loaded(t *testing.T, dir string) *portrait.Model {
	t.Helper()
	cfg := testenv.Config(t)
	if _, err := os.Stat(cfg.Models.Library); err != nil {
		t.Skip("SKIPPED, nothing was tested: there is no ONNX Runtime")
	}
	rt, err := ort.New(cfg.Models.Library)
	if err != nil {
		t.Fatal(err)
	}
	testenv.CloseAfter(t, rt)
	m, err := portrait.Load(rt, dir)
	if err != nil {
		t.Fatal(err)
	}
	testenv.CloseAfter(t, m)
	return m
}

// sitting is a batch of one persona, talking in several poses, some of it with a matte, without the learned layer, or split.
func sitting(t *testing.T, cache *Cache, p *persona.Persona, n, step int) []pipeline.Job {
	t.Helper()
	var batch []pipeline.Job
	for i := range n {
		look := new(Looks)
		look.Store(&Look{Badge: mesh.NewBadge(mesh.BadgeBottomRight, testSize, testSize), Plain: i%4 == 3, Split: float32(i%3) / 4})
		sub, err := cache.OpenWith(t.Context(), p, Options{Learned: true, Look: look})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(sub.Close)
		st := meshtest.Turned(p, float64((i+step)%7)*5-15, float64((2*i+step)%5)*4-8, float64(step%3)*8-8)
		meshtest.Gape(p, &st, 0.05*float32((i+step)%6))
		st.HasMarker, st.Marker = i%2 == 0, uint16(step)
		job := pipeline.Job{Subject: sub, State: &st, Dst: meshtest.Frame(t, testSize)}
		if i%2 == 1 {
			job.Dst.Matte = frame.NewMatte(job.Dst)
		}
		batch = append(batch, job)
	}
	return batch
}

func copies(batch []pipeline.Job) (out []*frame.I420) {
	for i := range batch {
		d := batch[i].Dst
		c := &frame.I420{Width: d.Width, Height: d.Height, Y: bytes.Clone(d.Y), U: bytes.Clone(d.U), V: bytes.Clone(d.V)}
		if d.Matte != nil {
			c.Matte = &frame.Matte{Luma: bytes.Clone(d.Matte.Luma), Chroma: bytes.Clone(d.Matte.Chroma)}
		}
		out = append(out, c)
	}
	return out
}

// TestParallelDrawsTheSame: pictures one by one and in batches, with both layers and one, and with further views under the learned layer and
// over it, are the same bytes whoever draws.
func TestParallelDrawsTheSame(t *testing.T) {
	sizes := []int{1, 1, 1, 2, 3, 6, 1, 4} // of the batches, one after the other
	if testing.Short() {
		sizes = []int{1, 3}
	}
	model, lisa := shipped(t), meshtest.MonaLisa(t)
	white, _ := whiteMouthed(t)
	for name, c := range map[string]struct {
		model *portrait.Model
		p     *persona.Persona
	}{
		"geometric": {nil, lisa}, "both": {model, lisa}, "views": {model, white}, "tuned": {model, tuned(t, model, white)},
		"tuned without views": {model, tuned(t, model, lisa)},
	} {
		t.Run(name, func(t *testing.T) {
			model := c.model
			cache := NewCache(mesh.Options{Size: testSize}, model, nil)
			t.Cleanup(cache.Close)
			serial, parallel := New(model), NewParallel(model, 2)
			t.Cleanup(parallel.Close)
			for step, n := range sizes {
				batch := sitting(t, cache, c.p, n, step)
				serial.Generate(batch)
				want := copies(batch)
				for i := range batch {
					for o := range batch[i].Dst.Y {
						batch[i].Dst.Y[o] = 7
					}
				}
				parallel.Generate(batch)
				for i, got := range copies(batch) {
					if batch[i].Err != nil || !samePicture(got, want[i]) {
						t.Errorf("step %d, %d pictures: picture %d differs (%v)", step, n, i, batch[i].Err)
					}
					if got.Matte != nil && (!bytes.Equal(got.Matte.Luma, want[i].Matte.Luma) || !bytes.Equal(got.Matte.Chroma, want[i].Matte.Chroma)) {
						t.Errorf("step %d, %d pictures: matte %d differs", step, n, i)
					}
				}
			}
		})
	}
}

// TestParallelDoesNotAllocate once it has begun.
func TestParallelDoesNotAllocate(t *testing.T) {
	testenv.Full(t)
	model := shipped(t)
	white, _ := whiteMouthed(t)
	for name, c := range map[string]struct {
		model *portrait.Model
		p     *persona.Persona
	}{"geometric": {nil, meshtest.MonaLisa(t)}, "tuned": {model, tuned(t, model, white)}} {
		cache := NewCache(mesh.Options{Size: testSize}, c.model, nil)
		t.Cleanup(cache.Close)
		g := NewParallel(c.model, 1)
		t.Cleanup(g.Close)
		for _, n := range []int{1, 3} {
			batch := sitting(t, cache, c.p, n, 1)
			if a := testing.AllocsPerRun(20, func() { g.Generate(batch) }); a > 0 {
				t.Errorf("%s, %d pictures: %v allocations", name, n, a)
			}
		}
	}
}

// TestParallelFault: a fault on another thread ends where the caller's would, with every other picture drawn; the next batch is as
// if nothing had been.
func TestParallelFault(t *testing.T) {
	cache := NewCache(mesh.Options{Size: testSize}, nil, nil)
	t.Cleanup(cache.Close)
	g := NewParallel(nil, 2)
	t.Cleanup(g.Close)
	batch := sitting(t, cache, meshtest.MonaLisa(t), 4, 0)
	good := batch[2].State
	batch[2].State = nil
	sub := batch[2].Subject
	batch[2].Subject = &Subject{} // has nothing to draw with
	caught := func() (v any) {
		defer func() { v = recover() }()
		g.Generate(batch)
		return nil
	}()
	if caught == nil {
		t.Fatal("a broken subject was drawn")
	}
	batch[2].State, batch[2].Subject = good, sub
	g.Generate(batch)
	want := New(nil)
	got := copies(batch)
	want.Generate(batch)
	for i, c := range copies(batch) {
		if !samePicture(c, got[i]) {
			t.Errorf("picture %d differs after a fault", i)
		}
	}
}

// TestCrew: every piece is done once, whether helpers come or not, and Close leaves no thread.
func TestCrew(t *testing.T) {
	for _, size := range []int{0, 1, 3} {
		c := newCrew(size)
		for n := range 20 {
			done := make([]int, n)
			c.offer(n, func(i int) { done[i]++ })
			for c.take() {
			}
			c.wait()
			for i, k := range done {
				if k != 1 {
					t.Errorf("%d helpers, %d pieces: piece %d was done %d times", size, n, i, k)
				}
			}
		}
		c.Close()
		c.Close()
	}
}

// TestParallelWithThrift: a picture of one layer is drawn by the caller alone, and its body stands when it comes a second time.
func TestParallelWithThrift(t *testing.T) {
	cache := NewCache(mesh.Options{Size: testSize}, nil, nil)
	t.Cleanup(cache.Close)
	g := NewParallel(nil, 1)
	t.Cleanup(g.Close)
	job := sitting(t, cache, meshtest.MonaLisa(t), 1, 0)
	low := testSize * (testSize - 8) // no head there
	last := func(lean float32) []byte {
		job[0].State.Lean.X = lean
		g.Generate(job)
		return bytes.Clone(job[0].Dst.Y[low:])
	}
	g.SetThrift(true)
	last(0.2)           // by far more than a pixel: it moves
	first := last(-0.2) // and again, since it must not stand
	if again := last(-0.199); g.crew.started || !bytes.Equal(again, first) {
		t.Errorf("with thrift: helpers started %v, the body stands %v", g.crew.started, bytes.Equal(again, first))
	}
	g.SetThrift(false)
	if again := last(-0.19); !g.crew.started || bytes.Equal(again, first) {
		t.Errorf("without: helpers started %v, the body stands %v", g.crew.started, bytes.Equal(again, first))
	}
}
