package pipeline

import (
	"math/rand/v2"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/drive"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// Stepper is the live path without a network, stepped by hand: sample, wire, motion, picture. It is used by one goroutine.
type Stepper struct {
	codec  *landmark.Codec
	wire   []byte
	driver *drive.Driver
	gen    Generator
	batch  []Job
	state  motion.State
	sample landmark.Sample
	start  time.Time
	rate   [2]int
	frame  int
}

// NewStepper drives sub at rateNum/rateDen samples a second, in film time. The caller keeps sub. Its life is the same
// every time, so that equal samples give equal pictures.
func NewStepper(sub Subject, gen Generator, o drive.Options, rateNum, rateDen int) *Stepper {
	p := &Stepper{
		codec: landmark.NewCodec(), wire: make([]byte, landmark.MaxWireSize), gen: gen,
		driver: drive.New(sub.Rest(), o, rand.New(rand.NewPCG(1, 2)), nil),
		start:  time.Unix(1_000_000, 0), rate: [2]int{rateNum, rateDen},
	}
	p.batch = []Job{{Subject: sub, State: &p.state}}
	return p
}

// Driver is what turns the samples into motion.
func (p *Stepper) Driver() *drive.Driver { return p.driver }

// State is the motion of the newest picture; it changes with the next Step.
func (p *Stepper) State() *motion.State { return &p.state }

// Drawn is when the first layer of the newest picture was done; zero where no second one painted over it.
func (p *Stepper) Drawn() time.Time { return p.batch[0].Drawn }

// Second is what a second layer took for the newest picture, as in Job.
func (p *Stepper) Second() time.Duration { return p.batch[0].Second }

// Study finds the driver's neutral in the samples that are to come first, before the first Step. Their Seq and CaptureMicros are
// overwritten.
func (p *Stepper) Study(samples []landmark.Sample) error {
	for i := range samples {
		now, err := p.send(&samples[i])
		if err != nil {
			return err
		}
		p.driver.Learn(&p.sample, now)
	}
	p.driver.Rewind()
	p.frame = 0
	return nil
}

// send brings a sample through its wire form into p.sample and tells when it arrives.
func (p *Stepper) send(s *landmark.Sample) (now time.Time, err error) {
	at := time.Duration(int64(p.frame) * int64(p.rate[1]) * int64(time.Second) / int64(p.rate[0]))
	p.frame++
	s.Seq, s.CaptureMicros = uint32(p.frame), uint64(1_000_000+at.Microseconds())
	n, err := p.codec.Encode(p.wire, s)
	if err == nil {
		err = p.codec.Decode(&p.sample, p.wire[:n])
	}
	return p.start.Add(at), err
}

// Step draws the picture of one sample into dst. Like live, the sample goes through its wire form;
// its Seq and CaptureMicros are overwritten.
func (p *Stepper) Step(s *landmark.Sample, dst *frame.I420) error {
	now, err := p.send(s)
	if err != nil {
		return err
	}
	p.driver.Feed(&p.sample, now)
	p.driver.Pose(&p.state, now)
	p.batch[0] = Job{Subject: p.batch[0].Subject, State: &p.state, Dst: dst}
	p.gen.Generate(p.batch)
	return p.batch[0].Err
}
