package cputime

import (
	"errors"
	"runtime"
	"testing"
	"time"
)

// TestThreadCountsWorkAndNoWaiting: waiting costs nothing, work costs what it takes, however busy the machine is.
func TestThreadCountsWorkAndNoWaiting(t *testing.T) {
	if _, err := Read(); errors.Is(err, errors.ErrUnsupported) {
		t.Skip("this system tells only time")
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	work := func() time.Duration {
		begin, x := Thread(), uint32(1)
		for range 20_000_000 {
			x ^= x<<13 ^ x>>7
		}
		runtime.KeepAlive(x)
		return Thread() - begin
	}
	begin := Thread()
	time.Sleep(100 * time.Millisecond)
	waited, worked := Thread()-begin, work()
	if worked <= 0 || waited > worked/2 && waited > 10*time.Millisecond {
		t.Errorf("sleeping took %v of a processor, work %v", waited, worked)
	}
}

// TestMachine: what this program takes is part of what all take.
func TestMachine(t *testing.T) {
	before, err := Read()
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	for begin := time.Now(); time.Since(begin) < 200*time.Millisecond; {
		runtime.Gosched()
	}
	after, err := Read()
	if err != nil {
		t.Fatal(err)
	}
	if after.Own <= before.Own || after.All < before.All {
		t.Errorf("from %+v to %+v", before, after)
	}
	const s = time.Second
	if got := (Machine{All: 30 * s, Own: 12 * s}).Others(Machine{All: 10 * s, Own: 2 * s}, 10*s); got != 1 {
		t.Errorf("%v cores are others', want 1", got)
	}
}
