package wire_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

	"zkdeck/zkview/wire"
)

// one is a HostProvider of one server that never asks for the library's second of
// rest.
type one string

func (o one) Init([]string) error  { return nil }
func (o one) Len() int             { return 1 }
func (o one) Next() (string, bool) { return string(o), false }
func (o one) Connected()           {}

// FuzzReplies lets go-zookeeper itself decode what passes: a panic there ends the
// process, as it would in earnest.
func FuzzReplies(f *testing.F) {
	names := []string{"children", "acl", "data", "exists", "create", "multi"}
	f.Add(uint8(0), int32(0), listing(2))
	f.Add(uint8(0), int32(0), []byte{255, 255, 255, 255})
	f.Add(uint8(1), int32(0), append([]byte{0, 0, 0, 1, 0, 0, 0, 31, 0, 0, 0, 0, 0, 0, 0, 0}, stat()...))
	f.Add(uint8(2), int32(-101), []byte{})
	f.Add(uint8(3), int32(0), stat())
	f.Add(uint8(4), int32(0), []byte{0, 0, 0, 1, '/'})
	f.Add(uint8(5), int32(0), []byte{0, 0, 0, 2, 0, 0, 0, 0, 0, 255, 255, 255, 255, 1, 255, 255, 255, 255})
	f.Add(uint8(5), int32(0), []byte{0, 0, 0, 5, 0, 0, 0, 0, 0})
	var next atomic.Pointer[func(call) []byte]
	addr := listen(f, fake(10*time.Second, func(k call) []byte { return (*next.Load())(k) }))
	d := &wire.Dialer{Backoff: wire.Backoff{First: 1, Max: 1}}
	z, events, err := zk.Connect([]string{addr}, 10*time.Second, zk.WithDialer(d.Dial),
		zk.WithHostProvider(one(addr)), zk.WithLogger(quiet{}), zk.WithLogInfo(false))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() {
		z.Close()
		d.Close()
		for range events {
		}
	})
	f.Fuzz(func(t *testing.T, op uint8, code int32, body []byte) {
		respond := func(k call) []byte { return answer(k.xid, 1, code, body) }
		next.Store(&respond)
		_ = asks[names[int(op)%len(names)]](z)
	})
}
