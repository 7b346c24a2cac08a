package access

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"syscall"

	"github.com/gioconda-live/gioconda/pipeline/temporary"
)

// parseTokens reads one token a line; empty lines are skipped. It fails with the number of the line that is none.
func parseTokens(r io.Reader) ([]Token, error) {
	var list []Token
	lines := bufio.NewScanner(io.LimitReader(r, maxTokens*(maxLine+1)))
	lines.Buffer(nil, maxLine)
	for n := 1; lines.Scan(); n++ {
		b := bytes.TrimSpace(lines.Bytes())
		if len(b) == 0 {
			continue
		}
		var k Token
		d := json.NewDecoder(bytes.NewReader(b))
		d.DisallowUnknownFields()
		if err := d.Decode(&k); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if err := k.Check(); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if slices.ContainsFunc(list, func(o Token) bool { return o.ID == k.ID || o.Hash == k.Hash }) {
			return nil, fmt.Errorf("line %d: the token stands there twice", n)
		}
		if list = append(list, k); len(list) > maxTokens {
			return nil, fmt.Errorf("line %d: more than %d tokens", n, maxTokens)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("a line of more than %d bytes: %w", maxLine, err)
	}
	return list, nil
}

// writeTokens replaces the file as a whole.
func writeTokens(path string, list []Token) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	for i := range list {
		if err := enc.Encode(&list[i]); err != nil {
			return err
		}
	}
	return temporary.Replace(path, 0o600, b.Bytes())
}

func stampOf(path string) (stamp, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return stamp{}, nil
	case err != nil:
		return stamp{}, fmt.Errorf("tokens: %w", err)
	}
	s := stamp{at: info.ModTime(), size: info.Size()}
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		s.node = st.Ino
	}
	return s, nil
}
