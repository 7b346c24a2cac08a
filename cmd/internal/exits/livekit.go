package exits

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/gioconda-live/gioconda/pipeline"
)

// tokenFor is how long an access token is good; every request carries a new one.
const tokenFor = 10 * time.Minute

// OnBehalf is the attribute by which LiveKit's agents find the participant that shows them.
const OnBehalf = "lk.publish_on_behalf"

// openLiveKit takes livekit://HOST/ROOM?identity=NAME, and livekit+http:// where there is no TLS. The bearer is KEY:SECRET of
// the server's API, from which access tokens are made, or an access token. With on_behalf=IDENTITY the portrait is that
// agent's picture. LiveKit takes the video at its own WHIP endpoint, /whip/v1.
func openLiveKit(u *url.URL, o Options) (pipeline.Exit, error) {
	room, q := strings.Trim(u.Path, "/"), u.Query()
	if u.Host == "" || room == "" || u.User != nil {
		return nil, fmt.Errorf("exit %s: write livekit://HOST/ROOM?identity=NAME, and KEY:SECRET as the token", Mask(u))
	}
	p := &push{o: o, to: &url.URL{Scheme: "https", Host: u.Host, Path: "/whip/v1"}}
	if u.Scheme == "livekit+http" {
		p.to.Scheme = "http"
	}
	key, secret, made := strings.Cut(o.Bearer, ":")
	switch {
	case made && key != "" && secret != "":
		who := participant{room: room, identity: q.Get("identity"), onBehalf: q.Get("on_behalf")}
		if who.identity == "" {
			who.identity = "gioconda"
		}
		p.token = func() string { return who.token(key, secret, time.Now()) }
	case strings.Count(o.Bearer, ".") == 2:
		p.token = func() string { return o.Bearer }
	default:
		return nil, fmt.Errorf("exit %s: LiveKit asks for a token: KEY:SECRET of its API, or an access token", Mask(u))
	}
	return p, nil
}

// participant is who joins a room: to publish, unless it subscribes.
type participant struct {
	room, identity, onBehalf string
	subscribes               bool
}

// token makes an access token: a JSON Web Token signed with HMAC-SHA-256.
func (p participant) token(key, secret string, now time.Time) string {
	type grant struct {
		Room         string `json:"room"`
		RoomJoin     bool   `json:"roomJoin"`
		CanPublish   bool   `json:"canPublish"`
		CanSubscribe bool   `json:"canSubscribe"`
	}
	claims := struct {
		Issuer     string            `json:"iss"`
		Subject    string            `json:"sub"`
		Name       string            `json:"name"`
		NotBefore  int64             `json:"nbf"`
		Expires    int64             `json:"exp"`
		Kind       string            `json:"kind"`
		Attributes map[string]string `json:"attributes,omitempty"`
		Video      grant             `json:"video"`
	}{
		Issuer: key, Subject: p.identity, Name: p.identity, Kind: "agent", Video: grant{p.room, true, !p.subscribes, p.subscribes},
		NotBefore: now.Add(-time.Minute).Unix(), Expires: now.Add(tokenFor).Unix(),
	}
	if p.onBehalf != "" {
		claims.Attributes = map[string]string{OnBehalf: p.onBehalf}
	}
	body, err := json.Marshal(&claims)
	if err != nil {
		return "" // strings and numbers can always be encoded
	}
	encode := base64.RawURLEncoding.EncodeToString
	text := encode([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + encode(body)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(text))
	return text + "." + encode(mac.Sum(nil))
}
