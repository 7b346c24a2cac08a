package egress

import (
	"sync"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
)

const (
	echoApart = 50 * time.Millisecond // answers go out no more often
	echoMost  = 4                     // blocks of a report that are looked at
)

// Echo answers a receiver's reference time (RRTR, RFC 3611 section 4.4) at once with DLRR, so that one that sends no media knows the
// round trip. Chromium's asks anew for what is lost after a round trip, which it takes for 100 ms where it knows none: on a shorter
// path a picture then waits longer than it has to.
type Echo struct {
	interceptor.NoOp

	mu     sync.Mutex // guards the following
	writer interceptor.RTCPWriter
	ssrc   uint32 // of our video
	last   time.Time
}

// NewInterceptor implements interceptor.Factory, for one peer connection.
func (e *Echo) NewInterceptor(string) (interceptor.Interceptor, error) { return e, nil }

// BindRTCPWriter learns where answers go.
func (e *Echo) BindRTCPWriter(w interceptor.RTCPWriter) interceptor.RTCPWriter {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.writer = w
	return w
}

// BindLocalStream learns who answers.
func (e *Echo) BindLocalStream(info *interceptor.StreamInfo, next interceptor.RTPWriter) interceptor.RTPWriter {
	if isVideo(info) {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.ssrc = info.SSRC
	}
	return next
}

// BindRTCPReader hears reference times.
func (e *Echo) BindRTCPReader(next interceptor.RTCPReader) interceptor.RTCPReader {
	return hearing(next, func(packet rtcp.Packet) { e.hear(packet, time.Now()) })
}

// Told gives RTCP that is addressed to the repair stream, as Resender.Told does.
func (e *Echo) Told(packet rtcp.Packet) { e.hear(packet, time.Now()) }

func (e *Echo) hear(packet rtcp.Packet, now time.Time) {
	x, ok := packet.(*rtcp.ExtendedReport)
	if !ok {
		return
	}
	for _, b := range x.Reports[:min(len(x.Reports), echoMost)] {
		if t, ok := b.(*rtcp.ReceiverReferenceTimeReportBlock); ok && t.NTPTimestamp != 0 {
			e.answer(x.SenderSSRC, uint32(t.NTPTimestamp>>16), now) //nolint:gosec // the middle of it, as the answer has it
			return
		}
	}
}

// answer sends the time back; what the answer took to write is too little to be told.
func (e *Echo) answer(to, reference uint32, now time.Time) {
	e.mu.Lock()
	w, from := e.writer, e.ssrc
	late := now.Sub(e.last) < echoApart
	if !late {
		e.last = now
	}
	e.mu.Unlock()
	if w == nil || late || reference == 0 {
		return
	}
	_, _ = w.Write([]rtcp.Packet{&rtcp.ExtendedReport{SenderSSRC: from, Reports: []rtcp.ReportBlock{
		&rtcp.DLRRReportBlock{Reports: []rtcp.DLRRReport{{SSRC: to, LastRR: reference}}},
	}}}, nil) // it is lost, as on the network
}
