package main

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/gioconda-live/gioconda/"

// floor says how high a package lives: it imports only lower floors, and what is named beside it.
type floor struct {
	level int
	also  []string // packages of the same floor that it may import
}

// floors is the architecture. A new package needs a line here. Within cmd/internal the floors are those of the command:
// 4 what every part of it may use, 5 the choice of what draws, 6 what a command runs, 7 and 8 what is built on that.
func floors() map[string]floor {
	return map[string]floor{
		"pipeline/landmark": {level: 0}, "pipeline/latest": {level: 0},
		"pipeline/num": {level: 0}, "pipeline/wall": {level: 0}, "pipeline/urgent": {level: 0},
		"pipeline/trace": {level: 0}, "pipeline/temporary": {level: 0},
		"pipeline/clip":     {level: 0, also: []string{"pipeline/frame", "pipeline/temporary"}},
		"pipeline/frame":    {level: 0, also: []string{"pipeline/trace"}},
		"pipeline/motion":   {level: 0, also: []string{"pipeline/landmark"}},
		"pipeline/smooth":   {level: 0, also: []string{"pipeline/landmark", "pipeline/motion"}},
		"pipeline/retarget": {level: 0, also: []string{"pipeline/landmark", "pipeline/motion", "pipeline/num", "pipeline/smooth"}},
		"pipeline/life":     {level: 0, also: []string{"pipeline/landmark", "pipeline/motion"}},
		"pipeline/perform":  {level: 0, also: []string{"pipeline/landmark", "pipeline/motion", "pipeline/num"}},
		"pipeline/drive": {level: 0, also: []string{
			"pipeline/landmark", "pipeline/motion", "pipeline/retarget", "pipeline/life",
		}},
		"models/tflite/onnx": {level: 1}, "models/tflite": {level: 1, also: []string{"models/tflite/onnx"}},
		"models/tfjs":    {level: 1, also: []string{"models/tflite/onnx"}},
		"models/weights": {level: 1, also: []string{"models/tflite", "models/tflite/onnx", "models/tfjs"}},
		"models/ort":     {level: 1}, "models/face": {level: 1, also: []string{"models/ort", "models/weights"}},
		"models/persona/intake": {level: 1}, "models/persona/raster": {level: 1},
		"models/persona": {level: 1, also: []string{"models/persona/intake", "models/persona/raster"}},
		"models/mesh": {level: 1, also: []string{
			"models/mesh/body", "models/mesh/crease", "models/mesh/eye", "models/mesh/head", "models/mesh/light",
			"models/mesh/matte", "models/mesh/mouth", "models/mesh/outpaint", "models/mesh/planar", "models/mesh/pose",
			"models/mesh/shade", "models/mesh/texmap", "models/persona",
		}},
		"models/mesh/planar":   {level: 1},
		"models/mesh/texmap":   {level: 1, also: []string{"models/mesh/planar"}},
		"models/mesh/shade":    {level: 1, also: []string{"models/mesh/planar"}},
		"models/mesh/pose":     {level: 1, also: []string{"models/mesh/planar"}},
		"models/mesh/outpaint": {level: 1, also: []string{"models/mesh/planar"}},
		"models/mesh/matte":    {level: 1, also: []string{"models/mesh/planar"}},
		"models/mesh/body":     {level: 1, also: []string{"models/mesh/planar", "models/mesh/pose", "models/mesh/texmap"}},
		"models/mesh/head":     {level: 1, also: []string{"models/mesh/planar", "models/mesh/pose", "models/mesh/texmap"}},
		"models/mesh/eye":      {level: 1, also: []string{"models/mesh/planar", "models/mesh/pose", "models/mesh/shade"}},
		"models/mesh/mouth":    {level: 1, also: []string{"models/mesh/planar", "models/mesh/pose", "models/mesh/shade"}},
		"models/mesh/crease":   {level: 1, also: []string{"models/mesh/planar", "models/mesh/pose", "models/mesh/shade"}},
		"models/mesh/light":    {level: 1, also: []string{"models/mesh/planar", "models/mesh/pose"}},
		"models/mesh/meshtest": {level: 1, also: []string{"models/persona"}},
		"models/portrait": {level: 1, also: []string{
			"models/ort", "models/persona", "models/mesh", "models/persona/raster",
		}},
		"models/views":        {level: 1, also: []string{"models/persona", "models/portrait", "models/mesh/planar", "models/mesh/texmap"}},
		"models/behind":       {level: 1, also: []string{"models/persona", "models/persona/raster", "models/mesh/planar"}},
		"pipeline/encode/vp8": {level: 1}, "pipeline/encode/h264": {level: 1}, "pipeline/encode/encodetest": {level: 1}, "pipeline/cputime": {level: 1},
		"pipeline": {level: 2}, "rtc/limit": {level: 0}, "rtc/opus": {level: 0}, "rtc/voice": {level: 0, also: []string{"rtc/opus"}}, "rtc/egress": {level: 1}, "rtc/avsync": {level: 1}, "rtc": {level: 2}, "rtc/rtctest": {level: 3}, // siblings: joined in cmd
		"rtc/congestion": {level: 0}, "rtc/rtctest/netem": {level: 0}, "rtc/rtctest/netem/emulate": {level: 1},
		"rtc/signalling": {level: 2, also: []string{"rtc"}}, "rtc/whep": {level: 2, also: []string{"rtc"}},
		"rtc/whip": {level: 2, also: []string{"rtc"}}, "rtc/caller": {level: 2, also: []string{"rtc"}},
		"pipeline/encode": {level: 2, also: []string{"pipeline"}},
		"web/access":      {level: 0, also: []string{"pipeline/temporary"}}, "web/certs": {level: 1}, "web/gate": {level: 1, also: []string{"pipeline/cputime"}}, "web": {level: 3}, "configs": {level: 3, also: []string{"web"}},
		"cmd/internal/cleanup": {level: 4}, "cmd/internal/progress": {level: 4}, "cmd/internal/stats": {level: 4},
		"cmd/internal/compositor": {level: 4}, "cmd/internal/imaging": {level: 4}, "cmd/internal/files": {level: 4},
		"cmd/internal/personas": {level: 4, also: []string{"cmd/internal/files"}},
		"cmd/internal/testenv":  {level: 4},
		"cmd/internal/reenact":  {level: 4}, "cmd/internal/tuning": {level: 4, also: []string{"cmd/internal/reenact"}},
		"cmd/internal/driver": {level: 4, also: []string{"cmd/internal/cleanup", "cmd/internal/files", "cmd/internal/imaging"}},
		"cmd/internal/exits":  {level: 5}, "cmd/internal/exits/matroska": {level: 4}, "cmd/internal/exits/ffmpeg": {level: 4},
		"cmd/internal/remote": {level: 4}, "cmd/internal/backoff": {level: 4}, "cmd/internal/memory": {level: 4}, "cmd/internal/logs": {level: 4}, "cmd/internal/metrics": {level: 4},
		"cmd/internal/camera": {level: 5}, "cmd/internal/microphone": {level: 5}, "cmd/internal/virtualcamera": {level: 5},
		"cmd/internal/engine": {level: 5}, "cmd/internal/cluster": {level: 5}, "cmd/internal/cluster/embedded": {level: 4},
		"cmd/internal/live": {level: 6}, "cmd/internal/soak": {level: 6}, "cmd/internal/film": {level: 6},
		"cmd/internal/alone": {level: 6}, "cmd/internal/bench": {level: 6},
		"cmd/internal/quality": {level: 6}, "cmd/internal/teach": {level: 5},
		"cmd/internal/dataset": {level: 7}, "cmd/internal/doctor": {level: 7},
		"cmd/internal/dataset/measure": {level: 8},
		"cmd/gioconda":                 {level: 9},
	}
}

