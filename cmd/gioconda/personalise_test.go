package main

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/configs"
	"github.com/gioconda-live/gioconda/models/persona"
)

// TestPersonaliseFilm makes a persona of a film of the Mona Lisa; one of pictures and film together is refused, and nothing is left.
func TestPersonaliseFilm(t *testing.T) {
	testenv.Full(t)
	testenv.Config(t)
	testenv.FFmpeg(t)
	dir := t.TempDir()
	film, out := shortPerformance(t, dir, "0.5"), filepath.Join(dir, "lisa.persona")
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
	addTo(t, out, p)
	none := filepath.Join(dir, "none.persona")
	for args, says := range map[string]string{
		"--film " + film + " " + film: "not both", "": "0 pictures", "--film " + film + " --face 2": "--face", "--film " + dir + "/no.mp4": "not found",
		"--add " + dir + "/no.persona " + film: "not found", "--add " + out: "0 pictures", "--add " + out + " --face 2 " + film: "--face",
	} {
		code, _, said := cli(t, append([]string{"personalise", "-o", none}, strings.Fields(args)...)...)
		if _, err := os.Stat(none); code == 0 || !strings.Contains(said, says) || err == nil {
			t.Errorf("%q: status %d: %s", args, code, said)
		}
	}
}

// addTo adds the picture that the film was made from to a persona, whose face stays and which nobody attests to any more; of a picture
// that shows nobody nothing comes, and the file stays as it was.
func addTo(t *testing.T, path string, p *persona.Persona) {
	t.Helper()
	dir := t.TempDir()
	lisa := testenv.Write(t, filepath.Join(dir, "lisa.png"), configs.MonaLisa().Picture)
	more := filepath.Join(dir, "more.persona")
	code, _, said := cli(t, "personalise", "--add", path, lisa, "-o", more)
	q, err := persona.Load(more)
	if code != 0 || err != nil {
		t.Fatalf("status %d, %v: %s", code, err, said)
	}
	if len(q.Others) != min(len(p.Others)+1, persona.MaxViews-1) || !bytes.Equal(q.Crop.Pix, p.Crop.Pix) || q.Manifest.Name != p.Manifest.Name || q.Manifest.Attested || len(q.Sections) != 1 {
		t.Errorf("%d others, were %d; %+v", len(q.Others), len(p.Others), q.Manifest)
	}
	before, err := os.ReadFile(more)
	if err != nil {
		t.Fatal(err)
	}
	nobody := testenv.Write(t, filepath.Join(dir, "nobody.png"), blank(t))
	code, _, said = cli(t, "personalise", "--add", more, nobody)
	after, err := os.ReadFile(more)
	if code == 0 || err != nil || !bytes.Equal(before, after) || !strings.Contains(said, "no face") {
		t.Errorf("a picture of nobody: status %d, %v: %s", code, err, said)
	}
}

// blank is a picture file that shows nothing.
func blank(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 200, 200))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
