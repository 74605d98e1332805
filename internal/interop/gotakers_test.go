//go:build interop

package interop

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-zookeeper/zk"
)

// goTaker is a session of go-zookeeper, and one of the locks below on it.
type goTaker struct {
	addr    string
	timeout time.Duration
	conn    *zk.Conn
}

func (g *goTaker) connect(ctx context.Context) (int64, error) {
	conn, events, err := zk.Connect(strings.Split(g.addr, ","), g.timeout, zk.WithLogger(quiet{}))
	if err != nil {
		return 0, err
	}
	g.conn = conn
	for {
		select {
		case e := <-events:
			if e.State == zk.StateHasSession {
				return conn.SessionID(), nil
			}
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

func (g *goTaker) close() {
	if g.conn != nil {
		g.conn.Close()
	}
}

func (g *goTaker) mode() string { return "exclusive" }

type quiet struct{}

func (quiet) Printf(string, ...any) {}

// goLock is go-zookeeper's Lock, which can be waited for only for ever: who gives up
// ends the session.
type goLock struct {
	goTaker
	path string
	lock *zk.Lock
}

func (g *goLock) take(ctx context.Context) (grant, error) {
	g.lock = zk.NewLock(g.conn, g.path, zk.WorldACL(zk.PermAll))
	defer context.AfterFunc(ctx, g.conn.Close)()
	return grant{node: "-"}, g.lock.Lock()
}

func (g *goLock) give() (bool, error) {
	err := g.lock.Unlock()
	return err == nil, err
}

// handmade is a lock as many write it themselves, and as those libraries do that are
// not at hand here: a sequential znode, of which the first holds, or that has no other
// before it than readers, if it is one itself. It waits for the last that keeps it.
type handmade struct {
	goTaker
	path   string
	prefix func(session int64) string
	data   []byte
	shared string // what a reader's znode has in its name; "" where there are no readers
	own    string
}

func (h *handmade) take(ctx context.Context) (grant, error) {
	for at := 1; at <= len(h.path); at++ {
		if at == len(h.path) || h.path[at] == '/' {
			if _, err := h.conn.Create(h.path[:at], nil, 0, zk.WorldACL(zk.PermAll)); err != nil && !errors.Is(err, zk.ErrNodeExists) {
				return grant{}, err
			}
		}
	}
	own, err := h.conn.Create(h.path+"/"+h.prefix(h.conn.SessionID()), h.data, zk.FlagEphemeralSequential, zk.WorldACL(zk.PermAll))
	if err != nil {
		return grant{}, err
	}
	h.own = own
	for {
		before, err := h.before()
		if err != nil || before == "" {
			return grant{node: path.Base(own)}, err
		}
		_, _, gone, err := h.conn.GetW(h.path + "/" + before)
		if errors.Is(err, zk.ErrNoNode) {
			continue
		} else if err != nil {
			return grant{}, err
		}
		select {
		case <-gone:
		case <-ctx.Done():
			return grant{}, errors.Join(ctx.Err(), h.conn.Delete(own, -1))
		}
	}
}

// before is the last of those that keep us from holding, "" if there is none.
func (h *handmade) before() (string, error) {
	names, _, err := h.conn.Children(h.path)
	if err != nil {
		return "", err
	}
	number := func(name string) int {
		n, _ := strconv.Atoi(name[max(0, len(name)-10):])
		return n
	}
	own := path.Base(h.own)
	reads := h.shared != "" && strings.Contains(own, h.shared)
	if !slices.Contains(names, own) {
		return "", fmt.Errorf("%s is gone", h.own)
	}
	last := ""
	for _, n := range names {
		if number(n) < number(own) && !(reads && strings.Contains(n, h.shared)) && (last == "" || number(n) > number(last)) {
			last = n
		}
	}
	return last, nil
}

func (h *handmade) give() (bool, error) {
	err := h.conn.Delete(h.own, -1)
	return err == nil, err
}

func (h *handmade) mode() string {
	if h.shared != "" && strings.Contains(h.prefix(0), h.shared) {
		return "read"
	}
	return "exclusive"
}

// byHand is a lock of go-zookeeper's, or one by hand.
func byHand(addr string, timeout time.Duration, w wanted) taker {
	g := goTaker{addr: addr, timeout: timeout}
	switch w.kind {
	case "go-zookeeper":
		return &goLock{goTaker: g, path: w.path}
	case "zoo_lock":
		return &handmade{goTaker: g, path: w.path, prefix: zooLock}
	case "lock-":
		return &handmade{goTaker: g, path: w.path, prefix: named(w.kind)}
	case "read-", "write-":
		return &handmade{goTaker: g, path: w.path, prefix: named(w.kind), shared: "read-"}
	case "guid-lock-":
		return &handmade{goTaker: g, path: w.path, prefix: named(guid() + "-lock-")}
	case "guid-read-", "guid-write-":
		return &handmade{goTaker: g, path: w.path, prefix: named(guid() + w.kind[4:]), shared: "read-"}
	default: // zk-ruby's
		return &handmade{goTaker: g, path: w.path, prefix: named(w.kind), data: []byte("0"), shared: "sh"}
	}
}

// guid is an id as the recipes' document wants one.
func guid() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b)
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// named is a prefix that is the same for all sessions.
func named(prefix string) func(int64) string { return func(int64) string { return prefix } }

// zooLock is how ZooKeeper's lock in C names its znodes.
func zooLock(session int64) string { return fmt.Sprintf("x-%016x-", uint64(session)) }
