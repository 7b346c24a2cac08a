package latest_test

import (
	"sync"
	"testing"

	"github.com/gioconda-live/gioconda/pipeline/latest"
)

func TestSlot(t *testing.T) {
	s := latest.New[int]()
	v := 7
	if s.Take(&v) || v != 7 {
		t.Error("took from an empty slot")
	}
	one, two := 1, 2
	if s.Put(&one) {
		t.Error("overwrote an empty slot")
	}
	if !s.Put(&two) || s.Dropped() != 1 {
		t.Errorf("dropped %d, want 1", s.Dropped())
	}
	<-s.Ready()
	if !s.Take(&v) || v != 2 {
		t.Errorf("took %d, want the newest", v)
	}
	if s.Take(&v) {
		t.Error("took twice")
	}
	select {
	case <-s.Ready():
		t.Error("ready twice")
	default:
	}
}

// Whoever waits for Ready and then takes sees the last value put, and values only grow.
func TestSlotConcurrently(t *testing.T) {
	const last = 20000
	s := latest.New[int]()
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := 1; i <= last; i++ {
			s.Put(&i)
		}
	})
	taken, before := 0, 0
	for before != last {
		<-s.Ready()
		var v int
		if !s.Take(&v) {
			continue
		}
		if v <= before {
			t.Fatalf("took %d after %d", v, before)
		}
		before = v
		taken++
	}
	wg.Wait()
	if got := int(s.Dropped()) + taken; got != last {
		t.Errorf("%d taken and dropped, want %d", got, last)
	}
}

func TestPutAndTakeDoNotAllocate(t *testing.T) {
	s := latest.New[[512]int]()
	var v [512]int
	if n := testing.AllocsPerRun(100, func() { s.Put(&v); s.Take(&v) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
