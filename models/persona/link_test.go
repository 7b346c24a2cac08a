package persona

import (
	"os"
	"path/filepath"
	"testing"
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
