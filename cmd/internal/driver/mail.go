package driver

import (
	"time"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/latest"
)

// Mail puts samples into a session's mailbox over their wire form, so that they move the portrait as a browser's would. It
// is used by one goroutine and allocates nothing.
type Mail struct {
	to      *latest.Slot[landmark.Arrival]
	codec   *landmark.Codec
	wire    []byte
	count   uint32
	arrival landmark.Arrival
}

// NewMail makes the way into a mailbox.
func NewMail(to *latest.Slot[landmark.Arrival]) *Mail {
	return &Mail{to: to, codec: landmark.NewCodec(), wire: make([]byte, landmark.MaxWireSize)}
}

// Put sends one sample; its Seq and CaptureMicros are overwritten. taken is when its picture was taken, captured the same
// for whoever keeps sound in step with the picture; zero: nobody does.
func (m *Mail) Put(s *landmark.Sample, taken, captured time.Time) error {
	m.count++
	s.Seq, s.CaptureMicros = m.count, uint64(taken.UnixMicro()) //nolint:gosec // the clock is after 1970
	n, err := m.codec.Encode(m.wire, s)
	if err == nil {
		err = m.codec.Decode(&m.arrival.Sample, m.wire[:n])
	}
	if err != nil {
		return err
	}
	m.arrival.Received, m.arrival.Captured = time.Now(), captured
	m.to.Put(&m.arrival)
	return nil
}
