package main

import (
	"context"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gioconda-live/gioconda/cmd/internal/exits"
	"github.com/gioconda-live/gioconda/cmd/internal/remote"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/rtc"
	"github.com/gioconda-live/gioconda/web"
)

// pushFlags say what is pushed, and how.
type pushFlags struct {
	sessionFlags
	token, tokenFile string
	codec            string
	bitrate          int
	trickle          bool
}

func (f *pushFlags) add(cmd *cobra.Command) {
	f.sessionFlags.add(cmd)
	fl := cmd.Flags()
	fl.StringVar(&f.codec, "codec", "", "h264 or vp8 (default: what the other side is known to take)")
	fl.IntVar(&f.bitrate, "bitrate", 0, "bit/s at most (pipeline.bitrate_max)")
	fl.BoolVar(&f.trickle, "trickle", false, "WHIP: offer at once, and send candidates as they are found")
}

func (a *app) pushCommand() *cobra.Command {
	var f pushFlags
	cmd := &cobra.Command{
		Use:   "push URL --session NAME | --driver CLIP",
		Short: "Send a session to a live service: WHIP, LiveKit, RTMP, SRT",
		Long: `Send a session of a running server to a live service until Ctrl-C, or move a portrait by a
clip or a performance, without a server, and send that. It comes back by itself when the
connection breaks off, and ends where it is refused for good.

  gioconda push https://ingest.example.org/whip --token-file key.txt --session ann
  gioconda push rtmps://live.example.org/app --token-file key.txt --session ann
  gioconda push http://localhost:1984/api/webrtc?dst=portrait --driver sample:talking`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			token, err := f.secret()
			if err != nil {
				return err
			}
			return a.push(cmd.Context(), &f, args[0], token, true)
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
			to, err := exits.LiveKitURL(server, room, identity, onBehalf)
			if err != nil {
				return err
			}
			if secret == "" {
				secret = os.Getenv("LIVEKIT_API_SECRET")
			}
			return a.push(cmd.Context(), &f, to, key+":"+secret, true)
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

// push sends what the flags say to a URL until ctx ends. Without a server repeat goes on when the driver is through.
func (a *app) push(ctx context.Context, f *pushFlags, to, token string, repeat bool) error {
	if err := f.alone.check(); err != nil {
		return err
	}
	if f.alone.driver == "" {
		return f.carry(ctx, a, &web.ExitRequest{URL: to, Token: token, Codec: f.codec, Bitrate: f.bitrate, Trickle: f.trickle})
	}
	form, err := pipeline.ParseForm(url.Values{"aspect": {f.aspect}}, a.cfg.Picture.Form())
	if err != nil {
		return err
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
	news := remote.News{Out: a.out}
	exit, err := exits.Open(to, exits.Options{
		Bearer: token, Codec: f.codec, Form: form, MaxBPS: f.bitrate, Trickle: f.trickle, Transport: transport, Log: a.log,
		Report: func(s exits.Status) { news.Say(string(s.State), s.Message) },
	})
	if err != nil {
		return err
	}
	return a.runAlone(ctx, &f.alone, exit, repeat)
}
