package ensemble

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"
)

// What a server's client port tells when it is asked a four letter word, besides the
// answer.
var (
	errRefused    = errors.New("nothing listens")
	errSilent     = errors.New("it takes the connection and answers nothing")
	errHungUp     = errors.New("it hangs up without an answer")
	errNotServing = errors.New("it is not currently serving requests")
	errOther      = errors.New("what answers is no ZooKeeper server")
)

const (
	// askWithin bounds a question: a server stopped with SIGSTOP has its connections
	// taken by the kernel and never answers. It is waited for in askSteps steps, so that a
	// second in which the machine stands still, and the server with us, costs one of them.
	askWithin = time.Second
	askSteps  = 10
	// maxAnswer bounds an answer, which has 300 bytes.
	maxAnswer = 64 << 10
)

// ask sends a four letter word and returns the answer, at most 64 kB of anything. It
// blocks for a second at most. The errors are those above, or ctx's.
func ask(ctx context.Context, addr, word string) (string, error) {
	within, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() {
		defer cancel()
		step := time.NewTicker(askWithin / askSteps) // drops what nobody takes in time
		defer step.Stop()
		for range askSteps {
			select {
			case <-step.C:
			case <-within.Done():
				return
			}
		}
	})
	text, err := askUntil(within, addr, word)
	late := within.Err() != nil
	cancel()
	wg.Wait()
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err() // the caller has no more time, which says nothing of the server
	case late:
		return "", fmt.Errorf("%s: %s: %w within %v", addr, word, errSilent, askWithin)
	case err != nil:
		return "", fmt.Errorf("%s: %s: %w", addr, word, err)
	}
	return text, nil
}

// askUntil asks, and gives up when ctx ends with whatever error that makes.
func askUntil(ctx context.Context, addr, word string) (string, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return "", fmt.Errorf("%w: %w", errRefused, err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	_, err = conn.Write([]byte(word))
	var b []byte
	if err == nil {
		// A reset after the answer is as good as an end.
		b, err = io.ReadAll(io.LimitReader(conn, maxAnswer))
	}
	text := string(b)
	switch head := text[:min(len(text), 200)]; {
	case text == "" && err != nil:
		return "", fmt.Errorf("%w: %w", errHungUp, err)
	case text == "":
		return "", errHungUp
	case strings.Contains(head, "not currently serving requests"):
		return "", errNotServing
	}
	return text, nil
}

// answer is what a server says of itself.
type answer struct {
	version string // "3.8.0"
	mode    State  // Leader, Follower, Observer, Standalone, ReadOnly
	zxid    int64
	conns   int // the one that asked among them
}

// modes are the words of srvr's Mode.
var modes = map[string]State{
	"leader": Leader, "follower": Follower, "observer": Observer, "standalone": Standalone, "read-only": ReadOnly,
}

// parseAnswer reads the answer to srvr, the one word that every server answers whatever
// its whitelist says (FourLetterCommands.isEnabled). Lines that it does not know are
// passed over. Without a mode the text is an answer cut short, or none of a server's,
// and refused.
func parseAnswer(text string) (answer, error) {
	var a answer
	known := false
	for line := range strings.Lines(text) {
		key, value, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		value = strings.TrimSpace(value)
		switch strings.ToLower(key) {
		case "zookeeper version":
			a.version = versionOf(value)
		case "mode":
			a.mode, known = modes[value]
		case "zxid":
			a.zxid = zxidOf(value)
		case "connections":
			a.conns = count(value)
		}
	}
	if !known {
		return a, fmt.Errorf("%w: it says %.60q", errOther, text)
	}
	return a, nil
}

// versionOf cuts a revision and a date of build off: Debian's says
// "3.8.0-${mvngit.commit.id}, built on 2024-12-29". What is no version is none.
func versionOf(s string) string {
	s, _, _ = strings.Cut(s, ",")
	s, _, _ = strings.Cut(s, "-")
	s = strings.TrimSpace(s)
	if len(s) > 20 || strings.Trim(s, "0123456789.") != "" {
		return ""
	}
	return s
}

// zxidOf reads "0x300000007"; zero for what is none.
func zxidOf(s string) int64 {
	n, err := strconv.ParseUint(s, 0, 64)
	if err != nil {
		return 0
	}
	return int64(n)
}

// count reads a number of things; zero for what is none.
func count(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0
	}
	return n
}
