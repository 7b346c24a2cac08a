package exits

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
)

// asAdmin asks a LiveKit server to do something to the room "hall".
func asAdmin(t *testing.T, port int, what string) {
	t.Helper()
	encode := base64.RawURLEncoding.EncodeToString
	text := encode([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + encode(fmt.Appendf(nil,
		`{"iss":%q,"exp":%d,"video":{"roomCreate":true,"roomAdmin":true,"room":"hall"}}`, liveKitKey, time.Now().Add(time.Minute).Unix()))
	mac := hmac.New(sha256.New, []byte(liveKitSecret))
	mac.Write([]byte(text))
	body := `{"room":"hall","identity":"portrait"}`
	q, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
		fmt.Sprintf("http://127.0.0.1:%d/twirp/livekit.RoomService/%s", port, what), strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	q.Header.Set("Content-Type", "application/json")
	q.Header.Set("Authorization", "Bearer "+text+"."+encode(mac.Sum(nil)))
	p, err := http.DefaultClient.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = p.Body.Close() }()
	if said, _ := io.ReadAll(p.Body); p.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %s", what, p.StatusCode, said)
	}
}

// TestRealLiveKitRoomCloses in mid-stream, or shows us out: that is said, and tried again, which opens the room anew.
func TestRealLiveKitRoomCloses(t *testing.T) {
	testenv.Long(t)
	port, _ := liveKit(t)
	reports, end := follow(t, liveKitURL(port), Options{Bearer: liveKitKey + ":" + liveKitSecret})
	await(t, reports, Live)
	for _, what := range []string{"RemoveParticipant", "DeleteRoom"} {
		asAdmin(t, port, what)
		begin := time.Now()
		all := await(t, reports, Waiting)
		if text := all[len(all)-1].Message; text != "The connection to the endpoint was lost." {
			t.Errorf("%s: it says %q", what, text)
		}
		said := time.Since(begin)
		await(t, reports, Live)
		t.Logf("%s: said after %.1f s, live again after %.1f", what, said.Seconds(), time.Since(begin).Seconds())
	}
	if err := end(); err != nil {
		t.Error(err)
	}
}
