package exits

import (
	"strings"
	"testing"
)

func TestOpen(t *testing.T) {
	for text, says := range map[string]string{
		"file:a.mp4": "", "file:///tmp/a.mkv": "", "file:a.WEBM": "", "file:a.ivf": ".webm", "file://host/a.mp4": ".webm",
		"gopher://x": "there are file, http", "a.mp4": "there are file", "%zz": "cannot be read",
	} {
		_, err := Open(text, Options{})
		if (err == nil) != (says == "") || err != nil && !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
