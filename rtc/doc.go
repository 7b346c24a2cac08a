// Package rtc connects browsers: signalling over a websocket, one video track out, landmarks in, and control
// and reports beside them. Pion lives here only. The channels are specified in signalling/PROTOCOL.md.
//
// # How to use it
//
//	srv, err := rtc.New(cfg, rtc.Options{Host: host, Log: log, Bitrate: rtc.Bitrate{…}})
//	mux.Handle("/ws", srv)          // an http.Handler
//	…
//	err = srv.Close(ctx)            // before or after http.Server.Shutdown, which leaves websockets alone
//
// The caller implements three small interfaces (host.go):
//
//	Host     Open(ctx, OpenOptions) (Session, error)         a hello without a known session
//	Session  Info, Mailbox, Control, View, Close             one driver with one persona, across reconnects
//	Viewer   Keyframe, SetBitrate, Leave                     what the network asks of a session that is viewed
//
// and gets an Output with each View, and Events for each control channel. Order of calls: Open, then any number of
// View … Leave pairs, never two at once, then Close. Mailbox is asked for once per landmarks channel.
// An *Error (Fail) from Open, View or Control reaches the browser with its code, any other error as "internal".
//
// Which goroutine calls what: Open and Info, the one of the websocket; View, SetBitrate and Leave, one per
// connection; Keyframe, the ones that read RTCP and the control channel; Control, one per connection, in order; mailbox puts,
// the one that reads the landmarks channel. None of them holds up Pion.
//
// # Decision: stay on Pion v3
//
// Context. mediadevices v0.6.4, which gives us openh264, is bound to webrtc v3, and v3 to dtls v2.2.12, which has an
// open advisory (GHSA-9f3f-wv7r-qc8r: random GCM nonces) that is fixed only in dtls v3. v4 also repairs
// timestamps of WriteSample, which we do not use.
//
// Choice. v3.3.6 and interceptor v0.1.29, pinned. Everything of Pion is behind Host, Session, Viewer and Output, so a
// move touches this folder (and package h264) only. Media is SRTP and not affected; the DTLS records carry landmarks and
// control, a few thousand records a minute, far from the 2^32 where random 64-bit nonces begin to collide.
//
// The other way: webrtc v4 with mediadevices v0.7, which take each other and dtls v3. It would touch the files here that
// name Pion's types, and package h264, and nothing else; it is the way to go once the advisory weighs more than the pin.
//
// Cost. No upstream fixes. We bypass what is weak in v3: own packetizer, no pacer, detached data channels.
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
// Measured in headless Chromium on loopback, 128x128 at 30 frames/s, jitterBufferTarget 0 in all (TestChromium): mean
// jitter buffer delay 0.1 ms with the extension (VP8 and H.264), 24.8 ms without. In the whole loop at 512x512 (make e2e, three
// runs): landmark sent to frame drawn 29 to 38 ms (p50) with it, 48 to 61 without.
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
//
// # Measured
//
// On 2 shared cores: landmark message to mailbox 6 us, 0 allocations. A frame of 6 kB through WriteFrame to the socket
// 0.13 ms; our packetizer allocates nothing, Pion (interceptors, SRTP, and the receiving Pion of the benchmark) 106 times,
// 11 kB. At 5 % loss both ways and 20 ms round trip, over vnet: 150 of 150 pictures in 5 s, none damaged; 78 to 83 of
// 90 samples, the rest lost or overwritten by newer ones.
package rtc
