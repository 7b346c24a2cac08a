package exits

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"testing"

	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/drive"
	"github.com/gioconda-live/gioconda/pipeline/encode"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/retarget"
)

// pattern draws a pattern that moves, instead of a portrait, over grey.
type pattern struct {
	n    int
	wide *frame.I420
}

func (g *pattern) Generate(batch []pipeline.Job) {
	g.n++
	for i := range batch {
		job := &batch[i]
		g.draw(job.Dst)
		if job.Bare != nil {
			g.draw(job.Bare)
			job.Behind.Wide = g.wide
		}
	}
}

func (g *pattern) draw(to *frame.I420) {
	for i := range to.Y {
		to.Y[i] = uint8(16 + (i+4*g.n)%200)
	}
	for i := range to.U {
		to.U[i], to.V[i] = 128, 128
	}
}

type nobody struct{ rest *motion.Rest }

func (s nobody) Rest() *motion.Rest { return s.rest }
func (s nobody) Close()             {}

// newSession is a live session of small pictures, drawn and compressed by the real pipeline. It is closed when the test ends.
func newSession(t *testing.T) *pipeline.Session {
	t.Helper()
	wide, err := frame.NewI420(pipeline.WideWidth, pipeline.WideHeight)
	if err != nil {
		t.Fatal(err)
	}
	return newSessionOf(t, &pattern{wide: wide})
}

// newSessionOf is the same of another generator's pictures.
func newSessionOf(t *testing.T, g pipeline.Generator) *pipeline.Session {
	t.Helper()
	c := pipeline.DefaultConfig()
	c.Size = 256
	log := slog.New(slog.DiscardHandler)
	loop := pipeline.NewLoop(c, g, encode.New(c), log)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); loop.Run(ctx) }()
	t.Cleanup(func() { stop(); <-done })
	pose := motion.Rigid{R: motion.Rotation(0, 0, 0), T: motion.Vec3{X: 0.5, Y: 0.42}, Scale: 0.16}
	var pts [landmark.Count]motion.Vec3
	for i, p := range motion.AverageFace() {
		pts[i] = pose.Apply(p)
	}
	rest := retarget.NewRest(&pts)
	s, err := loop.Open(nobody{&rest}, drive.New(&rest, drive.DefaultOptions(), rand.New(rand.NewPCG(1, 2)), nil))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}
