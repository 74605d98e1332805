package cli

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"os/user"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"zkdeck/lockctl"
)

// The codes of `zkdeck lock`, as far as these are not the command's own: flock's where
// it has one, and otherwise those of sysexits.h.
const (
	lockBusy    = 1  // not acquired; --conflict-exit-code changes it
	lockUsage   = 64 // arguments or settings are wrong
	lockNoExec  = 69 // the command cannot be executed
	lockLost    = 70 // the lock was lost
	lockRefused = 73 // the lock may not be taken, or not so
	lockNoWrite = 74 // nobody reads what is printed
	lockTrouble = 75 // no connection: it may work later
)

// The environment variables of a command under a lock.
const (
	lockPathEnv  = "ZKDECK_LOCK_PATH"
	lockNodeEnv  = "ZKDECK_LOCK_NODE"
	lockTokenEnv = "ZKDECK_LOCK_TOKEN"
)

// hangupIgnored: whoever started us has us outlive the terminal, as nohup does. It is
// found out before anything in this process asks for the signal.
var hangupIgnored = signal.Ignored(syscall.SIGHUP)

// lockFlags are the flags of `zkdeck lock`.
type lockFlags struct {
	nonblock, shared, json, force bool
	waits                         bool // --wait was given
	wait, sessionTimeout          time.Duration
	slots, conflict               int
	recipe, identity              string
}

func lockCommand(f *flags) *cobra.Command {
	var o lockFlags
	cmd := &cobra.Command{
		Use:   "lock [flags] PATH [-- COMMAND [ARG…]]",
		Short: "Run a command while a lock is held",
		Long:  lockHelp + "\n\nRecipes:\n" + columns(lockRecipes(), 4),
		Example: `zkdeck lock /jobs/nightly -- ./nightly.sh
zkdeck lock -n /jobs/nightly -- ./nightly.sh || test $? -eq 1 && echo somebody else runs it
zkdeck lock -w 10m --slots 3 /jobs/build -- make
zkdeck lock /uk/lock -- sh -c 'write --fencing-token "$ZKDECK_LOCK_TOKEN"'
zkdeck lock --shared /db/schema
zkdeck lock --recipe kazoo /uk/lock -- sleep 5`,
		Args: lockArgs,
	}
	cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 { // a command, or its arguments
			return nil, cobra.ShellCompDirectiveDefault
		}
		return f.completePath(cmd, args, typed)
	}
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return lockWrong(usage(err)) })
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if hangupIgnored {
			signal.Ignore(syscall.SIGHUP)
		}
		o.waits = cmd.Flags().Changed("wait")
		if err := o.check(cmd, args[0]); err != nil {
			return lockWrong(err)
		}
		return lockWrong(f.lock(cmd, o, args[0], args[1:]))
	}
	fs := cmd.Flags()
	fs.BoolVarP(&o.nonblock, "nonblock", "n", false, "do not wait")
	fs.DurationVarP(&o.wait, "wait", "w", 0, "wait at most so long in total, from the connection to the lock")
	fs.BoolVarP(&o.shared, "shared", "S", false, "a read lock")
	fs.IntVar(&o.slots, "slots", 0, "one of so many places of a semaphore")
	fs.StringVar(&o.recipe, "recipe", "auto", "whose names and rules: "+strings.Join(shortRecipes, ", ")+", or one that zkdeck locks shows")
	fs.StringVar(&o.identity, "identity", "", "what others see of us (default user@host:pid)")
	fs.DurationVar(&o.sessionTimeout, "session-timeout", 10*time.Second, "how long the lock outlives a lost connection")
	fs.IntVarP(&o.conflict, "conflict-exit-code", "E", lockBusy, "exit code where the lock is not acquired")
	fs.BoolVar(&o.json, "json", false, "print what happens to standard error, one JSON object a line")
	fs.BoolVar(&o.force, "force", false, "queue also where nothing promises that there will be one holder")
	for _, name := range []string{"wait", "slots", "identity", "session-timeout", "conflict-exit-code"} {
		complete(cmd, name, nil)
	}
	complete(cmd, "recipe", lockRecipes)
	return cmd
}

// lockWrong gives what is wrong with arguments and settings the code of this command.
func lockWrong(err error) error {
	var own *outcome
	var wrong *usageError
	if !errors.As(err, &own) && errors.As(err, &wrong) {
		return &outcome{lockUsage, err}
	}
	return err
}

