package microphone

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// Info is a microphone of this machine.
type Info struct {
	ID    string // as --microphone takes it
	Label string // its name, for people
}

// What stands before the name of a microphone: who has it.
const (
	pulseKind = "pulse" // PulseAudio, or PipeWire in its place
	alsaKind  = "alsa"
)

// monitor ends the names of sources that give what is played.
const monitor = ".monitor"

const (
	askFor = 3 * time.Second // how long a sound server may take to answer
	most   = 64              // microphones that are believed in
)

// List finds the microphones of this machine: those of the sound server, and where there is none those of the kernel.
func List(ctx context.Context) []Info {
	if all, _ := listPulse(ctx); len(all) > 0 {
		return all
	}
	return listALSA(os.DirFS("/proc/asound"))
}

// Print lists microphones for people.
func Print(w io.Writer, all []Info) error {
	if len(all) == 0 {
		_, err := fmt.Fprintln(w, "there is no microphone; plug one in (in a container, let it in: --device /dev/snd)")
		return err
	}
	for i := range all {
		if _, err := fmt.Fprintf(w, "%-10s %s\n", all[i].ID, all[i].Label); err != nil {
			return err
		}
	}
	return nil
}

// listPulse asks the sound server through ffmpeg; false: it does not answer.
func listPulse(ctx context.Context) ([]Info, bool) {
	ctx, stop := context.WithTimeout(ctx, askFor)
	defer stop()
	cmd := exec.CommandContext(ctx, "ffmpeg", "-hide_banner", "-nostdin", "-v", "error", "-sources", "pulse")
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	if err != nil || bytes.Contains(out, []byte("Cannot list")) {
		return nil, false
	}
	return parseSources(out), true
}

// parseSources reads ffmpeg's list: a line each, "* name [label] (none)", the star before the one that the user has chosen, which
// comes first here. What a sound server plays is no microphone.
func parseSources(out []byte) (all []Info) {
	lines := bufio.NewScanner(bytes.NewReader(out))
	for lines.Scan() && len(all) < most {
		line := lines.Text()
		if len(line) < 3 || line[1] != ' ' || line[0] != ' ' && line[0] != '*' {
			continue
		}
		name, label, _ := strings.Cut(line[2:], " [")
		if at := strings.LastIndexByte(label, ']'); at >= 0 {
			label = label[:at]
		}
		if name = strings.TrimSpace(name); name == "" || name != printable(name) || strings.HasSuffix(name, monitor) {
			continue
		}
		about := Info{ID: pulseKind + ":" + name, Label: printable(label)}
		if line[0] == '*' {
			all = append([]Info{about}, all...)
		} else {
			all = append(all, about)
		}
	}
	return all
}

// listALSA reads what the kernel says of its sound cards: "00-02: CODEC id : its name : playback 1 : capture 1".
func listALSA(proc fs.FS) (all []Info) {
	f, err := proc.Open("pcm")
	if err != nil {
		return nil
	}
	defer f.Close() //nolint:errcheck // it was only read
	lines := bufio.NewScanner(io.LimitReader(f, 64<<10))
	for lines.Scan() && len(all) < most {
		parts := strings.Split(lines.Text(), ":")
		var card, device int
		if _, err := fmt.Sscanf(parts[0], "%d-%d", &card, &device); err != nil || !strings.Contains(lines.Text(), ": capture") {
			continue
		}
		id, err := fs.ReadFile(proc, fmt.Sprintf("card%d/id", card))
		if err != nil { // the number is as good until the next start
			id = []byte(strconv.Itoa(card))
		}
		label := ""
		if len(parts) > 2 {
			label = printable(parts[2])
		}
		all = append(all, Info{ID: fmt.Sprintf("%s:%s,%d", alsaKind, printable(string(id)), device), Label: label})
	}
	return all
}

// find gives the id of a microphone that is there; Any becomes the first.
func find(ctx context.Context, id string) (string, error) {
	if id != Any {
		return id, nil
	}
	all := List(ctx)
	if len(all) == 0 {
		return "", errMissing
	}
	return all[0].ID, nil
}

// inputOf gives ffmpeg's arguments for a microphone.
func inputOf(id string) []string {
	kind, name, _ := strings.Cut(id, ":")
	common := []string{"-fflags", "nobuffer", "-sample_rate", "48000"}
	switch kind {
	case pulseKind: // fragments of 20 ms; otherwise it waits for more
		return append(common, "-channels", "1", "-f", "pulse", "-fragment_size", "1920", "-i", name)
	case alsaKind: // through ALSA's own conversion: few devices have one channel
		card, device, ok := strings.Cut(name, ",")
		if !ok {
			return append(common, "-f", "alsa", "-i", name)
		}
		return append(common, "-channels", "1", "-f", "alsa", "-i", "plughw:CARD="+card+",DEV="+device)
	}
	return nil
}

// printable takes from a device's words what a terminal should not get, and keeps at most 120 letters.
func printable(s string) string {
	letters := []rune(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\uFFFD' || r >= 0x80 && r < 0xa0 {
			return -1
		}
		return r
	}, s))
	return strings.TrimSpace(string(letters[:min(len(letters), 120)]))
}
