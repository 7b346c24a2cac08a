package live

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/cmd/internal/exits/matroska"
	"github.com/gioconda-live/gioconda/cmd/internal/microphone"
	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/models/face"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/rtc/rtctest"
)

// player is a WHEP player of the camera's session that hears it too.
func player(t *testing.T, d *Server) *rtctest.Browser {
	t.Helper()
	b := rtctest.NewBrowser(t, nil, false, true)
	b.Listen()
	r := httptest.NewRequest(http.MethodPost, "http://localhost/whep/camera?sync=1", strings.NewReader(b.WholeOffer()))
	r.Header.Set("Content-Type", "application/sdp")
	w := httptest.NewRecorder()
	d.web.Handler().ServeHTTP(w, r)
	if w.Code != http.StatusCreated {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	b.Answer(w.Body.String())
	return b
}

// startCamerasOf runs the cameras until the test ends.
func startCamerasOf(t *testing.T, d *Server) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	if err := d.startCameras(ctx, &running); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(); running.Wait() })
}

// ffmpegOut is what ffmpeg makes of a film.
func ffmpegOut(t *testing.T, path string, args ...string) []byte {
	t.Helper()
	cmd := exec.Command("ffmpeg", append([]string{"-v", "error", "-nostdin", "-i", path}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// stepsPerSecond is the rate of the signals that are compared.
const stepsPerSecond = 200

// loudness is how loud a film is, in time.
func loudness(t *testing.T, path string) (all []float64) {
	t.Helper()
	pcm := ffmpegOut(t, path, "-map", "0:a", "-af", "aresample=async=1:first_pts=0", "-ar", "48000", "-ac", "1", "-f", "s16le", "-")
	const step = 48_000 / stepsPerSecond
	for len(pcm) >= 2*step {
		sum := 1.0
		for i := range step {
			v := float64(int16(binary.LittleEndian.Uint16(pcm[2*i:])))
			sum += v * v
		}
		all = append(all, math.Log(sum/step+1000))
		pcm = pcm[2*step:]
	}
	return all
}

// mouths is how far the mouth of the face in a film is open, in time.
func mouths(t *testing.T, n *face.Networks, path string) (all []float64) {
	t.Helper()
	tracker, err := n.Tracker()
	if err != nil {
		t.Fatal(err)
	}
	testenv.CloseAfter(t, tracker)
	const edge, rate = 256, 30
	raw := bytes.NewReader(ffmpegOut(t, path, "-map", "0:v", "-vf", "fps=30:start_time=0,scale=256:256:force_original_aspect_ratio=decrease,pad=256:256:-1:-1",
		"-pix_fmt", "rgba", "-f", "rawvideo", "-"))
	img, fitter := image.NewRGBA(image.Rect(0, 0, edge, edge)), motion.NewFitter()
	var s landmark.Sample
	var at []float64
	for {
		if _, err := io.ReadFull(raw, img.Pix); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if err := tracker.Track(face.FromRGBA(img), &s); err != nil {
			t.Fatal(err)
		}
		open := math.NaN()
		if !s.Lost() {
			open = fitter.Measure(&s.Points).MouthOpen
		} else if len(at) > 0 {
			open = at[len(at)-1]
		}
		at = append(at, open)
	}
	for i := range (len(at) - 1) * stepsPerSecond / rate { // between pictures
		x := float64(i) * rate / stepsPerSecond
		k := int(x)
		if v := at[k] + (x-float64(k))*(at[k+1]-at[k]); !math.IsNaN(v) {
			all = append(all, v)
		} else {
			all = append(all, 0)
		}
	}
	return all
}

// lag is where in of, in seconds, a part begins, and how alike both are there, at most 1.
func lag(part, of []float64) (seconds, alike float64) {
	alike = -1
	for at := range max(len(of)-len(part), 0) {
		if r := correlation(part, of[at:at+len(part)]); r > alike {
			seconds, alike = float64(at)/stepsPerSecond, r
		}
	}
	return seconds, alike
}

func correlation(a, b []float64) float64 {
	var sa, sb, saa, sbb, sab float64
	n := float64(len(a))
	for i := range a {
		sa, sb = sa+a[i], sb+b[i]
		saa, sbb, sab = saa+a[i]*a[i], sbb+b[i]*b[i], sab+a[i]*b[i]
	}
	return (sab - sa*sb/n) / math.Sqrt(max((saa-sa*sa/n)*(sbb-sb*sb/n), 1e-12))
}

// TestSpeaksThroughACamera: a film before the camera brings its sound; a player elsewhere hears it, and the portrait's mouth, tracked
// in the pixels that came, fits it as the driver's did. People mind sound that is 45 ms early or 125 ms late.
func TestSpeaksThroughACamera(t *testing.T) {
	testenv.Full(t)
	testenv.FFmpeg(t)
	clip := talking(t)
	d := openServerWith(t, engine.MeshOnly, 256, Cameras{Driver: "file:" + clip, Session: "camera"})
	startCamerasOf(t, d)
	deadline := time.Now().Add(time.Minute)
	for {
		n, begun := d.camera.Showing()
		if since := time.Since(begun); n > 0 && since > 200*time.Millisecond && since < 1500*time.Millisecond &&
			d.microphone.Status().State == microphone.Live && d.camera.Status().FPS > 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%+v, %+v", d.camera.Status(), d.microphone.Status())
		}
		time.Sleep(20 * time.Millisecond)
	}
	came := player(t, d).Arrives(12 * time.Second)
	var b bytes.Buffer
	came.Film(t, matroska.NewWriter(&b, matroska.VP8))
	path := filepath.Join(t.TempDir(), "far.mkv")
	testenv.Write(t, path, b.Bytes())
	heard, seen := loudness(t, path), mouths(t, d.o.Networks, path)
	said, moved := loudness(t, clip), mouths(t, d.o.Networks, clip)
	var late, sounds, pictures []float64
	const window = 3 * stepsPerSecond // a film that came late for a moment has gone on later
	for at := stepsPerSecond / 2; at+window <= min(len(heard), len(seen)); at += stepsPerSecond / 2 {
		sound, alike := lag(heard[at:at+window], said)
		sounds = append(sounds, alike)
		picture, alikeToo := lag(seen[at:at+window], moved)
		pictures = append(pictures, alikeToo)
		if alike > 0.8 && alikeToo > 0.7 {
			late = append(late, 1000*(picture-sound))
		}
	}
	for _, list := range [][]float64{late, sounds, pictures} {
		slices.Sort(list)
	}
	if len(sounds) < 10 || sounds[len(sounds)-1] < 0.8 { // of all windows the best; a busy machine spoils some
		t.Fatalf("what is heard is not the film's sound: alike %.2f", sounds)
	}
	if len(late) < 5 {
		t.Skipf("SKIPPED: this machine is too busy to tell: %.0f pictures a second, mouths alike %.2f", d.camera.Status().FPS, pictures)
	}
	median := late[len(late)/2]
	t.Logf("at %.0f pictures/s, %d windows of %d: the sound is %+.0f ms after the mouth (%+.0f to %+.0f); alike: sound %.2f, mouth %.2f", d.camera.Status().FPS,
		len(late), len(sounds), median, late[0], late[len(late)-1], sounds[len(sounds)/2], pictures[len(pictures)/2])
	if median < -45 || median > 125 {
		t.Errorf("the sound comes %.0f ms after the picture", median)
	}
}

// TestToneThroughACamera: a microphone of its own beside the camera is heard by a player, beep by beep.
func TestToneThroughACamera(t *testing.T) {
	testenv.Full(t)
	testenv.FFmpeg(t)
	d := openServerWith(t, engine.MeshOnly, 256, Cameras{Driver: "sample:talking", Session: "camera", Microphone: microphone.Tone})
	startCamerasOf(t, d)
	rtctest.Eventually(t, "it speaks", func() bool {
		info := cameraAPI{d.camera, d.microphone, "camera"}.Info()
		return info.Microphone != nil && info.Microphone.State == "live"
	})
	came := player(t, d).Arrives(6 * time.Second)
	var b bytes.Buffer
	came.Film(t, matroska.NewWriter(&b, matroska.VP8))
	path := filepath.Join(t.TempDir(), "far.mkv")
	testenv.Write(t, path, b.Bytes())
	beeps, on := 0, false
	quiet, loud := math.Inf(1), 0.0
	all := loudness(t, path)
	for _, v := range all {
		quiet, loud = min(quiet, v), max(loud, v)
	}
	for _, v := range all {
		now := v > (quiet+loud)/2
		if now && !on {
			beeps++
		}
		on = now
	}
	if seconds := len(all) / stepsPerSecond; loud-quiet < 3 || beeps < seconds-2 || beeps > seconds+2 {
		t.Errorf("%d beeps in %d s, %.1f to %.1f loud", beeps, seconds, quiet, loud)
	}
}

// TestWhatSpeaks: which microphone goes with which camera.
func TestWhatSpeaks(t *testing.T) {
	testenv.FFmpeg(t)
	dir := t.TempDir()
	mute, loud := filepath.Join(dir, "mute.mkv"), filepath.Join(dir, "loud.mkv")
	for path, sound := range map[string][]string{mute: nil, loud: {"-f", "lavfi", "-i", "sine=d=1"}} {
		args := append([]string{"-v", "error", "-f", "lavfi", "-i", "color=d=1"}, sound...)
		if out, err := exec.Command("ffmpeg", append(args, path)...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	for _, c := range []struct{ camera, asked, want string }{
		{"any", "", ""},
		{"any", "any", "any"},
		{"any", "none", ""},
		{"any", "tone", "tone"},
		{"any", "file:" + loud, "file:" + loud},
		{"file:" + loud, "", "file:" + loud},
		{"file:" + loud, "any", "file:" + loud},
		{"file:" + loud, "none", ""},
		{"file:" + loud, "tone", "tone"},
		{"file:" + mute, "", ""},
		{"file:" + mute, "any", ""},
		{"", "any", "add --camera"},
		{"any", "opera", "no microphone"},
	} {
		d := &Server{o: &Options{Cameras: Cameras{Driver: c.camera, Microphone: c.asked}}}
		err := d.openMicrophone(t.Context())
		got := ""
		if err != nil {
			got = err.Error()
		} else if d.microphone != nil {
			got = d.microphone.Status().ID
		}
		if got != c.want && (err == nil || !strings.Contains(got, c.want)) {
			t.Errorf("camera %q, microphone %q: %q, want %q", c.camera, c.asked, got, c.want)
		}
	}
}
