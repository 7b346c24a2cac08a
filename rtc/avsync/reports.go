package avsync

import (
	"strings"
	"sync"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

// every is how often each stream is reported: a receiver needs two reports of both to align sound and picture.
const every = 500 * time.Millisecond

// Reports tells the other side how sound and picture belong together: by RTCP sender reports that give the time at
// which something is presented. Pion's own give the time at which it is sent, by which the sound would run ahead.
type Reports struct {
	interceptor.NoOp
	clocks *Clocks

	mu      sync.Mutex // guards the following
	streams map[uint32]*reportedStream
	closed  bool

	stop chan struct{}
	done sync.WaitGroup
}

// Clocks are those of a peer connection's streams.
type Clocks struct{ Video, Audio Clock }

// reportedStream counts what a stream has sent.
type reportedStream struct {
	clock *Clock
	rate  uint32

	mu             sync.Mutex
	packets, bytes uint32
}

// NewReports are those of one peer connection; its interceptor's Close ends them.
func NewReports(c *Clocks) *Reports {
	return &Reports{clocks: c, streams: map[uint32]*reportedStream{}, stop: make(chan struct{})}
}

// NewInterceptor implements interceptor.Factory, for the one peer connection whose clocks it has.
func (s *Reports) NewInterceptor(string) (interceptor.Interceptor, error) { return s, nil }

// BindRTCPWriter begins to report.
func (s *Reports) BindRTCPWriter(to interceptor.RTCPWriter) interceptor.RTCPWriter {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.done.Go(func() { s.run(to) })
	}
	return to
}

// BindLocalStream counts a stream's packets.
func (s *Reports) BindLocalStream(info *interceptor.StreamInfo, next interceptor.RTPWriter) interceptor.RTPWriter {
	r := &reportedStream{clock: &s.clocks.Video, rate: info.ClockRate}
	if strings.HasPrefix(strings.ToLower(info.MimeType), "audio/") {
		r.clock = &s.clocks.Audio
	}
	s.mu.Lock()
	s.streams[info.SSRC] = r
	s.mu.Unlock()
	return interceptor.RTPWriterFunc(func(h *rtp.Header, payload []byte, a interceptor.Attributes) (int, error) {
		r.mu.Lock()
		r.packets++
		r.bytes += uint32(len(payload))
		r.mu.Unlock()
		return next.Write(h, payload, a)
	})
}

// UnbindLocalStream forgets a stream.
func (s *Reports) UnbindLocalStream(info *interceptor.StreamInfo) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.streams, info.SSRC)
}

// Close ends the reports.
func (s *Reports) Close() error {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.stop)
	}
	s.mu.Unlock()
	s.done.Wait()
	return nil
}

func (s *Reports) run(to interceptor.RTCPWriter) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-s.stop:
			return
		case now := <-tick.C:
			for _, r := range s.reports(now) {
				_, _ = to.Write([]rtcp.Packet{r}, nil) // the next one tells the same
			}
		}
	}
}

// reports are those of all streams that flow.
func (s *Reports) reports(now time.Time) (list []*rtcp.SenderReport) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for ssrc, r := range s.streams {
		stamp, ok := r.clock.stampAt(now, r.rate)
		if !ok {
			continue
		}
		r.mu.Lock()
		list = append(list, &rtcp.SenderReport{
			SSRC: ssrc, NTPTime: NTP(now), RTPTime: stamp, PacketCount: r.packets, OctetCount: r.bytes,
		})
		r.mu.Unlock()
	}
	return list
}
