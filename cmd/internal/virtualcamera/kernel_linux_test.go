//go:build linux && (amd64 || arm64 || arm || 386 || riscv64 || loong64)

package virtualcamera

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestList: what the kernel lists as virtual, and nothing else.
func TestList(t *testing.T) {
	sys := t.TempDir()
	for path, name := range map[string]string{
		"devices/virtual/video4linux/video10": "Gioconda\n",
		"devices/pci0/video4linux/video0":     "A webcam\n",
	} {
		dir := filepath.Join(sys, path)
		if err := os.MkdirAll(dir, 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "name"), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := list(sys); !slices.Equal(got, []Found{{"/dev/video10", "Gioconda"}}) {
		t.Errorf("%v", got)
	}
}
