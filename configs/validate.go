package configs

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"

	"github.com/gioconda-live/gioconda/models/ort"
)

// Validate reports every fault at once, each with its key.
func (c *Config) Validate() error {
	var errs []error
	part := func(name string, err error) {
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
		}
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Log.Level)); err != nil {
		errs = append(errs, fmt.Errorf("log: level %q: use debug, info, warn or error", c.Log.Level))
	}
	if c.Log.Format != "text" && c.Log.Format != "json" {
		errs = append(errs, fmt.Errorf("log: format %q: use text or json", c.Log.Format))
	}
	if c.Generators.Use == "" {
		errs = append(errs, errors.New("generators: use is empty: write auto, mesh, or a generator's name"))
	}
	if !regexp.MustCompile(`^(auto|cpu|cuda(:[0-9]{1,2})?)$`).MatchString(c.Generators.Device) {
		errs = append(errs, fmt.Errorf("generators: device %q: use auto, cpu, cuda or cuda:N", c.Generators.Device))
	}
	switch c.Picture.Badge {
	case "top-left", "top-right", "bottom-left", "bottom-right", "none":
	default:
		errs = append(errs, fmt.Errorf("picture: badge %q: use top-left, top-right, bottom-left, bottom-right or none", c.Picture.Badge))
	}
	if c.Picture.Aspect != Square && c.Picture.Aspect != Wide {
		errs = append(errs, fmt.Errorf("picture: aspect %q: use square or wide", c.Picture.Aspect))
	}
	part("memory", c.Memory.Validate())
	part("pipeline", c.Pipeline.Validate())
	part("rtc", c.RTC.Validate())
	part("web", c.Web.Validate())
	part("metrics", c.Metrics.Validate())
	part("cluster", c.validateCluster())
	for i := range c.Exits {
		part(fmt.Sprintf("exits[%d]", i), c.Exits[i].validate())
	}
	return errors.Join(errs...)
}

// Locate fills the empty paths: networks in the user's cache folder, personas and generators in the user's data folder, the
// library where `npm ci` puts it, looked for upwards from the program and from the working directory.
func (c *Config) Locate(starts ...string) error {
	if c.Models.Dir == "" {
		dir, err := os.UserCacheDir()
		if err != nil {
			return fmt.Errorf("models.dir is not set and there is no cache folder: %w", err)
		}
		c.Models.Dir = filepath.Join(dir, "gioconda", "models")
	}
	if c.Gallery.Dir == "" {
		dir, err := os.UserHomeDir()
		if err != nil {
			return fmt.Errorf("gallery.dir is not set and there is no home folder: %w", err)
		}
		c.Gallery.Dir = filepath.Join(dir, ".local", "share", "gioconda", "personas")
	}
	if c.Generators.Dir == "" { // without a home there are no other people's generators
		if dir, err := os.UserHomeDir(); err == nil {
			c.Generators.Dir = filepath.Join(dir, ".local", "share", "gioconda", "generators")
		}
	}
	if c.Models.NPM == "" {
		c.Models.NPM = findUp(starts, filepath.Join("models", "node_modules"))
	}
	if c.Models.Library == "" && c.Models.NPM != "" {
		c.Models.Library = ort.LibraryIn(c.Models.NPM)
	}
	return nil
}

// findUp returns the first existing rel in one of starts or a folder above it, or "".
func findUp(starts []string, rel string) string {
	for _, dir := range starts {
		for {
			p := filepath.Join(dir, rel)
			if _, err := os.Stat(p); err == nil {
				return p
			}
			up := filepath.Dir(dir)
			if up == dir {
				break
			}
			dir = up
		}
	}
	return ""
}
