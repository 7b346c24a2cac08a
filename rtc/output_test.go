package rtc

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/rtc/avsync"
)

func TestWriteFrameAllocatesNothing(t *testing.T) {
	for _, codec := range []string{CodecVP8, CodecH264} {
		out := newOutput(codec, &reporter{}, &Counters{}, &avsync.Presentation{}, &avsync.Clock{}, func(*rtp.Packet) error { return nil }, [8]byte{1})
		f := frame.Encoded{Data: append([]byte{0, 0, 0, 1, 0x65}, bytes.Repeat([]byte{9}, 9000)...)}
		if n := testing.AllocsPerRun(200, func() {
			f.PTS += time.Second / 30
			if err := out.WriteFrame(&f); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations a frame, want 0", codec, n)
		}
		out.close()
		if err := out.WriteFrame(&f); !errors.Is(err, ErrClosed) {
			t.Errorf("closed: %v", err)
		}
	}
}
