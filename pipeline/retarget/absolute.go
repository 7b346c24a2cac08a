package retarget

import "github.com/gioconda-live/gioconda/pipeline/motion"

// drawAbsolute puts the driver's landmarks where they are in the image: pose and expression of the same person.
// Lids and lips that are shut are shut exactly, as in relative motion.
func (r *Retargeter) drawAbsolute() {
	pose := r.pose
	r.now = r.face
	if r.options.Mirror {
		r.parts.flip(&r.now, &r.face)
		pose = flipPose(&pose)
	}
	place := r.options.Placement
	if place.Scale == 0 {
		place.Scale = 1
	}
	for i := range r.now { // into the crop
		p := pose.Apply(r.now[i])
		r.now[i] = vec{X: (p.X - place.X) * place.Scale, Y: (p.Y - place.Y) * place.Scale, Z: p.Z * place.Scale}
	}
	r.state.Head = r.fitter.FitFace(&r.rest.Points, &r.now)
	for i, p := range r.now {
		r.state.Points[i] = r.state.Head.Invert(p)
	}
	shape := r.parts.measure(&r.state.Points)
	for side := range r.parts.eyes {
		usual := max(r.restShape.lid[side], 0.03)
		var l lidRange
		open := r.lidOpening(l.ratio(shape.lid[side], usual))
		r.state.Lid[side] = open
		if open == 0 {
			r.shutLids(side)
		}
		r.setGaze(side, &r.parts.eyes[side])
	}
	for i, c := range r.parts.columns {
		if opening(shape.gap[i]) == 0 {
			u, l := &r.state.Points[c.Upper[3]], &r.state.Points[c.Lower[3]]
			*u = motion.Mix(*u, *l, 0.5)
			*l = *u
		}
	}
	r.state.MouthOpen = max(0, r.state.Points[motion.LowerLipInner].Y-r.state.Points[motion.UpperLipInner].Y)
	r.state.Jaw = max(0, shape.lower-r.restShape.lower)
}

// shutLids lets the lids meet where the driver's do, nearer to the lower one.
func (r *Retargeter) shutLids(side int) {
	e := &r.parts.eyes[side]
	for k := range e.Upper {
		u, l := &r.state.Points[e.Upper[k]], &r.state.Points[e.Lower[k]]
		*l = motion.Mix(*l, *u, 0.2)
		*u = *l
	}
}
