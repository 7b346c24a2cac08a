// Package progress shows on a terminal how far a long piece of work is.
package progress

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// Bar shows progress on a terminal, and single lines elsewhere.
type Bar struct {
	w     io.Writer
	what  string
	tty   bool
	last  time.Time
	step  string
	begun time.Time
}

// New begins a bar that names the work, before its first step.
func New(w io.Writer, what string) *Bar {
	b := &Bar{w: w, what: what, begun: time.Now()}
	if f, ok := w.(*os.File); ok {
		st, err := f.Stat()
		b.tty = err == nil && st.Mode()&os.ModeCharDevice != 0
	}
	return b
}

const barWidth = 30

// Fraction shows that f (0..1) is done and what is worked on.
func (b *Bar) Fraction(f float64, step string) {
	f = max(0, min(1, f)) // how many frames a clip has is an estimate
	if !b.tty {
		if step != "" && step != b.step {
			fmt.Fprintf(b.w, "%s: %s\n", b.what, step)
			b.step = step
		}
		return
	}
	now := time.Now()
	if now.Sub(b.last) < 100*time.Millisecond && f < 1 {
		return
	}
	b.last = now
	n := int(f*barWidth + 0.5)
	fmt.Fprintf(b.w, "\r%s [%s%s] %3.0f %%  %-28.28s", b.what, strings.Repeat("█", n), strings.Repeat("·", barWidth-n), 100*f, step)
}

// Note prints a remark without spoiling the bar's line.
func (b *Bar) Note(text string) {
	b.Done()
	fmt.Fprintln(b.w, "note:", text)
}

// Done ends the line.
func (b *Bar) Done() {
	if b.tty {
		fmt.Fprintln(b.w)
	}
}
