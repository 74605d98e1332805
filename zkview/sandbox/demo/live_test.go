package demo

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"regexp"
	"slices"
	"strings"
	"testing"

	"zkdeck/zkview/sandbox"
	"zkdeck/zkview/wire"
)

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }

// Nobody holds what another holds, the tree agrees with every claim, and everybody
// gets a turn.
func TestLocksExclude(t *testing.T) {
	s, c := start(t)
	book := &ledger{client: c, strict: true, holders: map[string][]string{}, granted: map[string]int{}, seen: map[string]bool{}}
	l, err := Live(t.Context(), s, Options{Pace: quick, Seed: 3, claims: book.claim})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	until(t, func() []string { return book.fewer(nil, 12) })
	l.Close()
	for _, w := range book.wrong {
		t.Error(w)
	}
	for dir, h := range book.holders {
		if len(h) != 0 {
			t.Errorf("%s: %v believes to hold it after the end", dir, h)
		}
	}
}

// The names are those by which the recipes are known.
func TestNames(t *testing.T) {
	s, c := start(t)
	_, _ = live(t, s, c)
	const id = `[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`
	for dir, names := range map[string]string{
		"/locks/invoice-run":            `_c_` + id + `-lock-\d{10}`,
		"/locks/price-list":             `_c_` + id + `-__(READ|WRIT)__\d{10}`,
		"/locks/nightly-report":         `[0-9a-f]{32}__lock__\d{10}`,
		"/locks/deploy":                 `_c_[0-9a-f]{32}-lock-\d{10}`,
		"/locks/reindex":                `x--?\d+-\d{10}`,
		"/locks/db-connections/locks":   `_c_` + id + `-lock-\d{10}`,
		"/locks/db-connections/leases":  `_c_` + id + `-lease-\d{10}`,
		"/uk/lock":                      `lock_id_\d{10}`,
		"/election/billing":             `_c_` + id + `-latch-\d{10}`,
		"/solr/overseer_elect/election": `-?\d+-10\.40\.0\.\d:8983_solr-n_\d{10}`,
		"/services/checkout":            id,
		"/jobs":                         `queue-\d{10}`,
		"/shop/carts":                   `cart-[0-9a-f]{8}`,
		"/batch":                        `run-\d{8}-\d{6}-[0-9a-f]{4}`,
		"/kafka/brokers/ids":            `\d`,
	} {
		until(t, func() []string {
			found, err := c.Children(dir, nil)
			if len(found) == 0 {
				return []string{fmt.Sprint("children of ", dir, err)}
			}
			for _, n := range found {
				if !regexp.MustCompile(`^` + names + `$`).MatchString(n) {
					t.Errorf("%s has %s, want %s", dir, n, names)
				}
			}
			return nil
		})
	}
}

// Who has opened nothing yet sees that it lives: the number of children and the value of
// znodes at the top change.
func TestTopLives(t *testing.T) {
	s, c := start(t)
	_, _ = live(t, s, c)
	first, there, err := c.Exists(queueDir, nil)
	if !there || err != nil {
		t.Fatal(there, err)
	}
	until(t, func() []string {
		var still []string
		if st, _, _ := c.Exists(queueDir, nil); st.Cversion < first.Cversion+10 {
			still = append(still, "jobs that come and go")
		}
		if st, _, _ := c.Exists(metricsDir, nil); st.Version < 3 {
			still = append(still, "traffic")
		}
		return still
	})
}

// A person takes everything away. What a process needs it makes again; what people
// have written stays deleted.
func TestEverythingDeleted(t *testing.T) {
	s, c := start(t)
	_, book := live(t, s, c)
	until(t, func() []string { return append(missing(c), book.fewer(nil, 2)...) })
	if err := c.Auth("digest", User+":"+Password); err != nil {
		t.Fatal(err)
	}
	until(t, func() []string { // the actors create while this deletes
		for _, top := range []string{"archive", "batch", "config", "election", "jobs", "kafka", "locks", "metrics", "patroni", "services", "shop", "solr", "uk", "vault"} {
			remove(c, "/"+top)
		}
		if _, there, _ := c.Exists("/archive", nil); there {
			return []string{"that it is deleted"}
		}
		return nil
	})
	since := book.grants()
	until(t, func() []string { return append(missing(c), book.fewer(since, 2)...) })
	if _, there, _ := c.Exists("/config", nil); there {
		t.Error("the configuration came back")
	}
}

func remove(c *sandbox.Client, path string) {
	names, _ := c.Children(path, nil)
	for _, n := range names {
		remove(c, path+"/"+n)
	}
	_ = c.Delete(path, -1) // again, if it has children by now
}

// All sessions expire at once, and everybody begins anew.
func TestAllExpired(t *testing.T) {
	s, c := start(t)
	_, book := live(t, s, c)
	until(t, func() []string { return append(missing(c), book.fewer(nil, 1)...) })
	old := map[int64]bool{}
	for _, i := range s.Sessions() {
		if i.ID != c.Session() {
			old[i.ID] = true
			s.Expire(i.ID)
		}
	}
	if len(old) < 30 {
		t.Errorf("only %d sessions", len(old))
	}
	since := book.grants()
	until(t, func() []string { return append(missing(c), book.fewer(since, 2)...) })
	walk(t, c, "/", func(path string, _ []byte, st wire.Stat) {
		if old[st.EphemeralOwner] {
			t.Errorf("%s belongs to an expired session", path)
		}
	})
}

