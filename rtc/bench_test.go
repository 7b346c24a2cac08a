package rtc

import (
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/latest"
)

// BenchmarkLandmarkReader decodes a sample into the mailbox.
func BenchmarkLandmarkReader(b *testing.B) {
	now := time.Unix(100, 0)
	in := newLandmarkReader(landmark.NewCodec(), latest.New[landmark.Arrival](), &Counters{}, 1000, now)
	data := datagram(b, 0)
	b.ReportAllocs()
	for b.Loop() {
		now = now.Add(time.Second)
		data[4]++
		in.take(data, false, now)
	}
}
