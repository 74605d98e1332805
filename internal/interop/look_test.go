//go:build interop

package interop

import (
	"bufio"
	"io"
	"net"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

	"zkdeck/lockctl"
)

// look lists a server for the recogniser.
type look struct {
	t    *testing.T
	addr string
	conn *zk.Conn
}

// node reads a znode; false if it is gone.
func (l look) node(path string) (lockctl.Node, bool) {
	data, st, err := l.conn.Get(path)
	if err != nil {
		return lockctl.Node{}, false
	}
	return lockctl.Node{Data: data, Stat: lockctl.Stat{
		Czxid: st.Czxid, Mzxid: st.Mzxid, Ctime: st.Ctime, Mtime: st.Mtime, Version: st.Version, Cversion: st.Cversion,
		EphemeralOwner: st.EphemeralOwner, DataLength: st.DataLength, NumChildren: st.NumChildren,
	}}, true
}

func (l look) list(path string) (lockctl.Directory, bool) {
	names, _, err := l.conn.Children(path)
	if err != nil {
		return lockctl.Directory{}, false
	}
	d := lockctl.Directory{Path: path}
	for _, n := range names {
		if k, ok := l.node(strings.TrimSuffix(path, "/") + "/" + n); ok {
			k.Name = n
			d.Children = append(d.Children, k)
		}
	}
	own, ok := l.node(path)
	d.Stat, d.Data = own.Stat, own.Data
	return d, ok
}

// locks recognises all that is at and below path.
func (l look) locks(path string, c lockctl.Cluster) []lockctl.Lock {
	d, ok := l.list(path)
	if !ok {
		return nil
	}
	var all []lockctl.Lock
	if q, ok := l.list(lockctl.QueueOf(path)); ok {
		d.Queue = &q
	}
	if _, shown := l.list(lockctl.QueuedFor(path)); !shown {
		all = lockctl.Recognise(d, c)
	}
	for _, n := range d.Children {
		if n.Stat.NumChildren > 0 {
			all = append(all, l.locks(strings.TrimSuffix(path, "/")+"/"+n.Name, c)...)
		}
	}
	return all
}

var consLine = regexp.MustCompile(`^ /([^\[]+)\[.*sid=0x([0-9a-f]+)`)

// cluster is what the server says of sessions and watches.
func (l look) cluster() lockctl.Cluster {
	l.t.Helper()
	c := lockctl.Cluster{
		Now: time.Now().UnixMilli(), AllAddresses: true, AllWatches: true,
		Addresses: map[int64]string{}, Sessions: map[int64]bool{}, Watches: map[string][]int64{},
	}
	l.word("cons", func(line string) {
		if m := consLine.FindStringSubmatch(line); m != nil {
			c.Addresses[sessionID(l.t, m[2])] = m[1]
			c.Sessions[sessionID(l.t, m[2])] = true
		}
	})
	path := ""
	l.word("wchp", func(line string) {
		if id, ok := strings.CutPrefix(line, "\t0x"); ok {
			c.Watches[path] = append(c.Watches[path], sessionID(l.t, id))
			return
		}
		path = line
	})
	return c
}

func sessionID(t *testing.T, hex string) int64 {
	t.Helper()
	id, err := strconv.ParseUint(hex, 16, 64)
	if err != nil {
		t.Fatal(err)
	}
	return int64(id)
}

// word asks the server one of its four-letter words.
func (l look) word(word string, line func(string)) {
	l.t.Helper()
	conn, err := net.DialTimeout("tcp", l.addr, patience)
	if err != nil {
		l.t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, word); err != nil {
		l.t.Fatal(err)
	}
	for s := bufio.NewScanner(conn); s.Scan(); {
		line(s.Text())
	}
}
