package configs

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/gioconda-live/gioconda/models/ort"
)

func none(string) (string, bool) { return "", false }

func TestDefaultYAMLIsTheDefault(t *testing.T) {
	var c Config
	if err := Decode(&c, DefaultYAML); err != nil {
		t.Fatal(err)
	}
	want := Default()
	// Empty lists in the file are nil in Go.
	normal := func(c *Config) {
		walk(reflect.ValueOf(c).Elem(), nil, func(_ []string, f reflect.Value) {
			if f.Kind() == reflect.Slice && f.Len() == 0 {
				f.SetZero()
			}
		})
	}
	normal(&c)
	normal(&want)
	if !reflect.DeepEqual(c, want) {
		t.Errorf("default.yaml says\n%+v\nDefault() says\n%+v", c, want)
	}
}

func TestEveryKeyIsThereAndCommented(t *testing.T) {
	var doc yaml.Node
	if err := yaml.Unmarshal(DefaultYAML, &doc); err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	lines := strings.Split(string(DefaultYAML), "\n")
	var visit func(n *yaml.Node, path string)
	visit = func(n *yaml.Node, path string) {
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := strings.TrimPrefix(path+"."+n.Content[i].Value, ".")
			if n.Content[i+1].Kind == yaml.MappingNode {
				visit(n.Content[i+1], key)
				continue
			}
			found[key] = true
			// A comment stands above the key, or above the group of keys that it heads.
			at := n.Content[i].Line - 2
			for at > 0 && !strings.HasPrefix(strings.TrimSpace(lines[at]), "#") && strings.Contains(lines[at], ": ") {
				at--
			}
			if !strings.HasPrefix(strings.TrimSpace(lines[at]), "#") {
				t.Errorf("%s has no comment", key)
			}
		}
	}
	visit(doc.Content[0], "")
	c := Default()
	walk(reflect.ValueOf(&c).Elem(), nil, func(path []string, _ reflect.Value) {
		if key := strings.Join(path, "."); !found[key] {
			t.Errorf("%s is missing in default.yaml", key)
		}
	})
}

func TestPrecedenceAndStrictness(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.yaml")
	write := func(s string) {
		if err := os.WriteFile(path, []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("pipeline: {size: 256, fps: 25}\nweb: {listen: '127.0.0.1:9000'}\n")
	env := func(k string) (string, bool) {
		v, ok := map[string]string{"GIOCONDA_PIPELINE_FPS": "20", "GIOCONDA_RTC_CODECS": "[h264]"}[k]
		return v, ok
	}
	c, err := Load(path, env)
	if err != nil {
		t.Fatal(err)
	}
	if c.Pipeline.Size != 256 || c.Pipeline.FPS != 20 || c.Web.Listen != "127.0.0.1:9000" || c.RTC.Codecs[0] != "h264" {
		t.Errorf("%+v", c)
	}
	write("pipeline: {sise: 256}\n")
	if _, err := Load(path, none); err == nil || !strings.Contains(err.Error(), "sise") {
		t.Errorf("an unknown key: %v", err)
	}
	write("pipeline: {size: 100, fps: 1000, most_fps: 61}\nlog: {level: loud}\nweb: {listen: nowhere, extensions: [mine]}\nrtc: {codecs: [av1]}\npicture: {badge: middle, aspect: 4:3}\ngenerators: {device: abacus, use: ''}\n")
	_, err = Load(path, none)
	if err == nil {
		t.Fatal("faults accepted")
	}
	for _, want := range []string{"size 100", "fps 1000", "most_fps 61", "loud", "nowhere", `extensions "mine"`, "av1", "middle", `aspect "4:3"`, "abacus", "use is empty"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not reported in:\n%v", want, err)
		}
	}
	write("pipeline: {fps: 50, most_fps: 30}\n")
	if _, err := Load(path, none); err == nil || !strings.Contains(err.Error(), "most_fps 30: use fps, which is 50, to 60") {
		t.Errorf("a choice of fewer pictures: %v", err)
	}
	write("pipeline: {fps: 60}\n")
	if c, err := Load(path, none); err != nil || c.Pipeline.MostFPS != 60 {
		t.Errorf("sixty for everybody: %v", err)
	}
	write("pipeline: {size: abc, hold: soon}\nfoo: 1\nlog: [1]\nrtc: {codecs: vp8, loopback: perhaps}\n")
	_, err = Load(path, none)
	for _, want := range []string{
		`line 1: "abc" stands where a whole number belongs`, `line 1: "soon" stands where a time`, `line 2: there is no key "foo"`,
		"line 3: a list stands where a group of keys belongs", `line 4: "vp8" stands where a list`, `line 4: "perhaps" stands where true or false`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not reported in:\n%v", want, err)
		}
	}
	write("pipeline: [\n")
	if _, err := Load(path, none); err == nil || !strings.Contains(err.Error(), "gioconda config") {
		t.Errorf("broken YAML: %v", err)
	}
	if _, err := Load(filepath.Join(t.TempDir(), "none.yaml"), none); err == nil {
		t.Error("a missing file was accepted")
	}
	if _, err := Load("", func(k string) (string, bool) { return "x", k == "GIOCONDA_PIPELINE_SIZE" }); err == nil {
		t.Error("a word as a number was accepted")
	}
}

func TestLocate(t *testing.T) {
	root := t.TempDir()
	npm := filepath.Join(root, "models", "node_modules")
	deep := filepath.Join(root, "a", "b")
	for _, d := range []string{npm, deep} {
		if err := os.MkdirAll(d, 0o750); err != nil {
			t.Fatal(err)
		}
	}
	c := Default()
	if err := c.Locate(deep); err != nil {
		t.Fatal(err)
	}
	if c.Models.NPM != npm || c.Models.Library != ort.LibraryIn(npm) || c.Models.Dir == "" || c.Gallery.Dir == "" {
		t.Errorf("%+v %+v", c.Models, c.Gallery)
	}
}

// TestOneNumberOfSessions: what former versions called rtc.max_sessions is refused with the key that says it now.
func TestOneNumberOfSessions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "old.yaml")
	if err := os.WriteFile(path, []byte("rtc:\n  max_sessions: 16\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	none := func(string) (string, bool) { return "", false }
	if _, err := Load(path, none); err == nil || !strings.Contains(err.Error(), "pipeline.max_sessions") {
		t.Errorf("in a file: %v", err)
	}
	set := func(name string) (string, bool) { return "16", name == "GIOCONDA_RTC_MAX_SESSIONS" }
	if _, err := Load("", set); err == nil || !strings.Contains(err.Error(), "pipeline.max_sessions") {
		t.Errorf("in the environment: %v", err)
	}
}
