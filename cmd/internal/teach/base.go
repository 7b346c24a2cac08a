package teach

import (
	"fmt"

	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

// hold takes the views that a persona has already, the one that is shown first: whatever comes is judged by that one, and none of them
// is left out but for better ones.
func (c *contact) hold(p *persona.Persona) error {
	if p == nil {
		return nil
	}
	for i := range len(p.Others) + 1 {
		v, name := &p.View, p.Manifest.Name
		if i > 0 {
			v, name = &p.Others[i-1], fmt.Sprintf("view %d of %s", i+1, p.Manifest.Name)
		}
		one := landmark.Sample{Score: 1}
		for k, q := range v.Face.Points {
			one.Points[k] = v.Face.Head.Apply(q)
		}
		if err := c.add(-1, name, v.Crop, &one); err != nil {
			return err
		}
		s := &c.seen[i]
		s.view = v
		s.out("", "")
	}
	c.held = len(c.seen)
	return nil
}

// join makes the persona of what was chosen: the one that is shown, and behind it what it knew and what was built. What a generator was
// tuned to stays behind: that was on other views.
func (c *contact) join(numbers []int, built map[int]*persona.Persona) (out *persona.Persona, from []int) {
	out = built[numbers[0]]
	if base := c.options.Base; base != nil {
		known := *portrait.Untuned(base)
		known.Others, known.Behind = nil, nil
		known.Manifest.Attested = base.Manifest.Attested && c.options.Persona.Attested
		if !known.Manifest.Attested {
			known.Manifest.AttestedAs = ""
		}
		out = &known
	}
	for _, n := range numbers[1:] {
		v := c.seen[n].view
		if p := built[n]; p != nil {
			v = &p.View
		}
		if v != nil {
			out.Others = append(out.Others, *v)
			from = append(from, n)
		}
	}
	return out, from
}
