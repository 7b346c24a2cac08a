package exits

import (
	"errors"
	"net/url"
)

// LiveKitURL is the exit to a room of a LiveKit server, whose address is one of a websocket or of HTTP. onBehalf is the identity
// of the agent whose picture it is, "": of nobody.
func LiveKitURL(server, room, identity, onBehalf string) (string, error) {
	u, err := url.Parse(server)
	scheme := map[string]string{"wss": "livekit", "https": "livekit", "ws": "livekit+http", "http": "livekit+http"}
	if err != nil || scheme[u.Scheme] == "" || u.Host == "" || u.User != nil {
		return "", errors.New("--url: write the address of the LiveKit server, such as wss://live.example.org or ws://localhost:7880")
	}
	q := url.Values{"identity": {identity}}
	if onBehalf != "" {
		q.Set("on_behalf", onBehalf)
	}
	return (&url.URL{Scheme: scheme[u.Scheme], Host: u.Host, Path: "/" + room, RawQuery: q.Encode()}).String(), nil
}
