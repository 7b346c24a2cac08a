package cluster

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// BenchmarkNodes is what so many nodes with eight sessions each cost the NATS server in ten seconds, with GIOCONDA_NODES=100 for a hundred:
// entries and bytes a second as one node sees them, what is kept, and how soon an entry is everywhere.
func BenchmarkNodes(b *testing.B) {
	count := 10
	if n, err := strconv.Atoi(os.Getenv("GIOCONDA_NODES")); err == nil {
		count = n
	}
	url := bus(b, "127.0.0.1:0", b.TempDir()).URL()
	var names []string
	for i := range 8 {
		names = append(names, fmt.Sprintf("portrait-k7%d%d", i, i))
	}
	var all []*member
	for i := range count {
		all = append(all, join(b, url, fmt.Sprintf("https://node-%d.example.org:8443", i), 12, func(o *Options) {
			o.State = func() State { return State{Places: 20, Free: 12, Load: .4, P95: 12.5, Names: names} }
		}))
	}
	for _, m := range all {
		m.sees(b, count-1)
	}
	nc, err := dial(url, testSecret)
	if err != nil {
		b.Fatal(err)
	}
	defer nc.Close()
	for b.Loop() {
		measureNodes(b, nc, all, 10*time.Second)
	}
}

func measureNodes(b *testing.B, nc *nats.Conn, all []*member, long time.Duration) {
	b.Helper()
	one := all[0].link.Load().nc
	before := one.Stats()
	time.Sleep(long)
	after := one.Stats()
	b.ReportMetric(float64(after.InMsgs-before.InMsgs)/long.Seconds(), "in_msgs/s")
	b.ReportMetric(float64(after.InBytes-before.InBytes)/long.Seconds(), "in_bytes/s")
	b.ReportMetric(float64(after.OutMsgs-before.OutMsgs)/long.Seconds(), "out_msgs/s")
	b.ReportMetric(float64(after.OutBytes-before.OutBytes)/long.Seconds(), "out_bytes/s")
	entry, err := all[0].entry()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(len(entry)), "entry_bytes")
	js, err := jetstream.New(nc)
	if err != nil {
		b.Fatal(err)
	}
	kv, err := bucket(b.Context(), js, nodes())
	if err != nil {
		b.Fatal(err)
	}
	status, err := kv.Status(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(status.Bytes()), "kv_bytes")
	begin := time.Now()
	all[0].Leave()
	for _, m := range all[1:] {
		for p, ok := m.Peer(all[0].ID()); !ok || !p.Leaving; p, ok = m.Peer(all[0].ID()) {
			time.Sleep(time.Millisecond)
		}
	}
	b.ReportMetric(float64(time.Since(begin).Microseconds())/1000, "ms_everywhere")
}
