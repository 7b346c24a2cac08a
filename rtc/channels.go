package rtc

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/pion/datachannel"
	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v3"
)

// readRTCP must run, or NACK, keyframe requests and congestion control are dead. Feedback that some interceptor
// cannot digest is an error of that packet only.
func (p *Peer) readRTCP() {
	const tooMany = 1000
	for errs := 0; errs < tooMany; {
		packets, _, err := p.sender.ReadRTCP()
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrClosedPipe) {
			return
		}
		if err != nil {
			p.log.Debug("RTCP", "error", err)
			errs++
			continue
		}
		errs = 0
		p.patience.heard()
		if wantsKeyframe(packets) {
			p.keyframe()
		}
	}
}

// wantsKeyframe tells whether a PLI or FIR is among the packets.
func wantsKeyframe(packets []rtcp.Packet) bool {
	for _, packet := range packets {
		switch packet.(type) {
		case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
			return true
		}
	}
	return false
}

// maxChannels is how many data channels a browser that drives may open in the life of a connection; it needs three.
const maxChannels = 32

// channel takes a data channel that the browser opens; Pion calls it before the channel is open.
func (p *Peer) channel(ctx context.Context, dc *webrtc.DataChannel) {
	refused := p.drive == nil || p.channels.Add(1) > maxChannels
	dc.OnOpen(func() {
		raw, err := dc.Detach()
		if err != nil {
			p.log.Warn("data channel", "label", dc.Label(), "error", err)
			return
		}
		in, ok := raw.(datachannel.Reader)
		if !ok || refused || !p.spawn(func() { p.read(ctx, dc, in) }) {
			_ = raw.Close() // nobody will read it
		}
	})
}

// read serves one data channel until it ends.
func (p *Peer) read(ctx context.Context, dc *webrtc.DataChannel, in datachannel.Reader) {
	switch dc.Label() {
	case "landmarks":
		one := newLandmarkReader(p.codec, p.drive.Mailbox(), p.counters, p.cfg.SampleRate, time.Now())
		one.driver = &p.report.driver
		if old := p.landmarks.Swap(one); old != nil {
			old.retire()
		}
		one.read(in, p.signaller.Alive)
	case "control":
		p.control.dc.Store(dc)
		p.drive.SendEventsTo(&Events{to: &p.control})
		p.readControl(ctx, in, &p.control)
		p.control.dc.CompareAndSwap(dc, nil)
	case "report":
		p.reports.dc.Store(dc)
		discard(in)
		p.reports.dc.CompareAndSwap(dc, nil)
	default:
		p.log.Info("unknown data channel closed", "label", dc.Label())
	}
	_ = dc.Close() // the channel or the peer has ended anyway
}

// discard reads until the channel ends.
func discard(in datachannel.Reader) {
	var buf [64]byte
	for {
		if _, _, err := in.ReadDataChannel(buf[:]); err != nil && !errors.Is(err, io.ErrShortBuffer) {
			return
		}
	}
}
