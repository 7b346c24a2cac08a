package live

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gioconda-live/gioconda/cmd/internal/compositor"
	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/configs"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/rtc/signalling"
)

// TestNewWeightsAreKept: a stored persona without what the generator's encoders find in it gets it with the first session,
// in its file too; one that cannot be written is shown all the same, and the log says why it is not kept.
func TestNewWeightsAreKept(t *testing.T) {
	d := openServer(t, engine.Small)
	var log lockedBuffer
	d.cache.Close()
	d.cache = compositor.NewCache(d.o.Engine.Mesh, d.engine.Model, refresher(d.host.store, slog.New(slog.NewTextHandler(&log, nil))))
	d.host.subjects = d.cache
	lisa, err := d.host.persona("mona-lisa")
	if err != nil {
		t.Fatal(err)
	}
	stale := *lisa
	stale.Manifest.ID = "ann"
	stale.Sections = map[string][]byte{"other": []byte("of another layer")}
	if _, err := d.host.store.Add(&stale); err != nil {
		t.Fatal(err)
	}
	show := func() {
		t.Helper()
		s, err := d.host.Open(t.Context(), signalling.OpenOptions{Persona: "ann"})
		if err != nil {
			t.Fatal(err)
		}
		if st := s.(*session); st.faults.Load() > 0 || st.Info().Generator != engine.Small {
			t.Errorf("%d faults, %+v", st.faults.Load(), st.Info())
		}
		s.Close()
	}
	file := filepath.Join(d.o.Config.Gallery.Dir, "ann"+persona.Extension)
	section := d.engine.Model.Section()
	for range 2 {
		show()
		p, err := persona.Load(file)
		if err != nil || len(p.Sections[section]) == 0 || len(p.Sections["other"]) == 0 {
			t.Fatalf("the file has the sections %v, %v", p.Sections, err)
		}
	}
	if n := d.cache.Prepared(); n != 1 {
		t.Errorf("%d personas are ready; the one that was written was made ready again", n)
	}
	if said := log.String(); said != "" {
		t.Errorf("said %s", said)
	}
	// Gone between looking for it and looking at it.
	if err = stale.Save(file); err != nil {
		t.Fatal(err)
	}
	p, err := d.host.persona("ann")
	if err != nil {
		t.Fatal(err)
	}
	if err = os.Remove(file); err != nil {
		t.Fatal(err)
	}
	sub, err := d.cache.Open(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Close()
	if said := log.String(); sub.Painter() == nil || strings.Count(said, "not kept") != 1 || !strings.Contains(said, "persona=ann") {
		t.Errorf("said %q", said)
	}
}

// TestPaintings: those that come with the program stand in the gallery, with their painters, and can be left out.
func TestPaintings(t *testing.T) {
	d := openServer(t, engine.MeshOnly)
	all := d.web.Personas.List()
	if len(all) != len(configs.Paintings()) {
		t.Fatalf("%d personas, want %d", len(all), len(configs.Paintings()))
	}
	for i, p := range configs.Paintings() {
		if all[i].Name != p.Name || all[i].Credit != p.Credit || !all[i].Builtin {
			t.Errorf("persona %d is %+v, want %s, %s", i+1, all[i], p.Name, p.Credit)
		}
	}
	if few, err := d.o.Maker.Paintings(t.Context(), false); err != nil || len(few) != 1 || few[0].Manifest.Name != "Mona Lisa" {
		t.Errorf("without the others: %d, %v", len(few), err)
	}
}
