package pipeline

import (
	"time"

	"github.com/gioconda-live/gioconda/pipeline/trace"
)

// newFor is how long a viewer has only just come: in this time a good network is known as one.
const newFor = 500 * time.Millisecond

// SlowWrite is how long a Sink may take for a frame before Counts.Slow counts it: packing and handing over 6 kB takes 0.13 ms.
const SlowWrite = 5 * time.Millisecond

// encode compresses one picture and hands it to the viewers.
func (r *rendition) encode(b *buffer) {
	if r.fill(b) {
		r.deliver()
	}
}

// fill has r.frame be what viewers get of a picture, and tells whether there is anything.
func (r *rendition) fill(b *buffer) bool {
	defer r.session.loop.compressed()
	if !r.shape.has(b) {
		r.counted.skipped.Add(1)
		return false
	}
	now := time.Now()
	key, bps, watched := r.prepare(b.pts, now)
	if !watched {
		return false
	}
	r.aim(bps, now)
	r.pace(now)
	r.save()
	if err := r.compress(b, key); err != nil {
		r.counted.failed.Add(1)
		if n, ok := r.failing.pass(now); ok {
			r.log.Warn("compressing a frame", "error", err, "times", n)
		}
		r.missed()
		return false
	}
	f := &r.frame
	if key && !f.Key {
		r.missed()
	}
	if len(f.Data) == 0 {
		r.counted.rateDropped.Add(1)
		return false
	}
	if f.Key {
		r.keys.last = now
	}
	r.counted.encoded.Add(1)
	return true
}

// prepare looks what the viewers want of the picture at pts: whether it shall be a keyframe, at which bitrate, and whether
// anybody is there at all. Viewers that have gone to another rendition are forgotten here.
func (r *rendition) prepare(pts time.Duration, now time.Time) (key bool, bps int, watched bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	kept := r.viewers[:0]
	for _, v := range r.viewers {
		if v.servedBy(r) {
			kept = append(kept, v)
		}
	}
	clear(r.viewers[len(kept):])
	r.viewers = kept
	if len(kept) == 0 {
		return false, 0, false
	}
	key = r.keys.due(now)
	late := false // a viewer changes over only with the next picture
	bps = leastWish(kept, now)
	for _, v := range kept {
		if key && !v.claim(r, pts) {
			late = true
		}
	}
	r.keys.again = late
	switch {
	case bps > 0:
		bps = min(bps, r.MaxBPS)
	case r.bitrate.Load() > 0: // nobody has a wish any more
		bps = int(r.bitrate.Load())
	default:
		bps = r.start
	}
	return key, bps, true
}

// leastWish is the least bitrate that viewers wish for, 0 if none does. One that has only just come does not count beside others:
// it begins low, for its network is not known yet.
func leastWish(viewers []*Viewer, now time.Time) (bps int) {
	least := 0
	for _, v := range viewers {
		w := int(v.wish.Load())
		if w <= 0 {
			continue
		}
		if least == 0 || w < least {
			least = w
		}
		if now.Sub(v.came) >= newFor && (bps == 0 || w < bps) {
			bps = w
		}
	}
	if bps == 0 {
		return least
	}
	return bps
}

// aim tells the encoder its bitrate where that has changed.
func (r *rendition) aim(bps int, now time.Time) {
	if r.bitrate.Swap(int64(bps)) == int64(bps) {
		return
	}
	if err := r.enc.SetBitrate(bps); err != nil {
		if n, ok := r.failing.pass(now); ok {
			r.log.Warn("changing the bitrate", "bps", bps, "error", err, "times", n)
		}
	}
}

// pace tells the encoder the session's rate where that has changed.
func (r *rendition) pace(now time.Time) {
	fps := r.session.Rate()
	if fps == r.rate {
		return
	}
	r.rate = fps
	if err := r.enc.SetRate(fps); err != nil {
		if n, ok := r.failing.pass(now); ok {
			r.log.Warn("changing the frame rate", "fps", fps, "error", err, "times", n)
		}
	}
}

// compress fills r.frame.
func (r *rendition) compress(b *buffer, key bool) error {
	src, err := r.shape.of(b)
	if err != nil {
		return err
	}
	f := &r.frame
	f.Trace = b.trace
	if err := r.enc.Encode(f, src, b.pts, key); err != nil {
		return err
	}
	f.PTS = b.pts
	f.Trace.Key, f.Trace.Bytes = f.Key, len(f.Data)
	f.Trace.Stamp(trace.Encoded, time.Now())
	return nil
}

// missed is called when a keyframe may have been wanted and none came: the next picture shall be one, and viewers on their
// way here from another rendition stay there for now.
func (r *rendition) missed() {
	r.keys.wish()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, v := range r.viewers {
		v.forgo(r)
	}
}

// deliver hands r.frame to every viewer. One that fails or is slow costs the others no more than the time it takes.
func (r *rendition) deliver() {
	r.mu.Lock()
	defer r.mu.Unlock()
	begin := time.Now()
	for _, v := range r.viewers {
		if err := v.write(r, &r.frame); err != nil {
			r.counted.unsent.Add(1)
			if n, ok := r.unsent.pass(begin); ok {
				r.log.Debug("sending a frame", "error", err, "times", n)
			}
		}
		end := time.Now()
		if took := end.Sub(begin); took > SlowWrite {
			r.counted.slow.Add(1)
			if n, ok := r.slow.pass(end); ok {
				r.log.Debug("a viewer's sink keeps the others waiting", "took", took, "times", n)
			}
		}
		begin = end
	}
	if r.session.loop.observe != nil {
		r.frame.Trace.Stamp(trace.Sent, begin)
		r.session.loop.observe(&r.frame.Trace)
	}
}
