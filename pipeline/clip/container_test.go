package clip

import (
	"bytes"
	"context"
	"errors"
	"image"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// encode draws frames and lets ffmpeg make a clip of them; args stand between input and output.
func encode(t *testing.T, path string, w, h, frames int, draw func(img *image.RGBA, i int), args ...string) string {
	t.Helper()
	needFFmpeg(t)
	var raw bytes.Buffer
	for i := range frames {
		img := image.NewRGBA(image.Rect(0, 0, w, h))
		draw(img, i)
		raw.Write(img.Pix)
	}
	size := image.Pt(w, h).String() // (w,h)
	size = strings.NewReplacer("(", "", ")", "", ",", "x").Replace(size)
	all := append([]string{"-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgba", "-s", size, "-r", "50", "-i", "-"}, args...)
	cmd := exec.Command("ffmpeg", append(all, "-threads", "1", path)...)
	cmd.Stdin = &raw
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v: %s", all, err, out)
	}
	return path
}

// skipRest says that case i of a table is too many for -short: each starts ffmpeg several times.
func skipRest(i int) bool { return testing.Short() && i > 0 }

// disc draws a white disc, or an ellipse whose pixels are stretched to one when shown.
func disc(cx, cy, rx, ry float64) func(*image.RGBA, int) {
	return func(img *image.RGBA, _ int) {
		for i := range img.Pix {
			img.Pix[i] = 255
		}
		for y := range img.Rect.Dy() {
			for x := range img.Rect.Dx() {
				if math.Hypot((float64(x)+0.5-cx)/rx, (float64(y)+0.5-cy)/ry) > 1 {
					clear(img.Pix[img.PixOffset(x, y):][:3])
				}
			}
		}
	}
}

// extent measures what is bright: the box about it.
func extent(img *image.RGBA) image.Rectangle {
	var box image.Rectangle
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			if img.Pix[img.PixOffset(x, y)] > 128 {
				box = box.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return box
}

// frames reads a whole clip; it fails unless the clip ends well or torn as told.
func frames(t *testing.T, path string) (all []*image.RGBA, r *Reader) {
	t.Helper()
	r, err := Open(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}()
	for {
		img := r.NewFrame()
		if err := r.Read(img); errors.Is(err, io.EOF) {
			return all, r
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, img)
	}
}

// TestSquarePixels: a clip whose pixels are not square is read as it is meant to be looked at.
func TestSquarePixels(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for i, tc := range []struct {
		name   string
		w, h   int
		rx, ry float64
		sar    string
		want   image.Point
		args   []string
	}{
		{"square", 160, 120, 40, 40, "1/1", image.Pt(160, 120), nil},
		{"wide", 120, 160, 30, 40, "4/3", image.Pt(160, 160), nil},
		{"tall", 160, 120, 40, 30, "3/4", image.Pt(160, 160), nil},
		{"on its side", 120, 160, 30, 40, "4/3", image.Pt(160, 160), []string{"-metadata:s:v", "rotate=90"}},
	} {
		if skipRest(i - 1) {
			break
		}
		path := encode(t, filepath.Join(dir, tc.name+".mp4"), tc.w, tc.h, 3, disc(float64(tc.w)/2, float64(tc.h)/2, tc.rx, tc.ry),
			append([]string{"-vf", "setsar=" + tc.sar, "-pix_fmt", "yuv420p"}, tc.args...)...)
		all, r := frames(t, path)
		if got := image.Pt(r.Info.Width, r.Info.Height); got != tc.want || len(all) != 3 {
			t.Errorf("%s: %v, want %v; %d frames", tc.name, got, tc.want, len(all))
			continue
		}
		if box := extent(all[1]); box.Dx() < 78 || box.Dx() > 82 || box.Dy() < 78 || box.Dy() > 82 {
			t.Errorf("%s: a disc of 80 pixels is %v large", tc.name, box.Size())
		}
	}
}

// TestRotation: a clip that was held on its side comes upright, also with pixels that are not square.
func TestRotation(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for i, sar := range []string{"3/2", "1/1"} {
		if skipRest(i) {
			break
		}
		flat := encode(t, filepath.Join(dir, "flat.mp4"), 120, 80, 2, disc(20, 20, 10, 10), "-vf", "setsar="+sar, "-pix_fmt", "yuv420p")
		path := filepath.Join(dir, "turned.mp4")
		if out, err := exec.Command("ffmpeg", "-v", "error", "-y", "-i", flat, "-c", "copy", "-metadata:s:v", "rotate=90", path).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		all, r := frames(t, path)
		if r.Info.Height <= r.Info.Width {
			t.Fatalf("sar %s: %d x %d is not upright", sar, r.Info.Width, r.Info.Height)
		}
		// The upper left corner comes to lie at the right or at the left below, as ffmpeg's version reads the tag.
		box := extent(all[0])
		if x := (box.Min.X + box.Max.X) / 2; x > 25 && x < r.Info.Width-25 || box.Dx() < 18 || box.Dy() < 18 {
			t.Errorf("sar %s: the mark is at %v of %d x %d", sar, box, r.Info.Width, r.Info.Height)
		}
	}
}

// bar draws a bright bar that moves 6 pixels a frame.
func bar(img *image.RGBA, i int) {
	for p := range img.Pix {
		img.Pix[p] = 255
	}
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			if at := x - 10 - 6*i%140; at < 0 || at > 20 {
				clear(img.Pix[img.PixOffset(x, y):][:3])
			}
		}
	}
}

