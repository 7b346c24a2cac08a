package matroska

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"
)

// Codec is how the picture track is compressed.
type Codec string

// The codecs.
const (
	H264 Codec = "V_MPEG4/ISO/AVC"
	VP8  Codec = "V_VP8"
)

// ErrParameters says that the picture's size or the H.264 parameters changed: the rest belongs into a new stream.
var ErrParameters = errors.New("the stream's parameters changed")

const (
	videoTrack = 1
	soundTrack = 2

	// clusterSpan is the most time between the first and the last block of a cluster, of the 32 s that fit.
	clusterSpan = 5 * time.Second
)

// Writer writes one stream. It is used by one goroutine.
type Writer struct {
	out   io.Writer
	codec Codec
	buf   []byte // the next Write
	tmp   []byte // a body whose length is not known before

	begun      bool
	clustered  bool
	cluster    int64  // its time, ms
	params     []byte // SPS and PPS, or size in VP8, of the header
	paramsTemp []byte
	ids        renumber
}

// NewWriter makes a Writer to out. Each frame and each packet is one Write.
func NewWriter(out io.Writer, codec Codec) *Writer { return &Writer{out: out, codec: codec} }

// Begun tells whether the header has been written.
func (w *Writer) Begun() bool { return w.begun }

// WriteFrame writes a VP8 frame or an H.264 access unit in Annex B. data is not kept. The first must be a keyframe; pts is
// at least 0. It fails with ErrParameters, or as the output does.
func (w *Writer) WriteFrame(data []byte, key bool, pts time.Duration) error {
	w.buf = w.buf[:0]
	if key {
		if err := w.header(data); err != nil {
			return err
		}
	}
	if !w.begun {
		return errors.New("a stream begins with a keyframe")
	}
	if w.codec == H264 {
		w.tmp = w.ids.appendAVC(w.tmp[:0], data)
		data = w.tmp
	}
	w.block(videoTrack, key, pts, data)
	return w.flush()
}

// WriteSound writes an Opus packet; the header must have been written, see Begun.
func (w *Writer) WriteSound(opus []byte, pts time.Duration) error {
	if !w.begun {
		return errors.New("a stream begins with a picture")
	}
	w.buf = w.buf[:0]
	w.block(soundTrack, true, pts, opus)
	return w.flush()
}

// header reads what a keyframe says of the stream, and appends the header if it is the first.
func (w *Writer) header(data []byte) error {
	width, height, private, err := w.describe(data)
	switch {
	case err != nil:
		return err
	case !w.begun:
		w.params = append(w.params, w.paramsTemp...)
		w.begun = true
		w.buf = appendHeader(w.buf, w.codec, width, height, private)
	case !bytes.Equal(w.params, w.paramsTemp):
		return ErrParameters
	}
	return nil
}

// describe puts what must not change into paramsTemp. Size and private are read only for a header.
func (w *Writer) describe(key []byte) (width, height int, private []byte, err error) {
	if w.codec == VP8 {
		if len(key) < 10 || key[3] != 0x9d || key[4] != 0x01 || key[5] != 0x2a {
			return 0, 0, nil, errors.New("the keyframe is no VP8")
		}
		w.paramsTemp = append(w.paramsTemp[:0], key[6:10]...)
		le := binary.LittleEndian // RFC 6386, 9.1
		return int(le.Uint16(key[6:]) & 0x3fff), int(le.Uint16(key[8:]) & 0x3fff), nil, nil
	}
	sps, pps := parameters(key)
	if len(sps) < 5 || len(pps) == 0 || len(pps) > 1000 {
		return 0, 0, nil, errSPS
	}
	w.paramsTemp = w.ids.append(w.paramsTemp[:0], sps)
	n := len(w.paramsTemp)
	w.paramsTemp = w.ids.append(w.paramsTemp, pps)
	sps, pps = w.paramsTemp[:n], w.paramsTemp[n:]
	if w.begun {
		return 0, 0, nil, nil
	}
	if width, height, err = spsSize(sps); err != nil {
		return 0, 0, nil, err
	}
	return width, height, avcConfig(sps, pps), nil
}

