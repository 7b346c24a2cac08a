package live

import (
	"bytes"
	"strings"
	"testing"

	"github.com/gioconda-live/gioconda/cmd/internal/compositor"
	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/configs"
	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/rtc/signalling"
)

// TestLayeredDoesNotAllocate draws and paints two sitters at once, one of them with the learned layer off.
func TestLayeredDoesNotAllocate(t *testing.T) {
	testenv.Full(t)
	d := openServer(t, engine.Small)
	p, err := d.host.persona("mona-lisa")
	if err != nil {
		t.Fatal(err)
	}
	gen := compositor.New(d.engine.Model)
	var batch []pipeline.Job
	for i := range 2 {
		var look compositor.Looks
		look.Store(&compositor.Look{Badge: mesh.NewBadge(mesh.BadgeBottomRight, 256, 256), Plain: i == 1})
		s, err := d.cache.OpenWith(t.Context(), p, compositor.Options{Learned: true, Look: &look})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		dst, err := frame.NewI420(256, 256)
		if err != nil {
			t.Fatal(err)
		}
		st := portrait.Still(s.Rest())
		st.Points[14].Y += 0.1
		batch = append(batch, pipeline.Job{Subject: s, State: &st, Dst: dst})
	}
	if n := testing.AllocsPerRun(10, func() { gen.Generate(batch) }); n > 0 {
		t.Errorf("%v allocations a batch", n)
	}
	if batch[0].Err != nil || batch[1].Err != nil || batch[0].Drawn.IsZero() || !batch[1].Drawn.IsZero() {
		t.Errorf("%+v", batch)
	}
	if bytes.Equal(batch[0].Dst.Y, batch[1].Dst.Y) {
		t.Error("the learned layer changed nothing")
	}
	// The badge and the marker lie over both layers, whichever painted.
	bare, err := d.cache.OpenWith(t.Context(), p, compositor.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer bare.Close()
	want, err := frame.NewI420(256, 256)
	if err != nil {
		t.Fatal(err)
	}
	for i := range batch {
		batch[i].State.HasMarker, batch[i].State.Marker = true, 1234
	}
	gen.Generate(batch)
	plain := []pipeline.Job{{Subject: bare, State: batch[1].State, Dst: want}}
	compositor.Geometric{}.Generate(plain)
	if err := plain[0].Err; err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(batch[1].Dst.Y, want.Y) || !bytes.Equal(batch[1].Dst.U, want.U) {
		t.Error("with the learned layer off the picture is not the geometric layer's")
	}
	if code, ok := mesh.ReadMarker(batch[0].Dst); !ok || code != 1234 {
		t.Errorf("the marker reads %d, %v", code, ok)
	}
	for y := 232; y < 252; y++ {
		if row := y*256 + 228; !bytes.Equal(batch[0].Dst.Y[row:row+24], want.Y[row:row+24]) {
			t.Fatal("the badge is not where it should be")
		}
	}
}

// A stored look shows in the next picture: left of the divider the geometric layer alone, right of it the learned one.
func TestTheDividerMovesWithTheNextPicture(t *testing.T) {
	d := openServer(t, engine.Small)
	p, err := d.host.persona("mona-lisa")
	if err != nil {
		t.Fatal(err)
	}
	var look compositor.Looks
	s, err := d.cache.OpenWith(t.Context(), p, compositor.Options{Learned: true, Look: &look})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	gen := compositor.New(d.engine.Model)
	st := portrait.Still(s.Rest())
	st.Points[14].Y += 0.1
	picture := func(l compositor.Look) []byte {
		look.Store(&l)
		dst, failed := frame.NewI420(256, 256)
		if failed != nil {
			t.Fatal(failed)
		}
		batch := []pipeline.Job{{Subject: s, State: &st, Dst: dst}}
		if gen.Generate(batch); batch[0].Err != nil {
			t.Fatal(batch[0].Err)
		}
		return dst.Y
	}
	plain, learned, split := picture(compositor.Look{Plain: true}), picture(compositor.Look{}), picture(compositor.Look{Split: 0.5})
	var left, right int // pixels that differ between the layers
	for i := range split {
		want := learned[i]
		if i%256 < 128 {
			want = plain[i]
		}
		if split[i] != want {
			t.Fatalf("pixel (%d, %d) is of the wrong layer", i%256, i/256)
		}
		if plain[i] != learned[i] && i%256 < 128 {
			left++
		} else if plain[i] != learned[i] {
			right++
		}
	}
	if left == 0 || right == 0 {
		t.Errorf("the layers differ in %d pixels left and %d right: nothing was divided", left, right)
	}
}

// TestAutoKeepsItsWord: whatever this machine is worth at the moment, the learned layer is there, the first session has it where it
// fits, and where it does not a sentence says why.
func TestAutoKeepsItsWord(t *testing.T) {
	testenv.Full(t)
	d := openServer(t, configs.Auto)
	l := d.engine
	both, _ := l.Costs()
	switch {
	case l.Model == nil || l.Name != engine.Small:
		t.Errorf("%s was chosen", l.Name)
	case (l.TooSlow() == "") != (l.Capacity.Fits(both) > 0):
		t.Errorf("%d sessions fit, but %q", l.Capacity.Fits(both), l.TooSlow())
	case l.Speed.Geometric <= 0 || l.Speed.Encode <= 0:
		t.Errorf("measured was %+v", l.Speed)
	}
	s, err := d.host.Open(t.Context(), signalling.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	got := s.Info()
	if fits := l.Capacity.Fits(both) > 0; fits && (got.Generator != l.Name || got.GeneratorNote != l.Note) ||
		!fits && (got.Generator != engine.MeshOnly || !strings.Contains(got.GeneratorNote, engine.Small)) {
		t.Errorf("the first session is told %+v", got)
	}
}
