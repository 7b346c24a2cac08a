package engine

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/pipeline"
)

// TestGeneratorsAreFound: those inside, those of a folder, and a sentence with the list for a name that nobody has.
func TestGeneratorsAreFound(t *testing.T) {
	c := Catalog{Dir: t.TempDir()}
	other := filepath.Join(c.Dir, "other")
	inside, err := fs.Sub(portrait.Shipped(), Small)
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{other, filepath.Join(c.Dir, Small)} {
		if err := os.CopyFS(dir, inside); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(c.Dir, "no generator"), 0o750); err != nil {
		t.Fatal(err)
	}
	for name, from := range map[string]string{
		"other": other, Small: filepath.Join(c.Dir, Small), other: other,
	} {
		if s, err := c.Find(name); err != nil || s.From != from {
			t.Errorf("%s is found in %q: %v", name, s.From, err)
		}
	}
	if s, err := c.Find("nobody"); err == nil || !strings.Contains(err.Error(), "mesh, gioconda-l, gioconda-s") || !strings.Contains(err.Error(), "other") {
		t.Errorf("%+v, %v", s, err)
	}
	c.Dir = filepath.Join(c.Dir, "none")
	if s, err := c.Find(Small); err != nil || s.From != "built in" {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestLayerSaysWhatFits(t *testing.T) {
	ms := time.Millisecond
	l := &Engine{Name: MeshOnly, Speed: Speed{512, 30, 5 * ms, 8 * ms, 4 * ms}, Capacity: pipeline.NewCapacity(30, 2, 0)}
	both, plain := l.Costs()
	if both.Loop != 13*ms || both.Cores != 17*ms || plain.Loop != 5*ms || plain.Cores != 9*ms {
		t.Errorf("costs %v and %v", both, plain)
	}
	if got := l.String(); !strings.Contains(got, "alone: 5.0 ms") || !strings.Contains(got, "room for 5 sessions at 30 fps") {
		t.Error(got)
	}
	l.Name = Small
	for learned, says := range map[time.Duration]string{19 * ms: "", 21 * ms: "26.0 ms a frame, more than the 25.0 ms that 30 fps"} {
		l.Speed.Learned = learned
		if got := l.tooSlow(); (got == "") != (says == "") || !strings.Contains(got, says) {
			t.Errorf("%v: %q", learned, got)
		}
	}
	l.Speed.Learned, l.Speed.Encode = 10*ms, 40*ms
	if got := l.tooSlow(); !strings.Contains(got, "encoding would take 55.0 ms") {
		t.Error(got)
	}
	l.Named, l.Speed.Learned = true, time.Second
	if both, _ = l.Costs(); l.Capacity.Fits(both) != 1 {
		t.Errorf("a generator that was asked for by name, too slow as it is, fits %d times", l.Capacity.Fits(both))
	}
}

func TestMemoryOfAProcess(t *testing.T) {
	table := "12, 300\n4711, 1234\n"
	if got := memoryOf(table, 4711); got != 1234 {
		t.Errorf("%d MiB", got)
	}
	if got := memoryOf(table+"9, [N/A]\n", 9); got != -1 {
		t.Errorf("%d MiB", got)
	}
}
