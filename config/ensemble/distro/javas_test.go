package distro_test

import (
	"os"
	"path/filepath"
	"testing"

	"zkdeck/config/ensemble/distro"
)

// Every runtime is told once, also one that several ways lead to, and none that cannot
// be used.
func TestJavas(t *testing.T) {
	root := t.TempDir()
	runtime := func(place, version string) string {
		home := filepath.Join(root, place)
		if err := os.MkdirAll(filepath.Join(home, "bin"), 0o755); err != nil {
			t.Fatal(err)
		}
		for file, text := range map[string]string{"release": "JAVA_VERSION=\"" + version + "\"\n", "bin/java": "#!/bin/sh\n"} {
			if err := os.WriteFile(filepath.Join(home, file), []byte(text), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		return home
	}
	runtime("usr/lib/jvm/java-11", "11.0.27")
	newest := runtime("usr/lib/jvm/java-25", "25.0.3")
	runtime("usr/lib/jvm/java-odd", "of no number")
	env := distro.Env{
		Getenv: func(name string) string { return map[string]string{"JAVA_HOME": newest}[name] },
		LookPath: func(string) (string, error) {
			return filepath.Join(newest, "bin/java"), nil
		},
		Root: root, GOOS: "linux",
	}
	var got []string
	for _, j := range env.Javas() {
		got = append(got, j.Version+" "+j.From)
	}
	if len(got) != 2 || got[0] != "25.0.3 JAVA_HOME" || got[1] != "11.0.27 installed" {
		t.Errorf("found %q", got)
	}
}
