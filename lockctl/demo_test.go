package lockctl_test

import (
	"fmt"
	"io"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"zkdeck/lockctl"
	"zkdeck/zkview/sandbox"
	"zkdeck/zkview/sandbox/demo"
)

// sample is a sandbox in which programs contend for locks, each by its library's recipe.
type sample struct {
	server *sandbox.Server
	client *sandbox.Client
}

// list is the listing of a znode; false if it is gone.
func (s sample) list(path string) (lockctl.Directory, bool) {
	names, err := s.client.Children(path, nil)
	if err != nil {
		return lockctl.Directory{}, false
	}
	d := lockctl.Directory{Path: path}
	for _, n := range names {
		// Whoever went in between is not there.
		if c, ok := s.node(strings.TrimSuffix(path, "/") + "/" + n); ok {
			c.Name = n
			d.Children = append(d.Children, c)
		}
	}
	own, ok := s.node(path)
	d.Stat, d.Data = own.Stat, own.Data
	return d, ok
}

func (s sample) node(path string) (lockctl.Node, bool) {
	st, there, err := s.client.Exists(path, nil)
	data, _, _ := s.client.Get(path, nil) // not of what is closed to us
	return lockctl.Node{Data: data, Stat: lockctl.Stat{
		Czxid: st.Czxid, Mzxid: st.Mzxid, Ctime: st.CtimeMS, Mtime: st.MtimeMS, Version: st.Version, Cversion: st.Cversion,
		EphemeralOwner: st.EphemeralOwner, DataLength: st.DataLength, NumChildren: st.NumChildren,
	}}, there && err == nil
}

// watches are the data watches, by `wchp`.
func (s sample) watches(t *testing.T) map[string][]int64 {
	t.Helper()
	conn, err := net.DialTimeout("tcp", s.server.Addr(), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "wchp"); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	by, path := map[string][]int64{}, ""
	for line := range strings.Lines(string(answer)) {
		line = strings.TrimRight(line, "\n")
		if id, ok := strings.CutPrefix(line, "\t0x"); ok {
			session, err := strconv.ParseUint(id, 16, 64)
			if err != nil {
				t.Fatal(err)
			}
			by[path] = append(by[path], int64(session))
			continue
		}
		path = line
	}
	return by
}

// walk recognises all that is below path.
func (s sample) walk(path string, c lockctl.Cluster, found func(lockctl.Lock)) {
	d, ok := s.list(path)
	if !ok {
		return
	}
	if q, ok := s.list(lockctl.QueueOf(path)); ok {
		d.Queue = &q
	}
	places := lockctl.QueuedFor(path)
	if _, there, _ := s.client.Exists(places, nil); places == "" || !there {
		for _, l := range lockctl.Recognise(d, c) {
			found(l)
		}
	}
	for _, n := range d.Children {
		if n.Stat.NumChildren > 0 {
			s.walk(strings.TrimSuffix(path, "/")+"/"+n.Name, c, found)
		}
	}
}

// In the sandbox's sample data every lock is recognised as what it is, waiters are seen
// to watch whom the recipe says, and nothing else is a lock.
func TestSampleData(t *testing.T) {
	server, err := sandbox.Start(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	client, err := server.Open("10.0.0.9:1", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	life, err := demo.Live(t.Context(), server, demo.Options{Pace: 20 * time.Millisecond, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(life.Close)
	s := sample{server, client}
	want := map[string]string{
		"/locks/invoice-run":            "curator-mutex, mutex",
		"/locks/price-list":             "curator-rwlock, read-write",
		"/locks/nightly-report":         "kazoo-lock, mutex",
		"/locks/deploy":                 "go-zookeeper, mutex",
		"/locks/reindex":                "writelock, mutex",
		"/locks/db-connections":         "curator-semaphore, semaphore",
		"/uk/lock":                      "naive, mutex",
		"/election/billing":             "curator-latch, election",
		"/solr/overseer_elect/election": "solr-election, election",
		"/solr/overseer_elect/leader":   "exclusive-node, exclusive node",
		"/patroni/orders-db/leader":     "patroni, exclusive node",
		"/kafka/controller":             "kafka-controller, exclusive node",
	}
	left, seen := maps.Clone(want), map[string]bool{
		"/locks/invoice-run": true, "/locks/price-list": true, "/locks/nightly-report": true, "/locks/deploy": true,
		"/election/billing": true, "/solr/overseer_elect/election": true,
	}
	for end := time.Now().Add(time.Minute); len(left)+len(seen) > 0 && time.Now().Before(end); {
		s.walk("/", lockctl.Cluster{Watches: s.watches(t)}, func(l lockctl.Lock) {
			if got := fmt.Sprintf("%s, %s", l.Recipe, l.Kind); got != want[l.Path] {
				t.Fatalf("%s is taken for %s", l.Path, got)
			}
			delete(left, l.Path)
			for _, k := range l.Contenders {
				if k.Seen {
					delete(seen, l.Path)
				}
			}
			for _, w := range l.Warnings {
				if w.Code != lockctl.WarnHerd {
					t.Errorf("%s: %s", l.Path, w.Text)
				}
			}
		})
	}
	if len(left)+len(seen) > 0 {
		t.Errorf("not recognised: %v; nobody seen waiting: %v", slices.Sorted(maps.Keys(left)), slices.Sorted(maps.Keys(seen)))
	}
}
