package exits

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/exits/matroska"
	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/rtc"
	"github.com/gioconda-live/gioconda/rtc/rtctest"
	"github.com/gioconda-live/gioconda/rtc/whep"
)

// edge is that of the pictures in which a mouth is looked for.
const edge = 96

// offsets finds in a film of a speaker, for each word, how much later than the mouth is half open the sound begins, in milliseconds.
func offsets(t *testing.T, path string) (late []float64) {
	t.Helper()
	f := readFilm(t, path)
	grey := decoded(t, path, "-map", "0:v", "-fps_mode", "passthrough", "-vf", fmt.Sprintf("scale=%d:%d,format=gray", edge, edge), "-f", "rawvideo", "-")
	n := min(len(f.frames), len(grey)/(edge*edge))
	if n == 0 {
		t.Fatal("no pictures")
	}
	words := onsets(t, path, &f)
	shut, open := newMean(), newMean()
	picture := func(i int) []byte { return grey[i*edge*edge : (i+1)*edge*edge] }
	for i, at := range f.frames[:n] { // where there can be no doubt
		for _, word := range words {
			switch d := at - word; {
			case d > 0.2 && d < 0.35:
				open.add(picture(i))
			case d > -0.4 && d < -0.2:
				shut.add(picture(i))
			}
		}
	}
	for _, word := range words {
		before := 0.0
		for i, at := range f.frames[:n] {
			d := at - word
			if d < -0.25 || d > 0.25 {
				continue
			}
			now := open.share(picture(i), shut)
			if now >= 0.5 && before < 0.5 && i > 0 { // between this picture and the one before
				at -= (now - 0.5) / (now - before) * (at - f.frames[i-1])
				late = append(late, 1000*(word-at))
				break
			}
			before = now
		}
	}
	slices.Sort(late)
	return late
}

// onsets are the times at which a sound begins after silence.
func onsets(t *testing.T, path string, f *film) (at []float64) {
	t.Helper()
	pcm, begin := heard(t, path, f)
	quiet := 0
	for i, v := range pcm {
		if v < loud && v > -loud {
			quiet++
			continue
		}
		if quiet > soundRate/4 {
			at = append(at, begin+float64(i)/soundRate)
		}
		quiet = 0
	}
	return at
}

// mean is one of pictures.
type mean struct {
	sum []float64
	n   float64
}

func newMean() *mean { return &mean{sum: make([]float64, edge*edge)} }

func (m *mean) add(picture []byte) {
	m.n++
	for i, v := range picture {
		m.sum[i] += float64(v)
	}
}

// share is how far a picture is on the way from another mean, 0, to m, 1.
func (m *mean) share(picture []byte, other *mean) float64 {
	along, all := 0.0, 0.0
	for i, v := range picture {
		a, b := m.sum[i]/max(m.n, 1), other.sum[i]/max(other.n, 1)
		along += (float64(v) - b) * (a - b)
		all += (a - b) * (a - b)
	}
	return along / all
}

// fits says how far sound and picture of a film are apart, and how far they may be, in milliseconds.
func fits(t *testing.T, path string, early, late float64) {
	t.Helper()
	all := offsets(t, path)
	if len(all) < 5 {
		t.Fatalf("%d words are seen and heard", len(all))
	}
	median := all[len(all)/2]
	t.Logf("%d words: the sound is %+.0f ms after the mouth (%+.0f to %+.0f)", len(all), median, all[0], all[len(all)-1])
	if median < -early || median > late {
		t.Errorf("the sound comes %.0f ms after the picture", median)
	}
}

// spokenFor is how long a speaker speaks in the tests.
const spokenFor = 13 * time.Second

// speaks lets a speaker speak while run runs.
func (s *speaker) speaks(t *testing.T, run func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); s.speak(ctx, time.Now()) }()
	run()
	cancel()
	<-done
}

// saver writes what arrived as a film.
type saver interface {
	film(t *testing.T, path string)
}

// TestMouthFitsItsSound at the far side of WebRTC, and in what ffmpeg gets: a tone sounds whenever the Mona Lisa opens her mouth.
// Fake time leaves out how busy the machine is; what is left is what smoothing her movement takes.
func TestMouthFitsItsSound(t *testing.T) {
	for name, arrive := range map[string]func(*testing.T, *speaker) saver{
		"ffmpeg":             arriveAtFFmpeg,
		"whip":               arriveByWHIP,
		"whep":               func(t *testing.T, s *speaker) saver { return arriveByWHEP(t, s, "") },
		"whep in one stream": func(t *testing.T, s *speaker) saver { return arriveByWHEP(t, s, "?sync=1") },
	} {
		t.Run(name, func(t *testing.T) {
			testenv.Full(t)
			var a saver
			synctest.Test(t, func(t *testing.T) {
				s := newSpeaker(t)
				s.speaks(t, func() { a = arrive(t, s) })
			})
			path := filepath.Join(t.TempDir(), "a.mkv")
			a.film(t, path)
			fits(t, path, 20, 20)
		})
	}
}

