package smooth

import (
	"math"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

const (
	opening, opened = 10, 14 // faces after which it is known where a head that stands still is, first and last
	dim             = 1.3    // level from which on a single face says too little of where it is
	chance          = 4      // times the noise: what is so far off is not the same face with other noise
)

// start is where a head that stands still was found to be after the first faces, and how noisy they were. The zero value knows nothing.
type start struct {
	pose   motion.Rigid
	points [landmark.Count]vec
	noise  noise
	some   bool
}

// note keeps the filtered face of the opening if the head has stood still in the dark.
func (f *Face) note() {
	if f.noise.seen >= opening && f.noise.seen <= opened && f.noise.stood >= standing && f.noise.level[turn] > dim {
		f.start = start{pose: f.pose, points: f.points, noise: f.noise, some: true}
	}
}

// Rewind forgets the past as Reset does, but for what the first faces since the last Reset have told of a still head's place and of
// their noise: the next face is their first one again. For clips that are looked through before they are drawn.
func (f *Face) Rewind() {
	f.primed, f.rewound = false, f.start.some
}

// resume begins where the opening was found to be, as far as the first face lies there by chance; pose and points are that face, and
// become the filtered one.
func (f *Face) resume(pose *motion.Rigid, points *[landmark.Count]vec) {
	s := &f.start
	f.noise = s.noise
	step := stepOf(&s.pose, pose)
	near := func(channel int, d vec) bool { return length(d) < chance*s.noise.level[channel]*nominal(channel) }
	if near(turn, step.turn) {
		f.pose.R = s.pose.R
	}
	if near(shift, step.shift) {
		f.pose.T = s.pose.T
	}
	if near(zoom, step.zoom) {
		f.pose.Scale = s.pose.Scale
	}
	var off [regions]float64
	for i, p := range points {
		x, y := float64(p.X-s.points[i].X), float64(p.Y-s.points[i].Y)
		off[f.region[i]] += x*x + y*y
	}
	for i := range points {
		r := f.region[i]
		if near(firstRegion+int(r), vec{X: float32(math.Sqrt(off[r] / f.size[r]))}) {
			f.points[i] = s.points[i]
		}
	}
	*pose, *points = f.pose, f.points
}
