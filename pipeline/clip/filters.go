package clip

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// filters returns ffmpeg's filters that turn the pictures of a clip into whole ones (interlaced video is stored as
// half pictures) with the colours of ordinary screens, "" where there is nothing to do, and what could not be done.
func filters(ctx context.Context, path string, info *Info) (chain string, notes []string, err error) {
	var steps []string
	parity, err := fieldOrder(ctx, path, info.picture.field)
	if err != nil {
		return "", nil, err
	}
	if parity != "" {
		steps = append(steps, "bwdif=mode=send_frame:parity="+parity+":deint=all")
	}
	if t := info.picture.transfer; t == "smpte2084" || t == "arib-std-b67" {
		if canToneMap(ctx) {
			steps = append(steps, toneMap(&info.picture))
		} else {
			notes = append(notes, "this clip is HDR and this ffmpeg cannot convert it (it has no zscale filter), so its colours are pale; "+
				"record or export it as SDR if its face is not followed well")
		}
	}
	return strings.Join(steps, ","), notes, ctx.Err()
}

const (
	seenFrames   = 60 // of a clip's beginning that are searched for fields
	seenEnough   = 10 // that must have moved to tell
	seenTimes    = 3  // as many as of the other kind
	seenDuration = "4"
)

// fieldOrder says which field is the earlier one, tff or bff, "" where pictures are whole. What the pictures show
// counts more than what the file says, which many files get wrong; where nothing moves, the file is asked.
func fieldOrder(ctx context.Context, path, said string) (string, error) {
	_, seen, err := command(ctx, "ffmpeg", "-v", "info", "-nostdin", "-t", seenDuration, "-i", "file:"+path, "-map", "0:V:0",
		"-vf", "idet", "-frames:v", strconv.Itoa(seenFrames), "-f", "null", "-")
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if err == nil {
		upper, lower, whole := fieldsSeen(seen)
		switch fields := upper + lower; {
		case fields >= seenEnough && fields > seenTimes*whole && upper >= lower:
			return "tff", nil
		case fields >= seenEnough && fields > seenTimes*whole:
			return "bff", nil
		case whole >= seenEnough && whole > seenTimes*fields:
			return "", nil
		}
	}
	switch said { // the first letter is about how it is stored, the second about how it is shown
	case "tt", "bt":
		return "tff", nil
	case "bb", "tb":
		return "bff", nil
	}
	return "", nil
}

// fieldsSeen reads what the filter idet has counted: frames with the upper field first, with the lower one, and whole ones.
func fieldsSeen(said string) (upper, lower, whole int) {
	m := regexp.MustCompile(`Multi frame detection: TFF: *(\d+) BFF: *(\d+) Progressive: *(\d+)`).FindStringSubmatch(said)
	if m == nil {
		return 0, 0, 0
	}
	return count(m[1]), count(m[2]), count(m[3])
}

// canToneMap tells whether ffmpeg has what toneMap needs.
func canToneMap(ctx context.Context) bool {
	out, _, err := command(ctx, "ffmpeg", "-v", "error", "-hide_banner", "-filters")
	return err == nil && strings.Contains(string(out), " zscale ") && strings.Contains(string(out), " tonemap ")
}

// toneMap brings HDR to SDR. White is taken for 203 cd/m2, as ITU-R BT.2408 has it for faces and paper; what glares
// more is bent below it, from half of white on.
func toneMap(p *picture) string {
	known := func(name, otherwise string) string {
		if name == "" || name == "unknown" || name == "unspecified" || name == "reserved" {
			return otherwise
		}
		return name
	}
	return fmt.Sprintf("setparams=color_trc=%s:color_primaries=%s:colorspace=%s,zscale=t=linear:npl=203,format=gbrpf32le,zscale=p=bt709,"+
		"tonemap=tonemap=mobius:param=0.5:desat=0,zscale=t=bt709:m=bt709:r=tv,format=yuv420p",
		p.transfer, known(p.primaries, "bt2020"), known(p.matrix, "bt2020nc"))
}
