package persona

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/models/persona/intake"
	"github.com/gioconda-live/gioconda/models/persona/raster"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// TestPortraits makes a persona of every test portrait with the real networks. Set PERSONA_OUT to a folder to look at
// crops and mattes.
func TestPortraits(t *testing.T) {
	dir := shared(t, "portraits")
	known := reference(t)
	deps := networks(t)
	files, err := filepath.Glob(filepath.Join(dir, "*.jpg"))
	if err != nil || len(files) == 0 {
		t.Fatal("no portraits", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			start, last := time.Now(), time.Now()
			p, err := Build(t.Context(), src, "", deps, Options{SourceName: filepath.Base(file)},
				func(_ float64, step string) {
					t.Logf("%4d ms  %s", time.Since(last).Milliseconds(), step)
					last = time.Now()
				})
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d ms in all; crop %d at %+v; score %.2f; %v", time.Since(start).Milliseconds(),
				p.Crop.Rect.Dx(), p.Place, p.Manifest.FaceScore, p.Manifest.Warnings)
			if strings.Contains(warnings(p), WarnMouthCovered) {
				t.Error("no mouth is covered here")
			}
			if p.Manifest.FaceCount != 1 {
				t.Errorf("%d faces in the portrait of one", p.Manifest.FaceCount)
			}
			want := known[filepath.Base(file)]
			checkLandmarks(t, p, &want)
			show(t, p)
		})
	}
}

// checkLandmarks compares the face in the crop with the reference in the whole picture.
func checkLandmarks(t *testing.T, p *Persona, want *Face) {
	t.Helper()
	w, _ := p.Full.Size()
	eyes := eyeDistance(&want.Points) * float64(w)
	var sum float64
	for i, q := range p.Face.Points {
		q = p.Face.Head.Apply(q)
		x, y := float64(q.X)*p.Place.Edge+p.Place.X, float64(q.Y)*p.Place.Edge+p.Place.Y
		sum += math.Hypot(x-float64(want.Points[i].X)*float64(w), y-float64(want.Points[i].Y)*float64(w))
	}
	mean := sum / float64(len(p.Face.Points)) / eyes
	t.Logf("mean distance to the reference: %.2f %% of the eye distance", 100*mean)
	if mean > 0.03 {
		t.Error("the landmarks are not where the reference has them")
	}
}

