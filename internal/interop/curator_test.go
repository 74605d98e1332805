//go:build interop

package interop

import (
	"bytes"
	"context"
	"os/exec"
	"slices"
	"testing"
)

// curatorJars are what a program on Curator or on ZooKeeper's own recipes needs to be
// compiled and to run, by the Debian package.
var curatorJars = map[string]string{
	"curator-client": "libcurator-client-java", "curator-framework": "libcurator-framework-java",
	"curator-recipes": "libcurator-recipes-java", "zookeeper": "libzookeeper-java", "zookeeper-jute": "libzookeeper-java",
	"zookeeper-recipes-lock": "libzookeeper-java", "zookeeper-recipes-election": "libzookeeper-java", "zookeeper-recipes-queue": "libzookeeper-java",
	"guava": "libguava-java", "slf4j-api": "libslf4j-java", "slf4j-nop": "libslf4j-java",
}

// javaProgram is the path of java.
func javaProgram(t *testing.T) string { return program(t, "java", "default-jdk-headless") }

// javaArgs compiles a program in testdata and returns the arguments for java that run it.
func javaArgs(t *testing.T, class string, args ...string) []string {
	t.Helper()
	classes := t.TempDir()
	jars := classPath(t, curatorJars, classes)
	javac := program(t, "javac", "default-jdk-headless")
	out, err := exec.CommandContext(t.Context(), javac, "-proc:none", "-d", classes, "-cp", jars, "testdata/"+class+".java").CombinedOutput()
	if err != nil {
		t.Fatalf("javac: %v\n%s", err, out)
	}
	return slices.Concat(javaFlags, []string{"-cp", jars, class}, args)
}

// TestCurator runs the recipes of Java's Curator.
func TestCurator(t *testing.T) {
	java, args := javaProgram(t), javaArgs(t, "CuratorRecipes")
	same(t, "\ndone\n", func(ctx context.Context, addr string) (string, error) {
		cmd := exec.CommandContext(ctx, java, append(slices.Clone(args), addr)...)
		var out, errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &errs
		err := cmd.Run()
		return out.String() + errs.String(), err
	})
}
