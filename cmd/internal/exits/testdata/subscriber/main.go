// Subscriber joins a LiveKit room, keeps the video of the first who publishes any, and says who that was.
//
//	subscriber URL TOKEN SECONDS FILE TIMES
//
// TIMES gets a line for each frame: when its last packet came, in microseconds of this machine's clock, and that packet's last
// bytes, by which the frame is known.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media/h264writer"
	"github.com/pion/webrtc/v4/pkg/media/ivfwriter"
)

// report is printed as JSON in the end.
type report struct {
	Identity   string
	Kind       string
	Attributes map[string]string
	Codec      string
	Packets    int
	Sound      int64 // packets of it
}

// writer takes packets of one codec into a file.
type writer interface {
	WriteRTP(*rtp.Packet) error
	Close() error
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "subscriber:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 5 {
		return errors.New("give URL, token, seconds and two files")
	}
	seconds, err := strconv.ParseFloat(args[2], 64)
	if err != nil {
		return err
	}
	tracks := make(chan *webrtc.TrackRemote, 1)
	var r report
	var sound atomic.Int64
	callback := lksdk.NewRoomCallback()
	callback.OnTrackSubscribed = func(t *webrtc.TrackRemote, _ *lksdk.RemoteTrackPublication, who *lksdk.RemoteParticipant) {
		if t.Kind() != webrtc.RTPCodecTypeVideo {
			for {
				if _, _, err := t.ReadRTP(); err != nil {
					return
				}
				sound.Add(1)
			}
		}
		r.Identity, r.Kind, r.Attributes = who.Identity(), fmt.Sprint(who.Kind()), who.Attributes()
		who.WritePLI(t.SSRC())
		select {
		case tracks <- t:
		default:
		}
	}
	room, err := lksdk.ConnectToRoomWithToken(args[0], args[1], callback)
	if err != nil {
		return err
	}
	defer room.Disconnect()
	select {
	case t := <-tracks:
		err = record(t, args[3:], time.Duration(seconds*float64(time.Second)), &r)
	case <-time.After(20 * time.Second):
		err = errors.New("nobody publishes video")
	}
	if err != nil {
		return err
	}
	r.Sound = sound.Load()
	return json.NewEncoder(os.Stdout).Encode(&r)
}

// tail is how many of a frame's last bytes are noted.
const tail = 24

// record writes a track and the times of its frames into two files, from its first packet on.
func record(t *webrtc.TrackRemote, paths []string, d time.Duration, r *report) error {
	r.Codec = t.Codec().MimeType
	path := paths[0]
	times, err := os.Create(paths[1])
	if err != nil {
		return err
	}
	defer times.Close()
	var w writer
	if strings.EqualFold(r.Codec, webrtc.MimeTypeH264) {
		w, err = h264writer.New(path)
	} else {
		w, err = ivfwriter.New(path)
	}
	if err != nil {
		return err
	}
	for end := time.Now().Add(d); time.Now().Before(end); r.Packets++ {
		p, _, err := t.ReadRTP()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
		if p.Marker {
			fmt.Fprintf(times, "%d %x\n", time.Now().UnixMicro(), p.Payload[max(0, len(p.Payload)-tail):])
		}
		if err := w.WriteRTP(p); err != nil {
			return err
		}
	}
	return w.Close()
}
