package signalling

import (
	"strings"
	"testing"

	"github.com/gioconda-live/gioconda/rtc"
)

// TestTriedIsBounded: what a hello says of other nodes is short.
func TestTriedIsBounded(t *testing.T) {
	hello := func(tried string) string { return `{"type":"hello","version":1,"tried":` + tried + `}` }
	for text, ok := range map[string]bool{
		`[]`: true, `null`: true, `["a"]`: true, `["1","2","3","4","5","6","7","8"]`: true,
		`["1","2","3","4","5","6","7","8","9"]`: false, `["` + strings.Repeat("x", maxID+1) + `"]`: false, `"a"`: false, `[1]`: false,
	} {
		if _, e := parseSignal([]byte(hello(text))); (e == nil) != ok {
			t.Errorf("%.40s: %v", text, e)
		}
	}
}

// TestRetry: who comes too early is told when to come again.
func TestRetry(t *testing.T) {
	for code, want := range map[rtc.Code]int{rtc.CodeFull: 10, rtc.CodeShuttingDown: 2, rtc.CodeDenied: 0} {
		if got := messageOf(rtc.Fail(code, "x")).Retry; got != want {
			t.Errorf("%s: %d", code, got)
		}
	}
}
