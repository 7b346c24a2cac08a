package live

import (
	"errors"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/rtc"
)

// voice is the driver's sound on its way to those who listen.
type voice struct {
	mu     sync.Mutex // while a browser comes back, the old connection may still speak
	packet pipeline.Packet
}

var _ rtc.Listenable = (*session)(nil)

// Hear implements signalling.Session.
func (s *session) Hear(packet []byte, span time.Duration, at time.Time) {
	s.voice.mu.Lock()
	defer s.voice.mu.Unlock()
	s.voice.packet = pipeline.Packet{Opus: packet, Span: span}
	s.session.Sound(&s.voice.packet, at)
}

// Listen lets one that views hear the driver too; the driver itself never does.
func (s *session) Listen(out *rtc.AudioOutput) (rtc.Listener, error) {
	return s.session.Listen(soundSink{out})
}

// Form implements whep.Session.
func (s *session) Form(q url.Values) (rtc.Viewable, error) {
	form, err := pipeline.ParseForm(q, s.host.cfg.Picture.Form())
	if err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), "pipeline: ")) // to people
	}
	return formed{s.session, form}, nil
}

// formed is a session's picture in one form.
type formed struct {
	session *pipeline.Session
	form    pipeline.Form
}

// View implements rtc.Viewable.
func (f formed) View(out *rtc.Output) (rtc.Viewer, error) {
	return f.session.View(pipeline.Rendition{Codec: out.Codec(), Form: f.form}, out)
}

// soundSink is a listener's connection as the pipeline knows it.
type soundSink struct{ out *rtc.AudioOutput }

// WriteSound implements pipeline.SoundSink.
func (s soundSink) WriteSound(p *pipeline.Packet) error { return s.out.WriteSound(p.Opus, p.PTS) }