// comb is the mean difference between a line and those about it: high where two fields show two moments.
func comb(img *image.RGBA) float64 {
	sum, n := 0.0, 0.0
	for y := 1; y < img.Rect.Dy()-1; y++ {
		for x := range img.Rect.Dx() {
			at := func(dy int) float64 { return float64(img.Pix[img.PixOffset(x, y+dy)]) }
			sum += math.Abs(at(0) - (at(-1)+at(1))/2)
			n++
		}
	}
	return sum / n
}

// TestFieldOrder: interlaced clips come as whole pictures, whether the file says so or not; others are left alone.
func TestFieldOrder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	fields := "tinterlace=interleave_top"
	for name, tc := range map[string]struct {
		ext  string
		args []string
	}{
		"said, upper first": {".mp4", []string{"-vf", fields, "-flags", "+ilme+ildct", "-c:v", "libx264", "-crf", "10"}},
		"said, lower first": {".mpg", []string{"-vf", "tinterlace=interleave_bottom", "-flags", "+ilme+ildct", "-c:v", "mpeg2video", "-q:v", "2"}},
		"not said":          {".mp4", []string{"-vf", fields + ",setfield=prog", "-c:v", "libx264", "-crf", "10"}},
	} {
		path := encode(t, filepath.Join(dir, "fields"+tc.ext), 160, 120, 40, bar, append(tc.args, "-pix_fmt", "yuv420p")...)
		all, r := frames(t, path)
		if len(all) != 20 || r.Info.FPS() != 25 {
			t.Errorf("%s: %d frames at %v", name, len(all), r.Info.FPS())
			continue
		}
		if c := comb(all[8]); c > 1 {
			t.Errorf("%s: lines stand out by %.1f of 255", name, c)
		}
	}
	// Sharp horizontal lines, moving, are no fields.
	whole := encode(t, filepath.Join(dir, "whole.mp4"), 160, 120, 40, bar, "-c:v", "libx264", "-crf", "10", "-pix_fmt", "yuv420p")
	r, err := Open(context.Background(), whole)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if strings.Contains(strings.Join(r.cmd.Args, " "), "bwdif") {
		t.Error("whole pictures are taken for fields")
	}
}

// hdr makes the arguments that turn drawn frames into a clip with the transfer function of screens that glare.
func hdr(transfer string) []string {
	return []string{
		"-vf", "scale=out_color_matrix=bt709:out_range=tv,format=yuv444p,setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709,zscale=t=linear,format=gbrpf32le,zscale=p=bt2020:t=" + transfer + ":m=bt2020nc:r=tv:npl=203,format=yuv420p10le",
		"-c:v", "libx265", "-x265-params", "log-level=none:colorprim=bt2020:transfer=" + transfer + ":colormatrix=bt2020nc", "-crf", "4",
		"-color_primaries", "bt2020", "-color_trc", transfer, "-colorspace", "bt2020nc",
	}
}

// patches draws skin tones.
func patches(img *image.RGBA, _ int) {
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			k := uint8(40 + 30*(x/32) + 10*(y/32))
			copy(img.Pix[img.PixOffset(x, y):], []uint8{k, k * 3 / 4, k * 2 / 3, 255})
		}
	}
}

