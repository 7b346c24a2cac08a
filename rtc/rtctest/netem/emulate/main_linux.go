// Emulate joins two TUN devices by a bad network, for tests: the packets that enter one come out of the other, and back. It takes
// commands on its standard input, one a line: "down", "up" or "both" with what netem.Conditions.With takes; down is from the
// first device to the second. Each is answered by a line of JSON with what both directions counted; the end of input ends it.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/gioconda-live/gioconda/rtc/rtctest/netem"
)

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "emulate:", err)
		os.Exit(1)
	}
}

func run(args []string, commands io.Reader, answers io.Writer) error {
	if len(args) != 2 {
		return fmt.Errorf("name two devices to make; got %d names", len(args))
	}
	var ends [2]*os.File
	for i, name := range args {
		f, err := netem.OpenTUN(name)
		if err != nil {
			return err
		}
		ends[i] = f
	}
	down, up := netem.NewLink(netem.Conditions{}, 1), netem.NewLink(netem.Conditions{}, 2)
	go func() { _ = netem.Carry(down, ends[0], ends[1]) }() // to the end of the process
	go func() { _ = netem.Carry(up, ends[1], ends[0]) }()
	say := json.NewEncoder(answers)
	if err := say.Encode("ready"); err != nil {
		return err
	}
	for lines := bufio.NewScanner(commands); lines.Scan(); {
		if err := obey(lines.Text(), down, up); err != nil {
			return err
		}
		if err := say.Encode(map[string]netem.Counts{"down": down.Counts(), "up": up.Counts()}); err != nil {
			return err
		}
	}
	return nil
}

func obey(line string, down, up *netem.Link) error {
	direction, changes, _ := strings.Cut(line, " ")
	var links []*netem.Link
	switch direction {
	case "down":
		links = []*netem.Link{down}
	case "up":
		links = []*netem.Link{up}
	case "both":
		links = []*netem.Link{down, up}
	default:
		return fmt.Errorf("%q is no direction; use down, up or both", direction)
	}
	for _, l := range links {
		c, err := l.Conditions().With(changes)
		if err != nil {
			return err
		}
		l.Change(c)
	}
	return nil
}
