package clip

import (
	"context"
	"image"
	"math"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestStill: a picture that only ffmpeg reads is decoded as it is stored, and only in the size that it says.
func TestStill(t *testing.T) {
	needFFmpeg(t)
	dir := t.TempDir()
	for _, args := range [][]string{
		{"-frames:v", "1", "-c:v", "libaom-av1", "-cpu-used", "8", "-still-picture", "1", "-crf", "5", filepath.Join(dir, "a.avif")},
		{"-frames:v", "1", filepath.Join(dir, "a.png")},
	} {
		path := args[len(args)-1]
		cmd := exec.Command("ffmpeg", append([]string{"-v", "error", "-f", "rawvideo", "-pix_fmt", "rgba", "-s", "128x96", "-i", "-"}, args...)...)
		img := image.NewRGBA(image.Rect(0, 0, 128, 96))
		patches(img, 0)
		cmd.Stdin = strings.NewReader(string(img.Pix))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Logf("SKIPPED %s: this ffmpeg cannot write one: %s", filepath.Base(path), out)
			continue
		}
		got, err := Still(context.Background(), path, 128, 96)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		for _, at := range []image.Point{{16, 16}, {112, 16}, {16, 80}, {112, 80}} {
			a, b := got.RGBAAt(at.X, at.Y), img.RGBAAt(at.X, at.Y)
			if math.Abs(float64(a.R)-float64(b.R)) > 6 || math.Abs(float64(a.B)-float64(b.B)) > 6 || a.A != 255 {
				t.Errorf("%s at %v: %v, want %v", filepath.Base(path), at, a, b)
			}
		}
		for _, size := range []image.Point{{64, 96}, {256, 96}} {
			if _, err := Still(context.Background(), path, size.X, size.Y); err == nil {
				t.Errorf("%s passes for %v", filepath.Base(path), size)
			}
		}
	}
	if _, err := Still(context.Background(), filepath.Join(dir, "none.heic"), 8, 8); err == nil {
		t.Error("a file that is not there")
	}
}
