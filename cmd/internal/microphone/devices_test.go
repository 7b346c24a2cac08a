package microphone

import (
	"strings"
	"testing"
	"testing/fstest"
)

// TestSources: what a sound server has, as ffmpeg lists it; the chosen one first, nothing that is only played, nothing hostile.
func TestSources(t *testing.T) {
	all := parseSources([]byte("Auto-detected sources for pulse:\n" +
		"  alsa_output.pci.analog-stereo.monitor [Monitor of Built-in] (none)\n" +
		"  alsa_input.usb-Blue [Yeti [Blue]\x1b[31m] (none)\n" +
		"* alsa_input.pci.analog-stereo [Built-in Audio] (audio)\n" +
		"  evil\x07name [x] (none)\n  \n*\n" + strings.Repeat("  many [Many] (none)\n", 500)))
	if len(all) != most+1 && len(all) != most {
		t.Errorf("%d are believed in", len(all))
	}
	if all[0].ID != "pulse:alsa_input.pci.analog-stereo" || all[0].Label != "Built-in Audio" {
		t.Errorf("the chosen one is not the first: %+v", all[0])
	}
	if all[1].ID != "pulse:alsa_input.usb-Blue" || all[1].Label != "Yeti [Blue][31m" {
		t.Errorf("%+v", all[1])
	}
	for _, about := range all {
		if strings.Contains(about.ID, "monitor") || strings.Contains(about.ID, "evil") {
			t.Errorf("%+v", about)
		}
	}
	if all := parseSources(nil); len(all) != 0 {
		t.Errorf("%+v", all)
	}
}

// TestCards: what the kernel says of its sound cards.
func TestCards(t *testing.T) {
	all := listALSA(fstest.MapFS{
		"pcm": {Data: []byte("00-00: ALC269VC Analog : ALC269VC Analog : playback 1 : capture 1\n" +
			"00-03: HDMI 0 : HDMI 0 : playback 1\n01-00: USB Audio : USB Audio : capture 1\nnonsense: capture\n")},
		"card0/id": {Data: []byte("PCH\n")},
	})
	want := []Info{{"alsa:PCH,0", "ALC269VC Analog"}, {"alsa:1,0", "USB Audio"}}
	if len(all) != 2 || all[0] != want[0] || all[1] != want[1] {
		t.Errorf("%+v, want %+v", all, want)
	}
	if all := listALSA(fstest.MapFS{}); len(all) != 0 {
		t.Errorf("%+v", all)
	}
	var b strings.Builder
	if err := Print(&b, all); err != nil || b.String() != "alsa:PCH,0 ALC269VC Analog\nalsa:1,0   USB Audio\n" {
		t.Errorf("%v %q", err, b.String())
	}
	b.Reset()
	if err := Print(&b, nil); err != nil || !strings.Contains(b.String(), "there is no microphone") {
		t.Errorf("%v %q", err, b.String())
	}
}

func TestInputOfADevice(t *testing.T) {
	for id, want := range map[string]string{
		"pulse:mic":   "-f pulse -fragment_size 1920 -i mic",
		"alsa:PCH,0":  "-f alsa -i plughw:CARD=PCH,DEV=0",
		"alsa:custom": "-f alsa -i custom",
	} {
		if args := inputOf(id); !strings.HasSuffix(strings.Join(args, " "), want) {
			t.Errorf("%s: %v", id, args)
		}
	}
}

func TestCheck(t *testing.T) {
	dir := t.TempDir()
	for id, want := range map[string]string{
		Any: "", Tone: "", "pulse:x": "", "alsa:PCH,0": "", "alsa:": "no microphone", "video0": "no microphone", "": "no microphone",
		FilePrefix + dir: "is a folder", FilePrefix + dir + "/none.wav": "was not found",
	} {
		if err := Check(id); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", id, err, want)
		}
	}
}

// FuzzSources: whatever a sound server calls its microphones, what comes of it is bounded and can be shown.
func FuzzSources(f *testing.F) {
	f.Add([]byte("Auto-detected sources for pulse:\n* mic [Front [x]] (none)\n  a.monitor [b] (none)\n"))
	f.Fuzz(func(t *testing.T, out []byte) {
		all := parseSources(out)
		if len(all) > most {
			t.Errorf("%d microphones", len(all))
		}
		for _, about := range all {
			if name := about.ID[len(pulseKind)+1:]; name != printable(name) || about.Label != printable(about.Label) || Check(about.ID) != nil {
				t.Errorf("%+q", about)
			}
		}
	})
}
