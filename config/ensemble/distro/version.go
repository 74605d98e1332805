package distro

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"
)

var versionHead = regexp.MustCompile(`^(\d{1,4})\.(\d{1,4})\.(\d{1,4})(?:-(alpha|beta|rc)(\d{0,4})(?:-(\d{1,4}))?)?`)

// versionIn is the version that s starts with, "" for none: "3.8.0" of
// "3.8.0-${mvngit.commit.id}", "3.5.4-beta" of itself.
func versionIn(s string) string { return versionHead.FindString(strings.TrimSpace(s)) }

// compareVersions orders versions of ZooKeeper, an alpha or a beta before its
// release; what is none comes before all.
func compareVersions(a, b string) int {
	x, y := versionHead.FindStringSubmatch(a), versionHead.FindStringSubmatch(b)
	if x == nil || y == nil {
		return cmp.Compare(len(x), len(y))
	}
	for i := 1; i <= 3; i++ {
		if d := cmp.Compare(atoi(x[i]), atoi(y[i])); d != 0 {
			return d
		}
	}
	if (x[4] == "") != (y[4] == "") {
		return cmp.Compare(len(y[4]), len(x[4]))
	}
	return cmp.Or(cmp.Compare(x[4], y[4]), cmp.Compare(atoi(x[5]), atoi(y[5])), cmp.Compare(atoi(x[6]), atoi(y[6])))
}

// atoi is the number that four digits at most are, 0 for none.
func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

// NeedsJava is the smallest major version of Java that z runs on, 0 if that is not
// known: what its classes were compiled for, and what its release notes ask for
// (3.10 asks for 17).
func (z ZooKeeper) NeedsJava() int {
	told := 0
	switch {
	case z.Version == "":
	case compareVersions(z.Version, "3.10.0-alpha") >= 0:
		told = 17
	case compareVersions(z.Version, "3.5.0-alpha") >= 0:
		told = 8
	default:
		told = 7
	}
	return max(told, z.MinJava)
}
