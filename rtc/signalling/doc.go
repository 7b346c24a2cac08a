// Package signalling lets browsers in: a websocket over which they say hello, negotiate a peer of package rtc, and come
// back to their session after the network let go. The wire is in PROTOCOL.md.
//
// # How to use it
//
//	srv, err := signalling.New(cfg, signalling.Options{Host: host, Transport: transport, Log: log})
//	mux.Handle("/ws", srv)          // an http.Handler, for requests with leave to drive (package access)
//	…
//	err = srv.Close(ctx)            // before or after http.Server.Shutdown, which leaves websockets alone
//
// The caller implements two small interfaces (host.go):
//
//	Host     Open(ctx, OpenOptions) (Session, error)     a hello without a known session
//	Session  Info, Close, rtc.Drivable, rtc.Viewable     one driver with one persona, across reconnects
//
// Order of calls: Open, then any number of View … Leave pairs, never two at once, then Close. Open and Info are called on the
// goroutine of the websocket; package rtc says who calls the rest.
package signalling
