package main

import (
	"github.com/spf13/cobra"

	"github.com/gioconda-live/gioconda/cmd/internal/camera"
	"github.com/gioconda-live/gioconda/cmd/internal/live"
)

func (a *app) camerasCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "cameras",
		Short: "List the cameras of this machine, as `serve --camera` takes them",
		Long: `List the cameras of this machine: id, name, and the forms of picture that each gives. Each is
opened for a moment; one that another program uses says so.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return camera.Print(a.out, camera.List()) },
	}
}

// takeCameraID takes the word after --camera, which may also stand alone.
func takeCameraID(cmd *cobra.Command, c *live.Cameras, args []string) error {
	if c.Driver == camera.Any && len(args) == 1 {
		c.Driver = args[0]
		return nil
	}
	return cobra.NoArgs(cmd, args)
}

// addCameraFlags defines what cameras a server has.
func addCameraFlags(cmd *cobra.Command, c *live.Cameras) {
	fl := cmd.Flags()
	fl.StringVar(&c.Driver, "camera", "", "follow the face before a camera of this machine, without a browser: an `ID` of gioconda cameras;\nany; or file:CLIP, dir:FOLDER, sample:NAME in its place. The page /camera shows it")
	fl.Lookup("camera").NoOptDefVal = camera.Any
	fl.StringVar(&c.Session, "camera-session", "camera", "`NAME` of the session that the camera drives")
	fl.StringVar(&c.Virtual, "virtual-camera", "", "show the portrait as a camera of this machine (Linux): a `DEVICE` of v4l2loopback, such as /dev/video10")
}
