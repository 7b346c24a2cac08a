package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gioconda-live/gioconda/cmd/internal/exits"
	"github.com/gioconda-live/gioconda/cmd/internal/remote"
	"github.com/gioconda-live/gioconda/rtc"
	"github.com/gioconda-live/gioconda/web"
)

// serverTokenKey is the variable that holds the token for a running server.
const serverTokenKey = "GIOCONDA_TOKEN"

// pushFlags say what is pushed, and how.
type pushFlags struct {
	session, server, serverToken string
	token, tokenFile             string
	codec                        string
	bitrate                      int
	trickle, detach              bool
	alone                        aloneFlags
}

func (f *pushFlags) add(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.session, "session", "", "the `NAME` of the session of a running server; its page shows it")
	fl.StringVar(&f.server, "server", "http://localhost:8080", "URL of the running server")
	fl.StringVar(&f.serverToken, "server-token", "", "token of the running server, scope push ("+serverTokenKey+")")
	fl.StringVar(&f.codec, "codec", "", "h264 or vp8 (default: what the other side is known to take)")
	fl.IntVar(&f.bitrate, "bitrate", 0, "bit/s at most (pipeline.bitrate_max)")
	fl.BoolVar(&f.trickle, "trickle", false, "WHIP: offer at once, and send candidates as they are found")
	fl.BoolVar(&f.detach, "detach", false, "with --session: leave it running, and end at once")
	f.alone.add(cmd)
	cmd.MarkFlagsMutuallyExclusive("session", "driver")
	cmd.MarkFlagsOneRequired("session", "driver")
}

func (a *app) pushCommand() *cobra.Command {
	var f pushFlags
	cmd := &cobra.Command{
		Use:   "push URL --session NAME | --driver CLIP",
		Short: "Send a session to a live service: WHIP, LiveKit",
		Long: `Send a session of a running server to a live service until Ctrl-C, or move a portrait by a
clip or a performance, without a server, and send that. It comes back by itself when the
connection breaks off, and ends where it is refused for good.

  gioconda push https://ingest.example.org/whip --token-file key.txt --session ann
  gioconda push http://localhost:1984/api/webrtc?dst=portrait --driver sample:talking`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			token, err := f.secret()
			if err != nil {
				return err
			}
			return a.push(cmd.Context(), &f, args[0], token)
		},
	}
	f.add(cmd)
	cmd.Flags().StringVar(&f.token, "token", "", "token that the service asks for")
	cmd.Flags().StringVar(&f.tokenFile, "token-file", "", "read that token from `FILE`")
	cmd.MarkFlagsMutuallyExclusive("token", "token-file")
	cmd.AddCommand(a.pushLiveKitCommand())
	return cmd
}

// secret is the token for the service.
func (f *pushFlags) secret() (string, error) {
	if f.tokenFile == "" {
		return f.token, nil
	}
	b, err := os.ReadFile(f.tokenFile)
	return strings.TrimSpace(string(b)), err
}

func (a *app) pushLiveKitCommand() *cobra.Command {
	var f pushFlags
	var server, key, secret, room, identity, onBehalf string
	cmd := &cobra.Command{
		Use:   "livekit --url URL --key KEY --secret SECRET --room ROOM --session NAME | --driver CLIP",
		Short: "Let the portrait join a LiveKit room as an agent",
		Long: `Let the portrait join a LiveKit room as an agent, until Ctrl-C.

  gioconda push livekit --url wss://live.example.org --key K --secret S --room hall --session ann`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			to, err := liveKitURL(server, room, identity, onBehalf)
			if err != nil {
				return err
			}
			if secret == "" {
				secret = os.Getenv("LIVEKIT_API_SECRET")
			}
			return a.push(cmd.Context(), &f, to, key+":"+secret)
		},
	}
	f.add(cmd)
	fl := cmd.Flags()
	fl.StringVar(&server, "url", "", "of the LiveKit server: wss://host, or ws://host:7880")
	fl.StringVar(&key, "key", os.Getenv("LIVEKIT_API_KEY"), "of its API (LIVEKIT_API_KEY)")
	fl.StringVar(&secret, "secret", "", "of its API (LIVEKIT_API_SECRET)")
	fl.StringVar(&room, "room", "", "to join")
	fl.StringVar(&identity, "identity", "gioconda", "to join as")
	fl.StringVar(&onBehalf, "on-behalf", "", "`IDENTITY` of the agent whose picture this is")
	for _, name := range []string{"url", "room"} {
		_ = cmd.MarkFlagRequired(name) // they are there
	}
	return cmd
}

