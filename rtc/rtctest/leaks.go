package rtctest

import (
	"runtime"
	"strings"
	"testing"
	"time"
)

// NoLeaks fails the test if, some time after everything else of it was cleaned up, goroutines of rtc, of Pion or of
// the websocket are left that were not there at the start. Call it first. A bubble of synctest needs no such thing: it does
// not end before its goroutines.
func NoLeaks(t testing.TB) {
	t.Helper()
	before := len(ours())
	t.Cleanup(func() {
		var left []string
		for deadline := time.Now().Add(8 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
			if left = ours(); len(left) <= before {
				return
			}
		}
		t.Errorf("%d goroutines before, %d left behind:\n%s", before, len(left), strings.Join(left, "\n\n"))
	})
}

// ours lists the goroutines of rtc and the libraries that it alone uses, tests themselves excepted.
func ours() (list []string) {
	buf := make([]byte, 1<<20)
	buf = buf[:runtime.Stack(buf, true)]
	for g := range strings.SplitSeq(string(buf), "\n\n") {
		mine := strings.Contains(g, "gioconda/rtc") || strings.Contains(g, "github.com/pion/") ||
			strings.Contains(g, "gorilla/websocket")
		if mine && !strings.Contains(g, "testing.tRunner") && !strings.Contains(g, "rtctest.ours(") {
			list = append(list, g)
		}
	}
	return list
}
