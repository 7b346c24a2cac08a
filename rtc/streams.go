package rtc

import (
	"errors"
	"io"
	"sync"

	"github.com/pion/transport/v2/packetio"
)

// What the other side of a peer may send in streams: one is a microphone's, some are of reports.
const (
	maxStreams    = 32
	maxStreamHeld = 128 << 10 // bytes of a stream that wait to be read; what comes beyond is dropped
)

// errStreams is why a peer ends whose other side sends more streams than any browser does.
var errStreams = Fail(CodeTooFast, "you send more streams than a session has; the connection is closed")

// streams makes the buffers of what the other side sends. Pion makes one for every source that a packet names, wanted or not,
// and keeps it as long as the connection; so there is an end to their number, and to the connection where it is passed.
type streams struct {
	flooded chan struct{} // closed: there are too many

	repairSource uint32 // reports that are addressed to it go to told
	told         func(raw []byte)

	mu   sync.Mutex // guards the following
	made int
}

func newStreams() *streams { return &streams{flooded: make(chan struct{})} }

// reports lets somebody hear the reports on a stream of ours of which Pion knows nothing, before the connection is made.
func (s *streams) reports(source uint32, to func(raw []byte)) { s.repairSource, s.told = source, to }

// buffer is a webrtc.SettingEngine's BufferFactory.
func (s *streams) buffer(kind packetio.BufferPacketType, source uint32) io.ReadWriteCloser {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.made++
	if s.made == maxStreams+1 {
		close(s.flooded)
	}
	if s.made > maxStreams {
		return shut{}
	}
	if kind == packetio.RTCPBufferPacket && source == s.repairSource && s.told != nil {
		return overhearing{told: s.told}
	}
	b := packetio.NewBuffer()
	b.SetLimitSize(maxStreamHeld)
	return b
}

// overhearing is a buffer that hands on at once what is written.
type overhearing struct {
	shut
	told func(raw []byte)
}

func (e overhearing) Write(b []byte) (int, error) {
	e.told(b)
	return len(b), nil
}

// shut is a buffer that keeps nothing.
type shut struct{}

var errShut = errors.New("rtc: this stream is not read")

func (shut) Write(b []byte) (int, error) { return len(b), nil }
func (shut) Read([]byte) (int, error)    { return 0, errShut }
func (shut) Close() error                { return nil }
