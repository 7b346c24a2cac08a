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
func Config(tb testing.TB) configs.Config {
	tb.Helper()
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
		tb.Skipf("SKIPPED: the networks are not set up; run `make models`: %v", err)
	}
	return c
}

// Networks opens the networks of Config until the test ends.
func Networks(tb testing.TB) *face.Networks {
	tb.Helper()
	c := Config(tb)
	n, err := face.OpenNetworks(c.Models.Library, c.Models.Dir)
	if err != nil {
		tb.Fatal(err)
	}
	CloseAfter(tb, n)
	return n
}

// Full skips in the short run that the race detector gets: there, whole portraits take minutes.
func Full(tb testing.TB) {
	tb.Helper()
	if testing.Short() {
		tb.Skip("SKIPPED: runs without -short")
	}
}

// Long skips where nobody has asked for tests that take a minute each: GIOCONDA_LONG=1.
func Long(tb testing.TB) {
	tb.Helper()
	Full(tb)
	if os.Getenv("GIOCONDA_LONG") == "" {
		tb.Skip("SKIPPED: runs with GIOCONDA_LONG=1")
	}
}

// FFmpeg skips where it is not installed.
func FFmpeg(tb testing.TB) {
	tb.Helper()
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		tb.Skip("SKIPPED: ffmpeg is not installed")
	}
}

// Write puts b into a file and returns its path.
func Write(tb testing.TB, path string, b []byte) string {
	tb.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

// CloseAfter closes c when the test has ended.
func CloseAfter(tb testing.TB, c io.Closer) {
	tb.Helper()
	tb.Cleanup(func() {
		if err := c.Close(); err != nil {
			tb.Error(err)
		}
	})
}
