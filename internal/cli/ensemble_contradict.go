package cli

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"zkdeck/config/ensemble"
	"zkdeck/internal/safetext"
)

// contradicts is nil, or an error about flags that say otherwise than an ensemble
// which is there.
func (o *upFlags) contradicts(given *pflag.FlagSet, plan *ensemble.Plan, settings []ensemble.Setting) error {
	observers := len(plan.Members) - plan.Voters()
	admin := slices.ContainsFunc(plan.Members, func(m ensemble.Member) bool { return m.Admin != 0 })
	base := 0
	if len(plan.Members) > 0 {
		base = plan.Members[0].Client
	}
	for _, c := range []struct {
		flag       string
		differs    bool
		want, have any
	}{
		{"servers", o.servers != plan.Voters(), o.servers, plan.Voters()},
		{"observers", o.observers != observers, o.observers, observers},
		{"base-port", o.basePort != base, o.basePort, base},
		{"dir", !samePath(o.dir, plan.Dir), o.dir, plan.Dir},
		{"temp", o.temp != plan.Temp, o.temp, plan.Temp},
		{"tick", o.tick != plan.Tick, o.tick, plan.Tick},
		{"heap", o.heap != plan.HeapMB, o.heap, plan.HeapMB},
		{"admin", o.admin != admin, o.admin, admin},
		{"jvm", !slices.Equal(o.jvm, plan.JVM), strings.Join(o.jvm, " "), strings.Join(plan.JVM, " ")},
		{"set", !slices.Equal(settings, plan.Extra), settingsText(settings), settingsText(plan.Extra)},
		{"zookeeper", !samePath(o.zookeeper, plan.ZooKeeper.Home), o.zookeeper, plan.ZooKeeper.Home},
		{"java", !samePath(o.java, plan.Java.Home) && !samePath(o.java, plan.Java.Path), o.java, plan.Java.Path},
	} {
		if given.Changed(c.flag) && c.differs {
			return fmt.Errorf("%s is there already, with --%s %s and not %s: leave the flag out, or take another name; zkdeck ensemble add and remove change how many servers there are",
				plan.Name, c.flag, safetext.CleanLine(fmt.Sprint(c.have)), safetext.CleanLine(fmt.Sprint(c.want)))
		}
	}
	return nil
}

// samePath tells whether what was typed names a folder or a file.
func samePath(typed, path string) bool {
	a, err := os.Stat(typed)
	if err != nil {
		return false
	}
	b, err := os.Stat(path)
	return err == nil && os.SameFile(a, b)
}

func settingsText(settings []ensemble.Setting) string {
	var parts []string
	for _, s := range settings {
		parts = append(parts, s.Key+"="+s.Value)
	}
	return strings.Join(parts, " ")
}
