package voice

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestReorder: each step is the number of a packet, or "wait" for the deadline; behind the arrow stands what came out.
func TestReorder(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"in order", "7 8 9", "7 8 9"},
		{"over the edge", "65535 0 1", "65535 0 1"},
		{"two swapped", "1 3 2 4", "1 2 3 4"},
		{"three turned round", "1 4 3 2 5", "1 2 3 4 5"},
		{"twice", "1 1 3 3 2 2", "1 2 3"},
		{"one lost", "1 3 4 5 6", "1 3 4 5 6"},
		{"lost, and late", "1 3 4 5 2 6", "1 3 4 5 6"},
		{"two lost in two places", "1 3 5 6 7", "1 3 5 6 7"},
		{"two lost", "1 4 5 6", "1 4 5 6"},
		{"lost before silence", "1 3 wait", "1 3"},
		{"late after silence", "1 3 wait 2 4", "1 3 4"},
		{"the sender counts anew", "1 3 40000 40001", "1 40000 40001"},
		{"newest wins", "1 5 6 9", "1 5 6 wait 9"},
	} {
		t.Run(c.name, func(t *testing.T) {
			now := time.Unix(1000, 0)
			var got []string
			r := Reorder{Emit: func(stamp uint32, data []byte, _ time.Time) {
				if len(data) != 1 || data[0] != byte(stamp) {
					t.Errorf("packet %d has %v", stamp, data)
				}
				got = append(got, strconv.FormatUint(uint64(stamp), 10))
			}}
			for step := range strings.FieldsSeq(c.in) {
				if step == "wait" {
					now = r.Deadline()
					r.Expire(now)
					continue
				}
				var seq uint16
				if _, err := fmt.Sscan(step, &seq); err != nil {
					t.Fatal(err)
				}
				r.Put(seq, uint32(seq), []byte{byte(seq)}, now)
			}
			want := strings.Fields(c.want)
			if at := strings.Index(c.want, " wait"); at >= 0 { // the rest only comes out after the deadline
				if strings.Join(got, " ") != c.want[:at] {
					t.Errorf("got %v before the deadline, want %s", got, c.want[:at])
				}
				r.Expire(r.Deadline())
				want = strings.Fields(strings.Replace(c.want, " wait", "", 1))
			}
			if strings.Join(got, " ") != strings.Join(want, " ") || r.count != 0 {
				t.Errorf("got %v, want %v; %d wait", got, want, r.count)
			}
		})
	}
}

func TestReorderWaitsForNoLongerThanItSays(t *testing.T) {
	start := time.Unix(1000, 0)
	var out []uint32
	r := Reorder{Emit: func(stamp uint32, _ []byte, _ time.Time) { out = append(out, stamp) }}
	r.Put(1, 1, nil, start)
	r.Put(3, 3, nil, start.Add(10*time.Millisecond))
	if d := r.Deadline(); !d.Equal(start.Add(50 * time.Millisecond)) {
		t.Errorf("deadline %v", d.Sub(start))
	}
	r.Expire(start.Add(49 * time.Millisecond))
	if len(out) != 1 {
		t.Errorf("%v before the deadline", out)
	}
	r.Expire(start.Add(50 * time.Millisecond))
	if len(out) != 2 || !r.Deadline().IsZero() {
		t.Errorf("%v at the deadline", out)
	}
}

func TestReorderAllocatesNothing(t *testing.T) {
	r := Reorder{Emit: func(uint32, []byte, time.Time) {}}
	data, seq, now := make([]byte, 100), uint16(0), time.Unix(1000, 0)
	if n := testing.AllocsPerRun(100, func() {
		r.Put(seq+1, 0, data, now)
		r.Put(seq, 0, data, now)
		seq += 3
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
