package main

import (
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/driver"
	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/models/face"
)

// faceIn tracks what arrived: it is a face that speaks, in nearly every frame.
func faceIn(t *testing.T, n *face.Networks, path string) {
	t.Helper()
	r, err := driver.Record(t.Context(), n, path, 0)
	if err != nil {
		t.Fatal(err)
	}
	lost, least, most := 0, 1.0, 0.0
	for i := range r.Samples {
		if r.Samples[i].Lost() {
			lost++
			continue
		}
		open := r.Features[i].MouthOpen
		least, most = min(least, open), max(most, open)
	}
	t.Logf("%d frames, %d without a face, mouth from %.3f to %.3f", len(r.Samples), lost, least, most)
	if len(r.Samples) < 60 || lost > len(r.Samples)/20 || most-least < 0.02 {
		t.Errorf("%d of %d frames show no face; the mouth opens from %.3f to %.3f", lost, len(r.Samples), least, most)
	}
}

// TestRecordAlone: a portrait that nobody serves is recorded, and sent by RTMP; the tracker finds it again.
func TestRecordAlone(t *testing.T) {
	testenv.Full(t)
	testenv.Config(t)
	testenv.FFmpeg(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "a.mp4")
	args := []string{"--driver", "sample:talking", "--seconds", "5", "--generator", "mesh"}
	if code, _, said := cli(t, append([]string{"record", path}, args...)...); code != 0 {
		t.Fatal(said)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := fmt.Sprintf("rtmp://%s/live/key", l.Addr())
	_ = l.Close()
	sent := filepath.Join(dir, "b.mkv")
	far := exec.Command("ffmpeg", "-v", "error", "-nostdin", "-listen", "1", "-i", url, "-c", "copy", sent)
	if err := far.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Second)
	code, out, said := cli(t, append([]string{"push", url}, args...)...)
	if code != 0 || !strings.Contains(out, "live") {
		t.Errorf("status %d, %q, %q", code, out, said)
	}
	stop := time.AfterFunc(5*time.Second, func() { _ = far.Process.Kill() })
	_ = far.Wait()
	stop.Stop()
	n := testenv.Networks(t) // only now: the commands open them too
	faceIn(t, n, path)
	faceIn(t, n, sent)
}

// TestRecordRefuses what cannot be, before anything is opened.
func TestRecordRefuses(t *testing.T) {
	dir := t.TempDir()
	for want, args := range map[string][]string{
		".webm":            {filepath.Join(dir, "a.avi"), "--driver", "sample:talking"},
		"there is no":      {filepath.Join(dir, "no", "a.mp4"), "--driver", "sample:talking"},
		"sample:moods":     {filepath.Join(dir, "a.mp4"), "--driver", "sample:opera"},
		"record.dir":       {filepath.Join(dir, "a.mp4"), "--session", "ann"},
		"no server":        {"a.mp4", "--session", "ann", "--server", "http://127.0.0.1:1"},
		"session driver":   {"a.mp4"},
		"--seconds":        {"a.mp4", "--driver", "sample:talking", "--seconds", "-1"},
		"accepts 1 arg(s)": {},
	} {
		if code, _, said := cli(t, append([]string{"record"}, args...)...); code == 0 || !strings.Contains(said, want) {
			t.Errorf("%v: status %d, %q, want %q", args, code, said, want)
		}
	}
}
