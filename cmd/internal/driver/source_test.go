package driver

import (
	"context"
	"errors"
	"image"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/configs"
	"github.com/gioconda-live/gioconda/models/face"
	"github.com/gioconda-live/gioconda/pipeline/clip"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

// mona is the Mona Lisa's file.
func mona(t *testing.T) string {
	t.Helper()
	return testenv.Write(t, filepath.Join(t.TempDir(), "mona.png"), configs.MonaLisa().Picture)
}

// drain reads a source to its end.
func drain(t *testing.T, s Source) (all []landmark.Sample) {
	t.Helper()
	for {
		var one landmark.Sample
		if err := s.Next(&one); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
}

func open(t *testing.T, n *face.Networks, path string) Source {
	t.Helper()
	s, err := Open(context.Background(), n, path)
	if err != nil {
		t.Fatal(err)
	}
	testenv.CloseAfter(t, s)
	return s
}

// TestPictureAsDriver: a picture is a driver whose face is held for some seconds.
func TestPictureAsDriver(t *testing.T) {
	n := testenv.Networks(t)
	s := open(t, n, mona(t))
	all := drain(t, s)
	about := s.About()
	if len(all) != 90 || about.Frames != 90 || about.RateNum != 30 || about.Sound != "" || s.View() == nil {
		t.Errorf("%d frames, %+v", len(all), about)
	}
	for _, one := range all {
		if one.Lost() || one != all[0] {
			t.Fatal("the face does not hold still")
		}
	}
	if f := s.Findings(); len(f.Notes) != 1 || f.Torn != nil {
		t.Errorf("%+v", f)
	}
	grey := image.NewRGBA(image.Rect(0, 0, 200, 200))
	for i := range grey.Pix {
		grey.Pix[i] = 128
	}
	path := filepath.Join(t.TempDir(), "grey.png")
	f, err := os.Create(path)
	if err == nil {
		err = errors.Join(png.Encode(f, grey), f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	s = open(t, n, path)
	if all = drain(t, s); len(all) != 90 || !all[0].Lost() || s.Findings().Why != face.Nothing {
		t.Errorf("a grey wall: %d frames, lost %v, %v", len(all), all[0].Lost(), s.Findings().Why)
	}
	text := testenv.Write(t, filepath.Join(t.TempDir(), "cut.png"), configs.MonaLisa().Picture[:9000])
	if _, err := Open(context.Background(), n, text); err == nil || !strings.Contains(err.Error(), "ends before") {
		t.Errorf("a picture cut short: %v", err)
	}
}

// TestFirstFrameHasTheFace: a small face is there from the first frame on, and stands in it where it stands later.
func TestFirstFrameHasTheFace(t *testing.T) {
	n := testenv.Networks(t)
	testenv.FFmpeg(t)
	path := filepath.Join(t.TempDir(), "far.y4m")
	small := image.NewRGBA(image.Rect(0, 0, 1280, 720))
	for i := range small.Pix {
		small.Pix[i] = 120
	}
	img, err := png.Decode(strings.NewReader(string(configs.MonaLisa().Picture)))
	if err != nil {
		t.Fatal(err)
	}
	const k = 3
	for y := range img.Bounds().Dy() / k {
		for x := range img.Bounds().Dx() / k {
			small.Set(900+x, 80+y, img.At(k*x, k*y))
		}
	}
	f, err := frame.NewI420(1280, 720)
	if err != nil {
		t.Fatal(err)
	}
	w, err := clip.Create(context.Background(), path, clip.WriterOptions{Width: 1280, Height: 720, RateNum: 25, RateDen: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.FromRGBA(small); err != nil {
		t.Fatal(err)
	}
	for range 6 {
		if err := w.Write(f); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	all := drain(t, open(t, n, path))
	for i, one := range all {
		if one.Lost() {
			t.Fatalf("frame %d shows no face", i)
		}
		for k := range one.Points {
			p, q := one.Points[k], all[len(all)-1].Points[k]
			if d := 1280 * max(p.X-q.X, q.X-p.X, p.Y-q.Y, q.Y-p.Y); d > 1 {
				t.Fatalf("frame %d: landmark %d is %.1f px from where it comes to rest", i, k, d)
			}
		}
	}
}

func TestTally(t *testing.T) {
	var c tally
	if c.why() != face.Nothing || c.several() {
		t.Error("of nothing")
	}
	for r, n := range map[face.Reason]int{face.Nothing: 60, face.Unclear: 2} {
		c[r] = n
	}
	if c.why() != face.Nothing {
		t.Errorf("chance counts: %v", c.why())
	}
	c[face.TooSmall], c[face.Unclear] = 7, 4
	if c.why() != face.TooSmall {
		t.Error(c.why())
	}
	c[face.Followed], c[face.Several] = 100, 30
	if !c.several() {
		t.Error("several faces go unnoticed")
	}
}
