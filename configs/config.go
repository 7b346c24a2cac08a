// Package configs composes the one Config of the program from the Configs of its parts.
//
// Precedence, lowest first: Default, the YAML file, the environment, command line flags.
package configs

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/rtc"
	"github.com/gioconda-live/gioconda/rtc/signalling"
	"github.com/gioconda-live/gioconda/rtc/whep"
	"github.com/gioconda-live/gioconda/web"
)

// DefaultYAML is default.yaml: every key, commented, with its default.
//
//go:embed default.yaml
var DefaultYAML []byte

// Config is everything that can be set.
type Config struct {
	Log        Log             `yaml:"log"`
	Memory     Memory          `yaml:"memory"`
	Models     Models          `yaml:"models"`
	Generators Generators      `yaml:"generators"`
	Gallery    Gallery         `yaml:"gallery"`
	Picture    Picture         `yaml:"picture"`
	Pipeline   pipeline.Config `yaml:"pipeline"`
	RTC        RTC             `yaml:"rtc"`
	Web        web.Config      `yaml:"web"`
	Metrics    Metrics         `yaml:"metrics"`
	Record     Record          `yaml:"record"`
	Cluster    Cluster         `yaml:"cluster"`
	Exits      []Exit          `yaml:"exits"`
}

// Metrics says where the server tells how it is. An empty Listen: nowhere.
type Metrics struct {
	Listen string `yaml:"listen"`
}

// Validate reports a Listen that is no address.
func (m *Metrics) Validate() error {
	if m.Listen == "" {
		return nil
	}
	_, port, err := net.SplitHostPort(m.Listen)
	if _, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil {
		return fmt.Errorf("listen %q: write host:port, for example 127.0.0.1:9090", m.Listen)
	}
	return nil
}

// Record says where recordings go that somebody asks a server for. An empty Dir: it makes none.
type Record struct {
	Dir string `yaml:"dir"`
}

// Log sets what is written to standard error.
type Log struct {
	Level  string `yaml:"level"`
	Format string `yaml:"format"`
}

// Memory says how many bytes the program's own data may take; see package memory. Zero leaves it to what limits the process.
type Memory struct {
	Limit int64 `yaml:"limit"`
}

// Validate reports a Limit with which no session could be drawn.
func (m *Memory) Validate() error {
	if m.Limit != 0 && m.Limit < 128<<20 {
		return fmt.Errorf("limit %d: use 0, or at least 134217728 bytes", m.Limit)
	}
	return nil
}

// Models says where the networks and their library are. Empty paths are found by themselves.
type Models struct {
	Dir     string `yaml:"dir"`
	Library string `yaml:"library"`
	NPM     string `yaml:"npm"`
}

// Generators says which learned layer paints over the geometric one, on what, and where other people's are. An empty Dir
// is the user's data folder.
type Generators struct {
	Use    string `yaml:"use"`
	Device string `yaml:"device"`
	Dir    string `yaml:"dir"`
}

// Auto leaves the choice of a generator or a device to what this machine is measured to do.
const Auto = "auto"

// Gallery says where personas live. An empty Dir is the user's data folder.
type Gallery struct {
	Dir       string `yaml:"dir"`
	Persona   string `yaml:"persona"`
	Paintings bool   `yaml:"paintings"`
}

// RTC sets how browsers connect: their media, the websocket over which they come, and who only watches.
type RTC struct {
	rtc.Config `yaml:",inline"`
	Server     signalling.Config `yaml:",inline"`
	Viewers    whep.Config       `yaml:",inline"`
}

// Validate reports every fault at once.
func (c *RTC) Validate() error {
	return errors.Join(c.Config.Validate(), c.Server.Validate(), c.Viewers.Validate())
}

// Picture sets what is drawn beside the face.
type Picture struct {
	Badge  string `yaml:"badge"`
	Aspect string `yaml:"aspect"`
}

// The aspects of a picture.
const (
	Square = "square"
	Wide   = "wide"
)

// Form is how viewers and exits that ask for nothing else get the picture.
func (p *Picture) Form() pipeline.Form { return pipeline.Form{Wide: p.Aspect == Wide} }

// Default is a configuration that serves this machine.
func Default() Config {
	return Config{
		Log:        Log{Level: "info", Format: "text"},
		Generators: Generators{Use: Auto, Device: Auto},
		Gallery:    Gallery{Persona: "mona-lisa", Paintings: true},
		Picture:    Picture{Badge: "bottom-right", Aspect: Square},
		Pipeline:   pipeline.DefaultConfig(),
		RTC:        RTC{Config: rtc.DefaultConfig(), Server: signalling.DefaultConfig(), Viewers: whep.DefaultConfig()},
		Web:        web.DefaultConfig(),
		Cluster:    DefaultCluster(),
	}
}

// Load reads the file at path (none if empty) over Default, then the environment over that, and validates.
// All faults are reported at once.
func Load(path string, env func(string) (string, bool)) (Config, error) {
	c := Default()
	var errs []error
	if path != "" {
		b, err := os.ReadFile(path)
		if err != nil {
			return c, fmt.Errorf("configuration: %w; `gioconda config` prints a file to start from", err)
		}
		if err := Decode(&c, b); err != nil {
			errs = append(errs, fmt.Errorf("configuration %s: %w", path, err))
		}
	}
	if _, ok := env("GIOCONDA_RTC_MAX_SESSIONS"); ok {
		errs = append(errs, errors.New("GIOCONDA_RTC_MAX_SESSIONS: "+oneNumber))
	}
	errs = append(errs, overlay(&c, env), c.Validate())
	return c, errors.Join(errs...)
}

// Decode reads YAML over c and refuses unknown keys.
func Decode(c *Config, b []byte) error {
	d := yaml.NewDecoder(bytes.NewReader(b))
	d.KnownFields(true)
	if err := d.Decode(c); err != nil && !errors.Is(err, io.EOF) {
		return plainYAML(err)
	}
	return nil
}

// overlay sets every key that the environment names: GIOCONDA_WEB_LISTEN is web.listen. Values are YAML.
func overlay(c *Config, env func(string) (string, bool)) error {
	var errs []error
	walk(reflect.ValueOf(c).Elem(), nil, func(path []string, field reflect.Value) {
		name := "GIOCONDA_" + strings.ToUpper(strings.Join(path, "_"))
		if v, ok := env(name); ok {
			if err := yaml.Unmarshal([]byte(v), field.Addr().Interface()); err != nil {
				errs = append(errs, fmt.Errorf("environment %s: %s", name, strings.TrimPrefix(plainYAML(err).Error(), "line 1: ")))
			}
		}
	})
	return errors.Join(errs...)
}

// walk visits the leaves of a struct by their YAML names.
func walk(v reflect.Value, path []string, visit func(path []string, field reflect.Value)) {
	for i := range v.NumField() {
		tag, how, _ := strings.Cut(v.Type().Field(i).Tag.Get("yaml"), ",")
		if how == "inline" {
			walk(v.Field(i), path, visit)
			continue
		}
		if tag == "" || tag == "-" {
			continue
		}
		p := append(slices.Clip(path), tag)
		if f := v.Field(i); f.Kind() == reflect.Struct {
			walk(f, p, visit)
		} else {
			visit(p, f)
		}
	}
}
