package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/gioconda-live/gioconda/cmd/internal/soak"
)

func (a *app) soakCommand() *cobra.Command {
	o := soak.Options{Out: a.out}
	var hours float64
	var file string
	cmd := &cobra.Command{
		Use:   "soak --hours N [--churn]",
		Short: "Leave visitors at a server for hours, and watch whether it stays as it was",
		Long: `Drive one session that stays, and with --churn others that come and go all the time, some
without a word. Every minute a line tells the frame rate, latency, memory, goroutines and
descriptors; at the end, what did not stay as it was.

Without --server a server is started for it, with an empty gallery.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.For = time.Duration(hours * float64(time.Hour))
			return a.soak(cmd.Context(), &o, file)
		},
	}
	fl := cmd.Flags()
	fl.Float64Var(&hours, "hours", 1, "how long")
	fl.BoolVar(&o.Churn, "churn", false, "let others come and go")
	fl.StringVar(&o.Server, "server", "", "URL of a running server")
	fl.StringVar(&o.Metrics, "metrics", "", "URL of its metrics, http://HOST:PORT/metrics")
	fl.StringVar(&o.Token, "token", "", "secret of a token of scope drive, where the server asks for one")
	fl.StringVar(&file, "json", "", "write everything that was seen to `FILE`")
	return cmd
}

var errNotAsItWas = errors.New("the server did not stay as it was")

func (a *app) soak(ctx context.Context, o *soak.Options, file string) (err error) {
	if o.For < time.Minute {
		return errors.New("--hours: a soak takes at least a minute, 0.017")
	}
	if (o.Server == "") != (o.Metrics == "") {
		return errors.New("--server and --metrics belong together; without both a server is started")
	}
	if o.Server == "" {
		var program string
		if program, err = os.Executable(); err != nil {
			return err
		}
		var c *soak.Child
		if c, err = soak.Start(ctx, program); err != nil {
			return err
		}
		o.Server, o.Metrics = c.Server, c.Metrics
		defer func() { err = errors.Join(err, c.Stop()) }()
		fmt.Fprintln(a.out, "a server of its own:", c.Server)
	}
	r, err := soak.Run(ctx, o)
	if err != nil {
		return err
	}
	r.Print(a.out)
	if file != "" {
		if err := writeJSON(file, r); err != nil {
			return err
		}
	}
	if len(r.Faults()) > 0 {
		return errNotAsItWas
	}
	return nil
}
