package rtc

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/trace"
	"github.com/gioconda-live/gioconda/rtc/avsync"
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
	if err := json.Unmarshal(r.appendReport(nil, &Counts{}, 0, 0, reportFrames, epoch), &got); err != nil || len(got.Frames) != 2 {
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
	out := newOutput(CodecVP8, r, &Counters{}, &avsync.Presentation{}, &avsync.Clock{}, func(*rtp.Packet) error { return nil }, [8]byte{})
	f := frame.Encoded{Data: []byte{1}}
	if n := testing.AllocsPerRun(100, func() {
		for range 2 * reportFrames { // more than fit
			f.PTS += time.Second / 30
			_ = out.WriteFrame(&f)
		}
		buf = r.appendReport(buf[:0], &d, 0, 1, reportFrames, time.Now())
	}); n != 0 {
		t.Errorf("%v allocations a report", n)
	}
	if !json.Valid(buf) {
		t.Errorf("not JSON: %s", buf)
	}
	if again := r.appendReport(buf[:0], &d, 0, 1, reportFrames, time.Now()); len(again) != 0 {
		t.Errorf("nothing new, and yet: %s", again)
	}
}

// TestANarrowPathIsToldOfFewerFrames: the newest are told of.
func TestANarrowPathIsToldOfFewerFrames(t *testing.T) {
	epoch := time.Now()
	for _, c := range []struct{ bps, times, want int }{
		{150_000, 1, 1}, {600_000, 1, 3}, {1_500_000, 1, 7}, {1_500_000, 2, 3}, {4_000_000, 4, 1}, {50_000_000, 1, 10},
	} {
		r := &reporter{epoch: epoch}
		for i := range uint32(10) {
			r.add(&trace.Frame{Seq: i})
		}
		var got struct{ Frames []struct{ Seq int } }
		if err := json.Unmarshal(r.appendReport(nil, &Counts{}, 0, c.bps, reportedFrames(c.bps, c.times), epoch), &got); err != nil {
			t.Fatal(err)
		}
		if n := len(got.Frames); n != c.want || got.Frames[n-1].Seq != 9 || got.Frames[0].Seq != 10-c.want {
			t.Errorf("%d bit/s, %d times: %+v", c.bps, c.times, got.Frames)
		}
		if again := r.appendReport(nil, &Counts{}, 0, c.bps, reportFrames, epoch); len(again) != 0 {
			t.Errorf("%d bit/s: told again: %s", c.bps, again)
		}
	}
}
