// Package clip reads and writes video files through the ffmpeg program.
package clip

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
)

// What can be wrong with a clip; each is wrapped with the path.
var (
	ErrNoFFmpeg = errors.New("ffmpeg is not installed; run `apt-get install ffmpeg`")
	ErrDiskFull = errors.New("the disk is full, so the film was not saved; free some space and try again")
	ErrNoVideo  = errors.New("has no video that ffmpeg can read; give an MP4, WebM or MOV with a picture track")
	ErrNoIndex  = errors.New("ends before its index, which cameras write last, so nothing of it can be read; copy it again, whole")
	ErrTorn     = errors.New("the file is damaged or was not copied whole")
)

// Info describes a clip's first picture track.
type Info struct {
	Width, Height int // as it is meant to be looked at: upright, pixels square
	RateNum       int // frames per second as a fraction
	RateDen       int
	Frames        int // an estimate; 0 if unknown
	Audio         bool
	picture       picture
}

// picture is what the file says of how its pictures are stored, in ffmpeg's names.
type picture struct {
	field                       string // order of fields: tt, bb, tb, bt; progressive or unknown otherwise
	transfer, primaries, matrix string
}

// FPS is the frame rate.
func (i Info) FPS() float64 { return float64(i.RateNum) / float64(i.RateDen) }

type probeOutput struct {
	Streams []stream `json:"streams"`
	Format  struct {
		Duration string `json:"duration"`
	} `json:"format"`
}

type stream struct {
	Kind      string `json:"codec_type"`
	Width     int    `json:"width"`
	Height    int    `json:"height"`
	Aspect    string `json:"sample_aspect_ratio"`
	Field     string `json:"field_order"`
	Transfer  string `json:"color_transfer"`
	Primaries string `json:"color_primaries"`
	Matrix    string `json:"color_space"`
	Rate      string `json:"avg_frame_rate"`
	RateReal  string `json:"r_frame_rate"`
	Frames    string `json:"nb_frames"`
	Duration  string `json:"duration"`
	Side      []struct {
		Rotation float64 `json:"rotation"`
	} `json:"side_data_list"`
	Disposition struct {
		AttachedPic int `json:"attached_pic"`
	} `json:"disposition"`
}

// What is believed of a file: sides in pixels, frames per second, how much wider than high a pixel may be (or the
// other way round), and how many frames there may be.
const (
	maxSide          = 8192
	minRate, maxRate = 1.0, 240.0
	maxAspect        = 4
	maxFrames        = 100_000_000
)

// Probe asks ffprobe about the clip at path.
func Probe(ctx context.Context, path string) (Info, error) {
	if _, err := os.Stat(path); err != nil {
		return Info{}, fmt.Errorf("clip: %w", err)
	}
	out, said, err := command(ctx, "ffprobe", "-v", "error", "-show_streams", "-show_format", "-of", "json", "file:"+path)
	switch {
	case errors.Is(err, ErrNoFFmpeg), ctx.Err() != nil:
		return Info{}, err
	case err != nil && isMovie(path) && (strings.Contains(said, "moov atom not found") || strings.Contains(said, "error reading header")):
		return Info{}, fmt.Errorf("clip: %s %w", path, ErrNoIndex)
	case err != nil:
		return Info{}, fmt.Errorf("clip: %s %w", path, ErrNoVideo)
	}
	return parseProbe(out, path)
}

// HasSound tells whether a clip, or a file of sound alone, has sound that ffmpeg can read. It fails with ErrNoFFmpeg, or as ctx ends.
func HasSound(ctx context.Context, path string) (bool, error) {
	out, _, err := command(ctx, "ffprobe", "-v", "error", "-select_streams", "a", "-show_entries", "stream=sample_rate", "-of", "csv=p=0", "file:"+path)
	if errors.Is(err, ErrNoFFmpeg) || ctx.Err() != nil {
		return false, err
	}
	return err == nil && len(bytes.TrimSpace(out)) > 0, nil
}

// isMovie tells whether a file begins as MP4 and MOV files do.
func isMovie(path string) bool {
	f, err := os.Open(path) //nolint:gosec // what the user has named
	if err != nil {
		return false
	}
	defer f.Close() //nolint:errcheck // it was only read
	var head [8]byte
	_, err = io.ReadFull(f, head[:])
	return err == nil && slices.Contains([]string{"ftyp", "wide", "mdat", "free", "skip"}, string(head[4:]))
}