// Locks are broken again and again, and strange nodes lie about.
func TestPersonInterferes(t *testing.T) {
	s, c := start(t)
	_, book := live(t, s, c)
	until(t, func() []string { return book.fewer(nil, 1) })
	for _, l := range allLocks() {
		for _, n := range []string{"config", "0", "zzz", "lock-", "_c_x", "-lock-0000000001", "x-1-99999999999", "__lock__"} {
			if _, err := c.Create(l.dir+"/"+n, nil, sandbox.Persistent); err != nil && !errors.Is(err, wire.NoNode) {
				t.Fatal(err)
			}
		}
	}
	if _, err := c.Create(queueDir+"/mine", nil, sandbox.Persistent); err != nil {
		t.Fatal(err)
	}
	since := book.grants()
	until(t, func() []string {
		for _, l := range allLocks() {
			names, _ := c.Children(l.dir, nil)
			if queue := l.members(names); len(queue) > 0 {
				_ = c.Delete(l.dir+"/"+queue[len(queue)/2].name, -1) // it may be gone
			}
		}
		return book.fewer(since, 5)
	})
}

// Nothing is left of the actors when they have ended; a second end is none.
func TestClose(t *testing.T) {
	s, c := start(t)
	l, _ := live(t, s, c)
	until(t, func() []string { return missing(c) })
	l.Close()
	l.Close()
	walk(t, c, "/", func(path string, _ []byte, st wire.Stat) {
		if st.EphemeralOwner != 0 {
			t.Errorf("%s is left", path)
		}
	})
	for _, i := range s.Sessions() {
		if i.ID != c.Session() {
			t.Errorf("a session is left: %+v", i)
		}
	}
}

// The server may go first.
func TestServerClosesFirst(t *testing.T) {
	s, c := start(t)
	l, _ := live(t, s, c)
	until(t, func() []string { return missing(c) })
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	l.Close()
}

// A process has an address of its own.
func TestAddresses(t *testing.T) {
	s, c := start(t)
	_, _ = live(t, s, c)
	until(t, func() []string { return missing(c) })
	seen := map[string]bool{}
	for _, i := range s.Sessions() {
		if i.ID == c.Session() {
			continue
		}
		if seen[i.Address] || !strings.HasPrefix(i.Address, "10.") {
			t.Errorf("a session from %s", i.Address)
		}
		seen[i.Address] = true
	}
}

func TestIdentities(t *testing.T) {
	if id := uuid(newRand(1)); !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(id) {
		t.Errorf("%s is no UUID of version 4", id)
	}
	// As org.apache.zookeeper.server.auth.DigestAuthenticationProvider prints it.
	if id := digestID("super", "test"); id != "super:D/InIHSb7yEEbrWz8b9l71RjZJU=" {
		t.Errorf("%s", id)
	}
}

// Waiting is a watch on whom one waits for, as `wchp` shows it. Of the tutorial's lock
// it shows nothing: it does not tell of watches on children (DataTree.dumpWatches).
func TestWaitersWatch(t *testing.T) {
	s, c := start(t)
	_, _ = live(t, s, c)
	left := slices.DeleteFunc(allLocks(), func(l *lock) bool { return l.herd })
	until(t, func() []string {
		report, err := fourLetter(t, s, "wchp")
		if err != nil {
			t.Fatal(err)
		}
		var open []string
		left = slices.DeleteFunc(left, func(l *lock) bool { return watched(t, c, l, report) })
		for _, l := range left {
			open = append(open, "a waiter that watches in "+l.dir)
		}
		return open
	})
}

// watched reports whether somebody in the queue of l watches what it waits for.
func watched(t *testing.T, c *sandbox.Client, l *lock, report string) bool {
	t.Helper()
	names, _ := c.Children(l.dir, nil)
	queue := l.members(names)
	for i, m := range queue {
		ahead := i - 1
		if l.before != nil {
			ahead = l.before(queue, i)
		}
		if ahead < 0 {
			continue
		}
		st, _, _ := c.Exists(l.dir+"/"+m.name, nil)
		_, watchers, _ := strings.Cut(report, "\n"+l.dir+"/"+queue[ahead].name+"\n")
		watchers, _, _ = strings.Cut(watchers, "\n/")
		if st.EphemeralOwner != 0 && strings.Contains(watchers, fmt.Sprintf("0x%x", st.EphemeralOwner)) {
			return true
		}
	}
	return false
}

func fourLetter(t *testing.T, s *sandbox.Server, word string) (string, error) {
	t.Helper()
	answer, err := wire.FourLetter(t.Context(), func(ctx context.Context) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "tcp", s.Addr())
	}, word)
	return "\n" + answer, err
}

// A server that stops serving, or only reads, for a while: everybody waits, and goes
// on with the sessions that they have.
func TestServerPauses(t *testing.T) {
	s, c := start(t)
	_, book := live(t, s, c)
	for _, pause := range []func(on bool){s.SetReadOnly, func(on bool) { s.SetServing(!on) }} {
		until(t, func() []string { return missing(c) })
		pause(true)
		before := book.grants()
		held := 0
		for _, i := range s.Sessions() {
			held += i.Ephemerals
		}
		if held == 0 {
			t.Error("no ephemeral znode is left while the server pauses")
		}
		pause(false)
		until(t, func() []string { return append(missing(c), book.fewer(before, 2)...) })
	}
}
