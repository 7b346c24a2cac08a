package rtc

import (
	"errors"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v3"

	"github.com/gioconda-live/gioconda/rtc/avsync"
	"github.com/gioconda-live/gioconda/rtc/limit"
	"github.com/gioconda-live/gioconda/rtc/opus"
	"github.com/gioconda-live/gioconda/rtc/voice"
)

const (
	soundRate     = 200 // packets a second that a microphone may send: more than 5 ms in each are a waste
	maxTracks     = 16  // that a driver may send in the life of a connection; it needs one
	maxReadErrors = 1000
)

// microphone takes one track of Opus to who hears it, packet by packet, in order and with the time at which each sounded.
type microphone struct {
	peer *Peer
	hear Audible
	ssrc uint32

	// Owned by the goroutine that reads RTP.
	put     voice.Reorder
	allowed limit.Bucket
	in      rtp.Packet

	mu   sync.Mutex // guards time
	time voice.Clock
}

// hearing is what a peer keeps of the tracks that the other side sends.
type hearing struct {
	by     Audible                            // nil: nobody hears
	tracks atomic.Int32                       // received so far
	newest atomic.Pointer[webrtc.RTPReceiver] // of several microphones only this counts
}

// hearTrack takes a track that the other side has begun to send. The newest microphone counts; what nobody asked for is not
// received at all. Pion calls it when the first packet has come.
func (p *Peer) hearTrack(track *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
	m := newMicrophone(p, p.hearing.by, uint32(track.SSRC()), time.Now())
	if m.hear == nil || track.Kind() != webrtc.RTPCodecTypeAudio || p.hearing.tracks.Add(1) > maxTracks {
		p.log.Info("track refused", "kind", track.Kind().String())
		_ = receiver.Stop() // it is gone, or will be with the connection
		return
	}
	if old := p.hearing.newest.Swap(receiver); old != nil {
		_ = old.Stop() // ends its goroutines
	}
	p.spawn(func() { m.read(track) })
	p.spawn(func() { m.readReports(receiver) })
}

func newMicrophone(p *Peer, hear Audible, ssrc uint32, now time.Time) *microphone {
	m := &microphone{peer: p, hear: hear, ssrc: ssrc, allowed: limit.NewBucket(soundRate, soundRate/4, now)}
	m.put.Emit = m.packet
	return m
}

// read takes packets until the track ends.
func (m *microphone) read(track *webrtc.TrackRemote) {
	buf := make([]byte, voice.MaxPacket)
	for errs := 0; errs < maxReadErrors; {
		if err := track.SetReadDeadline(m.put.Deadline()); err != nil {
			return
		}
		n, _, err := track.Read(buf)
		now := time.Now()
		m.put.Expire(now)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
		case errors.Is(err, io.EOF) || errors.Is(err, io.ErrClosedPipe):
			return
		case err != nil:
			errs++
		default:
			errs = 0
			m.take(buf[:n], now)
		}
	}
}

// take takes one packet of RTP. What is malformed, of another source or too much is dropped.
func (m *microphone) take(raw []byte, now time.Time) {
	switch {
	case !m.allowed.Take(now):
		m.peer.counters.fast.Add(1)
	case m.in.Unmarshal(raw) != nil || m.in.SSRC != m.ssrc:
		m.peer.counters.malformed.Add(1)
	default:
		m.put.Put(m.in.SequenceNumber, m.in.Timestamp, m.in.Payload, now)
	}
}

// packet passes on what is in order. An empty packet is how some senders keep a silent track alive.
func (m *microphone) packet(stamp uint32, data []byte, arrived time.Time) {
	span, err := opus.Span(data)
	if err != nil {
		if len(data) > 0 {
			m.peer.counters.malformed.Add(1)
		}
		return
	}
	m.mu.Lock()
	at := m.time.At(stamp, span, arrived)
	m.mu.Unlock()
	m.peer.counters.sounds.Add(1)
	m.hear.Hear(data, span, at)
	m.peer.report.heard(time.Since(at))
}

// readReports takes the sender's reports: they say at which time of the driver's clock a sample sounded.
func (m *microphone) readReports(receiver *webrtc.RTPReceiver) {
	for errs := 0; errs < maxReadErrors; {
		packets, _, err := receiver.ReadRTCP()
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrClosedPipe) {
			return
		}
		if err != nil {
			errs++
			continue
		}
		for _, packet := range packets {
			if sr, ok := packet.(*rtcp.SenderReport); ok && sr.SSRC == m.ssrc {
				m.senderReport(sr, time.Now())
			}
		}
	}
}

func (m *microphone) senderReport(sr *rtcp.SenderReport, now time.Time) {
	at := m.peer.report.driver.wall(avsync.UnixMicros(sr.NTPTime), now)
	if at.IsZero() {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.time.Report(sr.RTPTime, at)
}