// block appends a SimpleBlock, and a cluster before it where one is due.
func (w *Writer) block(track byte, key bool, pts time.Duration, data []byte) {
	ms := pts.Milliseconds()
	if off := ms - w.cluster; !w.clustered || key && track == videoTrack || off > clusterSpan.Milliseconds() || off < -clusterSpan.Milliseconds() {
		w.clustered, w.cluster = true, max(ms, 0)
		w.buf = appendUnknown(appendID(w.buf, idCluster))
		w.buf = appendUint(w.buf, idTimestamp, uint64(w.cluster))
	}
	w.buf = appendSize(appendID(w.buf, idSimpleBlock), 4+len(data))
	w.buf = append(w.buf, 0x80|track)
	w.buf = binary.BigEndian.AppendUint16(w.buf, uint16(int16(ms-w.cluster)))
	flags := byte(0)
	if key {
		flags = 0x80
	}
	w.buf = append(append(w.buf, flags), data...)
}

func (w *Writer) flush() error {
	if _, err := w.out.Write(w.buf); err != nil {
		return fmt.Errorf("matroska: %w", err)
	}
	return nil
}

// appendHeader appends all that stands before the first cluster.
func appendHeader(b []byte, codec Codec, width, height int, private []byte) []byte {
	var body []byte
	body = appendString(body, idDocType, "matroska")
	body = appendUint(body, idDocTypeVersion, 4)
	body = appendUint(body, idDocTypeReadVersion, 2)
	b = appendBytes(b, idEBML, body)
	b = appendUnknown(appendID(b, idSegment))
	body = appendUint(body[:0], idTimestampScale, uint64(time.Millisecond))
	body = appendString(body, idMuxingApp, "gioconda")
	body = appendString(body, idWritingApp, "gioconda")
	b = appendBytes(b, idInfo, body)
	body = appendBytes(nil, idTrackEntry, videoEntry(codec, width, height, private))
	body = appendBytes(body, idTrackEntry, soundEntry())
	return appendBytes(b, idTracks, body)
}

func videoEntry(codec Codec, width, height int, private []byte) []byte {
	const bt601, limited = 6, 1
	colour := appendUint(nil, idMatrix, bt601)
	colour = appendUint(colour, idRange, limited)
	colour = appendUint(colour, idTransfer, bt601)
	colour = appendUint(colour, idPrimaries, bt601)
	video := appendUint(nil, idPixelWidth, uint64(width))
	video = appendUint(video, idPixelHeight, uint64(height))
	video = appendBytes(video, idColour, colour)
	e := trackEntry(videoTrack, 1, string(codec))
	if private != nil {
		e = appendBytes(e, idCodecPrivate, private)
	}
	return appendBytes(e, idVideo, video)
}

func soundEntry() []byte {
	const rate, channels = 48000, 2
	head := append([]byte("OpusHead"), 1, channels, 0, 0) // RFC 7845, 5.1; nothing is skipped, so that times stay what they are
	head = binary.LittleEndian.AppendUint32(head, rate)
	head = append(head, 0, 0, 0)
	audio := appendFloat(nil, idSamplingFrequency, rate)
	audio = appendUint(audio, idChannels, channels)
	e := trackEntry(soundTrack, 2, "A_OPUS")
	e = appendBytes(e, idCodecPrivate, head)
	e = appendUint(e, idSeekPreRoll, uint64(80*time.Millisecond))
	return appendBytes(e, idAudio, audio)
}

func trackEntry(number, kind uint64, codec string) []byte {
	e := appendUint(nil, idTrackNumber, number)
	e = appendUint(e, idTrackUID, number)
	e = appendUint(e, idTrackType, kind)
	e = appendUint(e, idFlagLacing, 0)
	return appendString(e, idCodecID, codec)
}
