// Package doctor checks that everything is here that Gioconda needs.
package doctor

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

	"github.com/gioconda-live/gioconda/cmd/internal/camera"
	"github.com/gioconda-live/gioconda/cmd/internal/cluster"
	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/cmd/internal/live"
	"github.com/gioconda-live/gioconda/cmd/internal/microphone"
	"github.com/gioconda-live/gioconda/cmd/internal/virtualcamera"
	"github.com/gioconda-live/gioconda/configs"
	"github.com/gioconda-live/gioconda/models/ort"
	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/models/weights"
	"github.com/gioconda-live/gioconda/pipeline/urgent"
	"github.com/gioconda-live/gioconda/web"
)

// Options say what is looked at.
type Options struct {
	Config  *configs.Config
	Catalog engine.Catalog
}

// Finding is what one check found; Err says what is wrong and what to do.
type Finding struct {
	What, Detail string
	Err          error
}

// Check looks at everything that takes no time.
func Check(ctx context.Context, o *Options) []Finding {
	var all []Finding
	for _, check := range []func(context.Context) Finding{o.library, o.networks, o.generators, ffmpeg, page, o.port, o.gallery, o.cluster, cameras, microphones, virtualCameras, priority} {
		all = append(all, check(ctx))
	}
	return all
}

func (o *Options) library(context.Context) Finding {
	f := Finding{What: "ONNX Runtime"}
	if o.Config.Models.Library == "" {
		f.Err = fmt.Errorf("%w: run `make run` once, or set models.library to libonnxruntime.so", ort.ErrNoLibrary)
		return f
	}
	rt, err := ort.New(o.Config.Models.Library)
	if err != nil {
		f.Err = err
		return f
	}
	f.Detail = rt.Version() + " in " + o.Config.Models.Library + ", for CPUs"
	if rt.HasCUDA() == nil {
		f.Detail = rt.Version() + " in " + o.Config.Models.Library + ", with CUDA"
	}
	f.Err = rt.Close()
	return f
}

func (o *Options) networks(context.Context) Finding {
	f := Finding{What: "networks", Detail: "as they should be in " + o.Config.Models.Dir}
	if err := weights.Verify(o.Config.Models.Dir); err != nil {
		f.Err = fmt.Errorf("%w; run `gioconda models build`", err)
	}
	return f
}

// generators reads every generator's folder, and says whether the library could use a GPU.
func (o *Options) generators(context.Context) Finding {
	f := Finding{What: "generators"}
	list, err := o.Catalog.List()
	if err != nil {
		f.Err = err
		return f
	}
	var names []string
	for _, s := range list {
		if _, err := portrait.ReadManifest(s.Dir); err != nil {
			f.Err = errors.Join(f.Err, fmt.Errorf("%s (%s): %w", s.Name, s.From, err))
		}
		names = append(names, s.Name)
	}
	f.Detail = strings.Join(names, ", ")
	return f
}

func ffmpeg(ctx context.Context) Finding {
	f := Finding{What: "ffmpeg"}
	out, err := exec.CommandContext(ctx, "ffmpeg", "-version").Output()
	if err != nil {
		f.Err = errors.New("is not installed; clips cannot be read or written: apt-get install ffmpeg")
		return f
	}
	f.Detail, _, _ = strings.Cut(string(out), " Copyright")
	return f
}

func page(context.Context) Finding {
	f := Finding{What: "page", Detail: "built in"}
	client, err := web.Client()
	if err == nil {
		_, err = fs.Stat(client, "index.html")
	}
	if err != nil {
		f.Err = errors.New("was not built into this program; run `make build`")
	}
	return f
}

func (o *Options) port(ctx context.Context) Finding {
	f := Finding{What: "port", Detail: o.Config.Web.Listen + " is free"}
	l, err := live.Listen(ctx, o.Config.Web.Listen)
	if err != nil {
		f.Err = err
		return f
	}
	_ = l.Close()
	if o.Config.RTC.UDPPort != 0 {
		c, err := net.ListenUDP("udp", &net.UDPAddr{Port: o.Config.RTC.UDPPort})
		if err != nil {
			f.Err = fmt.Errorf("UDP port %d is taken; choose another rtc.udp_port", o.Config.RTC.UDPPort)
			return f
		}
		_ = c.Close()
	}
	return f
}

// cluster says whether the others are reached; a server needs none.
func (o *Options) cluster(ctx context.Context) Finding {
	f := Finding{What: "cluster", Detail: "none, this server is alone; cluster.url names one"}
	k := &o.Config.Cluster
	if k.URL == "" {
		return f
	}
	secret, err := k.Key()
	if err != nil {
		f.Err = err
		return f
	}
	url := k.URL
	if url == configs.Embedded {
		url = "nats://" + k.Listen
	}
	nodes, err := cluster.Reach(ctx, url, secret)
	switch {
	case err == nil:
		f.Detail = fmt.Sprintf("NATS is reached; %d nodes serve now", nodes)
	case k.URL == configs.Embedded:
		f.Detail = "the NATS server at " + k.Listen + " starts with this server"
	default:
		f.Err = fmt.Errorf("%w; start it, or look at cluster.url: until then this server would serve alone", err)
	}
	return f
}

// cameras says which there are; a server needs none of its own.
func cameras(context.Context) Finding {
	f := Finding{What: "cameras", Detail: "none here; browsers bring their own, serve --camera needs one"}
	var all []string
	list := camera.List()
	for i := range list {
		all = append(all, list[i].ID+" ("+list[i].Label+")")
	}
	if len(all) > 0 {
		f.Detail = strings.Join(all, ", ")
	}
	return f
}

// microphones says which there are; a server needs none of its own either.
func microphones(ctx context.Context) Finding {
	f := Finding{What: "microphones", Detail: "none here; browsers bring their own, serve --microphone needs one"}
	var all []string
	for _, about := range microphone.List(ctx) {
		all = append(all, about.ID+" ("+about.Label+")")
	}
	if len(all) > 0 {
		f.Detail = strings.Join(all, ", ")
	}
	return f
}

// virtualCameras says which there are, or how to make one.
func virtualCameras(context.Context) Finding {
	f := Finding{What: "virtual cameras", Detail: virtualcamera.Hint()}
	var all []string
	for _, v := range virtualcamera.List() {
		all = append(all, v.Path+" ("+v.Label+")")
	}
	if len(all) > 0 {
		f.Detail = strings.Join(all, ", ")
	}
	return f
}

// priority says whether the threads that draw and compress go before other programs'; without it all works, only less evenly.
func priority(context.Context) Finding {
	g := urgent.Ask()
	f := Finding{What: "priority", Detail: g.String() + " for the threads that draw and compress"}
	if !g.Any {
		f.Detail += "; beside busy programs frames come late. " + urgent.HowTo
	}
	return f
}

func (o *Options) gallery(context.Context) Finding {
	f := Finding{What: "gallery", Detail: o.Config.Gallery.Dir}
	if err := os.MkdirAll(o.Config.Gallery.Dir, 0o755); err != nil { //nolint:gosec // the user's own folder
		f.Err = fmt.Errorf("%w; set gallery.dir to a folder that you may write", err)
		return f
	}
	probe := filepath.Join(o.Config.Gallery.Dir, ".probe")
	if err := os.WriteFile(probe, nil, 0o600); err != nil {
		f.Err = fmt.Errorf("%w; set gallery.dir to a folder that you may write", err)
		return f
	}
	f.Err = os.Remove(probe)
	return f
}
