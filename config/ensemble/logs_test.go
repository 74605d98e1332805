package ensemble

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseLogLine(t *testing.T) {
	at := time.Date(2026, 11, 23, 6, 36, 47, 111e6, time.Local)
	utc := time.Date(2026, 11, 23, 6, 36, 47, 111e6, time.UTC)
	for _, c := range []struct {
		line string
		want LogLine
		not  bool
	}{
		{line: "2026-11-23 06:36:47,111 WARN  NIOServerCnxn - Close of session 0x0", want: LogLine{At: at, Level: "WARN", Text: "NIOServerCnxn - Close of session 0x0"}},
		{line: "2026-11-23 06:36:47,111 [myid:1] - ERROR [main:QuorumPeerMain@98] - Unexpected exception", want: LogLine{At: at, Level: "ERROR", Text: "[main:QuorumPeerMain@98] - Unexpected exception"}},
		{line: "2026-11-23 06:36:47,111 [myid:] - INFO  [main:o.a.z.Z@1] - a - b", want: LogLine{At: at, Level: "INFO", Text: "[main:o.a.z.Z@1] - a - b"}},
		{line: "2026-11-23 06:36:47:111 +0000 [main] INFO org.apache.zookeeper.Z - text", want: LogLine{At: utc, Level: "INFO", Text: "org.apache.zookeeper.Z - text"}},
		{line: "2026-11-23T06:36:47.111Z INFO x", want: LogLine{At: utc, Level: "INFO", Text: "x"}},
		{line: "[main] WARN org.apache.zookeeper.Z - text", want: LogLine{Level: "WARN", Text: "org.apache.zookeeper.Z - text"}},
		{line: "INFO Z - text", want: LogLine{Level: "INFO", Text: "Z - text"}},
		{line: "2026-11-23 06:36:47,111 no level at all here", want: LogLine{At: at, Text: "no level at all here"}},
		{line: "2026-13-23 06:36:47,111 INFO x", not: true},
		{line: "\tat java.base/x", not: true},
		{line: "Error: Could not find or load main class X", not: true},
		{line: "", not: true},
		{line: "2026-11-23", not: true},
		{line: "\xff\xfe\x00", not: true},
	} {
		got, ok := parseLogLine(c.line)
		if ok == c.not || ok && (!got.At.Equal(c.want.At) || got.Level != c.want.Level || got.Text != c.want.Text) {
			t.Errorf("%q: got %+v, %v; want %+v", c.line, got, ok, c.want)
		}
	}
}

func TestEntries(t *testing.T) {
	const log = "OpenJDK 64-Bit Server VM warning: something\r\n" +
		"2026-11-23 06:36:47,100 INFO  A - one\n" +
		"2026-11-23 06:36:47,200 ERROR B - two\n" +
		"java.io.IOException: bad\n\tat x\n\tat y\nCaused by: java.lang.Error\n\t... 2 more\n" +
		"Invalid config, exiting abnormally\n" +
		"\n2026-11-23 06:36:47,300 INFO  C - three\n"
	got := entries(7, log)
	want := []string{
		"OpenJDK 64-Bit Server VM warning: something", "A - one",
		"B - two\njava.io.IOException: bad\n\tat x\n\tat y\nCaused by: java.lang.Error\n\t... 2 more",
		"Invalid config, exiting abnormally", "C - three",
	}
	var texts []string
	for _, e := range got {
		texts = append(texts, e.Text)
		if e.Server != 7 {
			t.Errorf("%q is of server %d", e.Text, e.Server)
		}
	}
	if !slices.Equal(texts, want) {
		t.Fatalf("got %q", texts)
	}
	if !got[3].At.Equal(got[2].At) {
		t.Errorf("what has no time has %v, want that of the entry above", got[3].At)
	}
}

