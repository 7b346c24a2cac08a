package bench

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/trace"
)

// program writes a program that prints text, whatever it is asked.
func program(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(path, []byte("#!/bin/sh\ncat <<'END'\n"+text+"\nEND\n"), 0o700); err != nil { //nolint:gosec // it is run
		t.Fatal(err)
	}
	return path
}

// TestAgainst: ratios are of what two programs print, stage by stage, and of sessions where they searched.
func TestAgainst(t *testing.T) {
	ours := program(t, `{"version":"new","cpu_cores":0.1,"bits_per_second":800000,"stages":{"total":{"count":9,"p50_ms":4,"p95_ms":5,"p99_ms":6},"learned":{"count":9,"p50_ms":1}}}`)
	theirs := program(t, `{"version":"old","cpu_cores":0.2,"bits_per_second":1600000,"stages":{"total":{"count":9,"p50_ms":8,"p95_ms":20,"p99_ms":24}}}`)
	r, err := Against(t.Context(), &Pairs{Ours: ours, Theirs: theirs, Rounds: 3})
	if err != nil {
		t.Fatal(err)
	}
	total := r.Ratios["total"]
	if total.P50.Median != 0.5 || total.P95.Median != 0.25 || total.P99.Most != 0.25 || r.CPU.Median != 0.5 || r.Bitrate.Median != 0.5 {
		t.Errorf("ratios %+v, cores %v, bits %v", total, r.CPU, r.Bitrate)
	}
	if _, ok := r.Ratios["learned"]; ok {
		t.Error("a stage that only one of both has was compared")
	}
	var text strings.Builder
	if err := r.Print(&text); err != nil || !strings.Contains(text.String(), "0.50 (0.50 to 0.50)") {
		t.Errorf("printed %q, %v", text.String(), err)
	}
	many, few := program(t, `{"sessions":6,"limit_ms":33,"runs":[]}`), program(t, `{"sessions":2,"limit_ms":33,"runs":[]}`)
	if r, err = Against(t.Context(), &Pairs{Ours: many, Theirs: few, Rounds: 2}); err != nil || r.Sessions.Median != 3 {
		t.Errorf("three times the sessions are reported as %v, %v", r, err)
	}
}

// TestAgainstNothing: a program that fails, or prints no report, is named.
func TestAgainstNothing(t *testing.T) {
	good, bad := program(t, `{"stages":{}}`), program(t, "no report")
	for _, other := range []string{bad, filepath.Join(t.TempDir(), "absent")} {
		if _, err := Against(t.Context(), &Pairs{Ours: good, Theirs: other, Rounds: 1}); err == nil || !strings.Contains(err.Error(), other) {
			t.Errorf("%s: %v", other, err)
		}
	}
}

// TestCSV: a line for each frame that a sample caused, with what did not happen left empty.
func TestCSV(t *testing.T) {
	start := time.Unix(100, 0)
	frameAt := func(seq uint32, after time.Duration) (f trace.Frame) {
		f.Seq, f.HasSample, f.Bytes = seq, true, 1234
		f.At[trace.Received], f.At[trace.Sent] = start.Add(after), start.Add(after+5*time.Millisecond)
		return f
	}
	s := &sink{traces: []trace.Frame{frameAt(7, 0), {Seq: 9}, frameAt(8, 33*time.Millisecond)}}
	var text strings.Builder
	if err := writeCSV(&text, []*sink{s}); err != nil {
		t.Fatal(err)
	}
	want := "session,sequence,received_ms,taken_ms,retargeted_ms,drawn_ms,generated_ms,encoded_ms,sent_ms,bytes,key\n" +
		"0,7,0.000,,,,,,5.000,1234,0\n0,8,33.000,,,,,,5.000,1234,0\n"
	if text.String() != want {
		t.Errorf("wrote %q, want %q", text.String(), want)
	}
}
