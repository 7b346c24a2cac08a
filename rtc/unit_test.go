package rtc

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/latest"
	"github.com/gioconda-live/gioconda/pipeline/trace"
)

func TestConfig(t *testing.T) {
	good := DefaultConfig()
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	bad := Config{
		Codecs: []string{"av1"}, UDPPort: -1, PublicIPs: []string{"here"},
		ICEServers: []ICEServer{{}, {URLs: []string{"turn:x:3478"}}, {URLs: []string{"http://x"}}},
	}
	err := bad.Validate()
	if !errors.Is(err, ErrConfig) {
		t.Fatal(err)
	}
	for _, key := range []string{
		"codecs", "udp_port", "public_ips",
		"ice_servers[0]", "ice_servers[1]", "ice_servers[2]",
	} {
		if !strings.Contains(err.Error(), key) {
			t.Errorf("%s is not reported in:\n%v", key, err)
		}
	}
	if _, err := NewTransport(good, Options{Bitrate: Bitrate{Min: 2, Start: 1, Max: 3}}); !errors.Is(err, ErrConfig) {
		t.Errorf("bitrates upside down: %v", err)
	}
}

func TestLandmarkReader(t *testing.T) {
	now := time.Unix(100, 0)
	box := latest.New[landmark.Arrival]()
	var d Counters
	in := newLandmarkReader(landmark.NewCodec(), box, &d, 120, now)
	counts := func() [4]uint64 {
		n := d.Counts()
		return [4]uint64{n.Malformed, n.Stale, n.Fast, box.Dropped()}
	}
	nan := datagram(t, 7)
	copy(nan[16:], []byte{0, 0, 0xc0, 0x7f})
	other := datagram(t, 8)
	other[1]++
	for _, c := range []struct {
		name string
		b    []byte
		text bool
		want [4]uint64 // malformed, stale, rate, overwritten
	}{
		{"first", datagram(t, 5), false, [4]uint64{}},
		{"newer", datagram(t, 6), false, [4]uint64{0, 0, 0, 1}},
		{"replayed", datagram(t, 6), false, [4]uint64{0, 1, 0, 1}},
		{"older", datagram(t, 4), false, [4]uint64{0, 2, 0, 1}},
		{"empty", nil, false, [4]uint64{1, 2, 0, 1}},
		{"short", datagram(t, 9)[:50], false, [4]uint64{2, 2, 0, 1}},
		{"text", datagram(t, 9), true, [4]uint64{3, 2, 0, 1}},
		{"NaN", nan, false, [4]uint64{4, 2, 0, 1}},
		{"another version", other, false, [4]uint64{5, 2, 0, 1}},
	} {
		if in.take(c.b, c.text, now); counts() != c.want {
			t.Errorf("%s: drops %v, want %v", c.name, counts(), c.want)
		}
	}
	var a landmark.Arrival
	if !box.Take(&a) || a.Sample.Seq != 6 || !a.Received.Equal(now) {
		t.Errorf("seq %d received %v", a.Sample.Seq, a.Received)
	}
	passed := 0
	for seq := uint32(10); seq < 10_010; seq++ { // 10 kHz for a second
		now = now.Add(100 * time.Microsecond)
		if in.take(datagram(t, seq), false, now); box.Take(&a) {
			passed++
		}
	}
	if passed < 110 || passed > 190 {
		t.Errorf("of 10000 samples in a second %d passed, want about 120 and the saved up", passed)
	}
	if again := newLandmarkReader(landmark.NewCodec(), box, &d, 120, now); true {
		if again.take(datagram(t, 0), false, now); !box.Take(&a) || a.Sample.Seq != 0 {
			t.Error("a new channel does not start again")
		}
	}
}

func TestLandmarkReaderAllocatesNothing(t *testing.T) {
	now := time.Unix(100, 0)
	box := latest.New[landmark.Arrival]()
	in := newLandmarkReader(landmark.NewCodec(), box, &Counters{}, 1000, now)
	b := datagram(t, 0)
	if n := testing.AllocsPerRun(500, func() {
		now = now.Add(time.Millisecond)
		b[4]++
		in.take(b, false, now)
	}); n != 0 {
		t.Errorf("%v allocations a sample, want 0", n)
	}
}

