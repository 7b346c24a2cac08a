package retarget

import (
	"math"

	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

const (
	degree = math.Pi / 180
	// Heads turn linearly up to these angles from the portrait's own pose, and bend softly towards limit + room.
	yawLimit, yawRoom     = 30 * degree, 12 * degree
	pitchLimit, pitchRoom = 20 * degree, 9 * degree
	rollLimit, rollRoom   = 30 * degree, 12 * degree
	// nodGain makes a nod arrive whole: tracked again, portraits nodded by 0.86 (median of 32 pairs of portrait and clip)
	// of what they were drawn with, while they turned by 1.04 and rolled by 1.02, so that it is not their depth.
	nodGain = 1.16
	// The same for the pose that comes out, for portraits that look aside to begin with.
	yawMost, pitchMost, rollMost, mostRoom = 40 * degree, 28 * degree, 40 * degree, 8 * degree
	// Turning back from a picture that looks aside uncovers a cheek that it never showed. A portrait that looks aside
	// by less than asideLeast is not held back; one by asideWell turns linearly by wellLimit; one by asideFar by
	// farLimit; all bend softly towards that limit + uncoverRoom. Chosen by eye.
	asideLeast, asideWell, asideFar  = 0.12, 0.18, 0.6
	wellLimit, farLimit, uncoverRoom = 5 * degree, 3 * degree, 4.5 * degree
	// The neck's shift in head units, and the log of the zoom.
	shiftLimit, shiftRoom = 0.3, 0.35
	zoomLimit, zoomRoom   = 0.12, 0.12
	// leanShare of the neck's shift is taken by the torso.
	leanShare = 0.35
)

// drawHead poses the portrait's head: the driver's turn from the neutral, about the neck.
func (r *Retargeter) drawHead(pose, calm *motion.Rigid) {
	strength := float64(r.options.Strength.Head)
	yaw, pitch, roll := motion.Angles(pose.R)
	yaw0, pitch0, roll0 := motion.Angles(calm.R)
	home := &r.rest.Head
	zoom := math.Log(max(float64(pose.Scale), 1e-6) / max(float64(calm.Scale), 1e-6))
	scale := home.Scale * float32(math.Exp(bend(strength*zoom, zoomLimit, zoomRoom)))

	neck := motion.Neck()
	at, was := pose.Apply(neck), calm.Apply(neck)
	unit := max(calm.Scale, 1e-6)
	shift := vec{
		X: home.Scale * float32(bend(strength*float64((at.X-was.X)/unit), shiftLimit, shiftRoom)),
		Y: home.Scale * float32(bend(strength*float64((at.Y-was.Y)/unit), shiftLimit, shiftRoom)),
	}
	r.state.Lean.X, r.state.Lean.Y = leanShare*shift.X, leanShare*shift.Y
	r.state.Head = home.PosedAbout(neck, r.turned(yaw-yaw0, pitch-pitch0, roll-roll0), scale, shift)
}

// turned is the portrait's rotation for a driver turned by these angles. Angles add up one by one, so that a
// portrait that looks aside nods about its own ears; each is bent at the limits of motion, and again at those of
// the resulting pose, which leave the portrait's own pose alone.
func (r *Retargeter) turned(yaw, pitch, roll float64) [9]float32 {
	k := float64(r.options.Strength.Head)
	yaw0, pitch0, roll0 := motion.Angles(r.rest.Head.R)
	reach := func(home, turn, most float64) float64 {
		return bend(home+turn, max(most, math.Abs(home)+10*degree), mostRoom)
	}
	return motion.Rotation(
		reach(yaw0, uncover(yaw0, bend(k*yaw, yawLimit, yawRoom)), yawMost),
		reach(pitch0, bend(nodGain*k*pitch, pitchLimit, pitchRoom), pitchMost),
		reach(roll0, bend(k*roll, rollLimit, rollRoom), rollMost))
}

// uncover bounds a turn, in radians, of a portrait whose own yaw is home: softly where it brings the hidden cheek to
// light, not at all the other way. It is monotonous in turn and continuous in both.
func uncover(home, turn float64) float64 {
	if turn*home >= 0 {
		return turn
	}
	aside := math.Abs(home)
	far := float64(num.Smoothstep(asideWell, asideFar, float32(aside)))
	held := float64(num.Smoothstep(asideLeast, asideWell, float32(aside)))
	limit := wellLimit + far*(farLimit-wellLimit)
	return turn + held*(bend(turn, limit, uncoverRoom)-turn)
}

// bend is soft for float64.
func bend(v, limit, room float64) float64 {
	switch {
	case v > limit:
		return limit + room*math.Tanh((v-limit)/room)
	case v < -limit:
		return -limit - room*math.Tanh((-v-limit)/room)
	}
	return v
}
