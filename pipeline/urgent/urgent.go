// Package urgent has threads that a picture waits for go before others, as far as the system's limits allow: beside busy programs
// the slowest frames are those whose thread had to wait for a core.
//
// # Decision: nice, not real time
//
// A process may lower its threads' nice value within RLIMIT_NICE, or with CAP_SYS_NICE. Where only RLIMIT_RTPRIO is granted, the
// lowest real-time priority of round robin does the same. Nice comes first because a thread that runs wild under it slows others
// down, and does not stop them.
package urgent

import "strconv"

// Nice is the nice value that is asked for.
const Nice = -10

// Grant is what the system gave.
type Grant struct {
	Nice     int  // of the thread, where RealTime is false
	RealTime bool // round robin at the lowest priority
	Any      bool // more than other threads have
}

// String says it in words.
func (g Grant) String() string {
	switch {
	case g.RealTime:
		return "real time, round robin"
	case g.Any:
		return "nice " + strconv.Itoa(g.Nice)
	default:
		return "as every other program"
	}
}

// HowTo says how an administrator grants it.
const HowTo = "allow it with LimitNICE=-10 in a systemd unit, `- nice -10` for the user in /etc/security/limits.conf, --cap-add SYS_NICE of a container, or setcap cap_sys_nice+ep on the program"
