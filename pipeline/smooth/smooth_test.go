package smooth_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/smooth"
)

func home() motion.Rigid {
	return motion.Rigid{R: motion.Rotation(0.1, -0.05, 0.02), T: motion.Vec3{X: 0.5, Y: 0.4}, Scale: 0.15}
}

// What a tracker sees on a still driver, measured on webcam footage: head units, radians.
const (
	pointNoise = 0.0025
	shiftNoise = 0.002
	turnNoise  = 0.0018
)

func TestStillDriverIsStill(t *testing.T) {
	for _, fps := range []float64{24, 30, 60} {
		rnd := rand.New(rand.NewPCG(1, 2))
		noise := func(s float64) float32 { return float32(s * rnd.NormFloat64()) }
		f := smooth.NewFace(smooth.DefaultOptions())
		average := motion.AverageFace()
		var sum, square [landmark.Count][2]float64
		const edge, eyes = 512, 80 // portrait of 512 px whose eyes are 80 px apart
		n := 0.0
		for i := range int(10 * fps) {
			pose, pts := home(), *average
			turn := motion.FromTurnVector(motion.Vec3{X: noise(turnNoise), Y: noise(turnNoise), Z: noise(turnNoise)})
			pose.R = motion.Multiply(&turn, &pose.R)
			pose.T.X += noise(shiftNoise) * pose.Scale
			pose.T.Y += noise(shiftNoise) * pose.Scale
			for k := range pts {
				pts[k].X += noise(pointNoise)
				pts[k].Y += noise(pointNoise)
				pts[k].Z += noise(2 * pointNoise)
			}
			f.Step(1/fps, &pose, &pts)
			if float64(i) < 2*fps {
				continue
			}
			n++
			for k := range pts {
				p := pose.Apply(pts[k])
				for axis, v := range [2]float32{p.X, p.Y} {
					px := float64(v/0.15) * eyes
					sum[k][axis] += px
					square[k][axis] += px * px
				}
			}
		}
		var total float64
		for k := range sum {
			for axis := range 2 {
				total += square[k][axis]/n - sum[k][axis]/n*(sum[k][axis]/n)
			}
		}
		rms := math.Sqrt(total / landmark.Count)
		t.Logf("%v fps: %.3f px rms at %d px", fps, rms, edge)
		if rms > 0.3 {
			t.Errorf("%v fps: a still driver trembles by %.3f px rms", fps, rms)
		}
	}
}

// A blink takes three frames to shut, a plosive two: the filter may lose at most one.
func TestFastMotionIsNotLate(t *testing.T) {
	eye, lip := motion.Eyes()[0], motion.LipColumns()[4]
	for _, tc := range []struct {
		name   string
		frames float64
		depth  float32
		move   func(p *[landmark.Count]motion.Vec3, d float32)
		read   func(p *[landmark.Count]motion.Vec3) float32
	}{
		{"blink", 3, 0.13, func(p *[landmark.Count]motion.Vec3, d float32) {
			for k := range eye.Upper {
				p[eye.Upper[k]].Y += d
				p[eye.UpperFold[k]].Y += d / 3
			}
		}, func(p *[landmark.Count]motion.Vec3) float32 { return p[159].Y }},
		{"plosive", 2, 0.12, func(p *[landmark.Count]motion.Vec3, d float32) {
			for _, c := range motion.LipColumns() {
				for k := range 4 {
					p[c.Lower[k]].Y += d
				}
			}
		}, func(p *[landmark.Count]motion.Vec3) float32 { return p[lip.Lower[3]].Y }},
	} {
		f := smooth.NewFace(smooth.DefaultOptions())
		lag := -1.0
		for i := range 60 {
			pose, pts := home(), *motion.AverageFace()
			rest := tc.read(&pts)
			t := math.Min(math.Max((float64(i)-30)/tc.frames, 0), 1)
			tc.move(&pts, tc.depth*float32(t))
			f.Step(1.0/30, &pose, &pts)
			if got := tc.read(&pts) - rest; lag < 0 && got > 0.9*tc.depth {
				lag = float64(i) - 30 - 0.9*tc.frames
			}
		}
		t.Logf("%s: 90 %% reached %.1f frames late", tc.name, lag)
		if lag < 0 || lag > 1 {
			t.Errorf("%s: %.1f frames late", tc.name, lag)
		}
	}
}

// Constant input must come out constant to the last bit, or a still picture would cost bits for ever.
func TestConstantInputSettles(t *testing.T) {
	f := smooth.NewFace(smooth.DefaultOptions())
	pose, pts := home(), *motion.AverageFace()
	f.Step(1.0/30, &pose, &pts)
	for i := range pts {
		pts[i].X += 0.01
	}
	input, inputPts := home(), pts
	input.R = motion.Rotation(0.13, 0, 0)
	input.T.X += 0.01
	input.Scale *= 1.02
	var last motion.Rigid
	var lastPts [landmark.Count]motion.Vec3
	for i := range 300 {
		pose, pts = input, inputPts
		f.Step(1.0/30, &pose, &pts)
		if i > 200 && (pose != last || pts != lastPts) {
			t.Fatalf("still changing at frame %d", i)
		}
		last, lastPts = pose, pts
	}
}

// Times that make no sense, and holes, must give finite values between the old and the new.
func TestOddTimes(t *testing.T) {
	for _, dt := range []float64{0, -1, math.NaN(), math.Inf(1), math.Inf(-1), 1e-9, 0.3, 1e9} {
		f := smooth.NewFace(smooth.DefaultOptions())
		s := smooth.Scalar{Params: smooth.Params{MinCutoff: 1, Beta: 10}}
		pose, pts := home(), *motion.AverageFace()
		f.Step(1.0/30, &pose, &pts)
		s.Step(0, 1.0/30)
		pts[0].X++
		pose.T.X++
		f.Step(dt, &pose, &pts)
		got := s.Step(1, dt)
		for _, v := range []float64{float64(pts[0].X), float64(pose.T.X - 0.5), got} {
			if !(v >= 0 && v <= 1.0001) {
				t.Errorf("dt %v: %v", dt, v)
			}
		}
	}
}

func TestScalarResets(t *testing.T) {
	s := smooth.Scalar{Params: smooth.Params{MinCutoff: 0.1}}
	s.Step(0, 0.1)
	if v := s.Step(10, 0.1); v > 5 {
		t.Errorf("%v is not smoothed", v)
	}
	s.Reset()
	if v := s.Step(10, 0.1); v != 10 {
		t.Errorf("%v after a reset", v)
	}
}

func TestFaceDoesNotAllocate(t *testing.T) {
	f := smooth.NewFace(smooth.DefaultOptions())
	pose, pts := home(), *motion.AverageFace()
	if n := testing.AllocsPerRun(100, func() { f.Step(1.0/30, &pose, &pts) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkFace(b *testing.B) {
	f := smooth.NewFace(smooth.DefaultOptions())
	average := motion.AverageFace()
	b.ReportAllocs()
	for b.Loop() {
		pose, pts := home(), *average
		f.Step(1.0/30, &pose, &pts)
	}
}
