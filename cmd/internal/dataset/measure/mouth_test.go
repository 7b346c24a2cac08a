package measure

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// averagePortrait is an average face in the middle of a picture.
func averagePortrait() *motion.Rest {
	rest := &motion.Rest{Points: *motion.AverageFace(), Neutral: *motion.AverageFace()}
	rest.Head = motion.Rigid{R: motion.Rotation(0, 0, 0), T: motion.Vec3{X: 0.5, Y: 0.45}, Scale: 0.2}
	return rest
}

func TestOpeningClasses(t *testing.T) {
	rest := averagePortrait()
	corners := motion.MouthCorners()
	l, r := corners[0][0], corners[1][0]
	width := rest.Neutral[r].X - rest.Neutral[l].X
	for want, c := range map[int]struct{ gap, wide float32 }{
		classShut: {0.03, 1.2}, classTalk: {0.12, 1}, classSmile: {0.10, 1.15}, classLaugh: {0.25, 1.1}, classYell: {0.4, 0.9},
	} {
		st := portrait.Still(rest)
		st.Points[motion.LowerLipInner].Y = st.Points[motion.UpperLipInner].Y + c.gap
		st.Points[l].X -= (c.wide - 1) / 2 * width
		st.Points[r].X += (c.wide - 1) / 2 * width
		if got := classOf(&st, rest); got != want {
			t.Errorf("gap %v, %v wide: %s, want %s", c.gap, c.wide, classNames()[got], classNames()[want])
		}
	}
}

// drawnMouth is a face of skin with a mouth that is open 0.3 head units and shows teeth from..to millimetres below its upper lip.
func drawnMouth(t *testing.T, edge int, light float32, rows ...[2]float32) (*picture, *areas, *motion.State) {
	t.Helper()
	rest := averagePortrait()
	st := portrait.Still(rest)
	for i, up := range map[int]int{14: 13, 87: 82, 317: 312, 178: 81, 402: 311, 88: 80, 318: 310, 95: 191, 324: 415} {
		st.Points[i].Y = st.Points[up].Y + 0.3
	}
	a := newAreas(edge)
	newAreaFinder(edge).find(&a, &st, rest)
	frame := newLipFrame(&st, edge)
	p := newPicture(edge)
	set := func(i int, r, g, b float32) {
		r, g, b = r*light, g*light, b*light
		p.rgb[0][i], p.rgb[1][i], p.rgb[2][i], p.luma[i] = r, g, b, 0.299*r+0.587*g+0.114*b
	}
	for i, w := range a.weight[areaInner] {
		set(i, 0.80, 0.60, 0.50)
		if w == 0 {
			continue
		}
		set(i, 0.55, 0.25, 0.25) // tongue
		below, _ := frame.at(i, edge)
		for _, row := range rows {
			if below >= row[0] && below < row[1] {
				set(i, 0.75, 0.72, 0.62)
			}
		}
	}
	return p, &a, &st
}

// TestLookInside: a row of teeth is found where it was drawn, in any light, and tongue is none; a second row counts as what it is.
func TestLookInside(t *testing.T) {
	const edge = 512
	for name, light := range map[string]float32{"bright": 1, "dusk": 0.3} {
		truth, a, st := drawnMouth(t, edge, light, [2]float32{0, 6})
		skin, frame := tone(truth, a.weight[areaAround]), newLipFrame(st, edge)
		in := look(truth, a.weight[areaInner], skin, frame)
		if !in.edges || math.Abs(in.bottom-6) > 0.7 || in.top > 1 || in.share < 0.15 || in.share > 0.5 {
			t.Errorf("%s: %+v", name, in)
		}
		if want := float64(255 * light * (0.299*0.75 + 0.587*0.72 + 0.114*0.62)); math.Abs(in.luma[2]-want) > 2 {
			t.Errorf("%s: the brightest tenth begins at %.0f, want %.0f", name, in.luma[2], want)
		}
		denture, _, _ := drawnMouth(t, edge, light, [2]float32{0, 6}, [2]float32{11, 18})
		if d := look(denture, a.weight[areaInner], skin, frame); d.share < 1.5*in.share || d.bottom < 15 || d.luma[0] < in.luma[0]+10*float64(light) {
			t.Errorf("%s: a second row shows as %+v after %+v", name, d, in)
		}
		if none, _, _ := drawnMouth(t, edge, light); look(none, a.weight[areaInner], skin, frame).share > 0.02 {
			t.Errorf("%s: a tongue counts as teeth", name)
		}
	}
}

// TestBoxAroundTheLips: the box holds the lips, and what is around them leaves them out.
func TestBoxAroundTheLips(t *testing.T) {
	const edge = 256
	_, a, st := drawnMouth(t, edge, 1)
	at := func(k, landmark int) float32 {
		p := st.Head.Apply(st.Points[landmark])
		return a.weight[k][int(p.Y*edge)*edge+int(p.X*edge)]
	}
	if at(areaBox, 13) != 1 || at(areaBox, 61) != 1 || at(areaBox, 4) != 0 || at(areaAround, 13) > 0.1 || at(areaAround, 164) != 1 {
		t.Errorf("box %v %v %v, around %v %v", at(areaBox, 13), at(areaBox, 61), at(areaBox, 4), at(areaAround, 13), at(areaAround, 164))
	}
	const cheek = 280
	if at(areaRest, 13) != 0 || at(areaRest, 164) != 0 || at(areaRest, cheek) == 0 || at(areaRest, cheek) != at(AreaFace, cheek) {
		t.Errorf("beside the box: %v between the lips, %v above, %v on the cheek", at(areaRest, 13), at(areaRest, 164), at(areaRest, cheek))
	}
	corners := motion.MouthCorners()
	l, r := st.Head.Apply(st.Points[corners[0][0]]), st.Head.Apply(st.Points[corners[1][0]])
	if side := math.Sqrt(a.sum[areaBox]); math.Abs(side-1.5*edge*float64(r.X-l.X)) > 2 {
		t.Errorf("the box is %.1f pixels wide, the mouth %.1f", side, edge*(r.X-l.X))
	}
}

// TestFilmsAreCompared: medians, the worst film by name, and an earlier report that has been through JSON.
func TestFilmsAreCompared(t *testing.T) {
	run := func(geometric ...float64) *Report {
		r := &Report{}
		for i, v := range geometric {
			m := &measured{kind: kindTalk, person: "x", film: string(rune('a' + i)), class: classTalk, open: true}
			for a := range m.there {
				m.there[a] = true
				m.figures[a][picGeometric].l1, m.figures[a][picLearned].l1 = v, 0.9*v
			}
			m.inside[picCount].share, m.inside[picGeometric].share = 0.2, 0.2+0.1*float64(i)
			r.add(m)
		}
		r.finish()
		return r
	}
	b, err := json.Marshal(run(0.10, 0.10, 0.10))
	if err != nil {
		t.Fatal(err)
	}
	earlier, err := ReadAgainst(b)
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := run(0.05, 0.08, 0.12).PrintFilms(&text, earlier); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"between the lips: geometric against the earlier geometric: L1 -20.0 % (median of 3 films), worst c +20.0 %",
		"between the lips: learned against geometric: L1 -10.0 % (median of 3 films)", "50 %", "c +100 %",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is missing in\n%s", want, text.String())
		}
	}
	if _, err := ReadAgainst([]byte("teeth")); err == nil {
		t.Error("a file of anything is a report")
	}
}
