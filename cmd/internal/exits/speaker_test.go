package exits

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/compositor"
	"github.com/gioconda-live/gioconda/cmd/internal/personas"
	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/drive"
	"github.com/gioconda-live/gioconda/pipeline/encode"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/perform"
)

// A speaker says a word every wordEvery, the first one at wordsFrom: the mouth, which takes opening to open and to shut, is half
// open when a tone begins and when it ends.
const (
	wordsFrom = 3600 * time.Millisecond
	wordEvery = 1200 * time.Millisecond // 36 pictures, 60 packets
	wordLong  = 400 * time.Millisecond
	opening   = 130 * time.Millisecond
	trackTime = 25 * time.Millisecond // from a camera's picture to its landmarks
)

// words is the sound of a speaker, as ffmpeg's aevalsrc has it.
const words = "if(lt(mod(t,1.2),0.4)*gte(t,3.6),0.5*sin(2*PI*1000*t),0)"

// speaker is the Mona Lisa as somebody moves her who speaks.
type speaker struct {
	*pipeline.Session
	shut, open landmark.Sample // of the mouth
	packets    [][]byte
}

// newSpeaker opens the session; nobody speaks yet.
func newSpeaker(t *testing.T) *speaker {
	t.Helper()
	testenv.Full(t)
	testenv.FFmpeg(t)
	cfg := testenv.Config(t)
	networks := testenv.Networks(t)
	maker := personas.NewMaker(networks, filepath.Join(filepath.Dir(cfg.Models.Dir), "builtin"))
	testenv.CloseAfter(t, maker)
	lisa, err := maker.MonaLisa(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	cache := compositor.NewCache(mesh.Options{Size: cfg.Pipeline.Size, Workers: 1}, nil, nil)
	t.Cleanup(cache.Close)
	subject, err := cache.Open(t.Context(), lisa)
	if err != nil {
		t.Fatal(err)
	}
	loop := pipeline.NewLoop(cfg.Pipeline, compositor.New(nil), encode.New(cfg.Pipeline), slog.New(slog.DiscardHandler))
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); loop.Run(ctx) }()
	t.Cleanup(func() { stop(); <-done })
	s := &speaker{packets: opus(t, words, wordsFrom+10*wordEvery)}
	if s.Session, err = loop.Open(subject, drive.New(subject.Rest(), drive.DefaultOptions(), rand.New(rand.NewPCG(1, 2)), nil)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	s.pose(t)
	return s
}

// pose makes a mouth that is shut and one that is open; the rest of the face stays where it is.
func (s *speaker) pose(t *testing.T) {
	t.Helper()
	play, err := perform.New("talking")
	if err != nil {
		t.Fatal(err)
	}
	play.At(0, &s.shut)
	s.open = s.shut
	lip, chin := s.shut.Points[motion.UpperLipInner].Y, s.shut.Points[motion.ChinTip].Y
	for i := range s.open.Points {
		if p := &s.open.Points[i]; p.Y > lip+1e-5 || i == motion.LowerLipInner {
			p.Y += 0.3 * (chin - lip)
		}
	}
	fitter := motion.NewFitter()
	shut, open := fitter.Measure(&s.shut.Points).MouthOpen, fitter.Measure(&s.open.Points).MouthOpen
	if open < shut+0.05 {
		t.Errorf("the mouth opens from %.3f to %.3f", shut, open)
	}
}

// openAt is how far the mouth is open, 0 to 1.
func openAt(since time.Duration) float64 {
	if since < wordsFrom-wordEvery/2 {
		return 0
	}
	word := (since + wordEvery/2) % wordEvery // half of wordEvery: a word begins
	step := func(from time.Duration) float64 {
		return min(max(0.5+(word-from).Seconds()/opening.Seconds(), 0), 1)
	}
	return step(wordEvery/2) - step(wordEvery/2+wordLong)
}

// speak moves the portrait and sounds until ctx ends, each as late as a browser sends it.
func (s *speaker) speak(ctx context.Context, begin time.Time) {
	go say(ctx, s.Session, s.packets, begin)
	var a landmark.Arrival
	for n := 1; ; n++ {
		since := time.Duration(n) * time.Second / 30
		at := begin.Add(since)
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Until(at.Add(trackTime))):
		}
		a.Sample = s.shut
		if share := float32(openAt(since)); share > 0 {
			for i := range a.Sample.Points {
				a.Sample.Points[i].Y += share * (s.open.Points[i].Y - s.shut.Points[i].Y)
			}
		}
		a.Sample.Seq, a.Sample.CaptureMicros = uint32(n), uint64(at.UnixMicro())
		a.Received, a.Captured = time.Now(), at
		s.Mailbox().Put(&a)
	}
}
