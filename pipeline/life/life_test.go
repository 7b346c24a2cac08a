package life_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/life"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/retarget"
)

const frame = time.Second / 30

func portrait() *motion.Rest {
	pose := motion.Rigid{R: motion.Rotation(-0.2, 0.1, 0.05), T: motion.Vec3{X: 0.5, Y: 0.42}, Scale: 0.16}
	var pts [landmark.Count]motion.Vec3
	for i, p := range motion.AverageFace() {
		pts[i] = pose.Apply(p)
	}
	rest := retarget.NewRest(&pts)
	return &rest
}

// driven is a state far from the neutral: turned aside, mouth open, eyes shut.
func driven(rest *motion.Rest) *motion.State {
	s := &motion.State{Head: rest.Head, Points: rest.Neutral, MouthOpen: 0.2, Jaw: 0.2, HasMarker: true, Marker: 7}
	turn := motion.Rotation(0.3, 0.1, 0)
	s.Head = rest.Head.PosedAbout(motion.Neck(), motion.Multiply(&turn, &rest.Head.R), rest.Head.Scale, motion.Vec3{X: 0.02})
	for _, e := range motion.Eyes() {
		motion.SetLid(&s.Points, &rest.Neutral, &e, 0, 0)
	}
	for _, c := range motion.LipColumns() {
		s.Points[c.Lower[3]].Y += 0.2
	}
	return s
}

// jump is the largest distance that a landmark moves between two states, in crop units.
func jump(a, b *motion.State) (most float64) {
	for i := range a.Points {
		p, q := a.Head.Apply(a.Points[i]), b.Head.Apply(b.Points[i])
		most = max(most, math.Hypot(float64(p.X-q.X), float64(p.Y-q.Y)))
	}
	return most
}

// runner steps an animator frame by frame.
type runner struct {
	*life.Animator
	now time.Time
	out motion.State
}

func start(rest *motion.Rest, o life.Options, seed uint64) *runner {
	return &runner{Animator: life.New(rest, o, rand.New(rand.NewPCG(seed, 1))), now: time.Unix(1_700_000_000, 0)}
}

func (r *runner) step(s *motion.State, fresh bool) motion.State {
	r.now = r.now.Add(frame)
	r.Step(&r.out, s, fresh, r.now)
	return r.out
}

func TestOffIsBitIdentical(t *testing.T) {
	rest := portrait()
	r := start(rest, life.Options{Off: true}, 1)
	idle := r.step(nil, false)
	if idle.Points != rest.Neutral || idle.Head != rest.Head {
		t.Error("without life and driver the portrait is not its neutral")
	}
	s := driven(rest)
	for range 40 {
		r.step(s, true)
	}
	for range 60 {
		if got := r.step(s, true); got != *s {
			t.Fatal("the driven state was changed")
		}
	}
}

func TestBreathMovesOnlyTheChest(t *testing.T) {
	rest := portrait()
	r := start(rest, life.Options{}, 1)
	s := driven(rest)
	for range 40 {
		r.step(s, true)
	}
	lo, hi := float32(2), float32(-2)
	for range 200 {
		got := r.step(s, true)
		lo, hi = min(lo, got.Breath), max(hi, got.Breath)
		got.Breath = s.Breath
		if got != *s {
			t.Fatal("breath moved more than the chest")
		}
	}
	if lo > -0.9 || hi < 0.9 || lo < -1 || hi > 1 {
		t.Errorf("breath runs from %v to %v", lo, hi)
	}
}

// A face comes, is lost, idles, comes back elsewhere, stutters: never a jump.
func TestNothingJumps(t *testing.T) {
	const most = 0.03 // crop edges per frame; the whole way is 0.2
	rest := portrait()
	r := start(rest, life.Options{}, 3)
	s := driven(rest)
	other := &motion.State{Head: rest.Head, Points: rest.Neutral, Lid: [2]float32{1, 1}}
	last := r.step(nil, false)
	run := func(name string, seconds float64, s *motion.State, fresh bool) motion.State {
		t.Helper()
		var got motion.State
		for range int(seconds * 30) {
			got = r.step(s, fresh)
			if d := jump(&got, &last); d > most {
				t.Fatalf("%s: jumps by %.3f crop edges", name, d)
			}
			last = got
		}
		return got
	}
	run("idle", 6, nil, false)
	if r.Driven() {
		t.Error("driven by nobody")
	}
	if got := run("a face comes", 0.5, s, true); jump(&got, s) > 1e-6 {
		t.Error("the face is not reached in half a second")
	}
	if got := run("a short hole", 0.3, s, false); jump(&got, s) > 1e-6 || !r.Driven() {
		t.Error("a short hole is not held")
	}
	run("after the hole, elsewhere", 0.5, other, true)
	run("and back", 0.04, other, true)
	run("lost", 2, other, false)
	if r.Driven() {
		t.Error("driven by a lost face")
	}
	run("long idle", 30, other, false)
	if got := run("back, elsewhere", 0.5, s, true); jump(&got, s) > 1e-6 {
		t.Error("the face is not reached again in half a second")
	}
	for range 3 {
		run("flapping: gone", 0.7, s, false)
		run("flapping: back", 0.1, s, true)
	}
}

