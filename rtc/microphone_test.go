package rtc

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gioconda-live/gioconda/rtc/avsync"
	"github.com/gioconda-live/gioconda/rtc/rtctest"
)

// ear keeps what it hears.
type ear struct {
	mu    sync.Mutex
	heard []sounded
}

type sounded struct {
	packet string
	at     time.Time // when it sounded
	came   time.Time
}

func (e *ear) Hear(packet []byte, _ time.Duration, at time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.heard = append(e.heard, sounded{string(packet), at, time.Now()})
}

// all takes what was heard so far.
func (e *ear) all() (list []sounded) {
	e.mu.Lock()
	defer e.mu.Unlock()
	list, e.heard = e.heard, nil
	return list
}

// tell lets the browser say how far the clocks are apart, which in the bubble they are not.
func tell(t *testing.T, b *rtctest.Browser, p *Peer) {
	t.Helper()
	since := p.report.epoch.UnixMicro()
	if m := b.Ask(1, fmt.Sprintf(`{"id":1,"type":"ping","t":1,"offset":0,"wall":%d}`, since)); m["ok"] != true {
		t.Errorf("ping: %v", m)
	}
}

// talker is a browser that drives, views and has a microphone.
func (s *stand) talker(t *testing.T) (*rtctest.Browser, *rtctest.Microphone, *ear, *Peer) {
	t.Helper()
	b, e := rtctest.NewBrowser(t, s.nets.Client, true, true), &ear{}
	m := b.Microphone()
	p := s.meet(t, b, PeerOptions{Drive: s.portrait, View: s.portrait, Hear: e, Codec: CodecVP8})
	rtctest.Expect(t, b.Open)
	return b, m, e, p
}

func TestMicrophone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		b, m, e, p := s.talker(t)
		begin := time.Now()
		m.Talk(50)
		time.Sleep(100 * time.Millisecond)
		list := e.all()
		if len(list) != 50 || p.counters.Counts().Sounds != 50 {
			t.Fatalf("%d packets of 50 were heard, counts %+v", len(list), p.counters.Counts())
		}
		for i, h := range list {
			// Without the driver's clock a packet has sounded by the time it came in.
			if want := begin.Add(time.Duration(i-1) * 20 * time.Millisecond); h.packet != string(rtctest.Packet()) || h.at.Sub(want).Abs() > 30*time.Millisecond {
				t.Errorf("packet %d is %x and sounded %v late", i, h.packet, h.at.Sub(want))
			}
			if i > 0 && h.at.Sub(list[i-1].at) != 20*time.Millisecond {
				t.Errorf("packet %d sounded %v after the one before", i, h.at.Sub(list[i-1].at))
			}
		}
		if n := len(b.Sound.Packets); n != 0 {
			t.Errorf("the driver hears itself: %d packets", n)
		}
	})
}

// TestMicrophoneTellsItsTime: with the driver's clock and its sender reports, the network's way is not in the time.
func TestMicrophoneTellsItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		b, m, e, p := s.talker(t)
		tell(t, b, p)
		sent := time.Now()
		for range 400 { // of 10 ms, each sent when it has sounded, as browsers do and say
			m.Send([]byte{0xf0, 1})
			m.Stamp -= 480
			time.Sleep(10 * time.Millisecond)
		}
		time.Sleep(100 * time.Millisecond)
		list := e.all()
		if len(list) != 400 {
			t.Fatalf("%d packets", len(list))
		}
		for i, h := range list[150:] {
			if off := h.at.Sub(sent.Add(time.Duration(149+i) * 10 * time.Millisecond)); off.Abs() > time.Millisecond {
				t.Errorf("packet %d: %v off", 150+i, off)
			}
		}
	})
}

// TestBadMicrophone: what is no Opus, too much or out of order harms nobody.
func TestBadMicrophone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		_, m, e, p := s.talker(t)
		m.Talk(3)
		m.Send([]byte{0xff, 0})          // no frames
		m.Send(make([]byte, 1400))       // large, and fine
		m.Send([]byte{31<<3 | 3, 49, 1}) // too long
		time.Sleep(100 * time.Millisecond)
		if n := len(e.all()); n != 4 || p.counters.Counts().Malformed != 2 {
			t.Errorf("%d packets, counts %+v", n, p.counters.Counts())
		}
		m.Seq++ // lost
		m.Send([]byte{0xfc, 1})
		time.Sleep(30 * time.Millisecond)
		if n := len(e.all()); n != 0 {
			t.Errorf("%d packets did not wait for the one before", n)
		}
		time.Sleep(60 * time.Millisecond)
		if n := len(e.all()); n != 1 {
			t.Errorf("%d packets after the wait", n)
		}
		for range 1000 {
			m.Send(rtctest.Packet())
		}
		time.Sleep(time.Second)
		if n := len(e.all()); n < 40 || n > 60 {
			t.Errorf("%d packets of a flood of 1000 were let in", n)
		}
		if p.Down() {
			t.Error("the connection is gone")
		}
	})
}

// TestNobodyHears: a peer without Hear refuses sound, and one that is heard twice hears the newest.
func TestNobodyHears(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		b := rtctest.NewBrowser(t, s.nets.Client, true, true)
		m := b.Microphone()
		p := s.meet(t, b, PeerOptions{Drive: s.portrait, View: s.portrait, Codec: CodecVP8})
		m.Talk(10)
		b.Frames(3)
		if n := p.counters.Counts(); n.Sounds != 0 {
			t.Errorf("counts %+v", n)
		}

		b, e := rtctest.NewBrowser(t, s.nets.Client, true, false), &ear{}
		first, second := b.Microphone(), b.Microphone()
		s.meet(t, b, PeerOptions{Drive: s.portrait, Hear: e})
		first.Talk(10)
		second.Talk(10)
		time.Sleep(100 * time.Millisecond)
		e.all()
		first.Talk(10)
		second.Talk(5)
		time.Sleep(100 * time.Millisecond)
		if n := len(e.all()); n != 5 {
			t.Errorf("%d packets, want the 5 of the second microphone", n)
		}
	})
}

// TestAVOffset: reports tell how much later than its sound a picture leaves, once both are there.
func TestAVOffset(t *testing.T) {
	r := &reporter{}
	now := time.Now()
	r.picture.add(50*time.Millisecond, now)
	say := func() string {
		r.count = 1
		return string(r.appendReport(nil, &Counts{}, 0, 0, reportFrames, now.Add(time.Second)))
	}
	if s := say(); s[len(s)-8:] != `"fps":0}` {
		t.Errorf("without sound: %s", s)
	}
	r.ear.add(30*time.Millisecond, now)
	if s := say(); s[len(s)-12:] != `,"av":20000}` {
		t.Errorf("with both: %s", s)
	}
	now = now.Add(2 * time.Second)
	if s := say(); s[len(s)-8:] != `"fps":0}` {
		t.Errorf("after both: %s", s)
	}
}

func TestNTP(t *testing.T) {
	at := time.Date(2026, 11, 26, 21, 0, 0, 123_456_789, time.UTC)
	if got := avsync.UnixMicros(avsync.NTP(at)) - float64(at.UnixMicro()); got < -2 || got > 2 {
		t.Errorf("%v us off", got)
	}
}
