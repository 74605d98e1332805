package distro

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// program writes a shell script that can be run.
func program(t *testing.T, path, text string) string {
	t.Helper()
	write(t, path, "#!/bin/sh\n"+text)
	if err := os.Chmod(path, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// runtimeAt makes a Java runtime that is only a release file and a program that fails.
func runtimeAt(t *testing.T, home, version string) string {
	t.Helper()
	program(t, filepath.Join(home, "bin", "java"), "exit 9\n")
	write(t, filepath.Join(home, "release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\""+version+"\"\n")
	return home
}

func TestFindJava(t *testing.T) {
	e := nowhere(t)
	var missing *MissingError
	if _, err := e.FindJava(""); !errors.As(err, &missing) || missing.What != "Java" || len(missing.Install) == 0 {
		t.Fatal(err)
	}
	// The newest below /usr/lib/jvm, the default before it, PATH before both.
	runtimeAt(t, e.at("/usr/lib/jvm/java-8"), "1.8.0_402")
	newest := runtimeAt(t, e.at("/usr/lib/jvm/a-java-25"), "25.0.3")
	write(t, e.at("/usr/lib/jvm/openjdk-17/src.zip"), "")
	check := func(want Java, explicit string, major int) {
		t.Helper()
		got, err := e.FindJavaFor(major, explicit)
		want.Path = filepath.Join(resolved(want.Home), "bin", "java")
		want.Home = resolved(want.Home)
		if err != nil || got != want {
			t.Errorf("got %+v, %v; want %+v", got, err, want)
		}
	}
	check(Java{Home: newest, Version: "25.0.3", Major: 25, From: "installed"}, "", 0)
	seventeen := runtimeAt(t, e.at("/opt/java/seventeen"), "17.0.15")
	if err := os.Symlink(seventeen, e.at("/usr/lib/jvm/default-java")); err != nil {
		t.Fatal(err)
	}
	check(Java{Home: seventeen, Version: "17.0.15", Major: 17, From: "installed"}, "", 0)
	eight := e.at("/usr/lib/jvm/java-8")
	e.LookPath = func(name string) (string, error) {
		if name == "java" {
			return filepath.Join(eight, "bin", "java"), nil
		}
		return "", exec.ErrNotFound
	}
	check(Java{Home: eight, Version: "1.8.0_402", Major: 8, From: "PATH"}, "", 0)
	check(Java{Home: seventeen, Version: "17.0.15", Major: 17, From: "installed"}, "", 17)
	e.setenv("JAVA_HOME", newest)
	check(Java{Home: newest, Version: "25.0.3", Major: 25, From: "JAVA_HOME"}, "", 17)
	check(Java{Home: eight, Version: "1.8.0_402", Major: 8, From: "--java"}, filepath.Join(eight, "bin", "java"), 8)

	// One that was asked for stands alone, and what is wrong with it is told.
	for explicit, why := range map[string]string{
		eight:                           "it is Java 1.8.0_402, and Java 11 or newer is needed",
		e.at("/gone"):                   "there is nothing",
		e.at("/usr/lib/jvm"):            "no bin/java",
		filepath.Join(eight, "release"): "no program",
	} {
		if _, err := e.FindJavaFor(11, explicit); !errors.As(err, &missing) || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v", explicit, err)
		}
	}
}

// TestJavaWithoutRelease are programs that have to be asked.
func TestJavaWithoutRelease(t *testing.T) {
	e := nowhere(t)
	home := e.at("/opt/old/jre")
	program(t, filepath.Join(home, "bin", "java"), `echo 'Picked up JAVA_TOOL_OPTIONS: -Dx=version' >&2; echo 'java version "1.8.0_291"' >&2`)
	java, err := e.FindJava(home)
	if err != nil || java.Major != 8 || java.Home != resolved(home) {
		t.Errorf("%+v, %v", java, err)
	}
	real := runtimeAt(t, e.at("/opt/real"), "21.0.1")
	shim := program(t, e.at("/home/me/.jenv/shims/java"), "echo '    java.home = "+real+"'; echo 'openjdk version \"21.0.1\" 2023-10-17' >&2\n")
	java, err = e.FindJava(shim)
	if err != nil || java.Major != 21 || java.Path != filepath.Join(resolved(real), "bin", "java") || java.Home != resolved(real) {
		t.Errorf("behind a shim: %+v, %v", java, err)
	}

	stub := program(t, e.at("/usr/bin/java"), "echo 'The operation couldn’t be completed. Unable to locate a Java Runtime.' >&2; exit 1\n")
	e.LookPath = func(string) (string, error) { return stub, nil }
	var missing *MissingError
	if _, err = e.FindJava(""); !errors.As(err, &missing) || !strings.Contains(err.Error(), "Unable to locate a Java Runtime") || missing.Rejected[0].From != "PATH" {
		t.Error(err)
	}
	// A stub does not hide a runtime elsewhere.
	runtimeAt(t, e.at("/usr/lib/jvm/x"), "17-ea")
	if java, err = e.FindJava(""); err != nil || java.Major != 17 {
		t.Errorf("%+v, %v", java, err)
	}
	strange := program(t, e.at("/opt/strange/bin/java"), "echo hello\n")
	if _, err = e.FindJava(strange); err == nil || !strings.Contains(err.Error(), "tells no version: hello") {
		t.Error(err)
	}
}

func TestJavaThatHangs(t *testing.T) {
	defer func(d time.Duration) { askLimit = d }(askLimit)
	askLimit = 50 * time.Millisecond
	e := nowhere(t)
	hung := program(t, e.at("/opt/hung/bin/java"), "exec sleep 1000\n")
	if _, err := e.FindJava(hung); err == nil || !strings.Contains(err.Error(), "did not answer within") {
		t.Error(err)
	}
}

// TestJavaHomeOfMac is macOS's way to tell where Java is.
func TestJavaHomeOfMac(t *testing.T) {
	e := nowhere(t)
	e.GOOS = "darwin"
	home := runtimeAt(t, e.at("/Library/Java/JavaVirtualMachines/t.jdk/Contents/Home"), "21.0.2")
	ask := program(t, e.at("/usr/libexec/java_home"), "echo "+home+"\n")
	java, err := e.FindJava("")
	if err != nil || java.From != "/usr/libexec/java_home" || java.Major != 21 {
		t.Errorf("%+v, %v", java, err)
	}
	program(t, ask, "exit 1\n")
	if java, err = e.FindJava(""); err != nil || java.From != "installed" {
		t.Errorf("%+v, %v", java, err)
	}
}

func TestJavaMajor(t *testing.T) {
	for version, want := range map[string]int{
		"17.0.15": 17, "1.8.0_402": 8, "17-ea": 17, "25": 25, "9-Debian": 9, "1.7": 7, "": 0, "x": 0, "1.": 0, "99999999999999999999": 0,
	} {
		if got := JavaMajor(version); got != want {
			t.Errorf("%q: %d", version, got)
		}
	}
}
