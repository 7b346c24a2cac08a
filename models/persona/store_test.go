package persona

import (
	"bytes"
	"fmt"
	"image/jpeg"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"
)

func openStore(t *testing.T) *Store {
	t.Helper()
	s, err := OpenStore(filepath.Join(t.TempDir(), "new", "personas"), tinyPersona("mona-lisa"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func ids(entries []Entry) (out []string) {
	for _, e := range entries {
		out = append(out, e.Manifest.ID)
	}
	return out
}

func TestStore(t *testing.T) {
	s := openStore(t)
	for i, want := range []string{"mona-lisa-2", "zoe", "zoe-2", "anna"} {
		p := tinyPersona([]string{"mona-lisa", "zoe", "zoe", "anna"}[i])
		p.Manifest.Created = aDay().Add(time.Duration(i) * time.Minute)
		kept, err := s.Add(p)
		if err != nil || kept.Manifest.ID != want {
			t.Fatalf("%v, %v; want %s", kept, err, want)
		}
	}
	entries, problems := s.List()
	if want := []string{"mona-lisa", "mona-lisa-2", "zoe", "zoe-2", "anna"}; !slices.Equal(ids(entries), want) || len(problems) > 0 {
		t.Errorf("%v, %v; want %v", ids(entries), problems, want)
	}
	if !entries[0].Builtin || entries[1].Builtin {
		t.Error("only the first is built in")
	}
	a, err := s.Get("zoe-2")
	if err != nil || a.Manifest.ID != "zoe-2" {
		t.Fatal(err)
	}
	if b, err := s.Get("zoe-2"); err != nil || a != b {
		t.Error("not shared", err)
	}
	for _, id := range []string{"mona-lisa", "zoe"} {
		f, err := s.File(id)
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(f)
		if err != nil || f.Close() != nil {
			t.Fatal(err)
		}
		if p, err := Read(bytes.NewReader(data)); err != nil || p.Manifest.Name != "Tiny" {
			t.Error(id, err)
		}
	}
	for id, want := range map[string]string{"mona-lisa": CodeBuiltin, "zoe": "", "nobody": CodeUnknown, "../zoe-2": CodeUnknown, "": CodeUnknown} {
		if err := s.Delete(id); code(err) != want {
			t.Errorf("deleting %q: %v, want %q", id, err, want)
		}
	}
	for id, want := range map[string]string{"mona-lisa": "", "zoe": CodeUnknown, "../anna": CodeUnknown, "a/b": CodeUnknown, "anna": ""} {
		if _, err := s.Get(id); code(err) != want {
			t.Errorf("getting %q: %v, want %q", id, err, want)
		}
	}
}

// TestAddedIsAtHand: what was added is shared as it is, and not read back from the disk, while its file stays the same.
func TestAddedIsAtHand(t *testing.T) {
	s := openStore(t)
	kept, err := s.Add(tinyPersona("zoe"))
	if err != nil {
		t.Fatal(err)
	}
	if p, err := s.Get("zoe"); err != nil || p != kept {
		t.Errorf("the file was read again: %v", err)
	}
	if err := os.Chtimes(s.path("zoe"), time.Time{}, aDay()); err != nil {
		t.Fatal(err)
	}
	if p, err := s.Get("zoe"); err != nil || p == kept || p.Manifest.ID != "zoe" {
		t.Errorf("a file that somebody touched was not read: %v", err)
	}
	for range 2 * cacheSize {
		if _, err := s.Add(tinyPersona("zoe")); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.cache) != cacheSize {
		t.Errorf("%d personas are kept in memory, want %d", len(s.cache), cacheSize)
	}
}

// TestRefresh: a changed copy takes the file's place, unless the file is no longer the one that was read.
func TestRefresh(t *testing.T) {
	s := openStore(t)
	if _, err := s.Add(tinyPersona("zoe")); err != nil {
		t.Fatal(err)
	}
	get := func(id string) *Persona {
		t.Helper()
		p, err := s.Get(id)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	with := func(p *Persona, text string) *Persona {
		next := *p
		next.Sections = map[string][]byte{"look": []byte(text)}
		return &next
	}
	old := get("zoe")
	next := with(old, "one")
	if kept, err := s.Refresh(old, next); err != nil || kept != next || get("zoe") != next || old.Sections["look"] != nil {
		t.Errorf("%v; Get does not return what was saved", err)
	}
	if p, err := Load(s.path("zoe")); err != nil || string(p.Sections["look"]) != "one" {
		t.Errorf("the file holds %v, %v", p, err)
	}
	if kept, err := s.Refresh(old, with(old, "late")); err != nil || kept != next {
		t.Errorf("%v; who comes late gets something else than what is there", err)
	}
	if err := with(next, "two").Save(s.path("zoe")); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(s.path("zoe"), time.Time{}, aDay()); err != nil {
		t.Fatal(err)
	}
	if kept, err := s.Refresh(next, with(next, "three")); err != nil || string(kept.Sections["look"]) != "two" {
		t.Errorf("%v; what somebody else saved is gone", err)
	}
	lisa := get("mona-lisa")
	if kept, err := s.Refresh(lisa, with(lisa, "one")); err != nil || kept != lisa {
		t.Errorf("a built-in persona: %v", err)
	}
	now := get("zoe")
	if err := s.Delete("zoe"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Refresh(now, with(now, "four")); code(err) != CodeUnknown {
		t.Errorf("a persona that was deleted: %v", err)
	}
	if _, err := os.Stat(s.path("zoe")); !os.IsNotExist(err) {
		t.Error("it is back")
	}
}

func TestStoreSkipsBadFiles(t *testing.T) {
	s := openStore(t)
	if _, err := s.Add(tinyPersona("good")); err != nil {
		t.Fatal(err)
	}
	good := fileOf(t, tinyPersona("x"))
	broken := bytes.Clone(good)
	broken[len(broken)-1]++
	for name, data := range map[string][]byte{
		"short.persona": good[:200], "noise.persona": []byte("noise"), "Bad Name.persona": good, "mona-lisa.persona": good,
		"broken.persona": broken, "notes.txt": nil, ".saving-123": good[:300],
	} {
		if err := os.WriteFile(filepath.Join(s.dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(s.dir, "folder.persona"), 0o755); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time from memory
		entries, problems := s.List()
		// A wrong byte beyond the manifest shows only when the file is loaded.
		if got := ids(entries); len(got) != 3 || !slices.Contains(got, "good") || !slices.Contains(got, "broken") {
			t.Error(got)
		}
		if len(problems) != 4 {
			t.Errorf("%d problems: %v", len(problems), problems)
		}
		for _, p := range problems {
			if code(p.Err) == "" || p.Path == "" {
				t.Error(p)
			}
		}
	}
	if _, err := s.Get("broken"); code(err) != CodeCorrupted {
		t.Error(err)
	}
	if _, err := s.Get("short"); code(err) != CodeTruncated {
		t.Error(err)
	}
	// Put right from outside: noticed.
	if err := tinyPersona("broken").Save(filepath.Join(s.dir, "broken.persona")); err != nil {
		t.Fatal(err)
	}
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(filepath.Join(s.dir, "broken.persona"), later, later); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get("broken"); err != nil {
		t.Error(err)
	}
}

func TestStoreTogether(t *testing.T) {
	s := openStore(t)
	var group sync.WaitGroup
	var mu sync.Mutex
	added := map[string]bool{}
	for range 20 {
		group.Go(func() {
			p, err := s.Add(tinyPersona("same"))
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			added[p.Manifest.ID] = true
			mu.Unlock()
			if _, err := s.Get(p.Manifest.ID); err != nil {
				t.Error(err)
			}
			if _, err := s.Get("same"); err != nil && code(err) != CodeUnknown {
				t.Error(err)
			}
			s.List()
		})
	}
	group.Wait()
	if len(added) != 20 {
		t.Errorf("%d names for 20 personas", len(added))
	}
	if entries, problems := s.List(); len(entries) != 21 || len(problems) > 0 {
		t.Error(len(entries), problems)
	}
	if len(s.cache) > cacheSize {
		t.Errorf("%d personas are kept", len(s.cache))
	}
}

func TestThumbnail(t *testing.T) {
	p := tinyPersona("tiny")
	for edge, want := range map[int]int{-5: 32, 32: 32, 100: 100, 5000: 1024} {
		data, err := p.Thumbnail(edge)
		if err != nil {
			t.Fatal(err)
		}
		c, err := jpeg.DecodeConfig(bytes.NewReader(data))
		if err != nil || c.Width != want || c.Height != want {
			t.Errorf("%d: %+v, %v", edge, c, err)
		}
	}
}

func TestNames(t *testing.T) {
	for name, want := range map[string]string{
		"Mona Lisa": "mona-lisa", "  Zoë  & Élodie!! ": "zoe-elodie", "Größe": "grosse", "日本": "persona", "": "persona",
		"../../etc/passwd": "etc-passwd", "O'Hara": "ohara", "A__b--c": "a-b-c", "---": "persona",
	} {
		if got := Slug(name); got != want || !validID(got) {
			t.Errorf("Slug(%q) is %q, want %q", name, got, want)
		}
	}
	if got := Slug(fmt.Sprint(make([]int, 200))); len(got) > 50 || !validID(got) {
		t.Error(got)
	}
	for file, want := range map[string]string{
		"": "Portrait", "mona-lisa.jpg": "Mona lisa", "/tmp/a_b.png": "A b", ".png": "Portrait", "x\x00\n\u202ey.jpg": "X y",
	} {
		if got := nameFromFile(file); got != want {
			t.Errorf("nameFromFile(%q) is %q, want %q", file, got, want)
		}
	}
}
