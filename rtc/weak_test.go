package rtc

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"

	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/rtc/rtctest"
)

// elastic is watched: frames as large as an encoder makes them at the bitrate that it is told, 30 a second.
type elastic struct {
	t       *testing.T
	bitrate atomic.Int64
	key     atomic.Bool
	stop    chan struct{}
	done    chan struct{}
	out     *Output
}

func (e *elastic) View(out *Output) (Viewer, error) {
	e.out, e.stop, e.done = out, make(chan struct{}), make(chan struct{})
	e.key.Store(true)
	go e.run()
	return e, nil
}

func (e *elastic) Keyframe()          { e.key.Store(true) }
func (e *elastic) SetBitrate(bps int) { e.bitrate.Store(int64(bps)) }
func (e *elastic) Leave()             { close(e.stop); <-e.done }

// run writes frames that say when they were made; a keyframe is as large as six others, and no smaller than 6 kB.
func (e *elastic) run() {
	defer close(e.done)
	tick := time.NewTicker(time.Second / 30)
	defer tick.Stop()
	rng := rand.New(rand.NewPCG(1, 2))
	var lastKey time.Time
	for start := time.Now(); ; {
		select {
		case <-e.stop:
			return
		case now := <-tick.C:
			size := int(float64(e.bitrate.Load()) / 8 / 30 * (0.6 + 0.8*rng.Float64()))
			f := frame.Encoded{PTS: now.Sub(start), Key: now.Sub(lastKey) > 300*time.Millisecond && e.key.Swap(false)}
			if f.Key {
				lastKey, size = now, max(6*size, 6000)
			}
			f.Data = make([]byte, max(size, 100))
			if !f.Key {
				f.Data[0] = 1
			}
			binary.BigEndian.PutUint64(f.Data[1:], uint64(now.UnixNano()))
			if err := e.out.WriteFrame(&f); err != nil {
				return
			}
		}
	}
}

// sight is what a browser makes of the packets: frames that are whole and whose predecessor was seen, in order.
type sight struct {
	packets map[uint16]*rtp.Packet
	next    uint16 // of the packet that is waited for
	begun   bool
	newest  uint16

	seen   []time.Time
	delays []time.Duration
	bytes  int
}

func (s *sight) take(p *rtp.Packet) {
	if s.packets == nil {
		s.packets = map[uint16]*rtp.Packet{}
	}
	s.bytes += p.MarshalSize()
	if s.begun && int16(p.SequenceNumber-s.next) < 0 {
		return
	}
	s.packets[p.SequenceNumber] = p
	if int16(p.SequenceNumber-s.newest) > 0 || !s.begun {
		s.newest = p.SequenceNumber
	}
	for s.frame() {
	}
}

// frame shows the next frame if it has come, or the keyframe after a gap.
func (s *sight) frame() bool {
	if s.begun && s.show(s.next) {
		return true
	}
	for seq := range s.packets {
		if first := s.packets[seq].Payload; first[0]&0x10 != 0 && first[4]&1 == 0 && s.show(seq) {
			return true
		}
	}
	return false
}

// show shows the frame that begins with a packet, if all of it is there.
func (s *sight) show(first uint16) bool {
	p := s.packets[first]
	if p == nil {
		return false
	}
	for seq := first; ; seq++ {
		q := s.packets[seq]
		if q == nil {
			return false
		}
		if !q.Marker {
			continue
		}
		now := time.Now()
		s.seen = append(s.seen, now)
		s.delays = append(s.delays, now.Sub(time.Unix(0, int64(binary.BigEndian.Uint64(p.Payload[5:])))))
		s.begun, s.next = true, seq+1
		for old := range s.packets {
			if int16(old-s.next) < 0 {
				delete(s.packets, old)
			}
		}
		return true
	}
}

// watched is a browser that watches over a bad network.
type watched struct {
	t *testing.T
	*stand
	b    *rtctest.Browser
	peer *Peer
	ssrc uint32
	sight
}

// watch connects over a network under conditions; the time on the way is 20 ms in all.
func watch(t *testing.T, conditions string) *watched {
	t.Helper()
	w := &watched{t: t, stand: newStand(t, nil)}
	w.nets.Change(t, "delay=10 queue=64000 "+conditions)
	w.b = rtctest.NewBrowser(t, w.nets.Client, true, true)
	out := newWire(t, w.b)
	w.peer = w.stand.peer(t, PeerOptions{Codec: CodecVP8, Drive: w.portrait, View: &elastic{t: t}, Signaller: out})
	trickle(w.b, out, w.peer)
	if _, err := w.peer.Offer(t.Context(), w.b.Offer(nil)); err != nil {
		t.Fatal(err)
	}
	w.ssrc = uint32(rtctest.Expect(t, w.b.Receiver).Track().SSRC())
	return w
}