func TestWriteFrameAllocatesNothing(t *testing.T) {
	for _, codec := range []string{CodecVP8, CodecH264} {
		out := newOutput(codec, &reporter{}, &Counters{}, func(*rtp.Packet) error { return nil }, [8]byte{1})
		f := frame.Encoded{Data: append([]byte{0, 0, 0, 1, 0x65}, bytes.Repeat([]byte{9}, 9000)...)}
		if n := testing.AllocsPerRun(200, func() {
			f.PTS += time.Second / 30
			if err := out.WriteFrame(&f); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations a frame, want 0", codec, n)
		}
		out.close()
		if err := out.WriteFrame(&f); !errors.Is(err, ErrClosed) {
			t.Errorf("closed: %v", err)
		}
	}
}

// TestReportTellsTheLayersApart: drawn lies between retargeted and generated, and is 0 where one layer drew.
func TestReportTellsTheLayersApart(t *testing.T) {
	epoch := time.Now()
	r := &reporter{epoch: epoch}
	var f trace.Frame
	for s, ms := range map[trace.Stage]int{trace.Retargeted: 1, trace.Drawn: 5, trace.Generated: 14, trace.Sent: 20} {
		f.Stamp(s, epoch.Add(time.Duration(ms)*time.Millisecond))
	}
	r.add(&f)
	f.At[trace.Drawn] = time.Time{}
	r.add(&f)
	var got struct {
		Frames []struct{ Retargeted, Drawn, Generated int }
	}
	if err := json.Unmarshal(r.appendReport(nil, &Counts{}, 0, 0, epoch), &got); err != nil || len(got.Frames) != 2 {
		t.Fatalf("%+v, %v", got, err)
	}
	if a, b := got.Frames[0], got.Frames[1]; a.Retargeted != 1000 || a.Drawn != 5000 || a.Generated != 14000 || b.Drawn != 0 {
		t.Errorf("%+v", got)
	}
}

func TestReportAllocatesLittle(t *testing.T) {
	r := &reporter{epoch: time.Now().Add(-time.Hour)}
	var d Counts
	buf := make([]byte, 0, 16<<10)
	out := newOutput(CodecVP8, r, &Counters{}, func(*rtp.Packet) error { return nil }, [8]byte{})
	f := frame.Encoded{Data: []byte{1}}
	if n := testing.AllocsPerRun(100, func() {
		for range 2 * reportFrames { // more than fit
			f.PTS += time.Second / 30
			_ = out.WriteFrame(&f)
		}
		buf = r.appendReport(buf[:0], &d, 0, 1, time.Now())
	}); n != 0 {
		t.Errorf("%v allocations a report", n)
	}
	if !json.Valid(buf) {
		t.Errorf("not JSON: %s", buf)
	}
	if again := r.appendReport(buf[:0], &d, 0, 1, time.Now()); len(again) != 0 {
		t.Errorf("nothing new, and yet: %s", again)
	}
}

func TestEventWithoutAChannel(t *testing.T) {
	e := Events{to: &channel{}}
	if err := e.Send(1); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v, want ErrClosed", err)
	}
	if err := e.Send(func() {}); err == nil || errors.Is(err, ErrClosed) {
		t.Errorf("what is no JSON: %v", err)
	}
}

func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		v    any
		want string
	}{
		{nil, `{"id":1,"ok":true}`},
		{struct{}{}, `{"id":1,"ok":true}`},
		{(*int)(nil), `{"id":1,"ok":true}`},
		{map[string]int{"a": 2}, `{"id":1,"ok":true,"a":2}`},
		{[]int{1}, ""},
		{func() {}, ""},
	} {
		b, err := answerOK(1, c.v)
		if string(b) != c.want || (err != nil) != (c.want == "") {
			t.Errorf("%v: %s, %v", c.v, b, err)
		}
	}
}
