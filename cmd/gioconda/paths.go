package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gioconda-live/gioconda/cmd/internal/driver"
)

// checkInput says early that a file is not there.
func checkInput(path string) error {
	switch st, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s was not found; check the path", path)
	case err != nil:
		return err
	case st.IsDir():
		return fmt.Errorf("%s is a folder; give a file", path)
	}
	return nil
}

// checkOutput says early that nothing can be written at path, and refuses to write over what is read.
func checkOutput(flag, path string, reads ...string) error {
	dir := filepath.Dir(path)
	if st, err := os.Stat(dir); err != nil || !st.IsDir() {
		return fmt.Errorf("%s %s: there is no folder %s; make it first, or write elsewhere", flag, path, dir)
	}
	there, err := os.Stat(path)
	if err != nil {
		return nil //nolint:nilerr // not there yet; what else is wrong, writing will say
	}
	if there.IsDir() {
		return fmt.Errorf("%s %s is a folder; add a file name", flag, path)
	}
	for _, r := range reads {
		if st, err := os.Stat(r); err == nil && os.SameFile(st, there) {
			return fmt.Errorf("%s %s would overwrite what is read; choose another name", flag, path)
		}
	}
	return nil
}

// checkDriver says early that there is no such clip or performance.
func checkDriver(name string) error {
	if name == "" {
		return errors.New("--driver is missing: name a clip, or " + strings.Join(driver.Performances(), ", "))
	}
	if !strings.HasPrefix(name, driver.SamplePrefix) {
		return checkInput(name)
	}
	if !slices.Contains(driver.Performances(), name) {
		return fmt.Errorf("there is no performance %q; there are %s", name, strings.Join(driver.Performances(), ", "))
	}
	return nil
}
