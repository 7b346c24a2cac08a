package exits

import (
	"io"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/exits/matroska"
)

// muxer makes one stream of frames and sound. The stream always has sound: where the driver sends none, or none yet, or is
// mute, it is silence, since what carries it on cannot gain a track later, and most platforms refuse a stream without.
type muxer struct {
	w     *matroska.Writer
	base  time.Duration // time of the first frame, which becomes 0
	end   time.Duration // of the sound written so far
	heard time.Duration // time of the newest packet of the driver; far in the past before the first
}

const (
	silenceSpan = 20 * time.Millisecond
	// soundAhead is how far silence runs before the frames: what carries the stream on holds a frame back until it has the
	// sound of its moment, and compressing that takes a while.
	soundAhead = 80 * time.Millisecond
	// soundLag is how much later than the frames the driver's sound may come before silence takes its place.
	soundLag = 250 * time.Millisecond
	// soundOver is the time without a packet after which silence follows the frames at once.
	soundOver = time.Second
	// overlap is how much of a packet may already be covered; what begins earlier came too late.
	overlap = 5 * time.Millisecond
)

func newMuxer(to io.Writer, codec matroska.Codec) *muxer {
	return &muxer{w: matroska.NewWriter(to, codec), heard: -time.Hour}
}

// write writes a frame or a packet. All before the first keyframe is left out.
func (m *muxer) write(e *queued) error {
	switch {
	case e.sound:
		return m.sound(e)
	case !m.w.Begun() && !e.key:
		return nil
	case !m.w.Begun():
		m.base, m.end = e.pts, e.pts
	}
	if err := m.w.WriteFrame(e.data, e.key, e.pts-m.base); err != nil {
		return err
	}
	until := e.pts + soundAhead
	if e.pts-m.heard < soundOver {
		until = e.pts - soundLag
	}
	return m.silence(until)
}

// sound writes a packet of the driver's.
func (m *muxer) sound(e *queued) error {
	m.heard = e.pts
	if !m.w.Begun() || e.pts < m.end-overlap {
		return nil
	}
	if err := m.silence(e.pts); err != nil {
		return err
	}
	m.end = max(m.end, e.pts)
	err := m.w.WriteSound(e.data, m.end-m.base)
	m.end += e.span
	return err
}

// silence fills up until a time, in whole packets.
func (m *muxer) silence(until time.Duration) error {
	for m.end+silenceSpan <= until {
		packet := [...]byte{0xFC, 0xFF, 0xFE} // 20 ms of Opus, stereo, nothing in it
		if err := m.w.WriteSound(packet[:], m.end-m.base); err != nil {
			return err
		}
		m.end += silenceSpan
	}
	return nil
}
