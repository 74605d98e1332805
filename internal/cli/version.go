package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// version is stamped by the build: -ldflags "-X zkdeck/internal/cli.version=v1.2.3".
var version string

// versionText is what --version says: "v1.2.3 (0a1b2c3, go1.26.8, linux/amd64)".
func versionText() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	return describe(version, info)
}

func describe(stamped string, info *debug.BuildInfo) string {
	name := stamped
	if name == "" {
		name = info.Main.Version // of a module installed by `go install`
	}
	if name == "" || name == "(devel)" {
		name = "built from source"
	}
	commit := ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			commit = s.Value[:min(7, len(s.Value))] + commit
		case s.Key == "vcs.modified" && s.Value == "true":
			commit += "+changes"
		}
	}
	if commit != "" {
		commit += ", "
	}
	return fmt.Sprintf("%s (%s%s, %s/%s)", name, commit, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
