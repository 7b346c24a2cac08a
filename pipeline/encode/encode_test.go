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
		for _, edge := range []int{1024, 512, 256, pipeline.MinEdge} {
			e, err := encoders(pipeline.Rendition{Codec: codec, Edge: edge, MaxBPS: cfg.BitrateMin})
			if err != nil {
				t.Fatal(err)
			}
			var out frame.Encoded
			if err := e.Encode(&out, encodetest.Scenes(t, edge, edge, 1)[0], 1, false); err != nil || !out.Key || len(out.Data) == 0 {
				t.Errorf("%s at %d: %v, %d bytes", codec, edge, err, len(out.Data))
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
