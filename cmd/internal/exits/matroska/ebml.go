package matroska

import (
	"encoding/binary"
	"math"
)

// The elements that are written (RFC 9559, section 5.1).
const (
	idEBML               = 0x1A45DFA3
	idDocType            = 0x4282
	idDocTypeVersion     = 0x4287
	idDocTypeReadVersion = 0x4285
	idSegment            = 0x18538067
	idInfo               = 0x1549A966
	idTimestampScale     = 0x2AD7B1
	idMuxingApp          = 0x4D80
	idWritingApp         = 0x5741
	idTracks             = 0x1654AE6B
	idTrackEntry         = 0xAE
	idTrackNumber        = 0xD7
	idTrackUID           = 0x73C5
	idTrackType          = 0x83
	idFlagLacing         = 0x9C
	idCodecID            = 0x86
	idCodecPrivate       = 0x63A2
	idVideo              = 0xE0
	idPixelWidth         = 0xB0
	idPixelHeight        = 0xBA
	idColour             = 0x55B0
	idMatrix             = 0x55B1
	idRange              = 0x55B9
	idTransfer           = 0x55BA
	idPrimaries          = 0x55BB
	idAudio              = 0xE1
	idSamplingFrequency  = 0xB5
	idChannels           = 0x9F
	idSeekPreRoll        = 0x56BB
	idCluster            = 0x1F43B675
	idTimestamp          = 0xE7
	idSimpleBlock        = 0xA3
)

// appendID appends an element's ID, which holds its own length.
func appendID(b []byte, id uint32) []byte {
	for shift := 24; shift >= 0; shift -= 8 {
		if id>>shift != 0 {
			b = append(b, byte(id>>shift))
		}
	}
	return b
}

// appendSize appends the length of an element's body, in 4 bytes: it is below 256 MiB.
func appendSize(b []byte, n int) []byte { return binary.BigEndian.AppendUint32(b, 1<<28|uint32(n)) }

// appendUnknown appends the length of an element that ends where the next of its floor begins.
func appendUnknown(b []byte) []byte { return append(b, 0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF) }

func appendBytes(b []byte, id uint32, v []byte) []byte {
	return append(appendSize(appendID(b, id), len(v)), v...)
}

func appendString(b []byte, id uint32, v string) []byte {
	return append(appendSize(appendID(b, id), len(v)), v...)
}

func appendUint(b []byte, id uint32, v uint64) []byte {
	return binary.BigEndian.AppendUint64(appendSize(appendID(b, id), 8), v)
}

func appendFloat(b []byte, id uint32, v float64) []byte {
	return appendUint(b, id, math.Float64bits(v))
}
