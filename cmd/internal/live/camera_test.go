package live

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/jpeg"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/models/face"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/rtc/rtctest"
	"github.com/gioconda-live/gioconda/web"
)

// talking is a clip of somebody who talks, with expression.
func talking(t *testing.T) string {
	t.Helper()
	path := filepath.Join("..", "..", "..", "..", "shared", "clips", "talk-expressive.mp4")
	if _, err := os.Stat(path); err != nil {
		t.Skip("SKIPPED: there is no clip: ", err)
	}
	return path
}

// TestDrivenByACamera: a film before the camera, through mediadevices, moves the portrait that a player decodes, without any
// browser; the pixels are tracked again.
func TestDrivenByACamera(t *testing.T) {
	testenv.Full(t)
	testenv.FFmpeg(t)
	for _, c := range []struct{ name, id string }{{"clip", "file:" + talking(t)}, {"performance", "sample:talking"}} {
		t.Run(c.name, func(t *testing.T) { drivenBy(t, c.id) })
	}
}

func drivenBy(t *testing.T, id string) {
	d := openServerWith(t, engine.MeshOnly, 256, Cameras{Driver: id, Session: "camera"})
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	if err := d.startCameras(ctx, &running); err != nil {
		t.Fatal(err)
	}
	handler := d.web.Handler()
	ask := func(method, target, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, "http://localhost"+target, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/sdp")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w
	}
	rtctest.Eventually(t, "the camera sees a face", func() bool {
		var about web.CameraInfo
		if err := json.Unmarshal(ask(http.MethodGet, "/api/camera", "").Body.Bytes(), &about); err != nil {
			t.Fatal(err)
		}
		return about.Session == "camera" && about.FPS > 0 && (about.State == "live" || about.State == "slow")
	})
	b := rtctest.NewBrowser(t, nil, false, true)
	w := ask(http.MethodPost, "/whep/camera", b.WholeOffer())
	if w.Code != http.StatusCreated {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	b.Answer(w.Body.String())
	opens := 0.0
	for range 4 { // two seconds may fall into a pause of the speech
		pictures, _ := b.Frames(60)
		if opens = max(opens, trackAgain(t, d.o.Networks, pictures)); opens >= 0.05 {
			break
		}
	}
	if opens < 0.05 {
		t.Errorf("the portrait's mouth opens by %.3f: it is not the driver's", opens)
	}
	rtctest.Eventually(t, "the page shows what the camera sees", func() bool {
		w := ask(http.MethodGet, "/api/camera/picture.jpg", "")
		_, err := jpeg.Decode(bytes.NewReader(w.Body.Bytes()))
		return w.Code == http.StatusOK && err == nil
	})
	for target, want := range map[string]string{"/camera": "<h1>The camera</h1>", "/camera.js": "api/camera/picture.jpg"} {
		if w := ask(http.MethodGet, target, ""); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s", target, w.Code, w.Body)
		}
	}
	stop()
	running.Wait()
	if _, ok := d.host.Find("camera"); ok {
		t.Error("the session outlives its camera")
	}
}

// trackAgain follows the face in what a player decoded, and says how far its mouth opens and closes.
func trackAgain(t *testing.T, n *face.Networks, pictures []*frame.I420) float64 {
	t.Helper()
	tracker, err := n.Tracker()
	if err != nil {
		t.Fatal(err)
	}
	testenv.CloseAfter(t, tracker)
	fitter := motion.NewFitter()
	var s landmark.Sample
	least, most, lost := 1.0, -1.0, 0
	for _, p := range pictures {
		img := image.NewRGBA(image.Rect(0, 0, p.Width, p.Height))
		if err := p.ToRGBA(img); err != nil {
			t.Fatal(err)
		}
		if err := tracker.Track(face.FromRGBA(img), &s); err != nil {
			t.Fatal(err)
		}
		if s.Lost() {
			lost++
			continue
		}
		open := fitter.Measure(&s.Points).MouthOpen
		least, most = min(least, open), max(most, open)
	}
	if lost > len(pictures)/10 {
		t.Errorf("no face in %d of %d pictures", lost, len(pictures))
	}
	return most - least
}

// TestAFaultEndsOnePart: a panic in what runs beside the sessions is counted, and ends nothing else.
func TestAFaultEndsOnePart(t *testing.T) {
	d := openServer(t, engine.MeshOnly)
	d.guarded("microphone", func() { panic("a fault") })
	if n := scraped(t, d)[`gioconda_panics_total{where="microphone"}`]; n != 1 {
		t.Errorf("%v faults are counted", n)
	}
}
