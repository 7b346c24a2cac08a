package live

import (
	"bytes"
	"encoding/json"
	"errors"
	"image"
	"image/png"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gioconda-live/gioconda/configs"
	"github.com/gioconda-live/gioconda/rtc"
)

func TestMergeSettings(t *testing.T) {
	drops := newBackdrops(256)
	id, err := drops.Add(t.Context(), configs.MonaLisa().Picture)
	if err != nil {
		t.Fatal(err)
	}
	base := defaultSettings("bottom-right", 30)
	for _, tc := range []struct {
		body string
		ok   bool
		want func(*settings)
	}{
		{`{"type":"settings"}`, true, func(*settings) {}},
		{`{"mirror":true,"strength":{"mouth":1.5}}`, true, func(s *settings) { s.Mirror, s.Strength.Mouth = true, 1.5 }},
		{`{"background":{"mode":"color","color":"#00b140"},"idle":false}`, true, func(s *settings) {
			s.Background, s.Idle = background{Mode: "color", Color: "#00b140"}, false
		}},
		{`{"background":{"mode":"image","image":"` + id + `"}}`, true, func(s *settings) {
			s.Background = background{Mode: "image", Image: id}
		}},
		{`{"still":true}`, true, func(s *settings) { s.Still = true }},
		{`{"still":1}`, false, nil},
		{`{"badge":"top-left"}`, true, func(s *settings) { s.Badge = "top-left" }},
		{`{"learned":false,"split":0.25}`, true, func(s *settings) { s.Learned, s.Split = false, 0.25 }},
		{`{"rate":60}`, true, func(s *settings) { s.Rate = 60 }},
		{`{"rate":30}`, true, func(*settings) {}},
		{`{"rate":45}`, false, nil},
		{`{"rate":0}`, false, nil},
		{`{"rate":-60}`, false, nil},
		{`{"rate":59.9}`, false, nil},
		{`{"rate":1e99}`, false, nil},
		{`{"rate":"60"}`, false, nil},
		{`{"rate":[60]}`, false, nil},
		{`{"split":1.01}`, false, nil},
		{`{"split":-0.1}`, false, nil},
		{`{"split":"half"}`, false, nil},
		{`{"badge":"none"}`, false, nil}, // the badge goes only where the server's owner says so
		{`{"background":{"mode":"image","image":"gone"}}`, false, nil},
		{`{"background":{"mode":"color","color":"red"}}`, false, nil},
		{`{"background":{"mode":"party"}}`, false, nil},
		{`{"strength":{"head":3}}`, false, nil},
		{`{"strength":{"head":-1}}`, false, nil},
		{`{"mirror":"yes"}`, false, nil},
	} {
		got, err := base.merge(json.RawMessage(tc.body), drops, []int{30, 60})
		want := base
		if tc.ok {
			tc.want(&want)
		}
		if (err == nil) != tc.ok || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", tc.body, got, err)
		}
		var e *rtc.Error
		if err != nil && !errors.As(err, &e) {
			t.Errorf("%s: %v has no code", tc.body, err)
		}
		if err != nil && (strings.Contains(err.Error(), "json") || strings.Contains(err.Error(), "Go ")) {
			t.Errorf("%s: %v is no sentence for people", tc.body, err)
		}
	}
}

func TestBackdropsKeepTheNewest(t *testing.T) {
	drops := newBackdrops(256)
	if _, err := drops.Add(t.Context(), []byte("not a picture")); err == nil {
		t.Error("text was kept")
	}
	first, err := drops.Add(t.Context(), configs.MonaLisa().Picture)
	if err != nil {
		t.Fatal(err)
	}
	for i := range maxBackdrops {
		// Bytes after the end of a PNG change its name, not its picture.
		if _, err := drops.Add(t.Context(), append(slices.Clip(configs.MonaLisa().Picture), byte(i))); err != nil {
			t.Fatal(err)
		}
	}
	if _, ok := drops.get(first); ok || len(drops.kept) != maxBackdrops {
		t.Errorf("%d kept, the oldest among them: %v", len(drops.kept), ok)
	}
}

// TestBackdropsKeepTheirSides: a picture in landscape format is kept as wide as wide pictures need it, of a square one there is no more.
func TestBackdropsKeepTheirSides(t *testing.T) {
	for _, c := range []struct{ width, height, want int }{{400, 400, 0}, {300, 400, 0}, {500, 400, 500}, {2000, 400, 711}} {
		var b bytes.Buffer
		if err := png.Encode(&b, image.NewRGBA(image.Rect(0, 0, c.width, c.height))); err != nil {
			t.Fatal(err)
		}
		drops := newBackdrops(256)
		id, err := drops.Add(t.Context(), b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		drop, _ := drops.get(id)
		got := 0
		if drop.around != nil {
			got = drop.around.Bounds().Dx()
		}
		if got != c.want || drop.img.Bounds().Dx() != 256 {
			t.Errorf("of %dx%d %d columns are kept beside a square of %d, want %d", c.width, c.height, got, drop.img.Bounds().Dx(), c.want)
		}
	}
}
