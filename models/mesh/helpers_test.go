package mesh

import (
	"testing"

	"github.com/gioconda-live/gioconda/models/mesh/meshtest"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

func newTestRenderer(tb testing.TB, opt Options) *Renderer {
	tb.Helper()
	r, err := New(meshtest.MonaLisa(tb), opt)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(r.Close)
	return r
}

func render(tb testing.TB, r *Renderer, st *motion.State) *frame.I420 {
	tb.Helper()
	f := meshtest.Frame(tb, r.Size())
	if err := r.Render(f, st); err != nil {
		tb.Fatal(err)
	}
	return f
}
