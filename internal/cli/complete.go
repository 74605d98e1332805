package cli

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"zkdeck/zkview"
)

// A person waits for a completion with the shell in hand: what a server does not tell
// so soon, and more names than anybody reads, are left out.
const completionNames = 500

// completionTime is how long it may take, if --timeout is no less. A variable for tests,
// on busy machines.
var completionTime = time.Second

// completePath offers the children of the znode that is typed so far, from the server
// that the flags name.
func (f *flags) completePath(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	const directive = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	at := strings.LastIndexByte(typed, '/') + 1
	dir := typed[:at]
	if dir == "" {
		return []string{"/"}, directive
	}
	if dir != "/" {
		dir = strings.TrimSuffix(dir, "/")
	}
	var paths []string
	// A completion has nobody to tell an error to.
	_ = f.run(cmd, func(ctx context.Context, j *job) error {
		ctx, cancel := context.WithTimeout(ctx, min(completionTime, j.target.Timeout))
		defer cancel()
		names, _, err := j.session.Children(ctx, dir)
		slices.SortFunc(names, zkview.CompareNames)
		for _, name := range names {
			if strings.HasPrefix(name, typed[at:]) && plainInShell(name) && len(paths) < completionNames {
				paths = append(paths, typed[:at]+name)
			}
		}
		return err
	})
	return paths, directive
}

// completePathFlag does the same for a flag.
func (f *flags) completePathFlag(cmd *cobra.Command, flag string) {
	err := cmd.RegisterFlagCompletionFunc(flag, func(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		return f.completePath(cmd, nil, typed)
	})
	if err != nil {
		panic(err) // no such flag: a mistake in the command
	}
}

// plainInShell tells whether a name means itself to every shell; others are not
// offered, as anybody may have created them.
func plainInShell(name string) bool {
	for _, c := range []byte(name) {
		if (c|0x20)-'a' >= 26 && c-'0' > 9 && strings.IndexByte("._-+=,@%:", c) < 0 {
			return false
		}
	}
	return name != ""
}
