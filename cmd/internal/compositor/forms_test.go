package compositor

import (
	"bytes"
	"image/color"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/models/mesh/meshtest"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

const testSize = 256

// openLisa is a subject of the Mona Lisa with a badge.
func openLisa(tb testing.TB, size int, b mesh.Background) (*Subject, *Cache, motion.State) {
	tb.Helper()
	p := meshtest.MonaLisa(tb)
	cache := NewCache(mesh.Options{Size: size}, nil, nil)
	tb.Cleanup(cache.Close)
	sub, err := cache.OpenWith(tb.Context(), p, Options{Background: b})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(sub.Close)
	return sub, cache, meshtest.Turned(p, 8, 3, 2)
}

func generate(sub *Subject, st *motion.State, matte, wide bool) *pipeline.Job {
	job := pipeline.Job{Subject: sub, State: st}
	job.Dst, _ = frame.NewI420(testSize, testSize)
	if matte {
		job.Dst.Matte = frame.NewMatte(job.Dst)
	}
	if wide {
		job.Bare, _ = frame.NewI420(testSize, testSize)
	}
	batch := []pipeline.Job{job}
	Geometric{}.Generate(batch)
	return &batch[0]
}

func samePicture(a, b *frame.I420) bool {
	return bytes.Equal(a.Y, b.Y) && bytes.Equal(a.U, b.U) && bytes.Equal(a.V, b.V)
}

// TestFormsShareOnePicture: the picture is the same bytes whoever watches, and what the others need is there too.
func TestFormsShareOnePicture(t *testing.T) {
	testenv.Full(t)
	sub, _, st := openLisa(t, testSize, mesh.Background{Mode: mesh.BackgroundColour, Colour: color.RGBA{90, 20, 200, 255}})
	square := generate(sub, &st, false, false)
	if square.Behind != (pipeline.Behind{}) || square.Badge != nil {
		t.Error("a square picture got more than it needs")
	}
	alpha := generate(sub, &st, true, false)
	if alpha.Behind.Square == nil || alpha.Behind.Wide != nil {
		t.Errorf("behind a picture with a matte: %+v", alpha.Behind)
	}
	wide := generate(sub, &st, true, true)
	for _, job := range []*pipeline.Job{alpha, wide} {
		if job.Err != nil || !samePicture(job.Dst, square.Dst) {
			t.Errorf("another picture (%v)", job.Err)
		}
	}
	plain := meshtest.Frame(t, testSize)
	if err := sub.draw.Render(plain, &st); err != nil {
		t.Fatal(err)
	}
	if !samePicture(wide.Bare, plain) {
		t.Error("the bare picture is not the portrait alone")
	}
	corner := meshtest.Frame(t, testSize)
	corner.CopyFrom(plain)
	sub.now.Badge.Draw(corner)
	if !samePicture(corner, square.Dst) || samePicture(corner, plain) {
		t.Error("the square picture has no badge")
	}
	if wide.Badge == nil {
		t.Error("wide pictures have no badge")
	}
}

// TestSidesAreMadeOnce: what is beside the square comes soon after it was first wanted, and stays the same picture.
func TestSidesAreMadeOnce(t *testing.T) {
	sub, cache, st := openLisa(t, testSize, mesh.Background{})
	generate(sub, &st, false, true)
	cache.running.Wait()
	first := generate(sub, &st, false, true).Behind.Wide
	if first == nil || first.Width != pipeline.WideWidth || first.Height != pipeline.WideHeight {
		t.Fatalf("beside the square: %+v", first)
	}
	if again := generate(sub, &st, false, true).Behind.Wide; again != first {
		t.Error("it was made anew")
	}
}

// TestPlainSidesFade: the first wide picture does not wait for the portrait to be continued, and nothing jumps when it is.
func TestPlainSidesFade(t *testing.T) {
	testenv.Full(t)
	synctest.Test(t, func(t *testing.T) {
		sub, _, st := openLisa(t, testSize, mesh.Background{})
		next := func() *frame.I420 { return generate(sub, &st, false, true).Behind.Wide }
		var last *frame.I420
		for last == nil { // as long as it takes: fake time stands still meanwhile
			last = next()
		}
		plain, err := plainSides(sub.draw.Background())
		if err != nil || !samePicture(last, plain) {
			t.Fatalf("the first sides are not the plain ones (%v)", err)
		}
		whole, err := extend(sub.draw, sub.persona)
		if err != nil {
			t.Fatal(err)
		}
		all, begin := distance(plain, whole), time.Now()
		for last != nil && !samePicture(last, whole) {
			time.Sleep(fadeEvery)
			synctest.Wait()
			now := next()
			if d := distance(last, now); d > all/8 {
				t.Fatalf("the sides jump by %.2f levels of %.2f", d, all)
			}
			last = now
		}
		if took := time.Since(begin); all < 1 || took < 300*time.Millisecond || took > time.Second {
			t.Errorf("%.2f levels in %v", all, took)
		}
	})
}

// distance is how many levels of luma two pictures are apart.
func distance(a, b *frame.I420) float64 {
	sum := 0
	for i := range a.Y {
		d := int(a.Y[i]) - int(b.Y[i])
		sum += max(d, -d)
	}
	return float64(sum) / float64(len(a.Y))
}

// TestSidesAfterTheEnd: a cache that is closed makes none, and says nothing.
func TestSidesAfterTheEnd(t *testing.T) {
	sub, cache, st := openLisa(t, testSize, mesh.Background{})
	cache.Close()
	if job := generate(sub, &st, false, true); job.Err != nil || job.Behind.Wide != nil {
		t.Errorf("%v, %v", job.Err, job.Behind.Wide)
	}
}

// TestFormsAllocateNothing: neither matte nor bare picture costs an allocation once they are there.
func TestFormsAllocateNothing(t *testing.T) {
	testenv.Full(t)
	sub, cache, st := openLisa(t, testSize, mesh.Background{})
	job := generate(sub, &st, true, true)
	cache.running.Wait()
	batch := []pipeline.Job{*job}
	if n := testing.AllocsPerRun(10, func() { Geometric{}.Generate(batch) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if batch[0].Behind.Wide == nil {
		t.Error("no sides")
	}
}

// BenchmarkGenerate is what the forms add to drawing, for each picture at 512.
func BenchmarkGenerate(b *testing.B) {
	for _, c := range []struct {
		name        string
		matte, wide bool
	}{{"square", false, false}, {"alpha", true, false}, {"wide", false, true}, {"both", true, true}} {
		b.Run(c.name, func(b *testing.B) {
			sub, cache, st := openLisa(b, 512, mesh.Background{})
			batch := []pipeline.Job{{Subject: sub, State: &st, Dst: meshtest.Frame(b, 512)}}
			if c.matte {
				batch[0].Dst.Matte = frame.NewMatte(batch[0].Dst)
			}
			if c.wide {
				batch[0].Bare = meshtest.Frame(b, 512)
			}
			Geometric{}.Generate(batch)
			cache.running.Wait()
			b.ReportAllocs()
			for b.Loop() {
				Geometric{}.Generate(batch)
			}
		})
	}
}

// BenchmarkSides is what it takes, once for a background, to make what is beside the square.
func BenchmarkSides(b *testing.B) {
	sub, _, _ := openLisa(b, 512, mesh.Background{})
	for b.Loop() {
		if _, err := extend(sub.draw, sub.persona); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPlainSides is what the first of them take.
func BenchmarkPlainSides(b *testing.B) {
	sub, _, _ := openLisa(b, 512, mesh.Background{})
	for b.Loop() {
		if _, err := plainSides(sub.draw.Background()); err != nil {
			b.Fatal(err)
		}
	}
}
