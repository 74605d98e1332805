package cli

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"zkdeck/config"
	"zkdeck/config/ensemble"
)

// completeEnsemble offers the names of ensembles, then the ids of the one that is
// named and words beside them; no ids where words is nil.
func completeEnsemble(words []string) func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		const directive = cobra.ShellCompDirectiveNoFileComp
		paths := config.DefaultPaths()
		store := newStore(paths.Data, paths.Cache)
		if len(args) == 0 {
			return ensembleNames(cmd.Context(), store, typed), directive
		}
		if words == nil {
			return nil, directive
		}
		e, err := store.Open(args[0])
		if err != nil { // a completion has nobody to tell it to
			return nil, directive
		}
		plan := e.Plan()
		var ids []string
		for _, m := range plan.Members {
			ids = append(ids, strconv.Itoa(m.ID))
		}
		ids = append(ids, words...)
		return slices.DeleteFunc(ids, func(id string) bool {
			return slices.Contains(args[1:], id) || !strings.HasPrefix(id, typed)
		}), directive
	}
}

// ensembleNames are the names of all ensembles that begin so.
func ensembleNames(ctx context.Context, store *ensemble.Store, typed string) []string {
	if ctx == nil {
		ctx = context.Background()
	}
	ctx, cancel := context.WithTimeout(ctx, completionTime)
	defer cancel()
	found, err := store.List(ctx)
	if err != nil {
		return nil
	}
	var names []string
	for _, l := range found {
		if strings.HasPrefix(l.Name, typed) && plainInShell(l.Name) {
			names = append(names, l.Name)
		}
	}
	return names
}
