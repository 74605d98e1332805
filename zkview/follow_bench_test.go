package zkview

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"zkdeck/internal/zktest"
	"zkdeck/zkview/wire"

	"github.com/go-zookeeper/zk"
)

// BenchmarkFollow measures how many events a second come from a server, which changes
// 500 znodes a transaction, to the library's callback alone, through a Follow, and
// through an Activity, which reads them too. An op is one event.
func BenchmarkFollow(b *testing.B) {
	addr := zktest.Shared(b)
	b.Run("callback", func(b *testing.B) { benchCallback(b, addr) })
	b.Run("follow", func(b *testing.B) {
		root := zktest.Root(b)
		s := openBench(b, addr+root)
		f, err := s.Follow(b.Context(), "/")
		if err != nil {
			b.Fatal(err)
		}
		storm(b, addr, root, func(n int) {
			for n > 0 {
				changes, err := f.Next(b.Context())
				if err != nil {
					b.Fatal(err)
				}
				for _, c := range changes {
					n -= 1 + c.Lost
				}
			}
		})
		f.Close()
	})
	b.Run("activity", func(b *testing.B) {
		root := zktest.Root(b)
		s := openBench(b, addr+root)
		a := NewActivity(s, "/")
		defer a.Close()
		if err := a.Ready(b.Context()); err != nil {
			b.Fatal(err)
		}
		last, read, lost := uint64(0), 0, 0
		storm(b, addr, root, func(n int) {
			for n > 0 {
				actions, err := a.Next(b.Context())
				if err != nil {
					b.Fatal(err)
				}
				for _, x := range actions {
					if x.Seq > last {
						last = x.Seq
						n -= 1 + x.Lost
						lost += x.Lost
					}
					if x.HasStat {
						read++
					}
				}
			}
		})
		b.ReportMetric(float64(read)/float64(last), "read/op")
		b.ReportMetric(float64(lost)/float64(last), "lost/op")
	})
}

func openBench(b *testing.B, servers string) *Session {
	b.Helper()
	s, err := Open(Config{Servers: servers})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	return s
}

// storm changes znodes b.N times while take takes that many events.
func storm(b *testing.B, addr, root string, take func(n int)) {
	b.Helper()
	conn := zktest.Connect(b, addr)
	const paths = 500
	path := func(i int) string { return fmt.Sprintf("%s/n%04d", root, i%paths) }
	for i := range paths {
		if _, err := conn.Create(path(i), nil, 0, zk.WorldACL(zk.PermAll)); err != nil {
			b.Fatal(err)
		}
	}
	take(paths)
	b.ReportAllocs()
	b.ResetTimer()
	var all errOnce
	done := make(chan struct{})
	go func() {
		defer close(done)
		var next atomic.Int64
		var group [4]chan struct{} // transactions under way
		for k := range group {
			group[k] = make(chan struct{})
			go func() {
				defer close(group[k])
				for {
					from := int(next.Add(paths)) - paths
					var ops []any
					for i := from; i < min(from+paths, b.N); i++ {
						ops = append(ops, &zk.SetDataRequest{Path: path(i), Data: []byte("value"), Version: -1})
					}
					if len(ops) == 0 {
						return
					}
					_, err := conn.Multi(ops...)
					all.set(err)
				}
			}()
		}
		for _, g := range group {
			<-g
		}
	}()
	take(b.N)
	b.StopTimer()
	<-done
	if err := all.err.Load(); err != nil {
		b.Fatal(*err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

// errOnce keeps an error.
type errOnce struct{ err atomic.Pointer[error] }

func (e *errOnce) set(err error) {
	if err != nil {
		e.err.Store(&err)
	}
}

// benchCallback counts what the library's callback gets.
func benchCallback(b *testing.B, addr string) {
	root := zktest.Root(b)
	var got atomic.Int64
	told := make(chan struct{}, 1)
	dialer := &wire.Dialer{}
	conn, _, err := zk.Connect([]string{addr}, 10*time.Second, zk.WithDialer(dialer.Dial), zk.WithLogInfo(false),
		zk.WithEventCallback(func(e zk.Event) {
			if e.Type == zk.EventNodeDataChanged || e.Type == zk.EventNodeCreated {
				got.Add(1)
				signal(told)
			}
		}))
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	if _, _, err := conn.Get(root); err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
	defer cancel()
	if err := dialer.Current().AddWatch(ctx, root, true); err != nil {
		b.Fatal(err)
	}
	storm(b, addr, root, func(n int) {
		for got.Load() < int64(n) {
			<-told
		}
		got.Add(-int64(n))
	})
}
