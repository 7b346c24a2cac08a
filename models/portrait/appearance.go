package portrait

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/gioconda-live/gioconda/models/persona"
)

// Appearance is what a Model knows of one persona. It is immutable and may be shared by Painters of the same Model.
type Appearance struct {
	persona *persona.Persona
	parts   []*features
}

// sectionPrefix begins the names of a persona's sections that hold appearances; models/persona/FORMAT.md describes them.
const sectionPrefix = "appearance."

// Section names the part of a persona file that keeps what this generator's encoders found: by their hash, so that other
// generators keep theirs beside it and new weights never read old features.
func (m *Model) Section() string { return sectionPrefix + hex.EncodeToString(m.identity[:6]) }

// identity is a hash of all that an Appearance depends on.
func (m *Manifest) identity() [32]byte {
	type look struct {
		Kind    string
		Region  Region
		Maps    int
		Encoder string
	}
	var all []look
	for i := range m.Parts {
		p := &m.Parts[i]
		all = append(all, look{p.Kind, p.Region, p.Maps, p.Encoder.SHA256})
	}
	b, err := json.Marshal(all)
	if err != nil { // numbers in a checked manifest are finite
		b = nil
	}
	return sha256.Sum256(b)
}

const appearanceVersion = 1

// Keep returns p with its appearance in a section of its own, in place of what an older state of this generator left
// there; p itself where it is there already. It does not change p.
func (m *Model) Keep(p *persona.Persona, a *Appearance) *persona.Persona {
	if m.kept(p) != nil {
		return p
	}
	out := *p
	out.Sections = maps.Clone(p.Sections)
	if out.Sections == nil {
		out.Sections = map[string][]byte{}
	}
	for name, b := range p.Sections {
		if strings.HasPrefix(name, sectionPrefix) && generatorOf(b) == m.Manifest.Name {
			delete(out.Sections, name)
		}
	}
	out.Sections[m.Section()] = m.encode(a)
	return &out
}

// kept reads the appearance that p keeps of this generator; nil if there is none, or it is not what it should be.
func (m *Model) kept(p *persona.Persona) *Appearance {
	b, ok := p.Sections[m.Section()]
	if !ok {
		return nil
	}
	a, err := m.decode(b)
	if err != nil {
		return nil
	}
	a.persona = p
	return a
}

// encode lays out a section: version, the generator's name, the encoders' hash, then for each part each output's numbers or bytes.
func (m *Model) encode(a *Appearance) []byte {
	le := binary.LittleEndian
	b := le.AppendUint16(nil, appearanceVersion)
	name := m.Manifest.Name[:min(len(m.Manifest.Name), 255)]
	b = append(append(b, byte(len(name))), name...)
	b = append(b, m.identity[:]...)
	for _, f := range a.parts {
		for _, v := range f.values {
			b = le.AppendUint32(b, uint32(len(v.floats)+len(v.bytes))) // one of them is empty
			for _, x := range v.floats {
				b = le.AppendUint32(b, math.Float32bits(x))
			}
			b = append(b, v.bytes...)
		}
	}
	return b
}

// generatorOf reads the name that encode wrote, or "".
func generatorOf(b []byte) string {
	if len(b) < 3 || len(b) < 3+int(b[2]) || binary.LittleEndian.Uint16(b) != appearanceVersion {
		return ""
	}
	return string(b[3 : 3+int(b[2])])
}

var errSection = errors.New("portrait: the section holds no appearance of this generator")

// decode reads what encode wrote; sizes are those of the encoders, so nothing is allocated that they do not ask for.
func (m *Model) decode(b []byte) (*Appearance, error) {
	if len(b) < 3 || len(b) < 3+int(b[2])+len(m.identity) || binary.LittleEndian.Uint16(b) != appearanceVersion {
		return nil, errSection
	}
	b = b[3+int(b[2]):]
	if [32]byte(b) != m.identity {
		return nil, errSection
	}
	b = b[len(m.identity):]
	a := &Appearance{}
	for _, q := range m.parts {
		f := &features{}
		for i := range q.encoder.values {
			v, rest, err := q.encoder.values[i].decode(b)
			if err != nil {
				return nil, err
			}
			f.values, b = append(f.values, v), rest
		}
		a.parts = append(a.parts, f)
	}
	if len(b) != 0 || len(a.parts) == 0 {
		return nil, errSection
	}
	return a, nil
}

// decode reads as many values as like has from b, and gives what follows.
func (like *values) decode(b []byte) (v values, rest []byte, err error) {
	n, m := len(like.floats), len(like.bytes)
	if len(b) < 4+4*n+m || binary.LittleEndian.Uint32(b) != uint32(n+m) {
		return v, nil, errSection
	}
	b = b[4:]
	if m > 0 {
		return values{bytes: slices.Clone(b[:m])}, b[m:], nil
	}
	v.floats = make([]float32, n)
	for i := range v.floats {
		v.floats[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	if !finite(v.floats) {
		return v, nil, errSection
	}
	return v, b[4*n:], nil
}
