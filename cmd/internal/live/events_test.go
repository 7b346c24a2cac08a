package live

import (
	"encoding/json"
	"testing"

	"github.com/gioconda-live/gioconda/pipeline/drive"
	"github.com/gioconda-live/gioconda/pipeline/retarget"
)

// What a browser hears is in the protocol, word for word.
func TestEventsAreAsTheProtocolSays(t *testing.T) {
	for _, c := range []struct {
		notice drive.Notice
		want   string
	}{
		{drive.Notice{Event: retarget.EventFound}, `{"event":"found"}`},
		{drive.Notice{Event: retarget.EventLost}, `{"event":"lost"}`},
		{drive.Notice{Event: retarget.EventNeutral}, `{"auto":true,"event":"calibrated"}`},
		{drive.Notice{Event: retarget.EventCalibrated}, `{"auto":false,"event":"calibrated"}`},
		{drive.Notice{Event: retarget.EventDrift, Degrees: 6.1234}, `{"degrees":6.1,"event":"drift"}`},
		{drive.Notice{Event: retarget.EventAnchored}, `{"event":"anchored"}`},
		{drive.Notice{Event: retarget.EventPerson}, `{"event":"person"}`},
	} {
		b, err := json.Marshal(eventOf(c.notice))
		if err != nil || string(b) != c.want {
			t.Errorf("%v: %s, %v; want %s", c.notice.Event, b, err, c.want)
		}
	}
}
