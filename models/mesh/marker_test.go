package mesh

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gioconda-live/gioconda/models/mesh/meshtest"
)

func TestMarkerComesBack(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	for _, size := range []int{80, 256, 300, 512, 1024} {
		f := meshtest.Frame(t, size)
		for code := range 400 {
			for i := range f.Y {
				f.Y[i] = byte(rng.IntN(256))
			}
			want := uint16(code * 163)
			DrawMarker(f, want)
			for i := range f.Y { // what compression may do
				f.Y[i] = byte(min(max(int(f.Y[i])+rng.IntN(81)-40, 0), 255))
			}
			if got, ok := ReadMarker(f); !ok || got != want {
				t.Fatalf("size %d: read %04x (%v), drew %04x", size, got, ok, want)
			}
			if size > 256 && code > 20 {
				break
			}
		}
	}
}

// TestMarkerLayout pins the cells that the browser client draws too.
func TestMarkerLayout(t *testing.T) {
	got := ""
	var gotSb36 strings.Builder
	for _, white := range markerCells(0xbeef) { // b^e^e^f = 4, so the checksum is 0100
		if white {
			gotSb36.WriteString("1")
		} else {
			gotSb36.WriteString("0")
		}
	}
	got += gotSb36.String()
	if want := "1" + "1011" + "0" + "111011" + "101111" + "0" + "0100" + "1"; got != want {
		t.Errorf("cells of 0xbeef are %s, want %s", got, want)
	}
}

func TestNoMarkerNoCode(t *testing.T) {
	f := meshtest.Frame(t, 256)
	if _, ok := ReadMarker(f); ok {
		t.Error("a black picture holds no marker")
	}
	fill(f.Y, 235)
	if _, ok := ReadMarker(f); ok {
		t.Error("a white picture holds no marker")
	}
}
