package pipeline

import (
	"errors"
	"fmt"
	"time"
)

// Config sets how pictures are paced, sized and compressed.
type Config struct {
	Size         int           `yaml:"size"`
	FPS          int           `yaml:"fps"`
	MostFPS      int           `yaml:"most_fps"`
	MaxSessions  int           `yaml:"max_sessions"`
	Workers      int           `yaml:"workers"`
	BitrateStart int           `yaml:"bitrate_start"`
	BitrateMin   int           `yaml:"bitrate_min"`
	BitrateMax   int           `yaml:"bitrate_max"`
	CPUUsed      int           `yaml:"cpu_used"`
	EncThreads   int           `yaml:"encoder_threads"`
	Hold         time.Duration `yaml:"hold"`
}

// DefaultConfig is one session's worth of a laptop.
func DefaultConfig() Config {
	return Config{
		Size: 512, FPS: 30, MostFPS: 60, Workers: 1,
		BitrateStart: 1_500_000, BitrateMin: 150_000, BitrateMax: 4_000_000,
		CPUUsed: 8, EncThreads: 1,
		Hold: 100 * time.Millisecond,
	}
}

// MostSessions is how many sessions may be asked for.
const MostSessions = 256

// Validate reports every fault at once.
func (c *Config) Validate() error {
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	check(c.Size >= 256 && c.Size <= 1024 && c.Size%16 == 0, "size %d: use a multiple of 16 from 256 to 1024", c.Size)
	check(c.FPS >= 5 && c.FPS <= 60, "fps %d: use 5 to 60", c.FPS)
	check(c.MostFPS >= min(c.FPS, 60) && c.MostFPS <= 60, "most_fps %d: use fps, which is %d, to 60", c.MostFPS, c.FPS)
	check(c.MaxSessions >= 0 && c.MaxSessions <= MostSessions, "max_sessions %d: use 1 to %d, or 0 for as many as are measured to fit", c.MaxSessions, MostSessions)
	check(c.Workers >= 1 && c.Workers <= 64, "workers %d: use 1 to 64", c.Workers)
	check(c.BitrateMin >= 50_000, "bitrate_min %d: use at least 50000 bit/s", c.BitrateMin)
	check(c.BitrateMin <= c.BitrateStart && c.BitrateStart <= c.BitrateMax,
		"bitrate_start %d must lie between bitrate_min %d and bitrate_max %d", c.BitrateStart, c.BitrateMin, c.BitrateMax)
	check(c.BitrateMax <= 50_000_000, "bitrate_max %d: use at most 50000000 bit/s", c.BitrateMax)
	check(c.CPUUsed >= 0 && c.CPUUsed <= 16, "cpu_used %d: use 0 (slow, better) to 16 (fast)", c.CPUUsed)
	check(c.EncThreads >= 1 && c.EncThreads <= 16, "encoder_threads %d: use 1 to 16", c.EncThreads)
	check(c.Hold >= 20*time.Millisecond && c.Hold <= time.Second, "hold %v: use 20ms to 1s", c.Hold)
	return errors.Join(errs...)
}
