package cli

import (
	"encoding/binary"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"zkdeck/internal/zktest"
	"zkdeck/internal/zktest/seed"
)

// oldServer makes a server look like one of version 3.4: that is what it says of
// itself, and it answers what 3.4 does not know as 3.4 does, by an error and the end
// of the connection.
type oldServer struct {
	upstream string
	serving  sync.WaitGroup

	mu      sync.Mutex
	unknown []uint32 // operations that 3.4 does not know
}

// startOld returns the address of an old server, and what tells the operations that
// it was asked for and does not know.
func startOld(t *testing.T, upstream string) (addr string, unknown func() []uint32) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &oldServer{upstream: upstream}
	p.serving.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			p.serving.Go(func() { p.serve(c) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		p.serving.Wait() // the commands have ended, and with them their connections
	})
	return l.Addr().String(), func() []uint32 {
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.unknown
	}
}

func (p *oldServer) serve(c net.Conn) {
	defer func() { _ = c.Close() }()
	head := make([]byte, 4)
	if _, err := io.ReadFull(c, head); err != nil {
		return
	}
	if head[0] != 0 { // a four letter word
		_, _ = io.WriteString(c, "Zookeeper version: 3.4.14-4c25d480e66aadd371de8bd2fd8da255ac140bcf, built on 03/06/2019 16:18 GMT\nMode: standalone\n")
		return
	}
	up, err := net.Dial("tcp", p.upstream)
	if err != nil {
		return
	}
	defer func() { _ = up.Close() }()
	p.serving.Go(func() {
		_, _ = io.Copy(c, up)
		_ = c.Close()
	})
	for first := true; ; first = false {
		frame := make([]byte, 4+binary.BigEndian.Uint32(head))
		copy(frame, head)
		if _, err := io.ReadFull(c, frame[4:]); err != nil {
			return
		}
		// 14 is multi, the last that 3.4 has; 100 to 102 are auth, setWatches and SASL.
		if op := binary.BigEndian.Uint32(frame[8:]); !first && op > 14 && op < 1<<31 && (op < 100 || op > 102) {
			p.mu.Lock()
			p.unknown = append(p.unknown, op)
			p.mu.Unlock()
			answer := append([]byte{0, 0, 0, 16}, frame[4:8]...)
			_, _ = c.Write(append(answer, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xfa))
			return
		}
		if _, err := up.Write(frame); err != nil {
			return
		}
		if _, err := io.ReadFull(c, head); err != nil {
			return
		}
	}
}

// TestOldServer sees that the commands do their work on a server without multiRead
// and persistent watches, and never ask it for them.
func TestOldServer(t *testing.T) {
	young := zktest.Start(t, 1).Addr()
	conn := zktest.Connect(t, young)
	if err := seed.Deep(t.Context(), conn, "/deep", 4, 5); err != nil {
		t.Fatal(err)
	}
	addr, unknown := startOld(t, young)
	run := func(want string, args ...string) {
		t.Helper()
		out, err := program(t, addr, args...).CombinedOutput()
		if err != nil || !strings.Contains(string(out), want) {
			t.Errorf("%q: %v, want %q in:\n%s", args, err, want, out)
		}
	}
	file := t.TempDir() + "/deep.jsonl"
	run("/deep", "find", "deep")
	run("25  /deep", "du", "/deep")
	run("/deep", "ls", "-R", "/deep")
	run("exported znodes 25", "export", "/deep", "-o", file)
	run("created 25", "import", file, "--to", "/again")
	run("", "diff", "/deep", "/again")
	run("created 25", "cp", "/deep", "/copy")
	run("deleted in the source 25", "mv", "/copy", "/moved")
	run("deleted 25", "rm", "-r", "/moved")

	watch := program(t, addr, "watch", "/again", "--count", "1")
	var out strings.Builder
	watch.Stdout = &out
	said, err := watch.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := watch.Start(); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 1<<10)
	n, err := said.Read(line) // it says what it cannot do once it watches
	if err != nil {
		t.Fatal(err)
	}
	if got := string(line[:n]); !strings.HasPrefix(got, "zkdeck: ") || !strings.Contains(got, "no persistent watches") {
		t.Errorf("watch says %q", got)
	}
	create(t, conn, "/again/new", 0)
	if _, err := io.Copy(io.Discard, said); err != nil {
		t.Error(err)
	}
	wantExit(t, watch.Wait(), 0)
	if !strings.Contains(out.String(), "/again/new") {
		t.Errorf("watch prints %q", out.String())
	}
	if ops := unknown(); len(ops) > 0 {
		t.Errorf("it was asked for operations that it does not know: %v", ops)
	}
}
