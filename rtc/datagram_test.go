package rtc

import (
	"testing"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

// datagram encodes a plausible sample.
func datagram(t testing.TB, seq uint32) []byte {
	t.Helper()
	s := landmark.Sample{Seq: seq, CaptureMicros: uint64(seq) * 33_333, Score: 1, Width: 640, Height: 480}
	for i := range s.Points {
		s.Points[i] = landmark.Point{X: 0.4 + float32(i%20)/100, Y: 0.3 + float32(i/20)/100, Z: float32(i%7) / 100}
	}
	b := make([]byte, landmark.MaxWireSize)
	n, err := landmark.NewCodec().Encode(b, &s)
	if err != nil {
		t.Fatal(err)
	}
	return b[:n]
}
