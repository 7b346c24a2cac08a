package pipeline

import (
	"errors"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/frame"
)

func TestParseForm(t *testing.T) {
	for query, want := range map[string]Form{
		"": {}, "token=x": {}, "alpha=0&aspect=1:1": {}, "alpha=1": {Alpha: true}, "aspect=16:9": {Wide: true},
		"alpha=1&aspect=16%3A9": {Alpha: true, Wide: true},
	} {
		q, _ := url.ParseQuery(query)
		if f, err := ParseForm(q, Form{}); err != nil || f != want {
			t.Errorf("%q: %+v, %v", query, f, err)
		}
	}
	both := Form{Alpha: true, Wide: true}
	for query, want := range map[string]Form{"": both, "alpha=0": {Wide: true}, "aspect=1:1": {Alpha: true}, "alpha=0&aspect=1:1": {}} {
		q, _ := url.ParseQuery(query)
		if f, err := ParseForm(q, both); err != nil || f != want {
			t.Errorf("%q unless both: %+v, %v", query, f, err)
		}
	}
	for _, query := range []string{"alpha=true", "aspect=4:3", "alpha=2&aspect=16:9", "alpha=1&aspect=wide"} {
		q, _ := url.ParseQuery(query)
		if f, err := ParseForm(q, Form{}); !errors.Is(err, ErrRendition) || f != (Form{}) {
			t.Errorf("%q: %+v, %v", query, f, err)
		}
	}
}

func TestSizesOfForms(t *testing.T) {
	cfg := testConfig()
	for _, c := range []struct {
		ask           Rendition
		width, height int
	}{
		{Rendition{}, 512, 512},
		{Rendition{Edge: 256}, 256, 256},
		{Rendition{Form: Form{Alpha: true}}, 512, 1024},
		{Rendition{Form: Form{Alpha: true}, Edge: 128}, 128, 256},
		{Rendition{Form: Form{Wide: true}}, 1280, 720},
		{Rendition{Form: Form{Wide: true}, Edge: 180}, 320, 180},
		{Rendition{Form: Form{Wide: true, Alpha: true}}, 1280, 1440},
	} {
		r, err := c.ask.resolve(&cfg)
		if err != nil {
			t.Errorf("%+v: %v", c.ask, err)
			continue
		}
		if w, h := r.Size(); w != c.width || h != c.height {
			t.Errorf("%+v is %dx%d, want %dx%d", c.ask, w, h, c.width, c.height)
		}
	}
	for _, ask := range []Rendition{
		{Form: Form{Wide: true}, Edge: 512}, {Edge: 720}, {Form: Form{Wide: true, Alpha: true}, Edge: 360},
	} {
		if r, err := ask.resolve(&cfg); !errors.Is(err, ErrRendition) {
			t.Errorf("%+v became %+v, %v", ask, r, err)
		}
	}
	cfg.Size = 528 // its half is no multiple of 16
	if _, err := (Rendition{Form: Form{Alpha: true}, Edge: 264}).resolve(&cfg); !errors.Is(err, ErrRendition) {
		t.Errorf("colours and matte in one block: %v", err)
	}
}

// flat is a picture of one colour.
func flat(t testing.TB, width, height int, y, u, v byte) *frame.I420 {
	t.Helper()
	f, err := frame.NewI420(width, height)
	if err != nil {
		t.Fatal(err)
	}
	for i := range f.Y {
		f.Y[i] = y
	}
	for i := range f.U {
		f.U[i], f.V[i] = u, v
	}
	return f
}

// drawn is a buffer of 512 x 512 pixels: bright, half opaque in its middle, over a dark background.
func drawn(t testing.TB) *buffer {
	t.Helper()
	b := &buffer{img: flat(t, 512, 512, 200, 100, 150)}
	b.behind = Behind{Square: flat(t, 512, 512, 50, 128, 128), Wide: flat(t, WideWidth, WideHeight, 60, 120, 130)}
	b.withMatte(true)
	b.withBare(true)
	b.badge = corner{}
	for i := range b.img.Matte.Luma {
		if x := i % 512; x < 256 {
			b.img.Matte.Luma[i] = 255
		}
	}
	for i := range b.img.Matte.Chroma {
		if x := i % 256; x < 128 {
			b.img.Matte.Chroma[i] = 255
		}
	}
	for i := range b.img.Y {
		if i%512 >= 256 {
			b.img.Y[i] = 50
		}
	}
	for i := range b.img.U {
		if i%256 >= 128 {
			b.img.U[i], b.img.V[i] = 128, 128
		}
	}
	b.bare.CopyFrom(b.img)
	return b
}

// corner is a badge: it brightens the last pixel.
type corner struct{}

func (corner) Draw(f *frame.I420) { f.Y[len(f.Y)-1] += 7 }