// liveKitURL is the exit to a room.
func liveKitURL(server, room, identity, onBehalf string) (string, error) {
	u, err := url.Parse(server)
	scheme := map[string]string{"wss": "livekit", "https": "livekit", "ws": "livekit+http", "http": "livekit+http"}
	if err != nil || scheme[u.Scheme] == "" || u.Host == "" || u.User != nil {
		return "", errors.New("--url: write the address of the LiveKit server, such as wss://live.example.org or ws://localhost:7880")
	}
	q := url.Values{"identity": {identity}}
	if onBehalf != "" {
		q.Set("on_behalf", onBehalf)
	}
	return (&url.URL{Scheme: scheme[u.Scheme], Host: u.Host, Path: "/" + room, RawQuery: q.Encode()}).String(), nil
}

// push sends what the flags say to a URL until ctx ends.
func (a *app) push(ctx context.Context, f *pushFlags, to, token string) error {
	if err := f.alone.check(); err != nil {
		return err
	}
	if f.alone.driver == "" {
		return a.pushSession(ctx, f, &web.ExitRequest{URL: to, Token: token, Codec: f.codec, Bitrate: f.bitrate, Trickle: f.trickle})
	}
	cfg := a.cfg.RTC.Config
	cfg.UDPPort, cfg.TCPPort = 0, 0 // a running server may have them
	p := &a.cfg.Pipeline
	transport, err := rtc.NewTransport(cfg, rtc.Options{
		Log: a.log, Bitrate: rtc.Bitrate{Min: p.BitrateMin, Start: p.BitrateStart, Max: p.BitrateMax},
	})
	if err != nil {
		return err
	}
	defer transport.Close()
	var said exitNews
	exit, err := exits.Open(to, exits.Options{
		Bearer: token, Codec: f.codec, MaxBPS: f.bitrate, Trickle: f.trickle, Transport: transport, Log: a.log,
		Report: func(s exits.Status) { said.say(a, string(s.State), s.Message) },
	})
	if err != nil {
		return err
	}
	return a.runAlone(ctx, &f.alone, exit, true)
}

// exitNews prints how an exit is, when that changes.
type exitNews struct{ last string }

func (n *exitNews) say(a *app, state, message string) {
	text := state
	if message != "" {
		text += ": " + message
	}
	if text != n.last {
		fmt.Fprintln(a.out, text)
		n.last = text
	}
}

// pushSession lets a running server push one of its sessions, and stops that when ctx ends.
func (a *app) pushSession(ctx context.Context, f *pushFlags, want *web.ExitRequest) error {
	token := f.serverToken
	if token == "" {
		token = os.Getenv(serverTokenKey)
	}
	srv := &remote.Server{URL: strings.TrimSuffix(f.server, "/"), Token: token}
	made, err := srv.StartExit(ctx, f.session, want)
	if err != nil {
		return err
	}
	if f.detach {
		fmt.Fprintf(a.out, "exit %s goes on with the session\n", made.ID)
		return nil
	}
	err = a.followExit(ctx, srv, f.session, made.ID)
	if ctx.Err() != nil {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if err := srv.StopExit(last, f.session, made.ID); err != nil {
			return fmt.Errorf("the exit was not stopped: %w", err)
		}
		fmt.Fprintln(a.out, "stopped")
		return nil
	}
	return err
}

// followExit prints how an exit is until it ends, which is an error, or ctx does.
func (a *app) followExit(ctx context.Context, srv *remote.Server, session, id string) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	var said exitNews
	for {
		list, err := srv.Exits(ctx, session)
		if err != nil {
			return err
		}
		found := false
		for i := range list {
			if x := &list[i]; x.ID == id {
				found = true
				said.say(a, x.State, x.Message)
				if x.State == string(exits.Ended) {
					return errors.New(x.Message)
				}
			}
		}
		if !found {
			return errors.New("somebody else has stopped this exit")
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}
