package persona

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
)

const (
	// orderFile holds the IDs of a Store in their order, as a JSON list; its dot keeps it apart from personas.
	orderFile = ".order.json"
	// maxOrder bounds that file and a Reorder, in IDs.
	maxOrder = 10_000
)

// Rename gives a persona another name and leaves its ID. name is cleaned like that of a picture. Errors are *Error: builtin,
// persona_unknown, bad_name where nothing of the name can be shown, or those of Save and Load.
func (s *Store) Rename(id, name string) (*Persona, error) {
	if s.builtinByID(id) != nil {
		return nil, refuse(CodeBuiltin, "The persona %q is built in and keeps its name.", id)
	}
	name = cleanName(name)
	if name == "" {
		return nil, refuse(CodeBadName, "A name needs at least one letter that can be shown; type another.")
	}
	p, err := s.Get(id)
	if err != nil {
		return nil, err
	}
	next := *p
	next.Manifest.Name = name
	return s.Refresh(p, &next)
}

// ReadForeign reads a persona file that came from outside. Of the file only what a persona must have is taken: sections of
// other layers, which only their makers can judge, are left out; texts are cleaned and the ID is made of the name. attested
// is the answer of who brings it. Errors are those of Read.
func ReadForeign(r io.Reader, attested bool) (*Persona, error) {
	p, err := Read(r)
	if err != nil {
		return nil, err
	}
	m := &p.Manifest
	m.Name, m.Credit, m.SourceName = cleanName(m.Name), cleanText(m.Credit, maxCredit), cleanName(m.SourceName)
	if m.Name == "" {
		m.Name = nameFromFile("")
	}
	m.ID, m.Attested, m.AttestedAs = Slug(m.Name), attested, ""
	if attested {
		m.AttestedAs = Attestation
	}
	for i := range m.Warnings {
		w := &m.Warnings[i]
		w.Code, w.Message = cleanName(w.Code), cleanText(w.Message, maxCredit)
	}
	p.Sections = nil
	return p, nil
}

// Reorder makes List follow ids; those that are not there are ignored. Errors are *Error: disk_full or not_saved.
func (s *Store) Reorder(ids []string) error {
	kept := make([]string, 0, min(len(ids), maxOrder))
	for _, id := range ids {
		if validID(id) && len(kept) < maxOrder {
			kept = append(kept, id)
		}
	}
	data, err := json.Marshal(kept)
	if err != nil {
		return refuseFor(err, CodeNotSaved, "The order could not be saved: %v.", err)
	}
	s.naming.Lock()
	defer s.naming.Unlock()
	return replaceFile(filepath.Join(s.dir, orderFile), data, func(dir string) (tempFile, error) {
		return os.CreateTemp(dir, ".saving-*")
	})
}

// inOrder sorts entries as Reorder said; a file that cannot be read says nothing.
func (s *Store) inOrder(entries []Entry) []Entry {
	data, err := os.ReadFile(filepath.Join(s.dir, orderFile))
	if err != nil || len(data) > maxOrder*(maxID+3)+2 {
		return entries
	}
	var ids []string
	if json.Unmarshal(data, &ids) != nil {
		return entries
	}
	place := make(map[string]int, len(ids))
	for i, id := range ids {
		place[id] = i - len(ids) // before 0, where the others are
	}
	slices.SortStableFunc(entries, func(a, b Entry) int { return place[a.Manifest.ID] - place[b.Manifest.ID] })
	return entries
}
