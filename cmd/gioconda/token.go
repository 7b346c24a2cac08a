package main

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/gioconda-live/gioconda/cmd/internal/live"
	"github.com/gioconda-live/gioconda/web/access"
)

func (a *app) tokenCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Say who may use the server from elsewhere: create, list and revoke tokens",
		Long: `Tokens let people and programs use a server that listens beyond this machine. They are
kept hashed beside the personas; a running server knows of changes within a second.`,
	}
	cmd.AddCommand(a.tokenCreateCommand(), a.tokenListCommand(), a.tokenRevokeCommand())
	return cmd
}

func (a *app) tokenCreateCommand() *cobra.Command {
	var want access.Token
	var scope, expires string
	cmd := &cobra.Command{
		Use:   "create --scope view|push|drive|admin",
		Short: "Make a token and show it, this once",
		Long: `Make a token and show it, this once.

  view    watch a session
  push    watch it, and send it elsewhere
  drive   drive a session, upload portraits
  admin   everything, tokens and deleting portraits included

Give it as "Authorization: Bearer TOKEN", or open the page with ?token=TOKEN.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			want.Scope = access.Scope(scope)
			if expires != "" {
				d, err := parseSpan(expires)
				if err != nil {
					return err
				}
				want.Expires = time.Now().Add(d).UTC().Truncate(time.Second)
			}
			tokens, err := a.tokens()
			if err != nil {
				return err
			}
			secret, made, err := tokens.Create(want)
			if err != nil {
				return err
			}
			fmt.Fprintf(a.out, "%s\n", secret)
			fmt.Fprintf(a.err, "This is token %s; it is not shown again. `gioconda token revoke %s` ends it.\n", made.ID, made.ID)
			return nil
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&scope, "scope", "", "what it is for: view, push, drive or admin")
	fl.StringVar(&want.Session, "session", "", "the only session that it is for")
	fl.StringVar(&want.Persona, "persona", "", "the only persona that may be driven with it")
	fl.StringVar(&want.Label, "label", "", "whose it is, for you")
	fl.StringVar(&expires, "expires", "", "for how long it is good, such as 12h or 30d (default: until it is revoked)")
	_ = cmd.MarkFlagRequired("scope") // it is there
	return cmd
}

func (a *app) tokenListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "Show the tokens, without their secrets",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			tokens, err := a.tokens()
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "ID\tSCOPE\tSESSION\tPERSONA\tEXPIRES\tLABEL")
			for _, k := range tokens.List() {
				until := "never"
				if !k.Expires.IsZero() {
					until = k.Expires.Local().Format("2006-01-02 15:04")
					if time.Now().After(k.Expires) {
						until += " (over)"
					}
				}
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", k.ID, k.Scope, cmp.Or(k.Session, "any"), cmp.Or(k.Persona, "any"), until, k.Label)
			}
			return w.Flush()
		},
	}
}

func (a *app) tokenRevokeCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "revoke ID...",
		Short: "End tokens, and whatever runs with them",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, ids []string) error {
			tokens, err := a.tokens()
			if err != nil {
				return err
			}
			for _, id := range ids {
				if err := tokens.Revoke(id); err != nil {
					return fmt.Errorf("%s: %w", id, err)
				}
			}
			return nil
		},
	}
}

func (a *app) tokens() (*access.Tokens, error) { return access.OpenTokens(live.TokensFile(&a.cfg)) }

// parseSpan reads a time span as Go writes it, or in days.
func parseSpan(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		var n int
		n, err = strconv.Atoi(days)
		d = time.Duration(n) * 24 * time.Hour
	}
	if err != nil || d <= 0 || d > 100*365*24*time.Hour {
		return 0, fmt.Errorf("expires %q: write a time span such as 12h or 30d", text)
	}
	return d, nil
}
