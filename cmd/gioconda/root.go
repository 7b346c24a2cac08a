package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/gioconda-live/gioconda/cmd/internal/logs"
	"github.com/gioconda-live/gioconda/configs"
	"github.com/gioconda-live/gioconda/pipeline/clip"
)

// streams are the program's standard streams, injected so that tests can read them.
type streams struct {
	in  io.Reader
	out io.Writer
	err io.Writer
}

// app is what every command shares. cfg and log are set before a command runs.
type app struct {
	streams
	cfg        configs.Config
	log        *slog.Logger
	configFile string
	logLevel   string
}

// run is the whole program but for the process: it returns the exit status, 3 where what was asked for was done with
// only a part of the input.
func run(ctx context.Context, args []string, s streams) int {
	a := &app{streams: s}
	root := a.rootCommand() //nolint:contextcheck // commands get ctx from cobra
	root.SetArgs(args)
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		fmt.Fprintln(s.err, "stopped")
		return 130
	case errors.Is(err, clip.ErrTorn):
		fmt.Fprintln(s.err, "gioconda:", err)
		return 3
	default:
		fmt.Fprintln(s.err, "gioconda:", err)
		return 1
	}
}

// stoppedInto makes whatever failed after a Ctrl-C, such as an ffmpeg that ended with it, the context's error; for deferred use.
func stoppedInto(err *error, ctx context.Context) { //nolint:revive // err first, as in closeInto
	if *err != nil && ctx.Err() != nil {
		*err = ctx.Err()
	}
}

func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "gioconda",
		Short: "One portrait, moved by your face, as a live camera",
		Long: `Gioconda makes one portrait, a photo or the Mona Lisa, your camera: your face is
tracked where you sit, only its landmarks travel, and the portrait moves with you.

Start with:
  gioconda serve                          the demo on http://localhost:8080
  gioconda personalise ann.jpg -o ann.persona
  gioconda render --persona ann.persona --driver me.mp4 -o out.mp4
  gioconda doctor                         is everything here, and how fast is it?`,
		Version:           version,
		SilenceUsage:      true,
		SilenceErrors:     true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
		PersistentPreRunE: func(*cobra.Command, []string) error { return a.configure() },
	}
	root.PersistentFlags().StringVar(&a.configFile, "config", "", "read the configuration from `FILE` (YAML; `gioconda config` prints one with every key)")
	root.PersistentFlags().StringVar(&a.logLevel, "log-level", "", "say more or less: debug, info, warn or error (default: log.level)")
	root.AddCommand(a.serveCommand(), a.personaliseCommand(), a.renderCommand(), a.pushCommand(), a.recordCommand(), a.benchCommand(),
		a.doctorCommand(), a.datasetCommand(), a.fidelityCommand(), a.soakCommand(), a.modelsCommand(), a.tokenCommand(), a.camerasCommand(), a.configCommand())
	return root
}

// configure loads the configuration and makes the logger.
func (a *app) configure() error {
	cfg, err := configs.Load(a.configFile, os.LookupEnv)
	if err != nil {
		return err
	}
	if a.logLevel != "" {
		cfg.Log.Level = a.logLevel
		if err := cfg.Validate(); err != nil {
			return err
		}
	}
	if err := cfg.Locate(startFolders()...); err != nil {
		return err
	}
	a.cfg = cfg
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.Log.Level)); err != nil {
		return err
	}
	opts := &slog.HandlerOptions{Level: level}
	var lines slog.Handler = slog.NewTextHandler(a.err, opts)
	if cfg.Log.Format == "json" {
		lines = slog.NewJSONHandler(a.err, opts)
	}
	a.log = slog.New(logs.Limit(lines))
	return nil
}

// startFolders are where looking for models/node_modules begins.
func startFolders() []string {
	var dirs []string
	if wd, err := os.Getwd(); err == nil {
		dirs = append(dirs, wd)
	}
	if exe, err := os.Executable(); err == nil {
		dirs = append(dirs, filepath.Dir(exe))
	}
	return dirs
}

func (a *app) configCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "config",
		Short: "Print the default configuration, every key explained",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := a.out.Write(configs.DefaultYAML)
			return err
		},
	}
}