// show writes crop, fill, matte and a cut-out beside each other to PERSONA_OUT.
func show(t *testing.T, p *Persona) {
	t.Helper()
	dir := os.Getenv("PERSONA_OUT")
	if dir == "" {
		return
	}
	n := p.Crop.Rect.Dx()
	out := image.NewRGBA(image.Rect(0, 0, 3*n, n))
	for y := range n {
		for x := range n {
			c, a := p.Crop.RGBAAt(x, y), p.Matte.GrayAt(x, y).Y
			out.SetRGBA(x, y, c)
			cut := c
			blend := func(v, bg uint8) uint8 { return uint8((int(v)*int(a) + int(bg)*(255-int(a))) / 255) }
			cut.R, cut.G, cut.B = blend(c.R, 0), blend(c.G, 200), blend(c.B, 0)
			out.SetRGBA(n+x, y, cut)
			c.R, c.G, c.B = a, a, a
			if p.Inside.GrayAt(x, y).Y == 0 {
				c.B = 128
			}
			out.SetRGBA(2*n+x, y, c)
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, out); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, p.Manifest.ID+".png"), b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestDefaultPortrait holds the picture that Gioconda comes with to being served without a warning.
func TestDefaultPortrait(t *testing.T) {
	src, err := os.ReadFile("../../configs/monalisa.png")
	if err != nil {
		t.Fatal(err)
	}
	p, err := Build(context.Background(), src, "Mona Lisa", networks(t), Options{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if p.Manifest.ID != "mona-lisa" || len(p.Manifest.Warnings) > 0 {
		t.Errorf("%+v", p.Manifest)
	}
	p.Manifest.ID = "default"
	show(t, p)
}

// TestMouthCovered paints masks on test portraits: each must be noticed.
func TestMouthCovered(t *testing.T) {
	known := reference(t)
	deps := networks(t)
	masks := map[string]color.RGBA{"surgical": {150, 190, 215, 255}, "white": {235, 235, 235, 255}, "black": {24, 24, 28, 255}}
	for _, name := range []string{"synthetic-man_0324.jpg", "synthetic-woman_0163.jpg"} {
		for kind, c := range masks {
			picture, err := intake.Decode(sharedFile(t, "portraits/"+name), intake.DefaultLimits())
			if err != nil {
				t.Fatal(err)
			}
			face := known[name]
			fillOutline(picture.Image, &face, []int{5, 118, 137, 215, 172, 136, 149, 152, 378, 365, 397, 435, 366, 347}, c)
			var b bytes.Buffer
			if err = png.Encode(&b, picture.Image); err != nil {
				t.Fatal(err)
			}
			p, err := Build(t.Context(), b.Bytes(), kind+" "+name, deps, Options{}, nil)
			if err != nil {
				t.Fatal(name, kind, err)
			}
			if got := warnings(p); !strings.Contains(got, WarnMouthCovered) {
				t.Errorf("%s, %s mask: warnings %q, score %.2f", name, kind, got, p.Manifest.FaceScore)
			}
		}
	}
}

// TestMouthFree: neither a picture without colour nor a dark beard counts as something before the mouth.
func TestMouthFree(t *testing.T) {
	known := reference(t)
	deps := networks(t)
	for _, tc := range []struct {
		name   string
		change func(img *image.RGBA, face *Face)
	}{
		{"synthetic-man_0324.jpg", toGrey},
		{"synthetic-man_0101.jpg", toGrey},
		{"mona-lisa.jpg", toGrey},
		{"synthetic-man_0324.jpg", addBeard},
		{"synthetic-man_0101.jpg", addBeard},
	} {
		picture, err := intake.Decode(sharedFile(t, "portraits/"+tc.name), intake.DefaultLimits())
		if err != nil {
			t.Fatal(err)
		}
		face := known[tc.name]
		tc.change(picture.Image, &face)
		p, err := BuildImage(t.Context(), picture.Image, tc.name, deps, Options{}, nil)
		if err != nil {
			t.Fatal(tc.name, err)
		}
		if got := warnings(p); strings.Contains(got, WarnMouthCovered) {
			t.Errorf("%s: warnings %q", tc.name, got)
		}
	}
}

// toGrey takes the colour away, and darkens what is below the nose, as stubble and shade do.
func toGrey(img *image.RGBA, face *Face) {
	nose := int(face.Points[motion.NoseTip].Y * float32(img.Rect.Dx()))
	for o := 0; o < len(img.Pix); o += 4 {
		l := (2*int(img.Pix[o]) + 4*int(img.Pix[o+1]) + int(img.Pix[o+2])) / 7
		if o/img.Stride > nose {
			l = l * 6 / 10
		}
		img.Pix[o], img.Pix[o+1], img.Pix[o+2] = uint8(l), uint8(l), uint8(l)
	}
}

// addBeard paints dark hair over chin and cheeks, and leaves the lips.
func addBeard(img *image.RGBA, face *Face) {
	before := *img
	before.Pix = append([]uint8(nil), img.Pix...)
	fillOutline(img, face, []int{50, 213, 136, 149, 152, 378, 365, 433, 280, 326, 2, 97}, color.RGBA{52, 38, 30, 255})
	lips := image.NewRGBA(img.Rect)
	fillOutline(lips, face, []int{61, 40, 37, 0, 267, 270, 291, 321, 314, 17, 84, 91}, color.RGBA{255, 255, 255, 255})
	for o := 0; o < len(img.Pix); o += 4 {
		if lips.Pix[o] != 0 {
			copy(img.Pix[o:o+4], before.Pix[o:o+4])
		}
	}
}

// fillOutline paints the polygon of some landmarks.
func fillOutline(img *image.RGBA, face *Face, outline []int, c color.RGBA) {
	w := float64(img.Rect.Dx())
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			inside := false
			for i, a := range outline {
				p, q := face.Points[a], face.Points[outline[(i+1)%len(outline)]]
				px, py, qx, qy := float64(p.X)*w, float64(p.Y)*w, float64(q.X)*w, float64(q.Y)*w
				if fy := float64(y); (py > fy) != (qy > fy) && float64(x) < px+(fy-py)/(qy-py)*(qx-px) {
					inside = !inside
				}
			}
			if inside {
				img.SetRGBA(x, y, c)
			}
		}
	}
}

// TestNotUpright: pictures that lie on their side or stand on their head are refused, with what to do.
func TestNotUpright(t *testing.T) {
	deps := networks(t)
	for _, name := range []string{"synthetic-woman_0048.jpg", "cartoon-boy.jpg", "lady-in-black.jpg"} {
		one, err := intake.Decode(sharedFile(t, "portraits/"+name), intake.DefaultLimits())
		if err != nil {
			t.Fatal(err)
		}
		img := one.Image
		for _, degrees := range []int{90, 180, 270} {
			img = quarterTurn(img)
			var b bytes.Buffer
			if err := png.Encode(&b, img); err != nil {
				t.Fatal(err)
			}
			if _, err := Build(t.Context(), b.Bytes(), "turned", deps, Options{}, nil); code(err) != CodeOnItsSide {
				t.Errorf("%s by %d degrees: %v", name, degrees, err)
			}
		}
	}
}

func quarterTurn(img *image.RGBA) *image.RGBA {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	out := image.NewRGBA(image.Rect(0, 0, h, w))
	for y := range h {
		for x := range w {
			out.SetRGBA(h-1-y, x, img.RGBAAt(x, y))
		}
	}
	return out
}

// TestSmallBesideEachOther: two faces that each fill a fifth of their half are both seen.
func TestSmallBesideEachOther(t *testing.T) {
	both := image.NewRGBA(image.Rect(0, 0, 2048, 1024))
	for i, name := range []string{"synthetic-woman_0048.jpg", "synthetic-man_0010.jpg"} {
		one, err := intake.Decode(sharedFile(t, "portraits/"+name), intake.DefaultLimits())
		if err != nil {
			t.Fatal(err)
		}
		draw.Draw(both, image.Rect(1024*i, 0, 1024*(i+1), 1024), one.Image, image.Point{}, draw.Src)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, both); err != nil {
		t.Fatal(err)
	}
	p, err := Build(t.Context(), b.Bytes(), "both", networks(t), Options{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	show(t, p)
	if p.Manifest.FaceCount != 2 || !strings.Contains(warnings(p), WarnSeveralFaces) {
		t.Errorf("%d faces, %s", p.Manifest.FaceCount, warnings(p))
	}
}

// TestSeveralAndNone puts two portraits beside each other, one larger, and looks at a picture without anybody.
func TestSeveralAndNone(t *testing.T) {
	left, err := intake.Decode(sharedFile(t, "portraits/synthetic-man_0324.jpg"), intake.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	right, err := intake.Decode(sharedFile(t, "portraits/cartoon-boy.jpg"), intake.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	both := image.NewRGBA(image.Rect(0, 0, 2048, 1024))
	closer := raster.Resample(left.Image, raster.Area{X: 260, Y: 0, W: 500, H: 500}, 1024, 1024)
	draw.Draw(both, image.Rect(0, 0, 1024, 1024), closer, image.Point{}, draw.Src)
	draw.Draw(both, image.Rect(1024, 0, 2048, 852), right.Image, image.Point{}, draw.Src)
	draw.Draw(both, image.Rect(1876, 0, 2048, 1024), image.NewUniform(color.Gray{Y: 90}), image.Point{}, draw.Src)
	draw.Draw(both, image.Rect(1024, 852, 2048, 1024), image.NewUniform(color.Gray{Y: 90}), image.Point{}, draw.Src)
	var b bytes.Buffer
	if err = png.Encode(&b, both); err != nil {
		t.Fatal(err)
	}
	deps := networks(t)
	p, err := Build(t.Context(), b.Bytes(), "both", deps, Options{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	show(t, p)
	if p.Manifest.FaceCount != 2 || !strings.Contains(warnings(p), WarnSeveralFaces) || p.Place.X < 900 {
		t.Errorf("%d faces, crop at %+v, %s; want the larger one on the right", p.Manifest.FaceCount, p.Place, warnings(p))
	}
	if _, err := Build(t.Context(), skinPicture(t, 300, 300), "none", deps, Options{}, nil); code(err) != CodeNoFace {
		t.Errorf("nobody: %v", err)
	}
}
