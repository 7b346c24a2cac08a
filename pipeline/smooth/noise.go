package smooth

import (
	"math"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// The channels whose noise is measured: the head's rotation, place and size, then the regions of the face.
const (
	turn = iota
	shift
	zoom
	firstRegion
	channels = firstRegion + regions
)

const (
	recent = 12 // faces that the noise is measured over
	mean   = 5  // faces whose mean places are compared
	// A head stands still while the means of the last faces and of those before differ by less than stillest times
	// what noise alone makes of them, which in 23 clips of people in good light they hardly ever did: medians were
	// 6 to 37, also of people who seemed to rest; of one in the dark 2. It clearly moves from moving on.
	stillest, moving = 3, 6
	// attack and release are the times in s in which the level rises to what is measured and falls where the head
	// moves: a clip in good light that is taken for still for a moment must not get slower.
	attack, release = 0.8, 0.4
	// standing is how many faces in a row a head must stand still before a level rises: at the turning point of a shake its means
	// are alike for one or two.
	standing = 3
	surely   = 3 // that many third differences tell something
	// A level is bounded, whatever a tracker does; a region's by that of the skull, which no expression moves.
	mostNoise, mostRegion = 10, 1.6
)

// nominal is the noise that Options are made for, as typical sees it: radians, head units, log for scale.
func nominal(channel int) float64 {
	switch channel {
	case turn:
		return 0.0024
	case shift:
		return 0.0020
	case zoom:
		return 0.0006
	}
	return 0.0026
}

// noise measures how noisy a tracker is while the head stands still: in the dark, far away, out of focus. What a face
// does in the third difference is noise, as long as the means over some faces say that the head does not move.
type noise struct {
	level [channels]float64 // times nominal, at least 1

	seen     int
	stood    int                   // faces in a row for which the head has stood still
	path     [2 * mean]place       // of the last faces, a ring
	step     [3]place              // from face to face, newest first
	steps    [3][landmark.Count]xy // the same of the points
	measured [channels][recent]float64
}

// place is a head's pose as vectors that can be added up.
type place struct{ turn, shift, zoom vec }

type xy struct{ x, y float32 }

func (n *noise) reset() {
	*n = noise{}
	for c := range n.level {
		n.level[c] = 1 // faces of which nothing can be measured yet are taken for bright ones
	}
}

// observe takes what changed from the last face to this one, dt seconds later: the pose's step, and the points' in
// steps[0], which its caller has filled.
func (n *noise) observe(dt float64, step place, region *[landmark.Count]uint8, size *[regions]float64) {
	n.step[0] = step
	last := n.path[(n.seen+len(n.path)-1)%len(n.path)]
	n.path[n.seen%len(n.path)] = place{turn: sum(last.turn, step.turn), shift: sum(last.shift, step.shift)}
	n.seen++
	if n.seen >= len(n.steps) {
		n.measure(region, size)
		n.follow(dt)
	}
	n.step[2], n.step[1] = n.step[1], n.step[0]
	n.steps[2], n.steps[1] = n.steps[1], n.steps[0]
}

// measure notes the third difference of every channel. Of white noise it has 20 times the power.
func (n *noise) measure(region *[landmark.Count]uint8, size *[regions]float64) {
	at := n.seen % recent
	third := func(a, b, c vec) float64 {
		x, y, z := float64(a.X-2*b.X+c.X), float64(a.Y-2*b.Y+c.Y), float64(a.Z-2*b.Z+c.Z)
		return math.Sqrt((x*x + y*y + z*z) / 20)
	}
	s := &n.step
	n.measured[turn][at] = third(s[0].turn, s[1].turn, s[2].turn)
	n.measured[shift][at] = third(s[0].shift, s[1].shift, s[2].shift)
	n.measured[zoom][at] = third(s[0].zoom, s[1].zoom, s[2].zoom)
	var power [regions]float64
	a, b, c := &n.steps[0], &n.steps[1], &n.steps[2]
	for i, r := range region {
		x, y := a[i].x-2*b[i].x+c[i].x, a[i].y-2*b[i].y+c[i].y
		power[r] += float64(x*x + y*y)
	}
	for r := range power {
		n.measured[firstRegion+r][at] = math.Sqrt(power[r] / (20 * size[r]))
	}
}

// follow brings the levels to what was measured, if the head stands still, and slowly back where it clearly moves.
func (n *noise) follow(dt float64) {
	have := min(n.seen-len(n.steps)+1, recent)
	width := min(mean, n.seen/2)
	if have < surely {
		return
	}
	var now [channels]float64
	for c := range now {
		now[c] = n.typical(c, have)
	}
	moved := max(n.moved(width, now[turn], func(p *place) vec { return p.turn }),
		n.moved(width, now[shift], func(p *place) vec { return p.shift }))
	n.stood++
	if moved >= stillest {
		n.stood = 0
	}
	rise := gain(1/(2*math.Pi*attack), dt)
	if early := n.seen - len(n.steps) - surely + 2; early <= recent { // at first all that was measured counts alike
		rise = max(rise, 1/float32(early))
	} else if n.stood < standing {
		rise = 0
	}
	skull := bounded(now[firstRegion+skull]/nominal(firstRegion+skull), mostNoise)
	for c := range n.level {
		l := &n.level[c]
		most := float64(mostNoise)
		if c >= firstRegion {
			most = min(most, mostRegion*skull)
		}
		switch target := bounded(now[c]/nominal(c), most); {
		case moved < stillest:
			*l += float64(rise) * (target - *l)
		case moved > moving:
			*l += float64(gain(1/(2*math.Pi*release), dt)) * (1 - *l)
		}
	}
}

// typical is a low quantile of what was measured last, so that a blink or a nod is none.
func (n *noise) typical(channel, have int) float64 {
	var v [recent]float64
	for i := range have {
		x := n.measured[channel][(n.seen+recent-i)%recent]
		k := i
		for ; k > 0 && v[k-1] > x; k-- {
			v[k] = v[k-1]
		}
		v[k] = x
	}
	return v[have*2/5]
}

// moved compares the mean place of the last faces with that of as many before: 1 is what noise alone does.
func (n *noise) moved(width int, noise float64, of func(*place) vec) float64 {
	var d vec
	for i := range width {
		a, b := of(&n.path[(n.seen-1-i+4*mean)%len(n.path)]), of(&n.path[(n.seen-1-width-i+4*mean)%len(n.path)])
		d = sum(d, vec{X: a.X - b.X, Y: a.Y - b.Y, Z: a.Z - b.Z})
	}
	w := float64(width)
	return length(d) / w / (noise*math.Sqrt(2/w) + 1e-9)
}

// bounded brings a level to 1..most; NaN is 1.
func bounded(v, most float64) float64 {
	if !(v > 1) {
		return 1
	}
	return min(v, max(1, most))
}

func sum(a, b vec) vec { return vec{X: a.X + b.X, Y: a.Y + b.Y, Z: a.Z + b.Z} }

// stepOf is the way from one pose to the next.
func stepOf(from, to *motion.Rigid) place {
	scale := max(from.Scale, 1e-9)
	return place{
		turn:  turnBetween(&from.R, &to.R),
		shift: vec{X: (to.T.X - from.T.X) / scale, Y: (to.T.Y - from.T.Y) / scale},
		zoom:  vec{X: (to.Scale - from.Scale) / scale},
	}
}
