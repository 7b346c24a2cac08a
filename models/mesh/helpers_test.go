package mesh

import (
	"encoding/json"
	"image"
	"image/draw"
	_ "image/jpeg"
	"image/png"
	"math"
	"os"
	"testing"

	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// monaLisa is the default portrait, the whole picture as crop, with landmarks and matte as our own tracker finds
// them.
func monaLisa(tb testing.TB) *persona.Persona {
	tb.Helper()
	var data struct {
		Points    [landmark.Count][3]float32
		Triangles [][3]uint16
	}
	text, err := os.ReadFile("testdata/monalisa.json")
	if err != nil {
		tb.Fatal(err)
	}
	if err := json.Unmarshal(text, &data); err != nil {
		tb.Fatal(err)
	}
	src := readPNG(tb, "../../configs/monalisa.png")
	p := &persona.Persona{Crop: image.NewRGBA(image.Rect(0, 0, 512, 512)), Triangles: data.Triangles}
	draw.Draw(p.Crop, p.Crop.Rect, src, src.Bounds().Min, draw.Src)
	p.Matte = image.NewGray(p.Crop.Rect)
	draw.Draw(p.Matte, p.Crop.Rect, readPNG(tb, "testdata/monalisa-matte.png"), image.Point{}, draw.Src)
	p.Inside = image.NewGray(p.Crop.Rect)
	fill(p.Inside.Pix, 255)
	var pts [landmark.Count]motion.Vec3
	for i, q := range data.Points {
		pts[i] = motion.Vec3{X: q[0], Y: q[1], Z: q[2]}
	}
	p.Face.Head = motion.NewFitter().FitAverage(&pts)
	for i := range pts {
		p.Face.Points[i] = p.Face.Head.Invert(pts[i])
	}
	p.Face.Neutral = p.Face.Points
	return p
}

func readPNG(tb testing.TB, path string) image.Image {
	tb.Helper()
	f, err := os.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	m, err := png.Decode(f)
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

func newTestRenderer(tb testing.TB, opt Options) *Renderer {
	tb.Helper()
	r, err := New(monaLisa(tb), opt)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(r.Close)
	return r
}

func newFrame(tb testing.TB, size int) *frame.I420 {
	tb.Helper()
	f, err := frame.NewI420(size, size)
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

func render(tb testing.TB, r *Renderer, st *motion.State) *frame.I420 {
	tb.Helper()
	f := newFrame(tb, r.Size())
	if err := r.Render(f, st); err != nil {
		tb.Fatal(err)
	}
	return f
}

// atRest is the picture as it is.
func atRest(p *persona.Persona) motion.State {
	return motion.State{Head: p.Face.Head, Points: p.Face.Points, Lid: [2]float32{1, 1}}
}

// turned rotates the head about the neck, degrees.
func turned(p *persona.Persona, yaw, pitch, roll float64) motion.State {
	st := atRest(p)
	turn, rest := motion.Rotation(yaw*math.Pi/180, pitch*math.Pi/180, roll*math.Pi/180), p.Face.Head.R
	for i := range 3 {
		for j := range 3 {
			st.Head.R[i*3+j] = turn[i*3]*rest[j] + turn[i*3+1]*rest[3+j] + turn[i*3+2]*rest[6+j]
		}
	}
	neck := motion.Vec3{Y: 1.9, Z: 1.3}
	a := p.Face.Head.Apply(neck)
	st.Head.T = motion.Vec3{}
	b := st.Head.Apply(neck)
	st.Head.T = motion.Vec3{X: a.X - b.X, Y: a.Y - b.Y, Z: a.Z - b.Z}
	return st
}

// blink closes both eyes to open (0 shut).
func blink(p *persona.Persona, st *motion.State, open float32) {
	for i, e := range lidContours() {
		st.Lid[i] = open
		for k := 1; k < 8; k++ {
			u, l := p.Face.Points[e.upper[k]], p.Face.Points[e.lower[k]]
			mid := motion.Vec3{X: u.X + (l.X-u.X)*0.8, Y: u.Y + (l.Y-u.Y)*0.8, Z: u.Z + (l.Z-u.Z)*0.8}
			st.Points[e.upper[k]] = motion.Vec3{X: mid.X + (u.X-mid.X)*open, Y: mid.Y + (u.Y-mid.Y)*open, Z: mid.Z + (u.Z-mid.Z)*open}
			st.Points[e.lower[k]] = motion.Vec3{X: mid.X + (l.X-mid.X)*open, Y: mid.Y + (l.Y-mid.Y)*open, Z: mid.Z + (l.Z-mid.Z)*open}
		}
	}
}

// gape drops the jaw by so many head units: lower lip and chin sink, the corners stay.
func gape(p *persona.Persona, st *motion.State, drop float32) {
	pts := &p.Face.Points
	left, right := pts[motion.MouthLeft], pts[motion.MouthRight]
	line := (pts[motion.UpperLipInner].Y + pts[motion.LowerLipInner].Y) / 2
	upper := map[uint16]bool{}
	for _, i := range innerLips().upper {
		upper[i] = true
	}
	lower := map[uint16]bool{}
	for _, i := range innerLips().lower {
		lower[i] = !upper[i]
	}
	for i := range landmark.SkinCount {
		q := pts[i]
		x := (q.X - (left.X+right.X)/2) / ((right.X - left.X) / 2)
		if upper[uint16(i)] || q.Y < line && !lower[uint16(i)] {
			continue
		}
		st.Points[i].Y += drop * num.Sqrt(max(0, 1-min(x*x, 1)*0.98))
	}
	st.Jaw = drop
	st.MouthOpen = st.Points[motion.LowerLipInner].Y - st.Points[motion.UpperLipInner].Y
}

// psnr compares lumas over the pixels that keep accepts, dB.
func psnr(a, b *frame.I420, keep func(x, y int) bool) float64 {
	var sum, n float64
	for y := range a.Height {
		for x := range a.Width {
			if keep != nil && !keep(x, y) {
				continue
			}
			d := float64(a.Y[y*a.Width+x]) - float64(b.Y[y*a.Width+x])
			sum += d * d
			n++
		}
	}
	if sum == 0 {
		return 99
	}
	return 10 * math.Log10(255*255*n/sum)
}
