package zktest

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
)

// Ports are handed out in blocks, since `go test ./...` runs several test binaries
// at once: a block belongs to whoever holds the lock on its file. Blocks lie below
// the kernel's ephemeral range, where an outgoing connection could take a port
// between two starts of its server.
const (
	firstPort = 12000
	endPort   = 32768 // where Linux begins to hand out ephemeral ports
	blockSize = 16    // client, quorum and election port for five servers, and an AdminServer's
)

// block is a range of ports that nobody else uses until it is released.
type block struct {
	base int
	lock *os.File
}

// reservePorts finds and locks a block of free ports.
func reservePorts() (*block, error) {
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("zktest-ports-%d", os.Getuid()))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("reserving ports: %w", err)
	}
	blocks := (lastPort(ephemeralStart()) - firstPort) / blockSize
	start := rand.IntN(blocks)
	for i := range blocks {
		base := firstPort + (start+i)%blocks*blockSize
		lock, err := os.OpenFile(filepath.Join(dir, fmt.Sprint(base)), os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return nil, fmt.Errorf("reserving ports: %w", err)
		}
		if lockFile(lock, false) == nil && allFree(base) {
			return &block{base: base, lock: lock}, nil
		}
		lock.Close()
	}
	return nil, fmt.Errorf("reserving ports: none of %d blocks from %d on is free", blocks, firstPort)
}

// Ports is how many ports [FreePorts] gives.
const Ports = blockSize

// FreePorts returns the first of [Ports] consecutive free ports on 127.0.0.1 that no
// other test is given until tb ends.
func FreePorts(tb TB) int {
	tb.Helper()
	b, err := reservePorts()
	if err != nil {
		tb.Fatalf("zktest: %v", err)
	}
	tb.Cleanup(b.release)
	return b.base
}

// release gives the block back. Its file stays: removing it would let two
// processes hold locks on two files of one name.
func (b *block) release() { b.lock.Close() }

func (b *block) client(i int) int   { return b.base + 3*i }
func (b *block) quorum(i int) int   { return b.base + 3*i + 1 }
func (b *block) election(i int) int { return b.base + 3*i + 2 }

func (b *block) admin() int { return b.base + blockSize - 1 }

func allFree(base int) bool {
	for port := base; port < base+blockSize; port++ {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			return false
		}
		l.Close()
	}
	return true
}

// lastPort is where blocks end: where the ephemeral ports begin, or, where these
// leave no room (some containers have them from 1024 on), endPort all the same.
func lastPort(ephemeral int) int {
	if ephemeral < firstPort+64*blockSize {
		return endPort
	}
	return ephemeral
}

// ephemeralStart is the first port that the kernel may give to an outgoing
// connection, at most endPort.
func ephemeralStart() int {
	text, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	if err != nil {
		return endPort // not Linux: macOS and the BSDs begin at 49152
	}
	var low, high int
	if _, err := fmt.Sscan(string(text), &low, &high); err != nil {
		return endPort
	}
	return min(low, endPort)
}
