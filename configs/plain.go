package configs

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"
)

// plainYAML says in words what the YAML decoder found wrong, one sentence for each fault.
func plainYAML(err error) error {
	var t *yaml.TypeError
	if !errors.As(err, &t) {
		return fmt.Errorf("%s; `gioconda config` prints a file to start from", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	var errs []error
	for _, fault := range t.Errors {
		errs = append(errs, errors.New(plainFault(fault)))
	}
	return errors.Join(errs...)
}

// oneNumber tells who still has a setting of former versions.
const oneNumber = "rtc.max_sessions is gone; pipeline.max_sessions alone says how many sessions there may be"

// plainFault rewrites one fault; what it does not know stays as it is.
func plainFault(fault string) string {
	if m := regexp.MustCompile(`^(line \d+): field (\S+) not found in type \S+$`).FindStringSubmatch(fault); m != nil {
		if m[2] == "max_sessions" {
			return m[1] + ": " + oneNumber
		}
		return fmt.Sprintf("%s: there is no key %q here; `gioconda config` prints every key", m[1], m[2])
	}
	m := regexp.MustCompile("^(line \\d+): cannot unmarshal !!(\\w+) ?(?:`(.*)` )?into (\\S+)$").FindStringSubmatch(fault)
	if m == nil {
		return fault
	}
	got := fmt.Sprintf("%q", m[3])
	switch m[2] {
	case "seq":
		got = "a list"
	case "map":
		got = "a group of keys"
	}
	return fmt.Sprintf("%s: %s stands where %s belongs", m[1], got, wanted(m[4]))
}

// wanted names a Go type for people.
func wanted(kind string) string {
	switch {
	case strings.HasPrefix(kind, "int"), strings.HasPrefix(kind, "uint"):
		return "a whole number"
	case strings.HasPrefix(kind, "float"):
		return "a number"
	case kind == "bool":
		return "true or false"
	case kind == "time.Duration":
		return "a time such as 500ms or 30s"
	case kind == "string":
		return "a text"
	case strings.HasPrefix(kind, "[]"):
		return "a list in [ ]"
	}
	return "a group of keys"
}