func TestIdleIsAlive(t *testing.T) {
	rest := portrait()
	r := start(rest, life.Options{}, 5)
	var blinks, shut int
	var moved, lookX float64
	open := true
	for range 30 * 120 {
		got := r.step(nil, false)
		moved = max(moved, jump(&got, &motion.State{Head: rest.Head, Points: got.Points}))
		lookX = max(lookX, math.Abs(float64(got.Gaze[0].X)))
		if got.Lid[0] == 0 {
			shut++
			if got.Points[159] != got.Points[145] {
				t.Fatal("shut lids do not meet")
			}
		}
		if open && got.Lid[0] < 0.3 {
			blinks++
		}
		open = got.Lid[0] > 0.5
		if got.MouthOpen != 0 {
			t.Fatal("the mouth opens in idle")
		}
	}
	t.Logf("%d blinks in 2 minutes, sway %.4f crop edges, glance %.3f head units", blinks, moved, lookX)
	if blinks < 15 || blinks > 60 || shut < blinks/2 {
		t.Errorf("%d blinks in 2 minutes, %d frames shut", blinks, shut)
	}
	if moved < 0.003 || moved > 0.04 {
		t.Errorf("sways by %.4f crop edges", moved)
	}
}

func TestSwitchOfPortrait(t *testing.T) {
	first, second := portrait(), retarget.NewRest(motion.AverageFace())
	r := start(first, life.Options{Off: true}, 1)
	for range 30 {
		r.step(driven(first), true)
	}
	r.SetRest(&second)
	s := driven(&second)
	if got := r.step(s, false); got != *s {
		t.Error("the first state after a switch is not the new portrait's")
	}
	idle := start(first, life.Options{Off: true}, 1)
	idle.step(nil, false)
	idle.SetRest(&second)
	if got := idle.step(nil, false); got.Head != second.Head {
		t.Error("an idle portrait was not switched")
	}
}

func TestSameSeedSameLife(t *testing.T) {
	a, b := start(portrait(), life.Options{}, 9), start(portrait(), life.Options{}, 9)
	for range 300 {
		if a.step(nil, false) != b.step(nil, false) {
			t.Fatal("differs")
		}
	}
}

func TestStepDoesNotAllocate(t *testing.T) {
	rest := portrait()
	r, s := start(rest, life.Options{}, 1), driven(rest)
	i := 0
	if n := testing.AllocsPerRun(400, func() { i++; r.step(s, i%100 < 50) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkStep(b *testing.B) {
	rest := portrait()
	r, s := start(rest, life.Options{}, 1), driven(rest)
	b.ReportAllocs()
	for b.Loop() {
		r.step(s, true)
	}
}

// TestStillComesToRestAndGoesOn: whatever moved it, in a second it is bit-identically still, and neither way is a jump.
func TestStillComesToRestAndGoesOn(t *testing.T) {
	rest := portrait()
	for name, s := range map[string]*motion.State{"driven": driven(rest), "idle": nil} {
		t.Run(name, func(t *testing.T) {
			r := start(rest, life.Options{}, 7)
			last := r.step(s, s != nil)
			move := func(frames int, most float64) {
				t.Helper()
				for range frames {
					now := r.step(s, s != nil)
					if d := jump(&last, &now); d > most {
						t.Fatalf("it jumps by %.4f", d)
					}
					if d := math.Abs(float64(now.Breath - last.Breath)); d > 0.12 {
						t.Fatalf("the breath jumps by %.3f", d)
					}
					last = now
				}
			}
			move(150, 1) // the entrance, and blinks, may be quick
			r.SetOptions(life.Options{Still: true})
			move(30, 0.02)
			for range 90 {
				if now := r.step(s, s != nil); now != last || now.Points != rest.Neutral || now.Head != rest.Head || now.Breath != 0 {
					t.Fatal("it is not still")
				}
			}
			r.SetOptions(life.Options{})
			move(15, 0.05)
			move(60, 1)
			if now := r.step(s, s != nil); now.Breath == 0 || s != nil && now.Points != s.Points {
				t.Error("it does not go on")
			}
		})
	}
}
