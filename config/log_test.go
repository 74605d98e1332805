package config_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"zkdeck/config"
)

func TestLogStartsAnew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "zkdeck.log")
	l, err := config.OpenLog(path, 100)
	if err != nil {
		t.Fatal(err)
	}
	line := func(c string) []byte { return []byte(strings.Repeat(c, 39) + "\n") }
	for _, c := range []string{"a", "b", "c", "d", "e"} {
		if n, err := l.Write(line(c)); n != 40 || err != nil {
			t.Fatalf("wrote %d, %v", n, err)
		}
	}
	wantFile(t, path, string(line("e")))
	wantFile(t, path+".1", string(line("c"))+string(line("d")))
	if _, err := l.Write(bytes.Repeat([]byte("x"), 300)); err != nil {
		t.Errorf("a line over the limit: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if _, err := l.Write(line("f")); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("writing after Close: %v", err)
	}
	if l, err = config.OpenLog(path, 1000); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Write([]byte("more")); err != nil {
		t.Error(err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	wantFile(t, path, strings.Repeat("x", 300)+"more")
}

// TestLogOfTwoProcesses has the second keep its file when the first has renamed
// it away already.
func TestLogOfTwoProcesses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "zkdeck.log")
	a, b := openLog(t, path, 10), openLog(t, path, 10)
	write := func(l *config.LogFile, s string) {
		if _, err := l.Write([]byte(s)); err != nil {
			t.Fatal(err)
		}
	}
	write(a, "aaaaaaa\n")
	write(b, "b\n")
	write(a, "AAAA\n") // renames
	write(b, "BBBBBBBBB\n")
	wantFile(t, path, "AAAA\nBBBBBBBBB\n")
	wantFile(t, path+".1", "aaaaaaa\nb\n")
}

func TestLogIsClosedToOthers(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	path := filepath.Join(t.TempDir(), "zkdeck.log")
	if err := os.WriteFile(path, []byte("old\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	openLog(t, path, 100)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestLogConcurrently(t *testing.T) {
	l := openLog(t, filepath.Join(t.TempDir(), "zkdeck.log"), 200)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 50 {
				if _, err := l.Write([]byte("0123456789\n")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

func TestStateIsClosedToOthers(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	p := config.Paths{Config: t.TempDir(), State: filepath.Join(t.TempDir(), "a", "zkdeck")}
	if err := os.MkdirAll(p.Drafts(), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(p.State, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := p.MakeState(); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{p.State, p.Drafts()} {
		info, err := os.Stat(dir)
		if err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%s: %v, %v", dir, info.Mode(), err)
		}
	}
	for _, path := range []string{p.Log(), p.Crash(), p.History()} {
		if filepath.Dir(path) != p.State {
			t.Errorf("%s is not in the state folder", path)
		}
	}
	p.State = filepath.Join(p.Drafts(), "file")
	if err := os.WriteFile(p.State, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := p.MakeState(); err == nil {
		t.Error("a file serves as the state folder")
	}
}

func TestDefaultPaths(t *testing.T) {
	p := config.DefaultPaths()
	for _, path := range []string{p.Settings(), p.State, p.Data, p.Cache} {
		if !filepath.IsAbs(path) || !strings.Contains(path, "zkdeck") {
			t.Errorf("path %q", path)
		}
	}
}

func openLog(t *testing.T, path string, limit int64) *config.LogFile {
	t.Helper()
	l, err := config.OpenLog(path, limit)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func wantFile(t *testing.T, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Errorf("%s holds %q, %v; want %q", filepath.Base(path), got, err, want)
	}
}
