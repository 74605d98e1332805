package cli

import "github.com/spf13/cobra"

func mvCommand(f *flags) *cobra.Command {
	o := copyFlags{move: true}
	cmd := &cobra.Command{
		Use:   "mv FROM TO",
		Short: "Move or rename a znode and all below it",
		Long: "Copy FROM and all below it to TO as cp does, and then delete FROM, the leaves first. ZooKeeper cannot\n" +
			"rename: others see both for a while. Each znode is read again before it is deleted; what somebody has\n" +
			"changed since it was copied stays, and is reported.\n\n" +
			"A source with ephemerals, which belong to sessions that live, is not moved unless --leave-ephemerals is\n" +
			"given; they stay, with their parents. The exit code is 1 if not everything was moved.",
		Example: `zkdeck mv /config/app /config/app-old
zkdeck mv /config /config --to-servers other:2181`,
		Args:              pathArgs(2, 2),
		ValidArgsFunction: f.completePath,
	}
	cmd.RunE = f.copying(&o)
	o.registerAll(cmd)
	cmd.Flags().BoolVar(&o.leaveEphemerals, "leave-ephemerals", false, "move the rest where ephemerals are in the source")
	return cmd
}
