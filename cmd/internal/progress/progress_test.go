package progress

import (
	"bytes"
	"strings"
	"testing"
)

// TestBarEnds: a clip may have more frames than it said; more than all of them cannot be done.
func TestBarEnds(t *testing.T) {
	var out bytes.Buffer
	b := New(&out, "rendering")
	b.tty = true
	b.Fraction(1.02, "")
	if got := out.String(); !strings.Contains(got, "100 %") || strings.Count(got, "█") != barWidth {
		t.Errorf("%q", got)
	}
}
