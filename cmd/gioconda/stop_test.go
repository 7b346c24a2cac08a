package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
)

// TestStopped: Ctrl-C in the middle of a film says so and leaves nothing behind.
func TestStopped(t *testing.T) {
	testenv.Full(t)
	testenv.Config(t)
	testenv.FFmpeg(t)
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	time.AfterFunc(3*time.Second, cancel)
	var out, said bytes.Buffer
	code := run(ctx, []string{"render", "--driver", "sample:talking", "--size", "1024", "--generator", "mesh", "-o", filepath.Join(dir, "a.mp4")},
		streams{in: strings.NewReader(""), out: &out, err: &said})
	if code != 130 || !strings.HasSuffix(said.String(), "stopped\n") || strings.Contains(said.String(), "killed") {
		t.Errorf("status %d, said %q", code, said.String())
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