// owners names the one package that may import a native library or a large dependency.
func owners() map[string][]string {
	return map[string][]string{
		"github.com/pion/webrtc/v3":           {"rtc", "rtc/caller"},
		"github.com/pion/interceptor":         {"rtc", "rtc/avsync", "rtc/egress", "rtc/caller"},
		"github.com/gorilla/websocket":        {"rtc/signalling", "rtc/caller"},
		"github.com/yalue/onnxruntime_go":     {"models/ort"},
		"github.com/pion/mediadevices":        {"cmd/internal/camera", "cmd/internal/microphone"},
		"golang.org/x/crypto":                 {"web/certs"},
		"github.com/prometheus/client_golang": {"cmd/internal/metrics"},
		"rsc.io/qr":                           {"web"},
		"github.com/nats-io/nats.go":          {"cmd/internal/cluster"},
		"github.com/nats-io/nats-server":      {"cmd/internal/cluster/embedded"},
		"github.com/spf13/cobra":              {"cmd/gioconda"},
		"gopkg.in/yaml.v3":                    {"configs"},
		"golang.org/x/sys":                    {"cmd/internal/virtualcamera", "pipeline/cputime", "models/mesh/light", "models/mesh/texmap", "models/portrait", "models/views"},
		"golang.org/x/image": {
			"models/persona", "models/persona/intake", "cmd/internal/imaging", "cmd/internal/film", "cmd/internal/quality", "cmd/internal/dataset", "cmd/internal/teach", "cmd/internal/dataset/measure",
			"cmd/internal/virtualcamera",
		},
		"C":                            {"pipeline/encode/vp8", "pipeline/encode/h264", "cmd/internal/memory"},
		"os/exec":                      {"pipeline/clip", "cmd/internal/exits/ffmpeg", "cmd/internal/engine", "cmd/internal/soak", "cmd/internal/testenv", "cmd/internal/doctor", "cmd/internal/microphone", "cmd/internal/bench"},
		"github.com/pion/transport/v2": {"rtc", "rtc/egress"},
		"github.com/pion/logging":      {"rtc", "rtc/caller"},
		"github.com/pion/rtp":          {"rtc", "rtc/avsync", "rtc/egress"},
		"github.com/pion/rtcp":         {"rtc", "rtc/avsync", "rtc/egress"},
		"github.com/pion/ice/v2":       {"rtc", "rtc/egress"},
		"github.com/pion/sdp/v3":       {"rtc", "rtc/egress"},
		"github.com/pion/dtls/v2":      {"rtc"},
	}
}