// TestShapes: every form at every size is the right picture in the right place, and making it allocates nothing.
func TestShapes(t *testing.T) {
	cfg := testConfig()
	b := drawn(t)
	for _, c := range []struct {
		what Rendition
		at   map[[2]int]byte // luma at shares of width and height, in hundredths
	}{
		{Rendition{}, map[[2]int]byte{{10, 50}: 200, {90, 50}: 50}},
		{Rendition{Edge: 128}, map[[2]int]byte{{10, 50}: 200, {90, 50}: 50}},
		{Rendition{Form: Form{Alpha: true}}, map[[2]int]byte{{10, 25}: 200, {90, 25}: 16, {10, 75}: 235, {90, 75}: 16}},
		{Rendition{Form: Form{Alpha: true}, Edge: 256}, map[[2]int]byte{{10, 25}: 200, {90, 25}: 16, {10, 75}: 235, {90, 75}: 16}},
		{Rendition{Form: Form{Wide: true}}, map[[2]int]byte{{10, 50}: 60, {90, 50}: 60, {40, 50}: 200, {60, 50}: 50}},
		{Rendition{Form: Form{Wide: true}, Edge: 180}, map[[2]int]byte{{10, 50}: 60, {90, 50}: 60, {40, 50}: 200, {60, 50}: 50}},
		{Rendition{Form: Form{Wide: true, Alpha: true}}, map[[2]int]byte{
			{10, 25}: 16, {40, 25}: 200, {60, 25}: 16, {90, 25}: 16, {10, 75}: 16, {40, 75}: 235, {60, 75}: 16, {90, 75}: 16,
		}},
	} {
		what, err := c.what.resolve(&cfg)
		if err != nil {
			t.Fatal(err)
		}
		s, err := newShape(what, cfg.Size)
		if err != nil {
			t.Fatal(err)
		}
		if !s.has(b) {
			t.Fatalf("%+v: something is missing", c.what)
		}
		f, err := s.of(b)
		if err != nil {
			t.Fatal(err)
		}
		if w, h := what.Size(); f.Width != w || f.Height != h {
			t.Errorf("%+v: %dx%d, want %dx%d", c.what, f.Width, f.Height, w, h)
		}
		for at, want := range c.at {
			if got := f.Y[at[1]*f.Height/100*f.Width+at[0]*f.Width/100]; got != want {
				t.Errorf("%+v: luma at %v %% is %d, want %d", c.what, at, got, want)
			}
		}
		if last := f.Y[len(f.Y)-1]; what.Edge == WideHeight && !what.Alpha && last != 67 {
			t.Errorf("%+v: the badge's corner is %d, want 67", c.what, last)
		}
		if n := testing.AllocsPerRun(5, func() { _, _ = s.of(b) }); n != 0 {
			t.Errorf("%+v: %v allocations", c.what, n)
		}
		if last := f.Y[len(f.Y)-1]; what.Edge == WideHeight && !what.Alpha && last != 67 {
			t.Errorf("%+v: after some more, the badge's corner is %d, want 67", c.what, last)
		}
	}
}

// TestSeamsAreSoft: from the sides of a wide picture to its square no step is larger than the difference over the seam allows, and
// another background is taken up at once.
func TestSeamsAreSoft(t *testing.T) {
	cfg := testConfig()
	what, _ := Rendition{Form: Form{Wide: true}}.resolve(&cfg)
	s, err := newShape(what, cfg.Size)
	if err != nil {
		t.Fatal(err)
	}
	b := drawn(t)
	b.bare = flat(t, 512, 512, 200, 100, 150)
	b.badge = nil
	for _, side := range []byte{60, 100} {
		b.behind.Wide = flat(t, WideWidth, WideHeight, side, 120, 130)
		f, err := s.of(b)
		if err != nil {
			t.Fatal(err)
		}
		row := f.Y[300*WideWidth:][:WideWidth]
		if row[0] != side || row[279] != side || row[280] > side+4 || row[280+seam] != 200 || row[1280-281] > side+4 || row[1279] != side {
			t.Errorf("sides of %d: %d %d %d .. %d .. %d %d", side, row[0], row[279], row[280], row[280+seam], row[1280-281], row[1279])
		}
		for x := range row[1:] {
			if d := int(row[x+1]) - int(row[x]); d > 6 || d < -6 {
				t.Errorf("sides of %d: a step of %d at column %d", side, d, x)
			}
		}
	}
}

// TestMatteOnlyWhileWatched: pictures have a matte while somebody watches one, and that viewer gets no picture that has none.
func TestMatteOnlyWhileWatched(t *testing.T) {
	bubble(t, func(r *rig) {
		s, _ := r.open(1)
		r.view(s, Rendition{Codec: VP8})
		time.Sleep(time.Second)
		if n := r.gen.mattes.Load(); n != 0 {
			t.Fatalf("%d mattes for nobody", n)
		}
		v, sink := r.view(s, Rendition{Codec: VP8, Form: Form{Alpha: true}})
		time.Sleep(time.Second)
		if n, f := r.gen.mattes.Load(), sink.all(); n < 28 || len(f) < 28 || !f[0].key {
			t.Errorf("%d mattes, %d frames", n, len(f))
		}
		v.Leave()
		time.Sleep(interval)
		synctest.Wait()
		n := r.gen.mattes.Load()
		time.Sleep(time.Second)
		if more := r.gen.mattes.Load() - n; more != 0 {
			t.Errorf("%d mattes after its viewer has left", more)
		}
	})
}

// TestWideWaitsForItsSides: a wide viewer gets nothing until there is something beside the square, and others do not wait with it.
func TestWideWaitsForItsSides(t *testing.T) {
	bubble(t, func(r *rig) {
		s, _ := r.open(1)
		_, square := r.view(s, Rendition{Codec: VP8})
		_, wide := r.view(s, Rendition{Codec: VP8, Form: Form{Wide: true}})
		time.Sleep(time.Second)
		if n, m := len(square.all()), len(wide.all()); n < 28 || m != 0 {
			t.Errorf("%d square and %d wide pictures before there are sides", n, m)
		}
		r.gen.sides.Store(flat(t, WideWidth, WideHeight, 60, 128, 128))
		time.Sleep(time.Second)
		frames := wide.all()
		if len(frames) < 28 || !frames[0].key {
			t.Fatalf("%d wide pictures", len(frames))
		}
		if frames[0].edge != 1280/4*4%1024 { // the fake keeps eight bits of a quarter
			t.Errorf("the first is %d wide", frames[0].edge)
		}
	})
}
