package exits

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gioconda-live/gioconda/cmd/internal/exits/ffmpeg"
	"github.com/gioconda-live/gioconda/cmd/internal/exits/matroska"
	"github.com/gioconda-live/gioconda/pipeline"
)

// copied is how each child begins: the picture is never compressed again.
func copied(more ...string) []string {
	return append([]string{"-map", "0:v", "-map", "0:a", "-c:v", "copy", "-flush_packets", "1"}, more...)
}

// aac compresses the sound as platforms want it; small gaps and drift are evened out.
func aac(more ...string) []string {
	return append([]string{"-c:a", "aac", "-b:a", "128k", "-ar", "48000", "-ac", "2", "-af", "aresample=async=1"}, more...)
}

// openRTMP takes rtmp://HOST/APP/KEY and rtmps://HOST/APP/KEY, or leaves the key to Options.Bearer.
func openRTMP(u *url.URL, o Options) (pipeline.Exit, error) {
	full, shown := *u, *u
	key := o.Bearer
	if key != "" {
		full.Path = strings.TrimSuffix(full.Path, "/") + "/" + key
		shown = full
	} else {
		key = u.Path[strings.LastIndexByte(u.Path, '/')+1:]
	}
	if parts := strings.Split(strings.Trim(full.Path, "/"), "/"); u.Host == "" || len(parts) < 2 {
		return nil, fmt.Errorf("exit %s: write %s://HOST/APP/KEY, as the platform shows it", Mask(u), u.Scheme)
	}
	return newStream(o, matroska.H264, Mask(&shown), secretsOf(u, key), func() []string {
		return append(copied(aac("-f", "flv", "-flvflags", "no_duration_filesize")...), full.String())
	})
}

// openSRT takes srt://HOST:PORT?streamid=…&passphrase=…, with ffmpeg's options for SRT; the passphrase may come as
// Options.Bearer.
func openSRT(u *url.URL, o Options) (pipeline.Exit, error) {
	full := *u
	if u.Hostname() == "" || u.Port() == "" {
		return nil, fmt.Errorf("exit %s: write srt://HOST:PORT, with ?streamid= and ?passphrase= where they are needed", Mask(u))
	}
	if o.Bearer != "" {
		q := full.Query()
		q.Set("passphrase", o.Bearer)
		full.RawQuery = q.Encode()
	}
	args := copied(aac("-f", "mpegts", "-muxdelay", "0", "-muxpreload", "0")...)
	return newStream(o, matroska.H264, "srt://"+u.Host, secretsOf(u, o.Bearer), func() []string {
		return append(args, full.String())
	})
}

// fileKinds says for each ending how a recording is compressed and written, so that what there is of it can be seen at any
// moment, and after whatever ends it.
func fileKinds() map[string]fileKind {
	return map[string]fileKind{
		".mp4":  {matroska.H264, aac("-movflags", "+frag_keyframe+empty_moov+default_base_moof", "-f", "mp4")},
		".mkv":  {matroska.H264, []string{"-c:a", "copy", "-f", "matroska"}},
		".webm": {matroska.VP8, []string{"-c:a", "copy", "-f", "webm"}},
	}
}

type fileKind struct {
	codec matroska.Codec
	args  []string
}

// openFile takes file:PATH or file:///PATH. A file that is there is never written over: the recording, and what follows
// where it broke off, take the next free name.
func openFile(u *url.URL, o Options) (pipeline.Exit, error) {
	path := u.Path
	if path == "" {
		path = u.Opaque
	}
	kind, ok := fileKinds()[strings.ToLower(filepath.Ext(path))]
	if !ok || u.Host != "" {
		return nil, fmt.Errorf("exit %q: write file:PATH, which ends in .mp4, .mkv or .webm", u)
	}
	s, err := newStream(o, kind.codec, path, nil, nil)
	if err != nil {
		return nil, err
	}
	s.output = func() (*output, error) {
		free, err := claim(path)
		if err != nil {
			return nil, err
		}
		return &output{append(copied(kind.args...), "-y", "file:"+free), free}, nil
	}
	return s, nil
}

// claim makes an empty file at path, or where that is taken, at path with a number: a-2.mp4.
func claim(path string) (string, error) {
	ext := filepath.Ext(path)
	name := path
	for n := 2; ; n++ {
		f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644) //nolint:gosec // a film is for looking at
		switch {
		case err == nil:
			return name, f.Close()
		case errors.Is(err, fs.ErrExist) && n < 10000:
			name = fmt.Sprintf("%s-%d%s", strings.TrimSuffix(path, ext), n, ext)
		default:
			return "", fmt.Errorf("the recording cannot be written: %w", err)
		}
	}
}

// newStream makes a stream that every child writes with the same arguments.
func newStream(o Options, codec matroska.Codec, to string, secret secrets, args func() []string) (*stream, error) {
	if want := map[matroska.Codec]string{matroska.H264: pipeline.H264, matroska.VP8: pipeline.VP8}[codec]; o.Codec != "" && o.Codec != want {
		return nil, fmt.Errorf("exit %s: it takes %s, not %s", to, want, o.Codec)
	}
	if !ffmpeg.Installed() {
		return nil, ffmpeg.ErrMissing
	}
	return &stream{to: to, secrets: secret, codec: codec, o: o, output: func() (*output, error) {
		return &output{slices.Clone(args()), to}, nil
	}}, nil
}
