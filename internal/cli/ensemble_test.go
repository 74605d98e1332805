package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"zkdeck/config/ensemble"
	"zkdeck/internal/zktest"
)

// TestEnsembleScripts runs ensembles of real servers, and refusals without any.
func TestEnsembleScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "ensemble"),
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "jsonlines": jsonLines, "jsonservers": jsonServers, "gone": noServers,
		},
		Setup: func(env *testscript.Env) error {
			vars, err := ensembleEnv(env.WorkDir)
			if err != nil {
				return err
			}
			for _, v := range vars {
				name, value, _ := strings.Cut(v, "=")
				env.Setenv(name, value)
			}
			env.Setenv("BASE", strconv.Itoa(zktest.FreePorts(t)))
			env.Defer(func() { endEnsembles(t, env.WorkDir) })
			return nil
		},
	})
}

// ensembleCache is the cache folder of all ensembles of these tests: with the classes
// of Java at hand, which the first one leaves there, the others start sooner.
var ensembleCache string

// ensembleEnv is the environment of a zkdeck whose folders are below home.
func ensembleEnv(home string) ([]string, error) {
	tmp := filepath.Join(home, "tmp")
	return []string{
		"HOME=" + home, "TMPDIR=" + tmp, "GORACE=" + noPause, "TERM=xterm-256color", "ZKDECK_SERVERS=",
		"XDG_CONFIG_HOME=" + filepath.Join(home, "config"), "XDG_STATE_HOME=" + filepath.Join(home, "state"),
		"XDG_DATA_HOME=" + filepath.Join(home, "data"), "XDG_CACHE_HOME=" + ensembleCache,
	}, os.MkdirAll(tmp, 0o700)
}

// endEnsembles takes down whatever a test has left below its home.
func endEnsembles(t *testing.T, home string) {
	store := ensemble.NewStore(filepath.Join(home, "data", "zkdeck"), filepath.Join(ensembleCache, "zkdeck"))
	ctx := context.WithoutCancel(t.Context()) // which has ended where a test cleans up
	found, err := store.List(ctx)
	if err != nil {
		t.Error(err)
	}
	for _, l := range found {
		e, err := store.Open(l.Name)
		if err == nil {
			err = e.Down(ctx, true)
		}
		if err != nil {
			t.Errorf("ending %s: %v", l.Name, err)
		}
	}
	for _, pid := range serversBelow(home) {
		t.Errorf("the server with pid %d was left", pid)
		if p, err := os.FindProcess(pid); err == nil {
			_ = p.Kill()
		}
	}
}

// serversBelow are the processes of servers whose zoo.cfg is below a folder. Where
// there is no /proc, nobody is found.
func serversBelow(home string) []int {
	var pids []int
	lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, name := range lines {
		line, err := os.ReadFile(name) // it may have ended by now
		if err == nil && bytes.Contains(line, []byte("QuorumPeerMain")) && bytes.Contains(line, []byte(home+"/")) {
			pid, _ := strconv.Atoi(strings.Split(name, "/")[2])
			pids = append(pids, pid)
		}
	}
	return pids
}

// noServers sees that no server of a script runs.
func noServers(ts *testscript.TestScript, _ bool, _ []string) {
	if pids := serversBelow(ts.Getenv("WORK")); len(pids) > 0 {
		ts.Fatalf("servers run: %v", pids)
	}
}

// jsonServers checks that every server of the status that was printed has these
// fields, and no less than one.
func jsonServers(ts *testscript.TestScript, _ bool, fields []string) {
	var status struct {
		Servers []map[string]any `json:"servers"`
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &status))
	if len(status.Servers) == 0 {
		ts.Fatalf("no servers")
	}
	for _, server := range status.Servers {
		for _, f := range fields {
			if _, ok := server[f]; !ok {
				ts.Fatalf("no %q in %v", f, server)
			}
		}
	}
}
