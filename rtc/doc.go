// Package rtc carries media: one video track out, landmarks in, sound both ways, and control and reports beside them. Pion lives here only.
// How the two ends find each other is not its business: package signalling does it over a websocket, others may over HTTP.
//
// # How to use it
//
//	t, err := rtc.NewTransport(cfg, rtc.Options{Log: log, Bitrate: rtc.Bitrate{…}})
//	codec, err := t.ChooseCodec(offer, rtc.CodecAuto)
//	p, err := t.NewPeer(ctx, rtc.PeerOptions{View: session, Codec: codec})
//	answer, err := p.Offer(ctx, offer)    // whole, without a Signaller
//	<-p.Done()                            // the other side has left, or is lost
//	p.Close()
//	t.Close()                             // after all its peers
//
// A peer has roles, and the caller implements one small interface for each (roles.go):
//
//	Drivable  Mailbox, Control, SendEventsTo     what one that drives moves, over data channels
//	Audible   Hear                               what hears the microphone of one that drives
//	Viewable  View                               what one that views watches
//	Listenable  Listen                           what one that views hears
//	Viewer    Keyframe, SetBitrate, Leave        what the network asks of it meanwhile
//
// View gets an Output to write frames to. Order of calls for one peer: View once its connection is up, then Leave, once each;
// Mailbox once per landmarks channel; SendEventsTo once per control channel. An *Error (Fail) from View or Control reaches the
// browser with its code, any other error as "internal".
//
// Which goroutine calls what: View, SetBitrate and Leave, one per peer; Keyframe, the ones that read RTCP and the control
// channel; Control, one per peer, in order; mailbox puts, the one that reads the landmarks channel. None of them holds up Pion.
//
// # Decision: stay on Pion v3
//
// Context. mediadevices v0.6.4, which gives us cameras, is bound to webrtc v3, and v3 to dtls v2.2.12, which has an
// open advisory (GHSA-9f3f-wv7r-qc8r: random GCM nonces) that is fixed only in dtls v3. v4 also repairs
// timestamps of WriteSample, which we do not use.
//
// Choice. v3.3.6 and interceptor v0.1.29, pinned. Everything of Pion is behind Transport, Peer and Output, so a
// move touches this folder (and package h264) only. Media is SRTP and not affected; the DTLS records carry landmarks and
// control, a few thousand records a minute, far from the 2^32 where random 64-bit nonces begin to collide.
//
// The other way: webrtc v4 with mediadevices v0.7, which take each other and dtls v3. It would touch the files here that
// name Pion's types, and package h264, and nothing else; it is the way to go once the advisory weighs more than the pin.
//
// Cost. No upstream fixes. We bypass what is weak in v3: own packetizer, own rate control,
// pacing and resending, detached data channels.
//
// # Decision: playout delay 0/0
//
// Context. Browsers keep a jitter buffer of tens of milliseconds. The header extension playout-delay bounds it
// from the sender's side, but Pion has no interceptor for it, and rtp.PlayoutDelayExtension cannot be filled in.
//
// Choice. An interceptor of 40 lines writes three zero bytes under the negotiated number on every packet,
// retransmissions included, unless the browser's hello says no. Firefox negotiates and ignores it, so the page also
// sets jitterBufferTarget = 0.
//
// Cost. A late packet shows as a late frame at once. With interarrival jitter above a frame time, motion is uneven:
// the page may ask for playoutDelay false.
//
// Measured: MEASURED.md, "Media".
//
// # Decision: weak networks
//
// Context. Pion resends whatever is asked for, at once and without end: a path of 300 kbit/s is then full of packets that come too
// late and are asked for once more, and no picture comes; 30 kB of requests draw 100 MB. Its estimator takes random loss and jitter for a
// full path. Its SCTP waits a second before it sends again, then two, four and so on, and v3 lets nobody set its timers.
//
// Choice. Package congestion goes by the queue that stands in the path, then by loss. A packet is sent again three times at most, not
// within the round trip, in all no more than 30 % of the rate, and not if a keyframe came after it; where that does not help a keyframe is made.
// The encoder gets what headers and resent packets leave. Two mean frames go out at once, the rest of a large one at 2.5 times the rate. A
// connection begins at 400 kbit/s, so that its first keyframe fits a path of 300, and goes to Bitrate.Start with the first
// feedback if the first packets came fast enough. Where more than half a second waits in the path nothing is sent until it has
// drained, and then a keyframe. The datagrams of the data channels go out two to four times where packets are lost; DTLS drops copies.
// Reports are neither ordered nor sent again: one that is lost would hold up those after it, and the answers.
//
// Resent packets are a stream of their own (RTX), which v3 cannot announce: we add it to the answer, and hear the feedback that is
// addressed to it at the buffer that Pion asks us for. Where 3 % of the packets and more are lost, and the path carries 500 kbit/s, each packet goes
// out there once more after 12 ms, unasked, and the encoder gets half of the rate: the simplest code that corrects errors. One lost packet in ten
// of those asked for is lost again, and by then the picture has stood still for 0.2 s.
//
// Left out. Better codes: Chromium takes FlexFEC behind a field trial only, and ULPFEC wants each packet packed into RED.
// A smaller picture for one viewer: 512x512 at 30 frames/s fits 250 kbit/s; among several viewers package pipeline moves the slow ones to
// a smaller one.
//
// Cost. A machine that is too busy to receive looks like a full path, and gets less. After a deep fall of the rate the picture stands still
// for the time that the queue needs, up to two seconds.
//
// Measured: MEASURED.md, "Weak networks".
//
// # Decision: sound stays with the picture by presentation time
//
// Context. A picture is later than the sound of its moment, by tracking, way, drawing and compressing. A receiver aligns two tracks
// of one MediaStream by their RTCP sender reports, and Pion's give the time at which something was sent: by those the sound
// would stay ahead by all of that.
//
// Choice. Sound gets the presentation time of the picture of the same moment: when a packet sounded is known by the driver's sender
// reports and clock, how much later its picture is presented is measured with every picture (package pipeline). Both tracks' sender
// reports, an interceptor of our own, give presentation times on one clock. Opus is passed on as it came, with RTP timestamps that go on by
// whole packets. In one MediaStream (PeerOptions.Sync) the receiver holds back whichever is early; apart, each comes as soon as it can.
//
// With Sync playout delay 0/0 is not asked for: Chromium obeys it, cannot hold the picture back, and holds the sound back instead, further
// and further (sound 148 and 167 ms late, where it was 14 to 36 ms late without any alignment).
//
// Cost. Together both are as late as the later one: in Chromium that is the sound with its jitter buffer. Chromium leaves alone what is
// less than 30 ms apart.
//
// Measured: MEASURED.md, "Sound".
//
// # Decision: media on every interface
//
// Context. Page and signalling listen on loopback by default. Media could be bound to loopback too, and a browser on this
// machine connects so (tried in Chromium on Linux).
//
// Choice. Media sockets are opened for a session on all interfaces unless rtc.interfaces names some. They answer only to who has
// the session's ICE credentials and DTLS fingerprint, which only signalling gives away; and a page that comes through a proxy
// or a tunnel to loopback has its viewers elsewhere, where media bound to loopback would fail without a word.
//
// Cost. While a session lasts, its UDP ports can be seen from the network. interfaces: [lo] closes them.
//
// # Decision: detached data channels
//
// Pion's OnMessage allocates a copy of each message. A detached channel is read by a goroutine of ours into a buffer of
// ours: landmarks to mailbox without an allocation of our own, and a slow reader can only hurt its own session.
package rtc
