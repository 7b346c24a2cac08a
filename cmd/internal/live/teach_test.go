package live

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/configs"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/web"
)

// TestTeach: pictures that were sent become one persona in the gallery, under no name of a file; work that is cancelled, at
// whichever turn, leaves nothing there.
func TestTeach(t *testing.T) {
	d := openServer(t, engine.Small)
	api := &personaAPI{store: d.host.store, maker: d.o.Maker, networks: d.o.Networks, model: d.engine.Model, log: d.o.Log}
	lisa := configs.MonaLisa().Picture
	pictures := []web.Picture{{Name: "secret.png", Data: lisa}, {Name: "again.png", Data: lisa}, {Name: "text", Data: []byte("no picture")}}
	turns := 0
	teach := func(most int) (web.Taught, error) {
		turns = 0
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		return api.Teach(ctx, &web.Teaching{Name: "Ann", Attested: true, Pictures: pictures}, func(work func() error) error {
			if turns++; turns > most {
				cancel()
				return ctx.Err()
			}
			return work()
		}, func(float64, string) {})
	}
	files := func() (names []string) {
		entries, err := os.ReadDir(d.o.Config.Gallery.Dir)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		for _, e := range entries {
			names = append(names, e.Name())
		}
		return names
	}
	before := len(files())
	made, err := teach(1000)
	if err != nil {
		t.Fatal(err)
	}
	var uses []string
	for _, j := range made.Pictures {
		uses = append(uses, j.Use)
	}
	if !slices.Contains(uses, web.UseFace) || uses[2] != web.UseNone || made.Persona.Name != "Ann" || len(files()) != before+1 {
		t.Errorf("%+v, files %v", made, files())
	}
	kept, err := os.ReadFile(filepath.Join(d.o.Config.Gallery.Dir, made.Persona.ID+persona.Extension))
	if err != nil || bytes.Contains(kept, []byte("secret.png")) {
		t.Errorf("the file tells what the picture was called, %v", err)
	}
	importViews(t, api, d.o.Config.Gallery.Dir, made.Persona.ID)
	before++
	all := turns
	for _, most := range []int{1, all - 1} {
		if _, err := teach(most); !errors.Is(err, context.Canceled) || len(files()) != before+1 {
			t.Errorf("cancelled at turn %d of %d: %v, files %v", most, all, err, files())
		}
	}
}

// importViews sends a file with further views, as another gallery gives it: they are kept.
func importViews(t *testing.T, api *personaAPI, dir, id string) {
	t.Helper()
	p, err := api.store.Get(id)
	if err != nil {
		t.Fatal(err)
	}
	several := *p
	several.Others = []persona.View{p.View, p.View}
	several.Others[0].Full, several.Others[1].Full = nil, nil
	var file bytes.Buffer
	if err := several.Write(&file); err != nil {
		t.Fatal(err)
	}
	made, err := api.Import(&file, true)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := persona.Load(filepath.Join(dir, made.ID+persona.Extension))
	if err != nil || len(kept.Others) != 2 || !bytes.Equal(kept.Others[1].Crop.Pix, p.Crop.Pix) {
		t.Errorf("%v: %d further views are kept of 2", err, len(kept.Others))
	}
}
