package persona

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestLinksAreNotFollowed: what lies outside of the folder is nobody's persona, whatever points at it.
func TestLinksAreNotFollowed(t *testing.T) {
	dir := t.TempDir()
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("root:x:0:0"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, filepath.Join(dir, "link"+Extension)); err != nil {
		t.Skip("this file system has no links:", err)
	}
	if f, err := s.File("link"); err == nil {
		_ = f.Close()
		t.Error("the file behind a link was opened")
	}
	if _, err := s.Get("link"); err == nil {
		t.Error("the file behind a link was read")
	}
	entries, problems := s.List()
	if len(entries) != 0 || len(problems) != 1 {
		t.Errorf("%d personas and %d problems, want 0 and 1", len(entries), len(problems))
	}
}

// TestLeftoversAreSwept: what a save that was cut off has left goes at the next start, what is being saved stays.
func TestLeftoversAreSwept(t *testing.T) {
	dir := t.TempDir()
	old, fresh := filepath.Join(dir, ".saving-1"), filepath.Join(dir, ".saving-2")
	for _, path := range []string{old, fresh} {
		if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	long := time.Now().Add(-2 * cutOffAfter)
	if err := os.Chtimes(old, long, long); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenStore(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(old); !os.IsNotExist(err) {
		t.Error("the leftover is still there")
	}
	if _, err := os.Lstat(fresh); err != nil {
		t.Error("what is being saved is gone:", err)
	}
}

// TestRefusalsTellNoPaths: what a client hears of a save that fails names the persona's file, not where it is kept.
func TestRefusalsTellNoPaths(t *testing.T) {
	s, err := OpenStore(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(s.dir); err != nil {
		t.Fatal(err)
	}
	if _, err = s.Add(tinyPersona("ann")); code(err) != CodeNotSaved || strings.Contains(err.Error(), s.dir) {
		t.Error(err)
	}
}
