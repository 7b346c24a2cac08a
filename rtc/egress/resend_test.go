package egress

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtp"

	"github.com/gioconda-live/gioconda/rtc/congestion"
)

// wireTap is where an outgoing stream's packets go, one at a time. Read it after synctest.Wait.
type wireTap struct {
	seqs  []uint16
	at    []time.Time
	bytes int
}

func (w *wireTap) Write(h *rtp.Header, payload []byte, _ interceptor.Attributes) (int, error) {
	w.seqs = append(w.seqs, h.SequenceNumber)
	w.at = append(w.at, time.Now())
	w.bytes += len(payload) + packetOverhead
	return len(payload), nil
}

// sending is an outgoing stream on a path of 1.5 Mbit/s.
type sending struct {
	*outgoing
	tap *wireTap
	seq uint16
}

func newSending(t *testing.T) *sending {
	t.Helper()
	path := NewPath(congestion.Limits{Min: 150_000, Start: 1_500_000, Max: 4_000_000})
	path.rate.Store(1_500_000)
	tap := &wireTap{}
	s := &sending{newOutgoing(path, tap), tap, 65_000} // numbers wrap soon
	t.Cleanup(s.close)
	return s
}

// out is how many packets have gone out.
func (s *sending) out() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.tap.at)
}

// frame writes one of so many bytes.
func (s *sending) frame(t *testing.T, bytes int) {
	t.Helper()
	payload := make([]byte, packetSize)
	for ; bytes > 0; bytes -= packetSize {
		h := rtp.Header{Version: 2, SequenceNumber: s.seq}
		if _, err := s.Write(&h, payload[:min(bytes, packetSize)], nil); err != nil {
			t.Fatal(err)
		}
		s.seq++
	}
}

func TestAPacketIsSentAgainThreeTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, rtt := range []time.Duration{0, 70 * time.Millisecond} {
			s := newSending(t)
			s.path.roundTrip.Store(int64(rtt))
			s.frame(t, 1000)
			hopeless := false
			for range 400 {
				time.Sleep(time.Millisecond)
				synctest.Wait()
				hopeless = s.resend(s.seq-1) || hopeless
			}
			if len(s.tap.at) != 4 || !hopeless {
				t.Fatalf("sent %d times in all, given up: %v", len(s.tap.at), hopeless)
			}
			for i, at := range s.tap.at[1:] {
				if apart := at.Sub(s.tap.at[i]); apart != max(rtt, 20*time.Millisecond) {
					t.Errorf("round trip %v: sent again after %v", rtt, apart)
				}
			}
		}
	})
}

func TestOnlyWhatIsKeptIsSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSending(t)
		for range keptPackets + 10 {
			s.frame(t, 100)
			time.Sleep(10 * time.Millisecond)
			synctest.Wait()
		}
		n := len(s.tap.seqs)
		for _, seq := range []uint16{s.seq, s.seq + 5, s.seq - keptPackets - 1} {
			if s.resend(seq) || len(s.tap.seqs) != n {
				t.Errorf("%d was sent, the newest is %d", seq, s.seq-1)
			}
		}
		if s.resend(s.seq - keptPackets + 1); len(s.tap.seqs) != n+1 {
			t.Error("a packet that is kept was not sent again")
		}
	})
}

// Whoever asks for everything again and again gets no more than a third on top.
func TestAFloodOfRequestsIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSending(t)
		for range 5 * 30 {
			s.frame(t, 1_500_000/8/30)
			for range 3 {
				time.Sleep(11 * time.Millisecond)
				synctest.Wait()
				for back := range uint16(keptPackets) {
					s.resend(s.seq - 1 - back)
				}
			}
		}
		if bps := s.tap.bytes * 8 / 5; bps > 1_500_000*14/10 || bps < 1_500_000*12/10 {
			t.Errorf("%d bit/s go out", bps)
		}
	})
}

func TestAKeyframeIsPaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSending(t)
		s.frame(t, firstBurst)
		if n := s.out(); n != 10 {
			t.Fatalf("%d packets of the first frame went out at once, want 10", n)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		began := time.Now()
		s.frame(t, 40*packetSize)
		atOnce := s.out() - 10
		time.Sleep(time.Second)
		synctest.Wait()
		if s.out() != 50 {
			t.Fatalf("%d packets, want 50", s.out())
		}
		took := s.tap.at[49].Sub(began)
		t.Logf("%d of 40 packets go out at once, the last after %v", atOnce, took)
		if atOnce > 12 || took < 50*time.Millisecond || took > 90*time.Millisecond {
			t.Errorf("%d of 40 packets go out at once, the last after %v", atOnce, took)
		}
		for i, seq := range s.tap.seqs {
			if seq != 65_000+uint16(i) {
				t.Fatalf("packet %d is number %d", i, seq)
			}
		}
	})
}

// TestPacingCostsNoTime sends frames as an encoder makes them, most near the mean and some three times as large.
func TestPacingCostsNoTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSending(t)
		rng := rand.New(rand.NewPCG(1, 2))
		var late []time.Duration
		for range 30 * 60 {
			began := time.Now()
			s.frame(t, int(1_400_000/8/30*math.Exp(0.4*rng.NormFloat64()-0.08)))
			time.Sleep(time.Second / 30)
			synctest.Wait()
			late = append(late, s.tap.at[len(s.tap.at)-1].Sub(began))
		}
		slices.Sort(late)
		p95, most := late[len(late)*95/100], late[len(late)-1]
		t.Logf("the last packet of a frame waits 95 %% within %v, at most %v", p95, most)
		if p95 > 5*time.Millisecond || most > 40*time.Millisecond {
			t.Errorf("the last packet of a frame waits 95 %% within %v, at most %v", p95, most)
		}
	})
}

// What waits goes out whatever the path does, and nothing after the end.
func TestWhatWaitsIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSending(t)
		s.path.rate.Store(1000)
		s.frame(t, 3*keptPackets*packetSize)
		if waits := s.tail - s.head; waits >= keptPackets/2 {
			t.Errorf("%d packets wait", waits)
		}
		s.close()
		n := len(s.tap.at)
		time.Sleep(time.Minute)
		synctest.Wait()
		s.resend(s.seq - 1)
		if len(s.tap.at) != n {
			t.Error("packets went out after the end")
		}
	})
}

func TestWritingAllocatesNothing(t *testing.T) {
	s := newOutgoing(NewPath(congestion.Limits{Min: 150_000, Start: 1_500_000, Max: 4_000_000}), discardRTP{})
	defer s.close()
	payload, h := make([]byte, packetSize), rtp.Header{Version: 2}
	write := func() {
		h.SequenceNumber++
		_, _ = s.Write(&h, payload, nil)
		s.resend(h.SequenceNumber - 3)
	}
	for range 2 * keptPackets {
		write()
	}
	if n := testing.AllocsPerRun(1000, write); n != 0 {
		t.Errorf("%v allocations a packet", n)
	}
}

type discardRTP struct{}

func (discardRTP) Write(_ *rtp.Header, payload []byte, _ interceptor.Attributes) (int, error) {
	return len(payload), nil
}