// run watches for some seconds: frames a second, the delay that one frame in twenty exceeded, and what arrived in bit/s. It asks
// for a keyframe where nothing was seen for a second, as a browser does after some time.
func (w *watched) run(long time.Duration) (fps float64, p95 time.Duration, bps int) {
	w.seen, w.delays, w.bytes = w.seen[:0], w.delays[:0], 0
	asked := time.Now()
	for end := time.After(long); ; {
		select {
		case p := <-w.b.Packets:
			w.take(p)
			if n := len(w.seen); n > 0 && w.seen[n-1].After(asked) {
				asked = w.seen[n-1]
			}
			if time.Since(asked) > time.Second {
				asked = time.Now()
				_ = w.b.PC.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: w.ssrc}})
			}
			continue
		case <-end:
		}
		break
	}
	slices.Sort(w.delays)
	if n := len(w.delays); n > 0 {
		p95 = w.delays[n*95/100]
	}
	return float64(len(w.seen)) / long.Seconds(), p95, int(float64(w.bytes) * 8 / long.Seconds())
}

// check runs for 15 s, and says what is worse than it may be.
func (w *watched) check(what string, fps float64, p95 time.Duration, bps int) (got int) {
	w.t.Helper()
	f, d, b := w.run(15 * time.Second)
	w.t.Logf("%s: %.1f frames/s, 95 %% within %v, %d bit/s", what, f, d.Round(time.Millisecond), b)
	if f < fps || d > p95 || b < bps {
		w.t.Errorf("%s: %.1f frames/s, 95 %% within %v, %d bit/s; at least %v, %v and %d are wanted", what, f, d, b, fps, p95, bps)
	}
	return b
}

func TestWeakFromTheStart(t *testing.T) {
	for _, c := range []struct {
		link string
		bps  int
	}{{"rate=300000", 150_000}, {"rate=600000", 350_000}, {"rate=1000000", 600_000}} {
		t.Run(c.link, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := watch(t, c.link)
				w.run(5 * time.Second)
				w.check(c.link, 25, 400*time.Millisecond, c.bps)
			})
		})
	}
}

func TestWeakAfterAStep(t *testing.T) {
	for _, c := range []struct {
		link string
		bps  int
	}{{"rate=300000", 150_000}, {"rate=600000", 350_000}, {"rate=1000000", 600_000}} {
		t.Run(c.link, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := watch(t, "rate=3000000")
				w.run(10 * time.Second)
				before := w.check("before", 29, 200*time.Millisecond, 2_000_000)
				w.nets.Change(t, c.link)
				fps, p95, bps := w.run(5 * time.Second)
				t.Logf("the first five seconds: %.1f frames/s, 95 %% within %v, %d bit/s", fps, p95, bps)
				w.check("after the step", 25, 400*time.Millisecond, c.bps)
				w.nets.Change(t, "rate=3000000")
				w.run(9 * time.Second)
				if _, _, bps := w.run(time.Second); bps < before*8/10 {
					t.Errorf("%d bit/s ten seconds after the link has recovered, %d before", bps, before)
				}
			})
		})
	}
}

func TestWeakLosses(t *testing.T) {
	for _, c := range []struct {
		link string
		fps  float64
		p95  time.Duration
		bps  int
	}{
		{"loss=5", 28, 250 * time.Millisecond, 1_000_000},
		{"loss=10", 25, 400 * time.Millisecond, 1_000_000},
		{"loss=5 burst=5", 25, 400 * time.Millisecond, 1_000_000},
		{"jitter=100", 25, 400 * time.Millisecond, 1_000_000},
		{"loss=10 rate=1000000", 25, 400 * time.Millisecond, 500_000},
		{"loss=5 rate=600000", 25, 400 * time.Millisecond, 300_000},
	} {
		t.Run(c.link, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := watch(t, "")
				w.run(5 * time.Second)
				w.nets.Change(t, c.link)
				w.run(5 * time.Second)
				w.check(c.link, c.fps, c.p95, c.bps)
			})
		})
	}
}

func TestACleanPathIsUsedSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, "")
		w.run(time.Second)
		w.check("clean", 29.5, 25*time.Millisecond, 2_500_000)
	})
}
