//go:build interop

package interop

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestZkCli types the commands of testdata/zkcli.txt into ZooKeeper's own shell.
func TestZkCli(t *testing.T) {
	commands, err := os.ReadFile("testdata/zkcli.txt")
	if err != nil {
		t.Fatal(err)
	}
	java := program(t, "java", "default-jdk-headless")
	jars := classPath(t, map[string]string{"zookeeper": "libzookeeper-java", "commons-cli": "libzookeeper-java", "slf4j-nop": "libslf4j-java"})
	same(t, "Command not found nonsense", func(ctx context.Context, addr string) (string, error) {
		args := append(slices.Clone(javaFlags), "-Duser.timezone=UTC", "-cp", jars, "org.apache.zookeeper.ZooKeeperMain", "-server", addr)
		cmd := exec.CommandContext(ctx, java, args...)
		var out, errs bytes.Buffer
		cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(commands), &out, &errs
		err := cmd.Run()
		return normalCli(out.String(), addr) + "== stderr\n" + normalCli(errs.String(), addr), err
	})
}

var (
	cliTime  = regexp.MustCompile(`(time = ).*`)
	cliOwner = regexp.MustCompile(`(ephemeralOwner = )0x[0-9a-f]{4,}`)
	cliList  = regexp.MustCompile(`^\[.*\]$`)
	cliID    = regexp.MustCompile(`^(ip|digest): `) // whoami
)

// normalCli masks times, session ids and the address, sorts what is printed in the
// order of a hash table, and puts the watch events, which another thread prints, after
// the answers.
func normalCli(out, addr string) string {
	var lines, events []string
	ids := 0 // how many identities the last lines are
	for line := range strings.Lines(strings.ReplaceAll(out, addr, "SERVER")) {
		line = strings.TrimRight(line, "\n")
		if !cliID.MatchString(line) {
			slices.Sort(lines[len(lines)-ids:])
			ids = 0
		}
		switch {
		case line == "", line == "WATCHER::":
		case strings.Contains(line, " type:None "): // the two clients of close and connect, each with a thread
		case strings.HasPrefix(line, "WatchedEvent "):
			events = append(events, line)
		case cliID.MatchString(line):
			lines = append(lines, line)
			ids++
		case cliList.MatchString(line):
			items := strings.Split(line[1:len(line)-1], ", ")
			slices.Sort(items)
			lines = append(lines, "["+strings.Join(items, ", ")+"]")
		default:
			line = cliTime.ReplaceAllString(line, "${1}TIME")
			lines = append(lines, cliOwner.ReplaceAllString(line, "${1}SESSION"))
		}
	}
	return strings.Join(lines, "\n") + "\n== events\n" + strings.Join(events, "\n") + "\n"
}
