package clip

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestSweptAfterAKill: a film that a kill left half written goes with the next one; one that is being written, one that was just
// begun, and what is not ours stay.
func TestSweptAfterAKill(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "fi[l]ms*")
	if err := os.Mkdir(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-time.Hour)
	write := func(name string, at time.Time) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
		return path
	}
	killed, fresh, other := write(".gioconda-1.mp4", old), write(".gioconda-2.mp4", time.Now()), write("gioconda.mp4", old)
	busy, err := newTemporary(dir, ".mkv") // takes the killed one with it
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(busy.name(), old, old); err != nil {
		t.Fatal(err)
	}
	killed2 := write(".gioconda-3.webm", old)
	next, err := newTemporary(dir, ".mp4")
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{killed: false, killed2: false, fresh: true, other: true, busy.name(): true, next.name(): true} {
		if _, err := os.Stat(path); (err == nil) != want {
			t.Errorf("%s is there: %v, want %v", filepath.Base(path), err == nil, want)
		}
	}
	busy.remove()
	next.remove()
}
