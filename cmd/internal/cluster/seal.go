package cluster

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// errForged says that something was not made by a node of this cluster, or for another purpose.
var errForged = errors.New("it does not bear this cluster's seal; do all nodes have the same cluster.secret?")

// sealer marks what nodes say to each other. The key is made of the secret that all of them share.
type sealer struct{ key []byte }

func newSealer(secret string) sealer { return sealer{derive(secret, "seal")} }

// derive makes of a secret one for a purpose, from which the secret cannot be told.
func derive(secret, purpose string) []byte {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte("gioconda cluster " + purpose))
	return h.Sum(nil)
}

// macLetters is the length of a MAC as text.
const macLetters = 43

func (s sealer) mac(purpose, text string) string {
	h := hmac.New(sha256.New, s.key)
	h.Write([]byte(purpose + "\n" + text))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

// seal writes v as JSON behind its MAC. What was sealed for one purpose is nothing for another.
func (s sealer) seal(purpose string, v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return []byte(s.mac(purpose, string(b)) + string(b)), nil
}

// open reads into v what seal has written, of at most most bytes. It fails with errForged, or where it is no such JSON.
func (s sealer) open(purpose string, b []byte, most int, v any) error {
	if len(b) > most {
		return fmt.Errorf("it has %d bytes, more than %d", len(b), most)
	}
	if len(b) < macLetters {
		return errForged
	}
	if text := string(b[macLetters:]); !hmac.Equal([]byte(s.mac(purpose, text)), b[:macLetters]) {
		return errForged
	}
	return json.Unmarshal(b[macLetters:], v)
}

// pass is seal in letters that stand in a header, a subprotocol and a URL; openPass is its reverse.
func (s sealer) pass(purpose string, v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	text := base64.RawURLEncoding.EncodeToString(b)
	return text + "." + s.mac(purpose, text), nil
}

func (s sealer) openPass(purpose, pass string, v any) error {
	text, mac, found := strings.Cut(pass, ".")
	if !found || len(pass) > maxPass || !hmac.Equal([]byte(s.mac(purpose, text)), []byte(mac)) {
		return errForged
	}
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, v)
}

// maxPass is how many letters a pass may have.
const maxPass = 2 << 10
