package virtualcamera

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/drive"
	"github.com/gioconda-live/gioconda/pipeline/encode"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/retarget"
)

// pictureOf is a picture of one grey, as a session gives it.
func pictureOf(d *Device, luma byte) *frame.Encoded {
	b := bytes.Repeat([]byte{128}, d.size)
	for i := range d.size * 2 / 3 {
		b[i] = luma
	}
	return &frame.Encoded{Data: b}
}

// TestPace: thirty pictures a second, the newest that there is; a slate while there is none; and the device is opened again
// where it was away.
func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &peer{keeps: pixOf(320, 180, "YUYV", 640, 320*180*2)} // small: hundreds of pictures are written
		var said bytes.Buffer
		opened := 0
		d, err := openWith(func(string) (kernel, error) {
			if opened++; opened == 2 {
				return nil, syscall.ENOENT
			}
			return p, nil
		}, "/dev/video10", slog.New(slog.NewTextHandler(&said, nil)))
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() {
			if err := d.Serve(ctx); err != nil {
				t.Error(err)
			}
		})
		count := func(what string, least, most int) []byte {
			t.Helper()
			before, _ := p.seen()
			time.Sleep(time.Second)
			synctest.Wait()
			n, last := p.seen()
			if n -= before; n < least || n > most {
				t.Errorf("%s: %d pictures in a second", what, n)
			}
			return last
		}
		slate := count("nobody is on", 29, 31)
		if luma := slate[0]; luma > 60 || bytes.Count(slate, slate[:1]) == len(slate)/2 {
			t.Errorf("the slate is %d and has no words", luma)
		}
		d.count(1)
		for _, luma := range []byte{50, 80, 120} {
			if err := (sink{d}).WriteFrame(pictureOf(d, luma)); err != nil {
				t.Error(err)
			}
		}
		if last := count("a session", 29, 31); last[0] != 120 || last[1] != 128 {
			t.Errorf("it shows %d, not the newest picture", last[0])
		}
		if err := (sink{d}).WriteFrame(&frame.Encoded{Data: make([]byte, 7)}); err == nil {
			t.Error("a picture of another size was taken")
		}
		d.count(-1)
		if last := count("nobody any more", 29, 31); !bytes.Equal(last, slate) {
			t.Error("it goes on showing the session")
		}
		p.fail(syscall.EAGAIN)
		count("full", 0, 0)
		p.fail(syscall.ENODEV)
		count("away", 0, 0)
		p.fail(nil)
		time.Sleep(10 * time.Second)
		count("back", 29, 31)
		stop()
		running.Wait()
		if !p.closed || strings.Count(said.String(), "is away") != 1 || opened != 3 {
			t.Errorf("closed %v, opened %d times:\n%s", p.closed, opened, said.String())
		}
	})
}

// flat draws one grey.
type flat struct{ square, wide *frame.I420 }

func (f flat) Generate(batch []pipeline.Job) {
	for i := range batch {
		batch[i].Dst.CopyFrom(f.square)
		if batch[i].Bare != nil {
			batch[i].Bare.CopyFrom(f.square)
			batch[i].Behind.Wide = f.wide
		}
	}
}

type nobody struct{ rest *motion.Rest }

func (s nobody) Rest() *motion.Rest { return s.rest }
func (s nobody) Close()             {}

// grey is a picture of one grey.
func grey(t *testing.T, width, height int, luma byte) *frame.I420 {
	t.Helper()
	img, err := frame.NewI420(width, height)
	if err != nil {
		t.Fatal(err)
	}
	for i := range img.Y {
		img.Y[i] = luma
	}
	for i := range img.U {
		img.U[i], img.V[i] = 128, 128
	}
	return img
}

// TestASessionIsShown: from the loop to the device, and the slate when it ends.
func TestASessionIsShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &peer{}
		d, err := openWith(func(string) (kernel, error) { return p, nil }, "/dev/video10", slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		c := pipeline.DefaultConfig()
		c.Size = 256
		g := flat{grey(t, 256, 256, 150), grey(t, pipeline.WideWidth, pipeline.WideHeight, 90)}
		loop := pipeline.NewLoop(c, g, encode.New(c), slog.New(slog.DiscardHandler))
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
		ctx, stop := context.WithCancel(t.Context())
		showing, hide := context.WithCancel(ctx)
		var running sync.WaitGroup
		running.Go(func() { loop.Run(ctx) })
		running.Go(func() { _ = d.Serve(ctx) })
		shown := make(chan error, 1)
		go func() { shown <- d.Run(showing, s) }()
		time.Sleep(time.Second)
		synctest.Wait()
		_, last := p.seen()
		middle := last[2*(pipeline.WideWidth*pipeline.WideHeight/2+pipeline.WideWidth/2)]
		if last[0] != 90 || middle != 150 {
			t.Errorf("at the edge %d, want 90; in the middle %d, want 150", last[0], middle)
		}
		hide()
		if err := <-shown; err != nil {
			t.Error(err)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if _, last := p.seen(); last[0] == 90 {
			t.Error("it goes on showing the session")
		}
		s.Close()
		if err := d.Run(ctx, s); !errors.Is(err, pipeline.ErrClosed) {
			t.Errorf("a session that has ended: %v", err)
		}
		stop()
		running.Wait()
	})
}

func TestFill(t *testing.T) {
	planes := []byte{1, 2, 3, 4, 5, 6, 7, 8, 20, 21, 30, 31} // 4x2
	for kind, want := range map[uint32][]byte{
		yuyv: {1, 20, 2, 30, 3, 21, 4, 31, 5, 20, 6, 30, 7, 21, 8, 31},
		yu12: planes,
	} {
		f := form{kind: kind, width: 4, height: 2}
		dst := make([]byte, f.bytes())
		if f.fill(dst, planes); !bytes.Equal(dst, want) {
			t.Errorf("%v: %v", f, dst)
		}
	}
}

func TestAPictureDoesNotAllocate(t *testing.T) {
	d, err := openWith(func(string) (kernel, error) { return &peer{}, nil }, "/dev/video10", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	f, shown := pictureOf(d, 100), make([]byte, d.size)
	n := testing.AllocsPerRun(10, func() {
		if err := (sink{d}).WriteFrame(f); err != nil {
			t.Error(err)
		}
		if fresh, _ := d.take(&shown); !fresh {
			t.Error("no new picture")
		}
		d.form.fill(d.out, shown)
	})
	if n > 0 {
		t.Errorf("%v allocations a picture", n)
	}
}
