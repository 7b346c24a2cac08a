package encode_test

import (
	"errors"
	"testing"

	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/encode"
	"github.com/gioconda-live/gioconda/pipeline/encode/encodetest"
	"github.com/gioconda-live/gioconda/pipeline/frame"
)

func TestEveryRenditionHasAnEncoder(t *testing.T) {
	cfg := pipeline.DefaultConfig()
	encoders := encode.New(cfg)
	for _, codec := range []string{pipeline.VP8, pipeline.H264} {
		for _, r := range []pipeline.Rendition{
			{Edge: 1024},
			{Edge: 512},
			{Edge: 256},
			{Edge: pipeline.MinEdge},
			{Edge: 1024, Form: pipeline.Form{Alpha: true}},
			{Edge: 128, Form: pipeline.Form{Alpha: true}},
			{Edge: 720, Form: pipeline.Form{Wide: true}},
			{Edge: 180, Form: pipeline.Form{Wide: true}},
			{Edge: 720, Form: pipeline.Form{Wide: true, Alpha: true}},
		} {
			r.Codec, r.MaxBPS = codec, cfg.BitrateMin
			e, err := encoders(r)
			if err != nil {
				t.Fatal(err)
			}
			var out frame.Encoded
			w, h := r.Size()
			if err := e.Encode(&out, encodetest.Scenes(t, w, h, 1)[0], 1, false); err != nil || !out.Key || len(out.Data) == 0 {
				t.Errorf("%+v: %v, %d bytes", r, err, len(out.Data))
			}
			if err := e.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	if _, err := encoders(pipeline.Rendition{Codec: "av1", Edge: 512, MaxBPS: cfg.BitrateMax}); !errors.Is(err, pipeline.ErrRendition) {
		t.Errorf("unknown codec: %v", err)
	}
}
