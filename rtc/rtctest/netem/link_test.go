package netem

import (
	"errors"
	"io"
	"math"
	"testing"
	"testing/synctest"
	"time"
)

func TestConditionsAreRead(t *testing.T) {
	c, err := Conditions{Delay: time.Second, Loss: 0.5}.With("loss=5 burst=3 jitter=100 order=1 rate=300000 queue=64000")
	want := Conditions{Loss: 0.05, Burst: 3, Delay: time.Second, Jitter: 100 * time.Millisecond, Order: true, Rate: 300_000, Queue: 64_000}
	if err != nil || c != want {
		t.Errorf("%+v, %v", c, err)
	}
	for _, bad := range []string{"loss", "loss=x", "loss=-1", "colour=3"} {
		if _, err := c.With(bad); !errors.Is(err, ErrCondition) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestARateDelaysAndThenDrops(t *testing.T) {
	l := NewLink(Conditions{Rate: 80_000, Queue: 3000, Delay: 20 * time.Millisecond}, 1)
	now := time.Unix(100, 0)
	for i, want := range []int{120, 220, 320} { // ms: 1000 bytes take 100
		at, ok := l.Send(1000, now)
		if got := at.Sub(now); !ok || got != time.Duration(want)*time.Millisecond {
			t.Errorf("packet %d: %v, %v", i, got, ok)
		}
	}
	if _, ok := l.Send(1000, now); ok {
		t.Error("the queue has room without end")
	}
	if at, ok := l.Send(1000, now.Add(time.Second)); !ok || at.Sub(now) != 1120*time.Millisecond {
		t.Errorf("after a pause: %v", at.Sub(now))
	}
	if c := l.Counts(); c != (Counts{Packets: 5, Bytes: 5000, Dropped: 1}) {
		t.Errorf("%+v", c)
	}
}

func TestLossesMeetTheirShare(t *testing.T) {
	for _, burst := range []float64{0, 5} {
		l := NewLink(Conditions{Loss: 0.1, Burst: burst}, 3)
		lost, runs, before := 0, 0, true
		for range 100_000 {
			_, ok := l.Send(100, time.Unix(0, 0))
			if !ok {
				lost++
				if before {
					runs++
				}
			}
			before = ok
		}
		share, run := float64(lost)/100_000, float64(lost)/float64(runs)
		if math.Abs(share-0.1) > 0.01 || math.Abs(run-max(burst, 1.11)) > 0.4 {
			t.Errorf("burst %v: %.3f are lost, %.2f in a run", burst, share, run)
		}
	}
}

func TestJitterReordersOnlyWhereItMay(t *testing.T) {
	for _, order := range []bool{false, true} {
		l := NewLink(Conditions{Jitter: 100 * time.Millisecond, Order: order}, 3)
		now, last, back := time.Unix(100, 0), time.Time{}, 0
		for range 1000 {
			at, _ := l.Send(100, now)
			if late := at.Sub(now); !order && (late < 0 || late >= 100*time.Millisecond) {
				t.Fatalf("late by %v", late)
			}
			if at.Before(last) {
				back++
			}
			last, now = at, now.Add(10*time.Millisecond)
		}
		if order != (back == 0) {
			t.Errorf("in order %v: %d came before their predecessor", order, back)
		}
	}
}

func TestCarryDeliversInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, feed := io.Pipe()
		take, out := io.Pipe()
		ended := make(chan error, 1)
		go func() { ended <- Carry(NewLink(Conditions{Delay: 50 * time.Millisecond}, 1), in, out) }()
		start := time.Now()
		for _, text := range []string{"one", "two"} {
			if _, err := feed.Write([]byte(text)); err != nil {
				t.Fatal(err)
			}
		}
		buf := make([]byte, 10)
		for _, want := range []string{"one", "two"} {
			n, err := take.Read(buf)
			if err != nil || string(buf[:n]) != want || time.Since(start) != 50*time.Millisecond {
				t.Errorf("%q after %v, %v; want %q", buf[:n], time.Since(start), err, want)
			}
		}
		_ = feed.Close()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
