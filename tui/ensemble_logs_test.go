package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// logged are n entries of three servers.
func logged(n int) []logEntry {
	var out []logEntry
	for i := range n {
		level := []string{"INFO", "WARN", "ERROR"}[i%3]
		out = append(out, logEntry{server: i%3 + 1, at: boardNow.Add(time.Duration(i-n) * time.Second), level: level, text: fmt.Sprintf("Thing%d - entry number %d", i%3, i)})
	}
	return out
}

func TestEnsembleLogs(t *testing.T) {
	t.Parallel()
	f := &fakeEnsembles{}
	u := f.add("demo", 3)
	u.entries, u.more = logged(300), make(chan logEntry)
	s := onBoard(t, f, 100, 30)
	s.WaitForText("◆ leader")
	s.Type("m")
	s.WaitForText("All logs of demo", "300 lines  following", "entry number 299", "  3 ERROR Thing2 - entry number 299")
	u.more <- logEntry{server: 2, at: boardNow, level: "INFO", text: "something new\n\tat a.b.C(D.java:1)\n\tat e.F\x1b[31m"}
	s.WaitForText("  2 INFO  something new", `at e.F\x1b[31m`, "303 lines")

	// A filter of words, which stays.
	s.Type("/", "error !298 29", "enter")
	s.WaitForText("filter error !298 29", "of 303")
	s.waitGone("INFO", "number 298")
	s.Type("esc")
	s.WaitForText("303 lines  following")

	// One server, the next, and the one selected on the board.
	s.Type("]")
	s.WaitForText("Server 1 of demo", "100 lines")
	s.Type("]")
	s.WaitForText("Server 2 of demo")
	s.Type("[", "[")
	s.WaitForText("Server 3 of demo", "100 lines")
	s.waitGone("INFO")
	s.Type("m")
	s.WaitForText("All logs of demo", "300 lines")

	// Scrolled, it stands still; what comes does not move it.
	s.Type("g")
	s.WaitForText("entry number 0", "standing still")
	u.more <- logEntry{server: 1, at: boardNow, level: "INFO", text: "later"}
	s.WaitForText("301 lines", "entry number 0", "standing still")
	s.Type("f")
	s.WaitForText("later", "following")
	s.Type("pgup")
	s.WaitForText("standing still")
	s.waitGone("later")
	s.Type("G")
	s.WaitForText("later", "following")
	s.Type("esc")
	s.WaitForText("▌ 3")
	s.Type("enter")
	s.WaitForText("Server 3 of demo")
	s.Type("left")
	s.WaitForText("▌ 3", "◆ leader")
	s.quit("ctrl+c")
}

// Long lines are cut, or wrapped on demand.
func TestEnsembleLogsWrap(t *testing.T) {
	t.Parallel()
	f := &fakeEnsembles{}
	u := f.add("demo", 3)
	u.entries = []logEntry{{server: 1, at: boardNow, level: "INFO", text: strings.Repeat("long words ", 20) + "the end"}}
	s := onBoard(t, f, 80, 24)
	s.WaitForText("◆ leader")
	s.Type("m")
	s.WaitForText("long words", "1 line ")
	s.waitGone("the end")
	s.Type("w")
	s.WaitForText("the end")
	s.quit("ctrl+c")
}

// What is remembered of a log has an end.
func TestEnsembleLogsAreBounded(t *testing.T) {
	t.Parallel()
	f := &fakeEnsembles{}
	u := f.add("demo", 3)
	u.entries = logged(3 * boardLogKept)
	s := onBoard(t, f, 80, 24)
	s.WaitForText("◆ leader")
	s.Type("m")
	s.WaitForText(fmt.Sprintf("entry number %d", 3*boardLogKept-1))
	s.quit("ctrl+c")
	if n := len(s.app.board.desk.seats); n != 1 {
		t.Errorf("%d seats", n)
	}
}
