package signalling

import (
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

func expect[T any](t testing.TB, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(10 * time.Second):
		t.Fatalf("no %T within 10 s", v)
	}
	return v
}

// eventually waits until ok.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("%s: not within 10 s", what)
}

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
