//go:build interop

package interop

import (
	"bytes"
	"context"
	"os/exec"
	"slices"
	"testing"
)

// curatorJars are what a program on Curator needs to be compiled and to run, by the
// Debian package.
var curatorJars = map[string]string{
	"curator-client": "libcurator-client-java", "curator-framework": "libcurator-framework-java",
	"curator-recipes": "libcurator-recipes-java", "zookeeper": "libzookeeper-java", "zookeeper-jute": "libzookeeper-java",
	"guava": "libguava-java", "slf4j-api": "libslf4j-java", "slf4j-nop": "libslf4j-java",
}

// TestCurator compiles a program on Java's Curator and runs it.
func TestCurator(t *testing.T) {
	javac, java := program(t, "javac", "default-jdk-headless"), program(t, "java", "default-jdk-headless")
	classes := t.TempDir()
	jars := classPath(t, curatorJars, classes)
	out, err := exec.CommandContext(t.Context(), javac, "-proc:none", "-d", classes, "-cp", jars, "testdata/CuratorRecipes.java").CombinedOutput()
	if err != nil {
		t.Fatalf("javac: %v\n%s", err, out)
	}
	same(t, "\ndone\n", func(ctx context.Context, addr string) (string, error) {
		cmd := exec.CommandContext(ctx, java, append(slices.Clone(javaFlags), "-cp", jars, "CuratorRecipes", addr)...)
		var out, errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &errs
		err := cmd.Run()
		return out.String() + errs.String(), err
	})
}
