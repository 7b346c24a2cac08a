package driver

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

func TestLandmarksBesideAClip(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "head__x.mkv")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path+LandmarksSuffix, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if c, err := ReadLandmarks(path); c != nil || err != nil {
		t.Fatalf("a clip by itself: %v, %v", c, err)
	}
	seen := landmark.Sample{Score: 1}
	for i := range seen.Points {
		seen.Points[i] = landmark.Point{X: float32(i) / 1000, Y: 0.25, Z: -float32(i) / 2000}
	}
	b, err := json.Marshal(Landmarks{Frames: [][]float32{numbers(&seen), numbers(&landmark.Sample{Flags: landmark.FlagLost})}})
	if err != nil {
		t.Fatal(err)
	}
	write(string(b))
	c, err := ReadLandmarks(path)
	if err != nil {
		t.Fatal(err)
	}
	var one landmark.Sample
	if c.at(0, &one); one != seen {
		t.Error("landmarks are not those that were written")
	}
	for _, n := range []int{1, 2} {
		if c.at(n, &one); !one.Lost() {
			t.Errorf("frame %d has a face", n)
		}
	}
	for text, want := range map[string]string{
		"nothing":                 "no list of landmarks",
		`{"frames":[null,[1,2]]}`: "frame 1: 2 numbers",
	} {
		write(text)
		if _, err := ReadLandmarks(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
