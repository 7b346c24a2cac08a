package urgent

import (
	"runtime"
	"syscall"
	"unsafe"
)

const (
	rlimitNice, rlimitRTPrio = 13, 14 // asm-generic/resource.h
	schedOther, schedRR      = 0, 2   // sched.h
)

// Thread locks the goroutine to its thread and makes that urgent, until back is called, on the same goroutine. Where the system
// grants nothing the goroutine is as it was.
func Thread() (g Grant, back func()) {
	runtime.LockOSThread()
	before, err := nice()
	if err != nil {
		runtime.UnlockOSThread()
		return g, func() {}
	}
	if to := max(Nice, leastNice()); to < before && syscall.Setpriority(syscall.PRIO_PROCESS, 0, to) == nil {
		return Grant{Nice: to, Any: true}, func() {
			_ = syscall.Setpriority(syscall.PRIO_PROCESS, 0, before) // giving back is always allowed
			runtime.UnlockOSThread()
		}
	}
	if before > Nice && limit(rlimitRTPrio) > 0 && schedule(schedRR, 1) == nil {
		return Grant{RealTime: true, Any: true}, func() {
			_ = schedule(schedOther, 0)
			runtime.UnlockOSThread()
		}
	}
	runtime.UnlockOSThread()
	return Grant{Nice: before, Any: before < 0}, func() {}
}

// Ask tells what Thread would be granted.
func Ask() Grant {
	g, back := Thread()
	back()
	return g
}

// nice is the thread's nice value.
func nice() (int, error) {
	v, err := syscall.Getpriority(syscall.PRIO_PROCESS, 0)
	return 20 - v, err // the call itself gives 1 to 40
}

// leastNice is what may be asked for: everything where a limit does not count, which the call then decides.
func leastNice() int {
	if v := limit(rlimitNice); v > 0 {
		if to := 20 - int(min(v, 40)); syscall.Geteuid() != 0 {
			return to
		}
	}
	return Nice
}

// limit is a resource's soft limit, raised to the hard one where that is allowed.
func limit(resource int) uint64 {
	var l syscall.Rlimit
	if syscall.Getrlimit(resource, &l) != nil {
		return 0
	}
	if l.Cur < l.Max {
		raised := syscall.Rlimit{Cur: l.Max, Max: l.Max}
		if syscall.Setrlimit(resource, &raised) == nil {
			return raised.Cur
		}
	}
	return l.Cur
}

// schedule changes the thread's policy.
func schedule(policy, priority int) error {
	p := int32(priority)
	if _, _, e := syscall.Syscall(syscall.SYS_SCHED_SETSCHEDULER, 0, uintptr(policy), uintptr(unsafe.Pointer(&p))); e != 0 {
		return e
	}
	return nil
}
