package portrait

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"

	"github.com/gioconda-live/gioconda/models/persona"
)

// Appearance is what a Model knows of one persona. It is immutable and may be shared by Painters of the same Model.
type Appearance struct {
	persona *persona.Persona
	parts   []*features
	tuned   bool
}

// Tuned tells that a was made to paint over what a persona's further views add, not under it.
func (a *Appearance) Tuned() bool { return a.tuned }

// These begin the names of a persona's sections that hold appearances; models/persona/FORMAT.md describes them.
const (
	sectionPrefix = "appearance."
	tunedPrefix   = "tuned."
)

// Section names the part of a persona file that keeps what this generator's encoders found: by their hash, so that other
// generators keep theirs beside it and new weights never read old features.
func (m *Model) Section() string { return sectionPrefix + hex.EncodeToString(m.identity[:6]) }

// TunedSection is Section for what was tuned, which depends on the generator's networks too.
func (m *Model) TunedSection() string { return tunedPrefix + hex.EncodeToString(m.tunedBy[:6]) }

// identities are hashes of all that an Appearance depends on, and of all that one depends on that was tuned.
func (m *Manifest) identities() (plain, tuned [32]byte) {
	plain = m.identity()
	b := plain[:]
	for i := range m.Parts {
		b = append(b, m.Parts[i].Generator.SHA256...)
	}
	return plain, sha256.Sum256(b)
}

// identity is the first of identities.
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
// there; p itself where it is there already, or a is tuned and so not what the encoders found. It does not change p.
func (m *Model) Keep(p *persona.Persona, a *Appearance) *persona.Persona {
	if a.tuned || m.kept(p, false) != nil {
		return p
	}
	out := without(p, sectionPrefix, m.Manifest.Name)
	out.Sections[m.Section()] = m.encode(a)
	return out
}

// KeepTuned returns p with a as what was tuned for it, beside the plain appearance and in place of what this generator had tuned
// before; nil: without. From then on Appearance gives it, as long as Others stay what they are (Untuned). It does not change p.
func (m *Model) KeepTuned(p *persona.Persona, a *Appearance) *persona.Persona {
	out := without(p, tunedPrefix, m.Manifest.Name)
	if a != nil {
		tuned := *a
		tuned.tuned = true
		out.Sections[m.TunedSection()] = m.encode(&tuned)
	}
	return out
}

// Untuned returns p without what any generator was tuned to; p itself where that is nothing. It is for who changes p's views: what was
// tuned paints over what those add. It does not change p.
func Untuned(p *persona.Persona) *persona.Persona {
	for name := range p.Sections {
		if strings.HasPrefix(name, tunedPrefix) {
			return without(p, tunedPrefix, "")
		}
	}
	return p
}

// without is a copy of p, with sections of its own, that lacks those that begin with prefix and are of a generator; "": of any.
func without(p *persona.Persona, prefix, generator string) *persona.Persona {
	out := *p
	out.Sections = map[string][]byte{}
	for name, b := range p.Sections {
		if !strings.HasPrefix(name, prefix) || generator != "" && generatorOf(b) != generator {
			out.Sections[name] = b
		}
	}
	return &out
}

// kept reads the appearance that p keeps of this generator; nil if there is none, or it is not what it should be.
func (m *Model) kept(p *persona.Persona, tuned bool) *Appearance {
	name := m.Section()
	if tuned {
		name = m.TunedSection()
	}
	b, ok := p.Sections[name]
	if !ok {
		return nil
	}
	a, err := m.decode(b, tuned)
	if err != nil {
		return nil
	}
	a.persona = p
	return a
}

func (m *Model) identityOf(tuned bool) *[32]byte {
	if tuned {
		return &m.tunedBy
	}
	return &m.identity
}

// encode lays out a section: version, the generator's name, the hash, then for each part each output's numbers or bytes.
func (m *Model) encode(a *Appearance) []byte {
	le := binary.LittleEndian
	b := le.AppendUint16(nil, appearanceVersion)
	name := m.Manifest.Name[:min(len(m.Manifest.Name), 255)]
	b = append(append(b, byte(len(name))), name...)
	b = append(b, m.identityOf(a.tuned)[:]...)
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
func (m *Model) decode(b []byte, tuned bool) (*Appearance, error) {
	identity := m.identityOf(tuned)
	if len(b) < 3 || len(b) < 3+int(b[2])+len(identity) || binary.LittleEndian.Uint16(b) != appearanceVersion {
		return nil, errSection
	}
	b = b[3+int(b[2]):]
	if [32]byte(b) != *identity {
		return nil, errSection
	}
	b = b[len(identity):]
	a := &Appearance{tuned: tuned}
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
