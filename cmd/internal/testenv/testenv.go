// Package testenv tells tests what this machine has, and skips loudly those that need more.
package testenv

import (
	"io"
	"os"
	"os/exec"
	"testing"

	"github.com/gioconda-live/gioconda/configs"
	"github.com/gioconda-live/gioconda/models/face"
	"github.com/gioconda-live/gioconda/models/weights"
)

// Config is the default configuration; the test is skipped where the networks or their library were not set up.
func Config(t testing.TB) configs.Config {
	t.Helper()
	c, err := configs.Load("", os.LookupEnv)
	var here string
	if err == nil {
		here, err = os.Getwd()
	}
	if err == nil {
		err = c.Locate(here)
	}
	if err == nil {
		err = weights.Verify(c.Models.Dir)
	}
	if err == nil {
		_, err = os.Stat(c.Models.Library)
	}
	if err != nil {
		t.Skipf("SKIPPED: the networks are not set up; run `make models`: %v", err)
	}
	return c
}

// Networks opens the networks of Config until the test ends.
func Networks(t testing.TB) *face.Networks {
	t.Helper()
	c := Config(t)
	n, err := face.OpenNetworks(c.Models.Library, c.Models.Dir)
	if err != nil {
		t.Fatal(err)
	}
	CloseAfter(t, n)
	return n
}

// Full skips in the short run that the race detector gets: there, whole portraits take minutes.
func Full(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("SKIPPED: runs without -short")
	}
}

// FFmpeg skips where it is not installed.
func FFmpeg(t testing.TB) {
	t.Helper()
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		t.Skip("SKIPPED: ffmpeg is not installed")
	}
}

// Write puts b into a file and returns its path.
func Write(t testing.TB, path string, b []byte) string {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// CloseAfter closes c when the test has ended.
func CloseAfter(t testing.TB, c io.Closer) {
	t.Helper()
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
}
