package encode_test

import (
	"context"
	"io"
	"log/slog"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/drive"
	"github.com/gioconda-live/gioconda/pipeline/encode"
	"github.com/gioconda-live/gioconda/pipeline/encode/encodetest"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/retarget"
)

// film is a generator that only copies pictures made before.
type film struct {
	pictures []*frame.I420
	next     int
}

func (f *film) Generate(batch []pipeline.Job) {
	for i := range batch {
		batch[i].Dst.CopyFrom(encodetest.Loop(f.pictures, f.next))
	}
	f.next++
}

type portrait struct{ rest motion.Rest }

func (p *portrait) Rest() *motion.Rest { return &p.rest }
func (p *portrait) Close()             {}

func average() *portrait {
	pose := motion.Rigid{R: motion.Rotation(0, 0, 0), T: motion.Vec3{X: 0.5, Y: 0.42}, Scale: 0.16}
	var pts [landmark.Count]motion.Vec3
	for i, p := range motion.AverageFace() {
		pts[i] = pose.Apply(p)
	}
	return &portrait{retarget.NewRest(&pts)}
}

// counting is a sink that reads what it gets once, as packing does.
type counting struct {
	frames, bytes atomic.Int64
	room          [1 << 17]byte
}

func (c *counting) WriteFrame(f *frame.Encoded) error {
	c.bytes.Add(int64(copy(c.room[:], f.Data)))
	c.frames.Add(1)
	return nil
}

// cpuTime is what the process has used so far, of all cores.
func cpuTime(tb testing.TB) time.Duration {
	tb.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkViewers is what viewers of one rendition cost together, VP8 at 512, at the frame rate as live: CPU time of all
// cores for each picture. An iteration is a picture.
func BenchmarkViewers(b *testing.B) {
	cfg := pipeline.DefaultConfig()
	cfg.FPS = 60
	for _, viewers := range []int{1, 2, 8, 32} {
		b.Run(strconv.Itoa(viewers), func(b *testing.B) {
			gen := &film{pictures: encodetest.Scenes(b, cfg.Size, cfg.Size, 12)}
			loop := pipeline.NewLoop(cfg, gen, encode.New(cfg), slog.New(slog.NewTextHandler(io.Discard, nil)))
			ctx, cancel := context.WithCancel(context.Background())
			var running sync.WaitGroup
			defer running.Wait()
			defer cancel()
			running.Go(func() { loop.Run(ctx) })
			sub := average()
			s, err := loop.Open(sub, drive.New(sub.Rest(), drive.DefaultOptions(), rand.New(rand.NewPCG(1, 2)), nil))
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			var sinks []*counting
			for range viewers {
				sink := &counting{}
				if _, err := s.View(pipeline.Rendition{Codec: pipeline.VP8}, sink); err != nil {
					b.Fatal(err)
				}
				sinks = append(sinks, sink)
			}
			time.Sleep(500 * time.Millisecond) // the first keyframes are over
			before, frames := cpuTime(b), sinks[0].frames.Load()
			b.ReportAllocs()
			b.ResetTimer()
			for sinks[0].frames.Load() < frames+int64(b.N) {
				time.Sleep(10 * time.Millisecond)
			}
			b.StopTimer()
			drawn := sinks[0].frames.Load() - frames
			b.ReportMetric((cpuTime(b)-before).Seconds()*1000/float64(drawn), "cpu-ms/frame")
			c := s.Counts()
			b.ReportMetric(float64(c.Skipped), "skipped")
			b.ReportMetric(float64(c.Slow), "slow")
		})
	}
}
