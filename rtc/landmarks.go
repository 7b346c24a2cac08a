package rtc

import (
	"errors"
	"io"
	"sync/atomic"
	"time"

	"github.com/pion/datachannel"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/latest"
	"github.com/gioconda-live/gioconda/rtc/limit"
)

// landmarkReader turns the datagrams of one landmarks channel into arrivals in a mailbox. A new channel has a reader of
// its own, so a page that starts counting from 0 again is not taken for a replay. One goroutine at a time, retire excepted;
// it allocates nothing per message.
type landmarkReader struct {
	codec   *landmark.Codec
	mailbox *latest.Slot[landmark.Arrival]
	counts  *Counters
	limit   limit.Bucket
	driver  *driverClock
	retired atomic.Bool

	arrival landmark.Arrival // decoded into, then copied into the mailbox
	last    uint32           // number of the newest sample, if there was any
	any     bool
}

func newLandmarkReader(codec *landmark.Codec, to *latest.Slot[landmark.Arrival], c *Counters, rate int, now time.Time) *landmarkReader {
	return &landmarkReader{
		codec: codec, mailbox: to, counts: c, driver: &driverClock{}, limit: limit.NewBucket(rate, max(rate/2, 1), now),
	}
}

// take decodes one message and puts it into the mailbox, unless it is malformed, older than or the same as
// the newest one, or one too many; those it counts.
func (in *landmarkReader) take(b []byte, text bool, now time.Time) {
	if !in.limit.Take(now) {
		in.counts.fast.Add(1)
		return
	}
	s := &in.arrival.Sample
	if text || in.codec.Decode(s, b) != nil {
		in.counts.malformed.Add(1)
		return
	}
	if in.any && !landmark.Newer(s.Seq, in.last) {
		in.counts.stale.Add(1)
		return
	}
	in.last, in.any, in.arrival.Received = s.Seq, true, now
	in.arrival.Captured = in.driver.captured(s.CaptureMicros, now)
	in.counts.samples.Add(1)
	in.mailbox.Put(&in.arrival) // which counts what this overwrites
}

// retire ends read with the next message: a newer channel has opened. Safe from any goroutine.
func (in *landmarkReader) retire() { in.retired.Store(true) }

// read takes messages until the channel ends or a newer one has opened. heard is called for each.
func (in *landmarkReader) read(from datachannel.Reader, heard func()) {
	var buf [2 * landmark.MaxWireSize]byte
	for {
		n, text, err := from.ReadDataChannel(buf[:])
		if err != nil && !errors.Is(err, io.ErrShortBuffer) {
			return
		}
		heard()
		if in.retired.Load() {
			return
		}
		if err != nil {
			n = 0 // longer than any sample: malformed
		}
		in.take(buf[:n], text, time.Now())
	}
}
