package motion

import (
	"math"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

// Features are the few numbers by which a face's motion is judged. Lengths are in units of the distance between
// the eye centres, angles in radians, after the head pose is taken out.
type Features struct {
	MouthOpen  float64    // gap between the inner lips at their middle
	MouthWidth float64    // between the lip corners
	EyeOpen    [2]float64 // height over width of each eye; picture's left, right
	BrowRaise  float64    // mean height of the brows over the eyes
	Yaw, Pitch float64
	Roll       float64
	GazeX      float64 // mean place of the irises between the eye corners, 0 is the middle, +1 the right corner
	GazeY      float64 // mean offset of the irises below the line of the corners, over the eye's width
}

// Measure reads the features off landmarks in any isotropic frame (y down, z away from the camera). The pose is that
// of the average face, fitted to points that neither jaw nor smile moves, with the yaw that x shows (see FitFace).
func (f *Fitter) Measure(p *[landmark.Count]Vec3) Features {
	pose := f.faceAs(f.FitAverage(p), func(b *basisPoint) Vec3 { return b.at }, p)
	at := func(i int) Vec3 { return pose.Invert(p[i]) }
	unit := Distance(Middle(at(LeftEyeOuter), at(LeftEyeInner)), Middle(at(RightEyeOuter), at(RightEyeInner)))
	if !(unit > 0) {
		return Features{}
	}
	var m Features
	m.Yaw, m.Pitch, m.Roll = Angles(pose.R)
	for _, pair := range [3][2]int{{UpperLipInner, LowerLipInner}, {82, 87}, {312, 317}} {
		m.MouthOpen += Distance(at(pair[0]), at(pair[1])) / unit / 3
	}
	m.MouthWidth = Distance(at(MouthLeft), at(MouthRight)) / unit
	for i, e := range [2]eyeIndices{
		{LeftEyeOuter, LeftEyeInner, [3]int{160, 159, 158}, [3]int{144, 145, 153}, LeftIris},
		{RightEyeInner, RightEyeOuter, [3]int{385, 386, 387}, [3]int{380, 374, 373}, RightIris},
	} {
		left, right := at(e.left), at(e.right)
		width := Distance(left, right)
		for k := range e.upper {
			m.EyeOpen[i] += Distance(at(e.upper[k]), at(e.lower[k])) / width / 3
		}
		mid, iris := Middle(left, right), at(e.iris)
		m.GazeX += float64(iris.X-mid.X) / (width / 2) / 2
		m.GazeY += float64(iris.Y-mid.Y) / width / 2
	}
	for _, b := range [2][2]int{{105, 159}, {334, 386}} {
		m.BrowRaise += float64(at(b[1]).Y-at(b[0]).Y) / unit / 2
	}
	return m
}

type eyeIndices struct {
	left, right  int // corners, in the picture
	upper, lower [3]int
	iris         int
}

// Middle is the point half-way between a and b.
func Middle(a, b Vec3) Vec3 {
	return Vec3{X: (a.X + b.X) / 2, Y: (a.Y + b.Y) / 2, Z: (a.Z + b.Z) / 2}
}

// Distance is Euclidean.
func Distance(a, b Vec3) float64 {
	x, y, z := float64(a.X-b.X), float64(a.Y-b.Y), float64(a.Z-b.Z)
	return math.Sqrt(x*x + y*y + z*z)
}

// Correlation is Pearson's; 0 if either side does not vary.
func Correlation(a, b []float64) float64 {
	n := float64(min(len(a), len(b)))
	if n < 2 {
		return 0
	}
	var ma, mb float64
	for i := range int(n) {
		ma += a[i] / n
		mb += b[i] / n
	}
	var ab, aa, bb float64
	for i := range int(n) {
		ab += (a[i] - ma) * (b[i] - mb)
		aa += (a[i] - ma) * (a[i] - ma)
		bb += (b[i] - mb) * (b[i] - mb)
	}
	if aa <= 0 || bb <= 0 {
		return 0
	}
	return ab / math.Sqrt(aa*bb)
}
