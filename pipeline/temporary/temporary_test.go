package temporary

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestSweptAfterAKill: what a kill left half written goes with the next one; one that is being written, one that was just
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
	busy, err := New(dir, ".mkv") // takes the killed one with it
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(busy.Name(), old, old); err != nil {
		t.Fatal(err)
	}
	killed2 := write(".gioconda-3.webm", old)
	next, err := New(dir, ".mp4")
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{killed: false, killed2: false, fresh: true, other: true, busy.Name(): true, next.Name(): true} {
		if _, err := os.Stat(path); (err == nil) != want {
			t.Errorf("%s is there: %v, want %v", filepath.Base(path), err == nil, want)
		}
	}
	busy.Remove()
	next.Remove()
}

// TestReplacedAsAWhole: a file has the old contents or the new ones, its mode, and nothing stays beside it.
func TestReplacedAsAWhole(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "tokens")
	for _, data := range []string{"first", "second"} {
		if err := Replace(path, 0o600, []byte(data)); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		if err != nil || string(got) != data {
			t.Errorf("%q %v, want %q", got, err, data)
		}
	}
	if st, err := os.Stat(path); err != nil || st.Mode() != 0o600 {
		t.Errorf("%v %v", st, err)
	}
	if err := os.Mkdir(filepath.Join(dir, "taken"), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := Replace(filepath.Join(dir, "taken"), 0o600, nil); err == nil {
		t.Error("a folder is replaced")
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 2 {
		t.Errorf("%v %v", files, err)
	}
}
