package rtc

import (
	"bytes"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/latest"
	"github.com/gioconda-live/gioconda/rtc/rtctest"
)

// still is watched, and shows nothing of its own accord.
type still struct{ out chan *Output }

func (s still) View(out *Output) (Viewer, error) { s.out <- out; return s, nil }
func (still) Keyframe()                          {}
func (still) SetBitrate(int)                     {}
func (still) Leave()                             {}

// BenchmarkWriteFrame sends frames of 6 kB through Pion to a UDP socket: what a frame costs from the encoder to
// the network, and what Pion allocates for its packets (the other end's share of a loopback included).
func BenchmarkWriteFrame(b *testing.B) {
	s := still{make(chan *Output, 1)}
	onSockets(b, DefaultConfig(), s)
	out := rtctest.Expect(b, s.out)
	f := frame.Encoded{Data: bytes.Repeat([]byte{9}, 6000)}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		f.PTS = time.Duration(i) * time.Second / 30
		if err := out.WriteFrame(&f); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLandmarkReader decodes a sample into the mailbox.
func BenchmarkLandmarkReader(b *testing.B) {
	now := time.Unix(100, 0)
	in := newLandmarkReader(landmark.NewCodec(), latest.New[landmark.Arrival](), &Counters{}, 1000, now)
	data := rtctest.Datagram(b, 0)
	b.ReportAllocs()
	for b.Loop() {
		now = now.Add(time.Second)
		data[4]++
		in.take(data, false, now)
	}
}
