package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"

	"zkdeck/config"
)

func TestRecent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "recent")
	want := func(list ...config.Recent) {
		t.Helper()
		if got, err := config.ReadRecent(path); !reflect.DeepEqual(got, list) || err != nil {
			t.Errorf("it holds %v, %v, want %v", got, err, list)
		}
	}
	add := func(r config.Recent) {
		t.Helper()
		if err := config.AddRecent(path, r); err != nil {
			t.Fatal(err)
		}
	}
	want()
	a, b, prod := config.Recent{Servers: "a:1"}, config.Recent{Servers: "b/x", ReadOnly: true}, config.Recent{Profile: "prod\n\x1b\"eu"}
	add(a)
	add(b)
	add(prod)
	want(prod, b, a)
	add(a)
	want(a, prod, b)
	b.ReadOnly = false // the last use counts
	add(b)
	want(b, a, prod)
	add(config.Recent{})
	add(config.Recent{Profile: "x", Servers: "y"})
	add(config.Recent{Servers: strings.Repeat("x", 1<<20)})
	want(b, a, prod)
	for i := range 50 {
		add(config.Recent{Servers: fmt.Sprint("h", i)})
	}
	if got, err := config.ReadRecent(path); len(got) != 20 || got[0].Servers != "h49" || err != nil {
		t.Errorf("%d are kept, %v, %v", len(got), got, err)
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); len(entries) != 1 || err != nil {
		t.Errorf("left beside it: %v, %v", entries, err)
	}
	if err := config.AddRecent(filepath.Join(path, "x"), a); err == nil {
		t.Error("written into a file as if it were a folder")
	}
}

func TestRecentDamaged(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []config.Recent
	}{
		"not JSON":   {"{\"servers\":\"a\"}\nhello\n\x00\xff\n[1]\n{\"servers\":7}\n{\"servers\":\"b\"}\n", []config.Recent{{Servers: "a"}, {Servers: "b"}}},
		"cut":        {"{\"servers\":\"a\"}\n{\"servers\":\"b", []config.Recent{{Servers: "a"}}},
		"twice":      {"{\"servers\":\"a\"}\n{\"servers\":\"a\",\"readonly\":true}\n", []config.Recent{{Servers: "a"}}},
		"of a later": {"{\"servers\":\"a\",\"since\":1}\n{\"socket\":\"/x\"}\n", []config.Recent{{Servers: "a"}}},
		"both":       {"{\"servers\":\"a\",\"profile\":\"b\"}\n{}\n\n", nil},
		"no lines":   {strings.Repeat("x", 3<<20), nil},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "recent")
			if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			if got, err := config.ReadRecent(path); !reflect.DeepEqual(got, c.want) || err != nil {
				t.Errorf("it holds %v, %v, want %v", got, err, c.want)
			}
			if err := config.AddRecent(path, config.Recent{Servers: "new"}); err != nil {
				t.Error(err)
			}
			want := append([]config.Recent{{Servers: "new"}}, c.want...)
			if got, err := config.ReadRecent(path); !reflect.DeepEqual(got, want) || err != nil {
				t.Errorf("later it holds %v, %v, want %v", got, err, want)
			}
		})
	}
}

// TestRecentAtOnce sees that whoever reads while others write reads a whole file.
func TestRecentAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "recent")
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for n := range 20 {
				if err := config.AddRecent(path, config.Recent{Servers: fmt.Sprintf("h%d-%d", i, n)}); err != nil {
					t.Error(err)
				}
				if list, err := config.ReadRecent(path); len(list) == 0 || err != nil {
					t.Errorf("read %v, %v", list, err)
				}
			}
		})
	}
	all.Wait()
}
