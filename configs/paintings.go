package configs

import _ "embed"

// Painting is a portrait that comes with the program: a faithful reproduction of a painting in the public domain.
type Painting struct {
	Name    string
	Credit  string
	File    string // what the picture is called
	Picture []byte // PNG or JPEG
}

//go:embed monalisa.png
var monaLisa []byte

//go:embed pearl-earring.jpg
var pearlEarring []byte

//go:embed difficult-lesson.jpg
var difficultLesson []byte

// MonaLisa is the default portrait.
func MonaLisa() Painting {
	return Painting{
		Name: "Mona Lisa", File: "monalisa.png", Picture: monaLisa,
		Credit: "Leonardo da Vinci, public domain; reproduction from the examples of github.com/fogleman/primitive",
	}
}

// Paintings are all that come with the program, the default first.
func Paintings() []Painting {
	return []Painting{
		MonaLisa(),
		{
			Name: "Girl with a Pearl Earring", File: "pearl-earring.jpg", Picture: pearlEarring,
			Credit: "Johannes Vermeer, about 1665, public domain",
		},
		{
			Name: "The Difficult Lesson", File: "difficult-lesson.jpg", Picture: difficultLesson,
			Credit: "William-Adolphe Bouguereau, 1884, public domain",
		},
	}
}
