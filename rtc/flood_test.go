package rtc

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtcp"

	"github.com/gioconda-live/gioconda/rtc/rtctest"
	"github.com/gioconda-live/gioconda/rtc/rtctest/netem"
)

// TestNackFlood asks a whole peer for all of its packets, fifty times a second.
func TestNackFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, "")
		w.run(5 * time.Second)
		before, budget, newest := w.nets.Down.Counts().Bytes, 0, uint16(0)
		for end := time.Now().Add(6 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
			for len(w.b.Packets) > 0 {
				newest = (<-w.b.Packets).SequenceNumber
			}
			budget += w.peer.path.Carries() / 8 / 50
			all := &rtcp.TransportLayerNack{MediaSSRC: w.ssrc}
			for pair := range uint16(32) {
				all.Nacks = append(all.Nacks, rtcp.NackPair{PacketID: newest - 16*pair, LostPackets: math.MaxUint16})
			}
			if err := w.b.PC.WriteRTCP([]rtcp.Packet{all}); err != nil {
				t.Fatal(err)
			}
		}
		out := w.nets.Down.Counts().Bytes - before
		t.Logf("%d bytes go out, the path carries %d", out, budget)
		if out > 2*budget || out < budget/2 {
			t.Errorf("%d bytes go out, the path carries %d", out, budget)
		}
	})
}

// TestControlSurvivesLoss: where a fifth is lost both ways reports come, and where the requests arrive they are answered, nearly all
// within half a second: an answer whose copies are all lost waits for the transport. What is lost of the requests is for the browser's own transport to send again.
func TestControlSurvivesLoss(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		b, _, _ := s.connect(t, PeerOptions{Codec: CodecVP8})
		time.Sleep(2 * time.Second)
		s.nets.Change(t, "loss=20")
		s.nets.Up.Change(netem.Conditions{Loss: 0.2})
		time.Sleep(2 * time.Second)
		silent := silence(b.Reports, 60*time.Second)
		s.nets.Up.Change(netem.Conditions{})
		time.Sleep(5 * time.Second)
		var took []time.Duration
		for id := range 200 {
			asked := time.Now()
			b.Ask(id, fmt.Sprintf(`{"id":%d,"type":"ping"}`, id))
			took = append(took, time.Since(asked))
			time.Sleep(100 * time.Millisecond)
		}
		slices.Sort(took)
		usual, slowest := took[len(took)*95/100], took[len(took)-1]
		t.Logf("the longest time without a report was %v, until an answer %v, 95 %% within %v", silent, slowest, usual)
		if silent > 2*time.Second || usual > 500*time.Millisecond || slowest > 5*time.Second {
			t.Errorf("the longest time without a report was %v, until an answer %v, 95 %% within %v", silent, slowest, usual)
		}
	})
}

// TestReportsSurviveLoss: also on a slow path, with samples that are to be acknowledged and requests beside, and while the loss is new.
func TestReportsSurviveLoss(t *testing.T) {
	for _, link := range []string{"", "rate=1000000", "rate=300000"} {
		t.Run(link, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := watch(t, link)
				rtctest.Expect(t, w.b.Open)
				ended := make(chan struct{})
				go func() {
					defer close(ended)
					for i := range uint32(30 * 90) {
						_ = w.b.Landmarks.Send(rtctest.Datagram(t, i))
						if i%6 == 0 {
							_ = w.b.Control.SendText(`{"id":1,"type":"settings"}`)
						}
						time.Sleep(time.Second / 30)
					}
				}()
				var all time.Duration
				for range 6 {
					time.Sleep(5 * time.Second)
					w.nets.Change(t, "loss=20")
					w.nets.Up.Change(netem.Conditions{Loss: 0.2})
					for range 10 {
						all += max(0, silence(w.b.Reports, time.Second)-400*time.Millisecond)
					}
					w.nets.Change(t, "loss=0")
					w.nets.Up.Change(netem.Conditions{})
				}
				<-ended
				t.Logf("%q: in 60 s there was no report for %v, after 0.4 s without one", link, all)
				if all > 4*time.Second {
					t.Errorf("%q: in 60 s there was no report for %v, after 0.4 s without one", link, all)
				}
			})
		})
	}
}

// silence is the longest time without a message.
func silence(c <-chan string, long time.Duration) (longest time.Duration) {
	for len(c) > 0 {
		<-c
	}
	last := time.Now()
	for end := time.After(long); ; {
		select {
		case <-c:
			longest, last = max(longest, time.Since(last)), time.Now()
			continue
		case <-end:
		}
		return max(longest, time.Since(last))
	}
}
