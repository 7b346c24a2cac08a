package live

import (
	"context"
	"encoding/json"
	"fmt"
	"image/color"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/perform"
	"github.com/gioconda-live/gioconda/rtc"
	"github.com/gioconda-live/gioconda/rtc/signalling"
)

// gaps notes when frames come.
type gaps struct {
	mu   sync.Mutex
	came []time.Time
}

func (g *gaps) WriteFrame(*frame.Encoded) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.came = append(g.came, time.Now())
	return nil
}

// take returns frames a second and the gaps between them since the last call.
func (g *gaps) take(long time.Duration) (fps float64, between []time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i := 1; i < len(g.came); i++ {
		between = append(between, g.came[i].Sub(g.came[i-1]))
	}
	fps = float64(len(g.came)) / long.Seconds()
	g.came = g.came[:0]
	return fps, between
}

// storm is one browser that drags every slider at once: settings message i.
func storm(i int, images [2]string) string {
	switch i % 4 {
	case 0:
		return fmt.Sprintf(`{"mirror":%v}`, i%8 == 0)
	case 1:
		return fmt.Sprintf(`{"strength":{"mouth":%.2f}}`, 0.5+float64(i%50)/50)
	case 2:
		return fmt.Sprintf(`{"background":{"mode":"image","image":%q}}`, images[i/4%2])
	default:
		return fmt.Sprintf(`{"split":%.2f}`, float64(i%100)/100)
	}
}

// performInto drives a session at the frame rate until ctx ends.
func performInto(ctx context.Context, s *pipeline.Session, play *perform.Performance) {
	var a landmark.Arrival
	tick := time.NewTicker(time.Second / 30)
	defer tick.Stop()
	for i := 1; ; i++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		play.At(time.Duration(i)*time.Second/30, &a.Sample)
		a.Sample.Seq, a.Sample.CaptureMicros, a.Received = uint32(i), uint64(i)*33_333, time.Now()
		s.Mailbox().Put(&a)
	}
}

func p99(d []time.Duration) time.Duration {
	if len(d) == 0 {
		return 0
	}
	slices.Sort(d)
	return d[len(d)*99/100]
}

// BenchmarkNeighbourOfASlider is what one session's frames suffer from another one that sends 50 settings a second: mirror,
// strength, two pictures behind in turn, the divider. Quiet and stormy spells take turns in one process, so
// that a busy machine is as unkind to both. It fails where the frame rate falls by 5 % or the 99th percentile of the gaps
// grows by a frame. An iteration is six pairs of spells.
func BenchmarkNeighbourOfASlider(b *testing.B) {
	for _, generator := range []string{engine.MeshOnly, engine.Small} {
		b.Run(generator, func(b *testing.B) { neighbour(b, generator) })
	}
}

func neighbour(b *testing.B, generator string) {
	b.Helper()
	testenv.Full(b)
	d := openServerOf(b, generator, 512)
	var images [2]string
	for i := range images {
		id, err := d.host.drops.Add(flat(b, color.RGBA{uint8(100 * i), 80, 120, 255}, 1024, 1365))
		if err != nil {
			b.Fatal(err)
		}
		images[i] = id
	}
	play, err := perform.New("talking")
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	defer running.Wait()
	defer stop()
	var both [2]*session
	sink := &gaps{}
	for i := range both {
		o, err := d.host.Open(b.Context(), signalling.OpenOptions{})
		if err != nil {
			b.Fatal(err)
		}
		defer o.Close()
		both[i] = o.(*session)
		out := pipeline.Sink(rtc.DiscardOutput(rtc.CodecVP8))
		if i == 1 {
			out = sink
		}
		if _, err := both[i].session.View(pipeline.Rendition{Codec: pipeline.VP8}, out); err != nil {
			b.Fatal(err)
		}
		running.Go(func() { performInto(ctx, both[i].session, play) })
	}
	var spells [2]spell
	time.Sleep(time.Second)
	for range pairs * b.N {
		for kind := range spells {
			sink.take(time.Second)
			begin, cpu := time.Now(), cpuTime(b)
			for i := 0; time.Since(begin) < spellFor; i++ {
				if kind == 1 {
					if _, err := both[0].Control(b.Context(), "settings", json.RawMessage(storm(i, images))); err != nil {
						b.Fatal(err)
					}
				}
				time.Sleep(time.Until(begin.Add(time.Duration(i+1) * 20 * time.Millisecond)))
			}
			took := time.Since(begin)
			fps, gaps := sink.take(took)
			spells[kind].fps = append(spells[kind].fps, fps)
			spells[kind].gaps = append(spells[kind].gaps, gaps...)
			spells[kind].cores += (cpuTime(b) - cpu).Seconds() / took.Seconds() / float64(pairs*b.N)
		}
	}
	judge(b, &spells[0], &spells[1])
}

const pairs = 6

// spellFor is long enough for a hundred frames, and short enough that the machine is much the same in the next.
const spellFor = 4 * time.Second

// spell is all that was seen of one kind.
type spell struct {
	fps   []float64 // of each
	gaps  []time.Duration
	cores float64 // that the process kept busy
}

// judge compares pair by pair and takes the median of the pairs.
func judge(b *testing.B, quiet, stormy *spell) {
	b.Helper()
	var falls []float64
	for i, fps := range quiet.fps {
		falls = append(falls, 100*(1-stormy.fps[i]/fps))
	}
	slices.Sort(falls)
	fall, before, after := falls[len(falls)/2], p99(quiet.gaps), p99(stormy.gaps)
	b.ReportMetric(quiet.fps[len(falls)/2], "fps-quiet")
	b.ReportMetric(stormy.fps[len(falls)/2], "fps-stormy")
	b.ReportMetric(fall, "fall-%")
	b.ReportMetric(before.Seconds()*1000, "p99-quiet-ms")
	b.ReportMetric(after.Seconds()*1000, "p99-stormy-ms")
	b.ReportMetric(quiet.cores, "cores-quiet")
	b.ReportMetric(stormy.cores, "cores-stormy")
	if fall >= 5 || after-before >= time.Second/30 {
		b.Errorf("the other session's frame rate fell by %.1f %% (of %.1f a second), p99 of its gaps went from %v to %v; %.2f and %.2f cores busy",
			fall, quiet.fps, before, after, quiet.cores, stormy.cores)
	}
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
