package rtc

import (
	"errors"
	"fmt"
	"time"
)

// view and leave are called from run only.
func (p *Peer) view() error {
	if p.watched == nil || p.viewer != nil {
		return nil
	}
	viewer, err := p.watched.View(p.out)
	if err != nil {
		return fmt.Errorf("rtc: view: %w", err)
	}
	p.patience.heard()
	viewer.SetBitrate(p.path.Target(time.Now())) // before the first frame, which is a large one
	p.mu.Lock()
	p.viewer = viewer
	p.mu.Unlock()
	p.listen()
	return nil
}

func (p *Peer) leave() {
	p.mu.Lock()
	viewer := p.viewer
	p.viewer = nil
	p.mu.Unlock()
	if viewer != nil {
		viewer.Leave()
	}
	p.unlisten()
}

// keyframeAsked is called when the other side needs a keyframe.
func (p *Peer) keyframeAsked() {
	if !p.out.gate.OnItsWay(time.Now()) {
		p.keyframe()
	}
}

// keyframe passes a keyframe request on, if a viewer is there to take it.
func (p *Peer) keyframe() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.viewer != nil {
		p.viewer.Keyframe()
	}
}

// followEstimate tells the viewer when what the path carries has moved by 2 % or more.
func (p *Peer) followEstimate(told int) int {
	if p.viewer == nil {
		return told
	}
	now := p.path.Target(time.Now())
	if d := now - told; max(d, -d)*50 < told {
		return told
	}
	p.viewer.SetBitrate(now)
	return now
}

// sendReport tells of the frames since the last report.
func (p *Peer) sendReport(buf []byte, bitrate int) []byte {
	dc, times := p.reports.dc.Load(), p.repeat.Times()
	if dc == nil || dc.BufferedAmount() > reportWaits {
		return buf
	}
	n := p.counters.Counts()
	frames := reportedFrames(p.path.Carries(), times)
	if buf = p.report.appendReport(buf, &n, p.drive.Mailbox().Dropped(), bitrate, frames, time.Now()); len(buf) > 0 {
		if err := p.reports.send(buf); err != nil && !errors.Is(err, ErrClosed) {
			p.log.Debug("report dropped", "error", err)
		}
	}
	return buf
}
