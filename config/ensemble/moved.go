package ensemble

import (
	"errors"
	"io/fs"
	"os"
	"slices"

	"zkdeck/config/ensemble/distro"
)

// followLocked puts in the plan what has taken the place of a Java or a ZooKeeper that
// is gone: an upgrade takes away the folder of the version before, and an ensemble
// must outlive that. Where nothing fits the plan stays, and the preflight says what
// is missing. For whoever has the lock.
func (e *Ensemble) followLocked() error {
	plan := e.Plan()
	java, zookeeper := plan.Java, plan.ZooKeeper
	if slices.ContainsFunc(plan.classPath(), isGone) {
		if z, ok := e.store.Env.Successor(zookeeper); ok {
			zookeeper = z
			e.store.Logger.Warn("the ZooKeeper of an ensemble is gone, and another takes its place", "ensemble", e.Name(),
				"was", plan.ZooKeeper.Home, "version", plan.ZooKeeper.Version, "now", z.Home, "newer", z.Version)
		}
	}
	if isGone(java.Path) {
		j, err := e.store.Env.FindJavaFor(zookeeper.NeedsJava(), "")
		var missing *distro.MissingError
		switch {
		case err == nil:
			java = j
			e.store.Logger.Warn("the Java of an ensemble is gone, and another takes its place", "ensemble", e.Name(),
				"was", plan.Java.Path, "now", j.Path, "version", j.Version)
		case !errors.As(err, &missing):
			return err
		}
	}
	if java == plan.Java && zookeeper.Home == plan.ZooKeeper.Home && slices.Equal(zookeeper.Jars, plan.ZooKeeper.Jars) {
		return nil
	}
	return e.changeLocked(func(p *Plan) error {
		p.Java, p.ZooKeeper = java, zookeeper
		p.Archive = e.store.archive(p.Java, p.classPath())
		return nil
	})
}

// isGone reports whether there is nothing at a path.
func isGone(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist)
}
