//go:build !windows

package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// start has the shell begin a command that runs programs under a lock.
func (h *readmeHost) start(command string) *under {
	h.Helper()
	u := &under{Cmd: h.command(command), t: h.T}
	u.start()
	return u
}

// works reads that the program works, and returns its token.
func (u *under) works() (token string) {
	u.t.Helper()
	line := u.line()
	token, ok := strings.CutPrefix(line, "at work ")
	if !ok {
		u.t.Fatalf("it prints %q", line)
	}
	return token
}

// onceInCluster has two hosts do what cron does at three o'clock, one a little later.
func onceInCluster(a *readmeHost, line string) {
	command := strings.Join(strings.Fields(line)[5:], " ")
	a.env = append(a.env, "ZKDECK_SERVERS="+a.prod.Addr())
	b := a.host(a.T)
	b.env = append(b.env, "ZKDECK_SERVERS="+a.prod.Addr())
	first := a.start(command)
	first.works()
	late := b.start(command)
	late.ends(0)
	_ = first.in.Close()
	first.wants("sleep 60")
	first.ends(0)
	becomes(a.T, a.conn, "/jobs/nightly", 0)
}

// oneDeploys has two pipelines deploy at the same time.
func oneDeploys(a *readmeHost, command string) {
	first := a.start(command)
	before := first.works()
	second := a.host(a.T).start(command)
	becomes(a.T, a.conn, "/deploy/shop", 2)
	_ = first.in.Close()
	first.ends(0)
	if after := second.works(); len(after) < len(before) || len(after) == len(before) && after <= before {
		a.Errorf("the token is %s after %s", after, before)
	}
	_ = second.in.Close()
	second.ends(0)
	becomes(a.T, a.conn, "/deploy/shop", 0)
}

// oneLeads has two hosts stand by for the same script, and the zkdeck of the one that
// leads die.
func oneLeads(a *readmeHost, command string) {
	first := a.start(command)
	first.wants("sleep 5")
	first.works()
	b := a.host(a.T)
	second := b.start(command)
	second.wants("sleep 5")
	nodes := becomes(a.T, a.conn, "/leaders/poller", 2)
	for _, h := range []*readmeHost{a, b} { // no further round
		if err := os.WriteFile(filepath.Join(h.dir, "stop"), nil, 0o600); err != nil {
			a.Fatal(err)
		}
	}
	var pid int
	text, err := os.ReadFile(filepath.Join(a.dir, "zkdeck.pid"))
	if _, scanned := fmt.Sscan(string(text), &pid); err != nil || scanned != nil {
		a.Fatal(err, scanned)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		a.Fatal(err)
	}
	first.ends(128 + int(syscall.SIGKILL)) // and with it the script, whose output ends
	// Nobody said goodbye, so the session outlives them; its timeout is not waited for.
	_, stat, err := a.conn.Exists("/leaders/poller/" + slices.MinFunc(nodes, func(x, y string) int {
		return strings.Compare(x[len(x)-10:], y[len(y)-10:])
	}))
	if err != nil || !a.prod.Expire(stat.EphemeralOwner) {
		a.Fatalf("the session of the one that died: %+v, %v", stat, err)
	}
	second.works()
	_ = second.in.Close()
	second.ends(0)
}
