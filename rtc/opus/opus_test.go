package opus_test

import (
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/rtc/opus"
)

// The lines of RFC 6716, table 2 and section 3.2.
func TestSpan(t *testing.T) {
	const ms = time.Millisecond
	for _, c := range []struct {
		packet []byte
		want   time.Duration
	}{
		{[]byte{0}, 10 * ms},
		{[]byte{1 << 3}, 20 * ms},
		{[]byte{6 << 3}, 40 * ms},
		{[]byte{11 << 3}, 60 * ms},
		{[]byte{12 << 3}, 10 * ms},
		{[]byte{13 << 3}, 20 * ms},
		{[]byte{14 << 3}, 10 * ms},
		{[]byte{15 << 3}, 20 * ms},
		{[]byte{16 << 3}, 2500 * time.Microsecond},
		{[]byte{21 << 3}, 5 * ms},
		{[]byte{26 << 3}, 10 * ms},
		{[]byte{31 << 3}, 20 * ms},
		{[]byte{0xfc, 1, 2}, 20 * ms}, // what browsers send: CELT, stereo, one frame
		{[]byte{31<<3 | 1, 7, 7}, 40 * ms},
		{[]byte{31<<3 | 2, 0}, 40 * ms},
		{[]byte{31<<3 | 3, 6}, 120 * ms},
		{[]byte{16<<3 | 3, 0xc0 | 48}, 120 * ms},
		{[]byte{11<<3 | 1, 0, 0}, 120 * ms},
		{nil, 0},
		{[]byte{31<<3 | 1, 7}, 0},
		{[]byte{31<<3 | 3}, 0},
		{[]byte{31<<3 | 3, 0}, 0},
		{[]byte{31<<3 | 3, 7}, 0},
		{[]byte{11<<3 | 3, 3}, 0},
	} {
		got, err := opus.Span(c.packet)
		if got != c.want || (err != nil) != (c.want == 0) {
			t.Errorf("% x: %v, %v, want %v", c.packet, got, err, c.want)
		}
	}
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		d    time.Duration
		want int64
	}{
		{20 * time.Millisecond, 960},
		{opus.MinSpan, 120},
		{1000 * time.Hour, 172_800_000_000},
		{-20 * time.Millisecond, -960},
		{time.Second/48_000 - 1, 0},
	} {
		if got := opus.Ticks(c.d); got != c.want {
			t.Errorf("%v: %d ticks, want %d", c.d, got, c.want)
		}
	}
	if d := opus.Duration(172_800_000_960); d != 1000*time.Hour+20*time.Millisecond {
		t.Errorf("%v", d)
	}
}

func FuzzSpan(f *testing.F) {
	for _, b := range [][]byte{nil, {0xfc, 1}, {0xff, 6}, {0x03, 0}, {0x59, 1, 1}} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, packet []byte) {
		span, err := opus.Span(packet)
		if err != nil {
			if span != 0 {
				t.Errorf("% x: %v with %v", packet, span, err)
			}
			return
		}
		if span < opus.MinSpan || span > opus.MaxSpan || span%opus.MinSpan != 0 {
			t.Errorf("% x: %v", packet, span)
		}
	})
}
