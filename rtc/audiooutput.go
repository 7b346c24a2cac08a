package rtc

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v3"

	"github.com/gioconda-live/gioconda/rtc/avsync"
	"github.com/gioconda-live/gioconda/rtc/opus"
	"github.com/gioconda-live/gioconda/rtc/voice"
)

// AudioOutput takes packets of sound to one listener, as long as its connection lives. It is made for Listenable.Listen.
// Methods are safe for concurrent use.
type AudioOutput struct {
	send   func(*rtp.Packet) error
	shown  *avsync.Presentation
	clock  *avsync.Clock
	closed atomic.Bool

	mu     sync.Mutex // guards the following; one packet at a time
	begun  bool
	seq    uint16        // of the next packet
	stamp  uint32        // of the newest
	pts    time.Duration // that stamp stands for
	end    time.Duration // when the newest ends
	packet rtp.Packet
	room   [4]rtp.Extension
}

// WriteSound sends one packet of Opus at once, and does not block on the network; pts is on the clock of the frames. The RTP
// timestamps go on by whole packets, so that a receiver's buffer sees no gap where there is none, while pts may move a little:
// the sender reports say where they stand. The packet is not kept. Fails with ErrClosed once the connection has ended.
func (o *AudioOutput) WriteSound(packet []byte, pts time.Duration) error {
	if o.closed.Load() {
		return fmt.Errorf("%w: sound at %v", ErrClosed, pts)
	}
	span, err := opus.Span(packet)
	if err != nil {
		return fmt.Errorf("rtc: sound at %v: %w", pts, err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	pause := !o.begun || pts-o.end > voice.Pause
	if !o.begun {
		o.begun, o.pts = true, pts
	}
	step := max((pts - o.pts).Round(opus.MinSpan), opus.MinSpan)
	o.stamp += uint32(opus.Ticks(step))
	o.pts, o.end = pts, pts+span
	now := time.Now()
	o.clock.Note(o.stamp, o.shown.At(pts, now), now)
	o.packet = rtp.Packet{
		Header: rtp.Header{
			Version: 2, Marker: pause, SequenceNumber: o.seq, Timestamp: o.stamp, Extensions: o.room[:0],
		},
		Payload: packet,
	}
	o.seq++
	if err := o.send(&o.packet); err != nil {
		return fmt.Errorf("rtc: sound at %v: %w", pts, err)
	}
	return nil
}

// listening is a peer's way out for sound.
type listening struct {
	to       Listenable  // nil: no sound
	refused  atomic.Bool // in the answer to our offer
	out      *AudioOutput
	track    *webrtc.RTPTransceiver
	listener Listener // owned by run
}

// offerSound readies a peer to send sound, if the other side takes it.
func (p *Peer) offerSound(sync bool, seed [8]byte) error {
	stream := "gioconda-sound" // apart from the picture: a receiver aligns what is in one stream, and holds one of both back
	if sync {
		stream = videoStream
	}
	track, err := webrtc.NewTrackLocalStaticRTP(opusCapability().RTPCodecCapability, "sound", stream)
	if err != nil {
		return fmt.Errorf("rtc: track: %w", err)
	}
	p.listening.track, err = p.pc.AddTransceiverFromTrack(track, webrtc.RTPTransceiverInit{
		Direction: webrtc.RTPTransceiverDirectionSendonly,
	})
	if err != nil {
		return fmt.Errorf("rtc: transceiver: %w", err)
	}
	p.listening.out = &AudioOutput{
		send: track.WriteRTP, shown: &p.shown, clock: &p.clocks.Audio,
		seq: uint16(seed[0])<<8 | uint16(seed[1]), stamp: uint32(seed[2])<<24 | uint32(seed[3])<<16 | uint32(seed[4])<<8,
	}
	return nil
}

// close lets nothing more through.
func (l *listening) close() {
	if l.out != nil {
		l.out.closed.Store(true)
	}
}

// listen begins to send sound if the other side takes it; the picture goes on without. Called from run only, as is unlisten.
func (p *Peer) listen() {
	l := &p.listening
	if l.to == nil || l.track.Mid() == "" || l.refused.Load() {
		return
	}
	listener, err := l.to.Listen(l.out)
	if err != nil {
		p.log.Warn("no sound for a viewer", "error", err)
		return
	}
	l.listener = listener
	p.spawn(func() { drainRTCP(l.track.Sender()) })
}

func (p *Peer) unlisten() {
	if p.listening.listener != nil {
		p.listening.listener.Leave()
		p.listening.listener = nil
	}
}

// drainRTCP reads what a listener says of its sound, which congestion control needs and we do not.
func drainRTCP(from *webrtc.RTPSender) {
	buf := make([]byte, voice.MaxPacket)
	for errs := 0; errs < maxReadErrors; errs++ {
		_, _, err := from.Read(buf)
		switch {
		case errors.Is(err, io.EOF) || errors.Is(err, io.ErrClosedPipe):
			return
		case err == nil:
			errs = 0
		}
	}
}
