package rtc

// MaxName is how many letters the name of a session may have.
const MaxName = 64

// ValidName tells whether a session may be called so, by which others find it: 1 to MaxName of a-z, 0-9 and the hyphen,
// which does not come first.
func ValidName(name string) bool {
	for i, c := range []byte(name) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && (c != '-' || i == 0) {
			return false
		}
	}
	return name != "" && len(name) <= MaxName
}
