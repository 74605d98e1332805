package zoocfg_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"zkdeck/config/zoocfg"
)

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "zoo.cfg")
	for _, text := range []string{"a=1\n", "a=2\n"} {
		if err := zoocfg.WriteFile(path, []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != text {
			t.Fatalf("%q, %v", got, err)
		}
	}
	link := filepath.Join(t.TempDir(), "zoo.cfg")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if err := zoocfg.WriteFile(link, []byte("a=3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "a=3\n" {
		t.Errorf("through a link: %q, %v", got, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestWriteFileLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	taken := filepath.Join(dir, "zoo.cfg")
	if err := os.MkdirAll(filepath.Join(taken, "full"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := zoocfg.WriteFile(taken, []byte("a=1\n"), 0o600); err == nil {
		t.Error("a folder was overwritten")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left: %v, %v", left, err)
	}
	if err := zoocfg.WriteFile(filepath.Join(dir, "none", "zoo.cfg"), nil, 0o600); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	write := func(name, text string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	path := write("zoo.cfg", "dataDir="+data+"\ndynamicConfigFile=zoo.cfg.dynamic.1f\n")
	c, err := zoocfg.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if c.Path != path || !errors.Is(c.DynamicErr, fs.ErrNotExist) || !errors.Is(c.MyID.Err, fs.ErrNotExist) {
		t.Errorf("%+v", c)
	}
	write("zoo.cfg.dynamic.1f", "server.2=b:1:2;2181\nserver.1=a:1:2:observer\n")
	for text, want := range map[string]int{"2": 2, "2\n": 2, "2\r\n": 2, "2 ": 0, "\n2": 0, "": 0, "\ufeff2": 0, "replace this text": 0, "2\nx": 2} {
		write("data/myid", text)
		c, err = zoocfg.Load(path)
		if err != nil {
			t.Fatal(err)
		}
		if c.MyID.ID != want || (want == 0) != errors.Is(c.MyID.Err, zoocfg.ErrNoID) {
			t.Errorf("myid %q: %+v", text, c.MyID)
		}
	}
	if all, err := c.Servers(); err != nil || len(all) != 2 || !all[0].Observer || all[1].Client.Port != 2181 {
		t.Errorf("%+v, %v", all, err)
	}
	if _, err := zoocfg.Load(dir); err == nil {
		t.Error("a folder was read")
	}
	if _, err := zoocfg.Load(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}
