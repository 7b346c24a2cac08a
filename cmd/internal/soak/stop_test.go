package soak

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/rtc/caller"
)

// deaf is an address where connections are taken and nothing is ever said.
func deaf(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = c.Close() })
		}
	}()
	return l.Addr().String()
}

// TestAFullHouseStopsInTime: SIGTERM with every place taken, uploads and answers that hang, websockets that say nothing, and exits that
// record and that lead to who does not answer.
func TestAFullHouseStopsInTime(t *testing.T) {
	testenv.Full(t)
	testenv.Config(t)
	testenv.FFmpeg(t)
	const places = 3
	folder := t.TempDir()
	t.Setenv("GIOCONDA_PIPELINE_MAX_SESSIONS", strconv.Itoa(places))
	t.Setenv("GIOCONDA_RECORD_DIR", folder)
	c, err := Start(t.Context(), program(t))
	if err != nil {
		t.Fatal(err)
	}
	stopped := false
	defer func() {
		if !stopped {
			_ = c.Stop()
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	over := make(chan struct{})
	hanging := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-over }))
	defer hanging.Close()
	defer close(over)
	for i := range places {
		name := fmt.Sprintf("guest-%d", i)
		v, err := caller.Dial(ctx, &caller.Options{Server: c.Server, Name: name})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = v.Close() })
		driving, stop := context.WithCancel(context.Background())
		t.Cleanup(stop)
		go func() { _ = drive(driving, v, time.Hour) }()
		for _, to := range []string{"file:" + name + ".mp4", "rtmp://" + deaf(t) + "/live/x", hanging.URL + "/whip"} {
			exit(t, c.Server, name, to)
		}
	}
	at := strings.TrimPrefix(c.Server, "http://")
	for range 4 {
		for _, request := range []string{
			"POST /api/personas?name=x&attest=true HTTP/1.1\r\nHost: " + at + "\r\nContent-Length: 3000000\r\n\r\nhalf",
			"GET /models/face_landmarker.onnx HTTP/1.1\r\nHost: " + at + "\r\n\r\n",
			"GET /ws HTTP/1.1\r\nHost: " + at + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
			"GET / HTTP/1.1\r\nHo",
		} {
			k, err := net.Dial("tcp", at)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = k.Close() })
			if _, err := io.WriteString(k, request); err != nil {
				t.Fatal(err)
			}
		}
	}
	time.Sleep(3 * time.Second) // films begin
	begin := time.Now()
	stopped = true
	if err := c.Stop(); err != nil {
		t.Error(err)
	}
	took := time.Since(begin)
	t.Logf("it ended within %v", took)
	if took > 6*time.Second {
		t.Errorf("it took %v to end", took)
	}
	films, err := os.ReadDir(folder)
	if err != nil || len(films) != places {
		t.Errorf("%d films are there, want %d: %v", len(films), places, err)
	}
	for _, f := range films {
		if info, err := f.Info(); err != nil || info.Size() < 10_000 {
			t.Errorf("%s was not finished: %v, %v", f.Name(), info, err)
		}
	}
}

// exit opens a way out of a session.
func exit(t *testing.T, server, session, to string) {
	t.Helper()
	body, err := json.Marshal(map[string]string{"url": to})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.Post(server+"/api/sessions/"+session+"/exits", "application/json", strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusCreated {
		said, _ := io.ReadAll(answer.Body)
		t.Fatalf("an exit to %s: %s: %s", to, answer.Status, said)
	}
}
