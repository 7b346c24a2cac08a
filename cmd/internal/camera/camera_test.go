package camera

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/imaging"
	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/configs"
	"github.com/gioconda-live/gioconda/models/persona/intake"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/latest"
	"github.com/gioconda-live/gioconda/rtc/rtctest"
)

// pictures writes a folder of pictures of a size.
func pictures(t *testing.T, dir string, sizes ...image.Point) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	for i, size := range sizes {
		var b bytes.Buffer
		if err := png.Encode(&b, image.NewRGBA(image.Rectangle{Max: size})); err != nil {
			t.Fatal(err)
		}
		testenv.Write(t, filepath.Join(dir, string(rune('a'+i))+".png"), b.Bytes())
	}
}

// TestPickedUpAgain: a camera that is not there yet, goes and comes back is said to be missing, and read whenever it is there.
func TestPickedUpAgain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cam")
	synctest.Test(t, func(t *testing.T) {
		var said bytes.Buffer
		c := New(&Options{ID: folderPrefix + dir, Log: slog.New(slog.NewTextHandler(&said, nil))})
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { c.keepOpen(ctx) })
		for range 2 {
			time.Sleep(10 * time.Second)
			synctest.Wait()
			if s := c.Status(); s.State != Missing || !strings.Contains(s.Message, dir) {
				t.Errorf("%+v", s)
			}
			before := c.shutter.frames.Load()
			pictures(t, dir, image.Pt(64, 64), image.Pt(64, 64))
			time.Sleep(mostWait + 2*time.Second)
			synctest.Wait()
			if n := c.shutter.frames.Load() - before; n < 55 || n > 220 {
				t.Errorf("%d pictures in 2 to 7 s", n)
			}
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
		}
		stop()
		running.Wait()
		if n := strings.Count(said.String(), "plug it in"); n != 1 { // it is live again only when the tracker says so
			t.Errorf("said %d times:\n%s", n, said.String())
		}
	})
}

func TestFolder(t *testing.T) {
	dir := t.TempDir()
	if _, err := openFolder(dir); err == nil || !strings.Contains(err.Error(), "no pictures") {
		t.Errorf("an empty one: %v", err)
	}
	pictures(t, dir, image.Pt(101, 67), image.Pt(64, 64))
	testenv.Write(t, filepath.Join(dir, "z.txt"), []byte("no picture"))
	r, err := openFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	if w, h := r.size(); w != 100 || h != 66 {
		t.Errorf("%dx%d, want even sides", w, h)
	}
	img := image.NewRGBA(image.Rect(0, 0, 100, 66))
	for range 2 {
		if err := r.next(img); err != nil {
			t.Error(err)
		}
	}
	if err := r.next(img); !errors.Is(err, io.EOF) {
		t.Errorf("after the last: %v", err)
	}
	testenv.Write(t, filepath.Join(dir, "a.png"), []byte("no picture"))
	if _, err := openFolder(dir); err == nil || !strings.Contains(err.Error(), "a.png") {
		t.Errorf("a picture that is none: %v", err)
	}
}

// TestFollows: a face before the camera comes into the mailbox, and whoever looks sees its landmarks.
func TestFollows(t *testing.T) {
	testenv.Full(t)
	n := testenv.Networks(t)
	rtctest.NoLeaks(t)
	dir := t.TempDir()
	lisa, err := intake.Decode(configs.MonaLisa().Picture, intake.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	var small bytes.Buffer
	if err := png.Encode(&small, imaging.Shrink(lisa.Image, 320)); err != nil {
		t.Fatal(err)
	}
	testenv.Write(t, filepath.Join(dir, "lisa.png"), small.Bytes())
	c := New(&Options{ID: folderPrefix + dir, Networks: n, Log: slog.New(slog.DiscardHandler)})
	to := latest.New[landmark.Arrival]()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx, to) }()
	var a landmark.Arrival
	rtctest.Eventually(t, "a face is seen", func() bool { return to.Take(&a) && !a.Sample.Lost() })
	if age := time.Since(a.Captured); a.Captured.IsZero() || age > time.Minute || a.Sample.Score < 0.5 {
		t.Errorf("captured %v ago, score %v", age, a.Sample.Score)
	}
	rtctest.Eventually(t, "it is live", func() bool { return c.Status().State == Live || c.Status().State == Slow })
	var picture []byte
	rtctest.Eventually(t, "there is a preview", func() (ok bool) { picture, ok = c.Picture(); return ok })
	img, err := jpeg.Decode(bytes.NewReader(picture))
	if err != nil {
		t.Fatal(err)
	}
	if n := greens(img); n < 60 {
		t.Errorf("%d pixels of landmarks in the preview", n)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// greens counts the pixels that are greener than any portrait.
func greens(img image.Image) (n int) {
	b := img.Bounds()
	for y := range b.Dy() {
		for x := range b.Dx() {
			r, g, bl, _ := img.At(x, y).RGBA()
			if g > r+0x2000 && g > bl+0x2000 {
				n++
			}
		}
	}
	return n
}

func TestCheck(t *testing.T) {
	dir := t.TempDir()
	for id, want := range map[string]string{
		Any: "", "video0": "", "sample:talking": "", "sample:opera": "no performance", filePrefix + dir: "is a folder",
		filePrefix + dir + "/none.mp4": "was not found", folderPrefix + dir: "no pictures", folderPrefix + dir + "/none": "no such file",
	} {
		if err := Check(id); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", id, err, want)
		}
	}
}
