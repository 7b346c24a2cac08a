package head

import (
	"image"
	"image/color"
	"image/draw"
	"testing"

	"github.com/gioconda-live/gioconda/models/mesh/meshtest"
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/models/mesh/pose"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// TestFarSideHidesAtRest: what is mirrored lies behind the head that the picture shows, and comes in when it turns.
func TestFarSideHidesAtRest(t *testing.T) {
	p := meshtest.MonaLisa(t)
	h, now, alpha := newTestHead(t, p, 256)
	if h.far == nil || h.far.sheet == nil {
		t.Fatal("the Mona Lisa looks aside, yet has no far side")
	}
	s := h.far.sheet
	hidden := 0
	for i := 36; i < len(s.places); i++ {
		if s.shown[i] < 0.2 {
			continue
		}
		at := s.places[i]
		if at.X > 0 {
			at.X -= s.inset[i]
		} else {
			at.X += s.inset[i]
		}
		q := h.g.Head.Apply(at)
		d, _ := h.g.Beyond(q.X, q.Y)
		if d > 0.1 && alpha.Sample(q.X, q.Y) < 0.5 {
			t.Errorf("vertex %d lies %.2f head units outside the face, over the background", i, d)
		}
		hidden++
	}
	if hidden < 40 {
		t.Errorf("only %d vertices are mirrored", hidden)
	}
	for _, tc := range []struct {
		yaw         float64
		least, most uint32
	}{{0, 0, 0}, {-20, 0, 0}, {20, 200, 256}} {
		st := meshtest.Turned(p, tc.yaw, 0, 0)
		now.Set(&st)
		h.Set(now)
		if got := h.far.opacity(h.reveal); got < tc.least || got > tc.most {
			t.Errorf("turned by %.0f degrees the far side has opacity %d of 256, want %d to %d", tc.yaw, got, tc.least, tc.most)
		}
	}
}

// TestFarSideClosesTheSilhouette: beside the forehead of a head that turns to the front there is hair that the picture does not show.
func TestFarSideClosesTheSilhouette(t *testing.T) {
	p := meshtest.MonaLisa(t)
	h, now, _ := newTestHead(t, p, 256)
	st := meshtest.Turned(p, 25, 0, 0)
	now.Set(&st)
	h.Set(now)
	reach := func() (far float32) {
		f := meshtest.Frame(t, 256)
		f.Matte = frame.NewMatte(f)
		h.Draw(f, planar.Band{Y1: 256})
		q := st.Head.Apply(st.Points[151]) // between brow and hair
		for x := range int(q.X * 256) {
			far += float32(f.Matte.Luma[int(q.Y*256)*256+x]) / 255
		}
		return far
	}
	with := reach()
	h.sheet = nil
	without := reach()
	t.Logf("%.1f pixels of the head with its mirrored side, %.1f without", with, without)
	if with < without+4 {
		t.Errorf("the far side of the head reaches %.1f pixels, without its mirrored half %.1f", with, without)
	}
}

// TestFrontHasNoFarSide: a face turned straight at the viewer needs none.
func TestFrontHasNoFarSide(t *testing.T) {
	p := meshtest.MonaLisa(t)
	p.Face.Head.R = motion.Rotation(0, 0, 0)
	if h, _, _ := newTestHead(t, p, 256); h.far != nil {
		t.Error("a frontal face has a far side")
	}
}

// TestHairDoesNotTintTheFarSide: a dark strand on the far temple, where the near one has skin, says nothing of the light on that side.
func TestHairDoesNotTintTheFarSide(t *testing.T) {
	p := meshtest.MonaLisa(t)
	h, _, alpha := newTestHead(t, p, 256)
	f := h.far
	for i := range f.at { // back from the patch to the head's picture
		v := h.vertices[motion.MirrorTable()[i]]
		f.at[i].S, f.at[i].T = v.S, v.T
	}
	face := planar.NewPicture(alpha.W, alpha.H)
	for o := range alpha.Pix {
		face[0].Pix[o], face[1].Pix[o], face[2].Pix[o] = 140, 108, 150 // skin
	}
	strands := 0
	for i, c := range f.cover {
		if c > 0 || !h.rim(5)[i] || num.Abs(h.g.Points[i].Y) > 0.8 || !nearCover(h.Mesh, f.cover, i) {
			continue
		}
		strands++
		r := int(0.08 * h.g.Unit)
		for y := int(h.vertices[i].T) - r; y <= int(h.vertices[i].T)+r; y++ {
			for x := int(h.vertices[i].S) - r; x <= int(h.vertices[i].S)+r; x++ {
				o := y*alpha.W + x
				face[0].Pix[o], face[1].Pix[o], face[2].Pix[o] = 36, 120, 134
			}
		}
	}
	if strands == 0 {
		t.Fatal("no place for a strand")
	}
	for i, tint := range f.tints(h.Mesh, face, alpha) {
		if f.cover[i] > 0.5 && max(num.Abs(tint.u), num.Abs(tint.v)) > 0.05 {
			t.Errorf("landmark %d of the far side is tinted by %.2f, %.2f", i, tint.u, tint.v)
		}
	}
}

// nearCover tells whether landmark i is a neighbour of one that is covered.
func nearCover(m *Mesh, cover []float32, i int) bool {
	for _, t := range m.face {
		if (int(t.A) == i || int(t.B) == i || int(t.C) == i) && cover[t.A]+cover[t.B]+cover[t.C] > 0 {
			return true
		}
	}
	return false
}

// TestCutSideIsNotMirrored: where the picture cuts off the near side of the head, what is repeated beyond its edge is no twin of anything.
func TestCutSideIsNotMirrored(t *testing.T) {
	p := meshtest.MonaLisa(t)
	q := p.Face.Head.Apply(p.Face.Points[454]) // on the near cheek's outline
	edge := float32(0.6)
	x, y := q.X+0.01-edge, q.Y-edge/2
	cut := func(m draw.Image, from image.Image) {
		draw.Draw(m, m.Bounds(), from, image.Pt(int(512*x), int(512*y)), draw.Src)
	}
	n := int(512 * edge)
	crop, matte := image.NewRGBA(image.Rect(0, 0, n, n)), image.NewGray(image.Rect(0, 0, n, n))
	cut(crop, p.Crop)
	cut(matte, p.Matte)
	p.Crop, p.Matte, p.Inside = crop, matte, nil
	h := &p.Face.Head
	h.Scale, h.T.X, h.T.Y, h.T.Z = h.Scale/edge, (h.T.X-x)/edge, (h.T.Y-y)/edge, h.T.Z/edge
	head, _, _ := newTestHead(t, p, 256)
	s, beyond := head.far.sheet, 0
	for i, v := range head.vertices[468 : 468+36*sheetRings] {
		if v.S < float32(head.g.Pad+256)+0.05*head.g.Unit {
			continue
		}
		beyond++
		for k := range s.at {
			if k/36 == i/36+1 && s.places[k].X == -head.follow[i].At.X && s.places[k].Y == head.follow[i].At.Y && s.shown[k] > 0.01 {
				t.Fatalf("vertex %d, %.0f pixels beyond the picture, is mirrored", i, v.S-float32(head.g.Pad+256))
			}
		}
	}
	if beyond < 40 {
		t.Fatalf("only %d vertices lie beyond the picture", beyond)
	}
}

// TestFarOutlineHasNoSteps: a bright face that turns further away from a dark background ends in pixels between the two, row by row.
func TestFarOutlineHasNoSteps(t *testing.T) {
	p := meshtest.MonaLisa(t)
	g, err := pose.New(&p.Face, 512)
	if err != nil {
		t.Fatal(err)
	}
	free := NewMesh(g, p.Triangles).OutsideFace(512 + 2*g.Pad)
	for y := range 512 {
		for x := range 512 {
			luma := uint8(30)
			if free.At(x+g.Pad, y+g.Pad) < 0.5 {
				luma = 200
			}
			p.Crop.SetRGBA(x, y, color.RGBA{luma, luma, luma, 255})
		}
	}
	h, now, _ := newTestHead(t, p, 512)
	st := meshtest.Turned(p, -15, 0, 0)
	now.Set(&st)
	h.Set(now)
	f := meshtest.Frame(t, 512)
	h.Draw(f, planar.Band{Y1: 512})
	brow, lip := st.Head.Apply(st.Points[151]), st.Head.Apply(st.Points[17])
	rows, soft := 0, 0
	for y := int(brow.Y * 512); y < int(lip.Y*512); y++ {
		row := f.Y[y*512 : y*512+512]
		x := int(lip.X * 512)
		for x > 1 && row[x] > 140 {
			x--
		}
		rows++
		if row[x] > 70 || row[x+1] < 170 {
			soft++
		}
	}
	t.Logf("%d of %d rows end softly", soft, rows)
	if 2*soft < rows { // some outlines lie between two pixels
		t.Errorf("the far cheek ends in a step in %d of %d rows", rows-soft, rows)
	}
}
