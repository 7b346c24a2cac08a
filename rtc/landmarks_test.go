package rtc

import (
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/latest"
	"github.com/gioconda-live/gioconda/rtc/rtctest"
)

func TestLandmarkReader(t *testing.T) {
	now := time.Unix(100, 0)
	box := latest.New[landmark.Arrival]()
	var d Counters
	in := newLandmarkReader(landmark.NewCodec(), box, &d, 120, now)
	counts := func() [4]uint64 {
		n := d.Counts()
		return [4]uint64{n.Malformed, n.Stale, n.Fast, box.Dropped()}
	}
	nan := rtctest.Datagram(t, 7)
	copy(nan[16:], []byte{0, 0, 0xc0, 0x7f})
	other := rtctest.Datagram(t, 8)
	other[1]++
	for _, c := range []struct {
		name string
		b    []byte
		text bool
		want [4]uint64 // malformed, stale, rate, overwritten
	}{
		{"first", rtctest.Datagram(t, 5), false, [4]uint64{}},
		{"newer", rtctest.Datagram(t, 6), false, [4]uint64{0, 0, 0, 1}},
		{"replayed", rtctest.Datagram(t, 6), false, [4]uint64{0, 1, 0, 1}},
		{"older", rtctest.Datagram(t, 4), false, [4]uint64{0, 2, 0, 1}},
		{"empty", nil, false, [4]uint64{1, 2, 0, 1}},
		{"short", rtctest.Datagram(t, 9)[:50], false, [4]uint64{2, 2, 0, 1}},
		{"text", rtctest.Datagram(t, 9), true, [4]uint64{3, 2, 0, 1}},
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
		if in.take(rtctest.Datagram(t, seq), false, now); box.Take(&a) {
			passed++
		}
	}
	if passed < 110 || passed > 190 {
		t.Errorf("of 10000 samples in a second %d passed, want about 120 and the saved up", passed)
	}
	if again := newLandmarkReader(landmark.NewCodec(), box, &d, 120, now); true {
		if again.take(rtctest.Datagram(t, 0), false, now); !box.Take(&a) || a.Sample.Seq != 0 {
			t.Error("a new channel does not start again")
		}
	}
}

func TestLandmarkReaderAllocatesNothing(t *testing.T) {
	now := time.Unix(100, 0)
	box := latest.New[landmark.Arrival]()
	in := newLandmarkReader(landmark.NewCodec(), box, &Counters{}, 1000, now)
	b := rtctest.Datagram(t, 0)
	if n := testing.AllocsPerRun(500, func() {
		now = now.Add(time.Millisecond)
		b[4]++
		in.take(b, false, now)
	}); n != 0 {
		t.Errorf("%v allocations a sample, want 0", n)
	}
}
