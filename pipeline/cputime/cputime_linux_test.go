package cputime

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestBusyOfProcStat(t *testing.T) {
	got, err := busy([]byte("cpu  100 20 30 9999 888 4 5 6 77 7\ncpu0 1 2 3\n"))
	if want := 165 * 10 * time.Millisecond; err != nil || got != want {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
	for _, bad := range []string{"", "cpu 1 2", "intr 1 2 3 4 5 6 7 8 9", "cpu 1 2 x 4 5 6 7 8 9"} {
		if got, err := busy([]byte(bad)); err == nil {
			t.Errorf("%q is %v", bad, got)
		}
	}
}

// TestGiveWay: the thread is nicer, and nobody else's is.
func TestGiveWay(t *testing.T) {
	nice := func() int {
		up, err := unix.Getpriority(unix.PRIO_PROCESS, 0)
		if err != nil {
			t.Error(err)
		}
		return 20 - up
	}
	before, during := nice(), make(chan int, 1)
	go func() {
		GiveWay()
		during <- nice()
	}()
	if got := <-during; got != min(before+wayOf, 19) {
		t.Errorf("nice is %d, was %d", got, before)
	}
	for range 20 {
		after := make(chan int, 1)
		go func() { after <- nice() }()
		if got := <-after; got != before {
			t.Fatalf("another goroutine's nice is %d, want %d", got, before)
		}
	}
}
