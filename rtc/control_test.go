package rtc

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestEventWithoutAChannel(t *testing.T) {
	e := Events{to: &channel{}}
	if err := e.Send(1); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v, want ErrClosed", err)
	}
	if err := e.Send(func() {}); err == nil || errors.Is(err, ErrClosed) {
		t.Errorf("what is no JSON: %v", err)
	}
}

func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		v    any
		want string
	}{
		{nil, `{"id":1,"ok":true}`},
		{struct{}{}, `{"id":1,"ok":true}`},
		{(*int)(nil), `{"id":1,"ok":true}`},
		{map[string]int{"a": 2}, `{"id":1,"ok":true,"a":2}`},
		{[]int{1}, ""},
		{func() {}, ""},
	} {
		b, err := answerOK(1, c.v)
		if string(b) != c.want || (err != nil) != (c.want == "") {
			t.Errorf("%v: %s, %v", c.v, b, err)
		}
	}
}

// TestControlIsBounded: of more requests than the rate allows a few are refused in words, and the others in silence.
func TestControlIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, func(c *Config) { c.MessageRate = 20 })
		b, _, _ := s.connect(t, PeerOptions{Codec: CodecVP8})
		for round := range 2 {
			for range 40 {
				if err := b.Control.SendText(`{"id":1,"type":"ping"}`); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(time.Second)
			answered, refused := 0, 0
			for len(b.Answers) > 0 {
				if answer := <-b.Answers; strings.Contains(answer, `"ok":true`) {
					answered++
				} else if strings.Contains(answer, string(CodeTooFast)) {
					refused++
				}
			}
			if answered != 20 || refused != 5 {
				t.Errorf("round %d: of 40 requests at once %d were answered, %d refused; want 20 and 5", round, answered, refused)
			}
		}
	})
}
