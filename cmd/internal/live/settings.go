package live

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gioconda-live/gioconda/cmd/internal/imaging"
	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/pipeline/drive"
	"github.com/gioconda-live/gioconda/pipeline/retarget"
	"github.com/gioconda-live/gioconda/rtc"
)

// settings are what a driver may change while the stream runs.
type settings struct {
	Mirror     bool       `json:"mirror"`
	Strength   strength   `json:"strength"`
	Background background `json:"background"`
	Idle       bool       `json:"idle"`
	Still      bool       `json:"still"` // it rests in its neutral, whoever drives
	Badge      string     `json:"badge"`
	Learned    bool       `json:"learned"`
	Split      float32    `json:"split"` // 0..1: left of it the geometric layer alone
	Rate       int        `json:"rate"`  // pictures a second, one of ratesOf
}

type strength struct {
	Head  float32 `json:"head"`
	Mouth float32 `json:"mouth"`
	Eyes  float32 `json:"eyes"`
	Brows float32 `json:"brows"`
}

type background struct {
	Mode  string `json:"mode"`
	Color string `json:"color,omitempty"`
	Image string `json:"image,omitempty"` // id of a backdrop
}

func defaultSettings(badge string, rate int) settings {
	return settings{
		Strength: strength{1, 1, 1, 1}, Background: background{Mode: "original"}, Idle: true, Badge: badge, Learned: true, Rate: rate,
	}
}

// merge reads the members that body has over s; on a fault s is returned as it was. rates are those to choose from.
func (s settings) merge(body json.RawMessage, drops *backdrops, rates []int) (settings, error) {
	out := s
	var kind *json.UnmarshalTypeError
	if err := json.Unmarshal(body, &out); errors.As(err, &kind) {
		return s, badSetting("%s: a %s does not belong there", kind.Field, kind.Value)
	} else if err != nil {
		return s, badSetting("the settings are not the JSON that this server understands")
	}
	for _, v := range []float32{out.Strength.Head, out.Strength.Mouth, out.Strength.Eyes, out.Strength.Brows} {
		if !(v >= 0 && v <= 2) {
			return s, badSetting("strength %v: use 0 to 2", v)
		}
	}
	if !(out.Split >= 0 && out.Split <= 1) {
		return s, badSetting("split %v: use 0 to 1", out.Split)
	}
	if !slices.Contains(rates, out.Rate) {
		return s, badSetting("rate %d: use %s", out.Rate, orWords(rates))
	}
	if out.Background != s.Background { // what is in force stays, even if its picture is no longer kept
		if _, err := out.Background.mesh(drops); err != nil {
			return s, err
		}
	}
	switch out.Badge {
	case "top-left", "top-right", "bottom-left", "bottom-right":
	case s.Badge: // none, where the owner of the server said so
	default:
		return s, badSetting("badge %q: use top-left, top-right, bottom-left or bottom-right", out.Badge)
	}
	return out, nil
}

// orWords lists numbers as people do: 30 or 60.
func orWords(list []int) string {
	var words []string
	for _, n := range list {
		words = append(words, strconv.Itoa(n))
	}
	return strings.Join(words, " or ")
}

func badSetting(format string, args ...any) error {
	return &rtc.Error{Code: "bad_setting", Message: fmt.Sprintf(format, args...)}
}

// mesh turns a background into the geometric layer's.
func (b background) mesh(drops *backdrops) (mesh.Background, error) {
	switch b.Mode {
	case "original":
		return mesh.Background{Mode: mesh.BackgroundOriginal}, nil
	case "blur":
		return mesh.Background{Mode: mesh.BackgroundBlur}, nil
	case "color":
		c, ok := imaging.ParseColour(b.Color)
		if !ok {
			return mesh.Background{}, badSetting("background colour %q: write it as #rrggbb", b.Color)
		}
		return mesh.Background{Mode: mesh.BackgroundColour, Colour: c}, nil
	case "image":
		drop, ok := drops.get(b.Image)
		if !ok {
			return mesh.Background{}, badSetting("that background picture is no longer here; choose it again")
		}
		return mesh.Background{Mode: mesh.BackgroundImage, Image: drop.img, Around: drop.around}, nil
	default:
		return mesh.Background{}, badSetting("background %q: use original, blur, color or image", b.Mode)
	}
}

// drive turns the settings into those of the motion.
func (s settings) drive() drive.Options {
	o := drive.DefaultOptions()
	o.Retarget.Mirror = s.Mirror
	o.Retarget.Strength = retarget.Strength(s.Strength)
	o.Life.NoIdle, o.Life.Still = !s.Idle, s.Still
	return o
}
