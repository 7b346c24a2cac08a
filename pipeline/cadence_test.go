package pipeline

import (
	"testing"
	"time"
)

func TestCadence(t *testing.T) {
	t0 := time.Unix(1000, 0)
	ms := func(n int) time.Time { return t0.Add(time.Duration(n) * time.Millisecond) }
	p := cadence{interval: 33 * time.Millisecond, hold: 100 * time.Millisecond}
	shown := 0
	for i := range 1000 { // a sample each millisecond
		if p.due(ms(i), true) {
			p.began(ms(i), true)
			shown++
		}
	}
	if shown < 30 || shown > 32 {
		t.Errorf("%d pictures in a second of 1 kHz samples, want about 30", shown)
	}
	for i := range 30 { // samples at the frame rate, 8 ms of jitter: none is held back
		now := ms(2000 + i*33 + i%2*8)
		if !p.due(now, true) {
			t.Errorf("sample %d held back", i)
		}
		p.began(now, true)
	}
}

// Held back once, since a picture without a sample had just begun, a driver at the frame rate is soon drawn as its samples come;
// one at twice that rate still gets the rate and no more.
func TestCadenceCatchesUpWithItsDriver(t *testing.T) {
	const interval = time.Second / 30
	t0 := time.Unix(1000, 0)
	for _, spacing := range []time.Duration{interval, interval / 2} {
		c := cadence{interval: interval, hold: 100 * time.Millisecond}
		c.began(t0.Add(-10*time.Millisecond), false)
		c.next = t0.Add(interval - 10*time.Millisecond)
		var waited time.Duration
		shown := 0
		const samples = 120
		for i := 0; i < samples; i++ {
			at := t0.Add(time.Duration(i) * spacing)
			begun := latestOf(at, c.next)
			for begun.After(t0.Add(time.Duration(i+1) * spacing)) { // the newest sample is drawn
				i++
			}
			at = t0.Add(time.Duration(i) * spacing)
			c.follow(uint32(i), uint64(at.UnixMicro()))
			c.began(begun, true)
			waited = begun.Sub(at)
			shown++
		}
		if spacing == interval && waited > time.Millisecond {
			t.Errorf("after four seconds a sample still waits %v", waited)
		}
		if most := int(samples*spacing/interval) + 3; shown > most {
			t.Errorf("%d pictures of samples %v apart, want at most %d", shown, spacing, most)
		}
	}
}

func TestPTSClockFollowsCaptureNotJitter(t *testing.T) {
	t0 := time.Unix(1000, 0)
	clock := ptsClock{start: t0}
	var last time.Duration
	for i := range 300 {
		jitter := time.Duration(i%3) * 9 * time.Millisecond
		got := clock.at(t0.Add(time.Duration(i)*33*time.Millisecond+jitter), 5_000_000+uint64(i)*33_000)
		if step := got - last; i > 30 && (step < 31*time.Millisecond || step > 35*time.Millisecond) {
			t.Fatalf("frame %d: step %v, want about 33 ms", i, step)
		}
		last = got
	}
	if got := clock.at(t0.Add(20*time.Second), 5_000_000+301*33_000); got < 19900*time.Millisecond {
		t.Errorf("after a pause pts %v, want about 20 s", got)
	}
}
