package web

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/gioconda-live/gioconda/web/certs"
)

// Config sets where the demo is served and what it accepts.
type Config struct {
	Listen         string        `yaml:"listen"`
	AllowedOrigins []string      `yaml:"allowed_origins"`
	BehindProxy    bool          `yaml:"behind_proxy"`
	TLS            string        `yaml:"tls"`
	UploadMax      int64         `yaml:"upload_max"`
	UploadTimeout  time.Duration `yaml:"upload_timeout"`
	MaxPersonas    int           `yaml:"max_personas"`
	PushAnywhere   bool          `yaml:"push_anywhere"`
}

// DefaultConfig serves this machine only.
func DefaultConfig() Config {
	return Config{
		Listen: "127.0.0.1:8080", UploadMax: 32 << 20, UploadTimeout: time.Minute, MaxPersonas: 200,
	}
}

// Validate reports every fault at once.
func (c *Config) Validate() error {
	var errs []error
	_, port, err := net.SplitHostPort(c.Listen)
	if _, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil {
		errs = append(errs, fmt.Errorf("listen %q: write host:port, for example 127.0.0.1:8080", c.Listen))
	}
	for _, o := range c.AllowedOrigins {
		if !strings.HasPrefix(o, "http://") && !strings.HasPrefix(o, "https://") && o != "*" {
			errs = append(errs, fmt.Errorf("allowed_origins %q: write an origin such as https://example.org", o))
		}
	}
	if err := certs.Check(c.TLS); err != nil {
		errs = append(errs, err)
	}
	if c.UploadMax < 1<<10 || c.UploadMax > 1<<30 {
		errs = append(errs, fmt.Errorf("upload_max %d: use 1024 to 1073741824 bytes", c.UploadMax))
	}
	if c.UploadTimeout < time.Second {
		errs = append(errs, fmt.Errorf("upload_timeout %v: use at least 1s", c.UploadTimeout))
	}
	if c.MaxPersonas < 1 {
		errs = append(errs, fmt.Errorf("max_personas %d: use at least 1", c.MaxPersonas))
	}
	return errors.Join(errs...)
}
