package egress

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
)

// TestEcho: who asks for the round trip has its time back, at once and not more often than need be.
func TestEcho(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &Echo{}
		var sent []rtcp.Packet
		e.BindRTCPWriter(interceptor.RTCPWriterFunc(func(p []rtcp.Packet, _ interceptor.Attributes) (int, error) {
			sent = append(sent, p...)
			return 0, nil
		}))
		e.BindLocalStream(&interceptor.StreamInfo{SSRC: 7, MimeType: "video/VP8"}, nil)
		ask := func(stamp uint64) {
			e.Told(&rtcp.ReceiverReport{SSRC: 9})
			e.Told(&rtcp.ExtendedReport{SenderSSRC: 9, Reports: []rtcp.ReportBlock{&rtcp.ReceiverReferenceTimeReportBlock{NTPTimestamp: stamp}}})
		}
		ask(0x1122334455667788)
		ask(0x1122334455667788) // at once: no answer
		time.Sleep(echoApart)
		ask(0) // no time
		ask(0x2222334455667788)
		want := []rtcp.DLRRReport{{SSRC: 9, LastRR: 0x33445566}, {SSRC: 9, LastRR: 0x33445566}}
		if len(sent) != len(want) {
			t.Fatalf("%d answers, want %d", len(sent), len(want))
		}
		for i, p := range sent {
			raw, err := p.Marshal()
			if err != nil {
				t.Fatal(err)
			}
			again, err := rtcp.Unmarshal(raw)
			if err != nil {
				t.Fatal(err)
			}
			x, ok := again[0].(*rtcp.ExtendedReport)
			if !ok || x.SenderSSRC != 7 || len(x.Reports) != 1 {
				t.Fatalf("answered %v", again)
			}
			if b, ok := x.Reports[0].(*rtcp.DLRRReportBlock); !ok || len(b.Reports) != 1 || b.Reports[0] != want[i] {
				t.Errorf("answered %v", x.Reports[0])
			}
		}
	})
}
