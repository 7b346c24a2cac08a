package exits

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/pipeline"
)

// asked is a feed that notes what is asked of it, and gives nothing.
type asked struct{ forms chan pipeline.Form }

func (a asked) View(r pipeline.Rendition, _ pipeline.Sink) (*pipeline.Viewer, error) {
	select {
	case a.forms <- r.Form:
	default:
	}
	return nil, errors.New("nothing to see")
}

func (a asked) Listen(pipeline.SoundSink) (*pipeline.Listener, error) {
	return nil, errors.New("nothing to hear")
}

// TestExitsAskForTheirForm: a recording gets the form of the options, or the aspect of its target.
func TestExitsAskForTheirForm(t *testing.T) {
	testenv.FFmpeg(t)
	wide := pipeline.Form{Wide: true}
	for _, c := range []struct {
		common pipeline.Form
		aspect string
		want   pipeline.Form
	}{{pipeline.Form{}, "", pipeline.Form{}}, {wide, "", wide}, {wide, "1:1", pipeline.Form{}}, {pipeline.Form{}, "16:9", wide}} {
		m := &Manager{common: Options{Form: c.common}}
		exit, _, err := m.open(&Target{URL: "file:" + filepath.Join(t.TempDir(), "out.mkv"), Aspect: c.aspect}, func(Status) {})
		if err != nil {
			t.Fatal(err)
		}
		from := asked{make(chan pipeline.Form, 1)}
		done := make(chan error, 1)
		ctx, cancel := context.WithCancel(t.Context())
		go func() { done <- exit.Run(ctx, from) }()
		select {
		case got := <-from.forms:
			if got != c.want {
				t.Errorf("%+v with aspect %q asks for %+v", c.common, c.aspect, got)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("%+v with aspect %q asks for nothing", c.common, c.aspect)
		}
		cancel()
		<-done
	}
}
