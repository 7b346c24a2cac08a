package motion

import "github.com/gioconda-live/gioconda/pipeline/landmark"

// foldShare of its neutral distance from the lid is what the skin beside it keeps at least.
const foldShare = 0.35

// SetLid draws one eye's lids into points at an opening relative to neutral: 0 shut, where both lids meet along
// their whole length, 1 as open as the neutral. rise lifts the lower lid by a fraction of the neutral opening, beside
// what shutting itself lifts it by. The folds beside the lids are pushed out of their way; everything else stays.
func SetLid(points, neutral *[landmark.Count]Vec3, eye *EyeParts, open, rise float32) {
	rise += meetingShare(neutral, eye) * max(0, 1-open)
	for k := range eye.Upper {
		u, l := neutral[eye.Upper[k]], neutral[eye.Lower[k]]
		bottom := Mix(l, u, rise)
		top := bottom
		if open > 0 {
			top = Vec3{X: bottom.X + open*(u.X-l.X), Y: bottom.Y + open*(u.Y-l.Y), Z: bottom.Z + open*(u.Z-l.Z)}
		}
		points[eye.Lower[k]], points[eye.Upper[k]] = bottom, top
		keepFold(points, neutral, eye.UpperFold[k], eye.Upper[k], 1)
		keepFold(points, neutral, eye.LowerFold[k], eye.Lower[k], -1)
	}
}

// meetingShare is how far up the neutral opening shut lids meet: low in a human eye, higher in a round painted one,
// whose lower lid would leave a deep bow.
func meetingShare(neutral *[landmark.Count]Vec3, eye *EyeParts) float32 {
	gap := neutral[eye.Lower[3]].Y - neutral[eye.Upper[3]].Y
	width := max(float32(Distance(neutral[eye.Outer], neutral[eye.Inner])), 1e-3)
	return min(max(0.1+0.9*(gap/width-0.3), 0.1), 0.32)
}

// keepFold keeps the skin beside a lid on its side of it: above the upper lid (sign 1), below the lower.
func keepFold(points, neutral *[landmark.Count]Vec3, fold, lid uint16, sign float32) {
	least := sign * (neutral[lid].Y - neutral[fold].Y)
	if least > 0 { // what lies the other way round in the neutral may stay so
		least *= foldShare
	}
	if have := sign * (points[lid].Y - points[fold].Y); have < least {
		points[fold].Y -= sign * (least - have)
	}
}
