package persona

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// filled is a store with the built-in Mona Lisa and these, the oldest first.
func filled(t *testing.T, names ...string) *Store {
	t.Helper()
	s := openStore(t)
	for i, name := range names {
		p := tinyPersona(name)
		p.Manifest.Created = aDay().Add(time.Duration(i) * time.Minute)
		if _, err := s.Add(p); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func TestRename(t *testing.T) {
	s := filled(t, "ann")
	before, err := s.Get("ann")
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.Rename("ann", " Änn\x00\n of  Cleves ")
	if err != nil || p.Manifest.Name != "Änn of Cleves" || p.Manifest.ID != "ann" {
		t.Fatalf("%+v, %v", p, err)
	}
	if before.Manifest.Name == p.Manifest.Name {
		t.Error("what sessions share was written to")
	}
	again, err := OpenStore(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	if e, problems := again.List(); len(problems) > 0 || e[0].Manifest.Name != "Änn of Cleves" {
		t.Errorf("the file says %+v, %v", e, problems)
	}
	for id, want := range map[string]string{"mona-lisa": CodeBuiltin, "bob": CodeUnknown, "../ann": CodeUnknown} {
		if _, err := s.Rename(id, "X"); code(err) != want {
			t.Errorf("%s: %v, want %s", id, err, want)
		}
	}
	if _, err := s.Rename("ann", "\x00 \u200b"); code(err) != CodeBadName {
		t.Errorf("a name that nobody can see: %v", err)
	}
}

func TestReorder(t *testing.T) {
	s := filled(t, "ann", "bob", "cleo")
	order := func(want ...string) {
		t.Helper()
		e, problems := s.List()
		if got := ids(e); !slices.Equal(got, want) || len(problems) > 0 {
			t.Errorf("%v, %v; want %v", got, problems, want)
		}
	}
	order("mona-lisa", "ann", "bob", "cleo")
	for _, tc := range []struct{ give, want []string }{
		{[]string{"cleo", "mona-lisa", "ann", "bob"}, []string{"cleo", "mona-lisa", "ann", "bob"}},
		{[]string{"bob"}, []string{"bob", "mona-lisa", "ann", "cleo"}},
		{[]string{"gone", "../x", "bob", "bob", "ann"}, []string{"bob", "ann", "mona-lisa", "cleo"}},
		{nil, []string{"mona-lisa", "ann", "bob", "cleo"}},
	} {
		if err := s.Reorder(tc.give); err != nil {
			t.Fatal(err)
		}
		order(tc.want...)
	}
	for _, junk := range []string{"no JSON", `{"a":1}`, `[1,2]`} {
		if err := os.WriteFile(filepath.Join(s.dir, orderFile), []byte(junk), 0o600); err != nil {
			t.Fatal(err)
		}
		order("mona-lisa", "ann", "bob", "cleo")
	}
}

// TestReadForeign: of a file that somebody else made only what every persona has is taken, and its texts can be shown.
func TestReadForeign(t *testing.T) {
	p := tinyPersona("mona-lisa")
	p.Manifest.Name = "Eve\x1b[31m\u202e" + strings.Repeat("x", 300)
	p.Manifest.Credit = "a\nb" + strings.Repeat("y", 5000)
	p.Manifest.Warnings = []Warning{{Code: "dark", Message: "<b>\x00" + strings.Repeat("z", 5000)}}
	p.Manifest.Attested, p.Manifest.AttestedAs = true, "somebody else ticked"
	p.Sections = map[string][]byte{"other": []byte("weights of mine")}
	var b bytes.Buffer
	if err := p.Write(&b); err != nil {
		t.Fatal(err)
	}
	got, err := ReadForeign(&b, false)
	if err != nil {
		t.Fatal(err)
	}
	m := got.Manifest
	if !validID(m.ID) || m.ID == p.Manifest.ID || m.Attested || m.AttestedAs != "" || got.Sections != nil {
		t.Errorf("taken over: %q, %v %q, %v", m.ID, m.Attested, m.AttestedAs, got.Sections)
	}
	for _, text := range []string{m.Name, m.Credit, m.Warnings[0].Message} {
		if text == "" || utf8.RuneCountInString(text) > maxCredit || strings.ContainsAny(text, "\x00\x1b\n\u202e") {
			t.Errorf("cannot be shown: %.40q, %d runes", text, utf8.RuneCountInString(text))
		}
	}
	for name, data := range map[string][]byte{"none": nil, "a picture": []byte("\x89PNG\r\n\x1a\n"), "zeros": make([]byte, 1000)} {
		if _, err := ReadForeign(bytes.NewReader(data), true); code(err) != CodeCorrupted {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestForeignFileIsKept: what was exported comes back under an ID of its own, with the answer of who brought it.
func TestForeignFileIsKept(t *testing.T) {
	s := filled(t, "ann")
	f, err := s.File("ann")
	if err != nil {
		t.Fatal(err)
	}
	closing(t, f.Close)
	p, err := ReadForeign(f, true)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := s.Add(p)
	if err != nil {
		t.Fatal(err)
	}
	if m := kept.Manifest; m.ID == "ann" || !m.Attested || m.AttestedAs != Attestation {
		t.Errorf("%+v", m)
	}
}