type listed struct {
	ImportPath string
	Imports    []string
	Dir        string
	GoFiles    []string
}

func list(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,Dir,GoFiles", "./...")
	cmd.Dir = filepath.Join("..", "..")
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v: %s", err, said.String())
	}
	var all []listed
	for d := json.NewDecoder(bufio.NewReader(bytes.NewReader(out))); ; {
		var p listed
		if err := d.Decode(&p); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// TestFloors: a package imports only lower floors, so there is no circle and no arrow upward, and each large dependency
// lives in one package. With -v it prints the graph, the highest floor first.
func TestFloors(t *testing.T) {
	house, own := floors(), owners()
	packages := list(t)
	t.Log("\n" + graph(packages, house))
	for _, p := range packages {
		name := strings.TrimPrefix(p.ImportPath, module)
		me, ok := house[name]
		if !ok {
			t.Errorf("%s has no floor; add it to floors()", name)
			continue
		}
		for _, imp := range p.Imports {
			if rel, ours := strings.CutPrefix(imp, module); ours {
				other := house[rel]
				if other.level >= me.level && !contains(me.also, rel) {
					t.Errorf("%s (floor %d) imports %s (floor %d): a package may use lower floors only, and neighbours that floors() names", name, me.level, rel, other.level)
				}
				continue
			}
			for dep, in := range own {
				if (imp == dep || strings.HasPrefix(imp, dep+"/")) && !contains(in, strings.TrimSuffix(name, "/rtctest")) { // rtc's tests are rtc's
					t.Errorf("%s imports %s, which belongs to %v", name, imp, in)
				}
			}
			if me.level == 0 && strings.Contains(strings.SplitN(imp, "/", 2)[0], ".") {
				t.Errorf("%s imports %s; the ground floor is standard library only", name, imp)
			}
		}
	}
}

// graph draws the arrows of our own packages as text.
func graph(packages []listed, house map[string]floor) string {
	slices.SortFunc(packages, func(a, b listed) int {
		x, y := strings.TrimPrefix(a.ImportPath, module), strings.TrimPrefix(b.ImportPath, module)
		return cmp.Or(house[y].level-house[x].level, strings.Compare(x, y))
	})
	var b strings.Builder
	arrows := 0
	for _, p := range packages {
		name := strings.TrimPrefix(p.ImportPath, module)
		fmt.Fprintf(&b, "%d %s ->", house[name].level, name)
		for _, imp := range p.Imports {
			if rel, ours := strings.CutPrefix(imp, module); ours {
				fmt.Fprintf(&b, " %s", rel)
				arrows++
			}
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "%d packages, %d arrows\n", len(packages), arrows)
	return b.String()
}

// most is how many lines of code a package may have; beyond it is several packages.
const most = 3000

// TestNoPackageIsTooLarge: what is not found at a glance is cut.
func TestNoPackageIsTooLarge(t *testing.T) {
	for _, p := range list(t) {
		lines := 0
		for _, f := range p.GoFiles {
			b, err := os.ReadFile(filepath.Join(p.Dir, f))
			if err != nil {
				t.Fatal(err)
			}
			lines += bytes.Count(b, []byte("\n"))
		}
		if lines > most {
			t.Errorf("%s has %d lines, more than %d", p.ImportPath, lines, most)
		}
	}
}

func contains(list []string, s string) bool {
	return slices.Contains(list, s)
}
