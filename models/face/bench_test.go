package face

import (
	"fmt"
	"testing"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

func BenchmarkCrop(b *testing.B) {
	m := noise(512, 512)
	dst := make([]float32, 3*meshSide*meshSide)
	s := sampler{n: meshSide, edge: true}
	for _, side := range []float32{150, 300, 600} {
		p := ROI{CX: 256, CY: 256, Side: side, Angle: 0.2}.plane()
		b.Run(fmt.Sprint(side), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s.fill(dst, m, p)
			}
		})
	}
}

func BenchmarkTrack(b *testing.B) {
	t := openTracker(b)
	m := readImage(b, monaLisa)
	var s landmark.Sample
	if err := t.Track(m, &s); err != nil || s.Lost() {
		b.Fatal(err, s.Lost())
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := t.Track(m, &s); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDetect(b *testing.B) {
	t := openTracker(b)
	m := readImage(b, monaLisa)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := t.detector.Detect(m); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMatte(b *testing.B) {
	r, dir := open(b)
	matte, err := NewMatte(r, dir)
	if err != nil {
		b.Fatal(err)
	}
	closeAfter(b, matte)
	m := readImage(b, monaLisa)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := matte.Alpha(m); err != nil {
			b.Fatal(err)
		}
	}
}
