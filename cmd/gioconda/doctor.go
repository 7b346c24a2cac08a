package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gioconda-live/gioconda/cmd/internal/bench"
	"github.com/gioconda-live/gioconda/cmd/internal/cleanup"
	"github.com/gioconda-live/gioconda/cmd/internal/doctor"
	"github.com/gioconda-live/gioconda/rtc"
)

func (a *app) doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Check that everything is here, and say how fast this machine will be",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.doctor(cmd.Context()) },
	}
}

var errSlow = errors.New("one session does not hold the frame rate: end what else runs here, or set pipeline.fps or pipeline.size lower, or --generator mesh")

var errUnwell = errors.New("something is missing; the lines marked with ✗ say what to do")

func (a *app) doctor(ctx context.Context) (err error) {
	well := true
	for _, f := range doctor.Check(ctx, &doctor.Options{Config: &a.cfg, Catalog: a.catalog()}) {
		if f.Err != nil {
			well = false
			fmt.Fprintf(a.out, "✗ %-16s %v\n", f.What, f.Err)
		} else {
			fmt.Fprintf(a.out, "✓ %-16s %s\n", f.What, f.Detail)
		}
	}
	if !well {
		return errUnwell
	}
	fmt.Fprintln(a.out, "measuring, five seconds …")
	b, err := a.openBench(ctx, "")
	if err != nil {
		return err
	}
	defer cleanup.Close(&err, b)
	mark := "✓"
	if b.Engine.TooSlow() != "" {
		mark, well = "✗", false
	}
	fmt.Fprintf(a.out, "%s %-16s %s\n", mark, "generator", b.Engine)
	r, err := b.Run(ctx, &bench.Options{Sessions: 1, Viewers: 1, Seconds: 5, Codec: rtc.CodecVP8})
	if err != nil {
		return err
	}
	// Drawing and compressing overlap, so the slower of the two sets the pace.
	slower := max(r.Stages["generate"].P95+r.Stages["retarget"].P95, r.Stages["encode"].P95+r.Stages["packetise"].P95)
	if mark = "✓"; tooSlow(r, slower) {
		mark, well = "✗", false
	}
	fmt.Fprintf(a.out, "%s %-16s %.1f ms from landmarks to the last packet (p50), %.1f ms (p95); %.0f fps, about %.0f possible at %dx%d for one session, %.0f %% of a core at %d fps\n",
		mark, "speed", r.Stages["total"].P50, r.Stages["total"].P95, r.FramesPS, 1000/slower, r.Size, r.Size, 100*r.CPU, r.FPS)
	if !well {
		return errSlow
	}
	return nil
}

// tooSlow tells whether one session does not hold the configured frame rate: it did not, or the slower of its halves, in ms, could not.
func tooSlow(r *bench.Report, slower float64) bool {
	return r.FramesPS < 0.97*float64(r.FPS) || slower > 1000/float64(r.FPS)
}
