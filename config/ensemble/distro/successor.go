package distro

import "slices"

// Successor is what has taken the place of a ZooKeeper whose jars are gone, as an
// upgrade leaves it: the one that is in the same folder now, else one of the same
// version, or one that is found in the same way. It is never an older one, which could
// not read the data, and none of another line than 3.4 for a 3.4, whose data the later
// ones refuse without care (ZOOKEEPER-3056). One whose jars are there is its own
// successor. False tells that there is none.
func (e Env) Successor(old ZooKeeper) (ZooKeeper, bool) {
	if len(old.Jars) > 0 && !slices.ContainsFunc(append(slices.Clone(old.Jars), old.AdminJars...), func(j string) bool { return !isFile(j) }) {
		return old, true
	}
	fits := func(z ZooKeeper) bool {
		if old.Version == "" || compareVersions(z.Version, old.Version) < 0 {
			return false
		}
		return compareVersions(old.Version, "3.5.0-alpha") >= 0 || compareVersions(z.Version, "3.5.0-alpha") < 0
	}
	if old.Home != "" {
		if found, _, err := e.Find(old.Home); err == nil && fits(found[0]) {
			found[0].From = old.From
			return found[0], true
		}
	}
	all, _, err := e.Find("")
	if err != nil {
		return ZooKeeper{}, false
	}
	for _, same := range []func(ZooKeeper) bool{
		func(z ZooKeeper) bool { return z.Version == old.Version },
		func(z ZooKeeper) bool { return z.From == old.From },
	} {
		if i := slices.IndexFunc(all, func(z ZooKeeper) bool { return fits(z) && same(z) }); i >= 0 {
			return all[i], true
		}
	}
	return ZooKeeper{}, false
}
