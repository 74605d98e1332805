package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"zkdeck/config"
)

func TestLockRoots(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lockroots")
	want := func(cluster string, roots ...string) {
		t.Helper()
		if got, err := config.ReadLockRoots(path, cluster); !reflect.DeepEqual(got, roots) || err != nil {
			t.Errorf("of %s it holds %q, %v, want %q", cluster, got, err, roots)
		}
	}
	write := func(cluster string, roots ...string) {
		t.Helper()
		if err := config.WriteLockRoots(path, cluster, roots); err != nil {
			t.Fatal(err)
		}
	}
	want("prod")
	write("prod", "/apps", "/jobs with\n\x1b a line")
	write("a:1,b:2/x", "/y")
	want("prod", "/apps", "/jobs with\n\x1b a line")
	want("a:1,b:2/x", "/y")
	want("other")
	write("prod", "/z")
	want("prod", "/z")
	write("prod")
	want("prod")
	want("a:1,b:2/x", "/y")
	for i := range 150 {
		write(fmt.Sprint("h", i), "/r")
	}
	want("h149", "/r")
	want("h0")
	want("a:1,b:2/x")
	for _, roots := range [][]string{{"/" + strings.Repeat("x", 1<<20)}, make([]string, 200), {"relative"}} {
		if err := config.WriteLockRoots(path, "big", roots); err == nil {
			t.Errorf("%d roots were taken", len(roots))
		}
	}
	want("h149", "/r")
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if err := config.WriteLockRoots(filepath.Join(path, "x"), "a", []string{"/"}); err == nil {
		t.Error("written into a file as if it were a folder")
	}
}

func TestLockRootsDamaged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lockroots")
	text := "{\"cluster\":\"a\",\"roots\":[\"/x\"]}\nhello\n\x00\xff\n[1]\n{\"cluster\":\"b\",\"roots\":[\"relative\"]}\n" +
		"{\"cluster\":\"c\",\"roots\":7}\n{\"cluster\":\"a\",\"roots\":[\"/later\"]}\n{\"cluster\":\"d\",\"roots\":[\"/d\"]}\n{\"cluster\":\"e\",\"roo"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for cluster, want := range map[string][]string{"a": {"/x"}, "b": nil, "c": nil, "d": {"/d"}, "e": nil} {
		if got, err := config.ReadLockRoots(path, cluster); !reflect.DeepEqual(got, want) || err != nil {
			t.Errorf("of %s it holds %q, %v, want %q", cluster, got, err, want)
		}
	}
	if err := config.WriteLockRoots(path, "e", []string{"/e"}); err != nil {
		t.Error(err)
	}
	if got, err := config.ReadLockRoots(path, "d"); len(got) != 1 || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}
