package perform

import (
	"math"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

type vec = motion.Vec3

// control is one thing the driver can do with head or face.
type control uint8

// Angles are radians, shifts head units, gaze eye widths; the rest runs from 0 (at rest) to 1 (as far as faces go).
const (
	yaw control = iota
	pitch
	roll
	shiftX
	shiftY
	zoom      // log
	jaw       // hangs
	wide      // mouth corners apart; negative: together
	pucker    // lips forward and round
	upperLip  // raised
	lowerLip  // lowered
	tuck      // lower lip under the upper teeth, as in f
	press     // lips pressed thin
	seal      // lips together whatever the jaw does
	smile     // the picture's left half of it
	smileSide // how much more the right half smiles, may be negative
	frown     // mouth corners down
	browInner // inner ends up; negative: down
	browOuter // outer ends up
	knit      // brows together
	squint    // lower lids up
	lidLeft   // closing
	lidRight
	lidWide // both eyes wider
	gazeX
	gazeY
	controlCount
)

// controls are all of them at one moment.
type controls [controlCount]float64

// rig moves the average face. It is immutable after newRig.
type rig struct {
	rest    *[landmark.Count]vec
	field   [controlCount][landmark.Count]vec // displacement at 1, for the controls that are linear
	active  []control                         // those with a field
	jaw     [landmark.Count]float32           // how much each landmark goes with the jaw
	lift    [landmark.Count]float32           // how far each landmark rises when the jaw hangs at 1, head units
	lips    [landmark.Count]float32           // 1 on the lips, falling off around
	columns [9]motion.LipColumn
	eyes    [2]motion.EyeParts
}

func newRig() *rig {
	r := &rig{rest: motion.AverageFace(), columns: motion.LipColumns(), eyes: motion.Eyes()}
	r.weighJaw()
	r.writeLift()
	r.writeMouth()
	r.writeSmile()
	r.writeBrows()
	return r
}

// draw writes the landmarks of a driver in front of a 640x480 camera, in units of image width.
func (r *rig) draw(c *controls, out *[landmark.Count]vec) {
	*out = *r.rest
	for _, k := range r.active {
		v := float32(c[k])
		if k == smile { // left and right halves apart
			r.addSmile(out, c)
			continue
		}
		if v == 0 {
			continue
		}
		for i := range out {
			d := &r.field[k][i]
			out[i].X += v * d.X
			out[i].Y += v * d.Y
			out[i].Z += v * d.Z
		}
	}
	r.dropJaw(out, c[jaw])
	r.sealLips(out, float32(c[seal]))
	r.keepThick(out)
	r.setEyes(out, c)

	home := motion.Rigid{R: motion.Rotation(0, 0, 0), T: vec{X: 0.5, Y: 0.31}, Scale: 0.13}
	turn := motion.Rotation(c[yaw], c[pitch], c[roll])
	shift := vec{X: home.Scale * float32(c[shiftX]), Y: home.Scale * float32(c[shiftY])}
	pose := home.PosedAbout(motion.Neck(), turn, home.Scale*float32(math.Exp(c[zoom])), shift)
	for i := range out {
		out[i] = pose.Apply(out[i])
	}
}

// addSmile draws each half of the smile by its own strength.
func (r *rig) addSmile(out *[landmark.Count]vec, c *controls) {
	left, right := float32(c[smile]), float32(max(0, c[smile]+c[smileSide]))
	if left == 0 && right == 0 {
		return
	}
	for i := range out {
		t := num.Smoothstep(-0.3, 0.3, r.rest[i].X)
		v := left + t*(right-left)
		d := &r.field[smile][i]
		out[i].X += v * d.X
		out[i].Y += v * d.Y
		out[i].Z += v * d.Z
	}
}

// dropJaw turns the jaw about the axis through its joints and lifts the upper lip.
func (r *rig) dropJaw(out *[landmark.Count]vec, amount float64) {
	if amount == 0 {
		return
	}
	const most = 0.27                 // radians
	const jointY, jointZ = 0.40, 0.85 // head frame
	for i := range out {
		out[i].Y -= float32(amount) * r.lift[i]
		w := float64(r.jaw[i])
		if w == 0 {
			continue
		}
		sin, cos := math.Sincos(most * amount * w)
		y, z := float64(out[i].Y-jointY), float64(out[i].Z-jointZ)
		out[i].Y = float32(jointY + y*cos - z*sin)
		out[i].Z = float32(jointZ + y*sin + z*cos)
		out[i].X *= 1 - 0.10*float32(amount)*r.lips[i] // an open mouth is narrower
	}
}

// sealLips brings the inner lips together by the fraction t, and never lets them cross.
func (r *rig) sealLips(out *[landmark.Count]vec, t float32) {
	ring := [4]float32{0.55, 0.75, 0.92, 1}
	for _, c := range r.columns {
		u, l := out[c.Upper[3]], out[c.Lower[3]]
		gap := l.Y - u.Y
		part := min(max(t, 0), 1)
		if gap < 0 {
			part = 1
		}
		if part == 0 {
			continue
		}
		for k := range 4 {
			out[c.Upper[k]].Y += 0.25 * part * gap * ring[k]
			out[c.Lower[k]].Y -= 0.75 * part * gap * ring[k]
			out[c.Lower[k]].Z += part * (u.Z - l.Z) * ring[k]
		}
		if part == 1 {
			out[c.Lower[3]] = out[c.Upper[3]]
		}
	}
}

// keepThick keeps a part of each lip's thickness, whatever presses it.
func (r *rig) keepThick(out *[landmark.Count]vec) {
	const least = 0.25
	for _, c := range r.columns {
		for k := 2; k >= 0; k-- {
			upper := least * max(0, r.rest[c.Upper[k+1]].Y-r.rest[c.Upper[k]].Y)
			out[c.Upper[k]].Y = min(out[c.Upper[k]].Y, out[c.Upper[k+1]].Y-upper)
			lower := least * max(0, r.rest[c.Lower[k]].Y-r.rest[c.Lower[k+1]].Y)
			out[c.Lower[k]].Y = max(out[c.Lower[k]].Y, out[c.Lower[k+1]].Y+lower)
		}
	}
}

// setEyes draws lids and irises. The upper lid goes along when the eye looks up or down.
func (r *rig) setEyes(out *[landmark.Count]vec, c *controls) {
	follow := -1.1 * c[gazeY]
	for side := range r.eyes {
		e := &r.eyes[side]
		shut := c[lidLeft]
		if side == 1 {
			shut = c[lidRight]
		}
		under := float32(0.3 * c[squint])
		open := (1 + 0.35*c[lidWide] + follow - 0.25*c[squint]) * (1 - min(max(shut, 0), 1))
		before := *out
		motion.SetLid(out, r.rest, e, float32(max(open, 0)), under*float32(min(1, open)))
		for k, i := range e.UpperFold { // the fold goes a third of the lid's way
			d := out[e.Upper[k]].Y - r.rest[e.Upper[k]].Y
			out[i].Y = max(before[i].Y+0.3*d, min(out[i].Y, before[i].Y+0.3*d))
		}
		width := r.rest[e.Outer].X - r.rest[e.Inner].X
		width = max(width, -width)
		for _, i := range e.Iris {
			out[i].X += float32(c[gazeX]) * width
			out[i].Y += float32(c[gazeY]) * width
		}
	}
}
