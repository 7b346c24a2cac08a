package rtc

import (
	"fmt"
	"strings"
	"testing"
)

func TestTargets(t *testing.T) {
	line := func(ip string, port int) string {
		return fmt.Sprintf("candidate:1 1 udp 2130706431 %s %d typ host", ip, port)
	}
	for _, tc := range []struct {
		from, ip string
		want     bool
	}{
		{"203.0.113.5:4000", "203.0.113.5", true},
		{"203.0.113.5:4000", "198.51.100.7", true}, // another way out
		{"203.0.113.5:4000", "2001:db8::1", true},
		{"203.0.113.5:4000", "10.0.0.1", false},
		{"203.0.113.5:4000", "192.168.1.1", false},
		{"203.0.113.5:4000", "100.64.3.4", false},
		{"203.0.113.5:4000", "127.0.0.1", false},
		{"203.0.113.5:4000", "::ffff:10.0.0.1", false},
		{"203.0.113.5:4000", "169.254.169.254", false},
		{"203.0.113.5:4000", "fd00::1", false},
		{"203.0.113.5:4000", "fe80::1", false},
		{"203.0.113.5:4000", "a1b2.local", true}, // not resolved
		{"192.168.1.9:4000", "192.168.1.9", true},
		{"192.168.1.9:4000", "127.0.0.1", true},
		{"127.0.0.1:4000", "192.168.1.9", true},
		{"", "192.168.1.9", true},
		{"192.168.1.9:4000", "224.0.0.1", false},
		{"192.168.1.9:4000", "255.255.255.255", false},
		{"192.168.1.9:4000", "0.0.0.0", false},
		{"[2001:db8::5]:4000", "fd00::1", false},
	} {
		if got := newTargets(tc.from).allow(line(tc.ip, 5000)); got != tc.want {
			t.Errorf("%s names %s: %v, want %v", tc.from, tc.ip, got, tc.want)
		}
	}
	one := newTargets("203.0.113.5:1")
	ports := 0
	for p := range 64 {
		if one.allow(line("198.51.100.7", 5000+p)) {
			ports++
		}
	}
	if ports != 1 {
		t.Errorf("%d ports of one address are tried, want 1", ports)
	}
	if one.allow("candidate:1 1 tcp 1 198.51.100.9 80 typ host tcptype passive") {
		t.Error("somebody's TCP port would be called")
	}
	many, all := newTargets(""), 0
	for i := range 400 {
		if many.allow(line(fmt.Sprintf("198.51.%d.%d", i/200, i%200+1), 5000)) {
			all++
		}
	}
	if all != maxCandidates {
		t.Errorf("%d addresses are tried, want %d", all, maxCandidates)
	}
	for _, bad := range []string{"", "candidate:", "x y z", "candidate:1 1 udp 1 1.2.3.4"} {
		if newTargets("").allow(bad) {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestCandidatesInAnOffer(t *testing.T) {
	var offer strings.Builder
	offer.WriteString("v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n")
	for p := range 100 {
		fmt.Fprintf(&offer, "a=candidate:1 1 udp 1 198.51.100.7 %d typ host\r\n", 1000+p)
	}
	offer.WriteString("a=candidate:1 1 udp 1 10.0.0.1 7 typ host\r\na=mid:0\r\n")
	got := newTargets("203.0.113.5:1").filter(offer.String())
	if n := strings.Count(got, "a=candidate:"); n != 1 || strings.Contains(got, "10.0.0.1") {
		t.Errorf("%d candidates are left, want 1:\n%s", n, got)
	}
	if !strings.HasPrefix(got, "v=0\r\nm=video 9") || !strings.HasSuffix(got, "a=mid:0\r\n") {
		t.Errorf("something else was taken out:\n%s", got)
	}
	twice := "a=candidate:1 1 udp 1 198.51.100.7 7 typ host\r\n"
	if got := newTargets("").filter(strings.Repeat(twice, 5)); got != strings.Repeat(twice, 5) {
		t.Errorf("what bundled sections repeat counts more than once:\n%s", got)
	}
}
