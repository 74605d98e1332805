package ensemble

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// The files that the script of a server (script/server.sh) and we write into its
// folder. Their times tell when it was.
const (
	// pidFile has three lines: the pid of the server, when it began as the system
	// tells it, and the pid of the shell that waits for it.
	pidFile = "pid"
	// exitFile has the pid of a server that ended, and its exit code.
	exitFile = "exit"
	// askedFile has what was asked of a server last, and its pid then.
	askedFile = "asked"
)

// process is what is known of the process of a server.
type process struct {
	// Pid is the server's, or that of the last one if it is not Alive; 0 if there
	// never was one.
	Pid int
	// Started is when it began.
	Started time.Time
	// Alive tells that it is there: the pid is, began when ours did, and runs our
	// zoo.cfg. Stopped tells that it was stopped with SIGSTOP.
	Alive, Stopped bool
	// Ending tells of one that is Alive that it has ended, and that how is being noted.
	Ending bool
	// RSS is its memory in bytes, 0 where nobody can tell.
	RSS int64
	// Ever tells that a process was started once.
	Ever bool
	// End is how it ended, nil while it is Alive or if there never was one.
	End *processEnd
	// Asked is what was asked of this process last, nil for nothing.
	Asked *asked
}

// processEnd is how a process ended.
type processEnd struct {
	// Code is its exit code, 128 and the signal's number where one ended it; -1 where
	// nobody saw it end, as when the machine was switched off.
	Code int
	// Signal is its name, as "SIGKILL", empty where none ended it. Java answers SIGTERM
	// by exiting with 143, which is told as SIGTERM too.
	Signal string
	// At is when, zero where nobody saw it.
	At time.Time
}

// asked is what was asked of a process: "stop", "kill", "pause", "resume",
// "restart", or a word of another operation.
type asked struct {
	Word string
	At   time.Time
}

// process tells what is known of the process of a server. It reads a few small
// files; on Linux it starts nothing and takes well under a millisecond.
func (e *Ensemble) process(id int) (process, error) {
	e.mu.Lock()
	dir, config := e.plan.ServerDir(id), e.plan.ConfigFile(id)
	_, there := e.plan.Member(id)
	e.mu.Unlock()
	if !there {
		return process{}, e.noServer(id)
	}
	return readProcess(dir, config)
}

func (e *Ensemble) noServer(id int) error {
	plan := e.Plan()
	var ids []string
	for _, m := range plan.Members {
		ids = append(ids, strconv.Itoa(m.ID))
	}
	return fmt.Errorf("the ensemble %s has no server %d; it has %s", e.Name(), id, strings.Join(ids, ", "))
}

// pidNote is what pidFile says.
type pidNote struct {
	pid     int
	began   string
	wrapper int
	at      time.Time
}

// readProcess tells what is known of the process of the server in a folder, whose
// zoo.cfg is config.
func readProcess(dir, config string) (process, error) {
	note, err := readPid(filepath.Join(dir, pidFile))
	if errors.Is(err, fs.ErrNotExist) {
		return process{}, nil
	}
	if err != nil {
		return process{}, fmt.Errorf("looking for the process of the server in %s: %w", dir, err)
	}
	p := process{Pid: note.pid, Started: note.at, Ever: true, Asked: readAsked(dir, note)}
	if s, ok := look(note.pid); ok && s.lives() && s.began == note.began && s.runs(config) {
		p.Alive, p.Stopped, p.RSS = true, s.stopped(), s.rss
		return p, nil
	}
	p.End = readEnd(dir, note)
	if p.End.Code == unseen {
		// Between the end of the server and the note of its shell about it. That may have
		// been written, and the shell be gone, since we looked for the note.
		w, ok := look(note.wrapper)
		if p.End = readEnd(dir, note); p.End.Code == unseen && ok && w.lives() && !w.stopped() && w.runs(config) {
			p.Alive, p.Ending, p.End = true, true, nil
		}
	}
	return p, nil
}

// unseen is the exit code of a process that nobody saw end.
const unseen = -1

// readPid reads a pid file. One that says nothing sensible counts as none.
func readPid(path string) (pidNote, error) {
	text, at, err := readNote(path)
	if err != nil {
		return pidNote{}, err
	}
	lines := strings.SplitN(text, "\n", 4)
	if len(lines) < 3 {
		return pidNote{}, fmt.Errorf("%s is damaged: %w", path, fs.ErrNotExist)
	}
	note := pidNote{began: strings.TrimSpace(lines[1]), at: at}
	note.pid, _ = strconv.Atoi(strings.TrimSpace(lines[0]))
	note.wrapper, _ = strconv.Atoi(strings.TrimSpace(lines[2]))
	if note.pid <= 1 || note.began == "" {
		return pidNote{}, fmt.Errorf("%s is damaged: %w", path, fs.ErrNotExist)
	}
	return note, nil
}

// readEnd reads how the process of a pid file ended.
func readEnd(dir string, note pidNote) *processEnd {
	end := &processEnd{Code: unseen}
	text, at, err := readNote(filepath.Join(dir, exitFile))
	if err != nil {
		return end
	}
	var pid, code int
	if n, _ := fmt.Sscan(text, &pid, &code); n != 2 || pid != note.pid || code < 0 || at.Before(note.at) {
		return end // of another process, or not written yet
	}
	end.Code, end.At = code, at
	if code > 128 {
		end.Signal = signalName(code - 128)
	}
	return end
}

// readAsked reads what was asked of the process of a pid file.
func readAsked(dir string, note pidNote) *asked {
	text, at, err := readNote(filepath.Join(dir, askedFile))
	if err != nil {
		return nil
	}
	var word string
	var pid int
	if n, _ := fmt.Sscan(text, &word, &pid); n != 2 || pid != note.pid || at.Before(note.at) {
		return nil
	}
	return &asked{Word: word, At: at}
}

// maxNote bounds what is read of a file of a few lines.
const maxNote = 1000

// readNote reads a small file, and when it was written.
func readNote(path string) (text string, at time.Time, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", time.Time{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", time.Time{}, err
	}
	if !info.Mode().IsRegular() {
		return "", time.Time{}, fmt.Errorf("%s is no file", path)
	}
	b := make([]byte, maxNote)
	n, err := f.Read(b)
	if n == 0 && err != nil {
		return "", info.ModTime(), nil // empty
	}
	return string(b[:n]), info.ModTime(), nil
}

// ask notes what is about to be asked of a process, so that its end is understood
// by whoever looks. A note that cannot be written must not keep a server alive.
func (e *Ensemble) ask(id int, p process, word string) {
	e.mu.Lock()
	path := filepath.Join(e.plan.ServerDir(id), askedFile)
	e.mu.Unlock()
	if err := os.WriteFile(path, fmt.Appendf(nil, "%s %d\n", word, p.Pid), 0o600); err != nil {
		e.store.Logger.Warn("could not note what is asked of a server", "ensemble", e.name, "server", id, "error", err)
	}
}

// sight is what the process table says of a process.
type sight struct {
	// state is the letter of ps(1): T is stopped, Z dead but not waited for.
	state byte
	// began is when it began, in whatever way the system tells it.
	began string
	// parent is the pid of the process that made it, 0 where the system does not tell.
	parent int
	rss    int64
	// command is its command line: arguments each ended by a NUL on Linux, joined by
	// blanks elsewhere.
	command string
}

func (s sight) lives() bool   { return s.state != 'Z' && s.state != 'X' }
func (s sight) stopped() bool { return s.state == 'T' }
