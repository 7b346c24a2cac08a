package main

import (
	"context"
	"errors"
	"net/url"
	"path/filepath"

	"github.com/spf13/cobra"
)

func (a *app) recordCommand() *cobra.Command {
	var f sessionFlags
	cmd := &cobra.Command{
		Use:   "record FILE --session NAME | --driver CLIP",
		Short: "Record a session as a film: .mp4, .mkv or .webm",
		Long: `Record a session of a running server until Ctrl-C, or move a portrait by a clip or a
performance, without a server, and record that. What there is can be watched meanwhile, and
after whatever ends it. A file that is there is kept: the film takes the next free name.

A server records into its own folder (record.dir), so FILE is a name there.

  gioconda record talk.mp4 --session ann
  gioconda record talk.mkv --driver sample:talking --seconds 20`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.record(cmd.Context(), &f, args[0]) },
	}
	f.add(cmd)
	return cmd
}

func (a *app) record(ctx context.Context, f *sessionFlags, path string) error {
	if err := f.alone.check(); err != nil {
		return err
	}
	if f.alone.driver == "" {
		if filepath.Base(path) != path {
			return errors.New("the server records into its own folder, record.dir; give a name without folders")
		}
		path = "/" + path
	} else {
		err := checkOutput("FILE", path, f.alone.driver, f.alone.persona)
		if err == nil {
			path, err = filepath.Abs(path)
		}
		if err != nil {
			return err
		}
	}
	to := url.URL{Scheme: "file", Path: path}
	return a.push(ctx, &pushFlags{sessionFlags: *f}, to.String(), "", f.alone.seconds > 0)
}
