package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// bar shows progress on a terminal, and single lines elsewhere.
type bar struct {
	w     io.Writer
	what  string
	tty   bool
	last  time.Time
	step  string
	begun time.Time
}

func newBar(w io.Writer, what string) *bar {
	b := &bar{w: w, what: what, begun: time.Now()}
	if f, ok := w.(*os.File); ok {
		st, err := f.Stat()
		b.tty = err == nil && st.Mode()&os.ModeCharDevice != 0
	}
	return b
}

const barWidth = 30

// fraction shows that f (0..1) is done and what is worked on.
func (b *bar) fraction(f float64, step string) {
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

// note prints a remark without spoiling the bar's line.
func (b *bar) note(text string) {
	b.done()
	fmt.Fprintln(b.w, "note:", text)
}

// done ends the line.
func (b *bar) done() {
	if b.tty {
		fmt.Fprintln(b.w)
	}
}
