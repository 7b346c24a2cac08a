package egress

import (
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

// repairTap keeps what goes out as repair, and counts the rest.
type repairTap struct {
	own  int
	seqs []uint16 // of the repair stream
	osns []uint16 // the packets that are in it
	at   []time.Time
	odd  int
}

func (w *repairTap) Write(h *rtp.Header, payload []byte, _ interceptor.Attributes) (int, error) {
	if h.SSRC == 0 {
		w.own++
		return len(payload), nil
	}
	if h.SSRC != 77 || h.PayloadType != 97 || len(payload) < 3 || payload[2] != 9 {
		w.odd++
	}
	w.seqs = append(w.seqs, h.SequenceNumber)
	w.osns = append(w.osns, uint16(payload[0])<<8|uint16(payload[1]))
	w.at = append(w.at, time.Now())
	return len(payload), nil
}

// repairing is an outgoing stream with a repair stream, on a path that loses a share of the packets or none.
func repairing(t *testing.T, loss float64) (*outgoing, *repairTap) {
	t.Helper()
	path, tap := testPath(), &repairTap{}
	path.rate.Store(1_500_000)
	path.lostNow.Store(math.Float64bits(loss))
	path.copying.Store(loss > 0)
	s := newOutgoing(path, tap)
	s.repairBy(repair{ssrc: 77, kind: 97})
	t.Cleanup(s.close)
	return s, tap
}

func (s *outgoing) write(t *testing.T, seq uint16) {
	t.Helper()
	if _, err := s.Write(&rtp.Header{Version: 2, PayloadType: 96, SequenceNumber: seq}, []byte{9, 1, 2}, nil); err != nil {
		t.Fatal(err)
	}
}

func TestLostPacketsAreRepaired(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, tap := repairing(t, 0)
		for seq := range uint16(10) {
			s.write(t, 65_530+seq)
		}
		time.Sleep(50 * time.Millisecond)
		for _, seq := range []uint16{65_531, 65_535, 0} {
			s.resend(seq)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if tap.own != 10 || !slices.Equal(tap.osns, []uint16{65_531, 65_535, 0}) || !slices.Equal(tap.seqs, []uint16{0, 1, 2}) || tap.odd != 0 {
			t.Errorf("%+v", tap)
		}
	})
}

// TestLossyPathsGetCopies: each packet goes out once more a little later, and so does one that was asked for.
func TestLossyPathsGetCopies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, tap := repairing(t, 0.1)
		began := time.Now()
		for seq := range uint16(5) {
			s.write(t, seq)
		}
		time.Sleep(100 * time.Millisecond)
		synctest.Wait()
		if !slices.Equal(tap.osns, []uint16{0, 1, 2, 3, 4}) || tap.at[0].Sub(began) != copyAfter || tap.odd != 0 {
			t.Errorf("%+v", tap)
		}
		s.resend(3)
		time.Sleep(100 * time.Millisecond)
		synctest.Wait()
		if !slices.Equal(tap.osns[5:], []uint16{3, 3}) || tap.at[6].Sub(tap.at[5]) != copyAfter {
			t.Errorf("%+v", tap)
		}
		s.write(t, 6)
		s.close()
		time.Sleep(time.Second)
		synctest.Wait()
		if len(tap.osns) != 7 {
			t.Error("a copy went out after the end")
		}
	})
}

// TestCopiesComeOutOfTheRate: an encoder that makes more than its half gets fewer copies.
func TestCopiesComeOutOfTheRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSending(t)
		s.path.copying.Store(true)
		s.repairBy(repair{ssrc: 77, kind: 97})
		for range 5 * 30 {
			s.frame(t, 1_300_000/8/30)
			time.Sleep(time.Second / 30)
			synctest.Wait()
		}
		if bps := s.tap.bytes * 8 / 5; bps > 1_500_000*13/10 || bps < 1_450_000 {
			t.Errorf("%d bit/s go out", bps)
		}
	})
}

// TestThePathChoosesCopies: where packets are lost and the other side knows repairs, and then the encoder gets half.
func TestThePathChoosesCopies(t *testing.T) {
	for _, c := range []struct {
		loss    float64
		repairs bool
		want    bool
	}{{0.1, true, true}, {0.1, false, false}, {0.01, true, false}} {
		synctest.Test(t, func(t *testing.T) {
			b := testPath()
			w := b.BindLocalStream(video(true), discardRTP{})
			if c.repairs {
				b.repair()
			}
			lost := 0.0
			for seq := range uint16(1000) {
				if _, err := w.Write(&rtp.Header{Version: 2}, make([]byte, 1000), nil); err != nil {
					t.Fatal(err)
				}
				time.Sleep(4 * time.Millisecond)
				symbol, deltas := rtcp.TypeTCCPacketReceivedSmallDelta, []*rtcp.RecvDelta{{Type: rtcp.TypeTCCPacketReceivedSmallDelta}}
				if lost += c.loss; lost >= 1 {
					lost, symbol, deltas = lost-1, rtcp.TypeTCCPacketNotReceived, nil
				}
				b.hear(&rtcp.TransportLayerCC{
					BaseSequenceNumber: seq, PacketStatusCount: 1, ReferenceTime: uint32(seq) / 16,
					PacketChunks: []rtcp.PacketStatusChunk{&rtcp.RunLengthChunk{PacketStatusSymbol: symbol, RunLength: 1}}, RecvDeltas: deltas,
				}, time.Now())
			}
			if b.Copies() != c.want {
				t.Errorf("%+v: copies %v, loss %.2f, %d bit/s", c, b.Copies(), b.Loss(), b.Carries())
			}
			if got, half := b.Target(time.Now()), b.Carries()/2; c.want && got > half {
				t.Errorf("the encoder gets %d, half is %d", got, half)
			}
		})
	}
}

func TestCopyingAllocatesNothing(t *testing.T) {
	path := testPath()
	path.copying.Store(true)
	s := newOutgoing(path, discardRTP{})
	defer s.close()
	s.repairBy(repair{ssrc: 77, kind: 97})
	payload, h := make([]byte, packetSize), rtp.Header{Version: 2}
	write := func() {
		h.SequenceNumber++
		_, _ = s.Write(&h, payload, nil)
		s.mu.Lock()
		_ = s.repeat(&s.packets[h.SequenceNumber%keptPackets], time.Now())
		s.mu.Unlock()
	}
	for range 2 * keptPackets {
		write()
	}
	if n := testing.AllocsPerRun(1000, write); n != 0 {
		t.Errorf("%v allocations a packet", n)
	}
}
