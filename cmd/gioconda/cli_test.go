package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/configs"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/clip"
)

// cli runs the program in this process.
func cli(t *testing.T, args ...string) (code int, out, said string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(context.Background(), args, streams{in: strings.NewReader(""), out: &o, err: &e})
	return code, o.String(), e.String()
}

func greyPNG(t *testing.T, path string, edge int) string {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, edge, edge))
	for i := range img.Pix {
		img.Pix[i] = 128
	}
	img.SetRGBA(3, 3, color.RGBA{200, 10, 10, 255})
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return testenv.Write(t, path, b.Bytes())
}

func TestHelpOfEveryCommand(t *testing.T) {
	for _, c := range []string{"serve", "personalise", "render", "bench", "doctor", "models", "fidelity", "config", "push", "record", "cameras"} {
		code, out, _ := cli(t, c, "--help")
		if code != 0 || !strings.Contains(out, "Usage:") || len(out) < 200 {
			t.Errorf("%s --help: status %d\n%s", c, code, out)
		}
	}
	if code, out, _ := cli(t, "--version"); code != 0 || !strings.Contains(out, version) {
		t.Errorf("--version: %d %q", code, out)
	}
}

func TestConfigCommandPrintsWhatConfigReads(t *testing.T) {
	_, out, _ := cli(t, "config")
	path := testenv.Write(t, filepath.Join(t.TempDir(), "c.yaml"), []byte(out))
	if code, _, said := cli(t, "--config", path, "models", "list"); code != 0 {
		t.Errorf("status %d: %s", code, said)
	}
}

