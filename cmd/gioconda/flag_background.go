package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/gioconda-live/gioconda/cmd/internal/files"
	"github.com/gioconda-live/gioconda/cmd/internal/imaging"
	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/pipeline/retarget"
)

// backgroundFor reads --background: a mode, a colour, or the path of a picture.
func backgroundFor(ctx context.Context, value string) (mesh.Background, error) {
	switch value {
	case "original":
		return mesh.Background{Mode: mesh.BackgroundOriginal}, nil
	case "blur":
		return mesh.Background{Mode: mesh.BackgroundBlur}, nil
	case "green":
		value = "#00b140" // what chroma keys expect
	}
	if strings.HasPrefix(value, "#") {
		c, ok := imaging.ParseColour(value)
		if !ok {
			return mesh.Background{}, fmt.Errorf("--background %q: write a colour as #rrggbb", value)
		}
		return mesh.Background{Mode: mesh.BackgroundColour, Colour: c}, nil
	}
	pic, err := files.DecodePicture(ctx, value)
	if errors.Is(err, fs.ErrNotExist) {
		return mesh.Background{}, fmt.Errorf("--background %q: use original, blur, green, #rrggbb or the path of a picture", value)
	}
	if err != nil {
		return mesh.Background{}, fmt.Errorf("--background %w", err)
	}
	return mesh.Background{Mode: mesh.BackgroundImage, Image: imaging.Shrink(pic.Image, imaging.BackdropEdge)}, nil
}

// setStrength reads --strength part=factor pairs.
func setStrength(s *retarget.Strength, values []string) error {
	for _, pair := range values {
		part, text, _ := strings.Cut(pair, "=")
		v, err := strconv.ParseFloat(text, 32)
		if err != nil || !(v >= 0 && v <= 2) {
			return fmt.Errorf("--strength %s: write a part and a number from 0 to 2, for example head=0.5", pair)
		}
		switch part {
		case "head":
			s.Head = float32(v)
		case "mouth":
			s.Mouth = float32(v)
		case "eyes":
			s.Eyes = float32(v)
		case "brows":
			s.Brows = float32(v)
		default:
			return fmt.Errorf("--strength %s: the parts are head, mouth, eyes and brows", part)
		}
	}
	return nil
}
