package rtc

import (
	"errors"
	"io"
	"time"

	"github.com/pion/datachannel"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/latest"
)

// landmarkReader turns the datagrams of one landmarks channel into arrivals in a mailbox. A new channel has a new landmarkReader,
// so a page that starts counting from 0 again is not taken for a replay. One goroutine at a time; it allocates
// nothing per message.
type landmarkReader struct {
	codec   *landmark.Codec
	mailbox *latest.Slot[landmark.Arrival]
	drops   *drops
	limit   bucket

	arrival landmark.Arrival // the newest one, decoded in place
	any     bool             // arrival holds a sample
	spare   landmark.Sample  // decoded into first, so that a stale sample does not spoil arrival
}

func newLandmarkReader(codec *landmark.Codec, to *latest.Slot[landmark.Arrival], d *drops, rate int, now time.Time) *landmarkReader {
	return &landmarkReader{codec: codec, mailbox: to, drops: d, limit: newBucket(rate, max(rate/2, 1), now)}
}

// take decodes one message and puts it into the mailbox, unless it is malformed, older than or the same as
// the newest one, or one too many; those it counts.
func (in *landmarkReader) take(b []byte, text bool, now time.Time) {
	if !in.limit.take(now) {
		in.drops.rate.Add(1)
		return
	}
	if text || in.codec.Decode(&in.spare, b) != nil {
		in.drops.malformed.Add(1)
		return
	}
	if in.any && !landmark.Newer(in.spare.Seq, in.arrival.Sample.Seq) {
		in.drops.stale.Add(1)
		return
	}
	in.any = true
	in.arrival.Sample, in.arrival.Received = in.spare, now
	if in.mailbox.Put(&in.arrival) {
		in.drops.overwritten.Add(1)
	}
}

// read takes messages until the channel ends, or heard says no more. heard is called for each message and
// tells when that was.
func (in *landmarkReader) read(from datachannel.Reader, heard func() (now time.Time, more bool)) {
	var buf [2 * landmark.MaxWireSize]byte
	for {
		n, text, err := from.ReadDataChannel(buf[:])
		if err != nil && !errors.Is(err, io.ErrShortBuffer) {
			return
		}
		now, more := heard()
		if !more {
			return
		}
		if err != nil {
			n = 0 // longer than any sample: malformed
		}
		in.take(buf[:n], text, now)
	}
}