// TestBadInput: one sentence that says what is wrong, a status that is not 0, nothing half-written.
func TestBadInput(t *testing.T) {
	testenv.Full(t)
	testenv.Config(t)
	testenv.FFmpeg(t)
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	text := testenv.Write(t, in("text.jpg"), []byte("this is no picture"))
	empty := testenv.Write(t, in("empty.png"), nil)
	truncated := testenv.Write(t, in("cut.png"), configs.MonaLisa().Picture[:20000])
	grey := greyPNG(t, in("grey.png"), 400)
	bomb := testenv.Write(t, in("bomb.png"), headerBomb())
	broken := testenv.Write(t, in("broken.persona"), []byte("GIOCPRSN and nothing else"))
	mona := writeMona(t, dir)
	faceless := filmOfGrey(t, in("faceless.mp4"))
	yaml := testenv.Write(t, in("bad.yaml"), []byte("pipeline: {sise: 1}"))
	out := in("out.mp4")
	for _, tc := range []struct {
		name string
		args []string
		want string
	}{
		{"unknown command", []string{"paint"}, "unknown command"},
		{"unknown flag", []string{"serve", "--colour"}, "--colour"},
		{"bad configuration", []string{"--config", yaml, "doctor"}, "sise"},
		{"no configuration", []string{"--config", in("none.yaml"), "doctor"}, "none.yaml"},
		{"bad level", []string{"--log-level", "loud", "config"}, "loud"},
		{"text", []string{"personalise", text, "-o", in("x.persona")}, "picture"},
		{"empty", []string{"personalise", empty, "-o", in("x.persona")}, "empty"},
		{"truncated", []string{"personalise", truncated, "-o", in("x.persona")}, ""},
		{"no face", []string{"personalise", grey, "-o", in("x.persona")}, "face"},
		{"bomb", []string{"personalise", bomb, "-o", in("x.persona")}, "pixels"},
		{"missing", []string{"personalise", in("none.jpg"), "-o", in("x.persona")}, "none.jpg"},
		{"folder", []string{"personalise", dir, "-o", in("x.persona")}, "folder"},
		{"no such folder to save in", []string{"personalise", mona, "-o", in("no/where.persona")}, "there is no folder"},
		{"broken persona", []string{"render", "--persona", broken, "--driver", "sample:talking", "-o", out}, ""},
		{"clip without face", []string{"render", "--driver", faceless, "-o", out}, "no face"},
		{"clip is text", []string{"render", "--driver", text, "-o", out}, "no video"},
		{"clip missing", []string{"render", "--driver", in("none.mp4"), "-o", out}, "none.mp4"},
		{"unknown performance", []string{"render", "--driver", "sample:opera", "-o", out}, "talking"},
		{"unknown ending", []string{"render", "--driver", "sample:talking", "-o", in("out.txt")}, ".mp4"},
		{"odd size", []string{"render", "--driver", "sample:talking", "--size", "333", "-o", out}, "333"},
		{"bad motion", []string{"render", "--driver", "sample:talking", "--motion", "fast", "-o", out}, "relative"},
		{"bad background", []string{"render", "--driver", "sample:talking", "--background", "#12", "-o", out}, "#rrggbb"},
		{"background missing", []string{"render", "--driver", "sample:talking", "--background", in("none.jpg"), "-o", out}, "none.jpg"},
		{"bad strength", []string{"render", "--driver", "sample:talking", "--strength", "nose=1", "-o", out}, "brows"},
		{"neutral frame beyond", []string{"render", "--driver", faceless, "--neutral-frame", "9999", "-o", out}, "frames, counted"},
		{"out in no folder", []string{"render", "--driver", "sample:talking", "-o", in("no/out.mp4")}, "there is no folder"},
		{"out is a folder", []string{"personalise", mona, "-o", dir}, "is a folder"},
		{"out is the clip", []string{"render", "--driver", faceless, "-o", faceless}, "overwrite"},
		{"out is the picture", []string{"personalise", mona, "-o", mona}, "overwrite"},
		{"stats in no folder", []string{"render", "--driver", "sample:talking", "-o", out, "--stats", in("no/s.json")}, "there is no folder"},
		{"portrait and persona", []string{"render", "--portrait", mona, "--persona", broken, "--driver", "sample:talking", "-o", out}, "either"},
		{"no driver", []string{"render", "-o", out}, "sample:moods"},
		{"no output", []string{"render", "--driver", "sample:talking"}, "-o out.mp4"},
		{"neutral frame before", []string{"render", "--driver", faceless, "--neutral-frame", "-5", "-o", out}, "counted from 0"},
		{"no picture named", []string{"personalise"}, "give one"},
		{"unknown codec", []string{"bench", "--codec", "av1"}, "vp8"},
		{"misspelt command below", []string{"models", "verfy"}, "verfy"},
		{"impossible port", []string{"serve", "--listen", "127.0.0.1:99999"}, "host:port"},
		{"too many sessions", []string{"bench", "--sessions", "100000"}, "--sessions"},
		{"port taken", []string{"serve", "--listen", takePort(t)}, "taken"},
		{"no clip as a camera", []string{"serve", "--listen", "127.0.0.1:0", "--camera", "file:" + in("none.mp4")}, "was not found"},
		{"a word without a camera", []string{"serve", "video0"}, "unknown command"},
		{"a microphone without a camera", []string{"serve", "--listen", "127.0.0.1:0", "--microphone"}, "add --camera"},
		{"no such microphone", []string{"serve", "--listen", "127.0.0.1:0", "--camera", "--microphone", "opera"}, "no microphone"},
		{"a bad session", []string{"serve", "--listen", "127.0.0.1:0", "--camera=any", "--camera-session", "A b"}, "letters a to z"},
		{"no virtual camera", []string{"serve", "--listen", "127.0.0.1:0", "--virtual-camera", "/dev/video987"}, "modprobe v4l2loopback exclusive_caps=1"},
		{"unknown persona", []string{"serve", "--listen", "127.0.0.1:0", "--persona", "nobody"}, "nobody"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			code, _, said := cli(t, tc.args...)
			if code == 0 {
				t.Fatalf("status 0; said %q", said)
			}
			if !strings.Contains(said, tc.want) || strings.Contains(said, "panic") || strings.Contains(said, "goroutine") {
				t.Errorf("said %q, want something with %q", said, tc.want)
			}
			for _, f := range []string{out, in("x.persona")} {
				if _, err := os.Stat(f); !errors.Is(err, os.ErrNotExist) {
					t.Errorf("%s was written", f)
				}
			}
		})
	}
	if b, err := os.ReadFile(mona); err != nil || !bytes.Equal(b, configs.MonaLisa().Picture) {
		t.Errorf("the picture was touched: %v", err)
	}
	left, _ := filepath.Glob(in(".*"))
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func writeMona(t *testing.T, dir string) string {
	t.Helper()
	return testenv.Write(t, filepath.Join(dir, "mona.png"), configs.MonaLisa().Picture)
}

