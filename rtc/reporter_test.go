package rtc

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/trace"
)

// TestReportTellsTheLayersApart: drawn lies between retargeted and generated, and is 0 where one layer drew.
func TestReportTellsTheLayersApart(t *testing.T) {
	epoch := time.Now()
	r := &reporter{epoch: epoch}
	var f trace.Frame
	for s, ms := range map[trace.Stage]int{trace.Retargeted: 1, trace.Drawn: 5, trace.Generated: 14, trace.Sent: 20} {
		f.Stamp(s, epoch.Add(time.Duration(ms)*time.Millisecond))
	}
	r.add(&f)
	f.At[trace.Drawn] = time.Time{}
	r.add(&f)
	var got struct {
		Frames []struct{ Retargeted, Drawn, Generated int }
	}
	if err := json.Unmarshal(r.appendReport(nil, &Counts{}, 0, 0, epoch), &got); err != nil || len(got.Frames) != 2 {
		t.Fatalf("%+v, %v", got, err)
	}
	if a, b := got.Frames[0], got.Frames[1]; a.Retargeted != 1000 || a.Drawn != 5000 || a.Generated != 14000 || b.Drawn != 0 {
		t.Errorf("%+v", got)
	}
}

func TestReportAllocatesLittle(t *testing.T) {
	r := &reporter{epoch: time.Now().Add(-time.Hour)}
	var d Counts
	buf := make([]byte, 0, 16<<10)
	out := newOutput(CodecVP8, r, &Counters{}, &presentation{}, &streamClock{}, func(*rtp.Packet) error { return nil }, [8]byte{})
	f := frame.Encoded{Data: []byte{1}}
	if n := testing.AllocsPerRun(100, func() {
		for range 2 * reportFrames { // more than fit
			f.PTS += time.Second / 30
			_ = out.WriteFrame(&f)
		}
		buf = r.appendReport(buf[:0], &d, 0, 1, time.Now())
	}); n != 0 {
		t.Errorf("%v allocations a report", n)
	}
	if !json.Valid(buf) {
		t.Errorf("not JSON: %s", buf)
	}
	if again := r.appendReport(buf[:0], &d, 0, 1, time.Now()); len(again) != 0 {
		t.Errorf("nothing new, and yet: %s", again)
	}
}
