package encodetest

import (
	"slices"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// Bench reports what the codecs' decision records quote: the time of a frame (p50, p95, most), the rate at 30 frames a
// second, and the size of a keyframe that was asked for.
func Bench(b *testing.B, e Encoder, edge int) {
	b.Helper()
	fs := Scenes(b, edge, edge, 12)
	var out frame.Encoded
	var took []time.Duration
	bytes, keyBytes := 0, 0
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		key := i%150 == 100
		start := time.Now()
		if err := e.Encode(&out, Loop(fs, i), time.Duration(i)*FrameTime, key); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
		bytes += len(out.Data)
		if key {
			keyBytes = len(out.Data)
		}
	}
	slices.Sort(took)
	ms := func(p float64) float64 { return took[int(p*float64(len(took)-1))].Seconds() * 1000 }
	b.ReportMetric(ms(0.5), "p50-ms")
	b.ReportMetric(ms(0.95), "p95-ms")
	b.ReportMetric(ms(1), "max-ms")
	b.ReportMetric(float64(bytes)*8*30/float64(b.N)/1000, "kbit/s")
	b.ReportMetric(float64(keyBytes), "key-bytes")
}
