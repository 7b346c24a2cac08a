package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/pipeline/clip"
)

// TestTornDriver: a clip that breaks off gives the film as far as it goes, a sentence, and status 3.
func TestTornDriver(t *testing.T) {
	testenv.Full(t)
	testenv.Config(t)
	testenv.FFmpeg(t)
	dir := t.TempDir()
	whole, cut, film := filepath.Join(dir, "whole.mp4"), filepath.Join(dir, "cut.mp4"), filepath.Join(dir, "o.mp4")
	if code, _, said := cli(t, "render", "--driver", "sample:talking", "--size", "256", "-o", whole); code != 0 {
		t.Fatal(said)
	}
	data, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	testenv.Write(t, cut, data[:len(data)/4])
	code, _, said := cli(t, "render", "--driver", cut, "--size", "256", "-o", film)
	info, err := clip.Probe(context.Background(), film)
	if code != 3 || err != nil || info.Frames < 10 || !strings.Contains(said, "breaks off after") {
		t.Errorf("status %d, %d frames, %v, said %q", code, info.Frames, err, said)
	}
}

// TestPictureDrives: a picture holds its face for some seconds; one without a face is refused with the reason.
func TestPictureDrives(t *testing.T) {
	testenv.Full(t)
	testenv.Config(t)
	testenv.FFmpeg(t)
	dir := t.TempDir()
	film := filepath.Join(dir, "o.mp4")
	code, _, said := cli(t, "render", "--driver", writeMona(t, dir), "--size", "256", "--side-by-side", "-o", film)
	info, err := clip.Probe(context.Background(), film)
	if code != 0 || err != nil || info.Frames != 90 || info.Width != 512 || !strings.Contains(said, "picture") {
		t.Errorf("status %d, %+v, %v, said %q", code, info, err, said)
	}
	dark := filepath.Join(dir, "dark.mp4")
	if out, err := exec.Command("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "color=black:s=320x240:d=0.5", dark).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	code, _, said = cli(t, "render", "--driver", dark, "--size", "256", "-o", filepath.Join(dir, "d.mp4"))
	if code != 1 || !strings.Contains(said, "too dark") || !strings.Contains(said, "light") {
		t.Errorf("a dark clip: status %d, said %q", code, said)
	}
}

// TestFaceFlag: a number is checked before work begins, and against the picture.
func TestFaceFlag(t *testing.T) {
	testenv.Full(t)
	testenv.Config(t)
	dir := t.TempDir()
	mona, out := writeMona(t, dir), filepath.Join(dir, "o.mp4")
	for want, args := range map[string][]string{
		"no face number 2":       {"personalise", mona, "--face", "2", "-o", filepath.Join(dir, "x.persona")},
		"counted from the left":  {"personalise", mona, "--face=-1", "-o", filepath.Join(dir, "x.persona")},
		"from 1":                 {"render", "--portrait", mona, "--face=-3", "--driver", "sample:talking", "-o", out},
		"a persona has its face": {"render", "--face", "1", "--driver", "sample:talking", "-o", out},
		"it shows one face":      {"render", "--portrait", mona, "--face", "3", "--driver", "sample:talking", "-o", out},
	} {
		if code, _, said := cli(t, args...); code != 1 || !strings.Contains(said, want) {
			t.Errorf("%v: status %d, said %q", args, code, said)
		}
	}
}
