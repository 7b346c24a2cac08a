package access

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Scope is what a token lets its holder do.
type Scope string

// The scopes. Each but Admin may be bound to one session, and ScopeDrive to one persona too.
const (
	ScopeView  Scope = "view"  // watch
	ScopePush  Scope = "push"  // watch, and send a session elsewhere
	ScopeDrive Scope = "drive" // watch, drive, and upload portraits
	ScopeAdmin Scope = "admin" // everything
)

// Scopes lists all, the narrowest first.
func Scopes() []Scope { return []Scope{ScopeView, ScopePush, ScopeDrive, ScopeAdmin} }

// allows tells what a scope permits, as far as the action alone says.
func (s Scope) allows(a Action) bool {
	switch s {
	case ScopeAdmin:
		return true
	case ScopeDrive:
		return slices.Contains([]Action{Open, Look, Drive, Upload, Watch}, a)
	case ScopePush:
		return slices.Contains([]Action{Open, Watch, Push}, a)
	case ScopeView:
		return slices.Contains([]Action{Open, Watch}, a)
	}
	return false
}

// Token is what is kept of a token: everything but the secret.
type Token struct {
	ID      string    `json:"id"`             // names it, and is no secret
	Hash    string    `json:"hash,omitempty"` // SHA-256 of the secret, in hexadecimal digits
	Scope   Scope     `json:"scope"`
	Session string    `json:"session,omitempty"` // the only session that it is for; "": any
	Persona string    `json:"persona,omitempty"` // the only persona that may be driven with it; "": any
	Label   string    `json:"label,omitempty"`   // for people
	Expires time.Time `json:"expires,omitzero"`  // zero: never
	Created time.Time `json:"created"`
}

// The bounds of what is kept.
const (
	maxTokens = 1000
	maxLine   = 1 << 10 // bytes
	maxLabel  = 100     // bytes
)

// isSessionName tells whether sessions may be called so: lower-case letters, digits and hyphens, no hyphen first.
func isSessionName(s string) bool {
	return s != "" && len(s) <= 64 && s[0] != '-' && !strings.ContainsFunc(s, func(r rune) bool {
		return r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z')
	})
}

// ErrBadToken says that what is asked for makes no sense.
var ErrBadToken = errors.New("no such token can be made")

// check reports what is wrong with a token that somebody asks for, in words for them.
func (t *Token) check(now time.Time) error {
	switch {
	case !slices.Contains(Scopes(), t.Scope):
		return fmt.Errorf("%w: scope %q: use view, push, drive or admin", ErrBadToken, t.Scope)
	case t.Session != "" && !isSessionName(t.Session):
		return fmt.Errorf("%w: session %q: use lower-case letters, digits and hyphens, at most 64", ErrBadToken, t.Session)
	case len(t.Persona) > 128:
		return fmt.Errorf("%w: an id of a persona has at most 128 bytes", ErrBadToken)
	case len(t.Label) > maxLabel:
		return fmt.Errorf("%w: label: use at most %d bytes", ErrBadToken, maxLabel)
	case strings.ContainsFunc(t.Label+t.Persona, unicode.IsControl):
		return fmt.Errorf("%w: label and persona are plain text", ErrBadToken)
	case t.Scope == ScopeAdmin && (t.Session != "" || t.Persona != ""):
		return fmt.Errorf("%w: an admin token is for everything; leave session and persona out, or choose another scope", ErrBadToken)
	case t.Persona != "" && t.Scope != ScopeDrive:
		return fmt.Errorf("%w: only a drive token can be bound to a persona", ErrBadToken)
	case !t.Expires.IsZero() && !t.Expires.After(now):
		return fmt.Errorf("%w: it would have expired already", ErrBadToken)
	}
	return nil
}

// Check reports what is wrong with a token that was kept.
func (t *Token) Check() error {
	hash, err := hex.DecodeString(t.Hash)
	if err != nil || len(hash) != 32 || t.ID == "" || len(t.ID) > 64 {
		return errors.New("id or hash is missing or broken")
	}
	return t.check(time.Time{})
}

// live tells whether a token is still good.
func (t *Token) live(now time.Time) bool { return t.Expires.IsZero() || now.Before(t.Expires) }

// mint draws a secret of 128 bits and a short id; the hash of the secret is what is kept.
func mint(random io.Reader) (secret, id string, err error) {
	var b [22]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", "", fmt.Errorf("random numbers: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(b[:16]), hex.EncodeToString(b[16:]), nil
}

func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
