package rtc

import (
	"strings"
	"testing"
)

func TestValidName(t *testing.T) {
	for name, want := range map[string]bool{
		"": false, "a": true, "7": true, "portrait-k7x2": true, "a-": true, "a--b": true,
		strings.Repeat("a", MaxName): true, strings.Repeat("a", MaxName+1): false,
		"-a": false, "Ann": false, "a_b": false, "a b": false, "a/b": false, "ä": false, "a.b": false, "a\n": false,
	} {
		if ValidName(name) != want {
			t.Errorf("%q: want %v", name, want)
		}
	}
}