// headerBomb is a PNG header that announces 30000 x 30000 pixels.
func headerBomb() []byte {
	b := append([]byte(nil), configs.MonaLisa().Picture[:33]...)
	for i, v := range []byte{0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30} {
		b[16+i] = v
	}
	binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
	return b
}

func takePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l.Addr().String()
}

func filmOfGrey(t *testing.T, path string) string {
	t.Helper()
	out, err := exec.Command("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "color=gray:s=320x240:d=0.5", path).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return path
}

func TestMissingLibraryAndNetworks(t *testing.T) {
	testenv.Full(t)
	for key, want := range map[string]string{
		"GIOCONDA_MODELS_DIR":     "models build",
		"GIOCONDA_MODELS_LIBRARY": "ONNX Runtime",
	} {
		t.Run(key, func(t *testing.T) {
			testenv.Config(t)
			t.Setenv(key, filepath.Join(t.TempDir(), "nowhere"))
			code, _, said := cli(t, "bench", "--seconds", "1")
			if code == 0 || !strings.Contains(said, want) {
				t.Errorf("status %d, said %q, want %q", code, said, want)
			}
		})
	}
}

func TestPersonaliseThenRender(t *testing.T) {
	testenv.Full(t)
	testenv.Config(t)
	testenv.FFmpeg(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "mona.persona")
	code, _, said := cli(t, "personalise", writeMona(t, dir), "-o", file, "--name", "Mona", "--i-may-use-this-picture")
	if code != 0 {
		t.Fatalf("personalise: %s", said)
	}
	p, err := persona.Load(file)
	if err != nil || !p.Manifest.Attested || p.Manifest.Name != "Mona" {
		t.Fatalf("%v %+v", err, p.Manifest)
	}
	driver := shortPerformance(t, dir, "0.5")
	for _, args := range [][]string{
		{"--size", "256"},
		{"--size", "256", "--framing", "full"},
		{"--size", "256", "--side-by-side", "--neutral-frame", "0"},
		{"--size", "256", "--motion", "absolute"},
		{"--size", "256", "--background", "green", "--strength", "head=0.5"},
	} {
		film, stats := filepath.Join(dir, "o.mp4"), filepath.Join(dir, "o.json")
		code, _, said = cli(t, append([]string{"render", "--persona", file, "--driver", driver, "-o", film, "--stats", stats}, args...)...)
		if code != 0 {
			t.Fatalf("render %v: %s", args, said)
		}
		info, err := clip.Probe(context.Background(), film)
		if err != nil || info.Height < 256 {
			t.Errorf("render %v: %+v %v", args, info, err)
		}
		var s struct {
			Frames int `json:"frames"`
		}
		b, _ := os.ReadFile(stats)
		if err := json.Unmarshal(b, &s); err != nil || s.Frames < 10 {
			t.Errorf("render %v: stats %s %v", args, b, err)
		}
	}
}

// shortPerformance films the Mona Lisa talking and cuts the film to some seconds: a driver with a face.
func shortPerformance(t *testing.T, dir, seconds string) string {
	t.Helper()
	long, short := filepath.Join(dir, "long.mp4"), filepath.Join(dir, "short.mp4")
	if code, _, said := cli(t, "render", "--driver", "sample:talking", "--size", "256", "-o", long); code != 0 {
		t.Fatal(said)
	}
	if out, err := exec.Command("ffmpeg", "-v", "error", "-i", long, "-t", seconds, short).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return short
}
