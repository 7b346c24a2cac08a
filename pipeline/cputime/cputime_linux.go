package cputime

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Thread is the processor time that the calling thread has taken; the caller is locked to it between two readings.
func Thread() time.Duration {
	var t unix.Timespec
	if unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t) != nil {
		return 0 // this clock cannot fail
	}
	return time.Duration(t.Nano())
}

// wayOf is how much nicer a thread is that gives way: its share beside one that does not is a quarter.
const wayOf = 5

func giveWay() {
	const highest = 20 // the system call counts down from it, so that no answer is negative
	if up, err := unix.Getpriority(unix.PRIO_PROCESS, 0); err == nil {
		_ = unix.Setpriority(unix.PRIO_PROCESS, 0, min(highest-up+wayOf, highest-1)) // where that is not allowed it stays as it is
	}
}

// tick is the unit of /proc/stat; the kernel gives it out as a hundredth of a second on every architecture that Go knows.
const tick = 10 * time.Millisecond

// Read reads what has been taken so far.
func Read() (m Machine, err error) {
	stat, err := os.ReadFile("/proc/stat")
	if err != nil {
		return m, err
	}
	if m.All, err = busy(stat); err != nil {
		return m, err
	}
	var r syscall.Rusage
	if err = syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return m, err
	}
	m.Own = time.Duration(syscall.TimevalToNsec(r.Utime) + syscall.TimevalToNsec(r.Stime))
	return m, nil
}

// busy sums the first line of /proc/stat, but for idle, iowait, and the guests that user and nice hold already.
func busy(stat []byte) (sum time.Duration, err error) {
	line, _, _ := bytes.Cut(stat, []byte("\n"))
	fields := bytes.Fields(line)
	if len(fields) < 9 || string(fields[0]) != "cpu" {
		return 0, fmt.Errorf("/proc/stat begins with %q", line)
	}
	for i, f := range fields[1:9] {
		n, err := strconv.ParseInt(string(f), 10, 64)
		if err != nil {
			return 0, fmt.Errorf("/proc/stat: %w", err)
		}
		if i != 3 && i != 4 {
			sum += time.Duration(n) * tick
		}
	}
	return sum, nil
}
