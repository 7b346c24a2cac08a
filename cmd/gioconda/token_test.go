package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
)

func TestTokenCommands(t *testing.T) {
	dir := t.TempDir()
	cfg := testenv.Write(t, filepath.Join(dir, "c.yaml"), []byte("gallery: {dir: "+filepath.Join(dir, "personas")+"}\n"))
	run := func(args ...string) (int, string, string) {
		return cli(t, append([]string{"--config", cfg, "token"}, args...)...)
	}
	code, secret, said := run("create", "--scope", "drive", "--session", "ann", "--label", "Ann's phone", "--expires", "30d")
	if code != 0 || len(strings.TrimSpace(secret)) != 22 || !strings.Contains(said, "not shown again") {
		t.Fatalf("status %d: %q, %q", code, secret, said)
	}
	code, list, _ := run("list")
	line := strings.Fields(strings.SplitN(list, "\n", 3)[1])
	if code != 0 || strings.Contains(list, strings.TrimSpace(secret)) || line[1] != "drive" || line[2] != "ann" || !strings.Contains(list, "Ann's phone") {
		t.Fatalf("status %d: %s", code, list)
	}
	if code, _, said := run("revoke", line[0]); code != 0 {
		t.Errorf("revoking: %d %s", code, said)
	}
	for says, args := range map[string][]string{
		"no such token": {"revoke", line[0]}, "required": {"create"}, "scope": {"create", "--scope", "root"},
		"time span": {"create", "--scope", "view", "--expires", "soon"}, "letters": {"create", "--scope", "view", "--session", "Ann!"},
	} {
		if code, _, said := run(args...); code == 0 || !strings.Contains(said, says) {
			t.Errorf("%v: status %d: %s", args, code, said)
		}
	}
	for says, args := range map[string][]string{
		"--tls lan": {"serve", "--listen", "0.0.0.0:0"}, "token create": {"serve", "--listen", "0.0.0.0:0", "--tls", "lan"}, "CERT.pem": {"serve", "--tls", "on"},
	} {
		if code, _, said := cli(t, append([]string{"--config", cfg}, args...)...); code == 0 || !strings.Contains(said, says) {
			t.Errorf("%v: status %d: %s", args, code, said)
		}
	}
}