// parseProbe reads what ffprobe says of the clip at path.
func parseProbe(out []byte, path string) (Info, error) {
	var p probeOutput
	if json.Unmarshal(out, &p) != nil {
		return Info{}, fmt.Errorf("clip: %s %w", path, ErrNoVideo)
	}
	var info Info
	found := false
	for i := range p.Streams {
		switch s := &p.Streams[i]; {
		case s.Kind == "audio":
			info.Audio = true
		case s.Kind != "video" || found || s.Width <= 0 || s.Height <= 0 || s.Disposition.AttachedPic != 0:
		case s.Width > maxSide || s.Height > maxSide:
			return Info{}, fmt.Errorf("clip: %s is %dx%d; use at most %d pixels a side", path, s.Width, s.Height, maxSide)
		default:
			found = true
			s.describe(&info, p.Format.Duration)
		}
	}
	if !found {
		return Info{}, fmt.Errorf("clip: %s %w", path, ErrNoVideo)
	}
	return info, nil
}

// describe fills info with what a picture track says of itself, as far as it is believed.
func (s *stream) describe(info *Info, whole string) {
	info.Width, info.Height = squarePixels(s.Width, s.Height, s.Aspect)
	for _, side := range s.Side {
		if math.Abs(math.Mod(side.Rotation, 180)) == 90 {
			info.Width, info.Height = info.Height, info.Width
		}
	}
	info.RateNum, info.RateDen = rate(s.Rate, s.RateReal)
	info.Frames = count(s.Frames)
	for _, duration := range []string{s.Duration, whole} {
		if d, err := strconv.ParseFloat(duration, 64); err == nil && info.Frames == 0 && d > 0 && d*info.FPS() <= maxFrames {
			info.Frames = int(d * info.FPS())
		}
	}
	info.picture = picture{field: s.Field, transfer: s.Transfer, primaries: s.Primaries, matrix: s.Matrix}
}

// squarePixels is the size of a picture of w x h pixels when each is as wide over its height as the fraction aspect
// ("4:3") says. The shorter direction is stretched, so that nothing is lost, where that does not lead too far.
func squarePixels(w, h int, aspect string) (int, int) {
	num, den, ok := fraction(aspect, ":")
	if !ok || num == den || num > maxAspect*den || den > maxAspect*num {
		return w, h
	}
	k := float64(num) / float64(den)
	scaled := func(side int, k float64) int { return max(1, int(math.Round(float64(side)*k))) }
	wide, high := scaled(w, k), scaled(h, 1/k)
	switch {
	case k > 1 && wide <= maxSide, k < 1 && high > maxSide:
		return wide, h
	default:
		return w, high
	}
}

// fraction reads two positive numbers.
func fraction(text, between string) (num, den int, ok bool) {
	a, b, _ := strings.Cut(text, between)
	num, err1 := strconv.Atoi(a)
	den, err2 := strconv.Atoi(b)
	return num, den, err1 == nil && err2 == nil && num > 0 && den > 0
}

// rate reads the first usable fraction of frames per second; 30 if there is none.
func rate(fractions ...string) (num, den int) {
	for _, f := range fractions {
		n, d, ok := fraction(f, "/")
		fps := float64(n) / float64(d)
		switch {
		case !ok || !(fps >= minRate && fps <= maxRate):
		case max(n, d) > 1<<20: // more digits than ffmpeg takes
			return int(fps * 1000), 1000
		default:
			return n, d
		}
	}
	return 30, 1
}

// count reads a number of frames; 0 if there is none that can be believed.
func count(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > maxFrames {
		return 0
	}
	return n
}

// most bounds what a program of the ffmpeg family may say, in bytes.
const most = 1 << 20

// command runs a program of the ffmpeg family to its end and returns what it wrote to its standard output, which must
// not be more than most, and the end of what it said.
func command(ctx context.Context, name string, args ...string) (out []byte, said string, err error) {
	return output(ctx, most, name, args...)
}

// output is command with another bound, in bytes.
func output(ctx context.Context, most int, name string, args ...string) (out []byte, said string, err error) {
	stdout, stderr := tail{room: most}, tail{room: 1 << 14}
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	switch {
	case errors.Is(err, exec.ErrNotFound):
		err = ErrNoFFmpeg
	case ctx.Err() != nil:
		err = ctx.Err()
	case err != nil:
		err = fmt.Errorf("%w: %s", err, lastLine(stderr.String()))
	case stdout.lost || len(stdout.kept) > most:
		err = fmt.Errorf("%s wrote more than %d bytes", name, most)
	}
	return stdout.kept, stderr.String(), err
}

// tail keeps the end of what is written to it, room bytes or more.
type tail struct {
	room int
	kept []byte
	lost bool
}

func (t *tail) Write(p []byte) (int, error) {
	t.kept = append(t.kept, p...)
	if over := len(t.kept) - t.room; over > t.room { // only now and then, lest each line moves it all
		t.kept = append(t.kept[:0], t.kept[over:]...)
		t.lost = true
	}
	return len(p), nil
}

func (t *tail) String() string { return string(t.kept) }

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}
