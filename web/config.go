package web

import (
	"errors"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/gioconda-live/gioconda/web/certs"
)

// Config sets where the demo is served and what it accepts.
type Config struct {
	Listen         string        `yaml:"listen"`
	AllowedOrigins []string      `yaml:"allowed_origins"`
	Extensions     []string      `yaml:"extensions"`
	BehindProxy    bool          `yaml:"behind_proxy"`
	TLS            string        `yaml:"tls"`
	UploadMax      int64         `yaml:"upload_max"`
	UploadTimeout  time.Duration `yaml:"upload_timeout"`
	// UploadMemory is what all uploads together may hold while they come and wait, bytes.
	UploadMemory int64 `yaml:"upload_memory"`
	// MaxConnections bounds the open connections, MaxPerAddress those of one address.
	MaxConnections int `yaml:"max_connections"`
	MaxPerAddress  int `yaml:"max_per_address"`

	MaxPersonas  int  `yaml:"max_personas"`
	PushAnywhere bool `yaml:"push_anywhere"`
}

// ownExtension is Gioconda's extension in Chromium, where an id is the hash of a key and nobody else's. It stands in
// extension/manifest.mjs. Firefox makes up another id in each installation.
const ownExtension = "chrome-extension://feakilipjgmckfieemaeinolnjfijmod"

// extensionOrigin is how browsers write the origin of an extension.
var extensionOrigin = regexp.MustCompile(`^(chrome-extension://[a-p]{32}|moz-extension://[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$`)

// DefaultConfig serves this machine only.
func DefaultConfig() Config {
	return Config{
		Listen: "127.0.0.1:8080", UploadMax: 32 << 20, UploadTimeout: time.Minute, UploadMemory: 128 << 20, MaxPersonas: 200,
		MaxConnections: 512, MaxPerAddress: 96,
		Extensions: []string{ownExtension},
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
	for _, o := range c.Extensions {
		if !extensionOrigin.MatchString(o) {
			errs = append(errs, fmt.Errorf("extensions %q: write an origin as the extension's settings show it, such as %s", o, ownExtension))
		}
	}
	if err := certs.Check(c.TLS); err != nil {
		errs = append(errs, err)
	}
	if c.UploadMax < 1<<10 || c.UploadMax > 1<<30 {
		errs = append(errs, fmt.Errorf("upload_max %d: use 1024 to 1073741824 bytes", c.UploadMax))
	}
	if c.UploadMemory < 2*c.UploadMax || c.UploadMemory > 16<<30 {
		errs = append(errs, fmt.Errorf("upload_memory %d: use twice upload_max (%d) to 17179869184 bytes", c.UploadMemory, 2*c.UploadMax))
	}
	if c.MaxConnections < 16 || c.MaxConnections > 100_000 {
		errs = append(errs, fmt.Errorf("max_connections %d: use 16 to 100000", c.MaxConnections))
	}
	if c.MaxPerAddress < 8 || c.MaxPerAddress > c.MaxConnections {
		errs = append(errs, fmt.Errorf("max_per_address %d: use 8 to max_connections (%d)", c.MaxPerAddress, c.MaxConnections))
	}
	if c.UploadTimeout < time.Second {
		errs = append(errs, fmt.Errorf("upload_timeout %v: use at least 1s", c.UploadTimeout))
	}
	if c.MaxPersonas < 1 {
		errs = append(errs, fmt.Errorf("max_personas %d: use at least 1", c.MaxPersonas))
	}
	return errors.Join(errs...)
}
