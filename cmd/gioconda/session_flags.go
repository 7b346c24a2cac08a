package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gioconda-live/gioconda/cmd/internal/remote"
	"github.com/gioconda-live/gioconda/web"
)

// serverTokenKey is the variable that holds the token for a running server.
const serverTokenKey = "GIOCONDA_TOKEN"

// sessionFlags name a session: one of a running server, or one of our own.
type sessionFlags struct {
	session, server, serverToken string
	aspect                       string
	detach                       bool
	alone                        aloneFlags
}

// add defines the flags.
func (f *sessionFlags) add(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.session, "session", "", "the `NAME` of the session of a running server; its page shows it")
	fl.StringVar(&f.server, "server", "http://localhost:8080", "URL of the running server")
	fl.StringVar(&f.serverToken, "server-token", "", "token of the running server, scope push ("+serverTokenKey+")")
	fl.BoolVar(&f.detach, "detach", false, "with --session: leave it running, and end at once")
	fl.StringVar(&f.aspect, "aspect", "", "1:1 or 16:9, with the background going on to both sides (picture.aspect)")
	f.alone.add(cmd)
	cmd.MarkFlagsMutuallyExclusive("session", "driver")
	cmd.MarkFlagsOneRequired("session", "driver")
}

// carry lets a running server carry its session out until ctx ends.
func (f *sessionFlags) carry(ctx context.Context, a *app, want *web.ExitRequest) error {
	want.Aspect = f.aspect
	token := f.serverToken
	if token == "" {
		token = os.Getenv(serverTokenKey)
	}
	srv := &remote.Server{URL: strings.TrimSuffix(f.server, "/"), Token: token}
	if f.detach {
		made, err := srv.StartExit(ctx, f.session, want)
		if err == nil {
			fmt.Fprintf(a.out, "exit %s goes on with the session\n", made.ID)
		}
		return err
	}
	if length := f.alone.length(); length > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, length)
		defer cancel()
	}
	return srv.Carry(ctx, f.session, want, a.out)
}
