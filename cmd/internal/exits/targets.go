package exits

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gioconda-live/gioconda/cmd/internal/exits/ffmpeg"
	"github.com/gioconda-live/gioconda/cmd/internal/exits/matroska"
	"github.com/gioconda-live/gioconda/pipeline"
)

// copied is how each child begins: the picture is never compressed again.
func copied(more ...string) []string {
	return append([]string{"-map", "0:v", "-map", "0:a", "-c:v", "copy", "-flush_packets", "1"}, more...)
}

// patience is for how long ffmpeg waits for another machine, in microseconds: where we are killed, nobody else ends it.
const patience = "15000000"

// aac compresses the sound as platforms want it; small gaps and drift are evened out.
func aac(more ...string) []string {
	return append([]string{"-c:a", "aac", "-b:a", "128k", "-ar", "48000", "-ac", "2", "-af", "aresample=async=1"}, more...)
}

// openRTMP takes rtmp://HOST/APP/KEY and rtmps://HOST/APP/KEY, or leaves the key to Options.Bearer. All before the last part
// of the path is the application.
func openRTMP(u *url.URL, o Options) (pipeline.Exit, error) {
	app, key := strings.Trim(u.Path, "/"), o.Bearer
	if key == "" {
		cut := strings.LastIndexByte(app, '/')
		app, key = app[:max(cut, 0)], app[cut+1:]
	}
	if u.RawQuery != "" {
		key += "?" + u.RawQuery
	}
	if u.Host == "" || app == "" || key == "" {
		return nil, fmt.Errorf("exit %s: write %s://HOST/APP/KEY, as the platform shows it", Mask(u), u.Scheme)
	}
	private := []string{"rtmp_app=" + app, "rtmp_playpath=" + key}
	at := url.URL{Scheme: u.Scheme, User: u.User, Host: u.Host, Path: "/" + app}
	args := []string{"-f", "flv", "-flvflags", "no_duration_filesize", "-rw_timeout", patience}
	if u.Scheme == "rtmps" {
		args = append(args, "-tls_verify", "1")
	}
	return newStream(o, u, secretsOf(u, key, o.Bearer), &output{
		Output: ffmpeg.Output{Args: append(copied(aac(args...)...), at.String()), Private: private},
		to:     Mask(&url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/" + app + "/" + hidden}),
	})
}

// openSRT takes srt://HOST:PORT?streamid=…&passphrase=…, with ffmpeg's options for SRT; the passphrase may come as
// Options.Bearer.
func openSRT(u *url.URL, o Options) (pipeline.Exit, error) {
	if u.Hostname() == "" || u.Port() == "" {
		return nil, fmt.Errorf("exit %s: write srt://HOST:PORT, with ?streamid= and ?passphrase= where they are needed", Mask(u))
	}
	q := u.Query()
	if o.Bearer != "" {
		q.Set("passphrase", o.Bearer)
	}
	if o.PublicOnly && q.Get("mode") != "" && q.Get("mode") != "caller" {
		return nil, errors.New("this token may only call others by SRT; leave mode out")
	}
	var private []string
	for _, name := range []string{"streamid", "passphrase"} {
		if v := q.Get(name); v != "" {
			private = append(private, name+"="+v)
		}
		q.Del(name)
	}
	at := url.URL{Scheme: "srt", Host: u.Host, RawQuery: q.Encode()}
	args := aac("-f", "mpegts", "-muxdelay", "0", "-muxpreload", "0")
	return newStream(o, u, secretsOf(u, o.Bearer), &output{
		Output: ffmpeg.Output{Args: append(copied(args...), at.String()), Private: private}, to: "srt://" + u.Host,
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
	if !ok || u.Host != "" || strings.ContainsRune(path, 0) {
		return nil, fmt.Errorf("exit %q: write file:PATH, which ends in .mp4, .mkv or .webm", u)
	}
	if o.Dir != "" {
		path = filepath.Join(o.Dir, fileName(path))
	}
	s := &stream{to: path, codec: kind.codec, o: o}
	s.output = func(context.Context) (*output, error) {
		free, err := claim(path)
		if err != nil {
			return nil, err
		}
		o.Log.Info("recording", "file", free)
		return &output{ffmpeg.Output{Args: append(copied(kind.args...), "-y", "file:"+free)}, free, free}, nil
	}
	return s.checked()
}

// fileName is a name that is safe in any folder: of the last part of a path letters, digits and a few signs, at most 80
// bytes, with its ending, which is that of a film.
func fileName(path string) string {
	base := filepath.Base(filepath.ToSlash(strings.ReplaceAll(path, `\`, "/")))
	ext := filepath.Ext(base)
	name := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_ .", r) {
			return r
		}
		return '_'
	}, strings.TrimSuffix(base, ext))
	name = strings.Trim(name, ". ")
	for len(name) > 80 {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	return cmp.Or(name, "recording") + strings.ToLower(ext)
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

// newStream makes an exit to another machine, which every child reaches in the same way.
func newStream(o Options, u *url.URL, secret secrets, to *output) (pipeline.Exit, error) {
	for _, option := range to.Private {
		if len(option) > 900 || strings.ContainsFunc(option, unicode.IsControl) {
			return nil, fmt.Errorf("exit %s: it is too long or has control characters in it", Mask(u))
		}
	}
	s := &stream{to: to.to, secrets: secret, codec: matroska.H264, o: o}
	s.output = func(ctx context.Context) (*output, error) {
		if !o.PublicOnly {
			return to, nil
		}
		return to, publicHost(ctx, u.Hostname())
	}
	return s.checked()
}

// checked refuses a codec that does not go.
func (s *stream) checked() (pipeline.Exit, error) {
	if want := s.codecName(); s.o.Codec != "" && s.o.Codec != want {
		return nil, fmt.Errorf("exit %s: it takes %s, not %s", s.to, want, s.o.Codec)
	}
	return s, nil
}

// publicHost refuses a host that has an address which is not public. ffmpeg asks for its addresses again, so that a name
// server may still answer otherwise a moment later.
func publicHost(ctx context.Context, host string) error {
	all, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return &ffmpeg.FaultError{Sentence: "the host " + host + " is not known; check its spelling, and the network"}
	}
	for _, a := range all {
		if err := publicOnly("", netip.AddrPortFrom(a, 0).String(), nil); err != nil {
			return err
		}
	}
	return nil
}