// lockArgs wants a path, and what follows to come after a --.
func lockArgs(cmd *cobra.Command, args []string) error {
	dash := cmd.ArgsLenAtDash()
	given := len(args)
	if dash >= 0 {
		given = dash
	}
	err := pathArgs(1, 1)(cmd, args[:given])
	switch {
	case given > 1:
		err = usage(fmt.Errorf("one path is wanted, and -- before the command: zkdeck lock %s -- %s", args[0], args[1]))
	case err == nil && args[0] == "/":
		err = usage(errors.New("the root cannot be a lock"))
	case err == nil && dash >= 0 && len(args) == given:
		err = usage(errors.New("after -- the command is missing"))
	}
	return lockWrong(err)
}

// check finds flags that are wrong or do not go together.
func (o *lockFlags) check(cmd *cobra.Command, path string) error {
	given := cmd.Flags().Changed
	if err := errors.Join(alone(cmd, "nonblock", "wait"), alone(cmd, "shared", "slots")); err != nil {
		return err
	}
	switch {
	case o.waits && o.wait < 0:
		return usage(fmt.Errorf("--wait %s: cannot be less than nothing", o.wait))
	case given("slots") && o.slots < 1:
		return usage(fmt.Errorf("--slots %d: must be 1 or more", o.slots))
	case o.sessionTimeout <= 0:
		return usage(fmt.Errorf("--session-timeout %s: must be more than nothing", o.sessionTimeout))
	case o.conflict < 0 || o.conflict > 255:
		return usage(fmt.Errorf("--conflict-exit-code %d: must be from 0 to 255", o.conflict))
	}
	if o.waits && o.wait == 0 {
		o.nonblock, o.waits = true, false
	}
	if !given("identity") {
		o.identity = lockIdentity()
	}
	_, err := o.options(path)
	return err
}

// shortRecipes are names for whichever recipe of a library is meant.
var shortRecipes = []string{"auto", "curator", "kazoo", "writelock", "naive"}

// lockRecipes are all names that --recipe takes.
func lockRecipes() []string {
	all := slices.Clone(shortRecipes)
	for _, name := range recipeNames() {
		if _, err := lockctl.NewLocker(nil, "/lock", lockOptions(lockctl.Recipe(name))); err == nil && !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all
}

// lockOptions are those with which a recipe can be taken, if it can be.
func lockOptions(r lockctl.Recipe) lockctl.LockOptions {
	o := lockctl.LockOptions{Recipe: r}
	if strings.Contains(string(r), "semaphore") {
		o.Slots = 1
	}
	return o
}

// options are what the flags mean; its errors are of usage.
func (o *lockFlags) options(path string) (lockctl.LockOptions, error) {
	lock := lockctl.LockOptions{Slots: o.slots, Identity: o.identity, Force: o.force}
	if o.shared {
		lock.Mode = lockctl.Read
	}
	one := func(mutex, readWrite, semaphore lockctl.Recipe) lockctl.Recipe {
		switch {
		case o.shared:
			return readWrite
		case o.slots > 0:
			return semaphore
		}
		return mutex
	}
	switch o.recipe {
	case "auto":
	case "curator":
		lock.Recipe = one(lockctl.CuratorMutex, lockctl.CuratorRWLock, lockctl.CuratorSemaphore)
	case "kazoo":
		lock.Recipe = one(lockctl.KazooLock, lockctl.KazooRWLock, lockctl.KazooSemaphore)
	default:
		if err := knownAmong(o.recipe, append(recipeNames(), shortRecipes...), "zkdeck lock"); err != nil {
			return lock, usage(err)
		}
		lock.Recipe = lockctl.Recipe(o.recipe)
	}
	if _, err := lockctl.NewLocker(nil, path, lock); err != nil {
		return lock, usage(err)
	}
	return lock, nil
}

// lockIdentity is who we are: user@host:pid.
func lockIdentity() string {
	name, host := os.Getenv("USER"), "localhost"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	if h, err := os.Hostname(); err == nil {
		host = h
	}
	return fmt.Sprintf("%s@%s:%d", name, host, os.Getpid())
}

// executable finds the file of a command, before anything is taken for it.
func executable(name string) (string, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		var why *exec.Error
		if errors.As(err, &why) {
			err = why.Err
		}
		return "", &outcome{lockNoExec, fmt.Errorf("%s %w: %w; nothing was locked", name, errNotExecuted, err)}
	}
	return path, nil
}

// errNotExecuted: the command could not be executed.
var errNotExecuted = errors.New("cannot be executed")