// TestTransfer: HDR clips come with the colours of ordinary ones, or with a sentence where ffmpeg cannot do it.
func TestTransfer(t *testing.T) {
	needFFmpeg(t)
	if !canToneMap(context.Background()) {
		t.Skip("SKIPPED: this ffmpeg has no zscale or tonemap")
	}
	dir := t.TempDir()
	want := image.NewRGBA(image.Rect(0, 0, 128, 96))
	patches(want, 0)
	off := func(img *image.RGBA) (worst float64) {
		for y := 16; y < 96; y += 32 {
			for x := 16; x < 128; x += 32 {
				at := img.PixOffset(x, y)
				for c := range 3 {
					worst = max(worst, math.Abs(float64(img.Pix[at+c])-float64(want.Pix[at+c])))
				}
			}
		}
		return worst
	}
	for _, transfer := range []string{"smpte2084", "arib-std-b67"} {
		path := encode(t, filepath.Join(dir, transfer+".mp4"), 128, 96, 4, patches, hdr(transfer)...)
		all, r := frames(t, path)
		if d := off(all[2]); d > 12 || len(r.Notes()) != 0 {
			t.Errorf("%s: colours are off by %.0f of 255; notes %q", transfer, d, r.Notes())
		}
	}
	// An ffmpeg without the filters.
	whole, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Fatal(err)
	}
	probe, err := exec.LookPath("ffprobe")
	if err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(dir, "bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	poor := "#!/bin/sh\nfor a in \"$@\"; do [ \"$a\" = -filters ] && exec echo ' ... null V->V'; done\nexec " + whole + " \"$@\"\n"
	if err := errors.Join(os.WriteFile(filepath.Join(bin, "ffmpeg"), []byte(poor), 0o755), os.Symlink(probe, filepath.Join(bin, "ffprobe"))); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	all, r := frames(t, filepath.Join(dir, "smpte2084.mp4"))
	if len(all) != 4 || len(r.Notes()) != 1 || !strings.Contains(r.Notes()[0], "HDR") {
		t.Errorf("%d frames, notes %q", len(all), r.Notes())
	}
}

// TestTornEnds: of a clip that breaks off comes what there is, and the reader says so; whole ones are not suspected.
func TestTornEnds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	noisy := func(img *image.RGBA, i int) {
		bar(img, i)
		x := uint32(i + 1)
		for p := range img.Pix {
			x = x*1664525 + 1013904223
			img.Pix[p] ^= uint8(x >> 27)
		}
	}
	for i, tc := range []struct {
		ext  string
		args []string
	}{
		{".mp4", []string{"-c:v", "libx264", "-bf", "0", "-g", "10", "-pix_fmt", "yuv420p", "-movflags", "+faststart"}},
		{".mkv", []string{"-c:v", "libx264", "-bf", "0", "-g", "10", "-pix_fmt", "yuv420p"}},
		{".webm", []string{"-c:v", "libvpx", "-b:v", "2M", "-pix_fmt", "yuv420p"}},
		{".avi", []string{"-c:v", "mpeg4", "-q:v", "3"}},
	} {
		if skipRest(i) {
			break
		}
		ext := tc.ext
		whole := encode(t, filepath.Join(dir, "whole"+ext), 160, 120, 100, noisy, tc.args...)
		all, r := frames(t, whole)
		if len(all) != 100 || r.Torn() != nil {
			t.Errorf("%s: %d frames of 100, %v", ext, len(all), r.Torn())
		}
		data, err := os.ReadFile(whole)
		if err != nil {
			t.Fatal(err)
		}
		cut := filepath.Join(dir, "cut"+ext)
		if err = os.WriteFile(cut, data[:len(data)*6/10], 0o600); err != nil {
			t.Fatal(err)
		}
		all, r = frames(t, cut)
		err = r.Torn()
		if len(all) < 20 || len(all) > 80 || !errors.Is(err, ErrTorn) || !strings.Contains(err.Error(), " of 2.0 s") {
			t.Errorf("%s cut: %d frames, %v", ext, len(all), err)
		}
	}
	// Cameras write the index last: without it there is nothing.
	end := encode(t, filepath.Join(dir, "end.mov"), 160, 120, 50, noisy, "-c:v", "libx264", "-pix_fmt", "yuv420p")
	data, err := os.ReadFile(end)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(end, data[:len(data)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(context.Background(), end); !errors.Is(err, ErrNoIndex) {
		t.Errorf("a film without its index: %v", err)
	}
}

// TestStopped: who stops reading is not told that the clip has ended.
func TestStopped(t *testing.T) {
	t.Parallel()
	path := encode(t, filepath.Join(t.TempDir(), "long.mp4"), 320, 240, 150, bar, "-pix_fmt", "yuv420p")
	ctx, stop := context.WithCancel(context.Background())
	r, err := Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	img := r.NewFrame()
	if err = r.Read(img); err != nil {
		t.Fatal(err)
	}
	stop()
	for err == nil {
		err = r.Read(img)
	}
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
