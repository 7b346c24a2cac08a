package dataset

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/gioconda-live/gioconda/models/portrait"
)

// HeldOut says which people a generator was not trained on, as held_out and held_out_every in a training
// configuration do.
type HeldOut struct {
	People []string `json:"held_out"`
	Every  int      `json:"held_out_every"` // and of pairs of stills people whose number this divides; 0: none
}

// Has tells whether the people of a scene are held out.
func (h *HeldOut) Has(s *Scene) bool {
	return slices.Contains(h.People, s.Person) || s.Still && h.Every > 0 && remainder(s.Person, h.Every) == 0
}

// remainder divides the number that the digits of a name make; 0 for a name without.
func remainder(name string, by int) int {
	r := 0
	for _, c := range name {
		if c >= '0' && c <= '9' {
			r = (r*10 + int(c-'0')) % by
		}
	}
	return r
}

// HeldOutOf reads from a generator's manifest what each of its trainings left out; nil where it does not say.
func HeldOutOf(m *portrait.Manifest) []HeldOut {
	b, err := json.Marshal(m.Run)
	if err != nil { // it came from JSON
		return nil
	}
	var runs []struct {
		Config HeldOut `json:"config"`
	}
	if json.Unmarshal(b, &runs) != nil { // training is for people and may say anything
		return nil
	}
	var out []HeldOut
	for i := range runs {
		if h := runs[i].Config; len(h.People) > 0 || h.Every > 0 {
			out = append(out, h)
		}
	}
	return out
}

// KeepHeldOut leaves the scenes of people that are held out of all of rules.
func KeepHeldOut(scenes []*Scene, rules []HeldOut) []*Scene {
	return slices.DeleteFunc(slices.Clone(scenes), func(s *Scene) bool {
		return slices.ContainsFunc(rules, func(h HeldOut) bool { return !h.Has(s) })
	})
}

// Missing names the first of people of whom there is no scene, and those of whom there are clips.
func Missing(people []string, scenes []*Scene) error {
	var names []string
	for _, s := range scenes {
		if !s.Still {
			names = append(names, s.Person)
		}
	}
	slices.Sort(names)
	for _, p := range people {
		if !slices.ContainsFunc(scenes, func(s *Scene) bool { return s.Person == p }) {
			return fmt.Errorf("nobody here is called %q; there are clips of %s", p, strings.Join(slices.Compact(names), ", "))
		}
	}
	return nil
}
