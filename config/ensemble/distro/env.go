package distro

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// Env is the machine that is searched. Tests stand in another one; [System] gives
// the real one.
type Env struct {
	// Getenv and LookPath are os.Getenv and exec.LookPath.
	Getenv   func(string) string
	LookPath func(string) (string, error)
	// Root stands before every absolute place that is searched, "" for this machine.
	Root string
	// Home is the person's home folder, "" for none.
	Home string
	// Managed is the folder that downloads are unpacked in, "" for none.
	Managed string
	// GOOS is the system, as runtime.GOOS has it.
	GOOS string
}

// System returns this machine, with downloads in the folder managed.
func System(managed string) Env {
	home, err := os.UserHomeDir()
	if err != nil {
		home = "" // no home, nothing to search there
	}
	return Env{
		Getenv: os.Getenv, LookPath: exec.LookPath,
		Home: home, Managed: managed, GOOS: runtime.GOOS,
	}
}

// at is an absolute place below the root.
func (e Env) at(path string) string { return filepath.Join(e.Root+"/", filepath.FromSlash(path)) }

// glob returns what matches a pattern of absolute places, sorted by name.
func (e Env) glob(pattern string) []string {
	found, err := filepath.Glob(e.at(pattern))
	if err != nil {
		return nil // a pattern of ours is never malformed; a root with a bracket in it may be
	}
	return found
}

// look is LookPath with "" for nothing found.
func (e Env) look(name string) string {
	path, err := e.LookPath(name)
	if err != nil {
		return ""
	}
	if path, err = filepath.Abs(path); err != nil {
		return ""
	}
	return path
}

// resolved is a path without symbolic links, or the path where that fails.
func resolved(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	return path
}

// isFile reports whether path is a regular file, after symbolic links. A pipe or a
// device is none: opening it could block.
func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