// arrived is what came over WebRTC.
type arrived struct{ *rtctest.Arrived }

func (a arrived) film(t *testing.T, path string) {
	t.Helper()
	var b bytes.Buffer
	a.Film(t, matroska.NewWriter(&b, matroska.VP8))
	testenv.Write(t, path, b.Bytes())
}

// virtual is a transport on a virtual network.
func virtual(t *testing.T, n *rtctest.Nets) *rtc.Transport {
	t.Helper()
	cfg := rtc.DefaultConfig()
	cfg.Loopback = false
	transport, err := rtc.NewTransport(cfg, rtc.Options{Net: n.Server})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(transport.Close)
	return transport
}

// muxed is a stream as ffmpeg gets it.
type muxed struct{ bytes.Buffer }

func (m *muxed) film(t *testing.T, path string) {
	t.Helper()
	testenv.Write(t, path, m.Bytes())
}

func arriveAtFFmpeg(t *testing.T, s *speaker) saver {
	t.Helper()
	q, to := newQueue(), &muxed{}
	written := make(chan error, 1)
	go func() {
		m := newMuxer(to, matroska.H264)
		var e queued
		for q.next(&e) {
			if err := m.write(&e); err != nil {
				written <- err
				return
			}
		}
		written <- nil
	}()
	l, err := s.Listen(q)
	if err != nil {
		t.Fatal(err)
	}
	v, err := s.View(pipeline.Rendition{Codec: pipeline.H264, KeyEvery: regularKeys}, q)
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(spokenFor)
	l.Leave()
	v.Leave()
	q.end()
	if err := <-written; err != nil {
		t.Error(err)
	}
	return to
}

func arriveByWHIP(t *testing.T, s *speaker) saver {
	t.Helper()
	in := rtctest.NewEndpoint(t)
	r := runExit(t, s, "whip://ingest/live", Options{Codec: pipeline.VP8, HTTP: in.Over, Transport: virtual(t, in.Nets)})
	a := arrived{(<-in.Came).Arrives(spokenFor)}
	if err := r.stop(); err != nil {
		t.Error(err)
	}
	return a
}

// watched is a speaker as WHEP has it.
type watched struct{ *speaker }

func (w watched) Watch(string) (whep.Session, bool)  { return w, true }
func (w watched) Done() <-chan struct{}              { return nil }
func (w watched) Form(url.Values) (whep.Form, error) { return w, nil }
func (w watched) Room(string) error                  { return nil }
func (w watched) View(o *rtc.Output) (rtc.Viewer, error) {
	return w.Session.View(pipeline.Rendition{Codec: o.Codec()}, o)
}

func (w watched) Listen(o *rtc.AudioOutput) (rtc.Listener, error) {
	return feedSound{w.Session}.Listen(o)
}

func arriveByWHEP(t *testing.T, s *speaker, query string) saver {
	t.Helper()
	n := rtctest.NewNets(t)
	server, err := whep.New(whep.DefaultConfig(), whep.Options{Host: watched{s}, Transport: virtual(t, n)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close(context.Background()) })
	b := rtctest.NewBrowser(t, n.Client, false, true)
	b.Listen()
	r := httptest.NewRequest(http.MethodPost, "/whep/ann"+query, strings.NewReader(b.WholeOffer()))
	r.Header.Set("Content-Type", "application/sdp")
	w := httptest.NewRecorder()
	server.ServeHTTP(w, r)
	if w.Code != http.StatusCreated {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	b.Answer(w.Body.String())
	return arrived{b.Arrives(spokenFor)}
}

// TestMouthFitsItsSoundElsewhere: the same in a film, and at other programs, as late as this machine is. People mind sound that is 45 ms
// early or 125 ms late.
func TestMouthFitsItsSoundElsewhere(t *testing.T) {
	testenv.Long(t)
	rtmp := fmt.Sprintf("rtmp://127.0.0.1:%d/live/key", unusedTCP(t))
	for name, c := range map[string]struct {
		url     string
		listens []string
	}{"film.mp4": {}, "film.mkv": {}, "rtmp.mkv": {rtmp, []string{"-listen", "1", "-i", rtmp}}} {
		t.Run(name, func(t *testing.T) {
			s := newSpeaker(t)
			path, ended := filepath.Join(t.TempDir(), name), func() {}
			if c.url == "" {
				c.url = "file:" + path
			} else {
				ended = listen(t, path, c.listens...)
				time.Sleep(time.Second)
			}
			s.speaks(t, func() {
				r := runExit(t, s, c.url, Options{})
				time.Sleep(spokenFor)
				if err := r.stop(); err != nil {
					t.Error(err)
				}
			})
			ended()
			f := readFilm(t, path)
			if rate := float64(len(f.frames)) / (f.frames[len(f.frames)-1] - f.frames[0]); rate < 25 {
				t.Skipf("SKIPPED: this machine is too busy: smoothing %.0f frames/s takes longer", rate)
			}
			fits(t, path, 45, 125)
		})
	}
}
