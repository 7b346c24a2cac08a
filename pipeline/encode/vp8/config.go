package vp8

import (
	"errors"
	"fmt"
)

// Config says how to encode; it does not change in an encoder's life, apart from the bitrate.
type Config struct {
	Width  int // pixels, even, 16..4096
	Height int // pixels, even, 16..4096
	FPS    int // nominal frames a second, 1..MaxRate; rate control goes by the real PTS

	BitrateBPS int // target, MinBitrateBPS..MaxBitrateBPS; SetBitrate changes it
	Threads    int // 1..16; libvpx uses at most one for every 256 pixels of width or so

	// CPUUsed trades quality for speed, 0..16: a fixed speed (libvpx knows it as -CPUUsed), so that the
	// cost of a frame depends on the frame alone and not on how busy the machine was.
	CPUUsed int

	MinQuantizer    int  // 0..MaxQuantizer
	MaxQuantizer    int  // ..63
	BufferMillis    int  // of the decoder that rate control imagines, 50..6000; small reacts fast
	MaxIntraPercent int  // largest keyframe in percent of the mean frame, 100..5000
	DropThreshold   int  // percent of that buffer below which frames are dropped, 0 never drops
	StaticThreshold int  // blocks that change less are skipped, 0..10000
	ThriftThreshold int  // the same while SetThrift is on, StaticThreshold..10000
	TokenPartitions int  // log2 of their number, 0..3; >0 only helps several threads
	ErrorResilient  bool // frames decode after a loss, at some bitrate; not needed with NACK and PLI
}

// The bitrates that make sense for one face, in bit/s.
const (
	MinBitrateBPS = 30_000
	MaxBitrateBPS = 50_000_000
	MaxRate       = 120 // frames a second
)

// DefaultConfig is the live setting for 512x512 at 30 frames a second.
func DefaultConfig() Config {
	return Config{
		Width: 512, Height: 512, FPS: 30,
		BitrateBPS: 1_500_000, Threads: 1, CPUUsed: 8,
		MinQuantizer: 8, MaxQuantizer: 56,
		BufferMillis: 400, MaxIntraPercent: 600, StaticThreshold: 300, ThriftThreshold: 600,
	}
}

// Validate reports every field that is out of range at once, joined, in the order of the fields.
func (c Config) Validate() error {
	var faults []error
	check := func(name string, v, lo, hi int) {
		if v < lo || v > hi {
			faults = append(faults, fmt.Errorf("%w: %s is %d, must be %d to %d", ErrConfig, name, v, lo, hi))
		}
	}
	check("width", c.Width, 16, 4096)
	check("height", c.Height, 16, 4096)
	if c.Width%2 != 0 || c.Height%2 != 0 {
		faults = append(faults, fmt.Errorf("%w: size %dx%d, both sides must be even", ErrConfig, c.Width, c.Height))
	}
	check("fps", c.FPS, 1, MaxRate)
	check("bitrate", c.BitrateBPS, MinBitrateBPS, MaxBitrateBPS)
	check("threads", c.Threads, 1, 16)
	check("cpu used", c.CPUUsed, 0, 16)
	check("max quantizer", c.MaxQuantizer, 0, 63)
	check("min quantizer", c.MinQuantizer, 0, c.MaxQuantizer)
	check("buffer", c.BufferMillis, 50, 6000)
	check("max intra percent", c.MaxIntraPercent, 100, 5000)
	check("drop threshold", c.DropThreshold, 0, 100)
	check("static threshold", c.StaticThreshold, 0, 10000)
	check("thrift threshold", c.ThriftThreshold, c.StaticThreshold, 10000)
	check("token partitions", c.TokenPartitions, 0, 3)
	return errors.Join(faults...)
}
