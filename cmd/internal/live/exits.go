package live

import (
	"errors"
	"fmt"
	"math"
	"os"
	"strings"

	"github.com/gioconda-live/gioconda/cmd/internal/exits"
	"github.com/gioconda-live/gioconda/web"
)

// openExits makes what carries sessions elsewhere, with the exits that are configured.
func (d *Server) openExits() error {
	var list []exits.Configured
	for i := range d.o.Config.Exits {
		c := &d.o.Config.Exits[i]
		token, err := c.Secret()
		if err != nil {
			return fmt.Errorf("exits[%d]: %w", i, err)
		}
		list = append(list, exits.Configured{Session: c.Session, Target: exits.Target{
			URL: c.URL, Token: token, Codec: c.Codec, Aspect: c.Aspect, MaxBPS: c.Bitrate, Trickle: c.Trickle,
		}})
	}
	dir := d.o.Config.Record.Dir
	if dir != "" {
		if err := os.MkdirAll(dir, 0o750); err != nil {
			return fmt.Errorf("record.dir: %w", err)
		}
	}
	m, err := exits.NewManager(exits.Options{
		Transport: d.transport, Dir: dir, Form: d.o.Config.Picture.Form(), Log: d.o.Log, Faulted: d.faulted,
	}, list)
	if err != nil {
		return err
	}
	d.host.exits = m
	return nil
}

// exitAPI is the manager of exits as the web handlers see it.
type exitAPI struct{ manager *exits.Manager }

var _ web.Exits = exitAPI{}

// List implements web.Exits.
func (a exitAPI) List(session string) ([]web.ExitInfo, error) {
	list, err := a.manager.List(session)
	if err != nil {
		return nil, &exitError{err}
	}
	infos := make([]web.ExitInfo, 0, len(list))
	for i := range list {
		infos = append(infos, exitInfo(&list[i]))
	}
	return infos, nil
}

// Start implements web.Exits.
func (a exitAPI) Start(session string, want *web.ExitRequest) (web.ExitInfo, error) {
	made, err := a.manager.Start(session, &exits.Target{
		URL: want.URL, Token: want.Token, Codec: want.Codec, Aspect: want.Aspect, MaxBPS: want.Bitrate, Trickle: want.Trickle,
		PublicOnly: want.PublicOnly, Over: want.Over,
	})
	if err != nil {
		return web.ExitInfo{}, &exitError{err}
	}
	return exitInfo(&made), nil
}

// Stop implements web.Exits.
func (a exitAPI) Stop(session, id string) error {
	if err := a.manager.Stop(session, id); err != nil {
		return &exitError{err}
	}
	return nil
}

func exitInfo(e *exits.Exit) web.ExitInfo {
	return web.ExitInfo{
		ID: e.ID, URL: e.URL, Codec: e.Codec, Configured: e.Configured, State: string(e.State), Message: e.Message, Bytes: e.Bytes, File: e.File,
		AddedMS: math.Round(e.Added.Seconds()*1e4) / 10,
	}
}

// exitError is what the manager refuses, with a code for programs.
type exitError struct{ error }

// Error is a sentence.
func (e *exitError) Error() string {
	text := e.error.Error()
	return strings.ToUpper(text[:1]) + strings.TrimSuffix(text[1:], ".") + "."
}

// Unwrap gives the manager's own error.
func (e *exitError) Unwrap() error { return e.error }

// Code names the error; see package web.
func (e *exitError) Code() string {
	switch {
	case errors.Is(e, exits.ErrNoSession):
		return "unknown_session"
	case errors.Is(e, exits.ErrNoExit):
		return "unknown_exit"
	case errors.Is(e, exits.ErrTooMany):
		return "too_many_exits"
	}
	return "bad_exit"
}