// logEnsemble is an ensemble of so many servers that has logs and never runs.
func logEnsemble(t *testing.T, servers int) *Ensemble {
	t.Helper()
	e := &Ensemble{name: "logs", dir: t.TempDir(), plan: Plan{Name: "logs"}}
	e.plan.Dir = e.dir
	for id := 1; id <= servers; id++ {
		e.plan.Members = append(e.plan.Members, Member{ID: id})
		if err := os.MkdirAll(e.plan.ServerDir(id), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return e
}

// at is a line of a log, so many milliseconds after a time.
func at(ms int, text string) string {
	when := time.Date(2026, 11, 23, 6, 0, 0, 0, time.Local).Add(time.Duration(ms) * time.Millisecond)
	return when.Format("2006-01-02 15:04:05.000") + " INFO  T - " + text + "\n"
}

func writeLog(t *testing.T, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteString(text)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

// texts reads the logs and returns "SERVER TEXT" of each entry.
func texts(t *testing.T, e *Ensemble, o LogOptions) []string {
	t.Helper()
	var all []string
	err := e.Logs(t.Context(), o, func(l LogLine) error {
		all = append(all, fmt.Sprintf("%d %s", l.Server, strings.TrimPrefix(l.Text, "T - ")))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestLogsAreMerged(t *testing.T) {
	e := logEnsemble(t, 3)
	writeLog(t, e.plan.LogFile(1), at(10, "a")+"java.io.IOException: x\n\tat y\n"+at(30, "c")+at(50, "e, without an end")[:len(at(50, "e, without an end"))-1])
	writeLog(t, e.plan.LogFile(2), at(20, "b")+at(40, "d"))
	trace := "1 a\njava.io.IOException: x\n\tat y"
	for _, c := range []struct {
		o    LogOptions
		want []string
	}{
		{LogOptions{}, []string{trace, "2 b", "1 c", "2 d", "1 e, without an end"}},
		{LogOptions{Tail: 3}, []string{"1 c", "2 d", "1 e, without an end"}},
		{LogOptions{Tail: 100}, []string{trace, "2 b", "1 c", "2 d", "1 e, without an end"}},
		{LogOptions{Tail: -1}, nil},
		{LogOptions{IDs: []int{2, 2}, Tail: 1}, []string{"2 d"}},
		{LogOptions{IDs: []int{3}}, nil},
		{LogOptions{Match: func(l LogLine) bool { return strings.Contains(l.Text, "c") || strings.Contains(l.Text, "IOException") }}, []string{trace, "1 c"}},
	} {
		if got := texts(t, e, c.o); !slices.Equal(got, c.want) {
			t.Errorf("%+v: got %q, want %q", c.o, got, c.want)
		}
	}
	if err := e.Logs(t.Context(), LogOptions{IDs: []int{4}}, nil); err == nil {
		t.Error("the log of a server that there is not was read")
	}
	stop := errors.New("enough")
	if err := e.Logs(t.Context(), LogOptions{}, func(LogLine) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("got %v, want the caller's error", err)
	}
}

// Of a log of any size only the end is read, as far as the entries go that are wanted.
func TestLogsOfAHugeFile(t *testing.T) {
	e := logEnsemble(t, 1)
	path := e.plan.LogFile(1)
	var end strings.Builder
	for i := range 5000 {
		end.WriteString(at(i, fmt.Sprintf("line %d", i)))
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	const hole = 3 << 30 // zeros that take no room
	_, err = f.WriteAt([]byte("\n"+end.String()), hole)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Skipf("no sparse files here: %v", err)
	}
	for _, n := range []int{1, 10, 4000} {
		got := texts(t, e, LogOptions{Tail: n})
		if len(got) != n || got[0] != fmt.Sprintf("1 line %d", 5000-n) || got[n-1] != "1 line 4999" {
			t.Errorf("the last %d: %d entries, from %q", n, len(got), got[:min(len(got), 1)])
		}
	}
}

func TestLogsOfWhatIsNoText(t *testing.T) {
	e := logEnsemble(t, 1)
	writeLog(t, e.plan.LogFile(1), strings.Repeat("\x00\xff", 300<<10)+"\n"+at(1, "after"))
	got := texts(t, e, LogOptions{})
	if len(got) == 0 || got[len(got)-1] != "1 after" {
		t.Fatalf("%d entries, and the last is not the one after the garbage", len(got))
	}
	for _, text := range got {
		if len(text) > maxEntry+100 {
			t.Errorf("an entry of %d bytes", len(text))
		}
	}
}

// follower follows the logs of an ensemble until the test ends.
func follower(t *testing.T, e *Ensemble, tail int) (next func() string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	lines, done := make(chan string), make(chan error, 1)
	go func() {
		done <- e.Logs(ctx, LogOptions{Tail: tail, Follow: true}, func(l LogLine) error {
			select {
			case lines <- fmt.Sprintf("%d %s", l.Server, strings.TrimPrefix(l.Text, "T - ")):
			case <-ctx.Done():
			}
			return nil
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("following ended with %v", err)
		}
	})
	return func() string {
		t.Helper()
		select {
		case line := <-lines:
			return line
		case <-time.After(30 * time.Second):
			t.Fatal("nothing more is told of the log")
			return ""
		}
	}
}

func TestLogsAreFollowed(t *testing.T) {
	e := logEnsemble(t, 2)
	path := e.plan.LogFile(1)
	writeLog(t, path, at(1, "old")+at(2, "newest"))
	next := follower(t, e, 1)
	expect := func(want string) {
		t.Helper()
		if got := next(); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
	expect("1 newest")
	writeLog(t, path, at(3, "more"))
	expect("1 more")
	writeLog(t, path, at(4, "in two pieces")[:30])
	writeLog(t, path, at(4, "in two pieces")[30:]+"java.io.IOException: x\n\tat y\n")
	expect("1 in two pieces\njava.io.IOException: x\n\tat y")
	writeLog(t, e.plan.LogFile(2), at(5, "a log that was not there"))
	expect("2 a log that was not there")

	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	writeLog(t, path, at(6, "cut off"))
	expect("1 cut off")

	writeLog(t, path, at(7, "last words"))
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	writeLog(t, path, at(8, "under the old name"))
	expect("1 last words")
	expect("1 under the old name")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	writeLog(t, path, at(9, "made anew"))
	expect("1 made anew")
}

// A file that grows while it is read is read up to where it ended at first.
func TestLogsOfAFileThatGrows(t *testing.T) {
	e := logEnsemble(t, 1)
	path := e.plan.LogFile(1)
	writeLog(t, path, at(1, "one")+at(2, "two"))
	var got []string
	err := e.Logs(t.Context(), LogOptions{}, func(l LogLine) error {
		got = append(got, l.Text)
		writeLog(t, path, at(3, "again"))
		return nil
	})
	if err != nil || len(got) != 2 {
		t.Errorf("got %q, %v", got, err)
	}
}

// A log may hold anything.
func TestEntriesOfAnything(t *testing.T) {
	piece := rapid.SampledFrom([]string{
		stamp, "2026-11-23 06:36:47", "2026-11-23T06:36:47.111", " +0000 ", " +00:0", "Z", "[", "]", " - ", "INFO ", "[ERROR] ", "\n", "\r\n", "\t",
		"Caused by: ", "java.net.BindException: ", "Couldn't bind to ", "advertised length of 99999999999", "\x00", "\xff", "ä", startMark,
		"exiting abnormally", "Len error. A message from / with advertised length of 4294967295 ",
	})
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		for _, s := range rapid.SliceOfN(rapid.OneOf(piece, rapid.String()), 0, 40).Draw(t, "log") {
			b.WriteString(s)
		}
		for _, e := range entries(1, b.String()) {
			if strings.Contains(e.First(), "\n") || e.Text == "" && e.Level == "" && e.At.IsZero() {
				t.Fatalf("an entry is %+v", e)
			}
		}
		if _, why, mend := Explain(b.String(), rapid.IntRange(-1, 256).Draw(t, "code"), ""); why == "" || mend == "" {
			t.Fatal("nothing is said")
		}
		_, _ = parseAnswer(b.String())
	})
}
