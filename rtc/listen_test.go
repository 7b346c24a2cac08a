package rtc

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtp"

	"github.com/gioconda-live/gioconda/rtc/avsync"
	"github.com/gioconda-live/gioconda/rtc/opus"
	"github.com/gioconda-live/gioconda/rtc/rtctest"
)

// chatter is a Listenable that says something every 20 ms, some time after it sounded.
type chatter struct {
	t       *testing.T
	late    time.Duration
	err     error
	came    atomic.Int32
	left    atomic.Int32
	silence atomic.Bool
}

func (c *chatter) Listen(out *AudioOutput) (Listener, error) {
	if c.err != nil {
		return nil, c.err
	}
	c.came.Add(1)
	begin := time.Now() // as a film does
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case now := <-tick.C:
				if c.silence.Load() {
					continue
				}
				// A little before or after, as a clock that is followed moves.
				pts := now.Sub(begin) - c.late + time.Duration(now.UnixNano()%1000)*time.Microsecond
				if err := out.WriteSound(rtctest.Packet(), pts); err != nil && !errors.Is(err, ErrClosed) {
					c.t.Error(err)
				}
			}
		}
	}()
	return leaver(func() { close(stop); <-done; c.left.Add(1) }), nil
}

type leaver func()

func (l leaver) Leave() { l() }

// listener is a browser that views and hears.
func (s *stand) listener(t *testing.T, o PeerOptions) (*rtctest.Browser, *Peer) {
	t.Helper()
	b := rtctest.NewBrowser(t, s.nets.Client, false, true)
	b.Listen()
	o.View, o.Codec = s.portrait, CodecVP8
	return b, s.meet(t, b, o)
}

func TestListen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		c := &chatter{t: t}
		b, p := s.listener(t, PeerOptions{Listen: c})
		b.Frames(5)
		last := rtctest.Expect(t, b.Sound.Packets)
		if !last.Marker {
			t.Error("the first packet does not begin a talk")
		}
		for range 50 {
			next := rtctest.Expect(t, b.Sound.Packets)
			if next.Timestamp-last.Timestamp != 960 || next.SequenceNumber-last.SequenceNumber != 1 || next.Marker ||
				string(next.Payload) != string(rtctest.Packet()) {
				t.Errorf("after %v comes %v", last.Header, next.Header)
			}
			last = next
		}
		c.silence.Store(true)
		time.Sleep(time.Second)
		for len(b.Sound.Packets) > 0 {
			last = <-b.Sound.Packets
		}
		c.silence.Store(false)
		next := rtctest.Expect(t, b.Sound.Packets)
		if gap := opus.Duration(int64(next.Timestamp - last.Timestamp)); !next.Marker || (gap-time.Second).Abs() > 30*time.Millisecond {
			t.Errorf("a second of silence is %v, marked %v", gap, next.Marker)
		}
		b.Close()
		rtctest.Expect(t, p.Done())
		if c.came.Load() != 1 || c.left.Load() != 1 {
			t.Errorf("%d came to listen, %d left", c.came.Load(), c.left.Load())
		}
	})
}

// TestReportsAlignSoundAndPicture: by the sender reports a receiver finds when each was presented, and not when it was sent.
func TestReportsAlignSoundAndPicture(t *testing.T) {
	const late = 70 * time.Millisecond // sound is sent so long after it is to be heard; pictures at once
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		c := &chatter{t: t, late: late}
		b, _ := s.listener(t, PeerOptions{Listen: c, Sync: true})
		b.Frames(1)
		sound := rtctest.Expect(t, b.Sound.Track)
		type offset struct {
			ntp   float64
			stamp uint32
		}
		var picture, voice offset
		for picture.ntp == 0 || voice.ntp == 0 {
			r := rtctest.Expect(t, b.Sound.Reports)
			at := offset{avsync.UnixMicros(r.NTPTime), r.RTPTime}
			if r.SSRC == uint32(sound.SSRC()) {
				voice = at
			} else {
				picture = at
			}
			if r.PacketCount == 0 || r.OctetCount == 0 {
				t.Errorf("report %+v counts nothing", r)
			}
		}
		presented := func(p *rtp.Packet, o offset, rate float64) time.Time {
			return time.UnixMicro(int64(o.ntp + float64(int32(p.Timestamp-o.stamp))/rate*1e6))
		}
		drain(b.Packets)
		seen := presented(rtctest.Expect(t, b.Packets), picture, 90_000)
		seenAt := time.Now()
		drain(b.Sound.Packets)
		heard := presented(rtctest.Expect(t, b.Sound.Packets), voice, 48_000)
		heardAt := time.Now()
		if got := heardAt.Sub(heard) - seenAt.Sub(seen); (got - late).Abs() > 3*time.Millisecond {
			t.Errorf("sound is %v later than the picture by the reports, want %v", got, late)
		}
	})
}

func drain(c chan *rtp.Packet) {
	for len(c) > 0 {
		<-c
	}
}

// TestStreamsOfSoundAndPicture: only with Sync are they one MediaStream, and there is sound only for who asks.
func TestStreamsOfSoundAndPicture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		c := &chatter{t: t}
		for _, sync := range []bool{false, true} {
			b, _ := s.listener(t, PeerOptions{Listen: c, Sync: sync, PlayoutDelay: true})
			rtctest.Expect(t, b.Sound.Packets)
			streams := map[string]bool{}
			for line := range strings.Lines(b.Answered()) {
				if id, ok := strings.CutPrefix(line, "a=msid:"); ok {
					streams[strings.Fields(id)[0]] = true
				}
			}
			if (len(streams) == 1) != sync {
				t.Errorf("sync %v: streams %v", sync, streams)
			}
			if id := b.Extension(rtctest.PlayoutDelay, rtctest.Expect(t, b.Receiver)); (id == 0) != sync {
				t.Errorf("sync %v: playout delay was negotiated as %d", sync, id)
			}
		}
		deaf := rtctest.NewBrowser(t, s.nets.Client, false, true)
		s.meet(t, deaf, PeerOptions{View: s.portrait, Listen: c, Codec: CodecVP8})
		deaf.Frames(5)
		if c.came.Load() != 2 || strings.Contains(deaf.Answered(), "m=audio") {
			t.Errorf("%d came to listen", c.came.Load())
		}
		mute, _ := s.listener(t, PeerOptions{}) // asks for sound, and there is none
		mute.Frames(5)
		refused, _ := s.listener(t, PeerOptions{Listen: &chatter{t: t, err: errors.New("full")}})
		refused.Frames(5)
	})
}

func TestWriteSound(t *testing.T) {
	o := &AudioOutput{send: func(*rtp.Packet) error { return nil }, shown: &avsync.Presentation{}, clock: &avsync.Clock{}}
	if err := o.WriteSound([]byte{0xff, 0}, 0); !errors.Is(err, opus.ErrPacket) {
		t.Errorf("no Opus: %v", err)
	}
	packet, pts := rtctest.Packet(), time.Duration(0)
	if n := testing.AllocsPerRun(100, func() {
		pts += 20 * time.Millisecond
		_ = o.WriteSound(packet, pts)
	}); n != 0 {
		t.Errorf("%v allocations a packet", n)
	}
	(&listening{out: o}).close()
	if err := o.WriteSound(packet, time.Hour); !errors.Is(err, ErrClosed) {
		t.Errorf("after the end: %v", err)
	}
}
