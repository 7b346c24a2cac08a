package live

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math"
	"path/filepath"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/models/tflite/onnx"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/perform"
	"github.com/gioconda-live/gioconda/rtc"
	"github.com/gioconda-live/gioconda/rtc/signalling"
)

// writeNaN makes a generator's folder whose networks load and whose every answer is no number.
func writeNaN(t *testing.T, dir string) string {
	t.Helper()
	const e = 64
	enc := onnx.New("encoder")
	pic := enc.Input("picture", 1, 3, e, e)
	enc.Input("maps", 1, portrait.MapPlanes, e, e)
	enc.Output("look", enc.Node("ReduceMean", []string{pic}, onnx.Ints("axes", 1, 2, 3), onnx.Int("keepdims", 1)), 1, 1, 1, 1)
	gen := onnx.New("generator")
	pic = gen.Input("picture", 1, 3, e, e)
	gen.Input("maps", 1, portrait.MapPlanes, e, e)
	look := gen.Input("look", 1, 1, 1, 1)
	sum := gen.Node("Add", []string{pic, look})
	gen.Output("difference", gen.Node("Mul", []string{sum, gen.Floats([]float32{float32(math.NaN())}, 1)}), 1, 3, e, e)
	file := func(name string, b []byte) portrait.File {
		testenv.Write(t, filepath.Join(dir, name), b)
		h := sha256.Sum256(b)
		return portrait.File{Name: name, SHA256: hex.EncodeToString(h[:])}
	}
	region := portrait.Mouth()
	region.Edge = e
	m := portrait.Manifest{Version: 1, Name: "nan", Parts: []portrait.Part{{
		Region: region, Maps: portrait.MapPlanes,
		Encoder: file("encoder.onnx", enc.Marshal()), Generator: file("generator.onnx", gen.Marshal()),
	}}}
	b, err := json.Marshal(&m)
	if err != nil {
		t.Fatal(err)
	}
	testenv.Write(t, filepath.Join(dir, portrait.ManifestName), b)
	return dir
}

// TestNaNShowsGeometry: a generator that gives no numbers costs nobody a frame; the failures are counted and logged.
func TestNaNShowsGeometry(t *testing.T) {
	testenv.Config(t)
	d := openServer(t, writeNaN(t, t.TempDir()))
	o, err := d.host.Open(t.Context(), signalling.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s := o.(*session)
	defer s.Close()
	stream, err := s.View(rtc.DiscardOutput(rtc.CodecVP8))
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Leave()
	play, err := perform.New("moods")
	if err != nil {
		t.Fatal(err)
	}
	var a landmark.Arrival
	for i := 0; i < 300 && s.session.Counts().Encoded < 10; i++ {
		play.At(time.Duration(i)*time.Second/30, &a.Sample)
		a.Sample.Seq, a.Sample.CaptureMicros, a.Received = uint32(i+1), uint64(i*33_333+1), time.Now()
		s.Mailbox().Put(&a)
		time.Sleep(20 * time.Millisecond)
	}
	if c := s.session.Counts(); c.Encoded < 10 || c.Failed > 0 {
		t.Errorf("frames %+v", c)
	}
	if n := s.faults.Load(); n < 10 {
		t.Errorf("%d faults were counted", n)
	}
}
