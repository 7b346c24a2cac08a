package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gioconda-live/gioconda/cmd/internal/bench"
	"github.com/gioconda-live/gioconda/cmd/internal/cleanup"
	"github.com/gioconda-live/gioconda/cmd/internal/live"
	"github.com/gioconda-live/gioconda/models/ort"
	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/models/weights"
	"github.com/gioconda-live/gioconda/rtc"
	"github.com/gioconda-live/gioconda/web"
)

func (a *app) doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Check that everything is here, and say how fast this machine will be",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.doctor(cmd.Context()) },
	}
}

var errUnwell = errors.New("something is missing; the lines marked with ✗ say what to do")

// finding is what one check found; err says what is wrong and what to do.
type finding struct {
	what, detail string
	err          error
}

func (a *app) doctor(ctx context.Context) (err error) {
	well := true
	for _, check := range []func(context.Context) finding{
		a.checkLibrary, a.checkNetworks, a.checkGenerators, checkFFmpeg, a.checkClient, a.checkPort, a.checkGallery,
	} {
		f := check(ctx)
		if f.err != nil {
			well = false
			fmt.Fprintf(a.out, "✗ %-16s %v\n", f.what, f.err)
		} else {
			fmt.Fprintf(a.out, "✓ %-16s %s\n", f.what, f.detail)
		}
	}
	if !well {
		return errUnwell
	}
	fmt.Fprintln(a.out, "measuring, five seconds …")
	b, err := a.openBench(ctx)
	if err != nil {
		return err
	}
	defer cleanup.Close(&err, b)
	fmt.Fprintf(a.out, "✓ %-16s %s\n", "generator", b.Engine)
	r, err := b.Run(ctx, &bench.Options{Sessions: 1, Seconds: 5, Codec: rtc.CodecVP8})
	if err != nil {
		return err
	}
	// Drawing and compressing overlap, so the slower of the two sets the pace.
	slower := max(r.Stages["generate"].P95+r.Stages["retarget"].P95, r.Stages["encode"].P95+r.Stages["packetise"].P95)
	fmt.Fprintf(a.out, "✓ %-16s %.1f ms from landmarks to the last packet (p50), %.1f ms (p95); about %.0f fps at %dx%d for one session, %.0f %% of a core at %d fps\n",
		"speed", r.Stages["total"].P50, r.Stages["total"].P95, 1000/slower, r.Size, r.Size, 100*r.CPU, r.FPS)
	return nil
}

func (a *app) checkLibrary(context.Context) finding {
	f := finding{what: "ONNX Runtime"}
	if a.cfg.Models.Library == "" {
		f.err = fmt.Errorf("%w: run `make run` once, or set models.library to libonnxruntime.so", ort.ErrNoLibrary)
		return f
	}
	rt, err := ort.New(a.cfg.Models.Library)
	if err != nil {
		f.err = err
		return f
	}
	f.detail = rt.Version() + " in " + a.cfg.Models.Library + ", for CPUs"
	if rt.HasCUDA() == nil {
		f.detail = rt.Version() + " in " + a.cfg.Models.Library + ", with CUDA"
	}
	f.err = rt.Close()
	return f
}

func (a *app) checkNetworks(context.Context) finding {
	f := finding{what: "networks", detail: "as they should be in " + a.cfg.Models.Dir}
	if err := weights.Verify(a.cfg.Models.Dir); err != nil {
		f.err = fmt.Errorf("%w; run `gioconda models build`", err)
	}
	return f
}

// checkGenerators reads every generator's folder, and says whether the library could use a GPU.
func (a *app) checkGenerators(context.Context) finding {
	f := finding{what: "generators"}
	list, err := a.catalog().List()
	if err != nil {
		f.err = err
		return f
	}
	var names []string
	for _, s := range list {
		if _, err := portrait.ReadManifest(s.Dir); err != nil {
			f.err = errors.Join(f.err, fmt.Errorf("%s (%s): %w", s.Name, s.From, err))
		}
		names = append(names, s.Name)
	}
	f.detail = strings.Join(names, ", ")
	return f
}

func checkFFmpeg(ctx context.Context) finding {
	f := finding{what: "ffmpeg"}
	out, err := exec.CommandContext(ctx, "ffmpeg", "-version").Output()
	if err != nil {
		f.err = errors.New("is not installed; clips cannot be read or written: apt-get install ffmpeg")
		return f
	}
	f.detail, _, _ = strings.Cut(string(out), " Copyright")
	return f
}

func (a *app) checkClient(context.Context) finding {
	f := finding{what: "page", detail: "built in"}
	client, err := web.Client()
	if err == nil {
		_, err = fs.Stat(client, "index.html")
	}
	if err != nil {
		f.err = errors.New("was not built into this program; run `make build`")
	}
	return f
}

func (a *app) checkPort(context.Context) finding {
	f := finding{what: "port", detail: a.cfg.Web.Listen + " is free"}
	l, err := live.Listen(a.cfg.Web.Listen)
	if err != nil {
		f.err = err
		return f
	}
	_ = l.Close()
	if a.cfg.RTC.UDPPort != 0 {
		c, err := net.ListenUDP("udp", &net.UDPAddr{Port: a.cfg.RTC.UDPPort})
		if err != nil {
			f.err = fmt.Errorf("UDP port %d is taken; choose another rtc.udp_port", a.cfg.RTC.UDPPort)
			return f
		}
		_ = c.Close()
	}
	return f
}

func (a *app) checkGallery(context.Context) finding {
	f := finding{what: "gallery", detail: a.cfg.Gallery.Dir}
	if err := os.MkdirAll(a.cfg.Gallery.Dir, 0o755); err != nil { //nolint:gosec // the user's own folder
		f.err = fmt.Errorf("%w; set gallery.dir to a folder that you may write", err)
		return f
	}
	probe := filepath.Join(a.cfg.Gallery.Dir, ".probe")
	if err := os.WriteFile(probe, nil, 0o600); err != nil {
		f.err = fmt.Errorf("%w; set gallery.dir to a folder that you may write", err)
		return f
	}
	f.err = os.Remove(probe)
	return f
}
