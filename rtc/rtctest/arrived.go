package rtctest

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"
	"github.com/pion/webrtc/v3/pkg/media/samplebuilder"

	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/rtc/opus"
)

// Arrived is what came over WebRTC: VP8, Opus, and what the sender reports say of their times.
type Arrived struct {
	Video, Sound []*rtp.Packet
	Reports      []*rtcp.SenderReport
}

// Arrives keeps what comes to a browser for a while.
func (b *Browser) Arrives(long time.Duration) *Arrived {
	var a Arrived
	for end := time.After(long); ; {
		select {
		case p := <-b.Packets:
			a.Video = append(a.Video, p)
		case p := <-b.Sound.Packets:
			a.Sound = append(a.Sound, p)
		case r := <-b.Sound.Reports:
			a.Reports = append(a.Reports, r)
		case <-end:
			return &a
		}
	}
}

// times gives the time since 1970 at which a stream's timestamps are presented, by the report of about that time.
func (a *Arrived) times(t testing.TB, of []*rtp.Packet, rate float64) func(stamp uint32) float64 {
	t.Helper()
	if len(of) == 0 {
		t.Fatal("a stream did not come")
	}
	var mine []*rtcp.SenderReport
	for _, r := range a.Reports {
		if r.SSRC == of[0].SSRC {
			mine = append(mine, r)
		}
	}
	if len(mine) < 2 {
		t.Fatalf("%d reports of stream %d among %d", len(mine), of[0].SSRC, len(a.Reports))
	}
	return func(stamp uint32) float64 {
		off := func(r *rtcp.SenderReport) int64 { return int64(int32(stamp - r.RTPTime)) }
		r := slices.MinFunc(mine, func(x, y *rtcp.SenderReport) int { return cmp.Compare(max(off(x), -off(x)), max(off(y), -off(y))) })
		return float64(r.NTPTime>>32) + float64(r.NTPTime&0xffffffff)/(1<<32) + float64(off(r))/rate
	}
}

// FilmWriter takes a film of VP8 and Opus, at times since its first frame, which is a keyframe.
type FilmWriter interface {
	Begun() bool
	WriteFrame(data []byte, key bool, at time.Duration) error
	WriteSound(packet []byte, at time.Duration) error
}

// Film writes what came as a film, whose times are those of the sender reports.
func (a *Arrived) Film(t testing.TB, w FilmWriter) {
	t.Helper()
	pictures, sounds := a.times(t, a.Video, frame.ClockRate), a.times(t, a.Sound, opus.ClockRate)
	build := samplebuilder.New(200, &codecs.VP8Packet{}, frame.ClockRate)
	begin, next := 0.0, 0
	since := func(at float64) time.Duration { return time.Duration((at - begin) * float64(time.Second)) }
	for _, p := range a.Video {
		build.Push(p)
		for s := build.Pop(); s != nil; s = build.Pop() {
			at, key := pictures(s.PacketTimestamp), s.Data[0]&1 == 0
			if !w.Begun() {
				if !key {
					continue
				}
				begin = at
			}
			for ; w.Begun() && next < len(a.Sound) && sounds(a.Sound[next].Timestamp) < at; next++ {
				if d := since(sounds(a.Sound[next].Timestamp)); d >= 0 {
					if err := w.WriteSound(a.Sound[next].Payload, d); err != nil {
						t.Fatal(err)
					}
				}
			}
			if err := w.WriteFrame(s.Data, key, since(at)); err != nil {
				t.Fatal(err)
			}
		}
	}
}
