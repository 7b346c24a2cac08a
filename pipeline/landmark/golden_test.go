package landmark_test

import (
	"encoding/hex"
	"encoding/json"
	"flag"
	"math"
	"os"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/perform"
)

// goldenFile is read by the browser client's tests too.
const goldenFile = "testdata/wire_v1.json"

func TestMain(m *testing.M) {
	flag.Bool("update", false, "write the golden vectors anew")
	os.Exit(m.Run())
}

func update() bool { return flag.Lookup("update").Value.String() == "true" }

// golden is the file: index names the landmarks that travel, points of a sample are in that order.
type golden struct {
	About   string         `json:"about"`
	Index   []int          `json:"index"`
	Samples []goldenSample `json:"samples"`
}

type goldenSample struct {
	Name          string       `json:"name"`
	Seq           uint32       `json:"seq"`
	Flags         uint16       `json:"flags"`
	Marker        uint16       `json:"marker"`
	Score         float32      `json:"score"`
	CaptureMicros uint64       `json:"captureMicros"`
	Width         uint16       `json:"width"`
	Height        uint16       `json:"height"`
	Points        [][3]float32 `json:"points"`
	Hex           string       `json:"hex"`
}

func TestGoldenVectors(t *testing.T) {
	codec := landmark.NewCodec()
	if update() {
		writeGolden(t, codec)
	}
	b, err := os.ReadFile(goldenFile)
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(b, &g); err != nil {
		t.Fatal(err)
	}
	if len(g.Index) != landmark.WireCount {
		t.Fatalf("%d indices, want %d", len(g.Index), landmark.WireCount)
	}
	for _, want := range g.Samples {
		t.Run(want.Name, func(t *testing.T) {
			s := want.sample(g.Index)
			var buf [landmark.MaxWireSize]byte
			n, err := codec.Encode(buf[:], &s)
			if err != nil {
				t.Fatal(err)
			}
			if got := hex.EncodeToString(buf[:n]); got != want.Hex {
				t.Errorf("encoded\n%s\nwant\n%s", got, want.Hex)
			}
			datagram, err := hex.DecodeString(want.Hex)
			if err != nil {
				t.Fatal(err)
			}
			var back landmark.Sample
			if err := codec.Decode(&back, datagram); err != nil {
				t.Fatal(err)
			}
			if back.Seq != s.Seq || back.Flags != s.Flags || back.Marker != s.Marker ||
				back.CaptureMicros != s.CaptureMicros || back.Width != s.Width || back.Height != s.Height {
				t.Errorf("header %+v", want)
			}
			for i, k := range g.Index {
				if s.Lost() {
					break
				}
				p, q := back.Points[k], want.Points[i]
				if far(p.X, q[0], 2e-4) || far(p.Y, q[1], 2e-4) || far(p.Z, q[2], 2e-3) {
					t.Fatalf("landmark %d: %v, want %v", k, p, q)
				}
			}
		})
	}
}

func far(a, b, tolerance float32) bool { return math.Abs(float64(a-b)) > float64(tolerance) }

func (g *goldenSample) sample(index []int) (s landmark.Sample) {
	s.Seq, s.Flags, s.Marker, s.Score = g.Seq, landmark.Flags(g.Flags), g.Marker, g.Score
	s.CaptureMicros, s.Width, s.Height = g.CaptureMicros, g.Width, g.Height
	for i, p := range g.Points {
		s.Points[index[i]] = landmark.Point{X: p[0], Y: p[1], Z: p[2]}
	}
	return s
}

// goldenCase makes one golden sample from a performance.
type goldenCase struct {
	name, play string
	at         time.Duration
	change     func(*landmark.Sample)
}

func goldenCases() []goldenCase {
	return []goldenCase{
		{"rest", "talking", 0, func(*landmark.Sample) {}},
		{"speech, asks to be the neutral", "talking", 3300 * time.Millisecond, func(s *landmark.Sample) {
			s.Flags, s.Score = landmark.FlagNeutral, 0.93
		}},
		{"turned, with a marker", "looking-around", 10800 * time.Millisecond, func(s *landmark.Sample) {
			s.Flags, s.Marker, s.Width, s.Height = landmark.FlagMarker, 0xbeef, 1280, 720
		}},
		{"partly outside of the picture", "moods", 5 * time.Second, func(s *landmark.Sample) {
			for i := range s.Points {
				s.Points[i].X -= 0.45
			}
			s.Seq, s.CaptureMicros = math.MaxUint32, 1<<52+1
		}},
		{"all landmarks in one place", "talking", 0, func(s *landmark.Sample) {
			for i := range s.Points {
				s.Points[i] = landmark.Point{X: 0.5, Y: 0.375, Z: -0.125}
			}
		}},
		{"lost", "talking", 2 * time.Second, func(s *landmark.Sample) { s.Flags, s.Score = landmark.FlagLost, 0.125 }},
	}
}

// writeGolden writes the file anew.
func writeGolden(t *testing.T, codec *landmark.Codec) {
	t.Helper()
	g := golden{About: "Golden vectors of landmark wire form v1 for the Go and the TypeScript tests. " +
		"points are float32, in the order of index; hex is the datagram."}
	for _, k := range landmark.WireIndex() {
		g.Index = append(g.Index, int(k))
	}
	for _, v := range goldenCases() {
		p, err := perform.New(v.play)
		if err != nil {
			t.Fatal(err)
		}
		var s landmark.Sample
		p.At(v.at, &s)
		v.change(&s)
		var buf [landmark.MaxWireSize]byte
		n, err := codec.Encode(buf[:], &s)
		if err != nil {
			t.Fatal(err)
		}
		out := goldenSample{
			v.name, s.Seq, uint16(s.Flags), s.Marker, s.Score, s.CaptureMicros, s.Width, s.Height,
			nil, hex.EncodeToString(buf[:n]),
		}
		for _, k := range g.Index {
			if !s.Lost() {
				p := s.Points[k]
				out.Points = append(out.Points, [3]float32{p.X, p.Y, p.Z})
			}
		}
		g.Samples = append(g.Samples, out)
	}
	b, err := json.Marshal(&g)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(goldenFile, append(b, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}
