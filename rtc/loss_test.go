package rtc

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtp/codecs"
	"github.com/pion/webrtc/v3/pkg/media/samplebuilder"

	"github.com/gioconda-live/gioconda/pipeline/encode/vp8"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/latest"
	"github.com/gioconda-live/gioconda/rtc/rtctest"
)

// TestLoss loses 5 % of all datagrams both ways for 30 s: every picture must come, repaired by NACK, and most samples that
// were not lost themselves.
func TestLoss(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		b, _, _ := s.connect(t, PeerOptions{Codec: CodecVP8, PlayoutDelay: true})
		s.nets.Lose(0.05)

		const samples = 900
		arrived := make(chan int)
		go func() { arrived <- count(s.portrait.mailbox, 31*time.Second) }()
		go func() {
			for i := range samples {
				_ = b.Landmarks.Send(rtctest.Datagram(t, uint32(i)))
				time.Sleep(time.Second / 30)
			}
		}()

		d, err := vp8.NewDecoder()
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		build := samplebuilder.New(200, &codecs.VP8Packet{}, frame.ClockRate)
		whole, damaged, missing := 0, 0, 0
		for end := time.After(30 * time.Second); ; {
			select {
			case p := <-b.Packets:
				build.Push(p)
				for s := build.Pop(); s != nil; s = build.Pop() {
					missing += int(s.PrevDroppedPackets)
					if _, err := d.Decode(s.Data); err != nil {
						damaged++
					} else {
						whole++
					}
				}
				continue
			case <-end:
			}
			break
		}
		got := <-arrived
		t.Logf("in 30 s: %d pictures, %d damaged, %d packets never came; %d of %d samples",
			whole, damaged, missing, got, samples)
		if whole < 895 || damaged > 0 {
			t.Errorf("%d pictures in 30 s, %d damaged", whole, damaged)
		}
		if got < samples*85/100 { // some wait in Pion's sender and overwrite each other
			t.Errorf("%d of %d samples", got, samples)
		}
	})
}

// count takes arrivals for a while.
func count(box *latest.Slot[landmark.Arrival], long time.Duration) (n int) {
	var a landmark.Arrival
	for end := time.After(long); ; {
		select {
		case <-box.Ready():
			if box.Take(&a) {
				n++
			}
		case <-end:
			return n
		}
	}
}
