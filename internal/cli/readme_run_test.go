//go:build !windows

package cli

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-zookeeper/zk"

	"zkdeck/internal/zktest"
	"zkdeck/zkview/sandbox"
	"zkdeck/zkview/sandbox/demo"
)

// trial is how a command of the README is tried. Those of one group run in their
// order, in one home and one folder.
type trial struct {
	group string
	run   func(h *readmeHost, command string)
}

// readmeTrials says of every command that the README shows how it is tried.
var readmeTrials = map[string]trial{
	"go run . sandbox": {"", showing("● connected", "sandbox")},
	"make test":        {"", isTarget},

	"zkdeck": {"", showing("● connected", "prod")},
	"zkdeck zk-1:2181,zk-2:2181,zk-3:2181/kafka":       {"", showing("● connected", "/kafka")},
	"zkdeck --profile prod --readonly --path /brokers": {"", showing("● connected", "READ-ONLY")},
	"zkdeck sandbox": {"", showing("● connected", "sandbox")},

	"0 3 * * * zkdeck lock -n -E 0 /jobs/nightly -- sh -c './nightly.sh && sleep 60'": {"", onceInCluster},
	"zkdeck lock -w 10m /deploy/shop -- ./deploy.sh":                                  {"", oneDeploys},
	"while sleep 5; do zkdeck lock /leaders/poller -- ./poll.sh; done":                {"", oneLeads},

	"zkdeck ensemble up":                {"ensemble", ending(0, `^127\.0\.0\.1:\d+,127\.0\.0\.1:\d+,127\.0\.0\.1:\d+\n$`, ``)},
	`zkdeck "$(zkdeck ensemble up)"`:    {"ensemble", showing("● connected")},
	"zkdeck ensemble kill demo leader":  {"ensemble", ending(0, `^$`, `server \d leads now, `)},
	"zkdeck ensemble logs demo -f":      {"ensemble", saying(`\S`)},
	"zkdeck ensemble down demo --purge": {"ensemble", asking("Type demo to go on:", "demo", "is deleted")},
	"zkdeck ensemble up ci --temp --servers 1 && ./run-tests; zkdeck ensemble down ci": {"ensemble", ending(0, `^127\.0\.0\.1:\d+\ntests run\n`, ``)},

	"zkdeck lab":               {"", showing("7 Lab", "naive", "fair")},
	"zkdeck lab --lesson herd": {"", showing("7 Lab", "herd")},
	"zkdeck lab --recipe naive,fair --workers 10 --seconds 5": {"", sooner("5", ending(0, `(?m)^naive\t10\t[^\n]*\nfair\t10\t`, ``))},
	"zkdeck lab --recipe all --json":                          {"", sooner("", ending(0, `(?m)^\{"recipe":"no-lock","workers":5,"seconds":.*"lostUpdates":\d+\}$`, ``))},
	"zkdeck lab lessons --write my-lessons":                   {"", ending(0, ``, ``)},

	"zkdeck sandbox --serve":                                         {"", saying(`^127\.0\.0\.1:\d+$`)},
	"zkdeck sandbox --serve --listen 127.0.0.1:0 --data empty":       {"", saying(`^127\.0\.0\.1:\d+$`)},
	"zkdeck export /config --profile prod | zkdeck sandbox --data -": {"", showing("● connected", "sandbox", "config")},

	"zkdeck find --content jdbc --root /config":                   {"", ending(0, `(?m)^/config/checkout/application.yaml$`, ``)},
	"zkdeck find 'is:ephemeral changed:<1h' --json | jq -r .path": {"", ending(0, `(?m)^/jobs/reports/\S+-lock-0000000001$`, ``)},
	"zkdeck du /kafka":                                                 {"", ending(0, `/kafka/brokers`, ``)},
	"zkdeck watch /services":                                           {"", saying(`/services`)},
	"zkdeck locks --contended":                                         {"", ending(0, `(?m)^/jobs/reports\tcontended\t`, ``)},
	"zkdeck locks --watch --json":                                      {"", saying(`"type":"ready"`)},
	"zkdeck locks --deadlocks":                                         {"", ending(0, `^no deadlock`, ``)},
	"zkdeck export /config --profile prod > config.jsonl":              {"copy", ending(0, `^$`, ``)},
	"zkdeck diff /config config.jsonl --profile test":                  {"copy", ending(0, `^$`, ``)},
	"zkdeck import config.jsonl --to /config --profile test --dry-run": {"copy", ending(0, `would: create 0, same \d\d`, ``)},
}

// readmeWorld is what the commands of the README meet.
type readmeWorld struct {
	prod, test *sandbox.Server
	conn       *zk.Conn // to prod
	bin        string   // the folder with zkdeck and what stands for other programs
	base       string   // the first port of the ensembles
}

