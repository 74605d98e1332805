package zkview

import (
	"context"
	"testing"

	"zkdeck/internal/zktest"
)

// BenchmarkGet compares a read through a Session with the library's own, with one
// caller and with 32.
func BenchmarkGet(b *testing.B) {
	addr := zktest.Shared(b)
	conn := zktest.Connect(b, addr)
	s, err := Open(Config{Servers: addr})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	ctx := context.Background()
	for _, who := range []struct {
		name string
		get  func() error
	}{
		{"library", func() error { _, _, err := conn.Get("/zookeeper"); return err }},
		{"session", func() error { _, _, err := s.Get(ctx, "/zookeeper"); return err }},
	} {
		b.Run(who.name+"/1", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := who.get(); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(who.name+"/32", func(b *testing.B) {
			b.SetParallelism(16)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := who.get(); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}
