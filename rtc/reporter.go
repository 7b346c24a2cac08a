package rtc

import (
	"strconv"
	"sync"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/trace"
)

const (
	reportEvery  = 100 * time.Millisecond
	reportFrames = 32    // most frames in one report; older ones give way
	reportShare  = 10    // a report is no more than one part in so many of what the path carries meanwhile
	reportedSize = 240   // bytes that a frame takes in it
	reportWaits  = 4_000 // bytes under way from which on the next report waits, and tells of more frames
)

// reporter gathers the traces of sent frames until they are reported. add never waits for the network.
type reporter struct {
	epoch time.Time // server times are microseconds since then

	mu     sync.Mutex
	frames [reportFrames]trace.Frame // ring
	first  int
	count  int
	sent   [2 * 64]time.Time // when the newest frames were sent, ring, for fps
	next   int

	driver       driverClock
	picture, ear lag
}

// lag follows how long something takes, slowly. The zero value has none.
type lag struct {
	mean  time.Duration
	until time.Time // it counts
}

// lagFor is how long a measurement counts: where nothing comes any more there is nothing to compare.
const lagFor = 2 * time.Second

func (l *lag) add(d time.Duration, now time.Time) {
	if now.After(l.until) {
		l.mean = d
	}
	l.mean += (d - l.mean) / 32
	l.until = now.Add(lagFor)
}

// heard notes how long after it began to sound a packet of the microphone has been passed on.
func (r *reporter) heard(after time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ear.add(after, time.Now())
}

// add copies the history of a frame that was sent at its trace.Sent.
func (r *reporter) add(f *trace.Frame) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.count == len(r.frames) {
		r.first = (r.first + 1) % len(r.frames)
		r.count--
	}
	r.frames[(r.first+r.count)%len(r.frames)] = *f
	r.count++
	r.sent[r.next] = f.At[trace.Sent]
	if captured := r.driver.captured(f.CaptureMicros, f.At[trace.Received]); f.HasSample && !captured.IsZero() {
		r.picture.add(f.At[trace.Sent].Sub(captured), f.At[trace.Sent])
	}
	r.next = (r.next + 1) % len(r.sent)
}

// fps counts the frames of the last second. Called with mu held.
func (r *reporter) fps(now time.Time) (n int) {
	for _, t := range r.sent {
		if !t.IsZero() && now.Sub(t) < time.Second {
			n++
		}
	}
	return n
}

// appendReport appends the next report as JSON, with the newest frames of which there are at most so many, and empties the
// reporter; it returns b as it is if there is nothing new to say.
func (r *reporter) appendReport(b []byte, n *Counts, overwritten uint64, bitrate, frames int, now time.Time) []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.count == 0 {
		return b
	}
	b = append(b, `{"frames":[`...)
	left := max(0, r.count-frames)
	for i := left; i < r.count; i++ {
		if i > left {
			b = append(b, ',')
		}
		b = r.appendFrame(b, &r.frames[(r.first+i)%len(r.frames)])
	}
	r.first, r.count = 0, 0
	b = append(b, `],"drops":{`...)
	b = appendUint(b, `"malformed":`, n.Malformed)
	b = appendUint(b, `,"stale":`, n.Stale)
	b = appendUint(b, `,"rate":`, n.Fast)
	b = appendUint(b, `,"overwritten":`, overwritten)
	b = appendUint(b, `},"bitrate":`, uint64(max(bitrate, 0)))
	b = appendUint(b, `,"fps":`, uint64(r.fps(now)))
	if !now.After(r.picture.until) && !now.After(r.ear.until) {
		b = strconv.AppendInt(append(b, `,"av":`...), (r.picture.mean - r.ear.mean).Microseconds(), 10)
	}
	return append(b, '}')
}

func (r *reporter) appendFrame(b []byte, f *trace.Frame) []byte {
	b = appendUint(b, `{"rtp":`, uint64(f.RTP))
	b = appendUint(b, `,"seq":`, uint64(f.Seq))
	b = appendBool(b, `,"sample":`, f.HasSample)
	b = appendUint(b, `,"capture":`, f.CaptureMicros)
	for s := range trace.Stages {
		b = append(b, `,"`...)
		b = append(b, s.String()...)
		b = appendUint(b, `":`, r.micros(f.At[s]))
	}
	b = appendUint(b, `,"bytes":`, uint64(max(f.Bytes, 0)))
	b = appendBool(b, `,"key":`, f.Key)
	return append(b, '}')
}

// reportedFrames is how many frames one report may hold where the path carries so many bit/s and what is important is sent so many
// times: on a narrow one they would take a fifth of it from the picture. Where much is lost it is one: the transport stops
// when it hears of nothing that came for a second, and what it has sent does not fit its window then; so many small reports
// get through where few large ones do not.
func reportedFrames(bps, times int) int {
	if times > 2 {
		return 1
	}
	room := float64(bps) / 8 * reportEvery.Seconds() / reportShare / float64(times)
	return max(1, min(reportFrames, int(room/reportedSize)))
}

// micros is a server time on the wire: microseconds since the epoch, 0 for what did not happen.
func (r *reporter) micros(t time.Time) uint64 {
	if t.IsZero() || t.Before(r.epoch) {
		return 0
	}
	return uint64(t.Sub(r.epoch).Microseconds())
}

func appendUint(b []byte, key string, v uint64) []byte {
	return strconv.AppendUint(append(b, key...), v, 10)
}

func appendBool(b []byte, key string, v bool) []byte {
	return strconv.AppendBool(append(b, key...), v)
}
