package mesh

import (
	"errors"
	"fmt"
	"image"
	"image/color"
)

// BackgroundMode says what is drawn behind the person.
type BackgroundMode uint8

const (
	// BackgroundOriginal is the portrait's own background, painted in behind the person.
	BackgroundOriginal BackgroundMode = iota
	// BackgroundBlur is the same, out of focus.
	BackgroundBlur
	// BackgroundColour is one colour.
	BackgroundColour
	// BackgroundImage is a picture of the user, cropped to a square and scaled.
	BackgroundImage
)

// Background is a mode and what it needs.
type Background struct {
	Mode   BackgroundMode
	Colour color.RGBA  // BackgroundColour; alpha is ignored
	Image  image.Image // BackgroundImage
	Around image.Image // BackgroundImage: the picture whose middle square Image is, for what is beside it; may be nil
}

// BadgePlace says where the "AI" badge is drawn. The zero value is the bottom right corner: disclosure by default.
type BadgePlace uint8

// The places of the badge; BadgeNone must be asked for.
const (
	BadgeBottomRight BadgePlace = iota
	BadgeBottomLeft
	BadgeTopRight
	BadgeTopLeft
	BadgeNone
)

// Options shape a Renderer.
type Options struct {
	Size       int // output edge in pixels, even, 96..1024; 0 means 512
	Workers    int // cores to use for one frame, 1..4; 0 means 1. Any number gives the same bytes
	Background Background
	Badge      BadgePlace
}

// normal fills in defaults and checks.
func (o Options) normal() (Options, error) {
	if o.Size == 0 {
		o.Size = 512
	}
	if o.Workers == 0 {
		o.Workers = 1
	}
	if o.Size < 96 || o.Size > 1024 || o.Size%2 != 0 {
		return o, fmt.Errorf("mesh: size %d: the output edge must be even and between 96 and 1024", o.Size)
	}
	if o.Workers < 1 || o.Workers > 4 {
		return o, fmt.Errorf("mesh: workers %d: must be between 1 and 4", o.Workers)
	}
	if o.Badge > BadgeNone {
		return o, fmt.Errorf("mesh: badge place %d is unknown", o.Badge)
	}
	if o.Background.Mode > BackgroundImage {
		return o, fmt.Errorf("mesh: background mode %d is unknown", o.Background.Mode)
	}
	if o.Background.Mode == BackgroundImage && o.Background.Image == nil {
		return o, errors.New("mesh: background mode image needs a picture")
	}
	return o, nil
}
