package exits

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/rtc"
	"github.com/gioconda-live/gioconda/rtc/rtctest"
)

// newManager makes a manager whose exits all lead to an endpoint in memory, for a bubble of synctest.
func newManager(t *testing.T, configured ...Configured) (*Manager, *rtctest.Endpoint) {
	t.Helper()
	in := rtctest.NewEndpoint(t)
	cfg := rtc.DefaultConfig()
	cfg.Loopback = false
	transport, err := rtc.NewTransport(cfg, rtc.Options{Net: in.Nets.Server})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(transport.Close)
	m, err := NewManager(Options{Transport: transport, HTTP: in.Over}, configured)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	return m, in
}

// states of a session's exits, one letter each.
func states(t *testing.T, m *Manager, session string) string {
	t.Helper()
	list, err := m.List(session)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for i := range list {
		text.WriteByte(list[i].State[0])
	}
	return text.String()
}

// TestManager: an exit is started, listed without its secrets, and stopped.
func TestManager(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, in := newManager(t)
		to := &Target{URL: "whip://ingest/live?key=secret", Token: "sesame", Codec: pipeline.VP8}
		if _, err := m.Start("ann", to); !errors.Is(err, ErrNoSession) {
			t.Error(err)
		}
		m.Opened("ann", newSession(t))
		made, err := m.Start("ann", to)
		if err != nil || made.State != Connecting || strings.Contains(made.URL, "secret") {
			t.Fatalf("%+v, %v", made, err)
		}
		(<-in.Came).Frames(60)
		list, err := m.List("ann")
		if err != nil || len(list) != 1 || list[0].State != Live || list[0].Bytes == 0 || list[0].ID != made.ID || list[0].Configured {
			t.Errorf("%+v, %v", list, err)
		}
		if err := m.Stop("ann", "other"); !errors.Is(err, ErrNoExit) {
			t.Error(err)
		}
		if err := m.Stop("ann", made.ID); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if _, _, _, deleted := in.Seen(); deleted != 1 || states(t, m, "ann") != "" {
			t.Error("it goes on")
		}
		for _, err := range []error{m.Stop("bob", made.ID), func() error { _, err := m.List("bob"); return err }()} {
			if !errors.Is(err, ErrNoSession) {
				t.Error(err)
			}
		}
	})
}

// TestConfigured: what is configured comes with its session, ends with it, and comes back.
func TestConfigured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		vp8 := Target{URL: "http://ingest/live", Codec: pipeline.VP8}
		m, in := newManager(t, Configured{"ann", vp8}, Configured{"bob", vp8}, Configured{"ann", vp8})
		for range 2 {
			s := newSession(t)
			m.Opened("ann", s)
			(<-in.Came).Frames(3)
			(<-in.Came).Frames(3)
			if list, err := m.List("ann"); err != nil || len(list) != 2 || !list[0].Configured {
				t.Errorf("%+v, %v", list, err)
			}
			m.Closed("ann")
			s.Close()
			synctest.Wait()
		}
		if _, _, _, deleted := in.Seen(); deleted != 4 {
			t.Errorf("%d of 4 were deleted", deleted)
		}
	})
	_, err := NewManager(Options{}, []Configured{{"ann", Target{URL: "gopher://x"}}, {"ann", Target{URL: "http://x", Codec: "av1"}}})
	if err == nil || !strings.Contains(err.Error(), "exits[0]") || !strings.Contains(err.Error(), "exits[1]: codec") {
		t.Error(err)
	}
}

// TestBounds: eight exits a session, of which ended ones make room, 64 in all.
func TestBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, in := newManager(t)
		in.Refuse(rtctest.Refusal{Status: http.StatusUnauthorized})
		m.Opened("a", newSession(t))
		start := func(session string) error {
			_, err := m.Start(session, &Target{URL: "whip://ingest/x", Codec: pipeline.VP8})
			synctest.Wait()
			return err
		}
		for range MaxExitsPerSession {
			if err := start("a"); err != nil {
				t.Fatal(err)
			}
			in.Refuse(refusals(100)...)
		}
		if got := states(t, m, "a"); got != "ewwwwwww" {
			t.Fatalf("states %s", got)
		}
		if err := start("a"); err != nil {
			t.Errorf("the place of one that has ended: %v", err)
		}
		if err := start("a"); !errors.Is(err, ErrTooMany) {
			t.Errorf("a ninth: %v", err)
		}
		for name := 'b'; name <= 'h'; name++ {
			m.Opened(string(name), newSession(t))
			for range MaxExitsPerSession {
				if err := start(string(name)); err != nil {
					t.Fatal(err)
				}
			}
		}
		m.Opened("z", newSession(t))
		if err := start("z"); !errors.Is(err, ErrTooMany) {
			t.Errorf("a 65th: %v", err)
		}
		m.Closed("b")
		if err := start("z"); err != nil {
			t.Error(err)
		}
	})
}

