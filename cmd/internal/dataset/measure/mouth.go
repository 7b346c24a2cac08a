package measure

import (
	"slices"

	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// Opening classes of a mouth, by what the true lips do.
const (
	classShut  = iota // a gap that hardly counts as open
	classTalk         // lips part, and are no wider than at rest
	classSmile        // lips part and are wide
	classLaugh        // the same, and far apart
	classYell         // far apart, and no wider than at rest
	classCount
)

func classNames() [classCount]string {
	return [classCount]string{"closed", "talk", "smile", "laugh", "yell"}
}

// Where classes part: width of the lips over that at rest; gap between them, eye distances.
const (
	wideFrom  = 1.06
	laughFrom = 0.18
	yellFrom  = 0.28
)

// millimetres is an eye distance, by which heads are measured.
const millimetres = 63

// classOf tells how the true mouth is open.
func classOf(st *motion.State, rest *motion.Rest) int {
	gap := st.Points[motion.LowerLipInner].Y - st.Points[motion.UpperLipInner].Y
	corners := motion.MouthCorners()
	l, r := corners[0][0], corners[1][0]
	width := func(p *[len(st.Points)]motion.Vec3) float32 { return p[r].X - p[l].X }
	wide := width(&st.Points) > wideFrom*width(&rest.Neutral)
	switch {
	case gap <= openFrom:
		return classShut
	case wide && gap > laughFrom:
		return classLaugh
	case wide:
		return classSmile
	case gap > yellFrom:
		return classYell
	}
	return classTalk
}

// skinTone is the light that falls on a true face, by the skin around its lips.
type skinTone struct{ luma, red float32 }

// tone is the mean of the truth where weight says so.
func tone(truth *picture, weight []float32) skinTone {
	var luma, red, total float64
	for i, w := range weight {
		if w > 0 {
			luma += float64(w * truth.luma[i])
			red += float64(w * (truth.rgb[0][i] - truth.rgb[1][i]))
			total += float64(w)
		}
	}
	luma, red = luma/max(total, 1e-6), red/max(total, 1e-6)
	return skinTone{float32(luma), float32(red / max(luma, 0.02))}
}

// tooth tells whether a pixel between lips is as bright and as little red as teeth in that light are: lips and tongues are
// redder than skin, throats darker.
func (s skinTone) tooth(p *picture, i int) bool {
	y := p.luma[i]
	return y > 0.5*s.luma && p.rgb[0][i]-p.rgb[1][i] < (0.85*s.red+0.03)*y
}

// inside is what a picture shows between the lips.
type inside struct {
	share       float64    // of tooth-bright pixels
	top, bottom float64    // of these, millimetres below the upper lip's inner edge; only where edges is true
	edges       bool       // enough of them for edges
	luma        [3]float64 // mean, 10 % and 90 %, 0..255
}

// lipFrame brings pixels into the mouth: how far below the upper lip, and how far aside, millimetres.
type lipFrame struct{ x, y, ax, ay float32 }

func newLipFrame(st *motion.State, edge int) lipFrame {
	h, e := &st.Head, float32(edge)
	q := h.Apply(st.Points[motion.UpperLipInner])
	dx, dy := h.Scale*h.R[1]*e, h.Scale*h.R[4]*e // a head unit downwards
	n := max(dx*dx+dy*dy, 1e-6)
	return lipFrame{q.X * e, q.Y * e, millimetres * dx / n, millimetres * dy / n}
}

func (f lipFrame) at(i, edge int) (below, aside float32) {
	x, y := float32(i%edge)+0.5-f.x, float32(i/edge)+0.5-f.y
	return x*f.ax + y*f.ay, x*f.ay - y*f.ax
}

// middle is how far from the midline edges of teeth are looked for, millimetres: lips bend away beyond it.
const middle = 9

// look measures what p shows where weight says that lips are apart.
func look(p *picture, weight []float32, skin skinTone, frame lipFrame) (in inside) {
	var values, depths []float32
	var teeth, total, luma float64
	for i, w := range weight {
		if w < 0.5 {
			continue
		}
		total += float64(w)
		luma += float64(w * p.luma[i])
		values = append(values, p.luma[i])
		if skin.tooth(p, i) {
			teeth += float64(w)
			if below, aside := frame.at(i, p.edge); num.Abs(aside) < middle {
				depths = append(depths, below)
			}
		}
	}
	if len(values) == 0 {
		return in
	}
	slices.Sort(values)
	slices.Sort(depths)
	in.share = teeth / total
	in.luma = [3]float64{255 * luma / total, 255 * float64(share(values, 0.1)), 255 * float64(share(values, 0.9))}
	if in.edges = len(depths) >= 12; in.edges {
		in.top, in.bottom = float64(share(depths, 0.05)), float64(share(depths, 0.95))
	}
	return in
}

// share is the value below which a part of sorted values lies.
func share(sorted []float32, part float64) float32 {
	return sorted[min(int(part*float64(len(sorted))), len(sorted)-1)]
}
