package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/models/persona"
)

// TestPersonaliseFilm makes a persona of a film of the Mona Lisa; one of pictures and film together is refused, and nothing is left.
func TestPersonaliseFilm(t *testing.T) {
	testenv.Full(t)
	testenv.Config(t)
	testenv.FFmpeg(t)
	dir := t.TempDir()
	film, out := shortPerformance(t, dir), filepath.Join(dir, "lisa.persona")
	code, _, said := cli(t, "personalise", "--film", film, "-o", out, "--i-may-use-this-picture")
	if code != 0 {
		t.Fatalf("status %d: %s", code, said)
	}
	p, err := persona.Load(out)
	if err != nil || len(p.Others) < 3 || !p.Manifest.Attested || len(p.Sections) != 1 {
		t.Fatalf("%v: %+v, %d others, %d sections", err, p.Manifest, len(p.Others), len(p.Sections))
	}
	if st, err := os.Stat(out); err != nil || st.Size() > 6<<20 {
		t.Error(st.Size(), err)
	}
	none := filepath.Join(dir, "none.persona")
	for args, says := range map[string]string{
		"--film " + film + " " + film: "not both", "": "0 pictures", "--film " + film + " --face 2": "--face", "--film " + dir + "/no.mp4": "not found",
	} {
		code, _, said := cli(t, append([]string{"personalise", "-o", none}, strings.Fields(args)...)...)
		if _, err := os.Stat(none); code == 0 || !strings.Contains(said, says) || err == nil {
			t.Errorf("%q: status %d: %s", args, code, said)
		}
	}
}
