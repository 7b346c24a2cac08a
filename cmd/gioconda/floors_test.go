package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const module = "github.com/gioconda-live/gioconda/"

// floor says how high a package lives: it imports only lower floors, and what is named beside it.
type floor struct {
	level int
	also  []string // packages of the same floor that it may import
}

// floors is the architecture. A new package needs a line here.
func floors() map[string]floor {
	return map[string]floor{
		"pipeline/landmark": {level: 0}, "pipeline/latest": {level: 0}, "pipeline/clock": {level: 0},
		"pipeline/num":   {level: 0},
		"pipeline/trace": {level: 0}, "pipeline/clip": {level: 0, also: []string{"pipeline/frame"}},
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
			"models/mesh/body", "models/mesh/crease", "models/mesh/eye", "models/mesh/head",
			"models/mesh/matte", "models/mesh/mouth", "models/mesh/planar", "models/mesh/pose",
			"models/mesh/shade", "models/mesh/texmap", "models/persona",
		}},
		"models/mesh/planar":   {level: 1},
		"models/mesh/texmap":   {level: 1, also: []string{"models/mesh/planar"}},
		"models/mesh/shade":    {level: 1, also: []string{"models/mesh/planar"}},
		"models/mesh/pose":     {level: 1, also: []string{"models/mesh/planar"}},
		"models/mesh/matte":    {level: 1, also: []string{"models/mesh/planar"}},
		"models/mesh/body":     {level: 1, also: []string{"models/mesh/planar", "models/mesh/pose", "models/mesh/texmap"}},
		"models/mesh/head":     {level: 1, also: []string{"models/mesh/planar", "models/mesh/pose", "models/mesh/texmap"}},
		"models/mesh/eye":      {level: 1, also: []string{"models/mesh/planar", "models/mesh/pose", "models/mesh/shade"}},
		"models/mesh/mouth":    {level: 1, also: []string{"models/mesh/planar", "models/mesh/pose", "models/mesh/shade"}},
		"models/mesh/crease":   {level: 1, also: []string{"models/mesh/planar", "models/mesh/pose", "models/mesh/shade"}},
		"models/mesh/meshtest": {level: 1, also: []string{"models/persona"}},
		"models/portrait": {level: 1, also: []string{
			"models/ort", "models/persona", "models/mesh", "models/persona/raster",
		}},
		"pipeline/encode/vp8": {level: 1}, "pipeline/encode/h264": {level: 1},
		"pipeline": {level: 2}, "rtc": {level: 2}, // siblings: joined in cmd
		"web": {level: 3}, "configs": {level: 3, also: []string{"web"}},
		"cmd/gioconda": {level: 4},
	}
}

// owners names the one package that may import a native library or a large dependency.
func owners() map[string][]string {
	return map[string][]string{
		"github.com/pion/webrtc/v3":       {"rtc"},
		"github.com/pion/interceptor":     {"rtc"},
		"github.com/gorilla/websocket":    {"rtc"},
		"github.com/yalue/onnxruntime_go": {"models/ort"},
		"github.com/pion/mediadevices":    {"pipeline/encode/h264"},
		"github.com/spf13/cobra":          {"cmd/gioconda"},
		"gopkg.in/yaml.v3":                {"configs"},
		"golang.org/x/image":              {"models/persona", "models/persona/intake", "cmd/gioconda"},
		"C":                               {"pipeline/encode/vp8"},
		"os/exec":                         {"pipeline/clip", "cmd/gioconda"},
		"github.com/pion/transport/v2":    {"rtc"},
		"github.com/pion/logging":         {"rtc"},
		"github.com/pion/rtp":             {"rtc"},
		"github.com/pion/rtcp":            {"rtc"},
		"github.com/pion/ice/v2":          {"rtc"},
		"github.com/pion/sdp/v3":          {"rtc"},
		"github.com/pion/dtls/v2":         {"rtc"},
	}
}

type listed struct {
	ImportPath string
	Imports    []string
	Standard   bool
}

func list(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", "./...")
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

// TestFloors: a package imports only lower floors, and each large dependency lives in one package.
func TestFloors(t *testing.T) {
	house, own := floors(), owners()
	for _, p := range list(t) {
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
					t.Errorf("%s (floor %d) imports %s (floor %d)", name, me.level, rel, other.level)
				}
				continue
			}
			for dep, in := range own {
				if (imp == dep || strings.HasPrefix(imp, dep+"/")) && !contains(in, name) {
					t.Errorf("%s imports %s, which belongs to %v", name, imp, in)
				}
			}
			if me.level == 0 && strings.Contains(strings.SplitN(imp, "/", 2)[0], ".") {
				t.Errorf("%s imports %s; the ground floor is standard library only", name, imp)
			}
		}
	}
}

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}
