package perform

import (
	"encoding/binary"
	"io"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

// Encode writes a performance as records of a u32 of microseconds from its start, a u16 length, both little
// endian, and one landmark datagram of that length: all frames of one loop, fps of them a second.
func Encode(w io.Writer, name string, fps int) error {
	p, err := New(name)
	if err != nil {
		return err
	}
	codec := landmark.NewCodec()
	var s landmark.Sample
	var record [6 + landmark.MaxWireSize]byte
	for i := range int(p.info.Seconds * float64(fps)) {
		t := time.Duration(i) * time.Second / time.Duration(fps)
		p.At(t, &s)
		s.Seq = uint32(i)
		n, err := codec.Encode(record[6:], &s)
		if err != nil {
			return err
		}
		binary.LittleEndian.PutUint32(record[0:], uint32(t.Microseconds()))
		binary.LittleEndian.PutUint16(record[4:], uint16(n))
		if _, err := w.Write(record[:6+n]); err != nil {
			return err
		}
	}
	return nil
}
