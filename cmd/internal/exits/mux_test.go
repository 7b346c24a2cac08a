package exits

import (
	"bytes"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/exits/matroska"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// vp8Key is the beginning of a keyframe of 16x16.
func vp8Key() []byte { return []byte{0x10, 0, 0, 0x9d, 0x01, 0x2a, 16, 0, 16, 0} }

// blocks reads when the packets of sound begin that the muxer wrote, those of silence apart; one cluster is enough for them.
func blocks(b []byte) (silent, spoken []time.Duration) {
	for i := 0; i+9 <= len(b); i++ {
		if b[i] != 0xA3 || b[i+1]>>4 != 1 || b[i+5] != 0x82 {
			continue
		}
		at := time.Duration(int16(uint16(b[i+6])<<8|uint16(b[i+7]))) * time.Millisecond
		if b[i+9] == 0xFC {
			silent = append(silent, at)
		} else {
			spoken = append(spoken, at)
		}
	}
	return silent, spoken
}

// TestSilence: there is sound for every moment and never twice, whoever speaks when.
func TestSilence(t *testing.T) {
	const ms = time.Millisecond
	const start = time.Hour // of the session, long before
	for name, tc := range map[string]struct {
		from, until time.Duration // the driver speaks, and is heard 60 ms later than seen
		early       int           // packets that may be lost when the microphone starts
	}{
		"nobody":                 {0, 0, 0},
		"from before":            {-200 * ms, 4 * time.Second, 0},
		"later":                  {1010 * ms, 4 * time.Second, 9},
		"mute in between":        {-200 * ms, 1500 * ms, 0},
		"a moment in the middle": {1003 * ms, 1503 * ms, 9},
	} {
		var b bytes.Buffer
		m := newMuxer(&b, matroska.VP8)
		frames, said := 0, tc.from
		sent, due := 0, 0
		for now := -300 * ms; now < 4*time.Second; now += ms {
			if now >= 0 && now%(33*ms) == 0 {
				if err := m.write(&queued{key: frames == 0, pts: start + now, data: vp8Key()}); err != nil {
					t.Fatal(err)
				}
				frames++
			}
			for said+60*ms <= now && said < tc.until {
				if said >= 0 {
					due++
				}
				if err := m.write(&queued{sound: true, pts: start + said, span: 20 * ms, data: []byte{1, 2, 3}}); err != nil {
					t.Fatal(err)
				}
				said += 20 * ms
				sent++
			}
		}
		silent, spoken := blocks(b.Bytes())
		if len(spoken) < due-tc.early || len(spoken) > due {
			t.Errorf("%s: %d packets of the driver's, want %d", name, len(spoken), due)
		}
		all := map[time.Duration]bool{}
		for _, at := range append(silent, spoken...) {
			all[at] = true
		}
		last := -20 * ms
		for at := time.Duration(0); at < 4*time.Second; at += ms {
			if !all[at] {
				continue
			}
			if d := at - last; d < 15*ms || d > 40*ms {
				t.Errorf("%s: %v from the packet before to that at %v", name, d, at)
			}
			last = at
		}
		if last < 4*time.Second-300*ms {
			t.Errorf("%s: the sound ends at %v", name, last)
		}
	}
}

// TestQueue: who reads too slowly loses what waits, and goes on with a keyframe that was asked for; nobody is kept waiting.
func TestQueue(t *testing.T) {
	q := newQueue()
	asked := 0
	q.wantKeyframes(func() { asked++ })
	write := func(n int, key bool) error {
		return q.WriteFrame(&frame.Encoded{Data: []byte{byte(n)}, Key: key, PTS: time.Duration(n)})
	}
	for n := range queueLength {
		if err := write(n, n == 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := q.WriteSound(&pipeline.Packet{Opus: []byte{1}}); err == nil {
		t.Error("sound fits into what is full")
	}
	for range 3 {
		if err := write(200, false); err == nil {
			t.Error("a frame fits into what is full")
		}
	}
	if err := write(201, true); err != nil || asked != 3 {
		t.Errorf("a keyframe: %v; it was asked for %d times", err, asked)
	}
	var e queued
	if !q.next(&e) || !e.key || e.data[0] != 201 || q.lost() != queueLength+4 {
		t.Errorf("%+v, %d lost", e, q.lost())
	}
	q.end()
	if q.next(&e) {
		t.Error("something comes after the end")
	}
	f := &frame.Encoded{Data: make([]byte, 100), Key: true}
	if n := testing.AllocsPerRun(3*queueLength, func() {
		_ = q.WriteFrame(f)
		_ = q.next(&e)
	}); n > 0.5 {
		t.Errorf("%v allocations a frame", n)
	}
}