func refusals(n int) (list []rtctest.Refusal) {
	for range n {
		list = append(list, rtctest.Refusal{Status: http.StatusServiceUnavailable, RetryAfter: "600"})
	}
	return list
}

// TestStartRefuses what does not leave the machine, and what makes no sense; it shows no secret.
func TestStartRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, _ := newManager(t)
		m.Opened("ann", newSession(t))
		for text, says := range map[string]string{
			"file:/etc/secret.mp4": "record.dir", "secret.mp4": "not to nowhere", "": "not to nowhere", "gopher://x/secret": "not to gopher",
			"whip://a:secret@x/": "password", "whip://x:secret/": "cannot be read", "livekit://x/room": "token",
		} {
			if _, err := m.Start("ann", &Target{URL: text}); err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "secret") {
				t.Errorf("%s: %v", text, err)
			}
		}
		if _, err := m.Start("ann", &Target{URL: "whip://x/", MaxBPS: -1}); err == nil {
			t.Error("a bitrate below 0")
		}
		if _, err := m.Start("ann", &Target{URL: "whip://x/", Aspect: "4:3"}); !errors.Is(err, pipeline.ErrRendition) {
			t.Errorf("a picture of 4:3: %v", err)
		}
	})
}

// TestTokenOver: an exit ends with the token of who opened it, and says so.
func TestTokenOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, in := newManager(t)
		m.Opened("ann", newSession(t))
		over := make(chan struct{})
		if _, err := m.Start("ann", &Target{URL: "whip://ingest/x", Codec: pipeline.VP8, Over: over}); err != nil {
			t.Fatal(err)
		}
		(<-in.Came).Frames(3)
		close(over)
		time.Sleep(time.Second)
		list, err := m.List("ann")
		if err != nil || list[0].State != Ended || !strings.Contains(list[0].Message, "revoked") {
			t.Errorf("%+v, %v", list, err)
		}
	})
}

// TestManagerCloses: nothing runs after Close, and nothing begins.
func TestManagerCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, in := newManager(t)
		m.Opened("ann", newSession(t))
		if _, err := m.Start("ann", &Target{URL: "whip://ingest/x", Codec: pipeline.VP8}); err != nil {
			t.Fatal(err)
		}
		(<-in.Came).Frames(3)
		m.Close()
		if _, _, _, deleted := in.Seen(); deleted != 1 {
			t.Error("not deleted")
		}
		m.Opened("bob", newSession(t))
		if _, err := m.List("bob"); !errors.Is(err, ErrNoSession) {
			t.Error(err)
		}
	})
}

// TestRecordingsStayInTheirFolder, whatever a browser calls them, and it is told their names.
func TestRecordingsStayInTheirFolder(t *testing.T) {
	dir := t.TempDir()
	m, err := NewManager(Options{Dir: dir}, nil)
	if err != nil {
		t.Fatal(err)
	}
	m.Opened("ann", newSession(t))
	t.Cleanup(m.Close)
	testenv.Write(t, filepath.Join(dir, "b.mkv"), nil)
	for text, name := range map[string]string{
		"file:///etc/../../x/a.mp4": "a.mp4", "file:../b.mkv": "b-2.mkv", `file:///c\d.webm`: "d.webm", "file:///.mp4": "recording.mp4",
		"file:///%00.mp4": "", "file:///etc/passwd": "", "file:///a%3Cb%3E.mp4": "a_b_.mp4",
	} {
		made, err := m.Start("ann", &Target{URL: text, PublicOnly: true})
		if name == "" {
			if err == nil {
				t.Errorf("%q is taken", text)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		path := filepath.Join(dir, name)
		for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
			list, err := m.List("ann")
			if _, missing := os.Stat(path); missing == nil && err == nil && list[0].File == name {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("%q: %s is not there, or not told: %+v, %v", text, path, list, err)
			}
		}
		if err := m.Stop("ann", made.ID); err != nil {
			t.Error(err)
		}
	}
}

// brokenTransport panics instead of asking.
type brokenTransport struct{}

func (brokenTransport) RoundTrip(*http.Request) (*http.Response, error) { panic("a fault") }

// TestABrokenExitHurtsNobody: a fault in an exit is what that exit says of itself, and no more.
func TestABrokenExitHurtsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, in := newManager(t)
		m.Opened("ann", newSession(t))
		m.common.HTTP = brokenTransport{}
		if _, err := m.Start("ann", &Target{URL: "whip://ingest/live", Codec: pipeline.VP8}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		list, err := m.List("ann")
		if err != nil || len(list) != 1 || list[0].State == Live || list[0].Message == "" {
			t.Errorf("%+v, %v", list, err)
		}
		m.common.HTTP = in.Over
		if _, err := m.Start("ann", &Target{URL: "whip://ingest/other", Codec: pipeline.VP8}); err != nil {
			t.Fatal(err)
		}
		(<-in.Came).Frames(60)
	})
}
