package signalling

import (
	"bytes"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/rtc"
)

// BenchmarkWriteFrame sends frames of 6 kB through Pion to a UDP socket: what a frame costs from the encoder to
// the network, and what Pion allocates for its packets (the other end's share of a loopback included).
func BenchmarkWriteFrame(b *testing.B) {
	host := &fakeHost{t: b, still: true}
	transport, err := rtc.NewTransport(rtc.DefaultConfig(), rtc.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer transport.Close()
	srv, err := New(DefaultConfig(), Options{Host: host, Transport: transport, Sessions: 16})
	if err != nil {
		b.Fatal(err)
	}
	web := httptest.NewServer(srv)
	defer web.Close()
	defer srv.Close(b.Context())
	br := dial(b, "ws"+strings.TrimPrefix(web.URL, "http")).greet(nil).connect()
	defer br.close()
	for host.last().out.Load() == nil {
		time.Sleep(time.Millisecond)
	}
	out := host.last().out.Load()
	f := frame.Encoded{Data: bytes.Repeat([]byte{9}, 6000)}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		f.PTS = time.Duration(i) * time.Second / 30
		if err := out.WriteFrame(&f); err != nil {
			b.Fatal(err)
		}
	}
}
