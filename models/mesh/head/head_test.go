package head

import (
	"testing"

	"github.com/gioconda-live/gioconda/models/mesh/matte"
	"github.com/gioconda-live/gioconda/models/mesh/meshtest"
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/models/mesh/pose"
	"github.com/gioconda-live/gioconda/models/mesh/texmap"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

// TestNoFolds: outside the face, where nothing may overlap, no triangle turns over at the limits of the pose.
func TestNoFolds(t *testing.T) {
	p := meshtest.MonaLisa(t)
	h, now, _ := newTestHead(t, p, 512)
	for _, a := range meshtest.Poses() {
		st := meshtest.Turned(p, a[0], a[1], a[2])
		now.Set(&st)
		h.Set(now)
		folds := 0
		// The first four rings go behind the cheek when that turns away.
		const free = landmark.SkinCount + 4*36
		for _, tr := range h.outer {
			if tr.A < free || tr.B < free || tr.C < free {
				continue
			}
			if texmap.Area(&h.at[tr.A], &h.at[tr.B], &h.at[tr.C])*texmap.Area(&h.vertices[tr.A], &h.vertices[tr.B], &h.vertices[tr.C]) < 0 {
				folds++
			}
		}
		if folds > 0 {
			t.Errorf("pose %v: %d triangles around the face turned over", a, folds)
		}
	}
}

// newTestHead is the head of a portrait at rest, a pose to move it by, and its opacity: that of the whole person.
func newTestHead(tb testing.TB, p *persona.Persona, size int) (*Posed, *pose.Pose, *planar.Plane) {
	tb.Helper()
	g, err := pose.New(&p.Face, size)
	if err != nil {
		tb.Fatal(err)
	}
	src := matte.Separate(matte.Source{Crop: p.Crop, Matte: p.Matte, Inside: p.Inside}, matte.Bounds{}, size, g.Pad)
	g.FindJaw(src.Picture, src.Alpha)
	m := NewMesh(g, p.Triangles)
	face := src.Fore.Clone()
	m.SmoothGrazing(face)
	return New(m, face, src.Fore, src.Alpha).NewPosed(), g.NewPose(), src.Alpha
}
