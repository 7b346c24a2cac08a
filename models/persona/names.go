package persona

import (
	"path/filepath"
	"strings"
	"unicode"
)

const (
	maxName   = 80 // runes of a name
	maxCredit = 400
	maxID     = 64
)

// Slug makes an ID of a name: letters a-z, digits and single hyphens, at most 48. Accents are dropped; a name
// without any usable letter becomes "persona". A Store adds a number where an ID is taken.
func Slug(name string) string {
	var out strings.Builder
	gap := false
	for _, r := range strings.ToLower(name) {
		if plain, ok := plainLetter(r); ok {
			if gap && out.Len() > 0 {
				out.WriteByte('-')
			}
			gap = false
			out.WriteString(plain)
		} else if !unicode.Is(unicode.Mn, r) && r != '\'' {
			gap = true
		}
		if out.Len() >= 48 {
			break
		}
	}
	if out.Len() == 0 {
		return "persona"
	}
	return strings.Trim(out.String(), "-")
}

// plainLetter spells a lower-case letter or digit with a-z, 0-9.
func plainLetter(r rune) (string, bool) {
	if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
		return string(r), true
	}
	families := []struct{ plain, letters string }{
		{"a", "àáâãäåāăą"},
		{"c", "çćč"},
		{"d", "ďđð"},
		{"e", "èéêëēėęě"},
		{"g", "ğģ"},
		{"i", "ìíîïīįı"},
		{"l", "łľĺ"},
		{"n", "ñńňņ"},
		{"o", "òóôõöøōő"},
		{"r", "řŕ"},
		{"s", "śšşș"},
		{"t", "ťţț"},
		{"u", "ùúûüūůűų"},
		{"y", "ýÿ"},
		{"z", "źżž"},
		{"ss", "ß"},
		{"ae", "æ"},
		{"oe", "œ"},
	}
	for _, f := range families {
		if strings.ContainsRune(f.letters, r) {
			return f.plain, true
		}
	}
	return "", false
}

// validID tells whether id may name a file.
func validID(id string) bool {
	return id != "" && len(id) <= maxID && isPlain(id, "-")
}

// isPlain tells whether s has only a-z, 0-9 and the letters of more.
func isPlain(s, more string) bool {
	for _, r := range s {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || strings.ContainsRune(more, r) {
			continue
		}
		return false
	}
	return true
}

// cleanName drops what cannot be shown in one line.
func cleanName(name string) string { return cleanText(name, maxName) }

// cleanText is cleanName for texts of at most so many runes.
func cleanText(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r == unicode.ReplacementChar:
			return -1
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return -1
		}
		return r
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > most {
		text = strings.TrimSpace(string(runes[:most]))
	}
	return text
}

// nameFromFile makes a name of a file's: without folder and ending, its first letter upper case.
func nameFromFile(file string) string {
	base := filepath.Base(filepath.ToSlash(file))
	if file == "" {
		return "Portrait"
	}
	base = strings.TrimSuffix(base, filepath.Ext(base))
	base = cleanName(strings.NewReplacer("-", " ", "_", " ").Replace(base))
	if base == "" || base == "." || base == "/" {
		return "Portrait"
	}
	runes := []rune(base)
	return string(unicode.ToUpper(runes[0])) + string(runes[1:])
}
