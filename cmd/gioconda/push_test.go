package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
)

// TestPushRefuses what makes no sense, before anything is opened, and shows no secret.
func TestPushRefuses(t *testing.T) {
	clip := testenv.Write(t, filepath.Join(t.TempDir(), "a.mp4"), nil)
	for args, says := range map[string]string{
		"https://h/x":   "at least one of the flags in the group [session driver]",
		"--session ann": "accepts 1 arg(s)",
		"https://h/x --session ann --driver " + clip:                           "none of the others can be",
		"https://h/x --driver sample:opera":                                    "opera",
		"https://h/x --driver sample:talking --aspect 4:3":                     "use 1:1 or 16:9",
		"gopher://h/secret-secret-secret --driver sample:talking":              "there is no such way out",
		"https://a:secret@h/x --driver sample:talking":                         "a password or token goes beside it",
		"https://h/x --session ann --token secret --token-file " + clip:        "none of the others can be",
		"https://h/x --session ann --token-file /nowhere":                      "no such file",
		"https://h/x --session ann --token secret --server http://127.0.0.1:1": "no server answers at http://127.0.0.1:1",
		"livekit --room hall --session ann":                                    `required flag(s) "url"`,
		"livekit --url ftp://h --room hall --session ann":                      "wss://live.example.org",
		"livekit --url ws://h --room hall --key k --driver sample:talking":     "LiveKit asks for a token",
	} {
		code, _, said := cli(t, append([]string{"push"}, strings.Fields(args)...)...)
		if code == 0 || !strings.Contains(said, says) || strings.Contains(said, "secret") {
			t.Errorf("push %s: %d, %s", args, code, said)
		}
	}
}

// TestPushOfAServer: it is asked with its token, and what it says is printed.
func TestPushOfAServer(t *testing.T) {
	var asked []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		asked = append(asked, r.Method+" "+r.URL.Path+" "+r.Header.Get("Authorization")+" "+string(b))
		switch {
		case strings.Contains(r.URL.Path, "bob"):
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, `{"error":{"code":"unknown_session","message":"There is no such session."}}`)
		case r.Method == http.MethodPost:
			w.WriteHeader(http.StatusCreated)
			_, _ = io.WriteString(w, `{"exit":{"id":"x1"}}`)
		default:
			_, _ = io.WriteString(w, `{"exits":[{"id":"x1","state":"ended","message":"The token is wrong."}]}`)
		}
	}))
	defer srv.Close()
	t.Setenv(serverTokenKey, "sesame")
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte("k\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	push := func(args ...string) (int, string, string) {
		return cli(t, append([]string{"push", "--server", srv.URL + "/"}, args...)...)
	}
	code, out, said := push("whip://h/x", "--session", "ann", "--token-file", key, "--codec", "vp8", "--aspect", "16:9")
	if code != 1 || !strings.Contains(out, "ended: The token is wrong.") || !strings.Contains(said, "The token is wrong.") {
		t.Errorf("%d %s %s", code, out, said)
	}
	want := `POST /api/sessions/ann/exits Bearer sesame {"url":"whip://h/x","token":"k","codec":"vp8","aspect":"16:9","bitrate":0,"trickle":false}`
	if len(asked) != 2 || asked[0] != want {
		t.Errorf("asked %q, want %s", asked, want)
	}
	if code, out, _ = push("whip://h/x", "--session", "ann", "--detach"); code != 0 || !strings.Contains(out, "x1") {
		t.Errorf("%d %s", code, out)
	}
	if code, _, said = push("whip://h/x", "--session", "bob"); code != 1 || !strings.Contains(said, "There is no such session.") {
		t.Errorf("%d %s", code, said)
	}
	asked = nil
	t.Setenv("LIVEKIT_API_SECRET", "s")
	if code, _, said = cli(t, "push", "livekit", "--server", srv.URL, "--session", "ann", "--detach", "--url", "ws://h:7880", "--key", "k", "--room", "a room", "--on-behalf", "agent"); code != 0 {
		t.Errorf("%d %s", code, said)
	}
	if len(asked) != 1 || !strings.Contains(asked[0], `"url":"livekit+http://h:7880/a%20room?identity=gioconda\u0026on_behalf=agent","token":"k:s"`) {
		t.Errorf("asked %q", asked)
	}
}
