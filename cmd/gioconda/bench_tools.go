package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/pprof"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gioconda-live/gioconda/cmd/internal/bench"
)

// printer is a report of bench.
type printer interface{ Print(w io.Writer) error }

// report prints r as a table or as JSON.
func (a *app) report(r printer, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(a.out)
		enc.SetIndent("", "  ")
		return enc.Encode(r)
	}
	return r.Print(a.out)
}

// profile writes where processor time goes to a file, until stop is called.
func profile(path string) (stop func() error, err error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return func() error {
		pprof.StopCPUProfile()
		return file.Close()
	}, nil
}

// benchAgainst runs this program and another build with the flags that were given.
func (a *app) benchAgainst(cmd *cobra.Command, f *benchFlags) error {
	if f.rounds < 1 || f.rounds > 100 {
		return fmt.Errorf("--rounds %d: use 1 to 100", f.rounds)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	own := []string{"against", "rounds", "json", "csv", "cpuprofile"}
	args := []string{"bench", "--json"}
	cmd.Flags().Visit(func(fl *pflag.Flag) {
		if !slices.Contains(own, fl.Name) {
			args = append(args, "--"+fl.Name+"="+fl.Value.String())
		}
	})
	r, err := bench.Against(cmd.Context(), &bench.Pairs{Ours: self, Theirs: f.against, Args: args, Rounds: f.rounds})
	if err != nil {
		return err
	}
	return a.report(r, f.json)
}
