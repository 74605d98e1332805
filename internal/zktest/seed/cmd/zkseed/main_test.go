package main

import (
	"testing"

	"zkdeck/internal/zktest"
)

func TestMain(m *testing.M) { zktest.Main(m) }

func TestRun(t *testing.T) {
	addr, root := zktest.Shared(t), zktest.Root(t)
	if err := run(t.Context(), []string{"-servers", addr, "-life", "-root", root, "-wide", root + "/wide=7"}); err != nil {
		t.Fatal(err)
	}
	conn := zktest.Connect(t, addr)
	if names, _, err := conn.Children(root + "/wide"); err != nil || len(names) != 7 {
		t.Errorf("children %q, %v", names, err)
	}
	if ok, _, err := conn.Exists(root + "/solr/configs"); err != nil || !ok {
		t.Errorf("no life: %v, %v", ok, err)
	}
}

func TestParseWide(t *testing.T) {
	for _, bad := range []string{"x", "/a", "/a=", "/a=0", "/a=x", "a=1"} {
		if path, n, err := parseWide(bad); err == nil {
			t.Errorf("%q: %q, %d", bad, path, n)
		}
	}
	if path, n, err := parseWide("/a/b=12"); path != "/a/b" || n != 12 || err != nil {
		t.Errorf("%q, %d, %v", path, n, err)
	}
}
