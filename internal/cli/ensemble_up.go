package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"zkdeck/config/ensemble"
	"zkdeck/internal/safetext"
)

// servingTime is how long an ensemble may take to serve where --timeout says nothing
// else: a cold machine takes seconds, and whoever waits for longer waits in vain.
const servingTime = time.Minute

// The ports that a server of anybody may have.
const (
	lowestPort  = 1024
	highestPort = 65535
)

// upFlags are the flags of `zkdeck ensemble up`.
type upFlags struct {
	servers, observers, basePort, heap int
	dir, zookeeper, java               string
	temp, admin, oneByOne              bool
	tick, timeout                      time.Duration
	set, jvm                           []string
}

func ensembleUpCommand(f *flags) *cobra.Command {
	var o upFlags
	cmd := &cobra.Command{
		Use:   "up [NAME]",
		Short: "Make an ensemble, or start what does not run of one, and wait until it serves",
		Long: "Make an ensemble of real ZooKeeper servers, start them, and wait until they serve. Its connect string\n" +
			"is all that is printed to standard output; what happens meanwhile goes to standard error. Without NAME\n" +
			"it is " + defaultEnsemble + ". Of an ensemble that is there already those servers are started that do not run.\n\n" +
			"Every port is looked for below those that the system gives to outgoing connections, and everything\n" +
			"that would keep a server from starting is found before any is started, where it can be.\n\n" +
			"The servers go on when this command has ended, and when the terminal is closed; zkdeck ensemble down\n" +
			"ends them. If it is interrupted before they serve, or they do not serve, then what it has started is\n" +
			"stopped again; of an interrupted new ensemble nothing is left. Killed, it leaves what runs, and up\n" +
			"goes on from there.\n\n" +
			"--set lays a key of zoo.cfg over what is written otherwise; --one-by-one starts them as tutorials do,\n" +
			"each when the one before is up, and shows what they log.",
		Example: `zkdeck ensemble up
zkdeck ensemble up big --servers 5 --observers 2
zkdeck ensemble up test --temp --base-port 22181
zkdeck ensemble up tuned --set maxClientCnxns=10 --set snapCount=1000 --jvm -Djute.maxbuffer=4194304
zkdeck "$(zkdeck ensemble up)"`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage(fmt.Errorf("one name is wanted, not %d: %s", len(args), safetext.CleanLine(strings.Join(args, " "))))
			}
			return nil
		},
		ValidArgsFunction: completeEnsemble(nil),
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		settings, err := o.check(cmd.Flags())
		if err != nil {
			return usage(err)
		}
		return f.ensembles(func(ctx context.Context, j *ensembleJob, args []string) error {
			outlive()
			return j.up(ctx, cmd.Flags(), o, ensembleOr(args, defaultEnsemble), settings)
		})(cmd, args)
	}
	o.register(cmd)
	return cmd
}

func (o *upFlags) register(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.IntVar(&o.servers, "servers", 3, fmt.Sprintf("how many servers vote, 1 to %d; odd numbers tolerate most for least", ensemble.MaxServers))
	fs.IntVar(&o.observers, "observers", 0, fmt.Sprintf("how many more follow without a vote, up to %d", ensemble.MaxObservers))
	fs.IntVar(&o.basePort, "base-port", 0, "the first port; without it free ones are found")
	fs.StringVar(&o.dir, "dir", "", "the folder of the ensemble, which must be empty or not be there")
	fs.BoolVar(&o.temp, "temp", false, "keep nothing: a temporary folder, which goes with zkdeck ensemble down")
	fs.StringVar(&o.zookeeper, "zookeeper", "", "the folder of the ZooKeeper to run; without it the first that is found")
	fs.StringVar(&o.java, "java", "", "the java program, or the folder of a Java runtime; without it the first that is found")
	fs.DurationVar(&o.tick, "tick", 2*time.Second, "the unit of ZooKeeper's timing, tickTime: sessions time out after 2 to 20 of it")
	fs.IntVar(&o.heap, "heap", 256, "the Java heap of each server, in mebibytes")
	fs.StringArrayVar(&o.set, "set", nil, "a further line of every zoo.cfg, KEY=VALUE; can be given again")
	fs.StringArrayVar(&o.jvm, "jvm", nil, "a further argument of Java; can be given again")
	fs.BoolVar(&o.admin, "admin", false, "give each server an AdminServer, on a port of 127.0.0.1 of its own")
	fs.BoolVar(&o.oneByOne, "one-by-one", false, "start each server when the one before is up, and show what it logs")
	registerServing(cmd, &o.timeout)
	for _, name := range []string{"servers", "observers", "base-port", "tick", "heap", "set", "jvm"} {
		complete(cmd, name, nil)
	}
	for _, name := range []string{"dir", "zookeeper"} {
		if err := cmd.MarkFlagDirname(name); err != nil {
			panic(err) // no such flag: a mistake above
		}
	}
}

// registerServing adds the flag of commands that wait until servers serve.
func registerServing(cmd *cobra.Command, timeout *time.Duration) {
	cmd.Flags().DurationVar(timeout, "timeout", servingTime, "how long it may take until they serve")
	complete(cmd, "timeout", nil)
}

// check finds flags that no ensemble can have, and reads --set.
func (o *upFlags) check(given *pflag.FlagSet) ([]ensemble.Setting, error) {
	ports := 3 * (o.servers + o.observers)
	if o.admin {
		ports += o.servers + o.observers
	}
	switch {
	case o.servers < 1 || o.servers > ensemble.MaxServers:
		return nil, fmt.Errorf("--servers %d: must be from 1 to %d", o.servers, ensemble.MaxServers)
	case o.observers < 0 || o.observers > ensemble.MaxObservers:
		return nil, fmt.Errorf("--observers %d: must be from 0 to %d", o.observers, ensemble.MaxObservers)
	case given.Changed("base-port") && (o.basePort < lowestPort || o.basePort+ports-1 > highestPort):
		return nil, fmt.Errorf("--base-port %d: must be from %d, below which ports are the system's, to %d, as %d ports are needed", o.basePort, lowestPort, highestPort-ports+1, ports)
	case o.timeout <= 0:
		return nil, fmt.Errorf("--timeout %s: must be more than nothing", o.timeout)
	case o.temp && o.dir != "":
		return nil, errors.New("--temp and --dir exclude each other: a temporary folder is chosen by the system")
	}
	settings := make([]ensemble.Setting, 0, len(o.set))
	for _, text := range o.set {
		key, value, ok := strings.Cut(text, "=")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		if !ok || key == "" {
			return nil, fmt.Errorf("--set %s: KEY=VALUE is wanted, such as --set maxClientCnxns=10", safetext.Quote(text))
		}
		settings = append(settings, ensemble.Setting{Key: key, Value: value})
	}
	return settings, nil
}

// wish is what the flags ask for.
func (o *upFlags) wish(name string, settings []ensemble.Setting) ensemble.Wish {
	return ensemble.Wish{
		Name: name, Servers: o.servers, Observers: o.observers, BasePort: o.basePort,
		Dir: o.dir, Temp: o.temp, Tick: o.tick, HeapMB: o.heap, Admin: o.admin,
		Extra: settings, JVM: o.jvm, Java: o.java, ZooKeeper: o.zookeeper,
	}
}

// ensembleOr is the name that was given, or another.
func ensembleOr(args []string, other string) string {
	if len(args) > 0 {
		return args[0]
	}
	return other
}
