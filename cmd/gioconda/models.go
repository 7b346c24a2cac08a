package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/models/weights"
)

func (a *app) modelsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "models",
		Short: "List, check or rebuild the networks",
		Long: `The networks that find and follow faces are converted once from pinned npm packages
into ONNX files, whose sha256 is known in advance. Generators, the learned layers, come with the
program or are folders that you put into generators.dir.`,
		Args: cobra.NoArgs, // a command misspelt is a fault, not a call for help
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		&cobra.Command{
			Use: "list", Short: "Say what each network is for and whether it is here", Args: cobra.NoArgs,
			RunE: func(*cobra.Command, []string) error { return a.listModels() },
		},
		&cobra.Command{
			Use: "verify", Short: "Compare every network with its sha256", Args: cobra.NoArgs,
			RunE: func(*cobra.Command, []string) error {
				if err := weights.Verify(a.cfg.Models.Dir); err != nil {
					return fmt.Errorf("%w; run `gioconda models build`", err)
				}
				fmt.Fprintln(a.out, "all networks are as they should be in", a.cfg.Models.Dir)
				return nil
			},
		},
		a.buildModelsCommand(),
	)
	return cmd
}

func (a *app) buildModelsCommand() *cobra.Command {
	var quiet bool
	cmd := &cobra.Command{
		Use: "build", Short: "Convert what is missing or damaged", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if quiet && weights.Verify(a.cfg.Models.Dir) == nil {
				return nil
			}
			err := weights.Build(cmd.Context(), a.cfg.Models.NPM, a.cfg.Models.Dir, func(name string, done, of int) {
				fmt.Fprintf(a.out, "converting %d of %d: %s\n", done+1, of, name)
			})
			if err != nil {
				return err
			}
			fmt.Fprintln(a.out, "networks ready in", a.cfg.Models.Dir)
			return nil
		},
	}
	cmd.Flags().BoolVar(&quiet, "quiet-if-ready", false, "say nothing when there is nothing to do")
	return cmd
}

func (a *app) listModels() error {
	list, err := weights.List(a.cfg.Models.Dir)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(a.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "FILE\tSTATE\tSIZE\tSHA256\tFOR")
	for _, m := range list {
		fmt.Fprintf(w, "%s\t%s\t%d kB\t%.12s…\t%s\n", m.Name, m.State, m.Size/1000, m.SHA256, m.Purpose)
	}
	fmt.Fprintf(w, "in %s\n", a.cfg.Models.Dir)
	if err := w.Flush(); err != nil {
		return err
	}
	return a.listGenerators()
}

// listGenerators shows the learned layers, checked as far as can be without opening them.
func (a *app) listGenerators() error {
	list, err := a.catalog().List()
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(a.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "\nGENERATOR\tSTATE\tREGIONS\tLICENCE\tFROM")
	for _, s := range list {
		m, err := portrait.ReadManifest(s.Dir)
		if err != nil {
			fmt.Fprintf(w, "%s\t%v\t\t\t%s\n", s.Name, err, s.From)
			continue
		}
		var regions []string
		for i := range m.Parts {
			regions = append(regions, m.Parts[i].Region.Name)
		}
		fmt.Fprintf(w, "%s\tready\t%s\t%s\t%s\n", s.Name, strings.Join(regions, ", "), m.Licence, s.From)
	}
	fmt.Fprintf(w, "others: folders with a %s in %s\n", portrait.ManifestName, a.cfg.Generators.Dir)
	return w.Flush()
}
