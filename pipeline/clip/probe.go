// Package clip reads and writes video files through the ffmpeg program.
package clip

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// What can be wrong with a clip; each is wrapped with the path.
var (
	ErrNoFFmpeg = errors.New("ffmpeg is not installed; run `apt-get install ffmpeg`")
	ErrDiskFull = errors.New("the disk is full, so the film was not saved; free some space and try again")
	ErrNoVideo  = errors.New("has no video that ffmpeg can read; give an MP4, WebM or MOV with a picture track")
)

// Info describes a clip's first picture track.
type Info struct {
	Width, Height  int // upright, after the rotation that the file asks for
	RateNum        int // frames per second as a fraction
	RateDen        int
	Frames         int // an estimate; 0 if unknown
	Audio          bool
	rotatedSideway bool
}

// FPS is the frame rate.
func (i Info) FPS() float64 { return float64(i.RateNum) / float64(i.RateDen) }

type probeOutput struct {
	Streams []struct {
		Kind     string `json:"codec_type"`
		Width    int    `json:"width"`
		Height   int    `json:"height"`
		Rate     string `json:"avg_frame_rate"`
		RateReal string `json:"r_frame_rate"`
		Frames   string `json:"nb_frames"`
		Duration string `json:"duration"`
		Side     []struct {
			Rotation float64 `json:"rotation"`
		} `json:"side_data_list"`
		Disposition struct {
			AttachedPic int `json:"attached_pic"`
		} `json:"disposition"`
	} `json:"streams"`
	Format struct {
		Duration string `json:"duration"`
	} `json:"format"`
}

const maxSide = 8192

// Probe asks ffprobe about the clip at path.
func Probe(ctx context.Context, path string) (Info, error) {
	if _, err := os.Stat(path); err != nil {
		return Info{}, fmt.Errorf("clip: %w", err)
	}
	out, err := command(ctx, "ffprobe", "-v", "error", "-show_streams", "-show_format", "-of", "json", "file:"+path)
	if errors.Is(err, ErrNoFFmpeg) {
		return Info{}, err
	}
	var p probeOutput
	if err != nil || json.Unmarshal(out, &p) != nil {
		return Info{}, fmt.Errorf("clip: %s %w", path, ErrNoVideo)
	}
	info, ok := p.info()
	if !ok {
		return Info{}, fmt.Errorf("clip: %s %w", path, ErrNoVideo)
	}
	if info.Width > maxSide || info.Height > maxSide {
		return Info{}, fmt.Errorf("clip: %s is %dx%d; use at most %d pixels a side", path, info.Width, info.Height, maxSide)
	}
	return info, nil
}

func (p *probeOutput) info() (info Info, ok bool) {
	for _, s := range p.Streams {
		switch {
		case s.Kind == "audio":
			info.Audio = true
		case s.Kind == "video" && !ok && s.Width > 0 && s.Height > 0 && s.Disposition.AttachedPic == 0:
			ok = true
			info.Width, info.Height = s.Width, s.Height
			info.RateNum, info.RateDen = rate(s.Rate, s.RateReal)
			for _, side := range s.Side {
				if r := int(side.Rotation) % 180; r == 90 || r == -90 {
					info.rotatedSideway = true
				}
			}
			info.Frames, _ = strconv.Atoi(s.Frames)
			if info.Frames == 0 {
				d, _ := strconv.ParseFloat(s.Duration, 64)
				if d == 0 {
					d, _ = strconv.ParseFloat(p.Format.Duration, 64)
				}
				info.Frames = int(d * info.FPS())
			}
		}
	}
	if info.rotatedSideway {
		info.Width, info.Height = info.Height, info.Width
	}
	return info, ok
}

// rate reads the first usable fraction of frames per second; 30 if there is none.
func rate(fractions ...string) (num, den int) {
	for _, f := range fractions {
		a, b, _ := strings.Cut(f, "/")
		n, err1 := strconv.Atoi(a)
		d, err2 := strconv.Atoi(b)
		if err1 == nil && err2 == nil && n > 0 && d > 0 && n/d <= 240 {
			return n, d
		}
	}
	return 30, 1
}

// command runs a program of the ffmpeg family to its end.
func command(ctx context.Context, name string, args ...string) ([]byte, error) {
	var out, said bytes.Buffer
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		if errors.Is(err, exec.ErrNotFound) {
			return nil, ErrNoFFmpeg
		}
		return nil, fmt.Errorf("%w: %s", err, lastLine(said.String()))
	}
	return out.Bytes(), nil
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}
