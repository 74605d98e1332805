package lockview_test

import (
	"slices"
	"strings"
	"testing"

	"zkdeck/lockctl"
	"zkdeck/zkview"
)

// Children that do not belong into a queue are shown apart, with what they do to its
// clients, and are forgotten when they are taken away.
func TestForeignChild(t *testing.T) {
	addr, root, conn := shared(t)
	dir := root + "/q"
	create(t, conn, dir, "", plain)
	const guid = "_c_0123456789abcdef0123456789abcdef-lock-" // go-zookeeper's
	first := create(t, conn, dir+"/"+guid, "", contending)
	create(t, conn, dir+"/"+strings.Replace(guid, "0", "f", 1), "", contending)
	r := look(t, setup{Config: zkview.Config{Servers: addr}, roots: []string{root}})
	r.shows(dir, "contended 0=holder 1=waiter")
	hostile := []string{
		"config", "meta", "leader_ack", "_c_x", "_c_", "lock-", "x-", "-", "__lock__", "\u202egnirts", "a\u200bb",
		"_c_0123456789abcdef0123456789abcdef-lock-99999999999", "_c_0123456789abcdef0123456789abcdef-lock-2147483648", strings.Repeat("n", 5000),
	}
	for _, name := range hostile {
		create(t, conn, dir+"/"+name, "", plain)
		s := r.until("the foreign child "+name, func(s *lockctl.Snapshot) bool {
			v := s.At(dir)
			return v != nil && len(v.Foreign) == 1 && v.Foreign[0].Node == name
		})
		v := s.At(dir)
		if v.Recipe != lockctl.GoZooKeeper || v.Holders() != 1 || v.Waiters() != 1 {
			t.Errorf("with %q it is %s: %s, %q", name, v.Recipe, looks(v), v.Foreign[0].Node)
		}
		warned := slices.ContainsFunc(v.Warnings, func(w lockctl.Warning) bool { return w.Code == lockctl.WarnForeign })
		if breaks := v.Foreign[0].Effect != ""; breaks != warned {
			t.Errorf("%q: effect %q, but %s", name, v.Foreign[0].Effect, looks(v))
		}
		remove(t, conn, dir+"/"+name)
		r.until("it is forgotten", func(s *lockctl.Snapshot) bool { return len(s.At(dir).Foreign) == 0 })
		r.shows(dir, "contended 0=holder 1=waiter")
	}
	remove(t, conn, first)
	r.shows(dir, "held 1=holder")
}

// Paths are as hostile as the server takes them.
func TestHostilePaths(t *testing.T) {
	addr, root, conn := shared(t)
	dirs := []string{
		root + "/\u202e\u2066lock", root + "/a lock  with blanks ", root + "/quote'\"`$(x);", root + "/zero\u200bwidth",
		root + "/" + strings.Repeat("deep and wide ", 300), root + "/\\x1b[31m", root + "/\u00a0", root + "/e\u0301",
	}
	for _, dir := range dirs {
		create(t, conn, dir, "", plain)
		create(t, conn, dir+"/"+id(1), "", contending)
	}
	r := look(t, setup{Config: zkview.Config{Servers: addr}, roots: []string{root}})
	for _, dir := range dirs {
		create(t, conn, dir+"/"+id(2), "", contending)
		r.shows(dir, "contended 0=holder 1=waiter")
	}
}