// TestReadmeCommands runs every command that the README shows, as a shell reads it,
// with the settings that the README shows. Its servers are sandboxes with sample data;
// ensembles are real.
func TestReadmeCommands(t *testing.T) {
	t.Parallel()
	w := newReadmeWorld(t)
	groups := map[string][]string{}
	var order []string
	unused := maps.Clone(readmeTrials)
	for _, command := range w.shown(t) {
		tried, ok := readmeTrials[command]
		if !ok {
			t.Errorf("nobody has said how this is tried: %s", command)
			continue
		}
		delete(unused, command)
		group := tried.group
		if group == "" {
			group = command
		}
		if groups[group] == nil {
			order = append(order, group)
		}
		groups[group] = append(groups[group], command)
	}
	for command := range unused {
		t.Errorf("the README does not show this any more: %s", command)
	}
	t.Run("run", func(t *testing.T) { // all of it before the sandboxes end
		for _, group := range order {
			t.Run(group, func(t *testing.T) {
				t.Parallel()
				h := w.host(t)
				for _, command := range groups[group] {
					readmeTrials[command].run(h, command)
				}
			})
		}
	})
}

// shown are all commands: of shells, and what cron is to run.
func (w *readmeWorld) shown(t *testing.T) []string {
	commands := shownCommands(t, "sh")
	for _, line := range shownCommands(t, "crontab") {
		if strings.HasPrefix(line, "ZKDECK_SERVERS=") {
			continue // which hosts have in these tests
		}
		commands = append(commands, strings.Join(strings.Fields(line), " "))
	}
	return commands
}

func newReadmeWorld(t *testing.T) *readmeWorld {
	t.Helper()
	w := &readmeWorld{prod: sampled(t), test: sampled(t), bin: t.TempDir(), base: fmt.Sprint(zktest.FreePorts(t))}
	path, err := exec.LookPath("zkdeck") // testscript.Main has put it in PATH
	if err != nil {
		t.Fatal(err)
	}
	// What is not said in the README: ports that no other test has, and who the process is.
	w.program(t, w.bin, "zkdeck", `case "$1 $2" in
"lock "*) echo $$ >zkdeck.pid ;;
"ensemble up") if [ "$3" = ci ]; then set -- "$@" --base-port $((BASE + 9)); else set -- "$@" --base-port $BASE; fi ;;
"sandbox --serve") set -- "$@" --listen 127.0.0.1:0 ;;
esac
exec `+path+` "$@"`)
	w.program(t, w.bin, "go", `[ "$1 $2" = "run ." ] || exit 2
shift 2
exec zkdeck "$@"`)
	w.program(t, w.bin, "jq", `[ "$*" = "-r .path" ] || exit 2
exec sed -n 's/.*"path":"\([^"]*\)".*/\1/p'`)
	w.program(t, w.bin, "sleep", `[ ! -e stop ] && echo "sleep $1"`)
	w.conn = zktest.Connect(t, w.prod.Addr())
	create(t, w.conn, "/jobs/reports", 0)
	queueUp(t, w.conn, "/jobs/reports", curatorName, "1", "reporter-1")
	queueUp(t, zktest.Connect(t, w.prod.Addr()), "/jobs/reports", curatorName, "2", "reporter-2")
	return w
}

// sampled is a sandbox with sample data.
func sampled(t *testing.T) *sandbox.Server {
	t.Helper()
	s, err := sandbox.Start(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := demo.Fill(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	return s
}

func (*readmeWorld) program(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+text+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
}

// real puts the addresses of the sandboxes where the README has made up ones.
func (w *readmeWorld) real(text string) string {
	return strings.NewReplacer("zk-1:2181,zk-2:2181,zk-3:2181", w.prod.Addr(), "zk-test:2181", w.test.Addr()).Replace(text)
}

// readmeHost is a machine on which commands of the README are typed: a home with the
// settings of the README, and a folder with the programs that its commands name.
type readmeHost struct {
	*testing.T
	*readmeWorld
	dir string
	env []string
}

func (w *readmeWorld) host(t *testing.T) *readmeHost {
	t.Helper()
	home := t.TempDir()
	env, err := ensembleEnv(home)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { endEnsembles(t, home) })
	h := &readmeHost{t, w, filepath.Join(home, "here"), append(os.Environ(), env...)}
	h.env = append(h.env, "PATH="+w.bin+string(os.PathListSeparator)+os.Getenv("PATH"), "BASE="+w.base, "ZKDECK_TEST_SCREEN=real", "LANG=C.UTF-8", "COLORTERM=truecolor")
	settings := filepath.Join(home, "config", "zkdeck")
	for _, dir := range []string{h.dir, settings} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(settings, "config.yaml"), []byte(w.real(shownSettings(t))), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"nightly.sh", "deploy.sh", "poll.sh"} {
		w.program(t, h.dir, name, `echo "at work $ZKDECK_LOCK_TOKEN"; exec cat`)
	}
	w.program(t, h.dir, "run-tests", "echo tests run")
	return h
}

// command is one for the shell.
func (h *readmeHost) command(text string) *exec.Cmd {
	cmd := exec.CommandContext(h.Context(), "sh", "-c", h.real(text))
	cmd.Dir, cmd.Env = h.dir, h.env
	return cmd
}
