package distro

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// askLimit is how long a program may take to tell its version: 0.12 s is usual, a cold
// disk takes longer, and a stub that opens a window never ends.
var askLimit = 10 * time.Second

var (
	saidVersion = regexp.MustCompile(`(?m)version "([^"]+)"`)
	saidHome    = regexp.MustCompile(`(?m)^\s*java\.home = (.+)$`)
)

// askJava runs a java program for its version and its folder: a shim in front of
// several runtimes (jenv, asdf) is none of them. It returns the real program and its
// folder where that was told.
func (e Env) askJava(path, home string) (version, program, folder string, err error) {
	said, err := run(path, "-XshowSettings:properties", "-version")
	if err != nil {
		return "", "", "", err
	}
	m := saidVersion.FindStringSubmatch(said)
	if m == nil {
		return "", "", "", fmt.Errorf("`%s -version` tells no version: %s", path, oneLine(said))
	}
	if h := saidHome.FindStringSubmatch(said); h != nil {
		real := strings.TrimSpace(h[1])
		if p := filepath.Join(real, "bin", e.program("java")); isFile(p) {
			path, home = resolved(p), resolved(real)
		}
	}
	return m[1], path, home, nil
}

// javaHome asks macOS for its runtime.
func (e Env) javaHome() []string {
	program := e.at("/usr/libexec/java_home")
	if e.GOOS != "darwin" || !isFile(program) {
		return nil
	}
	said, err := run(program)
	if err != nil {
		return nil // it fails where no runtime is installed
	}
	return []string{oneLine(said)}
}

// run returns what a program says, stdout and stderr together, within askLimit.
func run(program string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), askLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.WaitDelay = time.Second // a child of the program may hold the pipe
	said := &headBuffer{limit: 64 << 10}
	cmd.Stdout, cmd.Stderr = said, said
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return "", fmt.Errorf("it did not answer within %s", askLimit)
	case errors.As(err, &exit) && len(said.text) > 0:
		return "", fmt.Errorf("it does not run (%w): %s", err, oneLine(said.String()))
	case err != nil:
		return "", fmt.Errorf("it does not run: %w", err)
	}
	return said.String(), nil
}

// headBuffer keeps the beginning of what is written to it.
type headBuffer struct {
	text  []byte
	limit int
}

func (b *headBuffer) Write(p []byte) (int, error) {
	if room := b.limit - len(b.text); room > 0 {
		b.text = append(b.text, p[:min(room, len(p))]...)
	}
	return len(p), nil
}

func (b *headBuffer) String() string { return string(b.text) }

// oneLine is the first line that says something, at most 200 bytes of it.
func oneLine(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	s = strings.TrimSpace(s)
	if len(s) > 200 {
		s = s[:200] + "…"
	}
	return strings.ToValidUTF8(s, "")
}
