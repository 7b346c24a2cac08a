package rtc

import (
	"encoding/json"
	"testing"
)

func FuzzControl(f *testing.F) {
	for _, s := range []string{
		`{"id":7,"type":"ping","t":1.5}`, `{"id":7,"type":"settings","mirror":true}`, `{"id":"7"}`, `{"type":"x"}`, ``,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, e := parseControl(b)
		if e == nil && (r.ID == nil || r.Type == "") {
			t.Errorf("accepted %+v", r)
		}
		if e != nil && !json.Valid(answerError(r.ID, e)) {
			t.Errorf("the refusal is no JSON: %s", answerError(r.ID, e))
		}
		if e == nil && r.Type == "ping" && len(r.T) > 0 && !json.Valid(r.T) {
			t.Errorf("echo of %s", r.T)
		}
	})
}
