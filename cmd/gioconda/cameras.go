package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/gioconda-live/gioconda/cmd/internal/camera"
	"github.com/gioconda-live/gioconda/cmd/internal/live"
	"github.com/gioconda-live/gioconda/cmd/internal/microphone"
)

func (a *app) camerasCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "cameras",
		Short: "List the cameras and microphones of this machine, as `serve --camera --microphone` takes them",
		Long: `List the cameras of this machine: id, name, and the forms of picture that each gives. Each is
opened for a moment; one that another program uses says so. Then the microphones: id and name.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			fmt.Fprintln(a.out, "cameras")
			if err := camera.Print(a.out, camera.List()); err != nil {
				return err
			}
			fmt.Fprintln(a.out, "\nmicrophones")
			return microphone.Print(a.out, microphone.List(cmd.Context()))
		},
	}
}

// optional is a flag that may stand alone, or be followed by a word: that one is among the arguments then.
type optional struct {
	to    *string
	alone string     // the value where no word follows
	at    int        // arguments that came before it; -1: it was not given, or with its word
	turn  int        // the how manyth of such flags it was, from 1
	count func() int // arguments that came so far
	turns *int       // such flags that came so far
}

// String implements pflag's Value, as do Type and Set.
func (o *optional) String() string {
	if o.to == nil {
		return ""
	}
	return *o.to
}

func (o *optional) Type() string { return "string" }

func (o *optional) Set(s string) error {
	*o.to = s
	if o.at = -1; s == o.alone {
		*o.turns++
		o.at, o.turn = o.count(), *o.turns
	}
	return nil
}

// takeWords gives each of the flags the argument that follows it, and refuses what is left.
func takeWords(cmd *cobra.Command, args []string, flags ...*optional) error {
	slices.SortFunc(flags, func(a, b *optional) int { return a.turn - b.turn })
	taken := 0
	for i, f := range flags {
		if f.at < 0 || f.at >= len(args) || i+1 < len(flags) && flags[i+1].at == f.at {
			continue
		}
		if err := f.Set(args[f.at]); err != nil {
			return err
		}
		taken++
	}
	if taken == len(args) {
		return nil
	}
	return cobra.NoArgs(cmd, args)
}

// addCameraFlags defines what cameras a server has.
func addCameraFlags(cmd *cobra.Command, c *live.Cameras) (words []*optional) {
	fl, turns := cmd.Flags(), 0
	add := func(to *string, name, usage string) {
		o := &optional{to: to, alone: camera.Any, at: -1, count: fl.NArg, turns: &turns}
		fl.Var(o, name, usage)
		fl.Lookup(name).NoOptDefVal = o.alone
		words = append(words, o)
	}
	add(&c.Driver, "camera", "follow the face before a camera of this machine, without a browser: an `ID` of gioconda cameras;\nany; or file:CLIP, dir:FOLDER, sample:NAME in its place. The page /camera shows it")
	add(&c.Microphone, "microphone", "let a microphone of this machine speak for the camera's session: an `ID` of gioconda cameras; any; none;\nor file:CLIP, tone in its place. A clip before the camera brings its own sound")
	fl.StringVar(&c.Session, "camera-session", "camera", "`NAME` of the session that the camera drives")
	fl.StringVar(&c.Virtual, "virtual-camera", "", "show the portrait as a camera of this machine (Linux): a `DEVICE` of v4l2loopback, such as /dev/video10")
	return words
}
