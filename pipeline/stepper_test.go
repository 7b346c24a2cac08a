package pipeline

import (
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/drive"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/perform"
)

// Equal samples give equal motion, whatever the clock on the wall says, and every sample is numbered.
func TestStepperRepeatsItself(t *testing.T) {
	play, err := perform.New("talking")
	if err != nil {
		t.Fatal(err)
	}
	dst, err := frame.NewI420(16, 16)
	if err != nil {
		t.Fatal(err)
	}
	run := func() (states []motion.State) {
		p := NewStepper(subject(7), &fakeGenerator{}, drive.DefaultOptions(), 30, 1)
		var s landmark.Sample
		for i := range 60 {
			play.At(time.Duration(i)*time.Second/30, &s)
			dst.Y[0] = 0
			if err := p.Step(&s, dst); err != nil {
				t.Fatal(err)
			}
			if s.Seq != uint32(i+1) || dst.Y[0] != 7 || !p.Drawn().IsZero() {
				t.Fatalf("step %d: sample %d, picture of %d", i, s.Seq, dst.Y[0])
			}
			states = append(states, *p.State())
		}
		return states
	}
	one, two := run(), run()
	for i := range one {
		if one[i] != two[i] {
			t.Fatalf("step %d differs", i)
		}
	}
	if one[0] == one[59] {
		t.Error("nothing moves")
	}
}

func TestStepperTellsOfAFailure(t *testing.T) {
	gen := &fakeGenerator{}
	gen.fail.Store(true)
	p := NewStepper(subject(1), gen, drive.DefaultOptions(), 30, 1)
	var s landmark.Sample
	dst, _ := frame.NewI420(16, 16)
	if err := p.Step(&s, dst); err == nil {
		t.Error("no error")
	}
	gen.fail.Store(false)
	if err := p.Step(&s, dst); err != nil {
		t.Errorf("it does not recover: %v", err)
	}
}
