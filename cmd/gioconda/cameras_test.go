package main

import (
	"io"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/gioconda-live/gioconda/cmd/internal/live"
)

// TestWordsBehindCameraFlags: each of the flags takes the word behind it, in any order, and nobody else's.
func TestWordsBehindCameraFlags(t *testing.T) {
	for line, want := range map[string]string{
		"":                                    " ",
		"--camera":                            "any ",
		"--camera video2":                     "video2 ",
		"--camera --microphone":               "any any",
		"--camera video2 --microphone":        "video2 any",
		"--camera --microphone alsa:PCH,0":    "any alsa:PCH,0",
		"--microphone --camera video2":        "video2 any",
		"--microphone tone --camera":          "any tone",
		"--microphone=none --camera video2":   "video2 none",
		"--camera=video1 --microphone tone":   "video1 tone",
		"--camera video2 --microphone tone":   "video2 tone",
		"--microphone tone --camera video2":   "video2 tone",
		"video2":                              "refused",
		"video2 --camera":                     "refused",
		"--camera video2 video3":              "refused",
		"--camera=video1 video2":              "refused",
		"--camera a --microphone b c":         "refused",
		"--camera --microphone tone --camera": "any tone",
	} {
		var c live.Cameras
		var words []*optional
		cmd := &cobra.Command{
			Use: "serve", SilenceErrors: true, SilenceUsage: true,
			Args: func(cmd *cobra.Command, args []string) error { return takeWords(cmd, args, words...) },
			RunE: func(*cobra.Command, []string) error { return nil },
		}
		cmd.SetOut(io.Discard)
		words = addCameraFlags(cmd, &c)
		cmd.SetArgs(strings.Fields(line))
		got := "refused"
		if err := cmd.Execute(); err == nil {
			got = c.Driver + " " + c.Microphone
		}
		if got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}
