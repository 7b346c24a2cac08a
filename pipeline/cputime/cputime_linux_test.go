package cputime

import (
	"testing"
	"time"
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
