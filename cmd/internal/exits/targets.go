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
	full, to, hidden := *u, &url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}, secretsOf(u)
	if o.Bearer != "" {
		full.Path = strings.TrimSuffix(full.Path, "/") + "/" + o.Bearer
	} else if dir, key, ok := cutLast(u.Path); ok {
		to.Path, hidden = dir, append(hidden, key)
	}
	if u.Host == "" || strings.Trim(full.Path, "/") == "" {
		return nil, fmt.Errorf("exit %s: write %s://HOST/APP/KEY, as the platform shows it", Masked(u), u.Scheme)
	}
	return newStream(o, matroska.H264, to.String(), append(hidden, o.Bearer), func() []string {
		return append(copied(aac("-f", "flv", "-flvflags", "no_duration_filesize")...), full.String())
	})
}

// openSRT takes srt://HOST:PORT?streamid=…&passphrase=…, with ffmpeg's options for SRT; the passphrase may come as
// Options.Bearer.
func openSRT(u *url.URL, o Options) (pipeline.Exit, error) {
	full, hidden := *u, secretsOf(u)
	if u.Hostname() == "" && !u.Query().Has("mode") || u.Port() == "" {
		return nil, fmt.Errorf("exit %s: write srt://HOST:PORT, with ?streamid= and ?passphrase= where they are needed", Masked(u))
	}
	args := copied(aac("-f", "mpegts", "-muxdelay", "0", "-muxpreload", "0")...)
	if o.Bearer != "" {
		q := full.Query()
		q.Set("passphrase", o.Bearer)
		full.RawQuery = q.Encode()
	}
	return newStream(o, matroska.H264, "srt://"+u.Host, append(hidden, o.Bearer), func() []string {
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
func newStream(o Options, codec matroska.Codec, to string, hidden secrets, args func() []string) (*stream, error) {
	if want := map[matroska.Codec]string{matroska.H264: pipeline.H264, matroska.VP8: pipeline.VP8}[codec]; o.Codec != "" && o.Codec != want {
		return nil, fmt.Errorf("exit %s: it takes %s, not %s", to, want, o.Codec)
	}
	if !ffmpeg.Installed() {
		return nil, ffmpeg.ErrMissing
	}
	hidden = slices.DeleteFunc(hidden, func(s string) bool { return s == "" })
	return &stream{to: to, secrets: hidden, codec: codec, o: o, output: func() (*output, error) {
		return &output{slices.Clone(args()), to}, nil
	}}, nil
}

// cutLast cuts a path before its last element; it reports false where that is all of it.
func cutLast(path string) (dir, last string, ok bool) {
	i := strings.LastIndexByte(strings.TrimSuffix(path, "/"), '/')
	if i <= 0 {
		return path, "", false
	}
	return path[:i], path[i+1:], true
}
