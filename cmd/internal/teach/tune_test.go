package teach

import (
	"context"
	"io/fs"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/cmd/internal/tuning"
	"github.com/gioconda-live/gioconda/models/ort"
	"github.com/gioconda-live/gioconda/models/portrait"
)

// TestTuningThatTakesTooLong leaves the persona as it is and says so; what was cancelled is an error.
func TestTuningThatTakesTooLong(t *testing.T) {
	b := newBench(t)
	dir, err := fs.Sub(portrait.Shipped(), "gioconda-s")
	if err != nil {
		t.Fatal(err)
	}
	if b.Model, err = portrait.Open(b.networks.Runtime, dir, ort.Device{}); err != nil {
		t.Fatal(err)
	}
	testenv.CloseAfter(t, b.Model)
	p, err := b.Maker.MonaLisa(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var said []*tuning.Result
	b.Tuned = func(r *tuning.Result) { said = append(said, r) }
	c := &contact{options: b.Options}
	for range tuning.LeastFrames - 1 {
		var s seen
		for i, q := range p.Face.Points {
			s.sample.Points[i] = p.Face.Head.Apply(q)
		}
		s.sample.Points[14].Y += 0.1
		c.seen = append(c.seen, s)
	}
	ctx, cancel := context.WithTimeout(t.Context(), keeping/2)
	defer cancel()
	for _, why := range []string{tuning.TooFew, errNoTime.Error()} {
		out, err := c.tune(ctx, nil, p, nil, nil)
		if err != nil || len(out.Sections) != len(p.Sections) || len(said) == 0 || said[len(said)-1].Why != why {
			t.Errorf("%s: %v, said %+v", why, err, said)
		}
		c.seen = append(c.seen, c.seen[0])
	}
	ctx, cancel = context.WithTimeout(t.Context(), keeping+time.Minute)
	cancel()
	if out, err := c.tune(ctx, nil, p, nil, nil); err == nil || out != nil {
		t.Error("what was cancelled gives a persona")
	}
}
