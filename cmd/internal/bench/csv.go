package bench

import (
	"encoding/csv"
	"io"
	"strconv"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/trace"
)

// writeCSV writes a line for each frame: its session, when its sample came, how long after that each stage ended (ms, empty where
// it did not happen), its bytes, and 1 for a keyframe.
func writeCSV(out io.Writer, sinks []*sink) error {
	w := csv.NewWriter(out)
	line := []string{"session", "sequence", "received_ms"}
	for s := trace.Taken; s < trace.Stages; s++ {
		line = append(line, s.String()+"_ms")
	}
	if err := w.Write(append(line, "bytes", "key")); err != nil {
		return err
	}
	var first time.Time
	ms := func(d time.Duration) string {
		return strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'f', 3, 64)
	}
	for i, s := range sinks {
		for k := range s.traces {
			f := &s.traces[k]
			if !f.HasSample {
				continue
			}
			if first.IsZero() {
				first = f.At[trace.Received]
			}
			line = append(line[:0], strconv.Itoa(i), strconv.FormatUint(uint64(f.Seq), 10), ms(f.At[trace.Received].Sub(first)))
			for st := trace.Taken; st < trace.Stages; st++ {
				if f.At[st].IsZero() {
					line = append(line, "")
				} else {
					line = append(line, ms(f.Between(trace.Received, st)))
				}
			}
			key := "0"
			if f.Key {
				key = "1"
			}
			if err := w.Write(append(line, strconv.Itoa(f.Bytes), key)); err != nil {
				return err
			}
		}
	}
	w.Flush()
	return w.Error()
}
