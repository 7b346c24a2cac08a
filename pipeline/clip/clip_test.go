package clip

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/gioconda-live/gioconda/pipeline/frame"
)

func needFFmpeg(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		t.Skip("SKIPPED: ffmpeg is not installed")
	}
}

func writeFilm(t *testing.T, path string, frames int) {
	t.Helper()
	w, err := Create(context.Background(), path, WriterOptions{Width: 64, Height: 48, RateNum: 25, RateDen: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	f, _ := frame.NewI420(64, 48)
	for i := range frames {
		for k := range f.Y {
			f.Y[k] = byte(16 + 8*i)
		}
		for k := range f.U {
			f.U[k], f.V[k] = 128, 128
		}
		if err := w.Write(f); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestRoundTrip(t *testing.T) {
	needFFmpeg(t)
	for _, name := range []string{"a.mp4", "b.y4m", "c.webm"} {
		path := filepath.Join(t.TempDir(), name)
		writeFilm(t, path, 20)
		r, err := Open(context.Background(), path)
		if err != nil {
			t.Fatal(err)
		}
		if r.Info.Width != 64 || r.Info.Height != 48 || r.Info.FPS() != 25 || r.Info.Audio {
			t.Errorf("%s: %+v", name, r.Info)
		}
		img := r.NewFrame()
		n := 0
		for ; ; n++ {
			if err := r.Read(img); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			want := int(float64(8*n) * 255 / 219) // limited range to full
			if got := int(img.Pix[0]); got < want-5 || got > want+5 {
				t.Errorf("%s frame %d: grey %d, want %d", name, n, got, want)
			}
		}
		if n != 20 {
			t.Errorf("%s: %d frames, want 20", name, n)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestBadClips(t *testing.T) {
	needFFmpeg(t)
	dir := t.TempDir()
	text := filepath.Join(dir, "text.mp4")
	if err := os.WriteFile(text, []byte("not a film"), 0o600); err != nil {
		t.Fatal(err)
	}
	sound := filepath.Join(dir, "sound.mp4")
	if out, err := exec.Command("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=d=1", sound).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, tc := range []struct {
		path string
		want error
	}{{text, ErrNoVideo}, {sound, ErrNoVideo}, {filepath.Join(dir, "none.mp4"), os.ErrNotExist}} {
		if _, err := Open(context.Background(), tc.path); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", tc.path, err, tc.want)
		}
	}
}

func TestNothingHalfWritten(t *testing.T) {
	needFFmpeg(t)
	dir := t.TempDir()
	w, err := Create(context.Background(), filepath.Join(dir, "x.mp4"), WriterOptions{Width: 64, Height: 64, RateNum: 30, RateDen: 1})
	if err != nil {
		t.Fatal(err)
	}
	w.Abort()
	w.Abort()
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	if _, err := Create(context.Background(), filepath.Join(dir, "x.txt"), WriterOptions{}); err == nil {
		t.Error("an unknown extension was accepted")
	}
	if _, err := Create(context.Background(), filepath.Join(dir, "no", "x.mp4"), WriterOptions{}); err == nil {
		t.Error("a missing folder was accepted")
	}
}
