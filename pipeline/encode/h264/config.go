package h264

import (
	"errors"
	"fmt"
)

// Config says how to encode; it does not change in an encoder's life, apart from the bitrate.
type Config struct {
	Width  int // pixels, even, 16..3840
	Height int // pixels, even, 16..2160
	FPS    int // 1..MaxRate; rate control believes it, whatever the PTS say

	BitrateBPS int // target, MinBitrateBPS..MaxBitrateBPS; SetBitrate changes it
	Threads    int // 1..4, one slice each
}

// The bitrates that make sense for one face, in bit/s.
const (
	MinBitrateBPS = 30_000
	MaxBitrateBPS = 50_000_000
	MaxRate       = 120 // frames a second
)

// DefaultConfig is the live setting for 512x512 at 30 frames a second.
func DefaultConfig() Config {
	return Config{Width: 512, Height: 512, FPS: 30, BitrateBPS: 1_500_000, Threads: 1}
}

// Validate reports every field that is out of range at once, joined, in the order of the fields.
func (c Config) Validate() error {
	var faults []error
	check := func(name string, v, lo, hi int) {
		if v < lo || v > hi {
			faults = append(faults, fmt.Errorf("%w: %s is %d, must be %d to %d", ErrConfig, name, v, lo, hi))
		}
	}
	check("width", c.Width, 16, 3840)
	check("height", c.Height, 16, 2160)
	if c.Width%2 != 0 || c.Height%2 != 0 {
		faults = append(faults, fmt.Errorf("%w: size %dx%d, both sides must be even", ErrConfig, c.Width, c.Height))
	}
	check("fps", c.FPS, 1, MaxRate)
	check("bitrate", c.BitrateBPS, MinBitrateBPS, MaxBitrateBPS)
	check("threads", c.Threads, 1, 4)
	return errors.Join(faults...)
}
